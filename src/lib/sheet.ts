// Sheets as plain rows of cells, and the names of cells. How they come out of a file is workbook.ts's matter.

/** What a cell says. Dates and times are ISO text: `2026-03-17`, `09:30:00`, `2026-03-17T09:30:00`. */
export type Cell = string | number | boolean | null

export interface Sheet {
  readonly name: string
  /** The first row is row 1. Rows may be of different lengths. */
  readonly rows: readonly (readonly Cell[])[]
  /** Ranges of merged cells, as in `A2:C2`; only the first cell of each has a value. */
  readonly merges: readonly string[]
  /** Cells that hold a formula whose result was never saved, as in `G12`: here they are null. */
  readonly unsaved: readonly string[]
}

/** A spreadsheet program takes no more in one cell. */
export const MAX_CELL_CHARS = 32_767

/** `G12` for row 12 and column 6: rows count from 1, columns from 0. */
export const cellName = (row: number, column: number): string => `${columnLetters(column)}${row}`

/** `G` for 6. */
export function columnLetters(column: number): string {
  let letters = ''
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters
  }
  return letters
}

/** 6 for `G`. */
export const columnIndex = (letters: string): number =>
  [...letters].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0) - 1
