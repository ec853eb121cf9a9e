// The native API under /api/v1: one line per resource. What each endpoint takes and answers stands in routes/*.ts;
// the OpenAPI document is made from the same declarations.
import type { Deps } from '../../domain/context.ts'
import { errors } from '../../domain/errors.ts'
import { ensureBootstrap } from '../../domain/tenants/bootstrap.ts'
import type { RequestLog } from '../request-log.ts'
import { toAppError } from '../to-app-error.ts'
import { renderError } from './errors.ts'
import { router } from './operation.ts'
import { health } from './routes/health.ts'
import { sessions } from './routes/sessions.ts'

export function native(deps: Deps) {
  const app = router()
  app.use(async (c, next) => {
    c.set('deps', deps)
    // Health must answer while the database can't.
    if (!c.req.path.endsWith('/health')) await ensureBootstrap(deps)
    await next()
    c.var.requestLog.route = c.req.routePath
  })
  app.onError((thrown, c) => {
    const error = toAppError(thrown)
    if (error.status >= 500) c.var.requestLog.error = describe(error.cause ?? error)
    return renderError(c, error, c.var.requestId)
  })
  const mounted = app.route('/', health).route('/', sessions)
  mounted.all('*', () => {
    throw errors.routeNotFound()
  })
  return mounted
}

export type NativeApp = ReturnType<typeof native>

const describe = (cause: unknown): string => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))

/** What the root application sets before it hands a request to a protocol. */
export interface RootVariables {
  requestId: string
  requestLog: RequestLog
}
