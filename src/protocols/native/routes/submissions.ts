// Submissions: one at a time, in bulk, and read back. Source: contracts/native.md, section 10.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { readLacking } from '../../../domain/submissions/lacking.ts'
import {
  MAX_BULK_BYTES,
  MAX_BULK_ITEMS,
  MAX_NAME_CHARS,
  MAX_SUBMISSION_BYTES,
  type Outcome,
} from '../../../domain/submissions/model.ts'
import { type ListInput, readSubmission, readSubmissions } from '../../../domain/submissions/read.ts'
import { submitMany } from '../../../domain/submissions/submit.ts'
import { decodeCursor, encodeCursor } from '../../../lib/cursor.ts'
import type { FormId, FormVersionId, SubmissionId } from '../../../lib/ids.ts'
import { arrayElementSpans } from '../../../lib/json-spans.ts'
import { setRateHeaders } from '../auth.ts'
import { readJson } from '../body.ts'
import { readBulkItem } from '../bulk-items.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { bodyId, flagParam, intParam, isoTimeParam, pathId, seqOfCursor } from '../params.ts'
import { pickOf, pickShape } from '../pick-query.ts'
import {
  etagOf,
  issueOf,
  ListedSubmission,
  renderDetail,
  renderListed,
  SubmissionDetail,
  SubmissionIssue,
} from '../submission-shapes.ts'

const Answers = z
  .record(z.string(), z.unknown())
  .meta({ description: 'Answers by field id', example: { full_name: 'Amina Otieno', age: 34 } })

const SubmissionBody = z
  .object({
    form_id: bodyId<FormId>().nullish(),
    form_version_id: bodyId<FormVersionId>(),
    local_uuid: z.string().max(MAX_NAME_CHARS).nullish().meta({
      description: "The client's own id. What comes twice under one id is stored once.",
      example: '0b0f9a43-5a0e-4f6e-8d7e-3f0c3c1a2b11',
    }),
    data: Answers.optional(),
    data_json: Answers.optional().meta({ description: 'Alias of data' }),
    device_id: z.string().max(MAX_NAME_CHARS).nullish(),
    collected_at: isoTimeParam().nullish(),
  })
  .refine((body) => (body.data ?? body.data_json) !== undefined, { path: ['data'], message: 'Field required' })
  .meta({ id: 'SubmissionInput' })

const Submitted = z.object({ id: z.string(), status: z.enum(['accepted', 'ignored']), local_uuid: z.string() }).meta({
  id: 'Submitted',
  description: '`ignored`: a submission with this local_uuid was there already; `id` is its id',
})

const BulkItem = z
  .looseObject({
    form_version_id: z.string(),
    local_uuid: z.string().nullish(),
    data: Answers,
    collected_at: z.string().nullish(),
    device_id: z.string().nullish(),
  })
  .meta({ id: 'BulkItem' })

// Not a zod schema: the router would validate one, and a batch is never refused because of one of its items.
const bulkItems = { type: 'array' as const, maxItems: MAX_BULK_ITEMS, items: { $ref: '#/components/schemas/BulkItem' } }
const bulkBody = {
  description: 'At most 100 submissions, 32 MB. Each is judged on its own.',
  oneOf: [bulkItems, { type: 'object' as const, required: ['submissions'], properties: { submissions: bulkItems } }],
}

const Kept = z.object({
  index: z.number().int(),
  local_uuid: z.string(),
  id: z.string(),
  issues: z.array(SubmissionIssue).optional(),
})

const BulkAnswer = z
  .object({
    accepted: z.array(Kept).meta({ description: "Stored now; with `issues` where answers break the form's rules" }),
    ignored: z.array(Kept).meta({ description: 'Stored before, under the same local_uuid' }),
    errors: z
      .array(
        z.object({ index: z.number().int(), local_uuid: z.string().nullable(), error: z.string(), code: z.string() }),
      )
      .meta({ description: 'Not stored as submissions; kept in quarantine' }),
  })
  .meta({ id: 'BulkAnswer' })

const SORTS = ['arrived', '-arrived', 'collected', '-collected', 'updated', '-updated'] as const

