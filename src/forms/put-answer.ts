// Writes one answer where `readAnswer` finds it, whether a client nested the groups or laid them flat. What is not
// touched stays the same object, so that whoever shows answers sees what changed.
import { type Answers, isObject, type Place, readAnswer } from './canonical.ts'

/** The way to a row: through each repeat, outermost first. Empty: the document itself. */
export type RowAddress = readonly { readonly repeat: Place; readonly index: number }[]

/** `answers` with `value` at `place` of the row; `undefined` takes the answer away. The same object where the row is
 *  not there, or nothing changes. */
export function putAnswer(answers: Answers, row: RowAddress, place: Place, value: unknown): Answers {
  const [outer, ...inner] = row
  if (outer === undefined) return put(answers, place, value)
  const rows = readAnswer(answers, outer.repeat)
  const one: unknown = Array.isArray(rows) ? rows[outer.index] : undefined
  if (!Array.isArray(rows) || !isObject(one)) return answers
  const next = putAnswer(one, inner, place, value)
  if (next === one) return answers
  return put(answers, outer.repeat, rows.with(outer.index, next))
}

/** The row at an address; `undefined` where there is none. */
export function rowAt(answers: Answers, address: RowAddress): Answers | undefined {
  let row: unknown = answers
  for (const { repeat, index } of address) {
    const rows: unknown = isObject(row) ? readAnswer(row, repeat) : undefined
    row = Array.isArray(rows) ? rows[index] : undefined
  }
  return isObject(row) ? row : undefined
}

interface Holder {
  readonly row: Answers
  /** The holder that this one lies in, under its key. */
  readonly parent: number
  readonly key: string
}

function put(row: Answers, place: Place, value: unknown): Answers {
  const holders: Holder[] = [{ row, parent: -1, key: '' }]
  for (const key of place.groups) {
    const parent = holders.findLastIndex(({ row }) => (own(row, key) ?? null) !== null)
    const nested = parent < 0 ? undefined : own(holders[parent]!.row, key)
    if (isObject(nested)) holders.push({ row: nested, parent, key })
  }
  // The innermost that holds something is the one that is read.
  const holding = holders.findLastIndex(({ row }) => (own(row, place.id) ?? null) !== null)
  const target = holding < 0 ? holders.length - 1 : holding
  const next = holders.map(({ row }) => row)
  for (let index = holders.length - 1; index >= 0; index--) {
    if (value !== undefined) {
      if (index === target && own(next[index]!, place.id) !== value) next[index] = having(next[index]!, place.id, value)
    } else if (Object.hasOwn(next[index]!, place.id)) {
      // From all of them, or what an outer one holds would come to light.
      next[index] = without(next[index]!, place.id)
    }
    const { row, parent, key } = holders[index]!
    if (parent >= 0 && next[index] !== row) next[parent] = having(next[parent]!, key, next[index])
  }
  return next[0]!
}

/** A computed key is the row's own, even `__proto__`: field ids are free text. */
const having = (row: Answers, key: string, value: unknown): Answers => ({ ...row, [key]: value })

function without(row: Answers, key: string): Answers {
  const { [key]: _, ...rest } = row
  return rest
}

const own = (row: Answers, id: string): unknown => (Object.hasOwn(row, id) ? row[id] : undefined)
