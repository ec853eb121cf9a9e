// Rules as rows: a view on the text, which says the same before and after.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Grammar,
  isComplete,
  type Row,
  type Rules,
  readRules,
  type Subject,
  type Value,
  writeRules,
} from '../../../dashboard/src/screens/builder/parts/rules/rows.ts'
import { printExpression } from '../../../src/forms/expression/print.ts'
import type { Dialect } from '../../../src/forms/expression/syntax.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { resultOf } from '../forms/expressions.ts'
import { trees } from '../forms/trees.ts'

const NO_COLUMNS: ReadonlySet<string> = new Set()
const native: Grammar = { dialect: 'native', columns: NO_COLUMNS }
const xlsform: Grammar = { dialect: 'xlsform', columns: NO_COLUMNS }
const filter = (dialect: Dialect): Grammar => ({ dialect, columns: new Set(['value', 'name', 'region']) })
const GRAMMARS = { native, xlsform, 'native filter': filter('native'), 'xlsform filter': filter('xlsform') }

const rowsOf = (text: string, grammar = native): readonly Row[] | undefined => readRules(text, grammar)?.rows

const field = (id: string): Subject => ({ is: 'field', id })

describe('a rule is read as rows', () => {
  test('of comparisons, in either spelling', () => {
    const rows = [
      {
        is: 'comparison',
        subject: field('age'),
        measure: 'answer',
        operator: '>=',
        value: { is: 'number', number: 18 },
      },
      {
        is: 'comparison',
        subject: field('consent'),
        measure: 'answer',
        operator: '=',
        value: { is: 'text', text: 'yes' },
      },
    ]
    expect(readRules("age >= 18 and consent = 'yes'", native)).toEqual({ join: 'and', rows })
    expect(readRules("${age} >= 18 and ${consent} = 'yes'", xlsform)).toEqual({ join: 'and', rows })
    expect(readRules("18 <= age and 'yes' = consent", native)).toEqual({ join: 'and', rows })
  })

  test('of what is chosen, blank, contained, and long', () => {
    const rule = "not(selected(tags, 'food')) or name = '' or contains(name, 'x') or string-length(name) > 3 or . != ''"
    expect(rowsOf(rule)).toMatchObject([
      { is: 'test', operator: 'not_selected', value: { text: 'food' } },
      { is: 'state', operator: 'blank' },
      { is: 'test', operator: 'contains' },
      { is: 'comparison', measure: 'characters', operator: '>', value: { number: 3 } },
      { is: 'state', operator: 'answered', subject: { is: 'self' } },
    ])
  })

  test('where a row can show only a part, the rest stays an expression', () => {
    const rule = 'age > 3 and (round(age) = 4 or age = 5)'
    expect(rowsOf(rule)).toMatchObject([{ is: 'comparison' }, { is: 'expression', text: 'round(age) = 4 or age = 5' }])
    expect(writeRules(readRules(rule, native)!, native)).toBe(rule)
  })

  test('in a choice filter, plain names are columns before they are fields', () => {
    const rule = 'region = ${region} and name != ${name}'
    for (const dialect of ['native', 'xlsform'] as const) {
      expect(rowsOf(rule, filter(dialect))).toMatchObject([
        { subject: { is: 'column', name: 'region' }, value: { is: 'field', id: 'region' } },
        { subject: { is: 'column', name: 'name' }, value: { is: 'field', id: 'name' } },
      ])
      expect(writeRules(readRules(rule, filter(dialect))!, filter(dialect))).toBe(rule)
    }
  })

  test('there are none of what is no expression', () => {
    expect(readRules('age >', native)).toBeUndefined()
    expect(readRules(' ', native)).toEqual({ join: 'and', rows: [] })
  })
})

test('rows that are not complete are not written', () => {
  const whole: Row = { is: 'state', subject: field('age'), operator: 'answered' }
  const parts: Row[] = [
    { is: 'expression', text: 'age > ' },
    { is: 'comparison', subject: field('name'), measure: 'answer', operator: '=', value: { is: 'text', text: '' } },
    whole,
  ]
  expect(parts.map((row) => isComplete(row, native))).toEqual([false, false, true])
  expect(writeRules({ join: 'or', rows: parts }, native)).toBe("age != ''")
})

const ids = fc.constantFrom('age', 'name', 'tags', 'd', 'rows', 'n', 'with space', 'and', 'région')
const subjects = (grammar: Grammar): fc.Arbitrary<Subject> =>
  fc.oneof(
    fc.constant<Subject>({ is: 'self' }),
    ids.map(field),
    ...(grammar.columns.size > 0
      ? [fc.constantFrom(...grammar.columns).map((name): Subject => ({ is: 'column', name }))]
      : []),
  )
const values = (grammar: Grammar): fc.Arbitrary<Value> =>
  fc.oneof(
    subjects(grammar),
    fc.string({ minLength: 1 }).map((text): Value => ({ is: 'text', text })),
    fc.constantFrom('it\'s "so"', "'", 'red').map((text): Value => ({ is: 'text', text })),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number): Value => ({ is: 'number', number: number || 0 })),
    fc.constantFrom<Value>({ is: 'today' }, { is: 'now' }),
  )
