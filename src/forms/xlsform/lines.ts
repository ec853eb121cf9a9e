// Rows in the making: cells by header, whose columns are found when all rows are there.
import type { Cell } from '../../lib/sheet.ts'
import { OWN_COLUMN } from './columns.ts'

/** The cells of a row by the header of their column. */
export type Line = Map<string, Cell>

export class Lines {
  readonly #order: readonly string[]
  readonly #lines: Line[] = []

  /** `order` is that of the columns; a text and its translations stand together. Others follow as they come up. */
  constructor(order: readonly string[]) {
    this.#order = order
  }

  get size(): number {
    return this.#lines.length
  }

  add(line: Line): void {
    this.#lines.push(line)
  }

  /** The header and a row for each line; the first three columns always, the others where something is in them. */
  rows(): Cell[][] {
    const headers = new Set(this.#order.slice(0, 3))
    for (const line of this.#lines) for (const header of line.keys()) headers.add(header)
    const places = new Map([...headers].map((header, index) => [header, this.#rankOf(header) * MANY + index]))
    const columns = [...headers].sort((a, b) => places.get(a)! - places.get(b)!)
    // A text that comes only in translations has no column without a language.
    const used = columns.filter((header) => !this.#isReplaced(header, headers))
    return [used, ...this.#lines.map((line) => used.map((header) => line.get(header) ?? null))]
  }

  #rankOf(header: string): number {
    if (header === OWN_COLUMN) return MANY
    const rank = this.#order.indexOf(baseOf(header))
    return rank < 0 ? this.#order.length : rank
  }

  #isReplaced(header: string, headers: ReadonlySet<string>): boolean {
    if (this.#lines.some((line) => line.has(header))) return false
    return [...headers].some((other) => other.startsWith(`${header}::`))
  }
}

const MANY = 100_000

/** `label` for `label::English (en)`, `image` for `media::image::English (en)`. */
const baseOf = (header: string): string => (header.startsWith('media::') ? header.slice(7) : header).split('::')[0]!
