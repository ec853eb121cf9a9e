// Rules at work on answers: relevance, calculations, constraints, filters and counts, within rows and without.
// Cases 116 to 122 of the contract by number.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkFormSchema } from '../../../src/forms/check.ts'
import { compileForm } from '../../../src/forms/compile.ts'
import { inOrder } from '../../../src/forms/order.ts'
import type { Field, FormSchema } from '../../../src/forms/schema.ts'
import { examineAnswers, validateAnswers } from '../../../src/forms/validate.ts'
import { resultOf } from './expressions.ts'

type Data = Record<string, unknown>
const examine = (fields: Field[], data: Data, rest: Partial<FormSchema> = {}) =>
  examineAnswers(compileForm({ version: 1, ...rest, fields }), data, { now: Date.UTC(2026, 2, 17) })
const pathsOf = (fields: Field[], data: Data, rest?: Partial<FormSchema>) =>
  examine(fields, data, rest).faults.map((fault) => `${fault.path} ${fault.code}`)
const text = (id: string, rest: Partial<Field> = {}): Field => ({ id, type: 'text', ...rest })
const number = (id: string, rest: Partial<Field> = {}): Field => ({ id, type: 'number', ...rest })

/** Whether a field with this condition is asked, seen by whether it is required. */
const isAsked = (relevant: unknown, data: Data): boolean => {
  const names = Object.keys(data).map((id): Field => ({ id, type: 'hidden' }))
  return pathsOf([...names, text('asked', { relevant: relevant as string, required: true })], data).length > 0
}

describe('conditions', () => {
  test.each<[unknown, Data]>([
    ['', {}],
    ['  ', {}],
    [undefined, {}],
    ["status = 'active'", { status: 'active' }],
    ["status != 'active'", { status: 'gone' }],
    ['count = 3', { count: '3' }],
    ['age > 18', { age: '25' }],
    ['age >= -1', { age: 0 }],
  ])('case 116: %j with %j is asked', (relevant, data) => expect(isAsked(relevant, data)).toBe(true))

  test.each<[Data, boolean]>([
    [{ type: 'form', status: '', role: '' }, true],
    [{ type: '', status: 'active', role: 'admin' }, true],
    [{ type: '', status: 'active', role: 'guest' }, false],
  ])('case 117: and binds tighter than or: %j', (data, asked) => {
    expect(isAsked("type = 'form' or status = 'active' and role = 'admin'", data)).toBe(asked)
  })

  test.each<[unknown, boolean]>([
    [['health', 'food'], true],
    [['food'], false],
    [[], false],
    ['health', true],
    [null, false],
  ])('case 118: selected in %j', (tags, asked) => expect(isAsked("selected(tags,'health')", { tags })).toBe(asked))

  test('case 119: malformed text shows the field and demands nothing', () => {
    const broken = text('x', { relevant: 'a = = 1', required: true })
    expect(pathsOf([broken], {})).toEqual([])
    expect(pathsOf([{ ...broken, type: 'number' }], { x: 'abc' })).toEqual(['x type'])
    expect(isAsked('status = "active"', { status: 'active' })).toBe(true)
  })

  test.each<[string, Data]>([
    ["d > '2026-01-01'", { d: '2026-12-31' }],
    ["t > '08:30'", { t: '08:45' }],
  ])('case 120: %s with %j', (relevant, data) => expect(isAsked(relevant, data)).toBe(true))

  test.each<[string, Data, boolean]>([
    ['(a = 1 or b = 1) and c = 1', { a: 0, b: 1, c: 1 }, true],
    ['(a = 1 or b = 1) and c = 1', { a: 1, b: 1, c: 0 }, false],
    ['not(a = 1)', { a: 1 }, false],
    ['not(a = 1)', { a: 2 }, true],
  ])('case 121: %s with %j', (relevant, data, asked) => expect(isAsked(relevant, data)).toBe(asked))

  test.each<[string, Data, unknown]>([
    ['a + b * c', { a: 1, b: 2, c: 3 }, 7],
    ['(a + b) * c', { a: 1, b: 2, c: 3 }, 9],
    ['a + b', { a: 1, b: null }, 1],
    ['a - b', { a: 1, b: -3 }, 4],
    ['a-b', { a: 1, b: -3 }, 4],
    ['a / b', { a: 1, b: 0 }, null],
  ])('case 122: %s with %j is %j', (expression, data, value) => {
    expect(resultOf(expression, { fields: Object.keys(data).map((id) => number(id)), data })).toBe(value)
  })

  test('case 122: no expression computes nothing', () => {
    const empty: Field = { id: 'c', type: 'calculated', expression: '' }
    expect(examine([empty], { c: null })).toMatchObject({ faults: [], issues: [] })
  })

  test('what is not asked is blank to every other expression, whatever was sent', () => {
    const fields = [number('a'), number('b', { relevant: 'a = 1' }), text('c', { relevant: 'b = 2', required: true })]
    expect(pathsOf(fields, { a: 1, b: 2 })).toEqual(['c required'])
    expect(pathsOf(fields, { a: 0, b: 2 })).toEqual([])
  })

  test('a long chain of conditions is settled in order, however it is declared', () => {
    const fields = Array.from({ length: 1_000 }, (_, i) => text(`f${i}`, { relevant: i ? `f${i - 1} = 'x'` : '' }))
    const data = Object.fromEntries(fields.map(({ id }) => [id, 'x']))
    const last = text('last', { relevant: "f999 = 'x'", required: true })
    expect(pathsOf([last, ...fields.toReversed()], data)).toEqual(['last required'])
    expect(pathsOf([last, ...fields.toReversed()], { ...data, f0: 'y' })).toEqual([])
  })

  test('fields in a circle, in a form that was never checked, are not required', () => {
    const circle = [
      text('a', { relevant: "b = ''", required: true }),
      text('b', { relevant: "a = ''", required: true }),
    ]
    expect(pathsOf([...circle, text('c', { required: true })], {})).toEqual(['c required'])
  })

  test('a group hides all that is in it, and a condition of its own may still hide a part', () => {
    const group: Field = {
      id: 'g',
      type: 'group',
      relevant: 'a = 1',
      fields: [text('x', { required: true }), text('y', { required: true, relevant: 'a = 2' })],
    }
    expect(pathsOf([number('a'), group], { a: 1 })).toEqual(['x required'])
    expect(pathsOf([number('a'), group], { a: 2 })).toEqual([])
  })
})

