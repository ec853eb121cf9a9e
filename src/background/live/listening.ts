// How an isolate reaches the live rooms: writers tell them of commits, listeners hear them over a WebSocket.
import type { Deps } from '../../domain/context.ts'
import type { Ears, Heard, LivePort } from '../../domain/sync/live-port.ts'
import type { TenantId } from '../../lib/ids.ts'
import { RECHECK } from './messages.ts'
import { newListenedTenants, Teller } from './teller.ts'

const tenants = newListenedTenants()

/** `committed` is for watchCommits (storage/commits.ts). */
export function openLive(
  rooms: Env['LIVE'],
  { clock, log, waitUntil }: Pick<Deps, 'clock' | 'log' | 'waitUntil'>,
): { live: LivePort; committed: (tenantId: TenantId, seq: number) => void } {
  const roomOf = (tenantId: TenantId) => rooms.get(rooms.idFromName(tenantId))
  const teller = new Teller(tenants, {
    tell: (tenantId, seq) => roomOf(tenantId).notify(seq),
    clock,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    waitUntil,
    onError: (tenant, error) => log({ level: 'warn', event: 'hint_lost', tenant, error: String(error) }),
  })
  const live: LivePort = {
    async listen(tenantId, listener) {
      const path = `http://live-room/?as=${encodeURIComponent(listener)}`
      const { webSocket } = await roomOf(tenantId).fetch(path, { headers: { Upgrade: 'websocket' } })
      if (!webSocket) return null
      const ears = new SocketEars(webSocket)
      teller.arrived(tenantId)
      return ears
    },
    recheck: (tenantId, listeners) => roomOf(tenantId).recheck(listeners),
  }
  return { live, committed: (tenantId, seq) => teller.committed(tenantId, seq) }
}

class SocketEars implements Ears {
  readonly #socket: WebSocket
  #seq: number | null = null
  #recheck = false
  #closed = false
  #wake = () => {}

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      if (data === RECHECK) this.#recheck = true
      else this.#seq = Math.max(this.#seq ?? 0, Number(data))
      this.#wake()
    })
    for (const end of ['close', 'error'] as const)
      socket.addEventListener(end, () => {
        this.#closed = true
        this.#wake()
      })
    socket.accept()
  }

  async next(withinMs: number): Promise<Heard> {
    if (this.#seq === null && !this.#recheck && !this.#closed) await this.#somethingWithin(withinMs)
    const heard = { seq: this.#seq, recheck: this.#recheck, closed: this.#closed }
    this.#seq = null
    this.#recheck = false
    return heard
  }

  close(): void {
    this.#socket.close()
    this.#closed = true
    this.#wake()
  }

  #somethingWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
