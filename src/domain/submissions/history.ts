// The history of a submission: every state it was in, who made it so, and what differed from the one before.
import type { SubmissionId } from '../../lib/ids.ts'
import type { ReviewState } from '../../storage/submission-changes.ts'
import { findRevision, listRevisions, type StoredRevision } from '../../storage/submission-history.ts'
import type { StoredSubmission } from '../../storage/submissions.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { type Difference, diffAnswers } from './diff.ts'
import { readText } from './read.ts'
import { type Author, authorsOf } from './review.ts'
import { findStanding } from './stand.ts'

/** Of one revision; the rest is in the revisions themselves. */
export const MAX_DIFFERENCES = 1_000

export interface HistoryEntry {
  revision: number
  change: StoredRevision['change']
  atMs: EpochMs
  actor: Author
  reviewState: ReviewState
  differences: Difference[]
}

/** Newest first, below the revision `before`. Deleted and erased submissions have one, too. Throws
 *  `submission_not_found`. */
export async function readHistory(
  ctx: Ctx,
  id: SubmissionId,
  { before, limit }: { before?: number; limit: number },
): Promise<HistoryEntry[]> {
  const { row } = await findStanding(ctx, 'submission.read', id)
  const revisions = await listRevisions(ctx.db, id, { before, limit: limit + 1 })
  // Never changed: its first state is the row itself.
  if (row.revision === 1 && revisions.length === 0 && (before === undefined || before > 1))
    revisions.push(firstRevisionOf(row))
  const authors = await authorsOf(ctx, revisions)
  const texts = await Promise.all(revisions.map((revision) => textOf(ctx, revision)))
  return revisions.slice(0, limit).map((revision, index) => ({
    revision: revision.revision,
    change: revision.change,
    atMs: revision.atMs,
    actor: authors(revision),
    reviewState: revision.reviewState,
    differences: differencesOf(texts[index + 1], texts[index]!),
  }))
}

export interface Revision {
  revision: number
  change: StoredRevision['change']
  formVersionId: string | null
  atMs: EpochMs
  actor: Author
  reviewState: ReviewState
  /** Null when it was erased, or is no JSON object. */
  data: Record<string, unknown> | null
}

/** Throws `submission_not_found`, `revision_not_found`. */
export async function readRevision(ctx: Ctx, id: SubmissionId, revision: number): Promise<Revision> {
  const { row } = await findStanding(ctx, 'submission.read', id)
  const found = await revisionOf(ctx, row, revision)
  if (!found) throw errors.revisionNotFound()
  const authors = await authorsOf(ctx, [found])
  return {
    revision,
    change: found.change,
    formVersionId: found.formVersionId,
    atMs: found.atMs,
    actor: authors(found),
    reviewState: found.reviewState,
    data: answersOf(await textOf(ctx, found)),
  }
}

/** The answers as they were in an earlier revision; null when there is no such revision, or nothing readable in it. */
export async function answersAt(
  ctx: Ctx,
  row: StoredSubmission,
  revision: number,
): Promise<Record<string, unknown> | null> {
  const found = await revisionOf(ctx, row, revision)
  return found ? answersOf(await textOf(ctx, found)) : null
}

async function revisionOf(ctx: Ctx, row: StoredSubmission, revision: number): Promise<StoredRevision | undefined> {
  const found = await findRevision(ctx.db, row.id, revision)
  return found ?? (revision === row.revision ? firstRevisionOf(row) : undefined)
}

const firstRevisionOf = (row: StoredSubmission): StoredRevision => ({
  ...row,
  submissionId: row.id,
  change: 'create',
  atMs: row.submittedAtMs,
})

/** Null when the answers were erased. */
const textOf = async (ctx: Ctx, { data, dataKey }: Pick<StoredRevision, 'data' | 'dataKey'>): Promise<string | null> =>
  data === null && dataKey === null ? null : readText(ctx, data, dataKey)

function answersOf(text: string | null): Record<string, unknown> | null {
  if (text === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Encrypted or opaque: kept as it came, not to be looked into.
    return null
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

function differencesOf(before: string | null | undefined, after: string | null): Difference[] {
  const from = answersOf(before ?? null)
  const to = answersOf(after)
  // Without a state before (the first one) and after an erasure there is nothing to compare.
  return from && to && before !== after ? diffAnswers(from, to, MAX_DIFFERENCES) : []
}