describe('required and constraint', () => {
  const fields = [
    number('age', { constraint: '. >= 0 and . <= 120', constraint_message: { en: 'Too old', fr: 'Trop âgé' } }),
    text('guardian', { required: 'age < 18' }),
  ]

  test('required may be an expression', () => {
    expect(pathsOf(fields, { age: 17 })).toEqual(['guardian required'])
    expect(pathsOf(fields, { age: 18 })).toEqual([])
    expect(pathsOf(fields, {})).toEqual([])
  })

  test('a constraint is asked of an answer that is there and suits its type', () => {
    expect(examine(fields, { age: 121 }).faults).toEqual([
      { path: 'age', code: 'constraint', message: "Field 'age': Too old" },
    ])
    expect(pathsOf(fields, { age: 'abc' })).toEqual(['age type'])
    expect(pathsOf([number('n', { constraint: '. > 5' })], {})).toEqual([])
    expect(examine([number('n', { constraint: '. > 5' })], { n: 1 }).faults[0]?.message).toBe(
      "Field 'n' does not meet its constraint",
    )
  })

  test('messages come in the language that was asked for', () => {
    const form = compileForm({ version: 1, fields })
    expect(validateAnswers(form, { age: 121 }, { language: 'fr' })[0]?.message).toBe("Field 'age': Trop âgé")
  })

  test('a constraint may speak of other answers and of the day', () => {
    const born = { id: 'born', type: 'date', constraint: ". <= today() and . >= '1900-01-01'" } as const
    expect(pathsOf([born], { born: '2026-03-17' })).toEqual([])
    expect(pathsOf([born], { born: '2026-03-18' })).toEqual(['born constraint'])
    const form = compileForm({ version: 1, fields: [born] })
    expect(validateAnswers(form, { born: '2999-01-01' })).toEqual([])
  })

  test('what only the device can answer holds', () => {
    const fields = [
      text('a', { constraint: "pulldata('a', 'b', 'c', 'd') = 1", relevant: 'random() > 0', required: true }),
    ]
    expect(pathsOf(fields, { a: 'x' })).toEqual([])
    expect(pathsOf(fields, {})).toEqual([])
  })
})

