// Both grammars: what they read alike, what they refuse and where, and that printing is the inverse of parsing.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../../src/forms/expression/parse.ts'
import { printExpression, toXlsform } from '../../../src/forms/expression/print.ts'
import { type Dialect, MAX_LENGTH, MAX_NESTING, type Node } from '../../../src/forms/expression/syntax.ts'
import { shape } from './expressions.ts'
import { trees } from './trees.ts'

const DIALECTS: Dialect[] = ['native', 'xlsform']
const parsed = (text: string, dialect: Dialect = 'native'): Node => {
  const result = parseExpression(text, dialect)
  if (!result.ok) throw new Error(`${text}: ${result.fault.message}`)
  return result.node
}
const faultOf = (text: string, dialect: Dialect = 'native') => {
  const result = parseExpression(text, dialect)
  return result.ok ? undefined : result.fault
}
const printed = (text: string, from: Dialect, to: Dialect = from) => printExpression(parsed(text, from), to)

describe('reading', () => {
  test.each([
    ['a-b', 'a - b'],
    ['a - int(b)', 'a - int(b)'],
    ['a-int(b)', 'a - int(b)'],
    ['string-length(a)-b', 'string-length(a) - b'],
    ['count-selected ( tags ) > 1', 'count-selected(tags) > 1'],
    ['(a)', 'a'],
    ['((a + b)) * c', '(a + b) * c'],
    ['a / b div c', 'a / b / c'],
    ['a - (b - c)', 'a - (b - c)'],
    ['(a - b) - c', '(a - b) - c'],
    ['a or b and c', 'a or b and c'],
    ['(a or b) and c', '(a or b) and c'],
    ['not(a=1)', 'not(a = 1)'],
    ['-a * -3', '-a * -3'],
    ['-(a + b)', '-(a + b)'],
    ['${a b} + ${c}', '${a b} + ${c}'],
    ['${div} div ${mod}', '${div} / ${mod}'],
    ['not = 1', 'not = 1'],
    ['a = true', 'a = true'],
    ['a = "it\'s"', 'a = "it\'s"'],
    ['. >= -1', '. >= -1'],
    ['.5 + .', '0.5 + .'],
    ['position(..)', 'position(..)'],
    ['position( ../.. )', 'position(../..)'],
    ['a\n =\t1', 'a = 1'],
    ['1000000000000000000000000', '1000000000000000000000000'],
    ['0.0000001', '0.0000001'],
  ])('native %s', (text, wanted) => expect(printed(text, 'native')).toBe(wanted))

  test.each([
    ['${a} div 2 mod 3', '${a} div 2 mod 3'],
    ['.>=0 and .<=${b}', '. >= 0 and . <= ${b}'],
    ['${ a }*2', '${a} * 2'],
    ['2*3', '2 * 3'],
    ['../a', '${a}'],
    ['./a', '${a}'],
    ['/data/group/a', '${a}'],
    ['//a', '${a}'],
    ['current()/../a', '${a}'],
    ['current()/.', '.'],
    ['a-b', 'a-b'],
    ['state = ${state}', 'state = ${state}'],
    ['if (${a}, 1, null)', "if(${a}, 1, '')"],
    ['count(${a} | ${b})', 'count(${a} | ${b})'],
    ["instance('c')/root/item[name = ${a}]/label", "instance('c')/root/item[name = ${a}]/label"],
    ['${hh}[position() = 1]/age + 1', '${hh}[position() = 1]/age + 1'],
    ['${last-saved#a}', '${last-saved#a}'],
    ['child::a/@b', 'child::a/@b'],
    ['*', '*'],
    ['true()', 'true()'],
  ])('xlsform %s', (text, wanted) => expect(printed(text, 'xlsform')).toBe(wanted))

  test('a path that is kept as written still shows the fields it needs', () => {
    expect(shape(parsed("instance('c')/root/item[name = ${a}]/label", 'xlsform'))).toMatchObject({
      type: 'path',
      args: [{ name: 'instance' }, { right: { type: 'ref', id: 'a' } }],
    })
    expect(printed("instance('c')/root/item", 'xlsform', 'native')).toBeUndefined()
  })
})

