// Thinned lines: fewer corners, the same line.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Corner, thinLine } from '../../../src/lib/thin-line.ts'

const corner: fc.Arbitrary<Corner> = fc.tuple(
  fc.double({ min: -180, max: 180, noNaN: true }),
  fc.double({ min: -90, max: 90, noNaN: true }),
)

test('what is kept are corners of the line in their order, with both ends, and never more than asked for', () => {
  fc.assert(
    fc.property(fc.array(corner, { minLength: 2, maxLength: 200 }), fc.integer({ min: 2, max: 50 }), (line, most) => {
      const kept = thinLine(line, most, 0.00002)
      expect(kept.length).toBeLessThanOrEqual(Math.max(most, 2))
      expect([kept[0], kept.at(-1)]).toEqual([line[0], line.at(-1)])
      let from = -1
      for (const one of kept) {
        from = line.indexOf(one, from + 1)
        expect(from).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})

test('a line that is short enough stays as it is; a straight one is its ends; a bend stays', () => {
  const straight = Array.from({ length: 500 }, (_, i): Corner => [i / 100, i / 100])
  expect(thinLine(straight.slice(0, 10), 10, 1)).toEqual(straight.slice(0, 10))
  expect(thinLine(straight, 100, 0.001)).toEqual([straight[0]!, straight[499]!])
  const bent: Corner[] = straight.with(250, [2.5, 9])
  expect(thinLine(bent, 100, 0.001)).toContainEqual([2.5, 9])
  expect(thinLine([[1, 1]], 300, 0.001)).toEqual([[1, 1]])
  const still = Array.from({ length: 500 }, (): Corner => [3, 3])
  expect(thinLine(still, 300, 0.001)).toHaveLength(2)
})