describe('rows', () => {
  const hh: Field = {
    id: 'hh',
    type: 'repeat',
    fields: [
      number('m_age', { constraint: '. <= oldest' }),
      text('school', { relevant: 'm_age < 18 and village = 1', required: true }),
      { id: 'nth', type: 'calculated', calculation: 'position(..)' },
      { id: 'kids', type: 'repeat', fields: [text('k', { relevant: 'm_age > 15', required: true })] },
    ],
  }
  const fields = [number('village'), number('oldest'), hh]

  test('a row sees itself and what is around it, not its neighbours', () => {
    const rows = [{ m_age: 10 }, { m_age: 20, kids: [{}, { k: 'Awa' }] }, { m_age: 99 }]
    expect(pathsOf(fields, { village: 1, oldest: 90, hh: rows })).toEqual([
      'hh[0].school required',
      'hh[1].kids[0].k required',
      'hh[2].m_age constraint',
    ])
    expect(pathsOf(fields, { village: 2, oldest: 90, hh: rows }).slice(0, 1)).toEqual(['hh[1].kids[0].k required'])
  })

  test('from outside, a field of rows is the list of its answers', () => {
    const total: Field = { id: 'total', type: 'calculated', calculation: 'sum(m_age) + count(hh) + count(k)' }
    const data = { oldest: 99, hh: [{ m_age: 10, kids: [{ k: 'a' }] }, { m_age: 20, kids: [{}, { k: 'b' }] }, {}] }
    // k is asked in the second row only.
    expect(examine([...fields, total], { ...data, total: 35 }).issues).toEqual([])
    expect(examine([...fields, total], { ...data, total: 36 }).issues).toMatchObject([{ path: 'total' }])
  })

  test('a row may look at another by its place', () => {
    const rows: Field = {
      id: 'r',
      type: 'repeat',
      fields: [number('n', { constraint: 'position(..) = 1 or . > indexed-repeat(n, r, position(..) - 1)' })],
    }
    expect(pathsOf([rows], { r: [{ n: 1 }, { n: 2 }, { n: 2 }] })).toEqual(['r[2].n constraint'])
  })

  test('sums within a row are of its own rows', () => {
    const inner: Field = { id: 'plots', type: 'repeat', fields: [number('area_ha')] }
    const all: Field = { id: 'all', type: 'calculated', calculation: 'sum(area_ha)' }
    const farms: Field = { id: 'farms', type: 'repeat', fields: [inner, all] }
    const data = {
      farms: [
        { all: 3, plots: [{ area_ha: 1 }, { area_ha: 2 }] },
        { all: 9, plots: [{ area_ha: 4 }] },
      ],
    }
    expect(examine([farms], data).issues).toEqual([
      {
        path: 'farms[1].all',
        code: 'calculation',
        message: "Field 'farms[1].all' was sent as '9' but is computed as '4'",
      },
    ])
  })

  test('position counts groups in XLSForm, and rows in the native dialect', () => {
    const inGroup = (calculation: string): Field => ({
      id: 'r',
      type: 'repeat',
      fields: [{ id: 'g', type: 'group', fields: [{ id: 'p', type: 'calculated', calculation }] }],
    })
    const positions = (calculation: string, dialect: 'native' | 'xlsform') =>
      [1, 2].map((p) => examine([inGroup(calculation)], { r: [{ p: 1 }, { p }] }, { dialect }).issues.length)
    expect(positions('position(..)', 'native')).toEqual([1, 0])
    expect(positions('position(..)', 'xlsform')).toEqual([0, 1])
    expect(positions('position(../..)', 'xlsform')).toEqual([1, 0])
    expect(positions('position(${r})', 'xlsform')).toEqual([1, 0])
  })

  test('too few rows for repeat_count are a fault, more are an issue', () => {
    const rows: Field = { id: 'r', type: 'repeat', repeat_count: 'n', fields: [] }
    const counted = (n: unknown, r: unknown) => examine([number('n'), rows], { n, r })
    expect(counted(2, [{}, {}])).toMatchObject({ faults: [], issues: [] })
    expect(counted(2, [{ a: 1 }]).faults).toEqual([
      { path: 'r', code: 'count', message: "Field 'r' needs at least 2 rows" },
    ])
    expect(counted(1, undefined).faults).toMatchObject([{ path: 'r', code: 'count' }])
    expect(counted(1, [{}, {}]).issues).toMatchObject([{ path: 'r', code: 'count' }])
    expect(counted(undefined, [{}])).toMatchObject({ faults: [], issues: [] })
  })

  test('rows that are no objects keep their neighbours in place', () => {
    expect(
      pathsOf([hh, number('village'), number('oldest')], { village: 1, oldest: 9, hh: ['x', { m_age: 3 }] }),
    ).toEqual(['hh[0] type', 'hh[1].school required'])
  })
})

