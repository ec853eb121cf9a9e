// What the domain asks of a tenant's live room (background/live-room.ts): to hear that something has changed. Hints may be
// lost; whoever listens looks for itself now and then.
import type { TenantId } from '../../lib/ids.ts'

/** Writers that were told that nobody listens may be silent for this long. Whoever begins to listen looks for itself when
 *  it is over. */
export const QUIET_MS = 10_000

export interface Heard {
  /** The highest seq that was told of; null: none. */
  seq: number | null
  /** Something happened to the listener's credential. */
  recheck: boolean
  /** The room is gone: nothing more will be heard. */
  closed: boolean
}

export interface Ears {
  /** What was told since the last call, at once or as soon as anything is; nothing after `withinMs`. */
  next(withinMs: number): Promise<Heard>
  /** Ends the listening; a waiting `next` answers. */
  close(): void
}

export interface LivePort {
  /** `listener` names the credential (`user:<id>`, `key:<id>`). Null: too many listen already. */
  listen(tenantId: TenantId, listener: string): Promise<Ears | null>
  /** Has all listeners of these names look whether they still may. */
  recheck(tenantId: TenantId, listeners: string[]): Promise<void>
}
