// Quarantine: payloads that could not be stored as submissions. Somebody looks at them, sends them through again, or
// discards them.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import {
  type QuarantinedMeta,
  readPayload,
  readQuarantine,
  requireQuarantined,
} from '../../../domain/quarantine/read.ts'
import { discardQuarantined, replayQuarantined } from '../../../domain/quarantine/settle.ts'
import type { IntakeItem } from '../../../domain/submissions/model.ts'
import { encodeCursor } from '../../../lib/cursor.ts'
import { contentDisposition } from '../../../lib/file-name.ts'
import type { DeviceId, FormVersionId } from '../../../lib/ids.ts'
import { isoTime, isoTimeOrNull } from '../../../lib/iso-time.ts'
import { readBulkItem } from '../bulk-items.ts'
import { json, jsonRequest, operation, optionalJsonRequest, router } from '../operation.ts'
import { bodyId, cursorParam, intParam, pathId, seqOfCursor, Timestamp } from '../params.ts'
import { Ok } from './sessions.ts'

const params = z.object({ id: pathId<string>(errors.quarantinedNotFound) })
const tags = ['Quarantine']

const Quarantined = z
  .object({
    id: z.string(),
    state: z.enum(['open', 'replayed', 'discarded']),
    reason: z.string().meta({ description: 'Code of the error that the sender was told', example: 'version_unknown' }),
    message: z.string(),
    protocol: z.string(),
    content_type: z.string(),
    size_bytes: z.number().int(),
    sha256: z.string(),
    arrivals: z.number().int().meta({ description: 'How often the same bytes came' }),
    user_id: z.string().nullable(),
    device_id: z.string().nullable(),
    key_id: z.string().nullable(),
    submission_id: z.string().nullable().meta({ description: 'What it names, or became when it was replayed' }),
    received_at: Timestamp,
    settled_at: Timestamp.nullable(),
    settled_by: z.string().nullable(),
    settled_note: z.string().nullable(),
  })
  .meta({ id: 'Quarantined' })

const Replayed = z
  .object({
    outcome: z.enum(['created', 'duplicate', 'rejected']),
    submission_id: z.string().nullable(),
    error: z.string().nullable().meta({ description: 'Why it still cannot be stored; it stays open' }),
    code: z.string().nullable(),
  })
  .meta({ id: 'Replayed' })

