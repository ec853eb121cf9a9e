// XLSX: a workbook with a sheet per table, the main one first. Numbers and dates are such; times of devices stay as they
// wrote them, and texts are texts: none is ever run as a formula, so none needs to be changed.
import { MAX_SHEET_COLUMNS, type XlsxCell, type XlsxColumn, xlsxStream } from '../../lib/xlsx-writer.ts'
import { errors } from '../errors.ts'
import { needsMedia } from './csv.ts'
import type { Cell, ColumnType, ExportPlan, ExportSource, Table, WriteExport } from './model.ts'
import { tableRows } from './rows.ts'
import { dayIn, numberIn } from './typed.ts'

/** Throws `body_invalid` (422) when a table is wider than a sheet. */
export const writeXlsx: WriteExport = (plan, source) => {
  const wide = plan.tables.find(({ columns }) => columns.length > MAX_SHEET_COLUMNS)
  if (wide !== undefined)
    throw errors.valueInvalid(
      ['query', 'fields'],
      `This export has ${wide.columns.length} columns and a sheet holds ${MAX_SHEET_COLUMNS}: name the fields that you need, or export CSV.`,
    )
  return xlsxStream(
    plan.tables.map((table) => sheetOf(plan, source, table)),
    plan.atMs,
  )
}

const sheetOf = ({ form }: ExportPlan, source: ExportSource, table: Table) => ({
  name: table.name === '' ? form.name : table.label,
  columns: table.columns.map(({ label, type }): XlsxColumn => ({ header: label, kind: KINDS[type] ?? 'plain' })),
  rows: rowsOf(source, table),
})

const KINDS: Partial<Record<ColumnType, XlsxColumn['kind']>> = { timestamp: 'datetime', date: 'date' }

async function* rowsOf(source: ExportSource, table: Table): AsyncGenerator<XlsxCell[][], void, undefined> {
  const types = table.columns.map(({ type }) => type)
  for await (const page of source.pages({ media: needsMedia(table) }))
    yield tableRows(table, page).map((cells) => cells.map((cell, index) => typed(cell, types[index]!)))
}

/** What does not suit its column is exported as it is. */
function typed(cell: Cell, type: ColumnType): XlsxCell {
  switch (type) {
    case 'number':
    case 'integer':
      return numberIn(cell) ?? cell
    case 'date':
      return typeof cell === 'number' ? String(cell) : (dayIn(cell) ?? cell)
    default:
      return cell
  }
}
