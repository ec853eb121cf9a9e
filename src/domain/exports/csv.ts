// CSV: a ZIP with a file per table, the main one first. The files of repeats name the submission and the row that each of
// their rows belongs to. Source: contracts/native.md, section 12.1.
import { isMediaType } from '../../forms/field-types.ts'
import { csvLines } from '../../lib/csv.ts'
import { type ZipEntry, zipStream } from '../../lib/zip-writer.ts'
import type { ExportPlan, ExportSource, Table, WriteExport } from './model.ts'
import { tableRows } from './rows.ts'

export const writeCsv: WriteExport = (plan, source) => zipStream(csvFiles(plan, source))

/** The archive's entries, for archives that hold more than these. */
export async function* csvFiles(plan: ExportPlan, source: ExportSource): AsyncGenerator<ZipEntry, void, undefined> {
  for (const table of plan.tables)
    yield { name: csvFileName(plan, table), modifiedAtMs: plan.atMs, content: csvBytes(plan, source, table) }
}

export const csvFileName = ({ slug }: ExportPlan, { name }: Table): string =>
  name === '' ? `${slug}.csv` : `${slug}_${name}.csv`

export const needsMedia = ({ columns }: Table): boolean =>
  columns.some(({ fieldType }) => fieldType !== null && isMediaType(fieldType))

const encoder = new TextEncoder()

async function* csvBytes(
  plan: ExportPlan,
  source: ExportSource,
  table: Table,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { guard, bom } = plan.options
  const options = { times: table.columns.map(({ type }) => type === 'timestamp'), guard }
  const header = csvLines([table.columns.map(({ label }) => label)], options)
  yield encoder.encode(bom ? `\uFEFF${header}` : header)
  for await (const page of source.pages({ media: needsMedia(table) })) {
    const lines = csvLines(tableRows(table, page), options)
    if (lines !== '') yield encoder.encode(lines)
  }
}
