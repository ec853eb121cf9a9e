// Writes a workbook as a stream, row by row, whatever the number of rows: what hucre's stream does for one sheet, for
// several. The frame (the workbook, its styles, each sheet up to its rows) is hucre's; only the rows are ours. Texts stay
// texts: nothing in a cell is ever run as a formula. Source: ECMA-376 part 1, section 18.3.
import { writeXlsx } from 'hucre/xlsx'
import { columnLetters, MAX_CELL_CHARS } from './sheet.ts'
import { escapeCell } from './workbook.ts'
import { escapeXml } from './xml.ts'
import { unzip } from './zip-file.ts'
import { type ZipEntry, zipStream } from './zip-writer.ts'

export interface XlsxColumn {
  readonly header: string
  /** Numbers in a column of dates are days since 1970, in one of moments epoch milliseconds (shown in UTC). */
  readonly kind: 'plain' | 'date' | 'datetime'
}

export type XlsxCell = string | number | boolean | null

export interface XlsxSheet {
  /** Made fit and unique; a sheet that overflows goes on in another. */
  readonly name: string
  readonly columns: readonly XlsxColumn[]
  readonly rows: AsyncIterable<readonly (readonly XlsxCell[])[]>
}

export const MAX_SHEET_COLUMNS = 16_384
const MAX_SHEET_ROWS = 1_048_576

/** At least one sheet, none with more than `MAX_SHEET_COLUMNS`. Errors of `rows` break the stream. */
export const xlsxStream = (
  sheets: readonly XlsxSheet[],
  modifiedAtMs: number,
  maxRows = MAX_SHEET_ROWS,
): ReadableStream<Uint8Array> => zipStream(workbookParts(sheets, modifiedAtMs, maxRows))

type SheetHead = Pick<XlsxSheet, 'name' | 'columns'>

async function* workbookParts(
  sheets: readonly XlsxSheet[],
  modifiedAtMs: number,
  maxRows: number,
): AsyncGenerator<ZipEntry, void, undefined> {
  const names = new SheetNames()
  const heads: SheetHead[] = sheets.map(({ name, columns }) => ({ name: names.take(name), columns }))
  const frame = await frameOf(heads)
  const part = (name: string, content: AsyncIterable<Uint8Array>): ZipEntry => ({ name, modifiedAtMs, content })

  // By its first entry programs tell a workbook from any other archive.
  yield part(FIRST_PART, bytesOf(frame.get(FIRST_PART)!))
  for (const [index, sheet] of sheets.entries()) {
    const template = readTemplate(frame.get(sheetPath(index))!, sheet.columns)
    const rows = new RowReader(sheet.rows)
    for (let at = index; ; at = heads.push({ name: names.take(sheet.name), columns: sheet.columns }) - 1) {
      yield part(sheetPath(at), sheetBytes(template, rows, maxRows - 1))
      if (!rows.hasMore) break
    }
  }
  const complete = heads.length === sheets.length ? frame : await frameOf(heads)
  for (const [name, content] of complete)
    if (name !== FIRST_PART && !name.startsWith(SHEETS)) yield part(name, bytesOf(content))
}

const FIRST_PART = '_rels/.rels'
const SHEETS = 'xl/worksheets/'
const sheetPath = (index: number): string => `${SHEETS}sheet${index + 1}.xml`

const FORMATS = { plain: undefined, date: 'yyyy-mm-dd', datetime: 'yyyy-mm-dd hh:mm:ss' }
const PATTERNS = { plain: 0, date: new Date(0), datetime: new Date(0) }

/** The parts of a workbook with a header in each sheet, and below it a row that shows how cells of each column look. */
async function frameOf(heads: readonly SheetHead[]): Promise<Map<string, Uint8Array>> {
  const workbook = await writeXlsx({
    sheets: heads.map(({ name, columns }) => ({
      name,
      rows: [columns.map(({ header }) => escapeCell(cut(header))), columns.map(({ kind }) => PATTERNS[kind])],
      freezePane: { rows: 1 },
      columns: columns.map(({ header, kind }) => ({
        width: Math.min(60, Math.max(kind === 'plain' ? 12 : 20, header.length + 2)),
        numFmt: FORMATS[kind],
      })),
    })),
  })
  return unzip(workbook, { maxBytes: Number.POSITIVE_INFINITY, isWanted: () => true })
}

interface SheetTemplate {
  readonly before: string
  readonly after: string
  /** Up to the number of the row, and from there to the value, of a cell in each column. */
  readonly starts: readonly string[]
  readonly styles: readonly string[]
  readonly kinds: readonly XlsxColumn['kind'][]
}

