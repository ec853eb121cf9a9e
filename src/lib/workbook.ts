// Workbooks (.xlsx) as plain rows of cells, and back. Holds the bounds that keep a hostile file from filling the memory;
// what the cells mean is for others. The parsing itself is hucre's (docs/decisions/0008-xlsform.md).
import { type MergeRange, type Sheet as RawSheet, readXlsx, writeXlsx } from 'hucre/xlsx'
import { type Cell, cellName, columnIndex, MAX_CELL_CHARS, type Sheet } from './sheet.ts'
import { storeZip, unzip, ZipError } from './zip-file.ts'

export type WorkbookErrorCode = 'not_a_workbook' | 'encrypted' | 'damaged' | 'too_large'

/** The message is a sentence for the person whose file it is. */
export class WorkbookError extends Error {
  readonly code: WorkbookErrorCode
  constructor(code: WorkbookErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'WorkbookError'
    this.code = code
  }
}

/** Bytes of all files in the archive, unpacked; of these a Worker holds bytes, text and cells at once. */
export const MAX_UNPACKED_BYTES = 32 * 1024 * 1024
/** Of the rectangle that the sheets span, empty cells included. */
const MAX_SHEET_CELLS = 4_000_000
const MAX_SHEET_ROWS = 120_000
/** Of all cells together: one long text may be shared by many cells at the cost of a few bytes each. */
const MAX_TOTAL_CHARS = 32_000_000

const CONTENT_TYPES = '[Content_Types].xml'
/** Pictures, charts and the like say nothing about rows, and without the lists that name them nobody asks for them. */
const PART = /\.(xml|rels)$/
const UNNEEDED = /worksheets\/_rels\/|\/(drawings|charts|media|comments|theme|tables|pivot\w*|external\w*|customXml)\//i

