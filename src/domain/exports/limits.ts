// What one answer may cost, known before its first byte: D1 ends an invocation at 1,000 queries, an archive without ZIP64
// ends at 65,535 entries and 4 GiB. Whatever is larger is a job of several volumes.
import { type ExportWindow, measureExport, measureExportMedia } from '../../storage/exports.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import { errors } from '../errors.ts'
import { FORMATS } from './formats.ts'
import type { ExportFormat, ExportPlan } from './model.ts'
import { PAGE_BYTES, PAGE_ROWS } from './source.ts'

export const MAX_INLINE_QUERIES = 800
export const MAX_INLINE_FILES = 4_000
export const MAX_INLINE_BYTES = 3_500_000_000

export interface ExportSize {
  rows: number
  files: number
}

/** How large the export will be. Throws `export_too_large` (409), which says how to make a job of it. */
export async function checkInlineLimits(
  db: TenantDb,
  plan: ExportPlan,
  format: ExportFormat,
  job: Record<string, unknown>,
): Promise<ExportSize> {
  const window = { after: 0, until: plan.untilSeq }
  const { plain, withMedia } = FORMATS[format].reads(plan)
  const [most, { rows, bytes }] = await measure(db, plan, window, plain + 2 * withMedia)
  const refuse = (what: string): never => {
    throw errors.exportTooLarge(what, job)
  }
  if (rows >= most || queriesFor(rows, bytes, plain + 2 * withMedia) > MAX_INLINE_QUERIES)
    return refuse(`${rows >= most ? 'more than ' : ''}${rows} submissions`)
  if (!FORMATS[format].sendsFiles) return { rows, files: 0 }
  const media = await measureExportMedia(db, plan.filter, window, MAX_INLINE_FILES + 1)
  if (media.files > MAX_INLINE_FILES) return refuse(`more than ${MAX_INLINE_FILES} files`)
  if (media.bytes + bytes > MAX_INLINE_BYTES) return refuse(`${Math.round(media.bytes / 1_000_000)} MB of files`)
  return { rows, files: media.files }
}

async function measure(db: TenantDb, plan: ExportPlan, window: ExportWindow, queriesPerPage: number) {
  // So many rows are too many, however small: nobody counts further.
  const most = Math.floor(MAX_INLINE_QUERIES / queriesPerPage) * PAGE_ROWS + 1
  return [most, await measureExport(db, plan.filter, window, most)] as const
}

/** A page ends where it has `PAGE_ROWS` rows or its answers reach `PAGE_BYTES`: there are never more than this. */
const queriesFor = (rows: number, bytes: number, queriesPerPage: number): number =>
  (Math.ceil(rows / PAGE_ROWS) + Math.floor(bytes / PAGE_BYTES)) * queriesPerPage
