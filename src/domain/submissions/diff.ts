// What differs between two states of a submission's answers. Pure. Fields are compared as sent: moving an answer into
// its group is a difference, because that is what changed on the wire.

export interface Difference {
  /** Keys and list indexes from the top: `['hh', 1, 'm_name']`. */
  steps: (string | number)[]
  /** Undefined: was not there. */
  from: unknown
  /** Undefined: is not there any more. */
  to: unknown
}

type Json = Record<string, unknown>

const isPlain = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const own = (value: Json, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined)

/** Every place where two JSON values differ, as deep as both have the same shape, at most `max`. Of lists the common part
 *  is compared index by index. */
export function diffAnswers(from: unknown, to: unknown, max = Number.POSITIVE_INFINITY): Difference[] {
  const found: Difference[] = []
  compare(from, to, [], found, max)
  return found
}

function compare(from: unknown, to: unknown, steps: (string | number)[], found: Difference[], max: number): void {
  if (found.length >= max || from === to) return
  if (isPlain(from) && isPlain(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
      compare(own(from, key), own(to, key), [...steps, key], found, max)
  } else if (Array.isArray(from) && Array.isArray(to)) {
    for (let index = 0; index < Math.max(from.length, to.length); index++)
      compare(from[index], to[index], [...steps, index], found, max)
  } else {
    found.push({ steps, from, to })
  }
}

/** `hh[1].m_name`, as the paths of issues. */
export const pathOf = (steps: (string | number)[]): string =>
  steps.reduce<string>(
    (path, step) => (typeof step === 'number' ? `${path}[${step}]` : path === '' ? step : `${path}.${step}`),
    '',
  )

/** The top-level fields that differ. */
export const changedFields = (from: Json, to: Json): Set<string> =>
  new Set(
    [...new Set([...Object.keys(from), ...Object.keys(to)])].filter(
      (key) => diffAnswers(own(from, key), own(to, key), 1).length > 0,
    ),
  )

/** `base` with the fields in `set` replaced and those in `unset` removed. */
export function applyFields(base: Json, set: Json, unset: readonly string[]): Json {
  const gone = new Set(unset)
  return { ...Object.fromEntries(Object.entries(base).filter(([key]) => !gone.has(key))), ...set }
}

/**
 * Two changes of the same base brought together, field by field: `theirs` with what `mine` changed. `conflicts` names
 * the fields that both changed, each its own way; then there is nothing to merge.
 */
export function mergeAnswers(base: Json, mine: Json, theirs: Json): { merged: Json; conflicts: string[] } {
  const touched = changedFields(base, mine)
  const touchedToo = changedFields(base, theirs)
  const conflicts = [...touched].filter(
    (key) => touchedToo.has(key) && diffAnswers(own(mine, key), own(theirs, key), 1).length > 0,
  )
  const kept = [...touched].filter((key) => Object.hasOwn(mine, key))
  const gone = [...touched].filter((key) => !Object.hasOwn(mine, key))
  return { merged: applyFields(theirs, Object.fromEntries(kept.map((key) => [key, mine[key]])), gone), conflicts }
}
