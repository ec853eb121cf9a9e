// One answer written where readAnswer finds it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Answers, readAnswer } from '../../../src/forms/canonical.ts'
import { putAnswer, type RowAddress, rowAt } from '../../../src/forms/put-answer.ts'

const AT_HOME: RowAddress = []

describe('an answer is written', () => {
  test('into the group that a client nested, and beside it where groups lie flat', () => {
    const place = { id: 'street', groups: ['address'] }
    expect(putAnswer({ address: { town: 'Thiès' } }, AT_HOME, place, 'Rue 3')).toEqual({
      address: { town: 'Thiès', street: 'Rue 3' },
    })
    expect(putAnswer({ town: 'Thiès' }, AT_HOME, place, 'Rue 3')).toEqual({ town: 'Thiès', street: 'Rue 3' })
  })

  test('where it was before, though the group is nested', () => {
    const place = { id: 'street', groups: ['address'] }
    const answers = { street: 'Rue 1', address: { town: 'Thiès' } }
    expect(putAnswer(answers, AT_HOME, place, 'Rue 3')).toEqual({ street: 'Rue 3', address: { town: 'Thiès' } })
  })

  test('into a row of a row, and nothing else is touched', () => {
    const repeat = { id: 'members', groups: [] }
    const answers = { members: [{ n: 1 }, { n: 2, ill: [{ d: 1 }, { d: 2 }] }] }
    const row = [
      { repeat, index: 1 },
      { repeat: { id: 'ill', groups: [] }, index: 0 },
    ]
    const next = putAnswer(answers, row, { id: 'd', groups: [] }, 9)
    expect(next).toEqual({ members: [{ n: 1 }, { n: 2, ill: [{ d: 9 }, { d: 2 }] }] })
    expect((next.members as unknown[])[0]).toBe(answers.members[0])
    expect(rowAt(next, row)).toEqual({ d: 9 })
  })

  test('not at all where there is no such row, or nothing changes', () => {
    const answers = { members: [{ n: 1 }], other: 'x' }
    const beyond = [{ repeat: { id: 'members', groups: [] }, index: 7 }]
    expect(putAnswer(answers, beyond, { id: 'n', groups: [] }, 2)).toBe(answers)
    expect(putAnswer(answers, AT_HOME, { id: 'other', groups: [] }, 'x')).toBe(answers)
    expect(putAnswer(answers, AT_HOME, { id: 'absent', groups: [] }, undefined)).toBe(answers)
  })
})

const GROUPS = ['a', 'b', 'c']
const leaf = fc.oneof(fc.constant(null), fc.integer(), fc.string(), fc.constant('__proto__'))
const { row } = fc.letrec<{ row: Answers }>((tie) => ({
  row: fc.dictionary(
    fc.constantFrom(...GROUPS, 'x', 'y', '__proto__', 'constructor'),
    fc.oneof({ maxDepth: 3 }, leaf, tie('row')),
    { maxKeys: 5 },
  ),
}))
const place = fc.record({
  id: fc.constantFrom('x', 'y', '__proto__', 'constructor'),
  groups: fc.subarray(GROUPS),
})

describe('property', () => {
  test('what is put is what is read, and what is taken away is gone', () => {
    fc.assert(
      fc.property(row, place, leaf, (answers, at, value) => {
        const before = structuredClone(answers)
        expect(readAnswer(putAnswer(answers, AT_HOME, at, undefined), at) ?? null).toBe(null)
        if (value !== null) expect(readAnswer(putAnswer(answers, AT_HOME, at, value), at)).toBe(value)
        expect(answers).toEqual(before)
      }),
    )
  })

  test('the answers at other places stay as they were', () => {
    fc.assert(
      fc.property(row, place, place, leaf, (answers, at, other, value) => {
        fc.pre(at.id !== other.id)
        expect(readAnswer(putAnswer(answers, AT_HOME, at, value), other)).toEqual(readAnswer(answers, other))
      }),
    )
  })
})
