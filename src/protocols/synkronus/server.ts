// What the server says of itself: health and versions. Source: contracts/synkronus.md, section 3.
import { type Context, Hono } from 'hono'
import { checkHealth } from '../../domain/health.ts'
import { isoTime } from '../../lib/iso-time.ts'
import { guard, publicGuard } from './auth.ts'
import type { SynkronusEnv } from './env.ts'
import { reply } from './errors.ts'

/** The generation of the wire that is served: clients compare its first number with their own. */
export const WIRE_VERSION = '1.0.6'

const VERSIONS = {
  versions: [{ version: '1.0.0', releaseDate: '2025-01-01', deprecated: false }],
  current: '1.0.0',
}

const SERVER = {
  server: { version: WIRE_VERSION },
  database: { type: 'sqlite' },
  system: { os: 'workerd', architecture: 'any', cpus: 1 },
  build: { go_version: '' },
}

async function tellHealth(c: Context<SynkronusEnv>): Promise<Response> {
  const { database } = await checkHealth(c.var.deps)
  const status = database ? 'ok' : 'unavailable'
  return reply(c, { status, timestamp: isoTime(c.var.deps.clock()), version: WIRE_VERSION }, database ? 200 : 503)
}

export const server = new Hono<SynkronusEnv>()
  .get('/health', publicGuard, tellHealth)
  // `synk health` asks for the server's own address.
  .get('/', publicGuard, tellHealth)
  .get('/versions', publicGuard, (c) => reply(c, VERSIONS))
  // The only answer of the reference that is indented.
  .get('/version', guard('server.read'), (c) =>
    c.body(`${JSON.stringify(SERVER, null, 2)}\n`, 200, { 'Content-Type': 'application/json' }),
  )
