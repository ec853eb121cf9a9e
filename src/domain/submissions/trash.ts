// Deleting and restoring submissions. A deleted one is a tombstone in the feed and in the trash for 30 days, then it is
// erased (erase.ts). Doing it again is no fault.
import type { SubmissionId } from '../../lib/ids.ts'
import { changeSubmissions } from '../../storage/submission-changes.ts'
import { authorOf } from '../access/author.ts'
import { readsAllSubmissions } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { type Submission, withAnswers } from './read.ts'
import { CHANGE_ATTEMPTS, findStanding, requireStanding, type Standing, submissionAct } from './stand.ts'

export const TRASH_MS = 30 * 24 * 3_600_000

/** Throws `submission_not_found`, `submission_reviewed` (403, field workers). */
export async function deleteSubmission(ctx: Ctx, id: SubmissionId): Promise<void> {
  const standing = await requireStanding(ctx, 'submission.delete', id)
  refuseReviewed(ctx, standing)
  const item = { id, revision: null }
  const audit = submissionAct(ctx, 'deleted', id)
  const changed = await changeSubmissions(ctx.db, { kind: 'delete', ...authorOf(ctx), atMs: ctx.nowMs }, [item], {
    audit,
  })
  if (changed.length === 0) throw errors.submissionNotFound()
}

/** The submission as it is now. Throws `submission_not_found`, `restore_too_late` (409). */
export async function restoreSubmission(ctx: Ctx, id: SubmissionId): Promise<Submission> {
  for (let attempt = 0; attempt < CHANGE_ATTEMPTS; attempt++) {
    const { row } = await findStanding(ctx, 'submission.delete', id)
    if (row.erasedAtMs !== null) throw errors.submissionNotFound()
    if (row.deletedAtMs === null) return withAnswers(ctx, row)
    if (row.deletedAtMs < ctx.nowMs - TRASH_MS) throw errors.restoreTooLate()
    const by = { kind: 'restore' as const, ...authorOf(ctx), atMs: ctx.nowMs }
    await changeSubmissions(ctx.db, by, [{ id, revision: row.revision }], { audit: submissionAct(ctx, 'restored', id) })
  }
  throw errors.unavailable()
}

/** What was approved or rejected is no longer its sender's to change. */
export function refuseReviewed(ctx: Ctx, { row, projectId }: Standing): void {
  const open = row.reviewState === 'received' || row.reviewState === 'has_issues'
  if (!open && !readsAllSubmissions(ctx, projectId)) throw errors.submissionReviewed()
}
