// The small steps of writing: texts by language, expressions in the words of XLSForm, and what goes into our own column.
import type { Cell } from '../../lib/sheet.ts'
import { isObject } from '../canonical.ts'
import { parseExpression } from '../expression/parse.ts'
import { printExpression, toXlsform } from '../expression/print.ts'
import type { Dialect } from '../expression/syntax.ts'
import { Languages } from './columns.ts'
import { textOf } from './findings.ts'
import type { Line } from './lines.ts'

/** What writing a document needs everywhere. */
export interface Writing {
  readonly dialect: Dialect
  readonly defaultLanguage: string | undefined
  /** How a language is headed, where that is not what we call it. */
  readonly headings: Readonly<Record<string, unknown>>
  /** Lists of options by name; those that fields bring with them are added. */
  readonly lists: Map<string, readonly unknown[]>
  /** Lists that go to the sheet external_choices. */
  readonly external: ReadonlySet<unknown>
}

/** Whether a cell with this text is read back as it is. */
export const isKept = (text: string): boolean => text !== '' && textOf(text) === text

/** Puts a text into the column of its header, or of its languages. False where the columns cannot hold it. */
export function writeText(line: Line, header: string, text: unknown, { headings }: Writing): boolean {
  if (typeof text === 'string') {
    if (!isKept(text)) return false
    line.set(header, text)
    return true
  }
  if (!isObject(text)) return false
  const cells: [string, string][] = []
  for (const [language, content] of Object.entries(text)) {
    const heading = headings[language] ?? language
    if (typeof heading !== 'string' || typeof content !== 'string' || !isKept(content)) return false
    if (!isHeading(heading) || new Languages().keyOf(heading) !== language) return false
    cells.push([`${header}::${heading}`, content])
  }
  for (const [key, content] of cells) line.set(key, content)
  return cells.length > 0
}

const isHeading = (text: string): boolean => isKept(text) && !text.includes('::') && !/\s\s|[^\S ]/.test(text)

/** An expression as XLSForm writes it; `undefined` where it cannot, or where it would not be read back as it is. */
export function expressionCell(
  text: string,
  { dialect }: Writing,
  isColumn?: (name: string) => boolean,
): string | undefined {
  if (dialect === 'xlsform') return isKept(text) && !/[‘’“”\u00a0]/.test(text) ? text : undefined
  const parsed = parseExpression(text, 'native')
  if (!parsed.ok) return undefined
  const printed = printExpression(toXlsform(parsed.node, isColumn), 'xlsform')
  return printed !== undefined && isKept(printed) ? printed : undefined
}

/** Numbers, truth values and texts that a cell gives back as they are. */
export const isPlain = (value: unknown): value is Exclude<Cell, null> =>
  (typeof value === 'number' && Number.isFinite(value)) ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && isKept(value))
