// The Courier object: one per webhook, so that a receiver that is slow or dead delays only its own deliveries. It holds
// nothing but where its webhook is: D1 says what is due (domain/webhooks/deliver.ts), and the sweep wakes whoever
// missed a call. Everything is done in its alarm, of which there is one at a time.
import { DurableObject } from 'cloudflare:workers'
import type { CourierPort, Route } from '../domain/context.ts'
import { deliverDue } from '../domain/webhooks/deliver.ts'
import { depsOf } from './deps.ts'

/** After a run that failed, and for one that is cut off before it can say when to come back. */
const RETRY_MS = 30_000

export class Courier extends DurableObject<Env> implements CourierPort {
  /** Somebody called while a run was under way: it may have looked already. */
  #called = false
  #isRunning = false

  async wake(route: Route): Promise<void> {
    this.#called = true
    if (this.#isRunning) return
    const { kv } = this.ctx.storage
    if (!kv.get('route')) kv.put('route', route)
    await this.ctx.storage.setAlarm(depsOf(this.env).clock())
  }

  override async alarm(): Promise<void> {
    const route = this.ctx.storage.kv.get<Route>('route')
    if (!route) return
    const deps = depsOf(this.env)
    this.#isRunning = true
    this.#called = false
    let next: number | null = deps.clock() + RETRY_MS
    try {
      // First of all: an alarm that throws is tried six times and then lost.
      await this.ctx.storage.setAlarm(next)
      next = await deliverDue(deps, route)
    } catch (error) {
      deps.log({ level: 'error', event: 'courier_failed', webhook: route.webhookId, error: String(error) })
    }
    this.#isRunning = false
    if (this.#called) next = deps.clock()
    if (next === null) await this.ctx.storage.deleteAll()
    else await this.ctx.storage.setAlarm(next)
  }
}
