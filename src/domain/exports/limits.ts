// What one answer may cost, known before its first byte: D1 ends an invocation at 1,000 queries, an archive without ZIP64
// ends at 65,535 entries and 4 GiB. Whatever is larger is a job of several volumes.
import { measureExport, measureExportMedia } from '../../storage/exports.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import { errors } from '../errors.ts'
import { FORMATS } from './formats.ts'
import type { ExportFormat, ExportPlan } from './model.ts'
import { PAGE_BYTES, PAGE_ROWS, rangesOf } from './source.ts'

export const MAX_INLINE_QUERIES = 800
export const MAX_INLINE_FILES = 4_000
export const MAX_INLINE_BYTES = 3_500_000_000

/** How many submissions there will be. Throws `export_too_large` (409), which says how to make a job of it. */
export async function checkInlineLimits(
  db: TenantDb,
  plan: ExportPlan,
  format: ExportFormat,
  job: Record<string, unknown>,
): Promise<number> {
  const ranges = rangesOf(plan, { after: 0, until: plan.untilSeq })
  const { reads, sendsFiles } = FORMATS[format]
  const { plain, withMedia } = reads(plan)
  const queriesPerPage = plain + 2 * withMedia
  const refuse = (what: string): never => {
    throw errors.exportTooLarge(what, job)
  }
  // So many rows are too many, however small: nobody counts further.
  const most = Math.floor(MAX_INLINE_QUERIES / queriesPerPage) * PAGE_ROWS + 1
  let [rows, queries, files, bytes] = [0, 0, 0, 0]
  for (const range of ranges) {
    const measured = await measureExport(db, plan.filter, range, most)
    rows += measured.rows
    bytes += measured.bytes
    queries += pagesOf(measured) * queriesPerPage
    if (measured.rows === most) return refuse(`more than ${rows - 1} submissions`)
    if (queries > MAX_INLINE_QUERIES) return refuse(`${rows} submissions with ${megabytes(bytes)} of answers`)
    if (!sendsFiles) continue
    const media = await measureExportMedia(db, plan.filter, range, MAX_INLINE_FILES + 1)
    files += media.files
    bytes += media.bytes
    if (files > MAX_INLINE_FILES) return refuse(`more than ${MAX_INLINE_FILES} files`)
    if (bytes > MAX_INLINE_BYTES) return refuse(`${files} files with ${megabytes(bytes)}`)
  }
  return rows
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`

/** A page ends where it has `PAGE_ROWS` rows or its answers reach `PAGE_BYTES`: there are never more than this. */
const pagesOf = ({ rows, bytes }: { rows: number; bytes: number }): number =>
  Math.ceil(rows / PAGE_ROWS) + Math.floor(bytes / PAGE_BYTES)
