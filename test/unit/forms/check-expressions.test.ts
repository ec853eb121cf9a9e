// Expressions held against their form before it is used (case 40): every fault with path and column, and hints.
import { describe, expect, test } from 'vitest'
import { checkFormSchema, examineFormSchema } from '../../../src/forms/check.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { fixtureS } from '../../support/fixture-s.ts'

const COLOURS = [
  { value: 'red', warm: 'yes' },
  { value: 'blue', warm: 'no' },
]
const base: Field[] = [
  { id: 'age', type: 'number' },
  { id: 'one', type: 'select_one', options: COLOURS },
  { id: 'hh', type: 'repeat', fields: [{ id: 'm_age', type: 'number' }] },
]
const faultsOf = (field: Partial<Field>, dialect?: 'xlsform') =>
  checkFormSchema({ dialect, fields: [...base, { id: 'x', type: 'text', ...field }] })
const hintsOf = (field: Partial<Field>, dialect?: 'xlsform') =>
  examineFormSchema({ dialect, fields: [...base, { id: 'x', type: 'text', ...field }] }).hints

describe('case 40: expressions that cannot be', () => {
  test.each<[Partial<Field>, string]>([
    [{ relevant: 'age >' }, 'fields[3]: relevant, column 6: the expression ends too early'],
    [{ relevant: 'a = 1' }, "fields[3]: relevant, column 1: there is no field 'a'"],
    [{ constraint: '. > ${a b}' }, "fields[3]: constraint, column 5: there is no field 'a b'"],
    [{ required: 'age > limit' }, "fields[3]: required, column 7: there is no field 'limit'"],
    [{ calculation: 'total(age)' }, "fields[3]: calculation, column 1: there is no function 'total'"],
    [{ calculation: 'round()' }, 'fields[3]: calculation, column 1: round() takes 1 to 2 arguments, not 0'],
    [{ calculation: 'if(age, 1)' }, 'fields[3]: calculation, column 1: if() takes 3 arguments, not 2'],
    [{ calculation: 'concat()' }, 'fields[3]: calculation, column 1: concat() takes 1 or more arguments, not 0'],
    [{ calculation: 'not(1, 2)' }, 'fields[3]: calculation, column 1: not() takes 1 argument, not 2'],
    [
      { calculation: 'indexed-repeat(m_age, hh, 1, hh)' },
      'fields[3]: calculation, column 1: indexed-repeat() takes its repeats and indexes in pairs',
    ],
    [{ calculation: 'indexed-repeat(m_age, rows, 1)' }, "fields[3]: calculation, column 23: there is no field 'rows'"],
    [{ calculation: "jr:choice-name(one, 'two')" }, "fields[3]: calculation, column 21: there is no field 'two'"],
    [{ constraint: "regex(., '(a')" }, "fields[3]: constraint, column 10: the pattern has a '(' without ')'"],
    [{ constraint: "regex(., '(?=a)')" }, 'fields[3]: constraint, column 10: looking ahead'],
    [{ relevant: '. = 1' }, "fields[3]: relevant, column 1: '.' has no answer to speak of here"],
    [{ default: { expression: 'age +' } }, 'fields[3]: default.expression, column 6: the expression ends too early'],
    [{ type: 'repeat', fields: [], repeat_count: 'n' }, "fields[3]: repeat_count, column 1: there is no field 'n'"],
    [{ type: 'calculated', expression: 'age ^ 2' }, "fields[3]: expression, column 5: '^' means nothing"],
    [{ relevant: true as never }, 'fields[3]: relevant must be an expression, which is text'],
    [{ type: 'calculated', expression: 5 as never }, 'fields[3]: expression must be an expression, which is text'],
  ])('%j', (field, fault) => expect(faultsOf(field)[0]).toContain(fault))

  test('every fault is reported, field by field, in groups and repeats too', () => {
    const inner: Field = { id: 'y', type: 'text', relevant: 'nope', constraint: 'f(' }
    const fields: Field[] = [{ id: 'g', type: 'group', relevant: 'q = r', fields: [inner] }]
    expect(checkFormSchema({ fields })).toEqual([
      "fields[0]: relevant, column 1: there is no field 'q'",
      "fields[0]: relevant, column 5: there is no field 'r'",
      "fields[0].fields[0]: relevant, column 1: there is no field 'nope'",
      'fields[0].fields[0]: constraint, column 3: the expression ends too early',
    ])
  })

  test('blank, null and absent expressions are none', () => {
    expect(faultsOf({ relevant: '  ', constraint: null as never, required: false, read_only: true })).toEqual([])
    expect(faultsOf({ type: 'calculated', expression: '' })).toEqual([])
    expect(checkFormSchema(fixtureS)).toEqual([])
  })

  test('fields may be named before they are declared, and from within rows and groups', () => {
    const within: Field = {
      id: 'r',
      type: 'repeat',
      fields: [{ id: 'y', type: 'text', relevant: 'z = 1 and m_age > 2' }],
    }
    expect(checkFormSchema({ fields: [within, ...base, { id: 'z', type: 'number' }] })).toEqual([])
  })
})

