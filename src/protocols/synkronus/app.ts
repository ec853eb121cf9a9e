// The Synkronus wire, for the Formulus app and its tools: one line per area. Mounted bare for clients of the 1.0.3
// generation and under /api for those of today, who must say their version. README.md tells how to point them here.
// Source: contracts/synkronus.md, section 1.
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { Deps } from '../../domain/context.ts'
import { errors } from '../../domain/errors.ts'
import { ensureBootstrap } from '../../domain/tenants/bootstrap.ts'
import { drain } from '../../lib/stream.ts'
import { forBrowsers } from '../for-browsers.ts'
import { toAppError } from '../to-app-error.ts'
import { attachments } from './attachments.ts'
import { versionHeaderOf } from './auth.ts'
import { bundles } from './bundles.ts'
import type { SynkronusEnv } from './env.ts'
import { renderError, reply } from './errors.ts'
import { exports } from './exports.ts'
import { server, WIRE_VERSION } from './server.ts'
import { sessions } from './sessions.ts'
import { sync } from './sync.ts'
import { PATIENCE } from './upload.ts'
import { users } from './users.ts'

const AREAS = [server, sessions, users, sync, exports, attachments, bundles]

export function synkronus(deps: Deps, { needsVersion }: { needsVersion: boolean }): Hono<SynkronusEnv> {
  const app = new Hono<SynkronusEnv>({ strict: false })
  app.use(async (c, next) => {
    c.set('deps', deps)
    c.set('tenantSlug', c.req.param('slug') ?? null)
    c.header('Vary', 'Origin')
    if (!isOpen(c)) await ensureBootstrap(deps)
    await next()
    c.var.requestLog.route = c.req.routePath
    await hearOut(c)
  })
  app.use(
    forBrowsers({
      origin: '*',
      allowMethods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
      allowHeaders: [
        'accept',
        'authorization',
        'content-type',
        'x-csrf-token',
        'if-none-match',
        'range',
        'x-ode-version',
        'x-formulus-version',
        'x-ode-client-id',
        'x-repository-generation',
      ],
      exposeHeaders: ['link', 'etag', 'x-repository-generation', 'content-length', 'content-range', 'retry-after'],
      credentials: true,
      maxAge: 300,
    }),
  )
  if (needsVersion) app.use(checkVersion)
  app.onError((thrown, c) => {
    const error = toAppError(thrown)
    if (error.status >= 500) c.var.requestLog.error = describe(error.cause ?? error)
    return renderError(c, error)
  })
  for (const area of AREAS) app.route('/', area)
  // A path that is there with another method.
  for (const path of new Set(AREAS.flatMap(({ routes }) => routes.map(({ path }) => path))))
    app.all(path, (c) => c.body(null, 405))
  app.all('*', () => {
    throw errors.routeNotFound()
  })
  return app
}

/** Whoever was refused before the body was read (a reset, a token that has expired) still hears why: see PATIENCE. */
async function hearOut(c: Context<SynkronusEnv>): Promise<void> {
  const { body, bodyUsed, headers } = c.req.raw
  const declared = Number(headers.get('content-length') ?? Number.NaN)
  if (c.res.status < 400 || !body || bodyUsed || !(declared <= c.var.deps.config.maxUploadBytes * PATIENCE)) return
  // One that has hung up hears nothing anyway.
  await drain(body).catch(() => undefined)
}

/** Asked before anybody is known, and while the database may be away. */
const isOpen = (c: Context): boolean => OPEN.test(c.req.path)

/** The addresses themselves, and not files or users of these names. */
const OPEN = /^(\/t\/[^/]+)?\/synkronus(\/api)?(\/(health|versions))?\/?$/

/** Only the number before the first dot counts. */
const MAJOR = /^[vV]?(\d+)(?:[.+-]|$)/

const checkVersion: MiddlewareHandler<SynkronusEnv> = async (c, next) => {
  const major = MAJOR.exec(versionHeaderOf(c)?.trim() ?? '')?.[1]
  if (major === MAJOR.exec(WIRE_VERSION)![1] || isOpen(c)) return next()
  c.header('x-synkronus-version', WIRE_VERSION)
  const message = `This server speaks version ${WIRE_VERSION}: send your own in x-ode-version, and update if its first number differs.`
  return reply(c, { message, synkronus_version: WIRE_VERSION }, 426)
}

const describe = (cause: unknown): string => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
