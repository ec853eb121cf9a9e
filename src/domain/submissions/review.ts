// What reviewers say about a submission: its state, and comments. A review is a change like an edit: it takes a revision
// and a place in the feed; a comment by itself does not.
import type { SubmissionId } from '../../lib/ids.ts'
import { findActorLabels } from '../../storage/actor-labels.ts'
import { changeSubmissions, type ReviewState } from '../../storage/submission-changes.ts'
import { insertComment, listComments, type StoredComment } from '../../storage/submission-history.ts'
import { authorOf } from '../access/author.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { type Submission, withAnswers } from './read.ts'
import { CHANGE_ATTEMPTS, requireStanding, submissionAct } from './stand.ts'

export const MAX_COMMENT_CHARS = 5_000
export const MAX_COMMENTS = 1_000

/** The submission as it is now; the state it has already makes no revision. Throws `submission_not_found`, `forbidden`. */
export async function reviewSubmission(
  ctx: Ctx,
  id: SubmissionId,
  { state, comment }: { state: ReviewState; comment?: string },
): Promise<Submission> {
  let told = comment === undefined
  for (let attempt = 0; attempt < CHANGE_ATTEMPTS; attempt++) {
    const { row } = await requireStanding(ctx, 'submission.review', id)
    if (row.reviewState === state) {
      if (!told) await addComment(ctx, id, comment!)
      return withAnswers(ctx, row)
    }
    const changed = await changeSubmissions(
      ctx.db,
      { kind: 'review', ...authorOf(ctx), atMs: ctx.nowMs },
      [{ id, revision: row.revision, reviewState: state }],
      {
        comment: told ? undefined : newComment(ctx, id, comment!),
        audit: submissionAct(ctx, 'reviewed', id, { from: row.reviewState, to: state }),
      },
    )
    if (changed.length > 0) told = true
  }
  throw errors.unavailable()
}

export interface Comment {
  id: string
  body: string
  atMs: number
  actor: Author
}

/** Who did something, with the name that the directory has for it now. */
export interface Author {
  kind: StoredComment['actorKind']
  id: string | null
  label: string | null
}

/** Oldest first. Throws `submission_not_found`. */
export async function readComments(ctx: Ctx, id: SubmissionId): Promise<Comment[]> {
  await requireStanding(ctx, 'submission.read', id)
  const rows = await listComments(ctx.db, id, MAX_COMMENTS)
  const authors = await authorsOf(ctx, rows)
  return rows.map((row) => ({ id: row.id, body: row.body, atMs: row.createdAtMs, actor: authors(row) }))
}

/** Throws `submission_not_found`. */
export async function writeComment(ctx: Ctx, id: SubmissionId, body: string): Promise<Comment> {
  await requireStanding(ctx, 'submission.comment', id)
  const row = await addComment(ctx, id, body)
  const authors = await authorsOf(ctx, [row])
  return { id: row.id, body, atMs: row.createdAtMs, actor: authors(row) }
}

export const newComment = (ctx: Ctx, submissionId: SubmissionId, body: string) => ({
  id: ctx.deps.newId<string>(),
  submissionId,
  body,
})

/** A comment by itself. Throws `submission_not_found` when the submission has gone meanwhile. */
export async function addComment(ctx: Ctx, id: SubmissionId, body: string): Promise<Omit<StoredComment, 'tenantId'>> {
  const row = { ...newComment(ctx, id, body), ...authorOf(ctx), createdAtMs: ctx.nowMs }
  if (!(await insertComment(ctx.db, row))) throw errors.submissionNotFound()
  return row
}

/** A function that tells the author of each of these rows; the names are read once. */
export async function authorsOf(
  ctx: Ctx,
  rows: Pick<StoredComment, 'actorKind' | 'actorId'>[],
): Promise<(row: Pick<StoredComment, 'actorKind' | 'actorId'>) => Author> {
  const ids = [...new Set(rows.flatMap(({ actorId }) => actorId ?? []))]
  const labels = await findActorLabels(ctx.deps.directory, ctx.tenant.id, ids)
  return ({ actorKind, actorId }) => ({
    kind: actorKind,
    id: actorId,
    label: (actorId !== null && labels.get(actorId)) || null,
  })
}
