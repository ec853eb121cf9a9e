// The bodies of this wire: decoded strictly by type and leniently by field, as the reference does. Records of a push are
// read one by one in map.ts, so that one bad record does not refuse the others.
// Source: contracts/synkronus.md, sections 1 to 9.
import type { Context } from 'hono'
import { z } from 'zod'
import { errors } from '../../domain/errors.ts'
import { parseJson, readBody, unkeepable } from '../read-json.ts'
import type { SynkronusEnv } from './env.ts'

/** Of everything but a push. */
const MAX_BODY_BYTES = 64 * 1024
export const MAX_AUTH_BYTES = 16 * 1024
const MAX_TEXT_CHARS = 1_000

const INVALID_FORMAT = 'Invalid request format'

/** A required text: its absence is told by the message that the clients know. */
const required = (message: string, maxChars = MAX_TEXT_CHARS) =>
  z
    .string()
    .max(maxChars, { error: 'invalid_request' })
    .nullish()
    .transform((text, context) => {
      if (text !== undefined && text !== null && text !== '') return text
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })

/** How the device calls itself. */
export const clientName = () => required('client_id is required', 255)

export const Login = z.object({
  username: required('Username is required'),
  password: required('Password is required'),
})

export const Refresh = z.object({ refreshToken: required('Refresh token is required', 4_096) })

export const NewUser = z.object({
  username: required('Missing required fields'),
  password: required('Missing required fields'),
  role: required('Missing required fields'),
})

export const ResetPassword = z.object({
  username: required('Missing required fields'),
  newPassword: required('Missing required fields'),
})

/** The command line client says `oldPassword`. */
export const ChangePassword = z
  .object({
    currentPassword: z.string().max(MAX_TEXT_CHARS).nullish(),
    oldPassword: z.string().max(MAX_TEXT_CHARS).nullish(),
    newPassword: required('Missing required fields'),
  })
  .transform(({ currentPassword, oldPassword, newPassword }, context) => {
    const current = currentPassword || oldPassword
    if (current) return { currentPassword: current, newPassword }
    context.addIssue({ code: 'custom', message: 'Missing required fields' })
    return z.NEVER
  })

/** Sentences of the schemas above, which the client is told; any other fault is told as `Invalid request format`. */
const isSentence = (issue: z.core.$ZodIssue): boolean => issue.code === 'custom'

/** Throws `body_malformed` (400), `body_too_large`. */
export async function readWire<S extends z.ZodType>(
  c: Context<SynkronusEnv>,
  schema: S,
  maxBytes = MAX_BODY_BYTES,
): Promise<z.infer<S>> {
  return checkWire(schema, parseWire(await readBody(c.req.raw, maxBytes)).value)
}

/** Throws `body_malformed` (400). */
export function parseWire(bytes: Uint8Array): { value: unknown; text: string } {
  let parsed: { value: unknown; text: string }
  try {
    parsed = parseJson(bytes)
  } catch {
    throw errors.bodyMalformed(INVALID_FORMAT)
  }
  return parsed
}

/** Of `except`, keys of the body, each value is looked at by whoever reads it. Throws `body_malformed` (400). */
export function checkWire<S extends z.ZodType>(schema: S, value: unknown, except: string[] = []): z.infer<S> {
  const fault = unkeepable(without(value, except))
  if (fault) throw errors.bodyMalformed(`${fault.path || 'The body'} ${fault.message}`)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const wrongType = issues.find((issue) => !isSentence(issue))
  if (wrongType)
    throw errors.bodyMalformed(wrongType.message === 'invalid_request' ? 'invalid_request' : INVALID_FORMAT)
  throw errors.bodyMalformed(issues[0]!.message)
}

const without = (value: unknown, keys: string[]): unknown =>
  typeof value === 'object' && value !== null && keys.length > 0
    ? Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
    : value
