// The native API under /api/v1: one line per resource. What each endpoint takes and answers stands in routes/*.ts;
// the OpenAPI document is made from the same declarations.
import type { Deps } from '../../domain/context.ts'
import { errors } from '../../domain/errors.ts'
import { ensureBootstrap } from '../../domain/tenants/bootstrap.ts'
import type { RequestLog } from '../request-log.ts'
import { toAppError } from '../to-app-error.ts'
import { docs } from './docs.ts'
import { renderError } from './errors.ts'
import { router } from './operation.ts'
import { apiKeys } from './routes/api-keys.ts'
import { audit } from './routes/audit.ts'
import { bulkActions } from './routes/bulk-actions.ts'
import { changes } from './routes/changes.ts'
import { changesStream } from './routes/changes-stream.ts'
import { dashboard } from './routes/dashboard.ts'
import { deviceStatus } from './routes/device-status.ts'
import { devices } from './routes/devices.ts'
import { exportJobs } from './routes/export-jobs.ts'
import { exports } from './routes/exports.ts'
import { figures } from './routes/figures.ts'
import { formVersions } from './routes/form-versions.ts'
import { formWorkbooks } from './routes/form-workbooks.ts'
import { forms } from './routes/forms.ts'
import { headlessForms } from './routes/headless-forms.ts'
import { headlessSubmit } from './routes/headless-submit.ts'
import { health } from './routes/health.ts'
import { map } from './routes/map.ts'
import { media } from './routes/media.ts'
import { mobileForms } from './routes/mobile-forms.ts'
import { places } from './routes/places.ts'
import { projects } from './routes/projects.ts'
import { quarantine } from './routes/quarantine.ts'
import { sessionList } from './routes/session-list.ts'
import { sessions } from './routes/sessions.ts'
import { settings } from './routes/settings.ts'
import { submissionHistory } from './routes/submission-history.ts'
import { submissionLife } from './routes/submission-life.ts'
import { submissions } from './routes/submissions.ts'
import { tenants } from './routes/tenants.ts'
import { users } from './routes/users.ts'
import { webhookDeliveries } from './routes/webhook-deliveries.ts'
import { webhooks } from './routes/webhooks.ts'

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
  const mounted = app
    .route('/', health)
    .route('/', sessions)
    .route('/', sessionList)
    .route('/', users)
    .route('/', apiKeys)
    .route('/', devices)
    .route('/', deviceStatus)
    .route('/', settings)
    .route('/', map)
    .route('/', tenants)
    .route('/', projects)
    .route('/', forms)
    .route('/', formVersions)
    .route('/', formWorkbooks)
    .route('/', places)
    .route('/', figures)
    .route('/', mobileForms)
    .route('/', headlessForms)
    .route('/', bulkActions)
    .route('/', exports)
    .route('/', exportJobs)
    .route('/', submissions)
    .route('/', submissionLife)
    .route('/', submissionHistory)
    .route('/', quarantine)
    .route('/', dashboard)
    .route('/', headlessSubmit)
    .route('/', media)
    .route('/', changes)
    .route('/', changesStream)
    .route('/', audit)
    .route('/', webhooks)
    .route('/', webhookDeliveries)
    .route('/', docs(app))
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
