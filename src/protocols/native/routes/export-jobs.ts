// Export jobs: created, followed, cancelled, tried again, downloaded volume by volume.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import {
  cancelExportJob,
  createExportJob,
  type ExportJobRow,
  getVolume,
  readExportJob,
  readExportJobs,
  retryExportJob,
  volumesIn,
} from '../../../domain/exports/jobs.ts'
import { EXPORT_FORMATS } from '../../../domain/exports/model.ts'
import { endOf } from '../../../domain/sync/changes.ts'
import { decodeCursor, encodeCursor } from '../../../lib/cursor.ts'
import type { FormId } from '../../../lib/ids.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { fileResponses, sendFile } from '../download.ts'
import { filtersOf, MAX_FIELDS, pickShape } from '../export-query.ts'
import { feedCursor, positionOf } from '../feed-cursor.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { bodyId, cursorParam, intParam, pathId, Timestamp } from '../params.ts'

const WEEK_SECONDS = 7 * 24 * 3600

const JobBody = z
  .object({
    format: z.enum(EXPORT_FORMATS),
    form_id: bodyId<FormId>(),
    filters: z
      .object({
        ...pickShape,
        version: z.number().int().min(1).optional().meta({ description: 'Version number' }),
        fields: z
          .array(z.string().max(255))
          .max(MAX_FIELDS)
          .optional()
          .meta({ description: 'Ids of fields; a group or repeat stands for all in it' }),
      })
      .prefault({}),
    since: z.string().max(400).optional().meta({
      description: '`cursor` of an export or of `/changes`: only what was changed or deleted after it',
    }),
    labels: z.boolean().default(false).meta({ description: 'Labels of options instead of their values' }),
    lang: z.string().max(100).optional(),
    bom: z.boolean().default(false),
    guard: z.boolean().default(true),
  })
  .meta({ id: 'ExportJobInput' })

const Volume = z
  .object({
    number: z.number().int(),
    filename: z.string(),
    size_bytes: z.number(),
    sha256: z.string(),
    rows: z.number().int(),
    path: z.string().meta({ description: 'To download it with a credential; see `POST /links` for one without' }),
  })
  .meta({ id: 'ExportVolume' })

const Job = z
  .object({
    id: z.string(),
    form_id: z.string(),
    format: z.enum(EXPORT_FORMATS),
    filters: z.record(z.string(), z.unknown()),
    state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'expired']),
    percent: z.number().int(),
    rows: z.number().int().meta({ description: 'Submissions in the finished volumes' }),
    total_rows: z.number().int().meta({ description: 'Submissions that matched when it was created' }),
    error: z.string().nullable().meta({ description: 'Why the last attempt failed' }),
    cursor: z.string().meta({ description: 'As `since` of the next export: what this one does not have' }),
    volumes: z.array(Volume).meta({ description: 'Each is a file that is complete in itself; there when it is done' }),
    created_at: Timestamp,
    updated_at: Timestamp,
    expires_at: Timestamp.meta({ description: 'Until then the volumes are kept' }),
  })
  .meta({ id: 'ExportJob' })

function jobOf(job: ExportJobRow, dataEpoch: number): z.infer<typeof Job> {
  return {
    id: job.id,
    form_id: job.formId,
    format: job.format as z.infer<typeof Job>['format'],
    filters: JSON.parse(job.filters) as Record<string, unknown>,
    state: job.state,
    percent: job.percent,
    rows: job.rowCount,
    total_rows: job.totalRows,
    error: job.error,
    cursor: feedCursor(dataEpoch, endOf(job.untilSeq)),
    volumes:
      job.state === 'done'
        ? volumesIn(job).map(({ number, fileName, bytes, sha256, rows }) => ({
            number,
            filename: fileName,
            size_bytes: bytes,
            sha256,
            rows,
            path: `/api/v1/exports/${job.id}/volumes/${number}`,
          }))
        : [],
    created_at: isoTime(job.createdAtMs),
    updated_at: isoTime(job.updatedAtMs),
    expires_at: isoTime(job.expiresAtMs),
  }
}

const params = z.object({ id: pathId<string>(errors.exportNotFound) })
const tags = ['Exports']

