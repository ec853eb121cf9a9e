// Rows to D1: one batch, halved where the database refuses a row until that row is alone, and given up when D1 does not
// answer in time. An attempt that was given up may still succeed: doing it again is harmless.
import type { EpochMs } from '../../domain/context.ts'
import { D1_DEADLINE_MS } from '../../domain/reach.ts'
import type { RowHeader, RowOutcome } from '../../domain/submissions/intake-port.ts'
import { withDeadline } from '../../lib/deadline.ts'
import { isDataFault, isWrongAssumption } from '../../storage/d1-errors.ts'
import type { SettledPush } from '../../storage/repositories.ts'
import { replaceSubmissionRows } from '../../storage/submission-replacement.ts'
import { insertSubmissionRows } from '../../storage/submission-rows.ts'

export interface RowsToWrite {
  header: RowHeader
  /** Submission id per row. */
  ids: string[]
  rows: string[]
  /** Ids that were there a moment ago: a hint. */
  expected?: ReadonlySet<string>
  /** Per request: what is to be written down of a sync client's push in the same transaction. */
  settles?: (SettledPush | null)[]
  /** Whether somebody listened to the last change; see `Replacing`. */
  isHeard?: boolean
}

const NONE: ReadonlySet<string> = new Set()

export interface RowsWritten {
  outcomes: RowOutcome[]
  /** They have left a row in the outbox. */
  outbox: boolean
  /** Per entry of `settles`: where its client stands now. None where nothing was settled. */
  cursors: (number | null)[]
}

/** One outcome per row. Throws when the database itself is at fault, or silent. */
export async function writeRows(
  session: D1DatabaseSession,
  { header, ids, rows, expected = NONE, settles = [], isHeard = true }: RowsToWrite,
  nowMs: EpochMs,
): Promise<RowsWritten> {
  try {
    return await withDeadline(
      writeAtOnce(session, { header, ids, rows, expected, settles, isHeard }, nowMs),
      D1_DEADLINE_MS,
    )
  } catch (error) {
    if (!isDataFault(error) || isWrongAssumption(error)) throw error
    if (rows.length === 1)
      return { outcomes: [{ kind: 'refused', reason: (error as Error).message }], outbox: false, cursors: [] }
    // Whoever had something to settle does so when it is known what became of the rows.
    const half = rows.length >> 1
    const left = await writeRows(
      session,
      { header, expected, ids: ids.slice(0, half), rows: rows.slice(0, half) },
      nowMs,
    )
    const right = await writeRows(session, { header, expected, ids: ids.slice(half), rows: rows.slice(half) }, nowMs)
    return { outcomes: [...left.outcomes, ...right.outcomes], outbox: left.outbox || right.outbox, cursors: [] }
  }
}

async function writeAtOnce(
  session: D1DatabaseSession,
  { header, ids, rows, expected, settles, isHeard }: Required<RowsToWrite>,
  nowMs: EpochMs,
): Promise<RowsWritten> {
  if (header.onKnown === 'replace')
    return replaceSubmissionRows(session, header.tenantId, header, rows, { atMs: nowMs, expected, settles, isHeard })
  const { stored, outbox } = await insertSubmissionRows(session, header.tenantId, header, rows, nowMs)
  const outcomes = ids.map((id): RowOutcome => {
    const seq = stored.get(id)
    if (seq === undefined) return { kind: 'duplicate' }
    // The first of two equal ids in a group is the one that was stored.
    stored.delete(id)
    return { kind: 'created', seq }
  })
  return { outcomes, outbox, cursors: [] }
}