describe('what is refused says where and what to write', () => {
  test.each<[string, Dialect, number, string]>([
    ['', 'native', 1, 'ends too early'],
    ['   ', 'native', 4, 'ends too early'],
    ['a =', 'native', 4, 'ends too early'],
    ['a b', 'native', 3, "'b' is not expected"],
    ['not (an expression', 'native', 9, "')' is missing before 'expression'"],
    ['(a', 'native', 1, "'(' has no closing ')'"],
    ['a)', 'native', 2, "')' is not expected"],
    ["a = 'x", 'native', 5, "no closing '"],
    ['a == 1', 'native', 3, "written '='"],
    ['a && b', 'native', 3, "written 'and'"],
    ['a || b', 'native', 3, "written 'or'"],
    ['A = 1 AND b = 2', 'native', 7, "lower case: 'and'"],
    ['and = 1', 'native', 1, "'and' has nothing before it"],
    ['!a', 'native', 1, 'not( )'],
    ['7 % 2', 'native', 3, "written 'mod'"],
    ['a = b = c', 'native', 7, 'at a time'],
    ['${a', 'xlsform', 1, "no closing '}'"],
    ['${} = 1', 'xlsform', 1, 'the id of a field'],
    ['$a', 'xlsform', 1, 'before the id of a field'],
    ['a = ‘x’', 'native', 5, 'typographic quote'],
    ['a # b', 'native', 3, 'means nothing'],
    ['âge > 5', 'native', 1, 'in braces'],
    ['${a} / 2', 'xlsform', 8, "'2' is not expected"],
    ['f(a,)', 'native', 5, "')' is not expected"],
    [`${'9'.repeat(400)}`, 'native', 1, 'too large'],
    [`a${' '.repeat(MAX_LENGTH)}`, 'native', MAX_LENGTH + 1, 'at most'],
    [`${'('.repeat(MAX_NESTING + 1)}a`, 'native', MAX_NESTING + 1, 'nest at most'],
    [`${'-'.repeat(MAX_NESTING + 1)}a`, 'native', MAX_NESTING + 1, 'nest at most'],
  ])('%s', (text, dialect, column, message) => {
    const fault = faultOf(text, dialect)
    expect(fault?.message).toContain(message)
    expect(fault?.column).toBe(column)
  })

  test('long sums and long junctions do not count as deep', () => {
    const sum = Array.from({ length: 2_000 }, () => 'a').join(' + ')
    expect(faultOf(sum)).toBeUndefined()
    expect(faultOf(sum.replaceAll('+', 'or').slice(0, MAX_LENGTH))).toBeUndefined()
  })
})

test('a native expression translates to XLSForm with its blanks', () => {
  const translated = (text: string) =>
    printExpression(
      toXlsform(parsed(text), (name) => name === 'state'),
      'xlsform',
    )
  expect(translated('a + b * 2')).toBe('coalesce(${a}, 0) + coalesce(${b}, 0) * 2')
  expect(translated("consent = 'no' and not(age < 5)")).toBe("${consent} = 'no' and not(${age} < 5)")
  expect(translated('state = region or a = true')).toBe('state = ${region} or ${a} = true()')
  expect(translated('a / 2')).toBe('coalesce(${a}, 0) div 2')
  expect(translated('a = null')).toBe("${a} = ''")
})

describe('properties', () => {
  test('no text makes a parser throw, and a fault lies within the text', () => {
    const pieces = fc.constantFrom(
      'a',
      '${x}',
      '(',
      ')',
      "'",
      '"',
      '.',
      '..',
      '/',
      '[',
      ']',
      'and',
      '-',
      '=',
      ',',
      '1',
      ' ',
      'if(',
      '|',
      '::',
      '@',
      '*',
    )
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(texts, fc.constantFrom(...DIALECTS), (text, dialect) => {
        const result = parseExpression(text, dialect)
        if (!result.ok) {
          expect(result.fault.column).toBeGreaterThanOrEqual(1)
          expect(result.fault.column).toBeLessThanOrEqual(text.length + 1)
          return
        }
        const once = printExpression(result.node, dialect)!
        expect(printExpression(parsed(once, dialect), dialect)).toBe(once)
        expect(shape(parsed(once, dialect))).toEqual(shape(result.node))
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(DIALECTS)('parsing what was printed gives the same tree: %s', (dialect) => {
    fc.assert(
      fc.property(trees, (tree) => {
        const text = printExpression(tree, dialect)!
        expect(shape(parsed(text, dialect))).toEqual(shape(tree))
      }),
      { numRuns: 500 },
    )
  })
})
