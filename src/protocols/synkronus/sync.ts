// Pull, push and reset. Source: contracts/synkronus.md, sections 4 and 5.
import { Hono } from 'hono'
import { z } from 'zod'
import { errors } from '../../domain/errors.ts'
import { MAX_BULK_BYTES } from '../../domain/submissions/model.ts'
import { pullRecords } from '../../domain/sync/pull.ts'
import { type PushedReply, pushRecords } from '../../domain/sync/push.ts'
import { resetRepository } from '../../domain/sync/reset.ts'
import { arrayElementSpans, type Span } from '../../lib/json-spans.ts'
import { readBody } from '../read-json.ts'
import { guard } from './auth.ts'
import type { SynkronusEnv } from './env.ts'
import { reply, replyText } from './errors.ts'
import { GENERATION, generationOf } from './generation.ts'
import { readRecord, recordText } from './map.ts'
import { checkWire, clientName, parseWire, readWire } from './wire.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 1000
const MAX_RECORDS = 10_000

const Pull = z.object({
  client_id: clientName(),
  since: z.object({ version: z.int().nullish(), id: z.string().nullish() }).nullish(),
  schema_types: z.array(z.string()).max(1_000).nullish(),
  repository_generation: z.int().nullish(),
})

const Push = z.object({
  transmission_id: z
    .string()
    .max(1_000)
    .nullish()
    .transform((id, context) => {
      if (id) return id
      context.addIssue({ code: 'custom', message: 'transmission_id is required' })
      return z.NEVER
    }),
  client_id: clientName(),
  records: z
    .array(z.unknown())
    .nullish()
    .transform((records, context) => {
      if (records) return records
      context.addIssue({ code: 'custom', message: 'records array is required' })
      return z.NEVER
    }),
  repository_generation: z.int().nullish(),
})

const CONFIRMATION = 'RESET_REPOSITORY'

const Reset = z.object({
  confirm: z
    .string()
    .nullish()
    // Not `refine`, which an absent key passes unseen.
    .transform((word, context) => {
      if (word !== CONFIRMATION) context.addIssue({ code: 'custom', message: `confirm must be ${CONFIRMATION}` })
    }),
})

export const sync = new Hono<SynkronusEnv>()
  .post('/sync/pull', guard('sync.pull'), async (c) => {
    const body = await readWire(c, Pull)
    const types = [...(c.req.queries('schemaType') ?? []), ...(body.schema_types ?? [])].filter((type) => type !== '')
    const page = await pullRecords(c.var.ctx, {
      clientId: body.client_id,
      sinceVersion: Math.max(body.since?.version ?? 0, 0),
      limit: limitOf(c.req.query('limit')),
      formKeys: types.length > 0 ? types : null,
      generation: generationOf(c, body.repository_generation),
    })
    c.var.requestLog.rows = page.records.length
    c.header(GENERATION, String(page.generation))
    return replyText(
      c,
      `{"current_version":${page.currentVersion},"repository_generation":${page.generation},` +
        `"records":[${page.records.map(recordText).join(',')}],"change_cutoff":${page.cutoff},` +
        `"has_more":${page.hasMore},"sync_format_version":"1.0"}`,
    )
  })
  .post('/sync/push', guard('sync.push', { checkedOnSubmit: true }), async (c) => {
    const { value, text } = parseWire(await readBody(c.req.raw, MAX_BULK_BYTES))
    // The records are looked at one by one: one that can't be kept must not refuse the others.
    const { records, ...body } = checkWire(Push, value, ['records'])
    if (records.length > MAX_RECORDS) throw errors.bodyMalformed(`A push takes at most ${MAX_RECORDS} records`)
    let spans: Span[] | undefined
    const pushed = await pushRecords(c.var.ctx, {
      clientId: body.client_id,
      transmissionId: body.transmission_id,
      generation: generationOf(c, body.repository_generation),
      records: records.map(readRecord),
      body: text,
      rawOf: (index) => {
        spans ??= arrayElementSpans(text, 'records')
        const { start, end } = spans![index]!
        return text.slice(start, end)
      },
    })
    c.var.requestLog.rows = records.length
    c.header(GENERATION, String(pushed.generation))
    return reply(c, pushReply(pushed, records))
  })
  .post('/admin/repository/reset', guard('sync.reset'), async (c) => {
    await readWire(c, Reset)
    const { generation, actionId } = await resetRepository(c.var.ctx)
    c.header(GENERATION, String(generation))
    const message = `Repository reset. It can be taken back for 30 days: POST /api/v1/submissions/bulk-actions/${actionId}/undo`
    return reply(c, { repository_generation: generation, message })
  })

function pushReply({ currentVersion, generation, successCount, failed }: PushedReply, records: unknown[]) {
  const warnings = records.flatMap((record, index) => {
    if (failed.some((one) => one.index === index)) return []
    const { observation_id: id, form_type, geolocation } = record as Record<string, unknown>
    const found = []
    if (!form_type)
      found.push({ code: 'MISSING_FORM_TYPE', message: 'The record names no form type; it was stored without one' })
    if (geolocation && !isWhole(geolocation))
      found.push({
        code: 'INCOMPLETE_GEOLOCATION',
        message: 'The position has no latitude or no longitude; it was stored as it is',
      })
    return found.map((warning) => ({ id, ...warning }))
  })
  return {
    current_version: currentVersion,
    repository_generation: generation,
    success_count: successCount,
    ...(failed.length > 0 && {
      failed_records: failed.map(({ index, error }) => ({ index, error, record: echoOf(records[index]) })),
    }),
    ...(warnings.length > 0 && { warnings }),
  }
}

const isWhole = (place: { latitude?: number | null; longitude?: number | null }): boolean =>
  place.latitude != null && place.longitude != null

const echoOf = (record: unknown): unknown =>
  typeof record === 'object' && record !== null && !Array.isArray(record) ? { ...record, version: 0 } : record

/** Whatever is no limit is none given. */
function limitOf(text: string | undefined): number {
  const limit = /^[+]?\d{1,9}$/.test(text ?? '') ? Number(text) : 0
  return limit > 0 ? Math.min(limit, MAX_LIMIT) : DEFAULT_LIMIT
}
