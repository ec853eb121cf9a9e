// One row of a sheet, read by the names of its columns.
import type { Cell, Sheet } from '../../lib/sheet.ts'
import { isObject } from '../canonical.ts'
import type { FormMedia, FormText } from '../schema.ts'
import { type Column, type Header, type Languages, MEDIA_KINDS, OWN_COLUMN } from './columns.ts'
import { type Findings, type Place, quoted, textOf } from './findings.ts'

/** What reading a workbook gathers and needs everywhere. */
export interface Reading {
  readonly findings: Findings
  readonly languages: Languages
  /** Language of a text whose column names none, where others of the same text do. */
  readonly unnamedLanguage: string
}

export class Row {
  readonly sheet: Sheet
  /** As a spreadsheet program counts: from 1. */
  readonly number: number
  readonly #cells: readonly Cell[]
  readonly #columns: readonly Column[]
  readonly #reading: Reading

  constructor(sheet: Sheet, index: number, header: Header, reading: Reading) {
    this.sheet = sheet
    this.number = index + 1
    this.#cells = sheet.rows[index]!
    this.#columns = header.columns
    this.#reading = reading
  }

  /** What stands in the first filled column with this key; '' when none is. Of two that are filled it is said. */
  text(key: string): string {
    const [first, second] = this.#filled(key).filter(({ language }) => language === undefined)
    if (first === undefined) return ''
    if (second !== undefined)
      this.fault(key, `'${first.header}' and '${second.header}' say the same; fill in one of them.`)
    return textOf(this.#cells[first.index])
  }

  /** The cell itself, for values that may be numbers. */
  cell(key: string): Cell {
    const column = this.#filled(key)[0]
    const cell = column === undefined ? null : (this.#cells[column.index] ?? null)
    return typeof cell === 'number' || typeof cell === 'boolean' ? cell : textOf(cell) || null
  }

  isFilled(key: string): boolean {
    return this.#filled(key).length > 0
  }

  /** A text: as it is where it comes in one language, else by language. */
  texts(key: string): FormText | undefined {
    const filled = this.#filled(key)
    if (filled.length === 0) return undefined
    if (filled.every(({ language }) => language === undefined)) return this.text(key)
    const { languages, unnamedLanguage } = this.#reading
    const texts = new Map<string, string>()
    for (const column of filled) {
      const language = column.language === undefined ? unnamedLanguage : languages.keyOf(column.language)
      const text = textOf(this.#cells[column.index])
      if (texts.has(language) && texts.get(language) !== text) {
        this.#reading.findings.fault(
          this.at(column),
          `There is another ${key} in ${quoted(language)}; keep one of them.`,
        )
      }
      texts.set(language, text)
    }
    return Object.fromEntries(texts)
  }

  media(): FormMedia | undefined {
    const media = MEDIA_KINDS.flatMap((kind) => {
      const files = this.texts(kind)
      return files === undefined ? [] : [[kind, files] as const]
    })
    return media.length === 0 ? undefined : Object.fromEntries(media)
  }

  /** What stands in columns that mean nothing to us, by header. */
  others(): Record<string, Cell> | undefined {
    const others: [string, Cell][] = []
    for (const { key, header, index } of this.#columns) {
      if (key !== undefined || textOf(this.#cells[index]) === '') continue
      const cell = this.#cells[index]!
      others.push([header, typeof cell === 'string' ? textOf(cell) : cell])
    }
    return others.length === 0 ? undefined : Object.fromEntries(others)
  }

  /** The JSON object in our own column. */
  own(): Record<string, unknown> {
    const text = this.text(OWN_COLUMN)
    if (text === '') return {}
    try {
      const own: unknown = JSON.parse(text)
      if (isObject(own)) return own
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
    this.warn(OWN_COLUMN, 'This is not the JSON that the export wrote here, so it is left out. Clear the cell.')
    return {}
  }

  /** Nothing stands in any column that has a header. */
  isEmpty(): boolean {
    return this.#columns.every(({ index }) => textOf(this.#cells[index]) === '')
  }

  fault(key: string, message: string): void {
    this.#reading.findings.fault(this.place(key), message)
  }

  warn(key: string, message: string): void {
    this.#reading.findings.warn(this.place(key), message)
  }

  /** The place of the filled column with this key, or of the first one, or of the row. */
  place(key: string): Place {
    return this.at(this.#filled(key)[0] ?? this.#columns.find((column) => column.key === key))
  }

  at(column: Column | undefined): Place {
    return { sheet: this.sheet, row: this.number, column }
  }

  #filled(key: string): Column[] {
    return this.#columns.filter((column) => column.key === key && textOf(this.#cells[column.index]) !== '')
  }
}

/** Says of each column that is kept without being understood that it is so. */
export function warnOfOthers(sheet: Sheet, { columns, headerRow }: Header, findings: Findings): void {
  for (const column of columns) {
    if (column.key !== undefined) continue
    const isUsed = sheet.rows.some((row, index) => index >= headerRow && textOf(row[column.index]) !== '')
    const message = 'Nothing is done with this column here. It is kept with the form and exported again.'
    if (isUsed) findings.warn({ sheet, row: headerRow, column }, message)
  }
}
