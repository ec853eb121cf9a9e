// Exports as the answer to one request: `/submissions/export/<format>`. Larger ones are jobs (export-jobs.ts).
// Source: contracts/native.md, section 12.
import { z } from '@hono/zod-openapi'
import { FORMATS } from '../../../domain/exports/formats.ts'
import { exportInline, wireFilters } from '../../../domain/exports/inline.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../../../domain/exports/model.ts'
import { endOf } from '../../../domain/sync/changes.ts'
import { contentDisposition } from '../../../lib/file-name.ts'
import type { FormId } from '../../../lib/ids.ts'
import { filtersOf, pickShape } from '../export-query.ts'
import { feedCursor, positionOf } from '../feed-cursor.ts'
import { operation, router } from '../operation.ts'
import { bodyId, flagParam, intParam, langParam } from '../params.ts'

const MAX_FIELDS_CHARS = 20_000

const exportQuery = z.object({
  form_id: bodyId<FormId>(),
  ...pickShape,
  version: intParam({ min: 1, fallback: 0 }).openapi({ default: undefined, description: 'Version number' }),
  fields: z
    .string()
    .max(MAX_FIELDS_CHARS)
    .optional()
    .meta({ description: 'Ids of fields, separated by commas; a group or repeat stands for all in it' }),
  since: z.string().max(400).optional().meta({
    description:
      '`X-Export-Cursor` of an earlier export, or a cursor of `/changes`: only what was changed or deleted after it',
  }),
  labels: flagParam().openapi({ description: 'Labels of options instead of their values' }),
  lang: langParam,
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
      const { form_id, fields, since, labels, lang, bom, guard, ...query } = c.req.valid('query')
      const { ctx } = c.var
      const filters = filtersOf({ ...query, fields: fields ? fields.split(',').map((id) => id.trim()) : undefined })
      const made = await exportInline(
        ctx,
        {
          formId: form_id,
          format,
          filters,
          since: since === undefined ? undefined : positionOf(since, ['query', 'since']).seq,
          labels,
          language: lang || undefined,
          options: { bom, guard },
        },
        { format, form_id, filters: wireFilters(filters), since, labels, lang, bom, guard },
      )
      c.var.requestLog.rows = made.rows
      return new Response(made.body, {
        headers: {
          'Content-Type': made.contentType,
          'Content-Disposition': contentDisposition('attachment', made.fileName),
          'Cache-Control': 'private, no-store',
          'X-Content-Type-Options': 'nosniff',
          'X-Export-Cursor': feedCursor(ctx.tenant.dataEpoch, endOf(made.untilSeq)),
        },
      })
    },
  )
