// Cells as files with typed columns take them: numbers as numbers, dates as days. What a cell holds is not always what
// its column is for (devices send what was typed), so every reading may come to nothing. Pure.
import { canonicalNumber } from '../../forms/canonical.ts'
import { DAY_MS, isDate } from '../../forms/time.ts'
import type { Cell } from './model.ts'

/** As a number if that loses nothing: "25" is 25, "12 apples" is none, nor are digits that no number can hold. */
export function numberIn(cell: Cell): number | undefined {
  if (typeof cell === 'number') return cell
  const number = typeof cell === 'string' ? canonicalNumber(cell) : undefined
  return number !== undefined && Number.isInteger(number) && !Number.isSafeInteger(number) ? undefined : number
}

export function integerIn(cell: Cell): number | undefined {
  const number = numberIn(cell)
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined
}

/** Days since 1970 of `YYYY-MM-DD`. */
export const dayIn = (cell: Cell): number | undefined =>
  typeof cell === 'string' && isDate(cell) ? Date.parse(`${cell}T00:00:00Z`) / DAY_MS : undefined
