// The audit log, for admins.
import { z } from '@hono/zod-openapi'
import { type AuditRecord, readAudit } from '../../../domain/audit/read.ts'
import { errors } from '../../../domain/errors.ts'
import { decodeCursor, encodeCursor } from '../../../lib/cursor.ts'
import { isoTime, parseIsoTime } from '../../../lib/iso-time.ts'
import { json, operation, router } from '../operation.ts'
import { intParam, isoTimeParam, Timestamp } from '../params.ts'

const AuditItem = z
  .object({
    id: z.number().int(),
    at: Timestamp,
    action: z.string().meta({ example: 'form.published' }),
    subject_kind: z.string().meta({ example: 'form' }),
    subject_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).meta({ description: 'What changed; depends on the action' }),
    actor_kind: z
      .enum(['user', 'device', 'key', 'system'])
      .meta({ description: '`system`: the platform operator, or nobody who is known (failed logins)' }),
    actor_id: z.string().nullable(),
    actor_label: z.string().nullable().meta({ description: 'E-mail, device label or name of the key, as it is now' }),
    user_id: z.string().nullable().meta({ description: 'Who acted, or for whom the device acts' }),
    user_email: z.string().nullable().meta({ description: 'Or username' }),
    device_id: z.string().nullable(),
    protocol: z.string(),
    request_id: z.string().meta({ description: "Finds the request's line in the server's log" }),
  })
  .meta({ id: 'AuditRecord' })

const itemOf = (record: AuditRecord): z.infer<typeof AuditItem> => ({
  id: record.id,
  at: isoTime(record.atMs),
  action: record.action,
  subject_kind: record.subjectKind,
  subject_id: record.subjectId,
  details: record.details,
  actor_kind: record.actorKind,
  actor_id: record.actorId,
  actor_label: record.actorLabel,
  user_id: record.userId,
  user_email: record.userLabel,
  device_id: record.deviceId,
  protocol: record.protocol,
  request_id: record.requestId,
})

const query = z.object({
  action: z.string().max(100).optional().meta({ example: 'form.published' }),
  actor: z.string().max(100).optional().meta({ description: 'Id of the user, device or key that acted' }),
  subject: z.string().max(100).optional().meta({ description: 'Id of what was acted on' }),
  from: isoTimeParam().optional(),
  to: isoTimeParam().optional().meta({ description: 'Inclusive' }),
  limit: intParam({ min: 1, max: 1000, fallback: 100 }),
  cursor: z.string().max(400).optional().meta({ description: '`cursor` of the page before' }),
})

export const audit = router().openapi(
  operation('audit.read', {
    method: 'get',
    path: '/audit',
    operationId: 'listAudit',
    summary: 'Who did what, newest first',
    description:
      'Every administrative act, and failed logins. Several failures of one account within a minute are one record with a `count`.',
    tags: ['Audit'],
    request: { query },
    responses: {
      200: json(
        z.object({
          items: z.array(AuditItem),
          cursor: z.string().nullable().meta({ description: 'For the next page; null at the end' }),
          has_more: z.boolean(),
        }),
        'A page',
      ),
    },
    fails: ['token_invalid'],
  }),
  async (c) => {
    const { action, actor, subject, from, to, limit, cursor } = c.req.valid('query')
    const { items, next } = await readAudit(c.var.ctx, {
      action,
      actorId: actor,
      subjectId: subject,
      fromMs: msOf(from),
      toMs: msOf(to),
      before: cursor === undefined ? undefined : idOf(cursor),
      limit,
    })
    c.var.requestLog.rows = items.length
    return c.json(
      { items: items.map(itemOf), cursor: next === null ? null : encodeCursor([next]), has_more: next !== null },
      200,
    )
  },
)

const msOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseIsoTime(text)?.ms)

/** Throws `body_invalid` (422). */
function idOf(cursor: string): number {
  const [id] = decodeCursor(cursor, 1) ?? []
  if (typeof id !== 'number')
    throw errors.valueInvalid(['query', 'cursor'], 'This is no cursor of ours. Start without one.')
  return id
}