const listQuery = z.object({
  form_id: bodyId<FormId>().optional(),
  ...pickShape,
  missing_media: flagParam().openapi({
    description:
      'Only those whose answers name files that nobody has uploaded. Such pages have no `X-Total-Count`, may be shorter ' +
      'than `limit`, and are turned with `cursor` alone',
  }),
  skip: intParam({ min: 0, fallback: 0 }),
  limit: intParam({ min: 1, max: 1000, fallback: 50 }),
  page: intParam({ min: 1, fallback: 1 }),
  per_page: intParam({ min: 1, max: 1000, fallback: 0 }),
  sort: z
    .enum(SORTS)
    .default('-arrived')
    .meta({ description: '`-` turns it around. By `arrived`, by when it was `collected`, or by its last change' }),
  cursor: z
    .string()
    .max(400)
    .optional()
    .meta({ description: '`X-Next-Cursor` of the page before: pages that stay put while data arrives' }),
})

const routes = router()
routes.openAPIRegistry.register('BulkItem', BulkItem)

export const submissions = routes
  .openapi(
    operation(
      'submission.create',
      {
        method: 'post',
        path: '/submissions',
        operationId: 'submit',
        summary: 'Send one submission',
        description:
          "Answers that break the form's rules are refused with every fault named. A known local_uuid is never refused.",
        tags: ['Submissions'],
        request: { body: jsonRequest(SubmissionBody) },
        responses: { 201: json(Submitted, 'Stored, or known already') },
        fails: ['token_invalid', 'device_token_invalid', 'answers_invalid', 'version_unknown', 'version_unpublished'],
      },
      { maxBodyBytes: MAX_SUBMISSION_BYTES, checkedOnSubmit: true },
    ),
    async (c) => {
      const body = c.req.valid('json')
      const { outcomes, rate } = await submitMany(
        c.var.ctx,
        [
          {
            kind: 'submission',
            target: { versionId: body.form_version_id, formId: body.form_id ?? null },
            localUuid: body.local_uuid || null,
            data: body.data ?? body.data_json ?? {},
            collectedAt: body.collected_at ?? null,
            reportedDeviceId: body.device_id ?? null,
          },
        ],
        { verb: 'submission.create', onFaults: 'refuse', rawOf: () => '' },
      )
      setRateHeaders(c, rate)
      return c.json(submittedOf(outcomes[0]!), 201)
    },
  )
  .openapi(
    operation(
      'submission.create',
      {
        method: 'post',
        path: '/submissions/bulk',
        operationId: 'submitBulk',
        summary: 'Send up to 100 submissions',
        description:
          'Answers 200 with one outcome per item. Match `accepted` and `ignored` by local_uuid (or index) and forget those on the device; nothing is stored twice when the same batch is sent again.',
        tags: ['Submissions'],
        request: { body: { required: true, content: { 'application/json': { schema: bulkBody } } } },
        responses: { 200: json(BulkAnswer, 'What became of each item') },
        fails: ['token_invalid', 'device_token_invalid', 'too_many_items'],
      },
      { ownBody: true, checkedOnSubmit: true },
    ),
    async (c) => {
      const { value, text } = await readJson(c, MAX_BULK_BYTES)
      const items = bulkItemsOf(value)
      if (items.length > MAX_BULK_ITEMS) throw errors.tooManyItems(MAX_BULK_ITEMS)
      let spans: ReturnType<typeof arrayElementSpans>
      const rawOf = (index: number): string => {
        spans ??= arrayElementSpans(text, 'submissions')
        const span = spans?.[index]
        if (!span) throw new Error(`Item ${index} of a bulk body has no source text`)
        return text.slice(span.start, span.end)
      }
      const read = items.map(readBulkItem)
      const { outcomes, rate } = await submitMany(c.var.ctx, read, {
        verb: 'submission.create',
        onFaults: 'flag',
        rawOf,
      })
      setRateHeaders(c, rate)
      c.var.requestLog.rows = outcomes.length
      return c.json(bulkAnswerOf(outcomes), 200)
    },
  )
  .openapi(
    operation('submission.read', {
      method: 'get',
      path: '/submissions',
      operationId: 'listSubmissions',
      summary: 'List submissions, newest first unless `sort` says otherwise',
      description: 'The number of all that match is in `X-Total-Count`; `X-Next-Cursor` is there while more follow.',
      tags: ['Submissions'],
      request: { query: listQuery },
      responses: { 200: json(z.array(ListedSubmission), 'A page') },
      fails: ['token_invalid'],
    }),
    async (c) => {
      const query = c.req.valid('query')
      const limit = query.per_page || query.limit
      const pick = { formId: query.form_id, ...pickOf(query) }
      if (query.missing_media) {
        if (query.sort !== '-arrived')
          throw errors.valueInvalid(['query', 'sort'], 'With missing_media, the list is newest first. Leave sort out.')
        const before = query.cursor === undefined ? undefined : seqOfCursor(query.cursor)
        const { items, next } = await readLacking(c.var.ctx, { ...pick, limit, before })
        if (next !== null) c.header('X-Next-Cursor', encodeCursor([next]))
        return c.json(
          items.map(({ submission }) => renderListed(submission)),
          200,
        )
      }
      const skip = query.page > 1 ? (query.page - 1) * limit : query.skip
      const order = orderOf(query.sort)
      const after = query.cursor === undefined ? undefined : placeOfCursor(query.cursor, order)
      const result = await readSubmissions(c.var.ctx, { ...pick, order, after, limit, skip })
      c.header('X-Total-Count', String(result.total))
      if (result.next !== null) c.header('X-Next-Cursor', cursorOfPlace(result.next, order))
      c.var.requestLog.rows = result.items.length
      return c.json(result.items.map(renderListed), 200)
    },
  )
  .openapi(
    operation('submission.read', {
      method: 'get',
      path: '/submissions/{id}',
      operationId: 'getSubmission',
      summary: 'Read one submission with its fields and files',
      description: 'The `ETag` is the revision: send it as `If-Match` with an edit.',
      tags: ['Submissions'],
      request: { params: z.object({ id: pathId<SubmissionId>(errors.submissionNotFound) }) },
      responses: { 200: json(SubmissionDetail, 'The submission') },
      fails: ['token_invalid', 'submission_not_found'],
    }),
    async (c) => {
      const found = await readSubmission(c.var.ctx, c.req.valid('param').id)
      c.header('ETag', etagOf(found.submission))
      return c.json(renderDetail(found), 200)
    },
  )

