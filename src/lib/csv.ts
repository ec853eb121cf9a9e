// Writes comma-separated values: RFC 4180 with minimal quoting, UTF-8 left to the caller. Optionally makes harmless what
// a spreadsheet would run as a formula. Reading is not done here.
import { isoTime } from './iso-time.ts'

export type CsvCell = string | number | boolean | null

export interface CsvOptions {
  /** Columns whose numbers are epoch milliseconds, written as ISO 8601 in UTC. */
  times: readonly boolean[]
  /** Put an apostrophe before texts that begin like a formula. Numbers, also those sent as text, are left alone. */
  guard: boolean
}

const NEEDS_QUOTES = /[",\r\n]/
/** What spreadsheets take for a number: a sign alone makes no formula of it. */
const SIGNED_NUMBER = /^[+-]\d+(?:\.\d+)?$/

/** Lines with their CRLF. Built for hundreds of thousands of rows: one text, no closures. */
export function csvLines(rows: readonly (readonly CsvCell[])[], { times, guard }: CsvOptions): string {
  let text = ''
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!
    for (let c = 0; c < row.length; c++) {
      if (c > 0) text += ','
      const cell = row[c]!
      if (cell === null) continue
      if (typeof cell === 'string') {
        const safe = guard && isFormula(cell) ? `'${cell}` : cell
        text += NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
      } else text += typeof cell === 'number' && times[c] ? isoTime(cell) : String(cell)
    }
    text += '\r\n'
  }
  return text
}

/** Whether a spreadsheet would run this text. Source: OWASP, CSV injection. */
export function isFormula(text: string): boolean {
  switch (text.charCodeAt(0)) {
    case 0x3d: // =
    case 0x40: // @
    case 0x09: // tab
    case 0x0a:
    case 0x0d:
    case 0xff1d: // the full-width forms of =, @, +, -
    case 0xff20:
    case 0xff0b:
    case 0xff0d:
      return true
    case 0x2b: // +
    case 0x2d: // -
      return !SIGNED_NUMBER.test(text)
    default:
      return false
  }
}
