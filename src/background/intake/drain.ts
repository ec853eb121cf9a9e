// From the object's write-ahead log to D1, oldest first. Whatever is wrong with a row, it leaves the log: as a
// submission, as the duplicate of one, or into quarantine. Only weather stops the drain, and then nothing was removed.
import type { Deps } from '../../domain/context.ts'
import { D1_DEADLINE_MS } from '../../domain/reach.ts'
import type { RowHeader, RowOutcome } from '../../domain/submissions/intake-port.ts'
import { quarantineRows } from '../../domain/submissions/quarantine-rows.ts'
import { sendExpansion } from '../../domain/webhooks/announce.ts'
import { withDeadline } from '../../lib/deadline.ts'
import type { FormId, SubmissionId } from '../../lib/ids.ts'
import { isUnreachable } from '../../storage/d1-errors.ts'
import { findLiveFormIds } from '../../storage/forms.ts'
import type { Backlog, Piece } from '../../storage/intake-backlog.ts'
import type { Ledger } from '../../storage/intake-ledger.ts'
import { deleteTexts } from '../../storage/large-texts.ts'
import { findAnswerKeys } from '../../storage/submission-history.ts'
import { decodeRow } from '../../storage/submission-rows.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import { findTenant } from '../../storage/tenants.ts'
import { sameHeader } from './group-commit.ts'
import { MAX_GROUP_CHARS, MAX_GROUP_ROWS } from './limits.ts'
import { type RowsToWrite, type RowsWritten, writeRows } from './write-rows.ts'

/** After so many failures that are no weather, rows go one by one, to find the one that is at fault. */
const PATIENCE = 3
/** Each is a statement of its own. */
const QUARANTINE_ROWS = 50

export class Drain {
  readonly #deps: Deps
  readonly #backlog: Backlog<RowHeader>
  readonly #ledger: Ledger
  #running: Promise<number> | null = null
  #strangeFailures = 0

  constructor(deps: Deps, backlog: Backlog<RowHeader>, ledger: Ledger) {
    this.#deps = deps
    this.#backlog = backlog
    this.#ledger = ledger
  }

  /** Until nothing is left or D1 fails. Returns how many rows are left; never throws. */
  run(): Promise<number> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #run(): Promise<number> {
    const startMs = this.#deps.clock()
    const before = this.#backlog.rowCount
    try {
      if (await this.#dropOfDeletedTenant()) return 0
      for (let pieces = this.#next(); pieces.length > 0; pieces = this.#next()) {
        await this.#settle(pieces)
        this.#strangeFailures = 0
      }
    } catch (error) {
      if (!isUnreachable(error)) this.#strangeFailures++
      this.#deps.log({ level: 'error', event: 'drain_stopped', left: this.#backlog.rowCount, error: String(error) })
      return this.#backlog.rowCount
    }
    const ms = this.#deps.clock() - startMs
    if (before > 0) this.#deps.log({ level: 'info', event: 'drained', rows: before, ms })
    return this.#backlog.rowCount
  }

