import fc from 'fast-check'
import { expect, test } from 'vitest'
import { slugOf } from '../../../src/lib/slug.ts'

test('names become parts of file names', () => {
  expect(slugOf('Household survey', 'form')).toBe('household_survey')
  expect(slugOf('  A/B: "c" ', 'form')).toBe('a_b_c')
  expect(slugOf('Été 2026', 'form')).toBe('été_2026')
  expect(slugOf('...', 'form')).toBe('form')
  expect(slugOf('x'.repeat(100), 'form')).toBe('x'.repeat(40))
})

test('property: a slug holds nothing that a file system minds, and is its own slug', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const slug = slugOf(name, 'form')
      expect(slug).toMatch(/^[\p{L}\p{M}\p{N}_-]{1,40}$/u)
      expect(slug.isWellFormed()).toBe(true)
      expect(slugOf(slug, 'form')).toBe(slug)
    }),
    { numRuns: 1000 },
  )
})