export const quarantine = router()
  .openapi(
    operation('quarantine.read', {
      method: 'get',
      path: '/quarantine',
      operationId: 'listQuarantine',
      summary: 'What could not be stored, newest first',
      tags,
      request: {
        query: z.object({
          state: z.enum(['open', 'replayed', 'discarded']).optional(),
          reason: z.string().max(100).optional(),
          device_id: bodyId<DeviceId>().optional(),
          limit: intParam({ min: 1, max: 500, fallback: 50 }),
          cursor: cursorParam(),
        }),
      },
      responses: {
        200: json(
          z
            .object({ items: z.array(Quarantined), cursor: z.string().nullable(), has_more: z.boolean() })
            .meta({ id: 'QuarantinePage' }),
          'A page',
        ),
      },
    }),
    async (c) => {
      const { state, reason, device_id, limit, cursor } = c.req.valid('query')
      const before = cursor === undefined ? undefined : seqOfCursor(cursor)
      const { items, next } = await readQuarantine(c.var.ctx, { state, reason, deviceId: device_id, before, limit })
      return c.json(
        { items: items.map(metaOf), cursor: next === null ? null : encodeCursor([next]), has_more: next !== null },
        200,
      )
    },
  )
  .openapi(
    operation('quarantine.read', {
      method: 'get',
      path: '/quarantine/{id}',
      operationId: 'getQuarantined',
      summary: 'One payload, without its bytes',
      tags,
      request: { params },
      responses: { 200: json(Quarantined, 'What is known of it') },
      fails: ['quarantined_not_found'],
    }),
    async (c) => {
      const found = await requireQuarantined(c.var.ctx, 'quarantine.read', c.req.valid('param').id)
      return c.json(metaOf(found), 200)
    },
  )
  .openapi(
    operation('quarantine.read', {
      method: 'get',
      path: '/quarantine/{id}/body',
      operationId: 'getQuarantinedBody',
      summary: 'The payload, byte for byte',
      tags,
      request: { params },
      responses: {
        200: {
          description: 'With the content type that it came with, as an attachment',
          content: { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } },
        },
      },
      fails: ['quarantined_not_found'],
    }),
    async (c) => {
      const found = await requireQuarantined(c.var.ctx, 'quarantine.read', c.req.valid('param').id)
      const extension = /json/.test(found.contentType) ? 'json' : /xml/.test(found.contentType) ? 'xml' : 'bin'
      return new Response(await readPayload(c.var.ctx, found), {
        headers: {
          'Content-Type': found.contentType,
          'Content-Disposition': contentDisposition('attachment', `${found.id}.${extension}`),
          'X-Content-Type-Options': 'nosniff',
          'Cache-Control': 'private, no-store',
        },
      })
    },
  )
  .openapi(
    operation('quarantine.settle', {
      method: 'post',
      path: '/quarantine/{id}/replay',
      operationId: 'replayQuarantined',
      summary: 'Send a payload through once more',
      description:
        'For the user, device or key that sent it first. Faulty answers are stored with `issues`, as from a phone.',
      tags,
      request: {
        params,
        body: optionalJsonRequest(
          z.object({
            form_version_id: bodyId<FormVersionId>()
              .optional()
              .openapi({ description: 'Instead of the version that the payload names' }),
          }),
        ),
      },
      responses: { 200: json(Replayed, 'What became of it') },
      fails: ['quarantined_not_found', 'quarantined_settled'],
    }),
    async (c) => {
      const { form_version_id } = c.req.valid('json')
      const result = await replayQuarantined(c.var.ctx, c.req.valid('param').id, {
        versionId: form_version_id,
        read: (payload) => readAgain(payload, form_version_id),
      })
      const answer =
        result.kind === 'rejected'
          ? { submission_id: null, error: result.error.message, code: result.error.code }
          : { submission_id: result.submissionId, error: null, code: null }
      return c.json({ outcome: result.kind, ...answer }, 200)
    },
  )
  .openapi(
    operation('quarantine.settle', {
      method: 'post',
      path: '/quarantine/{id}/discard',
      operationId: 'discardQuarantined',
      summary: 'Close a payload that is worth nothing',
      description: 'Its bytes stay readable.',
      tags,
      request: { params, body: jsonRequest(z.object({ reason: z.string().trim().min(1).max(500) })) },
      responses: { 200: json(Ok, 'Discarded') },
      fails: ['quarantined_not_found', 'quarantined_settled'],
    }),
    async (c) => {
      await discardQuarantined(c.var.ctx, c.req.valid('param').id, c.req.valid('json').reason)
      return c.json({ status: 'ok' as const }, 200)
    },
  )

/** Payloads of the native API are items of a bulk request. The version that replaces theirs is put in before they are
 *  read, because without a readable one they are no submissions. */
function readAgain(
  { protocol, text }: { protocol: string; text: string },
  versionId: FormVersionId | undefined,
): IntakeItem | null {
  if (protocol !== 'native') return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { kind: 'unreadable', localUuid: null, message: `The payload is not JSON: ${(error as Error).message}` }
  }
  const item = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  return readBulkItem(item && versionId ? { ...item, form_version_id: versionId, form_id: null } : value)
}

const metaOf = (row: QuarantinedMeta): z.infer<typeof Quarantined> => ({
  id: row.id,
  state: row.state,
  reason: row.reason,
  message: row.message,
  protocol: row.protocol,
  content_type: row.contentType,
  size_bytes: row.sizeBytes,
  sha256: row.sha256,
  arrivals: row.arrivals,
  user_id: row.userId,
  device_id: row.deviceId,
  key_id: row.keyId,
  submission_id: row.submissionId,
  received_at: isoTime(row.receivedAtMs),
  settled_at: isoTimeOrNull(row.settledAtMs),
  settled_by: row.settledBy,
  settled_note: row.settledNote,
})
