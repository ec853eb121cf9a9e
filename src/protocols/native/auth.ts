// Which credential opened the door, and whether it may: the first guard of every native endpoint.
// User and device tokens share `Authorization: Bearer`; devices may also send `X-Device-Token`; keys send `X-API-Key`.
import type { Context, MiddlewareHandler } from 'hono'
import {
  type Arrival,
  confirmGrant,
  type Entry,
  enterAsDevice,
  enterAsKey,
  enterAsUser,
} from '../../domain/access/authenticate.ts'
import { authorize } from '../../domain/access/authorize.ts'
import { looksLikeDeviceToken } from '../../domain/access/credentials.ts'
import { type Permission, permissionOf, type Verb } from '../../domain/access/permissions.ts'
import { takeFromAddress, takeFromUser } from '../../domain/access/rate-limits.ts'
import type { OutsideOccasion } from '../../domain/audit/audit.ts'
import type { Ctx } from '../../domain/context.ts'
import { errors } from '../../domain/errors.ts'
import type { RateState } from '../../domain/submissions/intake-port.ts'
import { sameSecret } from '../../lib/secret.ts'
import { noteCtx } from '../request-log.ts'
import { toAppError } from '../to-app-error.ts'
import { renderError } from './errors.ts'
import type { NativeEnv } from './operation.ts'

export function guard(verb: Verb, { checkedOnSubmit }: { checkedOnSubmit?: true } = {}): MiddlewareHandler<NativeEnv> {
  const permission = permissionOf(verb)
  if (permission.public) return publicGuard
  if (permission.platform) return platformGuard
  return async (c, next) => {
    const { deps } = c.var
    const arrival = arrivalOf(c)
    const { ctx, rate } = await enter(c, permission, arrival, checkedOnSubmit)
    noteCtx(c.var.requestLog, ctx)
    authorize(ctx, verb)
    c.set('ctx', ctx)
    setRateHeaders(c, ctx.actor.kind === 'user' ? takeFromUser(deps, ctx.actor.userId, arrival.nowMs) : rate)
    await next()
    // Refused before the Intake object saw the credential: it must not learn more than its 401.
    if (checkedOnSubmit && c.res.status >= 400 && ctx.proof && rate === null && c.res.status < 500) {
      try {
        setRateHeaders(c, (await confirmGrant(deps, ctx.proof, arrival)).rate)
      } catch (error) {
        c.res = renderError(c, toAppError(error), c.var.requestId)
        return
      }
    }
    const bookmark = ctx.db.bookmark()
    if (bookmark) c.header('x-d1-bookmark', bookmark)
  }
}

/** The request's credential once more, as it stands by now: for answers that go on for a while. Throws as the guard. */
export async function enterAgain(c: Context<NativeEnv>, verb: Verb): Promise<Ctx> {
  const { ctx } = await enter(c, permissionOf(verb), arrivalOf(c))
  authorize(ctx, verb)
  return ctx
}

const publicGuard: MiddlewareHandler<NativeEnv> = async (c, next) => {
  setRateHeaders(c, takeFromAddress(c.var.deps, addressOf(c), c.var.deps.clock()))
  await next()
}

/** The platform operator's endpoints do not exist unless the installation has a PLATFORM_TOKEN. */
const platformGuard: MiddlewareHandler<NativeEnv> = async (c, next) => {
  const expected = c.var.deps.config.platformToken
  if (!expected) throw errors.routeNotFound()
  setRateHeaders(c, takeFromAddress(c.var.deps, addressOf(c), c.var.deps.clock()))
  const token = bearerOf(c)
  if (!token) throw errors.notAuthenticated()
  if (!sameSecret(token, expected)) throw errors.tokenInvalid()
  c.var.requestLog.actor = 'platform'
  await next()
}

async function enter(
  c: Context<NativeEnv>,
  permission: Permission,
  arrival: Arrival,
  checkedOnSubmit?: true,
): Promise<Entry> {
  const { deps } = c.var
  if (permission.key) {
    const key = c.req.header('x-api-key')
    if (key) return enterAsKey(deps, key, arrival, { checkedOnSubmit })
    if (!permission.user && !permission.device) throw errors.notAuthenticated('API key required')
  }
  const bearer = bearerOf(c)
  const deviceToken = c.req.header('x-device-token') ?? (bearer && looksLikeDeviceToken(bearer) ? bearer : undefined)
  if (deviceToken !== undefined) {
    if (!permission.device) throw errors.tokenInvalid('Invalid token type')
    return enterAsDevice(deps, deviceToken, arrival, { checkedOnSubmit })
  }
  if (!permission.user) throw errors.notAuthenticated('Device token required')
  if (!bearer) throw errors.notAuthenticated()
  return enterAsUser(deps, bearer, arrival, { checkedOnSubmit })
}

function bearerOf(c: Context<NativeEnv>): string | undefined {
  const match = /^Bearer +(\S+)\s*$/i.exec(c.req.header('authorization') ?? '')
  return match?.[1]
}

/** The client's address as Cloudflare saw it; on a laptop there is one client. */
export const addressOf = (c: Context<NativeEnv>): string => c.req.header('cf-connecting-ip') ?? 'local'

/** For the audit log, where nobody of the tenant has entered. */
export const occasionOf = (c: Context<NativeEnv>): OutsideOccasion => ({
  requestId: c.var.requestId,
  protocol: 'native',
})

export function arrivalOf(c: Context<NativeEnv>): Arrival {
  const bookmark = c.req.header('x-d1-bookmark')
  return {
    requestId: c.var.requestId,
    origin: new URL(c.req.url).origin,
    protocol: 'native',
    nowMs: c.var.deps.clock(),
    bookmark: bookmark && /^[0-9a-f-]{1,200}$/.test(bookmark) ? bookmark : null,
    appVersion: c.req.header('x-app-version')?.slice(0, 100) ?? null,
  }
}

export function setRateHeaders(c: Context<NativeEnv>, rate: RateState | null): void {
  if (!rate) return
  c.header('RateLimit-Limit', String(rate.limit))
  c.header('RateLimit-Remaining', String(rate.remaining))
  c.header('RateLimit-Reset', String(rate.resetSeconds))
}
