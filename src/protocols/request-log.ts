// One JSON line per request: who, what, how long, how many. No payloads, no secrets, no query strings.
import type { Ctx, Deps } from '../domain/context.ts'

/** Filled while the request runs, written once at its end. */
export interface RequestLog {
  requestId: string
  method: string
  /** The route's pattern (`/forms/{id}`), so that lines can be grouped and hold no ids of links. */
  route: string | null
  tenant: string | null
  actor: string | null
  /** Rows read or written, where that says something. */
  rows: number | null
  /** What went wrong on our side, for 5xx answers only. */
  error: string | null
}

export const newRequestLog = (requestId: string, method: string): RequestLog => ({
  requestId,
  method,
  route: null,
  tenant: null,
  actor: null,
  rows: null,
  error: null,
})

export function noteCtx(log: RequestLog, ctx: Ctx): void {
  log.tenant = ctx.tenant.slug
  log.actor = actorName(ctx.actor)
}

export const actorName = (actor: Ctx['actor']): string =>
  actor.kind === 'user'
    ? `user:${actor.userId}`
    : actor.kind === 'device'
      ? `device:${actor.deviceId}`
      : `key:${actor.keyId}`

export function writeRequestLog(deps: Pick<Deps, 'log'>, log: RequestLog, status: number, ms: number): void {
  const { requestId: request_id, method, route, tenant, actor, rows, error } = log
  deps.log({
    level: status >= 500 ? 'error' : 'info',
    event: 'request',
    request_id,
    method,
    route,
    status,
    ms,
    tenant,
    actor,
    ...(rows === null ? {} : { rows }),
    ...(error === null ? {} : { error }),
  })
}
