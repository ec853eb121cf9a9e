// The feed of changes, for whoever keeps a copy: dashboards, warehouses, integrations. The reader stores one cursor.
import { z } from '@hono/zod-openapi'
import type { TypedResponse } from 'hono'
import type { JSONParsed } from 'hono/utils/types'
import {
  CHANGE_KINDS,
  type Change,
  type ChangedSubmission,
  type ChangeKind,
  changesSince,
} from '../../../domain/sync/changes.ts'
import { isoTime, isoTimeOrNull } from '../../../lib/iso-time.ts'
import { feedCursor, positionOf } from '../feed-cursor.ts'
import { json, operation, router } from '../operation.ts'
import { intParam, Timestamp } from '../params.ts'
import { SubmissionListItem } from '../submission-shapes.ts'

const place = { seq: z.number().int().meta({ description: 'Rises; gaps mean nothing' }), at: Timestamp }

const SubmissionChange = SubmissionListItem.omit({ data_json: true })
  .extend({ kind: z.literal('submission'), ...place })
  .meta({ id: 'SubmissionChange' })

const MediaChange = z
  .object({
    kind: z.literal('media'),
    ...place,
    id: z.string(),
    submission_id: z.string().nullable(),
    form_id: z.string().nullable(),
    field_id: z.string(),
    repeat_path: z.string(),
    filename: z.string(),
    mime_type: z.string(),
    size_bytes: z.number().int(),
    sha256: z.string(),
  })
  .meta({ id: 'MediaChange' })

const FormChange = z
  .object({
    kind: z.literal('form'),
    ...place,
    id: z.string(),
    project_id: z.string(),
    key: z.string(),
    name: z.string(),
    published: z.boolean(),
    version_num: z.number().int().nullable().meta({ description: 'Of the live version' }),
    current_version_id: z.string().nullable(),
    archived: z.boolean(),
  })
  .meta({ id: 'FormChange' })

const Tombstone = z
  .object({
    kind: z.literal('tombstone'),
    of: z.enum(['submission', 'media', 'form']),
    ...place,
    id: z.string(),
    form_id: z.string().nullable(),
    erased: z.boolean().meta({ description: 'For good; otherwise a deletion that may be undone' }),
  })
  .meta({ id: 'Tombstone', description: "A form's tombstone stands for all its submissions and files, too" })

const Changes = z
  .object({
    items: z.array(z.discriminatedUnion('kind', [SubmissionChange, MediaChange, FormChange, Tombstone])),
    cursor: z.string().meta({ description: 'Store it, and send it as `after` next time' }),
    has_more: z.boolean().meta({ description: 'false: you are up to date' }),
    epoch: z.number().int().meta({
      description:
        'Rises when data disappeared wholesale; an API key may see it some minutes later. Cursors stay good, and tombstones tell what went',
    }),
  })
  .meta({ id: 'Changes' })

const kindsParam = () =>
  z
    .string()
    .max(200)
    .optional()
    .transform((text, context): ReadonlySet<ChangeKind> => {
      const kinds = text ? text.split(',') : CHANGE_KINDS
      const unknown = kinds.filter((kind) => !CHANGE_KINDS.some((known) => known === kind))
      if (unknown.length === 0) return new Set(kinds as ChangeKind[])
      context.addIssue({ code: 'custom', message: `Not a list of ${CHANGE_KINDS.join(', ')}` })
      return z.NEVER
    })
    .openapi({
      type: 'string',
      example: 'submissions,tombstones',
      description: `Any of ${CHANGE_KINDS.join(', ')}, separated by commas; absent: all`,
    })

const query = z.object({
  after: z
    .string()
    .max(400)
    .optional()
    .meta({ description: '`cursor` of the last answer; absent: from the beginning' }),
  limit: intParam({ min: 1, max: 1000, fallback: 100 }),
  kinds: kindsParam(),
  mode: z.enum(['live', 'test']).default('live').meta({ description: 'Data of draft-testing devices is `test`' }),
})

