// Differences and merges of answers: what a difference says is exactly what it takes to get from one side to the other.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  applyFields,
  changedFields,
  type Difference,
  diffAnswers,
  mergeAnswers,
  pathOf,
} from '../../src/domain/submissions/diff.ts'

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, 1, '', 'a'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), tie('value'), { maxKeys: 3 }),
  ),
})).value
const answers = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), json, { maxKeys: 4 }) as fc.Arbitrary<
  Record<string, unknown>
>

/** Plain objects with plain prototypes, so that equality is about what is in them. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Makes one difference true. List entries that go, go from the end. */
function put(root: unknown, { steps, to }: Difference): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return to
  if (typeof step === 'number') {
    const list = [...(root as unknown[])]
    if (rest.length === 0 && to === undefined) return list.slice(0, step)
    list[step] = put(list[step], { steps: rest, from: undefined, to })
    return list
  }
  const { [step]: old, ...others } = root as Record<string, unknown>
  if (rest.length === 0 && to === undefined) return others
  return { ...others, [step]: put(old, { steps: rest, from: undefined, to }) }
}

const apply = (from: unknown, differences: Difference[]) =>
  // From the end, so that shortening a list does not cut what comes later in it.
  differences.toReversed().reduce(put, from)

describe('differences', () => {
  test('applied to one side they give the other', () => {
    fc.assert(
      fc.property(answers, answers, (from, to) => {
        const grown = differencesInOrder(plain(from), plain(to))
        expect(grown).toEqual(plain(to))
      }),
    )
  })

  test('of equal answers there are none, whatever the order of their keys', () => {
    fc.assert(
      fc.property(answers, (same) => {
        const turned = Object.fromEntries(Object.entries(plain(same)).reverse())
        expect(diffAnswers(plain(same), turned)).toEqual([])
      }),
    )
  })

  test('turned round they swap their sides', () => {
    fc.assert(
      fc.property(answers, answers, (from, to) => {
        const there = diffAnswers(plain(from), plain(to)).map(({ steps, from: a, to: b }) => [pathOf(steps), a, b])
        const back = diffAnswers(plain(to), plain(from)).map(({ steps, from: a, to: b }) => [pathOf(steps), b, a])
        const sorted = (list: unknown[]) => list.map((entry) => JSON.stringify(entry)).toSorted()
        expect(sorted(back)).toEqual(sorted(there))
      }),
    )
  })

  test('paths are spelled as those of issues', () => {
    expect(diffAnswers({ hh: [{ n: 1 }, { n: 2 }] }, { hh: [{ n: 1 }, { n: 3 }] })).toEqual([
      { steps: ['hh', 1, 'n'], from: 2, to: 3 },
    ])
    expect(pathOf(['hh', 1, 'n'])).toBe('hh[1].n')
  })

  test('no more than asked for', () => {
    expect(diffAnswers([1, 2, 3], [4, 5, 6], 2)).toHaveLength(2)
  })
})

/** Removals after additions, each list from its end. */
function differencesInOrder(from: unknown, to: unknown): unknown {
  const differences = diffAnswers(from, to)
  const gone = differences.filter(({ to: value }) => value === undefined)
  const other = differences.filter(({ to: value }) => value !== undefined)
  return apply(apply(from, other.toReversed()), gone)
}

describe('merges', () => {
  test('changes of different fields are both in the result, in either order', () => {
    fc.assert(
      fc.property(answers, answers, answers, (base, mine, theirs) => {
        const one = mergeAnswers(base, mine, theirs)
        const other = mergeAnswers(base, theirs, mine)
        expect(one.conflicts.toSorted()).toEqual(other.conflicts.toSorted())
        if (one.conflicts.length > 0) return
        expect(changedFields(one.merged, other.merged)).toEqual(new Set())
        for (const key of changedFields(base, mine)) expect(one.merged[key]).toEqual(mine[key])
        for (const key of changedFields(base, theirs)) expect(one.merged[key]).toEqual(theirs[key])
      }),
    )
  })

  test('with nobody else there, an edit is what it is', () => {
    fc.assert(
      fc.property(answers, answers, (base, mine) => {
        const { merged, conflicts } = mergeAnswers(base, mine, base)
        expect(conflicts).toEqual([])
        expect(changedFields(merged, mine)).toEqual(new Set())
      }),
    )
  })

  test('the same change on both sides is no conflict, two changes of one field are', () => {
    const base = { a: 1, b: { c: 1 } }
    expect(mergeAnswers(base, { ...base, a: 2 }, { ...base, a: 2 }).conflicts).toEqual([])
    expect(mergeAnswers(base, { ...base, a: 2 }, { ...base, a: 3 }).conflicts).toEqual(['a'])
    expect(mergeAnswers(base, { a: 1 }, { ...base, b: { c: 2 } }).conflicts).toEqual(['b'])
  })

  test('fields are set and unset', () => {
    expect(applyFields({ a: 1, b: 2 }, { c: 3 }, ['a', 'x'])).toEqual({ b: 2, c: 3 })
  })
})