describe('choice filters', () => {
  const choices = {
    towns: [
      { value: 'dakar', region: 'west' },
      { value: 'thies', region: 'west' },
      { value: 'kolda', region: 'south' },
      { value: 'border', region: 'west' },
      { value: 'border', region: 'south' },
    ],
  }
  const region = text('region')
  const town = (dialect: 'native' | 'xlsform', type: Field['type']): Field => ({
    id: 'town',
    type,
    list: 'towns',
    choice_filter: dialect === 'native' ? 'region = ${region}' : 'region = ${region}',
  })

  test.each(['native', 'xlsform'] as const)('an option that is not offered is refused: %s', (dialect) => {
    const paths = (type: Field['type'], region_: string, town_: unknown) =>
      pathsOf([region, town(dialect, type)], { region: region_, town: town_ }, { choices, dialect })
    expect(paths('select_one', 'west', 'dakar')).toEqual([])
    expect(paths('select_one', 'south', 'dakar')).toEqual(['town option'])
    expect(paths('select_one', 'south', 'border')).toEqual([])
    expect(paths('select_multiple', 'west', ['dakar', 'border'])).toEqual([])
    expect(paths('select_multiple', 'west', ['dakar', 'kolda'])).toEqual(['town option'])
    expect(paths('select_one_other', 'west', { selection: '__other__', other_text: 'x' })).toEqual([])
    expect(paths('select_one_other', 'west', { choice: 'kolda' })).toEqual(['town option'])
  })
})

describe('calculations', () => {
  const issuesOf = (calculation: string, sent: unknown, dialect: 'native' | 'xlsform' = 'native') =>
    examine([number('a'), { id: 'c', type: 'calculated', calculation }], { a: 2, c: sent }, { dialect }).issues.length

  test('a difference is an issue and no fault', () => {
    expect(examine([number('a'), { id: 'c', type: 'calculated', expression: 'a + 1' }], { a: 2, c: 4 })).toMatchObject({
      faults: [],
      issues: [{ path: 'c', code: 'calculation', message: "Field 'c' was sent as '4' but is computed as '3'" }],
    })
  })

  test('the same thing said otherwise is no difference', () => {
    expect(issuesOf('a + 1', '3')).toBe(0)
    expect(issuesOf('a / 3', 0.666666666667)).toBe(0)
    expect(issuesOf('0 div 0', 'NaN', 'xlsform')).toBe(0)
    expect(issuesOf("'2026-03-17'", '2026-03-17T00:00:00.000-04')).toBe(0)
    expect(issuesOf('a = 2', 'true', 'xlsform')).toBe(0)
    expect(issuesOf('a + 1', undefined)).toBe(0)
    expect(issuesOf('a + 1', 'x')).toBe(1)
  })

  test('what depends on the hour or on chance is taken as sent', () => {
    expect(issuesOf('today()', '1999-01-01')).toBe(0)
    expect(issuesOf('random()', 5)).toBe(0)
    expect(issuesOf('once(a + 7)', 5)).toBe(0)
  })

  test('what was sent counts for others, and what was not is computed', () => {
    const fields: Field[] = [
      number('a'),
      { id: 'c', type: 'calculated', calculation: 'a * 10' },
      text('x', { relevant: 'c > 15', required: true }),
    ]
    expect(pathsOf(fields, { a: 2 })).toEqual(['x required'])
    expect(pathsOf(fields, { a: 2, c: 3 })).toEqual([])
  })

  test('a calculated answer that is no number compares as XLSForm has it', () => {
    const fields: Field[] = [
      { id: 'days', type: 'calculated', calculation: '${a} - ${b}' },
      { id: 'a', type: 'date' },
      { id: 'b', type: 'date' },
      text('ask', { relevant: "${days} = 'NaN' or string-length(${days}) = 0", required: true }),
    ]
    expect(pathsOf(fields, {}, { dialect: 'xlsform' })).toEqual(['ask required'])
    expect(pathsOf(fields, { a: '2026-03-17', b: '2026-03-16' }, { dialect: 'xlsform' })).toEqual([])
  })

  test('texts that double each other do not fill the memory', () => {
    const fields = Array.from({ length: 200 }, (_, i): Field => {
      const calculation = i === 0 ? "'0123456789'" : `concat(c${i - 1}, c${i - 1})`
      return { id: `c${i}`, type: 'calculated', calculation }
    })
    expect(examine(fields, {})).toMatchObject({ faults: [], issues: [] })
  })
})

