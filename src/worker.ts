// What Cloudflare calls: requests, queue messages, the clock. Wiring only.
import { WorkerEntrypoint } from 'cloudflare:workers'
import { type App, createApp } from './app.ts'
import { depsOf } from './background/deps.ts'
import { handleBatch } from './background/queue.ts'
import { sweep } from './background/sweep.ts'
import type { Job } from './domain/context.ts'

export { Courier } from './background/courier.ts'
export { Intake } from './background/intake.ts'
export { Limiter } from './background/limiter.ts'
export { LiveRoom } from './background/live-room.ts'

const apps = new WeakMap<Env, App>()

function appOf(env: Env): App {
  const known = apps.get(env)
  if (known) return known
  const app = createApp(depsOf(env), { assets: (request) => env.ASSETS.fetch(request) })
  apps.set(env, app)
  return app
}

/** The local server's entrypoint: requests reach the Worker without the asset router before it (docs/performance.md). */
export class Direct extends WorkerEntrypoint<Env> {
  override async fetch(request: Request): Promise<Response> {
    return appOf(this.env).fetch(withoutClaimedAddress(request), this.env, this.ctx)
  }
}

/** Only Cloudflare may say where a request comes from. Here, the header is the client's own invention. */
function withoutClaimedAddress(request: Request): Request {
  if (!request.headers.has('cf-connecting-ip')) return request
  const honest = new Request(request)
  honest.headers.delete('cf-connecting-ip')
  return honest
}

export default {
  fetch: (request, env, context) => appOf(env).fetch(request, env, context),
  queue: (batch, env) => handleBatch(batch, depsOf(env)),
  scheduled: (_controller, env) => sweep(depsOf(env)),
} satisfies ExportedHandler<Env, Job>