describe('circles', () => {
  const text = (id: string, rest: Partial<Field>): Field => ({ id, type: 'text', ...rest })

  test('are named from their first field on', () => {
    const fields = [text('a', { relevant: 'b = 1' }), text('b', { relevant: 'c = 1' }), text('c', { calculation: 'a' })]
    expect(checkFormSchema({ fields })).toEqual(["fields[0]: circular: 'a' needs 'b' needs 'c' needs 'a'"])
    expect(checkFormSchema({ fields: [text('a', { calculation: 'a + 1' })] })).toEqual([
      "fields[0]: circular: 'a' needs 'a'",
    ])
  })

  test('go through groups: what is in a group cannot decide about it', () => {
    const group: Field = { id: 'g', type: 'group', relevant: 'y = 1', fields: [text('y', {})] }
    expect(checkFormSchema({ fields: [group] })).toEqual(["fields[0]: circular: 'g' needs 'y' needs 'g'"])
  })

  test('two circles are two faults, and what only leads into one is none', () => {
    const fields = [
      text('start', { relevant: 'a = 1' }),
      text('a', { relevant: 'b = 1' }),
      text('b', { relevant: 'a = 1' }),
      text('c', { relevant: 'd = 1' }),
      text('d', { relevant: 'c = 1' }),
    ]
    expect(checkFormSchema({ fields })).toEqual([
      "fields[1]: circular: 'a' needs 'b' needs 'a'",
      "fields[3]: circular: 'c' needs 'd' needs 'c'",
    ])
  })

  test('are none where an answer speaks of itself or of another row', () => {
    const fields: Field[] = [
      text('a', { constraint: '. != a', calculation: 'once(5)', required: 'a = 1' }),
      {
        id: 'r',
        type: 'repeat',
        fields: [text('sum', { calculation: 'indexed-repeat(sum, r, position(..) - 1) + 1' })],
      },
    ]
    expect(checkFormSchema({ fields })).toEqual([])
  })

  test('of 5,000 fields are found without running out of stack', () => {
    const fields = Array.from({ length: 5_000 }, (_, i) => text(`f${i}`, { relevant: `f${(i + 1) % 5_000} = 1` }))
    expect(checkFormSchema({ fields })).toHaveLength(1)
  })
})

describe('choice filters', () => {
  const town = (filter: string): Partial<Field> => ({ type: 'select_one', options: COLOURS, choice_filter: filter })

  test('name columns of the options and fields', () => {
    expect(faultsOf(town("warm = 'yes' and value != one"))).toEqual([])
    expect(faultsOf(town('warm = ${one} and name != label'), 'xlsform')).toEqual([])
    expect(faultsOf(town('cold = 1'))).toEqual([
      "fields[3]: choice_filter, column 1: there is neither a column nor a field 'cold'",
    ])
    expect(faultsOf(town('cold = ${one}'), 'xlsform')).toEqual([
      "fields[3]: choice_filter, column 1: there is neither a column nor a field 'cold'",
    ])
  })
})

describe('XLSForm spelling', () => {
  test('fields are named in braces', () => {
    expect(faultsOf({ relevant: 'age > 5' }, 'xlsform')).toEqual([
      "fields[3]: relevant, column 1: 'age' is written ${age}",
    ])
    expect(faultsOf({ relevant: 'aged > 5' }, 'xlsform')).toEqual([
      "fields[3]: relevant, column 1: there is no field 'aged'",
    ])
    expect(faultsOf({ relevant: '${age} > 5', calculation: '../age + 1' }, 'xlsform')).toEqual([])
  })

  test('what only phones can answer is a hint', () => {
    const hint = "fields[3]: calculation, column 1: 'pulldata()' is answered by the device alone"
    expect(hintsOf({ calculation: "pulldata('a', 'b', 'c', ${age})" }, 'xlsform')).toEqual([hint])
    expect(faultsOf({ calculation: "instance('towns')/root/item[name = ${age}]/label" }, 'xlsform')).toEqual([])
    expect(hintsOf({ constraint: "regex(., '(?=a)')" }, 'xlsform')).toHaveLength(1)
    expect(faultsOf({ constraint: "regex(., '(?=a)')" }, 'xlsform')).toEqual([])
  })

  test('a choice compared with what is none of its options is a hint', () => {
    expect(hintsOf({ relevant: "one = 'green'" })).toEqual([
      "fields[3]: relevant, column 7: 'green' is no option of 'one'",
    ])
    expect(hintsOf({ relevant: "'red' = one or one = ''" })).toEqual([])
  })
})

test('a document is checked in time that grows with its size, not faster', () => {
  const choices = { long: Array.from({ length: 10_000 }, (_, value) => ({ value, a: 1, b: 2 })) }
  const fields = Array.from({ length: 2_000 }, (_, i) => ({
    id: `f${i}`,
    type: 'select_one',
    list: 'long',
    choice_filter: 'a = b',
    relevant: i > 0 ? `f${i - 1} = '5'` : '',
  }))
  expect(checkFormSchema({ choices, fields })).toEqual([])
})
