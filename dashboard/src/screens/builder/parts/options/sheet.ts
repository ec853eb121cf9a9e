// What is copied from a spreadsheet as options: value, label, labels in further languages, columns for choice filters.
// Pure; what becomes of them is the editor's matter.
import { isObject } from '../../../../../../src/forms/canonical.ts'
import type { FieldOption, FormText } from '../../../../../../src/forms/schema.ts'

/** Rows and cells of tab-separated text, as spreadsheets copy it: a cell with a tab, a line break or a quote in it stands
 *  in quotes, which are doubled within. Blank rows are left out. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, separator] of text.matchAll(CELL)) {
    rows.at(-1)!.push((quoted?.replaceAll('""', '"') ?? plain ?? '').trim())
    if (separator === '') break
    if (separator !== '\t') rows.push([])
  }
  return rows.filter((row) => row.some((cell) => cell !== ''))
}

/** A quote that is followed by more text is none of a spreadsheet. */
const CELL = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n?|\n|$)/g

/** The text that `cellsOf` reads these rows from. */
export const sheetOf = (rows: readonly (readonly string[])[]): string =>
  rows
    .map((row) => row.map((cell) => (/["\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join('\t'))
    .join('\n')

/** What a column of the sheet holds. */
export type Column = { is: 'value' } | { is: 'label'; language: string } | { is: 'column'; name: string }

export interface Pasted {
  columns: readonly Column[]
  options: FieldOption[]
  /** The first row named the columns. */
  hasHeader: boolean
}

const VALUE = /^(value|name|code|valor|código|nombre)$/i
const LABEL = /^(label|etiqueta|texto)(?:\s*:{1,2}\s*(.+))?$/i
/** `English (en)` is `en`, as in XLSForm. */
const TAGGED = /\(([\w-]+)\)\s*$/
const LIST = /^list[ _]name$/i

/** The options of pasted text. A first row that names a value or a label is a header: `value`, `label`, `label::French
 *  (fr)`, a language of the form, or else a column for choice filters. Without one, the first column is the value and
 *  the others are labels: in `languages`, their order. A single column is labels, from which values are made. Rows
 *  without a value get one from their label. `taken`: values that are not to be made again. */
export function readSheet(text: string, languages: readonly string[], taken: ReadonlySet<string>): Pasted {
  const rows = cellsOf(text)
  const header = headerOf(rows[0] ?? [], languages)
  const width = Math.max(0, ...rows.map((row) => row.length))
  const columns = header ?? bareColumns(width, languages)
  const used = new Set(taken)
  const body = rows.slice(header ? 1 : 0)
  for (const row of body) {
    const at = columns.findIndex((column) => column?.is === 'value')
    if (row[at]) used.add(row[at])
  }
  const options = body.flatMap((row) => optionOf(row, columns, languages, used) ?? [])
  return { columns: columns.filter((column) => column !== null), options, hasHeader: header !== null }
}

function headerOf(cells: readonly string[], languages: readonly string[]): (Column | null)[] | null {
  if (!cells.some((cell) => VALUE.test(cell) || LABEL.test(cell))) return null
  const seen = new Set<string>()
  return cells.map((cell): Column | null => {
    const column = columnOf(cell, languages)
    const key = JSON.stringify(column)
    if (column === null || seen.has(key)) return null
    seen.add(key)
    return column
  })
}

/** Null: the column says nothing about an option. */
function columnOf(cell: string, languages: readonly string[]): Column | null {
  if (VALUE.test(cell)) return { is: 'value' }
  const [isLabel, , language] = LABEL.exec(cell) ?? []
  if (isLabel) {
    const name = language === undefined ? (languages[0] ?? '') : (TAGGED.exec(language)?.[1] ?? language.trim())
    return { is: 'label', language: name }
  }
  const spoken = languages.find((one) => one.toLowerCase() === cell.toLowerCase())
  if (spoken) return { is: 'label', language: spoken }
  return cell === '' || LIST.test(cell) || RESERVED_KEYS.has(cell) ? null : { is: 'column', name: cell }
}

/** Keys of options that are no columns. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set(['value', 'label', 'media', '__proto__'])

function bareColumns(width: number, languages: readonly string[]): (Column | null)[] {
  const labels = (count: number): (Column | null)[] =>
    Array.from({ length: count }, (_, index) => {
      const language = languages[index] ?? (index === 0 ? '' : undefined)
      return language === undefined ? null : { is: 'label', language }
    })
  return width <= 1 ? labels(width) : [{ is: 'value' }, ...labels(width - 1)]
}

function optionOf(
  row: readonly string[],
  columns: readonly (Column | null)[],
  languages: readonly string[],
  used: Set<string>,
): FieldOption | undefined {
  let value = ''
  const labels: Record<string, string> = {}
  const further: Record<string, string> = {}
  for (const [index, column] of columns.entries()) {
    const cell = row[index] ?? ''
    if (cell === '' || column === null) continue
    if (column.is === 'value') value = cell
    else if (column.is === 'label') labels[column.language] = cell
    else further[column.name] = cell
  }
  const label = textOf(labels, languages)
  const first = Object.values(labels)[0]
  if (value === '') {
    if (first === undefined) return undefined
    value = freeValue(first, used)
  }
  used.add(value)
  return { value, ...(label !== undefined && { label }), ...further }
}

/** A form without languages has plain texts. */
function textOf(labels: Record<string, string>, languages: readonly string[]): FormText | undefined {
  const [first, ...others] = Object.keys(labels)
  if (first === undefined) return undefined
  const isPlain = others.length === 0 && (first === '' || (first === languages[0] && languages.length === 1))
  if (isPlain) return labels[first]
  // What has no language is in the one that the form falls back to.
  const { '': bare, ...named } = labels
  return bare === undefined || languages[0] === undefined ? named : { [languages[0]]: bare, ...named }
}

const MAX_VALUE = 60

/** A value from a label, as it is easily told apart in data and expressions: `Drinking water` is `drinking_water`. */
export function valueFrom(label: string): string {
  const value = label
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .slice(0, MAX_VALUE)
    .replaceAll(/^_+|_+$/g, '')
  return value === '' ? 'option' : value
}

/** `valueFrom`, or the first of `…_2`, `…_3` that is not used. */
export function freeValue(label: string, used: ReadonlySet<string>): string {
  const base = valueFrom(label)
  let value = base
  for (let n = 2; used.has(value); n++) value = `${base}_${n}`
  return value
}

/** Values that stand there more than once, and blank ones: no answer could tell such options apart. */
export function repeatedValues(options: readonly FieldOption[]): ReadonlySet<string> {
  const [seen, repeated] = [new Set<string>(), new Set<string>()]
  for (const { value } of options) {
    const spelled = String(value)
    if (seen.has(spelled) || spelled.trim() === '') repeated.add(spelled)
    seen.add(spelled)
  }
  return repeated
}

/** The further columns of the options, in the order in which they appear. */
export function columnsIn(options: readonly unknown[]): string[] {
  const names = new Set<string>()
  for (const option of options) {
    if (!isObject(option)) continue
    for (const [name, cell] of Object.entries(option))
      if (!RESERVED_KEYS.has(name) && (typeof cell === 'string' || typeof cell === 'number')) names.add(name)
  }
  return [...names]
}
