// What becomes of answers that two people changed at once, when one of them goes on with theirs.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { merged } from '../../dashboard/src/screens/submissions/merge.ts'

const answers = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer())),
)

test('what I changed is mine, all else is theirs', () => {
  fc.assert(
    fc.property(answers, answers, answers, (base, mine, theirs) => {
      const result = merged(base, mine, theirs)
      for (const key of ['a', 'b', 'c', 'd']) {
        const isMine = JSON.stringify(base[key]) !== JSON.stringify(mine[key])
        expect(result[key]).toEqual((isMine ? mine : theirs)[key])
      }
    }),
  )
})

test('an answer that I took away is away', () => {
  expect(merged({ a: 1, b: 2 }, { b: 2 }, { a: 5, b: 6 })).toEqual({ b: 6 })
})