/** What no row can show, as it is printed. */
const EXPRESSIONS = ['round(.) = 4', "if(. = '', 1, 2)", '. + 1 > 3', '(. = 1) = 2', 'not(. = 1)', 'position(..)']
const rows = (grammar: Grammar): fc.Arbitrary<Row> =>
  fc.oneof(
    fc.record({
      is: fc.constant('comparison' as const),
      subject: subjects(grammar),
      measure: fc.constantFrom('answer' as const, 'characters' as const, 'chosen' as const, 'rows' as const),
      operator: fc.constantFrom('=' as const, '!=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const),
      value: values(grammar),
    }),
    fc.record({
      is: fc.constant('test' as const),
      subject: subjects(grammar),
      operator: fc.constantFrom('contains', 'starts', 'ends', 'matches', 'selected', 'not_selected'),
      value: values(grammar),
    }),
    fc.record({
      is: fc.constant('state' as const),
      subject: subjects(grammar),
      operator: fc.constantFrom('blank' as const, 'answered' as const),
    }),
    fc.constantFrom(...EXPRESSIONS).map((text): Row => ({ is: 'expression', text })),
  ) as fc.Arbitrary<Row>
const rules = (grammar: Grammar): fc.Arbitrary<Rules> =>
  fc
    .record({ join: fc.constantFrom('and' as const, 'or' as const), rows: fc.array(rows(grammar), { maxLength: 4 }) })
    // One row is joined with nothing.
    .map(({ join, rows: all }) => ({ join: all.length < 2 ? 'and' : join, rows: all }))

describe.each(Object.entries(GRAMMARS))('%s', (_, grammar) => {
  test('rows come back from their text as they were', () => {
    fc.assert(
      fc.property(rules(grammar), (all) => {
        expect(readRules(writeRules(all, grammar), grammar)).toEqual(all)
      }),
    )
  })
})

const FIELDS: Field[] = [
  { id: 'name', type: 'text' },
  { id: 'age', type: 'integer' },
  { id: 'd', type: 'date' },
  { id: 'tags', type: 'select_multiple', options: [{ value: 'red' }, { value: 'x' }] },
  { id: 'rows', type: 'repeat', fields: [{ id: 'n', type: 'decimal' }] },
]
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const answers = fc.record({
  name: optional(fc.constantFrom('', ' ', 'red', 'x', '5', '25.0', '2026-03-01')),
  age: optional(fc.constantFrom(0, 5, 25, -1, '5')),
  d: optional(fc.constantFrom('2026-03-01', '2020-01-01')),
  tags: optional(fc.subarray(['red', 'x'])),
  rows: optional(fc.array(fc.record({ n: fc.constantFrom(1, 5, null) }), { maxLength: 2 })),
})
const SUBJECTS = ['name', 'age', 'd', 'tags', 'rows', 'n'].map((id) => `\${${id}}`)
const OPERANDS = [...SUBJECTS, '5', '-1', "''", "'red'", "'5'", 'today()', "concat('re', 'd')", "'2026-03-01'"]
const MEASURED = [...SUBJECTS, 'string-length(${name})', 'count-selected(${tags})', 'count(${rows})']
const conditions = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...OPERANDS, ...MEASURED),
      fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
      fc.constantFrom(...OPERANDS, ...MEASURED),
    )
    .map((parts) => parts.join(' ')),
  fc
    .tuple(fc.constantFrom('contains', 'starts-with', 'selected'), fc.constantFrom(...SUBJECTS, "'red'"))
    .map(([name, subject]) => `${name}(${subject}, 'red')`),
  fc.constantFrom('not(selected(${tags}, "x"))', '${age}', 'not(${age} = 5)', '(${age} = 5 or ${age} = 25)'),
)
const written = fc
  .tuple(fc.constantFrom(' and ', ' or '), fc.array(conditions, { minLength: 1, maxLength: 3 }))
  .map(([join, parts]) => parts.join(join))

test.each(['native', 'xlsform'] as const)('%s: a text means the same once it was rows', (dialect) => {
  const grammar: Grammar = { dialect, columns: NO_COLUMNS }
  const now = Date.parse('2026-03-01T12:00:00Z')
  fc.assert(
    fc.property(written, answers, (text, data) => {
      const again = writeRules(readRules(text, grammar)!, grammar)
      const setting = { fields: FIELDS, data, dialect, circumstances: { now } }
      expect([again, resultOf(again, setting)]).toEqual([again, resultOf(text, setting)])
    }),
    { numRuns: 500 },
  )
})

test.each(['native', 'xlsform'] as const)('%s: rows of any expression are stable', (dialect) => {
  const grammar: Grammar = { dialect, columns: NO_COLUMNS }
  fc.assert(
    fc.property(trees, (tree) => {
      const text = printExpression(tree, dialect)
      fc.pre(text !== undefined)
      const once = readRules(text, grammar)!
      expect(readRules(writeRules(once, grammar), grammar)).toEqual(once)
    }),
  )
})