describe('work', () => {
  /** 500 questions with conditions, constraints and calculations, a fifth of them in rows. */
  const survey = (questions: number): Field[] => {
    const fields = Array.from({ length: questions }, (_, i): Field => {
      const before = i > 0 ? `q${i - 1}` : 'q0'
      return i % 5 === 4
        ? { id: `q${i}`, type: 'calculated', calculation: `if(${before} > 3, ${before} + 1, 0)` }
        : number(`q${i}`, { relevant: i ? `${before} >= 0 or selected(${before}, 'x')` : '', constraint: '. < 1000' })
    })
    const row = number('m', { constraint: '. >= 0 and . < q0 + 1000', relevant: 'q0 >= 0' })
    return [...fields, { id: 'rows', type: 'repeat', fields: [row] }]
  }
  const stepsOf = (questions: number, rows: number) => {
    const data = Object.fromEntries(Array.from({ length: questions }, (_, i) => [`q${i}`, 5]))
    return examine(survey(questions), { ...data, rows: Array.from({ length: rows }, () => ({ m: 1 })) }).steps
  }

  test('grows with the form and with the answers, not faster', () => {
    expect(checkFormSchema({ fields: survey(500) })).toEqual([])
    expect(stepsOf(500, 0)).toBeLessThan(20_000)
    expect(stepsOf(1_000, 0)).toBeLessThanOrEqual(2.1 * stepsOf(500, 0))
    expect(stepsOf(500, 2_000) - stepsOf(500, 0)).toBeLessThanOrEqual(2.1 * (stepsOf(500, 1_000) - stepsOf(500, 0)))
  })

  test('of a row that asks about all rows is cut off, and said to be', () => {
    const rows: Field = {
      id: 'r',
      type: 'repeat',
      fields: [number('n', { constraint: 'sum(m) >= 0 and count(r) > 0' })],
    }
    const many: Field = { id: 's', type: 'repeat', fields: [number('m')] }
    const list = (key: string) => Array.from({ length: 5_000 }, () => ({ [key]: 1 }))
    const { faults, issues } = examine([many, rows], { r: list('n'), s: list('m') })
    expect(faults).toEqual([])
    expect(issues).toMatchObject([{ path: '', code: 'unchecked' }])
  })

  test('of one expression is bounded: hostile patterns and endless lists decide nothing', () => {
    const a = text('a', { constraint: "regex(., '(a?){500}a{500}')" })
    expect(pathsOf([a], { a: 'a'.repeat(9_000) })).toEqual([])
    expect(pathsOf([text('a', { constraint: "regex(., '(a+)+')" })], { a: `${'a'.repeat(5_000)}!` })).toEqual([
      'a constraint',
    ])
  })
})

describe('properties', () => {
  test('hiding a field that no rule speaks of takes its faults away and adds none', () => {
    const kinds = fc.constantFrom<Partial<Field>>({ required: true }, { constraint: '. = 1' }, { type: 'number' }, {})
    const answers = fc.dictionary(fc.constantFrom('f0', 'f1', 'f2', 'f3'), fc.oneof(fc.constant('abc'), fc.constant(1)))
    fc.assert(
      fc.property(fc.array(kinds, { minLength: 1, maxLength: 4 }), answers, fc.nat(3), (list, data, index) => {
        const fields = list.map((kind, i) => text(`f${i}`, kind))
        const hidden = fields.map((field, i) => (i === index ? { ...field, relevant: 'false' } : field))
        const before = pathsOf(fields, data)
        expect(pathsOf(hidden, data)).toEqual(before.filter((line) => !line.startsWith(`f${index} `)))
      }),
    )
  })

  test('the order is one in which everything comes after what it needs, and leaves out exactly the circles', () => {
    const graphs = fc.array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(graphs, (lists) => {
        const needs = new Map(lists.map((list, id) => [id, list] as const))
        const { sorted, circles } = inOrder(needs)
        const place = new Map(sorted.map((id, index) => [id, index]))
        for (const id of sorted) {
          for (const other of needs.get(id)!) {
            if (needs.has(other)) expect(place.get(other)).toBeLessThan(place.get(id)!)
          }
        }
        expect(circles.length > 0).toBe(sorted.length < needs.size)
        for (const circle of circles) {
          expect(circle[0]).toBe(circle.at(-1))
          for (const [index, id] of circle.slice(0, -1).entries()) expect(needs.get(id)).toContain(circle[index + 1])
        }
        // Brute force: what can reach itself, or something that can, has no place.
        const reaches = (from: number, to: number, seen = new Set<number>()): boolean =>
          (needs.get(from) ?? []).some((next) => {
            if (!needs.has(next) || seen.has(next)) return next === to && needs.has(next)
            seen.add(next)
            return next === to || reaches(next, to, seen)
          })
        const ids = [...needs.keys()]
        const looping = ids.filter((id) => reaches(id, id))
        const stuck = ids.filter((id) => looping.includes(id) || looping.some((loop) => reaches(id, loop)))
        expect(new Set(ids.filter((id) => !place.has(id)))).toEqual(new Set(stuck))
      }),
    )
  })
})
