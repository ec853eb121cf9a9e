// One write at a time, and everything that waits meanwhile in the next one. What a write is, is its caller's business.
import type { IntakeRequest, RowHeader, RowOutcome } from '../../domain/submissions/intake-port.ts'
import { MAX_GROUP_CHARS, MAX_GROUP_ROWS } from './limits.ts'

/** With several callers waiting, this much patience makes groups three times as large (docs/performance.md). */
const GATHER_MS = 2
const CROWD_MEMORY_MS = 20

export type WriteResult =
  /** `outbox`: somebody listens, and this caller is the one of its group who tells the queue. */
  | { ok: true; outcomes: RowOutcome[]; bookmark: string | null; outbox: boolean; cursorSeq: number | null }
  | { ok: false; code: 'unavailable' | 'assumption_wrong' }

interface Waiting {
  request: IntakeRequest
  chars: number
  resolve: (result: WriteResult) => void
}

export class GroupCommit {
  readonly #clock: () => number
  readonly #write: (group: IntakeRequest[]) => Promise<WriteResult[]>
  #queue: Waiting[] = []
  #writing = false
  /** When the last commit that served several callers ended: they will be back at about the same time. */
  #crowdedAtMs = 0

  /** `write` answers one result per request and never throws. */
  constructor(clock: () => number, write: (group: IntakeRequest[]) => Promise<WriteResult[]>) {
    this.#clock = clock
    this.#write = write
  }

  add(request: IntakeRequest): Promise<WriteResult> {
    return new Promise((resolve) => {
      let chars = 0
      for (const row of request.rows) chars += row.length
      this.#queue.push({ request, chars, resolve })
      if (!this.#writing) {
        this.#writing = true
        // Input gates don't hold across an await on D1: this loop is what keeps writes one at a time.
        void this.#writeAll()
      }
    })
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const crowded = this.#queue.length > 1 || this.#clock() - this.#crowdedAtMs < CROWD_MEMORY_MS
      if (crowded) await new Promise((resolve) => setTimeout(resolve, GATHER_MS))
      const group = this.#takeGroup()
      const results = await this.#write(group.map(({ request }) => request))
      for (const [i, { resolve }] of group.entries()) resolve(results[i]!)
      if (group.length > 1) this.#crowdedAtMs = this.#clock()
    }
    this.#writing = false
  }

  /** The oldest requests that fit one commit and share their columns. */
  #takeGroup(): Waiting[] {
    const [first] = this.#queue
    if (!first) return []
    let rows = 0
    let chars = 0
    let count = 0
    for (const { request, chars: more } of this.#queue) {
      const fits = rows + request.rows.length <= MAX_GROUP_ROWS && chars + more <= MAX_GROUP_CHARS
      if (count > 0 && !(fits && sameHeader(request.header, first.request.header))) break
      rows += request.rows.length
      chars += more
      count++
    }
    return this.#queue.splice(0, count)
  }
}

/** Whether rows of both can leave in one statement. */
export const sameHeader = (a: RowHeader, b: RowHeader): boolean =>
  a.tenantId === b.tenantId &&
  a.shard === b.shard &&
  a.mode === b.mode &&
  a.protocol === b.protocol &&
  a.onKnown === b.onKnown &&
  a.within?.projectId === b.within?.projectId &&
  a.within?.userId === b.within?.userId &&
  a.actorId === b.actorId &&
  a.actorKind === b.actorKind &&
  a.userId === b.userId &&
  a.deviceId === b.deviceId &&
  a.submittedByLabel === b.submittedByLabel
