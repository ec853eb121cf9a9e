// Many submissions at once: actions by filter with undo, and the list of photos that never came. Mounted before the
// routes of single submissions, whose `{id}` would take these paths.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import {
  type BulkAction,
  MAX_AT_ONCE,
  readBulkAction,
  startBulkAction,
  undoBulkAction,
} from '../../../domain/submissions/bulk-actions.ts'
import { readLacking } from '../../../domain/submissions/lacking.ts'
import { encodeCursor } from '../../../lib/cursor.ts'
import type { FormId } from '../../../lib/ids.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { bodyId, cursorParam, intParam, pathId, seqOfCursor, Timestamp } from '../params.ts'
import { MissingMedia, missingOf, ReviewState } from '../submission-shapes.ts'

const params = z.object({ id: pathId<string>(errors.bulkActionNotFound) })
const tags = ['Submissions']

const Operation = z
  .object({
    operation_id: z.string(),
    action: z.enum(['delete', 'restore', 'review']),
    review_state: ReviewState.nullable(),
    state: z.enum(['running', 'done', 'undoing', 'undone']),
    matched: z.number().int().meta({ description: 'How many matched the filter when it began' }),
    affected: z.number().int().meta({ description: 'How many were changed so far' }),
    undone: z.number().int().meta({ description: 'How many were changed back; not those that somebody changed since' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'BulkAction' })

const BulkActionBody = z
  .object({
    action: z.enum(['delete', 'restore', 'review']),
    state: ReviewState.optional().meta({ description: 'With `review`: the state to set' }),
    filter: z
      .strictObject({
        form_id: bodyId<FormId>().optional(),
        start_date: z.string().max(64).optional(),
        end_date: z.string().max(64).optional(),
        from: z.string().max(64).optional(),
        to: z.string().max(64).optional(),
        mode: z.enum(['live', 'test']).default('live'),
        review_state: ReviewState.optional(),
        issues: z.boolean().optional(),
      })
      .meta({ description: 'As in the list of submissions; `restore` looks in the trash. `{}` means all' }),
    expected_count: z
      .number()
      .int()
      .min(0)
      .optional()
      .meta({ description: 'What the list said. Another number of matches is refused, with nothing changed' }),
  })
  .refine((body) => (body.action === 'review') === (body.state !== undefined), {
    path: ['state'],
    message: '`state` belongs to `review`, and `review` needs it',
  })
  .meta({ id: 'BulkActionInput' })

const answers = {
  200: json(Operation, 'Done'),
  202: json(Operation, `Begun: more than ${MAX_AT_ONCE} are changed in the background; ask for the progress`),
}

export const bulkActions = router()
  .openapi(
    operation('submission.bulk', {
      method: 'post',
      path: '/submissions/bulk-actions',
      operationId: 'startBulkAction',
      summary: 'Delete, restore or review all submissions that match',
      tags,
      request: { body: jsonRequest(BulkActionBody) },
      responses: answers,
      fails: ['form_not_found', 'bulk_count_changed'],
    }),
    async (c) => {
      const { action, state, filter, expected_count } = c.req.valid('json')
      const begun = await startBulkAction(c.var.ctx, {
        action,
        state,
        pick: {
          formId: filter.form_id,
          from: filter.start_date ?? filter.from,
          to: filter.end_date ?? filter.to,
          mode: filter.mode,
          reviewState: filter.review_state,
          hasIssues: filter.issues,
        },
        expectedCount: expected_count,
      })
      return c.json(operationOf(begun), begun.state === 'running' ? 202 : 200)
    },
  )
  .openapi(
    operation('submission.bulk', {
      method: 'get',
      path: '/submissions/bulk-actions/{id}',
      operationId: 'getBulkAction',
      summary: 'How far a bulk action is',
      tags,
      request: { params },
      responses: { 200: json(Operation, 'The action') },
      fails: ['bulk_action_not_found'],
    }),
    async (c) => c.json(operationOf(await readBulkAction(c.var.ctx, c.req.valid('param').id)), 200),
  )
  .openapi(
    operation('submission.bulk', {
      method: 'post',
      path: '/submissions/bulk-actions/{id}/undo',
      operationId: 'undoBulkAction',
      summary: 'Take a bulk action back',
      description: 'Exactly the submissions that it changed, except those that somebody has changed since.',
      tags,
      request: { params },
      responses: answers,
      fails: ['bulk_action_not_found', 'bulk_action_busy'],
    }),
    async (c) => {
      const undone = await undoBulkAction(c.var.ctx, c.req.valid('param').id)
      return c.json(operationOf(undone), undone.state === 'undoing' ? 202 : 200)
    },
  )
  .openapi(
    operation('submission.read', {
      method: 'get',
      path: '/submissions/missing-media',
      operationId: 'listMissingMedia',
      summary: 'Photos and files that answers name and nobody has uploaded',
      description: 'Newest submission first. A page may be short, even empty, and still have a next one.',
      tags,
      request: {
        query: z.object({
          form_id: bodyId<FormId>().optional(),
          mode: z.enum(['live', 'test']).default('live'),
          limit: intParam({ min: 1, max: 500, fallback: 100 }).openapi({ description: 'Submissions on a page' }),
          cursor: cursorParam(),
        }),
      },
      responses: {
        200: json(
          z
            .object({
              items: z.array(MissingMedia.extend({ submission_id: z.string() }).meta({ id: 'MissingMediaOf' })),
              cursor: z.string().nullable(),
              has_more: z.boolean(),
            })
            .meta({ id: 'MissingMediaPage' }),
          'A page',
        ),
      },
    }),
    async (c) => {
      const { form_id, mode, limit, cursor } = c.req.valid('query')
      const { items, next } = await readLacking(c.var.ctx, {
        formId: form_id,
        mode,
        limit,
        before: cursor === undefined ? undefined : seqOfCursor(cursor),
      })
      return c.json(
        {
          items: items.flatMap(({ submission, missing }) =>
            missing.map((answer) => ({ submission_id: submission.id, ...missingOf(answer) })),
          ),
          cursor: next === null ? null : encodeCursor([next]),
          has_more: next !== null,
        },
        200,
      )
    },
  )

const operationOf = (action: BulkAction): z.infer<typeof Operation> => ({
  operation_id: action.id,
  action: action.action,
  review_state: action.reviewState,
  state: action.state,
  matched: action.matched,
  affected: action.affected,
  undone: action.undone,
  created_at: isoTime(action.createdAtMs),
  updated_at: isoTime(action.updatedAtMs),
})
