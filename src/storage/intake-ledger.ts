// The request ledger of an Intake object: which requests have been settled, so that a replay is answered without D1.
// It is a memory, not the truth: a forgotten entry costs one D1 round trip, where uniqueness says the same. That is why
// entries are collected and written a moment later, when nobody waits for them.

/** Replays come within days; a phone in a drawer for longer asks D1. */
const KEEP_MS = 30 * 24 * 3_600_000
const MAX_ROWS = 50_000
const PRUNE_EVERY_ROWS = 1_000

export interface Settled {
  epoch: number
  /** One word per item, or null where a replay makes all of them duplicates. */
  outcomes: string[] | null
}

export class Ledger {
  readonly #sql: SqlStorage
  readonly #pending = new Map<string, Settled & { atMs: number }>()
  readonly #maxRows: number
  #sincePrune = 0
  /** The newest epoch seen; rows of earlier ones are gone. */
  #epoch: number

  constructor(sql: SqlStorage, maxRows = MAX_ROWS) {
    this.#sql = sql
    this.#maxRows = maxRows
    this.#epoch = sql.exec<{ epoch: number }>('SELECT coalesce(max(epoch), 0) AS epoch FROM ledger').one().epoch
  }

  /** What the request was answered, or undefined when it is unknown in this epoch. */
  recall(key: string, epoch: number): Settled | undefined {
    this.#enter(epoch)
    const pending = this.#pending.get(key)
    if (pending) return pending.epoch === epoch ? pending : undefined
    const [row] = this.#sql
      .exec<{ outcomes: string | null }>('SELECT outcomes FROM ledger WHERE key = ? AND epoch = ?', key, epoch)
      .toArray()
    return row && { epoch, outcomes: row.outcomes === null ? null : (JSON.parse(row.outcomes) as string[]) }
  }

  /** Remembered at once, durable with the next `flush`. */
  note(key: string, settled: Settled, atMs: number): void {
    this.#enter(settled.epoch)
    if (settled.epoch === this.#epoch) this.#pending.set(key, { ...settled, atMs })
  }

  get hasPending(): boolean {
    return this.#pending.size > 0
  }

  /** Writes what was noted, in one statement. */
  flush(): void {
    if (this.#pending.size === 0) return
    const rows = [...this.#pending].map(([key, { epoch, outcomes, atMs }]) => [
      key,
      epoch,
      outcomes === null ? null : JSON.stringify(outcomes),
      atMs,
    ])
    this.#sql.exec(
      `INSERT INTO ledger (key, epoch, outcomes, at_ms)
       SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
       ON CONFLICT (key) DO UPDATE SET epoch = excluded.epoch, outcomes = excluded.outcomes, at_ms = excluded.at_ms`,
      JSON.stringify(rows),
    )
    this.#pending.clear()
    this.#sincePrune += rows.length
    if (this.#sincePrune >= Math.min(PRUNE_EVERY_ROWS, this.#maxRows)) this.#cut()
  }

  /** Drops what is older than 30 days. True while anything is left. */
  prune(nowMs: number): boolean {
    this.flush()
    this.#sql.exec('DELETE FROM ledger WHERE at_ms < ?', nowMs - KEEP_MS)
    this.#cut()
    return this.#sql.exec<{ any: number }>('SELECT EXISTS (SELECT 1 FROM ledger) AS "any"').one().any === 1
  }

  /** Keeps the newest rows. */
  #cut(): void {
    this.#sincePrune = 0
    this.#sql.exec('DELETE FROM ledger WHERE position <= (SELECT max(position) FROM ledger) - ?', this.#maxRows)
  }

  /** With a new epoch, rows disappeared wholesale: what was settled before may have to be stored again. */
  #enter(epoch: number): void {
    if (epoch <= this.#epoch) return
    this.#epoch = epoch
    this.#pending.clear()
    this.#sql.exec('DELETE FROM ledger WHERE epoch < ?', epoch)
  }
}