export const exportJobs = router()
  .openapi(
    operation('submission.export', {
      method: 'post',
      path: '/exports',
      operationId: 'createExport',
      summary: 'Export in the background, whatever the size',
      description: 'Holds what the caller may read now. Look at its `state` until it is done; kept for a week.',
      tags,
      request: { body: jsonRequest(JobBody) },
      responses: { 202: json(Job, 'The job') },
      fails: ['token_invalid', 'form_not_found'],
    }),
    async (c) => {
      const { format, form_id, filters, since, labels, lang, bom, guard } = c.req.valid('json')
      const job = await createExportJob(c.var.ctx, {
        format,
        formId: form_id,
        filters: filtersOf(filters),
        since: since === undefined ? undefined : positionOf(since, ['body', 'since']).seq,
        labels,
        language: lang,
        options: { bom, guard },
      })
      return c.json(jobOf(job, c.var.ctx.tenant.dataEpoch), 202)
    },
  )
  .openapi(
    operation('submission.export', {
      method: 'get',
      path: '/exports',
      operationId: 'listExports',
      summary: 'List export jobs, newest first',
      tags,
      request: { query: z.object({ limit: intParam({ min: 1, max: 200, fallback: 50 }), cursor: cursorParam() }) },
      responses: {
        200: json(
          z
            .object({ items: z.array(Job), cursor: z.string().nullable(), has_more: z.boolean() })
            .meta({ id: 'ExportJobPage' }),
          'A page',
        ),
      },
      fails: ['token_invalid'],
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const { ctx } = c.var
      const { items, hasMore } = await readExportJobs(ctx, { before: cursor ? placeOf(cursor) : null, limit })
      const last = items.at(-1)
      return c.json(
        {
          items: items.map((job) => jobOf(job, ctx.tenant.dataEpoch)),
          cursor: hasMore && last ? encodeCursor([last.createdAtMs, last.id]) : null,
          has_more: hasMore,
        },
        200,
      )
    },
  )
  .openapi(
    operation('submission.export', {
      method: 'get',
      path: '/exports/{id}',
      operationId: 'getExport',
      summary: 'How far an export job is',
      tags,
      request: { params },
      responses: { 200: json(Job, 'The job') },
      fails: ['token_invalid', 'export_not_found'],
    }),
    async (c) => {
      const job = await readExportJob(c.var.ctx, c.req.valid('param').id)
      return c.json(jobOf(job, c.var.ctx.tenant.dataEpoch), 200)
    },
  )
  .openapi(
    operation('submission.export', {
      method: 'post',
      path: '/exports/{id}/retry',
      operationId: 'retryExport',
      summary: 'Go on with an export that failed or was cancelled',
      description: 'Volumes that are finished are not made again.',
      tags,
      request: { params },
      responses: { 202: json(Job, 'The job') },
      fails: ['token_invalid', 'export_not_found', 'export_state_conflict'],
    }),
    async (c) => {
      const job = await retryExportJob(c.var.ctx, c.req.valid('param').id)
      return c.json(jobOf(job, c.var.ctx.tenant.dataEpoch), 202)
    },
  )
  .openapi(
    operation('submission.export', {
      method: 'post',
      path: '/exports/{id}/cancel',
      operationId: 'cancelExport',
      summary: 'Stop an export that is not done',
      tags,
      request: { params },
      responses: { 200: json(Job, 'The job') },
      fails: ['token_invalid', 'export_not_found', 'export_state_conflict'],
    }),
    async (c) => {
      const job = await cancelExportJob(c.var.ctx, c.req.valid('param').id)
      return c.json(jobOf(job, c.var.ctx.tenant.dataEpoch), 200)
    },
  )
  .openapi(
    operation('submission.export', {
      method: 'get',
      path: '/exports/{id}/volumes/{number}',
      operationId: 'downloadExport',
      summary: 'Download a volume of an export',
      description: 'Takes `Range` and `If-Range`: a download that broke off goes on where it did.',
      tags,
      request: {
        params: z.object({
          id: pathId<string>(errors.exportNotFound),
          number: z
            .string()
            .transform((text) => {
              if (!/^[1-9]\d{0,5}$/.test(text)) throw errors.exportNotFound()
              return Number(text)
            })
            .openapi({ type: 'integer', minimum: 1 }),
        }),
      },
      responses: fileResponses,
      fails: ['token_invalid', 'export_not_found', 'export_not_ready', 'media_object_missing', 'range_not_satisfiable'],
    }),
    async (c) => {
      const { id, number } = c.req.valid('param')
      const file = await getVolume(c.var.ctx, id, number)
      return sendFile(c, { ...file, etag: file.sha256 }, WEEK_SECONDS)
    },
  )

/** Throws `body_invalid` (422). */
function placeOf(cursor: string): { createdAtMs: number; id: string } {
  const [createdAtMs, id] = decodeCursor(cursor, 2) ?? []
  if (typeof createdAtMs !== 'number' || typeof id !== 'string')
    throw errors.valueInvalid(['query', 'cursor'], 'This is no cursor of ours. Start without one.')
  return { createdAtMs, id }
}
