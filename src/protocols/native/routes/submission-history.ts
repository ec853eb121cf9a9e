// What a submission was, who made it so, and what people said about it.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { type Difference, pathOf } from '../../../domain/submissions/diff.ts'
import { readHistory, readRevision } from '../../../domain/submissions/history.ts'
import { type Comment, MAX_COMMENT_CHARS, readComments, writeComment } from '../../../domain/submissions/review.ts'
import type { SubmissionId } from '../../../lib/ids.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { intParam, pathId, Timestamp } from '../params.ts'
import { ReviewState } from '../submission-shapes.ts'

const params = z.object({ id: pathId<SubmissionId>(errors.submissionNotFound) })
const tags = ['Submissions']

const Actor = z
  .object({
    kind: z.enum(['user', 'device', 'key', 'system']),
    id: z.string().nullable(),
    label: z.string().nullable().meta({ description: 'E-mail, device label or name of the key, as it is now' }),
  })
  .meta({ id: 'Actor' })

const CHANGES = ['create', 'edit', 'delete', 'restore', 'review', 'erase'] as const

const DifferenceShape = z
  .object({
    path: z.string().meta({ example: 'hh[1].m_name' }),
    from: z.unknown().optional().meta({ description: 'Absent: there was nothing' }),
    to: z.unknown().optional().meta({ description: 'Absent: there is nothing any more' }),
  })
  .meta({ id: 'Difference' })

const stateAt = {
  revision: z.number().int(),
  change: z.enum(CHANGES),
  at: Timestamp,
  actor: Actor,
  review_state: ReviewState,
}

const HistoryEntry = z.object({ ...stateAt, diff: z.array(DifferenceShape) }).meta({ id: 'HistoryEntry' })

const Revision = z
  .object({
    ...stateAt,
    form_version_id: z.string().nullable(),
    data: z.record(z.string(), z.unknown()).nullable().meta({ description: 'null: erased, or not readable' }),
  })
  .meta({ id: 'Revision' })

const CommentShape = z.object({ id: z.string(), body: z.string(), at: Timestamp, actor: Actor }).meta({ id: 'Comment' })

export const submissionHistory = router()
  .openapi(
    operation('submission.read', {
      method: 'get',
      path: '/submissions/{id}/history',
      operationId: 'getSubmissionHistory',
      summary: 'Every change of a submission, newest first',
      description: 'Deleted and erased submissions have a history, too; of erased ones it tells no answers.',
      tags,
      request: {
        params,
        query: z.object({
          before: intParam({ min: 0, fallback: 0 }).openapi({ description: 'Only revisions below this one' }),
          limit: intParam({ min: 1, max: 200, fallback: 100 }),
        }),
      },
      responses: { 200: json(z.array(HistoryEntry), 'Who changed what, and when') },
      fails: ['submission_not_found'],
    }),
    async (c) => {
      const { before, limit } = c.req.valid('query')
      const entries = await readHistory(c.var.ctx, c.req.valid('param').id, { before: before || undefined, limit })
      return c.json(
        entries.map(({ atMs, reviewState, differences, ...entry }) => ({
          ...entry,
          at: isoTime(atMs),
          review_state: reviewState,
          diff: differences.map(differenceOf),
        })),
        200,
      )
    },
  )
  .openapi(
    operation('submission.read', {
      method: 'get',
      path: '/submissions/{id}/revisions/{n}',
      operationId: 'getSubmissionRevision',
      summary: 'A submission as it was in one revision',
      tags,
      request: { params: params.extend({ n: revisionParam() }) },
      responses: { 200: json(Revision, 'The revision') },
      fails: ['submission_not_found', 'revision_not_found'],
    }),
    async (c) => {
      const { id, n } = c.req.valid('param')
      const { atMs, reviewState, formVersionId, ...revision } = await readRevision(c.var.ctx, id, n)
      const body = { ...revision, at: isoTime(atMs), review_state: reviewState, form_version_id: formVersionId }
      return c.json(body, 200)
    },
  )
  .openapi(
    operation('submission.read', {
      method: 'get',
      path: '/submissions/{id}/comments',
      operationId: 'listSubmissionComments',
      summary: 'Comments, oldest first',
      tags,
      request: { params },
      responses: { 200: json(z.array(CommentShape), 'At most 1,000') },
      fails: ['submission_not_found'],
    }),
    async (c) => c.json((await readComments(c.var.ctx, c.req.valid('param').id)).map(commentOf), 200),
  )
  .openapi(
    operation('submission.comment', {
      method: 'post',
      path: '/submissions/{id}/comments',
      operationId: 'addSubmissionComment',
      summary: 'Comment on a submission',
      tags,
      request: {
        params,
        body: jsonRequest(z.object({ body: z.string().trim().min(1).max(MAX_COMMENT_CHARS) })),
      },
      responses: { 201: json(CommentShape, 'Written') },
      fails: ['submission_not_found'],
    }),
    async (c) =>
      c.json(commentOf(await writeComment(c.var.ctx, c.req.valid('param').id, c.req.valid('json').body)), 201),
  )

function revisionParam() {
  return z
    .string()
    .transform((text): number => {
      if (!/^[1-9]\d{0,9}$/.test(text)) throw errors.revisionNotFound()
      return Number(text)
    })
    .openapi({ type: 'integer', minimum: 1 })
}

const differenceOf = ({ steps, from, to }: Difference): z.infer<typeof DifferenceShape> => ({
  path: pathOf(steps),
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
})

const commentOf = ({ id, body, atMs, actor }: Comment): z.infer<typeof CommentShape> => ({
  id,
  body,
  at: isoTime(atMs),
  actor,
})
