// When the live room of a tenant is told of commits: soon after each, but seldom however many there are, and not at all
// while nobody listens. What it knows is one isolate's; how telling works is its caller's business.
import type { EpochMs } from '../../domain/context.ts'
import { QUIET_MS } from '../../domain/sync/live-port.ts'
import type { TenantId } from '../../lib/ids.ts'
import { TimedCache } from '../../lib/timed-cache.ts'

/** Commits of one tenant within this time are told together. */
export const TELL_EVERY_MS = 250
/** A telling that has not begun by now was planned by a request that is no more. */
const LOST_MS = 5_000

interface Listened {
  seq: number
  /** When the planned telling was planned; null: none is. */
  plannedAtMs: EpochMs | null
  toldAtMs: EpochMs
  /** Nobody listens until then. */
  quietUntilMs: EpochMs
  /** Counts listeners that came in this isolate: an answer that is older than the last of them is void. */
  arrivals: number
}

/** What an isolate remembers of its tenants' listeners, shared by all that writes in it. */
export type ListenedTenants = TimedCache<Listened>
export const newListenedTenants = (): ListenedTenants => new TimedCache(10_000, 60_000)

export interface TellerPorts {
  /** Tells the room, and answers how many listen there. */
  tell: (tenantId: TenantId, seq: number) => Promise<number>
  clock: () => EpochMs
  sleep: (ms: number) => Promise<void>
  /** Keeps the work alive after the request that did the commit. */
  waitUntil: (work: Promise<void>) => void
  onError: (tenantId: TenantId, error: unknown) => void
}

export class Teller {
  readonly #tenants: ListenedTenants
  readonly #ports: TellerPorts

  constructor(tenants: ListenedTenants, ports: TellerPorts) {
    this.#tenants = tenants
    this.#ports = ports
  }

  /** Costs nothing but this call: telling happens later. */
  committed(tenantId: TenantId, seq: number): void {
    const nowMs = this.#ports.clock()
    const tenant = this.#tenantOf(tenantId, nowMs)
    tenant.seq = Math.max(tenant.seq, seq)
    if (nowMs < tenant.quietUntilMs) return
    if (tenant.plannedAtMs !== null && nowMs - tenant.plannedAtMs < LOST_MS) return
    tenant.plannedAtMs = nowMs
    this.#ports.waitUntil(this.#tell(tenantId, tenant))
  }

  /** Somebody listens from now on. */
  arrived(tenantId: TenantId): void {
    const tenant = this.#tenantOf(tenantId, this.#ports.clock())
    tenant.arrivals++
    tenant.quietUntilMs = 0
  }

  async #tell(tenantId: TenantId, tenant: Listened): Promise<void> {
    const { clock, sleep, tell, onError } = this.#ports
    const waitMs = tenant.toldAtMs + TELL_EVERY_MS - clock()
    if (waitMs > 0) await sleep(waitMs)
    // Whatever is committed from here on needs a telling of its own.
    tenant.plannedAtMs = null
    const { seq, arrivals } = tenant
    const askedAtMs = clock()
    if (askedAtMs < tenant.quietUntilMs) return
    tenant.toldAtMs = askedAtMs
    try {
      const listeners = await tell(tenantId, seq)
      if (listeners === 0 && tenant.arrivals === arrivals) tenant.quietUntilMs = askedAtMs + QUIET_MS
    } catch (error) {
      // A hint is lost, which costs nothing but time: listeners look for themselves now and then.
      onError(tenantId, error)
    }
  }

  #tenantOf(tenantId: TenantId, nowMs: EpochMs): Listened {
    const tenant = this.#tenants.get(tenantId, nowMs) ?? {
      seq: 0,
      plannedAtMs: null,
      toldAtMs: 0,
      quietUntilMs: 0,
      arrivals: 0,
    }
    this.#tenants.set(tenantId, tenant, nowMs)
    return tenant
  }
}
