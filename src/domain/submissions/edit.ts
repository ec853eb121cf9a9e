// Editing a submission's answers. Whoever edits says which revision they looked at; what others changed meanwhile is
// merged field by field, and only where both changed the same field it is a conflict, told with both sides.
import { validateAnswers } from '../../forms/validate.ts'
import type { MediaId, SubmissionId } from '../../lib/ids.ts'
import { deleteTexts, largeAnswersKey, putText } from '../../storage/large-texts.ts'
import { deleteMediaUpload, insertMediaUpload } from '../../storage/media.ts'
import { type ChangeItem, changeSubmissions, type ReviewState } from '../../storage/submission-changes.ts'
import { authorOf } from '../access/author.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { loadVersion } from '../forms/versions.ts'
import { applyFields, changedFields, mergeAnswers } from './diff.ts'
import { answersAt } from './history.ts'
import { type Issue, MAX_INLINE_BYTES, MAX_SUBMISSION_BYTES } from './model.ts'
import { type Submission, withAnswers } from './read.ts'
import { addComment, newComment } from './review.ts'
import { CHANGE_ATTEMPTS, requireStanding, type Standing, submissionAct } from './stand.ts'
import { refuseReviewed } from './trash.ts'

type Answers = Record<string, unknown>

export interface EditInput {
  /** The revision that the edit was made from; `latest` overwrites whatever is there. */
  base: number | 'latest'
  /** The answers as a whole, or single top-level fields. */
  answers: { data: Answers } | { set: Answers; unset: string[] }
  /** Faulty answers are stored and flagged. For reviewers. */
  acceptIssues: boolean
  comment?: string
}

export type EditResult =
  | { kind: 'edited' | 'unchanged'; submission: Submission }
  | {
      kind: 'conflict'
      base: number
      /** Top-level fields that both sides changed. */
      fields: string[]
      /** The answers as the editor wants them. */
      yours: Answers
      theirs: Submission
    }

/**
 * Throws `submission_not_found`, `submission_reviewed` and `forbidden` (403), `answers_invalid` (422),
 * `body_too_large`, `answers_unreadable` (409).
 */
export async function editSubmission(ctx: Ctx, id: SubmissionId, input: EditInput): Promise<EditResult> {
  for (let attempt = 0; attempt < CHANGE_ATTEMPTS; attempt++) {
    const standing = await requireStanding(ctx, 'submission.update', id)
    refuseReviewed(ctx, standing)
    if (input.acceptIssues) authorize(ctx, 'submission.review', { projectId: standing.projectId })
    const head = await withAnswers(ctx, standing.row)
    if (head.dataKind !== 'json') throw errors.answersUnreadable()
    const theirs = JSON.parse(head.data) as Answers
    const wanted = await bringTogether(ctx, standing, theirs, input)
    if ('conflict' in wanted)
      return { kind: 'conflict', base: wanted.base, fields: wanted.conflict, yours: wanted.yours, theirs: head }
    if (changedFields(theirs, wanted.merged).size === 0) {
      if (input.comment !== undefined) await addComment(ctx, id, input.comment)
      return { kind: 'unchanged', submission: head }
    }
    const item = await judge(ctx, head, wanted.merged, input)
    if (await store(ctx, item, input.comment))
      return {
        kind: 'edited',
        submission: await withAnswers(ctx, (await requireStanding(ctx, 'submission.read', id)).row),
      }
    // Somebody was faster: look at what they made of it.
  }
  throw errors.unavailable()
}

type Wanted = { merged: Answers } | { conflict: string[]; base: number; yours: Answers }

async function bringTogether(
  ctx: Ctx,
  { row }: Standing,
  theirs: Answers,
  { base, answers }: EditInput,
): Promise<Wanted> {
  const edit = (from: Answers): Answers =>
    'data' in answers ? answers.data : applyFields(from, answers.set, answers.unset)
  if (base === 'latest' || base === row.revision) return { merged: edit(theirs) }
  if (base > row.revision)
    throw errors.valueInvalid(['body', 'base_revision'], `The submission is at revision ${row.revision}.`)
  const before = await answersAt(ctx, row, base)
  // Nobody knows any more what the base looked like: everything is the editor's word against what is there.
  const from = before ?? {}
  const yours = edit(from)
  const { merged, conflicts } = mergeAnswers(from, yours, theirs)
  return conflicts.length > 0 ? { conflict: conflicts, base, yours } : { merged }
}

type EditItem = ChangeItem & { content: NonNullable<ChangeItem['content']> }

async function judge(ctx: Ctx, head: Submission, answers: Answers, { acceptIssues }: EditInput): Promise<EditItem> {
  const version = head.formVersionId && (await loadVersion(ctx, head.formVersionId))
  const faults: Issue[] = version ? validateAnswers(version.form, answers) : []
  if (faults.length > 0 && !acceptIssues) throw errors.answersInvalid(faults.map(({ message }) => message))
  // Doubts about the time of collection are not answered by other answers.
  const ofTime = version
    ? head.issues.filter(
        ({ path }) => path === 'collected_at' && !version.form.answers.some((plan) => plan.id === 'collected_at'),
      )
    : head.issues
  const issues = [...faults, ...ofTime]
  const data = JSON.stringify(answers)
  const dataBytes = Buffer.byteLength(data, 'utf8')
  if (dataBytes > MAX_SUBMISSION_BYTES) throw errors.bodyTooLarge(MAX_SUBMISSION_BYTES)
  return {
    id: head.id,
    revision: head.revision,
    content: { data, dataKey: null, dataBytes, issues: issues.length > 0 ? JSON.stringify(issues) : null },
    reviewState: stateAfter(head.reviewState, issues),
  }
}

/** What nobody has reviewed yet is sorted by its faults; a reviewer's word stands. */
function stateAfter(state: ReviewState, issues: Issue[]): ReviewState {
  if (state === 'approved' || state === 'rejected') return state
  return issues.length > 0 ? 'has_issues' : 'received'
}

/** False when the submission was changed or deleted meanwhile. */
async function store(ctx: Ctx, item: EditItem, comment: string | undefined): Promise<boolean> {
  const upload = await moveLargeAnswers(ctx, item)
  const changed = await changeSubmissions(ctx.db, { kind: 'edit', ...authorOf(ctx), atMs: ctx.nowMs }, [item], {
    upload,
    comment: comment === undefined ? undefined : newComment(ctx, item.id, comment),
    audit: submissionAct(ctx, 'edited', item.id, { from_revision: item.revision }),
  })
  if (changed.length > 0) return true
  if (upload && item.content.dataKey !== null) {
    await deleteTexts(ctx.deps.blobs, [item.content.dataKey])
    await deleteMediaUpload(ctx.db, upload)
  }
  return false
}

/** Answers that are too large for a row go into R2 before the row that names them. The upload's note lets the sweep find
 *  an object whose row was never written. */
async function moveLargeAnswers(ctx: Ctx, { id, content }: EditItem): Promise<MediaId | undefined> {
  if (content.dataBytes <= MAX_INLINE_BYTES) return undefined
  const upload = ctx.deps.newId<MediaId>()
  content.dataKey = largeAnswersKey(ctx.tenant.id, id, upload)
  await insertMediaUpload(ctx.db, { mediaId: upload, objectKey: content.dataKey, startedAtMs: ctx.nowMs })
  await putText(ctx.deps.blobs, content.dataKey, content.data!)
  content.data = null
  return upload
}
