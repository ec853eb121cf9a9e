// What there is to say about a workbook, each thing with its place: faults keep it from being a form, warnings do not.
import { type Cell, cellName, type Sheet } from '../../lib/sheet.ts'

/** `row` and `column` as a spreadsheet program shows them: rows from 1, the column by its header. `cell` is `G12`. The
 *  message says what to change and stands for itself beside the place. */
export interface SheetFinding {
  readonly sheet: string | null
  readonly row: number | null
  readonly column: string | null
  readonly cell: string | null
  readonly message: string
}

/** Findings of each kind; what comes after them goes unreported, and that is said. */
export const MAX_FINDINGS = 1_000

/** A place in a workbook: a sheet, a row of it, a cell. Columns count from 0. */
export interface Place {
  readonly sheet: Sheet
  readonly row?: number | undefined
  readonly column?: { readonly index: number; readonly header: string } | undefined
}

export class Findings {
  readonly faults: SheetFinding[] = []
  readonly warnings: SheetFinding[] = []
  #faultsLeftOut = 0
  #suggestionsLeft = MAX_SUGGESTIONS

  fault(place: Place | undefined, message: string): void {
    if (this.faults.length < MAX_FINDINGS) this.faults.push(located(place, message))
    else if (this.#faultsLeftOut++ === 0) {
      this.faults.push(located(undefined, `There are more than ${MAX_FINDINGS} faults; the rest is not listed.`))
    }
  }

  /** The candidate that was most likely meant, as a sentence to append; '' when none is near, or after many. */
  suggestion(text: string, candidates: Iterable<string>): string {
    if (this.#suggestionsLeft === 0) return ''
    this.#suggestionsLeft--
    return suggestionFor(text, candidates)
  }

  warn(place: Place | undefined, message: string): void {
    if (this.warnings.length < MAX_FINDINGS) this.warnings.push(located(place, message))
  }
}

function located(place: Place | undefined, message: string): SheetFinding {
  const { sheet, row, column } = place ?? {}
  return {
    sheet: sheet?.name ?? null,
    row: row ?? null,
    column: column?.header ?? null,
    cell: row === undefined || column === undefined ? null : cellName(row, column.index),
    message,
  }
}

/** `survey row 12, relevant (G12): there is no field 'agge'`. */
export function sentenceOf({ sheet, row, column, cell, message }: SheetFinding): string {
  const place = [sheet, row !== null && `row ${row}`].filter(Boolean).join(' ')
  const where = column === null ? place : `${place}, ${column}${cell === null ? '' : ` (${cell})`}`
  return where === '' ? message : `${where}: ${message}`
}

/** What a cell says as text, without the spaces around it; '' for an empty one. Spreadsheet programs make TRUE of what
 *  people write as true. */
export function textOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE'
  if (typeof cell === 'number') return String(cell)
  return cell.toWellFormed().replaceAll('\0', '').trim()
}

export const quoted = (text: string): string => `'${text.length > 60 ? `${text.slice(0, 60)}…` : text}'`

function suggestionFor(text: string, candidates: Iterable<string>): string {
  const wanted = text.slice(0, MAX_COMPARED).toLowerCase()
  let best: { name: string; distance: number } | undefined
  let left = MAX_CANDIDATES
  for (const name of candidates) {
    if (left-- === 0) break
    const distance = editDistance(wanted, name.slice(0, MAX_COMPARED).toLowerCase())
    if (distance <= Math.ceil(wanted.length / 3) && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { name, distance }
    }
  }
  return best === undefined ? '' : ` Did you mean ${quoted(best.name)}?`
}

const MAX_COMPARED = 40
const MAX_CANDIDATES = 2_000
/** Whoever misspelled more than these will not read on. */
const MAX_SUGGESTIONS = 30

/** Letters to add, take away or replace. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_COMPARED / 4) return MAX_COMPARED
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}
