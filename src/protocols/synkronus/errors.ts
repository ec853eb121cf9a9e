// The envelope of this wire: `{error, message, code?}` from handlers, plain text from what stands before them.
// Source: contracts/synkronus.md, section 1.
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AppError, ErrorCode } from '../../domain/errors.ts'
import { GENERATION } from './generation.ts'

/** What clients know as `error` where it is not the sentence itself. */
const WIRE_ERROR: Partial<Record<ErrorCode, string>> = {
  credentials_invalid: 'invalid credentials',
  rate_limited: 'rate_limited',
  body_too_large: 'request_too_large',
}

/** What people read where these clients know another sentence than our own. */
const WIRE_MESSAGE: Partial<Record<ErrorCode, string>> = {
  username_taken: 'Username already exists',
  email_taken: 'Username already exists',
  role_invalid: 'invalid role',
}

const STATUS: Partial<Record<ErrorCode, number>> = { password_wrong: 401 }

/** Codes that the app itself acts on. */
const SHOWN_CODES: ReadonlySet<ErrorCode> = new Set(['repository_reset_required'])

/** These clients know 400 for whatever is wrong with a request. */
const statusOf = (error: AppError): number => STATUS[error.code] ?? (error.status === 422 ? 400 : error.status)

export function renderError(c: Context, error: AppError): Response {
  const status = statusOf(error)
  if (error.retryAfterSeconds !== undefined) c.header('Retry-After', String(error.retryAfterSeconds))
  if (error.code === 'route_not_found') return c.text('404 page not found\n', 404)
  if (error.code === 'repository_reset_required') {
    const { repository_generation } = error.detail as { repository_generation: number }
    c.header(GENERATION, String(repository_generation))
  }
  const message = WIRE_MESSAGE[error.code] ?? error.message
  const code = SHOWN_CODES.has(error.code) ? { code: error.code } : {}
  return reply(c, { error: WIRE_ERROR[error.code] ?? message, message, ...code }, status)
}

/** Compact JSON with a newline at its end, as the reference writes it. */
export function reply(c: Context, value: unknown, status = 200): Response {
  return replyText(c, JSON.stringify(value), status)
}

/** The same for text that is JSON already. */
export function replyText(c: Context, json: string, status = 200): Response {
  return c.body(`${json}\n`, status as ContentfulStatusCode, { 'Content-Type': 'application/json' })
}