/** The sheets of a workbook in order. Throws `WorkbookError`, whatever the bytes are. */
export async function readWorkbook(bytes: Uint8Array): Promise<Sheet[]> {
  const files = await unpack(bytes)
  if (!files.has(CONTENT_TYPES)) {
    throw new WorkbookError(
      'not_a_workbook',
      'The file is a ZIP archive but no .xlsx workbook. Save the form as .xlsx.',
    )
  }
  let sheets: RawSheet[]
  try {
    // The archive is made anew from what was unpacked within the bounds: no reader after us sees the sender's own.
    sheets = (await readXlsx(storeZip(files), { range: `A1:${lastCellOf(files.values())}` })).sheets
  } catch (error) {
    if (error instanceof WorkbookError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new WorkbookError('damaged', `The workbook cannot be read: ${reason}`, { cause: error })
  }
  let charsLeft = MAX_TOTAL_CHARS
  return sheets.map((sheet) => {
    const rows = sheet.rows.map((row) => row.map(cellOf))
    for (const row of rows) for (const cell of row) if (typeof cell === 'string') charsLeft -= lengthOf(cell)
    if (charsLeft < 0) throw tooLarge(`${MAX_TOTAL_CHARS / 1_000_000} million characters`)
    const merges = (sheet.merges ?? []).map(rangeText)
    const unsaved: string[] = []
    for (const [place, cell] of sheet.cells ?? []) {
      if (cell.formula === undefined || (cell.value ?? null) !== null) continue
      const [row = 0, column = 0] = place.split(',').map(Number)
      unsaved.push(cellName(row + 1, column))
    }
    return { name: sheet.name, rows, merges, unsaved }
  })
}

/** A workbook of these sheets; the first row of each is set as its heading. Cells hold at most `MAX_CELL_CHARS`. */
export function writeWorkbook(sheets: readonly Pick<Sheet, 'name' | 'rows'>[]): Promise<Uint8Array> {
  return writeXlsx({
    sheets: sheets.map(({ name, rows }) => ({
      name,
      rows: rows.map((row) => row.map((cell) => (typeof cell === 'string' ? escapeCell(cell) : cell))),
      freezePane: { rows: 1 },
      columns: (rows[0] ?? []).map((header) => ({
        width: Math.min(60, Math.max(12, String(header ?? '').length + 2)),
      })),
    })),
  })
}

const ESCAPE = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/gu

/** What XML cannot hold, and what would be read back as such an escape, as `_x0000_`. Source: ECMA-376 part 1, 22.9.2.19. */
export const escapeCell = (text: string): string =>
  text.replace(ESCAPE, (char) => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)

const rangeText = ({ startRow, startCol, endRow, endCol }: MergeRange): string =>
  `${cellName(startRow + 1, startCol)}:${cellName(endRow + 1, endCol)}`

const OLE_START = [0xd0, 0xcf, 0x11, 0xe0]

async function unpack(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  if (OLE_START.every((byte, index) => bytes[index] === byte)) {
    throw new WorkbookError(
      'encrypted',
      'The file is protected by a password, or an old .xls workbook. Save it as .xlsx without a password.',
    )
  }
  try {
    return await unzip(bytes, {
      maxBytes: MAX_UNPACKED_BYTES,
      isWanted: (name) => PART.test(name) && !UNNEEDED.test(name),
    })
  } catch (error) {
    if (!(error instanceof ZipError)) throw error
    if (error.code === 'too_large') throw tooLarge(`${MAX_UNPACKED_BYTES / 1_048_576} MB when it is unpacked`, error)
    if (error.code === 'not_a_zip') {
      throw new WorkbookError('not_a_workbook', 'The file is no .xlsx workbook. Save the form as .xlsx.', {
        cause: error,
      })
    }
    throw new WorkbookError('damaged', `The workbook is damaged: ${error.message} Save it anew.`, { cause: error })
  }
}

const tooLarge = (limit: string, cause?: unknown) =>
  new WorkbookError('too_large', `The workbook is larger than ${limit}. Take out what is no part of the form.`, {
    cause,
  })

/** An element of a cell that holds something, or of a row that may. The bounds keep a broken file from taking long. */
const FILLED = /<(?:\w{1,20}:)?(row|c)(\s[^>]{0,300}?)?(\/?)>/g
const REFERENCE = /\br=["']([A-Z]{0,3})(\d{1,7})["']/

/** The furthest cell that holds something, in any sheet. Rows come as a rectangle, so two cells far apart make a large
 *  one from few bytes; and what is only coloured, often as far as the last column there is, does not count. */
function lastCellOf(files: Iterable<Uint8Array>): string {
  let [rows, columns] = [1, 1]
  for (const content of files) {
    const text = new TextDecoder().decode(content)
    if (!text.includes('sheetData')) continue
    let row = 0
    let column = 0
    for (const [, element, attributes = '', isEmpty] of text.matchAll(FILLED)) {
      const [, letters = '', digits] = REFERENCE.exec(attributes) ?? []
      if (element === 'row') {
        row = digits === undefined ? row + 1 : Number(digits)
        column = 0
        continue
      }
      // Cells without a reference follow each other.
      column = letters === '' ? column + 1 : columnIndex(letters) + 1
      if (isEmpty === '/') continue
      rows = Math.max(rows, letters === '' ? row : Number(digits))
      columns = Math.max(columns, column)
    }
  }
  const last = cellName(rows, columns - 1)
  if (rows <= MAX_SHEET_ROWS && rows * columns <= MAX_SHEET_CELLS) return last
  throw new WorkbookError(
    'too_large',
    `A sheet reaches as far as cell ${last}. Delete the rows and columns after those that you use, and save.`,
  )
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return value instanceof Date && !Number.isNaN(value.getTime()) ? dateText(value) : null
}

function lengthOf(cell: string): number {
  if (cell.length > MAX_CELL_CHARS) throw tooLarge(`${MAX_CELL_CHARS} characters in one cell`)
  return cell.length
}

/** Serial numbers below 1 are times of day, which spreadsheets date to the turn of 1899. */
function dateText(date: Date): string {
  const iso = date.toISOString().slice(0, 19)
  if (date.getUTCFullYear() < 1900) return iso.slice(11)
  return iso.endsWith('T00:00:00') ? iso.slice(0, 10) : iso
}