  #next(): Piece<RowHeader>[] {
    const rows = this.#strangeFailures < PATIENCE ? MAX_GROUP_ROWS : 1
    return this.#backlog.oldest({ rows, chars: MAX_GROUP_CHARS }, sameHeader)
  }

  /** What a deleted tenant's credential handed in goes the way of the tenant's other data. */
  async #dropOfDeletedTenant(): Promise<boolean> {
    const [first] = this.#backlog.oldest({ rows: 1, chars: 1 }, sameHeader)
    if (!first) return true
    let deleted: boolean
    try {
      const tenant = await withDeadline(findTenant(this.#deps.directory, first.header.tenantId), D1_DEADLINE_MS)
      deleted = !tenant || tenant.status === 'deleted'
    } catch (error) {
      // The shard may be there without the directory: what was acknowledged should not wait for both.
      this.#deps.log({ level: 'warn', event: 'directory_unavailable', error: String(error) })
      return false
    }
    if (deleted) this.#backlog.clear()
    return deleted
  }

  async #settle(pieces: Piece<RowHeader>[]): Promise<void> {
    const { header } = pieces[0]!
    const rows: RowsToWrite = {
      header,
      ids: pieces.flatMap((piece) => piece.ids),
      rows: pieces.flatMap((piece) => piece.rows),
    }
    const dead = await this.#formsGone(rows)
    const alive = keep(rows, (i) => !dead.has(i))
    const { outcomes, outbox } = alive.rows.length === 0 ? { outcomes: [], outbox: false } : await this.#write(alive)
    if (outbox) sendExpansion(this.#deps, { id: header.tenantId, shard: header.shard })
    const refused = [...dead].map(([i, reason]) => ({ row: rows.rows[i]!, reason }))
    for (const [i, outcome] of outcomes.entries())
      if (outcome.kind === 'refused') refused.push({ row: alive.rows[i]!, reason: outcome.reason })
    for (let from = 0; from < refused.length; from += QUARANTINE_ROWS) {
      const some = refused.slice(from, from + QUARANTINE_ROWS)
      await withDeadline(quarantineRows(this.#deps, header, some), D1_DEADLINE_MS)
    }
    await this.#dropUnnamedAnswers(alive, outcomes)
    this.#backlog.remove(pieces.at(-1)!.position)
    // Replays of what was settled whole need not ask D1.
    if (refused.length > 0) return
    for (const { keys, epoch } of pieces)
      for (const key of keys) this.#ledger.note(key, { epoch, outcomes: null }, this.#deps.clock())
  }

  /** Large answers are in R2 before their row. Of a duplicate they have none, unless it was drained once before; of an
   *  erased submission nothing may be left. */
  async #dropUnnamedAnswers({ header, ids, rows }: RowsToWrite, outcomes: RowOutcome[]): Promise<void> {
    const suspects = new Map<string, SubmissionId>()
    for (const [i, { kind }] of outcomes.entries()) {
      if (kind !== 'duplicate' && kind !== 'unchanged') continue
      const { dataKey } = decodeRow(rows[i]!)
      if (dataKey !== null) suspects.set(dataKey, ids[i] as SubmissionId)
    }
    if (suspects.size === 0) return
    const db = openTenantDb(this.#deps.shard(header.shard), header.tenantId)
    const named = await withDeadline(findAnswerKeys(db, [...suspects.values()]), D1_DEADLINE_MS)
    const unnamed = [...suspects.keys()].filter((key) => !named.has(key))
    if (unnamed.length > 0) await deleteTexts(this.#deps.blobs, unnamed)
  }

  /** Rows whose form was deleted while they waited, by position: stored they would be invisible for ever. */
  async #formsGone({ header, rows }: RowsToWrite): Promise<Map<number, string>> {
    const forms = rows.map((row) => decodeRow(row).formId as FormId)
    const db = openTenantDb(this.#deps.shard(header.shard), header.tenantId)
    const live = await withDeadline(findLiveFormIds(db, [...new Set(forms)]), D1_DEADLINE_MS)
    const gone = new Map<number, string>()
    for (const [i, form] of forms.entries())
      if (!live.has(form)) gone.set(i, 'The form was deleted while this submission waited for the database.')
    return gone
  }

  async #write(rows: RowsToWrite): Promise<RowsWritten> {
    const session = this.#deps.shard(rows.header.shard).withSession('first-primary')
    if (this.#strangeFailures < PATIENCE) return writeRows(session, rows, this.#deps.clock())
    const outcomes: RowOutcome[] = []
    let outbox = false
    for (let i = 0; i < rows.rows.length; i++) {
      try {
        const one = keep(rows, (other) => other === i)
        const written = await writeRows(session, one, this.#deps.clock())
        outcomes.push(...written.outcomes)
        outbox ||= written.outbox
      } catch (error) {
        if (isUnreachable(error)) throw error
        outcomes.push({ kind: 'refused', reason: String(error) })
      }
    }
    return { outcomes, outbox, cursors: [] }
  }
}

const keep = ({ header, ids, rows }: RowsToWrite, wanted: (index: number) => boolean): RowsToWrite => ({
  header,
  ids: ids.filter((_, i) => wanted(i)),
  rows: rows.filter((_, i) => wanted(i)),
})
