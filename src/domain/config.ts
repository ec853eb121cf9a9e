// Settings of an installation, parsed once from the Worker's variables and secrets. A bad value stops the Worker at the
// door with the variable's name. docs/configuration.md says the same in a table.
import { z } from 'zod'
import { isHostEntry } from '../lib/egress.ts'

const KEY_RING = /^[A-Za-z0-9_-]+:[A-Za-z0-9+/=_-]{32,}$/

const numberOr = (fallback: number, min = 0) =>
  z
    .string()
    .optional()
    .transform((text) => (text === undefined || text === '' ? fallback : Number(text)))
    .pipe(z.number().min(min))

const text = z
  .string()
  .optional()
  .transform((value) => (value === '' ? undefined : value))

const Variables = z.object({
  /** `kid:secret,kid:secret`: the first signs, all verify, so that a key can be changed without logging anybody out. */
  TOKEN_KEYS: z
    .string({ error: 'TOKEN_KEYS is missing: set it to `<kid>:<32 or more random characters>`' })
    .transform((ring) => ring.split(',').map((entry) => entry.trim()))
    .pipe(
      z
        .array(z.string().regex(KEY_RING, 'TOKEN_KEYS is a comma-separated list of `<kid>:<32 or more characters>`'))
        .min(1),
    )
    .transform((ring) =>
      ring.map((entry) => ({ kid: entry.slice(0, entry.indexOf(':')), secret: entry.slice(entry.indexOf(':') + 1) })),
    ),
  ADMIN_EMAIL: text,
  ADMIN_PASSWORD: text,
  PLATFORM_TOKEN: text,
  NEW_TENANT_SHARD: numberOr(0).pipe(z.int()),
  MAX_UPLOAD_MB: numberOr(95, 1),
  ALLOWED_ORIGINS: text,
  WEBHOOK_ALLOW_HOSTS: text.refine(
    (hosts) => listOf(hosts).every(isHostEntry),
    'hosts, separated by commas, with or without a port: nas.lan,10.0.0.7:8080',
  ),
  RATE_KEY_PER_SECOND: numberOr(600, 1),
  RATE_KEY_BURST: numberOr(2000, 1),
  RATE_DEVICE_PER_SECOND: numberOr(50, 1),
  RATE_DEVICE_BURST: numberOr(500, 1),
  RATE_USER_PER_SECOND: numberOr(100, 1),
  RATE_USER_BURST: numberOr(1000, 1),
  RATE_ADDRESS_PER_SECOND: numberOr(50, 1),
  RATE_ADDRESS_BURST: numberOr(300, 1),
  LOGIN_PER_MINUTE: numberOr(10, 1),
  SCRYPT_LOG2_N: numberOr(15, 4),
})

export interface Rate {
  perSecond: number
  burst: number
}

export interface Config {
  tokenKeys: { kid: string; secret: string }[]
  admin: { email: string; password: string | undefined }
  /** Absent: the platform endpoints do not exist. */
  platformToken: string | undefined
  /** Where the data of tenants goes that are created without saying where. */
  newTenantShard: number
  maxUploadBytes: number
  allowedOrigins: string[]
  /** `host` or `host:port`: webhooks may reach these by http and at private addresses. */
  webhookAllowHosts: string[]
  rates: { key: Rate; device: Rate; user: Rate; address: Rate }
  loginsPerMinute: number
  /** log2 of scrypt's N for new password hashes; stored hashes carry their own. */
  scryptLog2N: number
}

/** Throws an Error that names every bad variable. */
export function parseConfig(env: object): Config {
  const parsed = Variables.safeParse(env)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The Worker's settings are wrong. ${faults.join('; ')}`)
  }
  const v = parsed.data
  return {
    tokenKeys: v.TOKEN_KEYS,
    admin: { email: v.ADMIN_EMAIL ?? 'admin@fieldpost.local', password: v.ADMIN_PASSWORD },
    platformToken: v.PLATFORM_TOKEN,
    newTenantShard: v.NEW_TENANT_SHARD,
    maxUploadBytes: v.MAX_UPLOAD_MB * 1024 * 1024,
    allowedOrigins: listOf(v.ALLOWED_ORIGINS),
    webhookAllowHosts: listOf(v.WEBHOOK_ALLOW_HOSTS),
    rates: {
      key: { perSecond: v.RATE_KEY_PER_SECOND, burst: v.RATE_KEY_BURST },
      device: { perSecond: v.RATE_DEVICE_PER_SECOND, burst: v.RATE_DEVICE_BURST },
      user: { perSecond: v.RATE_USER_PER_SECOND, burst: v.RATE_USER_BURST },
      address: { perSecond: v.RATE_ADDRESS_PER_SECOND, burst: v.RATE_ADDRESS_BURST },
    },
    loginsPerMinute: v.LOGIN_PER_MINUTE,
    scryptLog2N: v.SCRYPT_LOG2_N,
  }
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
