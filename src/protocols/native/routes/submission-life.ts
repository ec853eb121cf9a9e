// The life of a submission after it has come home: edits, deletion, erasure, review. What it was before is in
// submission-history.ts.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { type EditResult, editSubmission } from '../../../domain/submissions/edit.ts'
import { eraseSubmission } from '../../../domain/submissions/erase.ts'
import { MAX_SUBMISSION_BYTES } from '../../../domain/submissions/model.ts'
import { MAX_COMMENT_CHARS, reviewSubmission } from '../../../domain/submissions/review.ts'
import { deleteSubmission, restoreSubmission } from '../../../domain/submissions/trash.ts'
import type { SubmissionId } from '../../../lib/ids.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { pathId } from '../params.ts'
import { etagOf, ListedSubmission, ReviewState, renderListed } from '../submission-shapes.ts'
import { Ok } from './sessions.ts'

const params = z.object({ id: pathId<SubmissionId>(errors.submissionNotFound) })
const tags = ['Submissions']
const Answers = z.record(z.string(), z.unknown())
const CommentText = z.string().trim().min(1).max(MAX_COMMENT_CHARS)

const EditBody = z
  .object({
    base_revision: z
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: 'The revision that the edit was made from; or send its ETag as `If-Match`' }),
    data: Answers.optional().meta({ description: 'All answers, as they shall be' }),
    changes: z
      .object({ set: Answers.default({}), unset: z.array(z.string()).max(5_000).default([]) })
      .optional()
      .meta({
        description: 'Or only what changes, by top-level field',
        example: { set: { age: 35 }, unset: ['tags'] },
      }),
    accept_issues: z
      .boolean()
      .default(false)
      .meta({ description: 'Store answers that break the rules of the form, with `issues`. For managers' }),
    comment: CommentText.optional(),
  })
  .refine((body) => (body.data === undefined) !== (body.changes === undefined), {
    path: ['data'],
    message: 'Send either data or changes',
  })
  .meta({ id: 'SubmissionEdit' })

const Conflict = z
  .object({
    detail: z.string(),
    code: z.literal('revision_conflict'),
    request_id: z.string(),
    base: z.number().int().meta({ description: 'The revision that the edit was made from' }),
    fields: z.array(z.string()).meta({ description: 'Top-level fields that both sides changed' }),
    yours: Answers.meta({ description: 'All answers, as the edit wanted them' }),
    theirs: ListedSubmission.meta({ description: 'The submission as it is now' }),
  })
  .meta({ id: 'RevisionConflict' })

export const submissionLife = router()
  .openapi(
    operation(
      'submission.update',
      {
        method: 'patch',
        path: '/submissions/{id}',
        operationId: 'editSubmission',
        summary: 'Edit the answers',
        description:
          'Optimistic: what others changed since the base revision is merged field by field. Where both changed the ' +
          'same top-level field, the answer is 409 with both sides. The history keeps every state.',
        tags,
        request: { params, body: jsonRequest(EditBody) },
        responses: {
          200: json(ListedSubmission, 'The submission as it is now; the same revision when nothing differs'),
          409: json(Conflict, '`revision_conflict`, `answers_unreadable`'),
        },
        fails: ['submission_not_found', 'submission_reviewed', 'answers_invalid'],
      },
      { maxBodyBytes: MAX_SUBMISSION_BYTES },
    ),
    async (c) => {
      const { base_revision, data, changes, accept_issues, comment } = c.req.valid('json')
      const result = await editSubmission(c.var.ctx, c.req.valid('param').id, {
        base: base_revision ?? baseOf(c.req.header('if-match')),
        answers: data !== undefined ? { data } : { set: changes!.set, unset: changes!.unset },
        acceptIssues: accept_issues,
        comment,
      })
      if (result.kind === 'conflict') return c.json(conflictOf(result, c.var.requestId), 409)
      c.header('ETag', etagOf(result.submission))
      return c.json(renderListed(result.submission), 200)
    },
  )
  .openapi(
    operation('submission.delete', {
      method: 'delete',
      path: '/submissions/{id}',
      operationId: 'deleteSubmission',
      summary: 'Put a submission into the trash',
      description: 'It can be restored for 30 days, then it is erased.',
      tags,
      request: { params },
      responses: { 204: { description: 'Deleted' } },
      fails: ['submission_not_found', 'submission_reviewed'],
    }),
    async (c) => {
      await deleteSubmission(c.var.ctx, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
  .openapi(
    operation('submission.delete', {
      method: 'post',
      path: '/submissions/{id}/restore',
      operationId: 'restoreSubmission',
      summary: 'Take a submission out of the trash',
      tags,
      request: { params },
      responses: { 200: json(ListedSubmission, 'The submission as it is now') },
      fails: ['submission_not_found', 'restore_too_late'],
    }),
    async (c) => {
      const submission = await restoreSubmission(c.var.ctx, c.req.valid('param').id)
      c.header('ETag', etagOf(submission))
      return c.json(renderListed(submission), 200)
    },
  )
  .openapi(
    operation('submission.erase', {
      method: 'post',
      path: '/submissions/{id}/erase',
      operationId: 'eraseSubmission',
      summary: 'Erase a submission for good',
      description:
        'Answers, files, comments, all earlier states and exports of the form go; an id with its times stays, so that a ' +
        "phone's retry cannot bring the answers back. There is no undo.",
      tags,
      request: {
        params,
        body: jsonRequest(
          z.object({
            confirm: z.literal(true),
            reason: z.string().trim().max(500).optional().meta({ description: 'For the audit log' }),
          }),
        ),
      },
      responses: { 200: json(Ok, 'Erased') },
      fails: ['submission_not_found'],
    }),
    async (c) => {
      await eraseSubmission(c.var.ctx, c.req.valid('param').id, c.req.valid('json').reason)
      return c.json({ status: 'ok' as const }, 200)
    },
  )
  .openapi(
    operation('submission.review', {
      method: 'post',
      path: '/submissions/{id}/review',
      operationId: 'reviewSubmission',
      summary: 'Set the review state',
      tags,
      request: { params, body: jsonRequest(z.object({ state: ReviewState, comment: CommentText.optional() })) },
      responses: { 200: json(ListedSubmission, 'The submission as it is now') },
      fails: ['submission_not_found'],
    }),
    async (c) => {
      const submission = await reviewSubmission(c.var.ctx, c.req.valid('param').id, c.req.valid('json'))
      c.header('ETag', etagOf(submission))
      return c.json(renderListed(submission), 200)
    },
  )

/** `If-Match: *` means whatever is there; a revision in any other spelling than ours names nothing. */
function baseOf(ifMatch: string | undefined): number | 'latest' {
  if (ifMatch?.trim() === '*') return 'latest'
  const revision = /^\s*"([1-9]\d{0,9})"\s*$/.exec(ifMatch ?? '')?.[1]
  if (revision === undefined)
    throw errors.valueInvalid(['body', 'base_revision'], 'Field required: base_revision, or the ETag as If-Match')
  return Number(revision)
}

const conflictOf = (
  { base, fields, yours, theirs }: Extract<EditResult, { kind: 'conflict' }>,
  requestId: string,
): z.infer<typeof Conflict> => ({
  detail: `Somebody else has changed ${fields.join(', ')} since revision ${base}.`,
  code: 'revision_conflict',
  request_id: requestId,
  base,
  fields,
  yours,
  theirs: renderListed(theirs),
})