function readTemplate(sheet: Uint8Array, columns: readonly XlsxColumn[]): SheetTemplate {
  const xml = new TextDecoder().decode(sheet)
  const [, before, pattern, after] = /^(.*)<row r="2">(.*)<\/row>(.*)$/s.exec(xml) ?? []
  const cells = [...(pattern ?? '').matchAll(/<c r="[A-Z]+2"([^>]*)>/g)]
  if (before === undefined || after === undefined || cells.length !== columns.length)
    throw new Error('hucre writes sheets in another way than it did')
  return {
    // How far the sheet reaches is not known yet, and need not be said.
    before: before.replace(/<dimension [^>]*\/>/, ''),
    after,
    starts: columns.map((_, index) => `<c r="${columnLetters(index)}`),
    styles: cells.map(([, attributes]) => / s="\d+"/.exec(attributes!)?.[0] ?? ''),
    kinds: columns.map(({ kind }) => kind),
  }
}

const encoder = new TextEncoder()

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}

async function* sheetBytes(
  template: SheetTemplate,
  rows: RowReader,
  most: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let count = 0
  let isWhole = false
  try {
    yield encoder.encode(template.before)
    while (count < most && (await rows.fill())) {
      const some = rows.take(most - count)
      let text = ''
      for (const row of some) text += rowText(template, row, ++count + 1)
      yield encoder.encode(text)
    }
    await rows.fill()
    yield encoder.encode(template.after)
    isWhole = true
  } finally {
    if (!isWhole) await rows.close()
  }
}

/** Rows in portions, which may be cut where a sheet is full. */
class RowReader {
  readonly #iterator: AsyncIterator<readonly (readonly XlsxCell[])[]>
  #rows: readonly (readonly XlsxCell[])[] = []

  constructor(rows: XlsxSheet['rows']) {
    this.#iterator = rows[Symbol.asyncIterator]()
  }

  get hasMore(): boolean {
    return this.#rows.length > 0
  }

  /** Whether there is a row to take. */
  async fill(): Promise<boolean> {
    while (this.#rows.length === 0) {
      const { done, value } = await this.#iterator.next()
      if (done) return false
      this.#rows = value
    }
    return true
  }

  take(most: number): readonly (readonly XlsxCell[])[] {
    const rows = this.#rows
    this.#rows = rows.slice(most)
    return rows.length > most ? rows.slice(0, most) : rows
  }

  async close(): Promise<void> {
    await this.#iterator.return?.()
  }
}

function rowText({ starts, styles, kinds }: SheetTemplate, row: readonly XlsxCell[], number: number): string {
  let text = `<row r="${number}">`
  for (let index = 0; index < row.length; index++) {
    const cell = row[index]!
    if (cell === null) continue
    const value = typeof cell === 'number' ? numberFor(kinds[index]!, cell) : cell
    text += `${starts[index]}${number}"`
    if (typeof value === 'number') text += `${styles[index]}><v>${value}</v></c>`
    else if (typeof value === 'boolean') text += ` t="b"><v>${value ? 1 : 0}</v></c>`
    else text += ` t="inlineStr"><is><t xml:space="preserve">${escapeXml(escapeCell(cut(value)))}</t></is></c>`
  }
  return `${text}</row>`
}

const DAY_MS = 86_400_000
/** 1970-01-01, counted in days as spreadsheets do. */
const EPOCH_SERIAL = 25_569
/** Before March 1900 spreadsheets count a day that never was; after 9999 they stop. */
const FIRST_SERIAL = 61
const END_SERIAL = 2_958_466

/** Dates that spreadsheets do not know are text. */
function numberFor(kind: XlsxColumn['kind'], value: number): number | string {
  if (kind === 'plain') return value
  const ms = kind === 'date' ? value * DAY_MS : value
  const serial = ms / DAY_MS + EPOCH_SERIAL
  if (serial >= FIRST_SERIAL && serial < END_SERIAL) return serial
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return String(value)
  return kind === 'date' ? date.toISOString().replace(/T.*/, '') : date.toISOString()
}

const CUT_NOTE = ` […cut: a cell holds ${MAX_CELL_CHARS} characters]`

function cut(text: string): string {
  return text.length <= MAX_CELL_CHARS ? text : text.slice(0, MAX_CELL_CHARS - CUT_NOTE.length) + CUT_NOTE
}

const MAX_SHEET_NAME_CHARS = 31

/** Names of sheets that spreadsheets accept: short, unique but for letter case, without what stands in references. */
class SheetNames {
  readonly #taken = new Set<string>()

  take(name: string): string {
    const clean = name
      .toWellFormed()
      .replace(/[\p{Cc}[\]:*?/\\]/gu, ' ')
      .trim()
      .replace(/^'+|'+$/g, '')
    const wanted = clean === '' || clean.toLowerCase() === 'history' ? `${clean} sheet`.trim() : clean
    for (let number = 1; ; number++) {
      const suffix = number === 1 ? '' : ` (${number})`
      // Half of a character at the end is none, and an apostrophe must not stand there.
      const start = wanted.slice(0, MAX_SHEET_NAME_CHARS - suffix.length).replace(/[\p{Cs}']+$/u, '')
      const fit = `${start}${suffix}`
      if (this.#taken.has(fit.toLowerCase())) continue
      this.#taken.add(fit.toLowerCase())
      return fit
    }
  }
}