export const changes = router().openapi(
  operation('changes.read', {
    method: 'get',
    path: '/changes',
    operationId: 'listChanges',
    summary: 'What changed after a cursor, in order',
    description:
      'Every row once, in its latest state, where its latest change stands; no change is ever skipped, whoever writes at the same time. A page ends early when its answers exceed 1.5 MB, so go by `has_more`, not by the number of items.',
    tags: ['Changes'],
    request: { query },
    responses: { 200: json(Changes, 'A page') },
    fails: ['token_invalid', 'api_key_invalid'],
  }),
  async (c) => {
    const { after, limit, kinds, mode } = c.req.valid('query')
    const { ctx } = c.var
    const page = await changesSince(ctx, { after: positionOf(after, ['query', 'after']), limit, kinds, mode })
    c.var.requestLog.rows = page.items.length
    const { dataEpoch } = ctx.tenant
    const tail = JSON.stringify({
      cursor: feedCursor(dataEpoch, page.next),
      has_more: page.hasMore,
      epoch: dataEpoch,
    })
    const text = `{"items":[${page.items.map(render).join(',')}],${tail.slice(1)}`
    const answer = c.body(text, 200, { 'Content-Type': 'application/json' })
    // The text is JSON already; its shape is what `render` writes.
    return answer as unknown as Response & TypedResponse<JSONParsed<z.infer<typeof Changes>>, 200, 'json'>
  },
)

/** An item as JSON text. */
function render(change: Change): string {
  const { kind, seq } = change
  const at = isoTime(change.atMs)
  switch (kind) {
    case 'submission':
      return renderSubmission(change.submission, at)
    case 'media': {
      const { media } = change
      return JSON.stringify({
        kind,
        seq,
        at,
        id: media.id,
        submission_id: media.submissionId,
        form_id: media.formId,
        field_id: media.fieldId,
        repeat_path: media.repeatPath,
        filename: media.filename,
        mime_type: media.contentType,
        size_bytes: media.sizeBytes,
        sha256: media.sha256,
      } satisfies z.infer<typeof MediaChange>)
    }
    case 'form': {
      const { form } = change
      return JSON.stringify({
        kind,
        seq,
        at,
        id: form.id,
        project_id: form.projectId,
        key: form.key,
        name: form.name,
        published: form.currentVersionId !== null,
        version_num: form.versionNum,
        current_version_id: form.currentVersionId,
        archived: form.archivedAtMs !== null,
      } satisfies z.infer<typeof FormChange>)
    }
    case 'tombstone': {
      const { of, id, formId, erased } = change
      return JSON.stringify({ kind, of, seq, at, id, form_id: formId, erased } satisfies z.infer<typeof Tombstone>)
    }
  }
}

/** The stored text of the answers goes out as it is: parsing and printing it would take half of a page's time. */
function renderSubmission(submission: ChangedSubmission, at: string): string {
  const head = JSON.stringify({
    kind: 'submission',
    seq: submission.seq,
    at,
    id: submission.id,
    form_id: submission.formId,
    form_version_id: submission.formVersionId,
    local_uuid: submission.localUuid,
    collected_at: isoTimeOrNull(submission.collectedAtMs),
    collected_offset_minutes: submission.collectedOffsetMin,
    submitted_at: isoTime(submission.submittedAtMs),
    submitted_by_email: submission.submittedByLabel,
    user_id: submission.userId,
    device_id: submission.reportedDeviceId ?? submission.deviceId,
    mode: submission.mode,
    protocol: submission.protocol,
    revision: submission.revision,
    review_state: submission.reviewState,
  } satisfies Omit<z.infer<typeof SubmissionChange>, 'data' | 'issues'>)
  // Answers that were encrypted by the client, or are of another system, are no JSON.
  const data = submission.dataKind === 'json' ? submission.data : JSON.stringify(submission.data)
  return `${head.slice(0, -1)},"issues":${submission.issues ?? '[]'},"data":${data}}`
}
