// Going on with an edit after somebody else's.
export type Answers = Record<string, unknown>

/** Their answers with what I changed put over them. */
export function merged(base: Answers, mine: Answers, theirs: Answers): Answers {
  const result = { ...theirs }
  for (const key of new Set([...Object.keys(base), ...Object.keys(mine)])) {
    if (JSON.stringify(base[key]) === JSON.stringify(mine[key])) continue
    if (mine[key] === undefined) delete result[key]
    else result[key] = mine[key]
  }
  return result
}