type SubmissionOrder = ListInput['order']
type SubmissionPlace = NonNullable<ListInput['after']>

const orderOf = (sort: (typeof SORTS)[number]): SubmissionOrder => ({
  by: sort.replace('-', '') as SubmissionOrder['by'],
  descending: sort.startsWith('-'),
})

/** By arrival, a place is one number, as cursors have always been. */
const cursorOfPlace = ({ value, createdSeq }: SubmissionPlace, { by }: SubmissionOrder): string =>
  encodeCursor(by === 'arrived' ? [createdSeq] : [by, value, createdSeq])

/** Throws `body_invalid` (422). */
function placeOfCursor(text: string, { by }: SubmissionOrder): SubmissionPlace {
  if (by === 'arrived') {
    const createdSeq = seqOfCursor(text)
    return { value: createdSeq, createdSeq }
  }
  const [of, value, createdSeq] = decodeCursor(text, 3) ?? []
  if (of !== by || typeof value !== 'number' || typeof createdSeq !== 'number')
    throw errors.valueInvalid(['query', 'cursor'], 'This is no cursor of ours in this order. Start without one.')
  return { value, createdSeq }
}

function submittedOf(outcome: Outcome): z.infer<typeof Submitted> {
  if (outcome.kind === 'rejected' || outcome.kind === 'quarantined') throw outcome.error
  return { id: outcome.id, status: outcome.kind === 'created' ? 'accepted' : 'ignored', local_uuid: outcome.localUuid }
}

/** Throws 422 when the body is neither a list nor `{submissions: [...]}`. */
function bulkItemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'object' && value !== null && 'submissions' in value && Array.isArray(value.submissions))
    return value.submissions
  throw errors.valueInvalid(['body'], 'Send a list of submissions, or {"submissions": [...]}')
}

function bulkAnswerOf(outcomes: Outcome[]): z.infer<typeof BulkAnswer> {
  const answer: z.infer<typeof BulkAnswer> = { accepted: [], ignored: [], errors: [] }
  for (const [index, outcome] of outcomes.entries()) {
    switch (outcome.kind) {
      case 'created':
      case 'updated': {
        const kept = { index, local_uuid: outcome.localUuid, id: outcome.id }
        answer.accepted.push(outcome.issues.length > 0 ? { ...kept, issues: outcome.issues.map(issueOf) } : kept)
        break
      }
      case 'duplicate':
      case 'unchanged':
        answer.ignored.push({ index, local_uuid: outcome.localUuid, id: outcome.id })
        break
      default:
        answer.errors.push({
          index,
          local_uuid: outcome.localUuid,
          error: outcome.error.message,
          code: outcome.error.code,
        })
    }
  }
  return answer
}
