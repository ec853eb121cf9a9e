// Patterns of forms: the same answers as the platform's own engine, in time that no pattern can stretch.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern, MAX_STATES } from '../../../src/forms/expression/regex.ts'

const matches = (pattern: string, text: string): boolean => {
  const compiled = compilePattern(pattern)
  if (typeof compiled === 'string') throw new Error(compiled)
  return compiled.test(text, () => {})
}
const stepsOf = (pattern: string, text: string): number => {
  const compiled = compilePattern(pattern)
  if (typeof compiled === 'string') throw new Error(compiled)
  let steps = 0
  compiled.test(text, (more) => {
    steps += more
  })
  return steps
}

describe('patterns', () => {
  test.each([
    ['[0-9]{4}', ['2026'], ['202', '20266', 'abcd']],
    ['^\\d{3}-\\d{2}$', ['123-45'], ['12345']],
    ['(a|bc)+', ['a', 'bcabc'], ['', 'b']],
    ['a*', ['', 'aaa'], ['b']],
    ['a?b{2,3}c{1,}', ['bbc', 'abbbccc'], ['abc', 'abb']],
    ['[^aeiou]+', ['xyz'], ['xaz']],
    ['[a-c\\d_-]+', ['a-1_'], ['d']],
    ['[]a]+', [']a'], ['b']],
    ['.+@.+\\.[a-z]{2,}', ['a@b.org'], ['a@b', '@b.org']],
    ['\\+?\\d[\\d ]*', ['+221 77'], ['+']],
    ['\\p{Lu}\\p{L}*', ['Élan'], ['élan']],
    ['[\\p{Alpha}]+', ['abc'], ['1']],
    ['(?i)abc', ['ABC', 'aBc'], ['abd']],
    ['(?:a|b)(?<name>c)', ['ac'], ['c']],
    ['\\bword\\b', ['word'], ['words']],
    ['\\u0041\\x42', ['AB'], ['ab']],
    ['a{2}', ['aa'], ['a', 'aaa']],
    ['x{a', ['x{a'], ['x']],
    ['a|', ['a', ''], ['b']],
    ['.', ['😀', 'a'], ['\n', 'ab']],
    ['a+?b*?', ['aab'], ['b']],
  ])('%s', (pattern, accepted, refused) => {
    for (const text of accepted) expect([text, matches(pattern, text)]).toEqual([text, true])
    for (const text of refused) expect([text, matches(pattern, text)]).toEqual([text, false])
  })

  test.each([
    ['(a', "'(' without ')'"],
    ['a)', "')' without '('"],
    ['[a', "'[' without ']'"],
    ['*a', 'nothing to repeat'],
    ['a**', 'two quantifiers'],
    ['a\\', "ends in '\\'"],
    ['[b-a]', 'the wrong way round'],
    ['a{3,2}', 'the wrong way round'],
    ['(a)\\1', 'references back'],
    ['(?=a)b', 'looking ahead'],
    ['(?<!a)b', 'looking ahead'],
    ['a++', 'possessive'],
    ['\\p{Nonsense}', 'no property'],
    ['\\q', "'\\q' is not understood"],
    ['(((a{100}){100}){100})', 'repeats too much'],
    ['a'.repeat(1_001), 'at most'],
  ])('%s is refused with a reason', (pattern, reason) => expect(compilePattern(pattern)).toContain(reason))
})

test.each(['(a+)+', '(a|aa)+', '(a*)*', '(.*)(.*)(.*)(.*)(.*)b', '(a?){200}a{200}', '([a-zA-Z]+)*'])(
  'the hostile pattern %s takes steps in line with the text',
  (pattern) => {
    const steps = (length: number) => stepsOf(pattern, `${'a'.repeat(length)}!`)
    expect(steps(1_000)).toBeLessThan(1_000 * MAX_STATES)
    expect(steps(2_000)).toBeLessThanOrEqual(2.1 * steps(1_000))
  },
)

describe('properties', () => {
  const atoms = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '(a|b)', '((ab)?)', '1')
  const pieces = fc
    .tuple(atoms, fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}', '{1,}'))
    .map((parts) => parts.join(''))
  const patterns = fc.oneof(
    fc.array(pieces, { maxLength: 5 }).map((parts) => parts.join('')),
    fc.tuple(pieces, pieces, pieces).map(([a, b, c]) => `(${a}${b})*|${c}`),
  )

  test('answers are those of the platform', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', '1', ' '), { maxLength: 8 }).map((chars) => chars.join(''))
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(matches(pattern, text)).toBe(new RegExp(`^(?:${pattern})$`).test(text))
      }),
      { numRuns: 2_000 },
    )
  })

  test('no pattern throws', () => {
    const texts = fc
      .array(fc.constantFrom(...'ab()[]{}*+?|\\^$.-,12:=<!pdLu'), { maxLength: 20 })
      .map((chars) => chars.join(''))
    fc.assert(
      fc.property(fc.oneof(texts, fc.string()), (pattern) => {
        const compiled = compilePattern(pattern)
        if (typeof compiled !== 'string') expect(typeof compiled.test('ab1', () => {})).toBe('boolean')
      }),
      { numRuns: 2_000 },
    )
  })
})
