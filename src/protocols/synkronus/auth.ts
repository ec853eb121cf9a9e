// Who is calling, and whether they may: the guard of every endpoint that is not public. Refusals here are plain text, as
// these clients know them from the middleware of the reference.
import type { Context, MiddlewareHandler } from 'hono'
import { type Arrival, confirmSession, enterAsUser } from '../../domain/access/authenticate.ts'
import { authorize } from '../../domain/access/authorize.ts'
import type { Verb } from '../../domain/access/permissions.ts'
import { takeFromAddress, takeFromUser } from '../../domain/access/rate-limits.ts'
import type { OutsideOccasion } from '../../domain/audit/audit.ts'
import { errors } from '../../domain/errors.ts'
import { noteCtx } from '../request-log.ts'
import { toAppError } from '../to-app-error.ts'
import type { SynkronusEnv } from './env.ts'
import { renderError } from './errors.ts'

const PROTOCOL = 'synkronus'

/** `checkedOnSubmit`: the request ends in the user's Intake object, which vouches for sessions while D1 is away. */
export const guard =
  (verb: Verb, { checkedOnSubmit }: { checkedOnSubmit?: true } = {}): MiddlewareHandler<SynkronusEnv> =>
  async (c, next) => {
    const refused = (thrown: unknown) => {
      const error = toAppError(thrown)
      if (error.status === 401) return c.text('Unauthorized\n', 401)
      if (error.status === 403) return c.text('Forbidden\n', 403)
      if (error.status < 500) return renderError(c, error)
      throw thrown
    }
    try {
      const { deps, tenantSlug } = c.var
      const arrival = arrivalOf(c)
      const { ctx } = await enterAsUser(deps, bearerOf(c), arrival, { checkedOnSubmit, tokenType: 'sync' })
      if (tenantSlug !== null && ctx.tenant.slug !== tenantSlug) throw errors.tokenInvalid()
      noteCtx(c.var.requestLog, ctx)
      if (ctx.actor.kind === 'user') takeFromUser(deps, ctx.actor.userId, arrival.nowMs)
      authorize(ctx, verb)
      c.set('ctx', ctx)
    } catch (thrown) {
      return refused(thrown)
    }
    await next()
    // Refused before anybody had confirmed the session: whoever has none learns that, and nothing else.
    if (c.res.status < 400 || c.res.status >= 500) return
    try {
      await confirmSession(c.var.ctx)
    } catch (thrown) {
      c.res = undefined
      c.res = refused(thrown)
    }
  }

/** Logins are throttled by name and address as well; this is the brake before them. */
export const publicGuard: MiddlewareHandler<SynkronusEnv> = async (c, next) => {
  takeFromAddress(c.var.deps, addressOf(c), c.var.deps.clock())
  await next()
}

/** Throws `not_authenticated`. The word is case sensitive on this wire. */
function bearerOf(c: Context<SynkronusEnv>): string {
  const match = /^Bearer +(\S+)\s*$/.exec(c.req.header('authorization') ?? '')
  if (!match) throw errors.notAuthenticated()
  return match[1]!
}

/** The client's address as Cloudflare saw it; on a laptop there is one client. */
export const addressOf = (c: Context<SynkronusEnv>): string => c.req.header('cf-connecting-ip') ?? 'local'

/** For the audit log, where nobody of the tenant has entered. */
export const occasionOf = (c: Context<SynkronusEnv>): OutsideOccasion => ({
  requestId: c.var.requestId,
  protocol: PROTOCOL,
})

function arrivalOf(c: Context<SynkronusEnv>): Arrival {
  return {
    requestId: c.var.requestId,
    origin: new URL(c.req.url).origin,
    protocol: PROTOCOL,
    nowMs: c.var.deps.clock(),
    bookmark: null,
    appVersion: versionHeaderOf(c)?.slice(0, 100) ?? null,
  }
}

/** The version that the client says it has. `x-formulus-version` was its name for a while. */
export const versionHeaderOf = (c: Context<SynkronusEnv>): string | undefined =>
  c.req.header('x-ode-version') ?? c.req.header('x-formulus-version')
