// Every door of the building: one line per protocol. The root adds what all of them share (request id, log line, CORS)
// and serves the static files; credentials and error envelopes are each protocol's own.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Deps } from './domain/context.ts'
import { forBrowsers } from './protocols/for-browsers.ts'
import { native, type RootVariables } from './protocols/native/app.ts'
import { RememberingRouter } from './protocols/remembering-router.ts'
import { newRequestLog, writeRequestLog } from './protocols/request-log.ts'
import { synkronus } from './protocols/synkronus/app.ts'
import { serveStatic } from './static-files.ts'

const REQUEST_ID_HEADER = 'x-request-id'
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,100}$/

export interface AppOptions {
  /** Static files: the dashboard, the API reference. */
  assets?: (request: Request) => Promise<Response>
}

export function createApp(deps: Deps, { assets }: AppOptions = {}) {
  // Not strict: a path means the same with and without a slash at its end, at once and without a redirect, which would
  // lose the body or the credential of some clients.
  const app = new OpenAPIHono<{ Variables: RootVariables }>({ strict: false, router: new RememberingRouter() })

  app.use(async (c, next) => {
    const startMs = deps.clock()
    const given = c.req.header(REQUEST_ID_HEADER)
    const requestId = given && REQUEST_ID.test(given) ? given : deps.newId()
    const log = newRequestLog(requestId, c.req.method)
    c.set('requestId', requestId)
    c.set('requestLog', log)
    c.header(REQUEST_ID_HEADER, requestId)
    await next()
    // Answers that were not made by way of `c` do not have it. Those that do are not made anew for it.
    if (!c.res.headers.has(REQUEST_ID_HEADER)) c.header(REQUEST_ID_HEADER, requestId)
    writeRequestLog(deps, log, c.res.status, deps.clock() - startMs)
  })

  app.use(
    '/api/*',
    forBrowsers({
      origin: (origin) => (deps.config.allowedOrigins.includes(origin) ? origin : null),
      credentials: true,
      maxAge: 600,
      exposeHeaders: [
        'ETag',
        'Content-Disposition',
        'X-Total-Count',
        'X-Export-Cursor',
        REQUEST_ID_HEADER,
        'x-d1-bookmark',
        'Retry-After',
        'RateLimit-Limit',
        'RateLimit-Remaining',
        'RateLimit-Reset',
      ],
    }),
  )

  const mounted = app.route('/api/v1', native(deps))
  // The bare mounts serve the default tenant, those under /t/<slug> the one they name.
  for (const base of ['', '/t/:slug']) {
    app.route(`${base}/synkronus/api`, synkronus(deps, { needsVersion: true }))
    app.route(`${base}/synkronus`, synkronus(deps, { needsVersion: false }))
  }
  if (assets) app.all('*', (c) => serveStatic(c.req.raw, assets))
  return mounted
}

export type App = ReturnType<typeof createApp>
