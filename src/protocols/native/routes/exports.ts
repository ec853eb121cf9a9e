// Exports as the answer to one request: `/submissions/export/<format>`. Larger ones are jobs (export-jobs.ts).
// Source: contracts/native.md, section 12.
import { z } from '@hono/zod-openapi'
import { FORMATS } from '../../../domain/exports/formats.ts'
import { exportInline } from '../../../domain/exports/inline.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../../../domain/exports/model.ts'
import { contentDisposition } from '../../../lib/file-name.ts'
import type { FormId } from '../../../lib/ids.ts'
import { operation, router } from '../operation.ts'
import { bodyId, flagParam, intParam } from '../params.ts'
import { ReviewState } from '../submission-shapes.ts'

const MAX_FIELDS_CHARS = 20_000

const date = (description: string) => z.string().max(64).optional().meta({ description })

const exportQuery = z.object({
  form_id: bodyId<FormId>(),
  from: date('Collected at or after (ISO 8601; a date means its whole day, in the time zone of the project)'),
  to: date('Collected at or before, inclusive'),
  start_date: date('Alias of from'),
  end_date: date('Alias of to'),
  submitter: z.string().max(320).optional().meta({ description: 'User id or e-mail' }),
  device: z.string().max(255).optional().meta({ description: 'Id of a paired device, or `device_id` as it was sent' }),
  review_state: ReviewState.optional(),
  version: intParam({ min: 1, fallback: 0 }).openapi({ default: undefined, description: 'Version number' }),
  mode: z.enum(['live', 'test']).default('live').meta({ description: 'Data of draft-testing devices is `test`' }),
  fields: z
    .string()
    .max(MAX_FIELDS_CHARS)
    .optional()
    .meta({ description: 'Ids of fields, separated by commas; a group or repeat stands for all in it' }),
  labels: flagParam().openapi({ description: 'Labels of options instead of their values' }),
  lang: z.string().max(100).optional().meta({ description: 'Language of labels, where the form has several' }),
  bom: flagParam().openapi({ description: 'CSV files begin with a byte order mark, which Excel asks for' }),
  guard: z
    .enum(['true', 'false', '1', '0'])
    .default('true')
    .transform((text) => text === 'true' || text === '1')
    .openapi({
      type: 'boolean',
      default: true,
      description: 'An apostrophe before texts that a spreadsheet would run as formulas; for programs: false',
    }),
})

const SUMMARIES: Record<ExportFormat, string> = {
  csv: 'Export as CSV: a ZIP with a file for the form and one per repeat',
  geojson: 'Export positions, traces and routes as GeoJSON',
  gpx: 'Export routes as GPX tracks, broken at their pauses',
  media: 'Export photos and other files: a ZIP with a list of them',
  package: 'Export everything in one ZIP: tables, places, routes, files, and a page that explains them',
  xlsx: 'Export as a workbook with a sheet for the form and one per repeat',
  parquet: 'Export as Parquet: a ZIP with a typed file for the form and one per repeat',
  kml: 'Export positions, traces, areas and routes as KML',
  ndjson: 'Export as NDJSON: a line per submission, answers as they were sent',
}

const titleCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

export const exports = router()

for (const format of EXPORT_FORMATS)
  exports.openapi(
    operation('submission.export', {
      method: 'get',
      path: `/submissions/export/${format}`,
      operationId: `export${titleCase(format)}`,
      summary: SUMMARIES[format],
      tags: ['Exports'],
      request: { query: exportQuery },
      responses: {
        200: {
          description: 'The file, streamed. An answer that breaks off is no file.',
          content: { [FORMATS[format].contentType]: { schema: { type: 'string' as const, format: 'binary' } } },
        },
      },
      fails: ['token_invalid', 'form_not_found', 'export_too_large'],
    }),
    async (c) => {
      const query = c.req.valid('query')
      const { contentType, fileName, body, rows } = await exportInline(c.var.ctx, {
        formId: query.form_id,
        format,
        filters: {
          from: query.start_date ?? query.from,
          to: query.end_date ?? query.to,
          submitter: query.submitter || undefined,
          device: query.device || undefined,
          reviewState: query.review_state,
          version: query.version || undefined,
          mode: query.mode,
          fields: query.fields ? query.fields.split(',').map((id) => id.trim()) : undefined,
        },
        labels: query.labels,
        language: query.lang || undefined,
        options: { bom: query.bom, guard: query.guard },
      })
      c.var.requestLog.rows = rows
      return new Response(body, {
        headers: {
          'Content-Type': contentType,
          'Content-Disposition': contentDisposition('attachment', fileName),
          'Cache-Control': 'private, no-store',
          'X-Content-Type-Options': 'nosniff',
        },
      })
    },
  )
