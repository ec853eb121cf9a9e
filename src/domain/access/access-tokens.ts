// Access tokens of users: JWT, HS256, with the session's id inside, signed by the first key of the ring. One for the
// native API lives for 15 minutes, one for a sync app for a day; neither opens the other's door.
// A token only says who claims to call; whether the session still stands is the directory's word (authenticate.ts).
import { errors as joseErrors, jwtVerify, SignJWT } from 'jose'
import { parseId, type SessionId, type TenantId, type UserId } from '../../lib/ids.ts'
import type { Role } from '../../storage/directory-tables.ts'
import type { Config } from '../config.ts'
import type { Deps, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'

export const ACCESS_TOKEN_SECONDS = 15 * 60
/** Sync apps are in the field for a day, and do not refresh on their way. */
export const SYNC_TOKEN_SECONDS = 24 * 3600

/** The door that a token is for: its claim `type`. */
export type TokenType = 'access' | 'sync'

export interface AccessClaims {
  userId: UserId
  tenantId: TenantId
  sessionId: SessionId
  role: Role
}

/** What a token says whose signature is ours. */
export interface VerifiedToken extends Omit<AccessClaims, 'role'> {
  type: TokenType
  expiresAtMs: EpochMs
}

const imported = new Map<string, Promise<CryptoKey>>()

function keyOf(secret: string): Promise<CryptoKey> {
  const known = imported.get(secret)
  if (known) return known
  const bytes = new TextEncoder().encode(secret)
  const key = crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  imported.set(secret, key)
  return key
}

/** Claims as in the contract, section 2.1 (`sub`, `tenant_id`, `role`, `exp`, `type`), plus `sid` and `iat`. */
export async function signAccessToken(config: Config, claims: AccessClaims, nowMs: EpochMs): Promise<string> {
  return sign(config, claims, { role: claims.role, type: 'access' }, nowMs, ACCESS_TOKEN_SECONDS)
}

/** The token of a sync app. `shown` are the claims that the app reads: what they say means nothing to us. */
export async function signSyncToken(
  config: Config,
  claims: Omit<AccessClaims, 'role'>,
  shown: Record<string, string>,
  nowMs: EpochMs,
): Promise<string> {
  return sign(config, claims, { ...shown, type: 'sync' }, nowMs, SYNC_TOKEN_SECONDS)
}

async function sign(
  config: Config,
  { userId, tenantId, sessionId }: Omit<AccessClaims, 'role'>,
  others: Record<string, string> & { type: TokenType },
  nowMs: EpochMs,
  lifeSeconds: number,
): Promise<string> {
  const { kid, secret } = config.tokenKeys[0]!
  const seconds = Math.floor(nowMs / 1000)
  return new SignJWT({ ...others, tenant_id: tenantId, sid: sessionId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid })
    .setSubject(userId)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + lifeSeconds)
    .sign(await keyOf(secret))
}

/** Throws `token_invalid` (401) for anything but a live token of ours for this door: other algorithms, unknown or wrong
 *  keys, expired ones, other types. */
export async function verifyAccessToken(
  { config, caches }: Pick<Deps, 'config' | 'caches'>,
  token: string,
  nowMs: EpochMs,
  type: TokenType = 'access',
): Promise<VerifiedToken> {
  const known = caches.tokens.get(token, nowMs)
  const verified = known && known.expiresAtMs > nowMs ? known : await readToken(config, token, nowMs)
  if (verified !== known) caches.tokens.set(token, verified, nowMs)
  if (verified.type !== type) throw errors.tokenInvalid('Invalid token type')
  return verified
}

async function readToken(config: Config, token: string, nowMs: EpochMs): Promise<VerifiedToken> {
  let payload: Record<string, unknown>
  try {
    const verified = await jwtVerify(
      token,
      (header) => {
        const key = config.tokenKeys.find(({ kid }) => kid === header.kid)
        if (!key) throw errors.tokenInvalid()
        return keyOf(key.secret)
      },
      { algorithms: ['HS256'], currentDate: new Date(nowMs), requiredClaims: ['exp', 'sub'] },
    )
    payload = verified.payload
  } catch (error) {
    // Everything jose finds wrong with a token is the sender's fault; anything else is ours.
    if (error instanceof joseErrors.JOSEError) throw errors.tokenInvalid()
    throw error
  }
  const userId = parseId<UserId>(String(payload.sub))
  const tenantId = parseId<TenantId>(String(payload.tenant_id))
  const sessionId = parseId<SessionId>(String(payload.sid))
  if (!userId || !tenantId || !sessionId) throw errors.tokenInvalid()
  return { userId, tenantId, sessionId, type: payload.type as TokenType, expiresAtMs: Number(payload.exp) * 1000 }
}
