// Answers held against a form (contract section 9): cases 47 to 54, every type, and properties over any JSON.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkFormSchema } from '../../../src/forms/check.ts'
import { compileForm } from '../../../src/forms/compile.ts'
import type { FieldType } from '../../../src/forms/field-types.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { MAX_TOTAL_STEPS } from '../../../src/forms/settle.ts'
import { examineAnswers, MAX_FAULTS, validateAnswers } from '../../../src/forms/validate.ts'
import { fixtureS, validAnswersS } from '../../support/fixture-s.ts'
import { answeredForms, carelessSchemas, junkAnswers, oddSchemas } from './arbitraries.ts'

const formS = compileForm(fixtureS)
const faultsS = (changes: Record<string, unknown>) => validateAnswers(formS, { ...validAnswersS, ...changes })
const faultsOf = (fields: Field[], data: Record<string, unknown>) =>
  validateAnswers(compileForm({ version: 1, fields }), data)
/** Codes of the faults of `value` as the answer to a lone field of this type. */
const codesOf = (type: FieldType, value: unknown) => {
  const options = [{ value: 'x' }, { value: 'y' }, { value: 3 }]
  return faultsOf([{ id: 'f', type, options, fields: [] }], { f: value }).map((fault) => fault.code)
}
const nestedList = (depth: number) => {
  let value: unknown = 'bottom'
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

describe('the form of the contract', () => {
  test('its valid answers have no faults', () => {
    expect(faultsS({})).toEqual([])
  })

  test.each([[undefined], [null], [''], ['   '], [[]], [{}]])('case 47: full_name as %j is missing', (full_name) => {
    expect(faultsS({ full_name })).toEqual([
      { path: 'full_name', code: 'required', message: "Field 'full_name' is required" },
    ])
  })

  test('case 48: a required field is required exactly while its condition holds', () => {
    expect(faultsS({ consent: 'yes' })).toEqual([])
    expect(faultsS({ consent: undefined })).toEqual([])
    expect(faultsS({ consent: 'no', reason: 'Too busy' })).toEqual([])
    expect(faultsS({ consent: 'no' })).toEqual([
      { path: 'reason', code: 'required', message: "Field 'reason' is required" },
    ])
  })

  test('case 49: the city is required, and is read from within the group or from the top', () => {
    const required = [{ path: 'city', code: 'required', message: "Field 'city' is required" }]
    expect(faultsS({ addr: { street: 'Rue 10' } })).toEqual(required)
    expect(faultsS({ addr: undefined })).toEqual(required)
    expect(faultsS({ addr: { city: 'Dakar' } })).toEqual([])
    expect(faultsS({ addr: undefined, city: 'Dakar' })).toEqual([])
  })

  test('case 50: a row without its required name is named by its index', () => {
    expect(faultsS({ hh: [{ m_name: 'Moussa' }, { m_age: 9 }] })).toEqual([
      { path: 'hh[1].m_name', code: 'required', message: "Field 'hh[1].m_name' is required" },
    ])
  })

  test('case 51: an unlisted tag is refused, and so is a bare string', () => {
    expect(faultsS({ tags: ['a', 'zzz'] })).toEqual([
      { path: 'tags', code: 'option', message: "Field 'tags' has no option 'zzz'" },
    ])
    expect(faultsS({ tags: 'a' })).toMatchObject([{ path: 'tags', code: 'type' }])
  })

  test.each(['x', { selection: '__other__', other_text: 'foo' }, { choice: '__other__', other: 'foo' }])(
    'case 52: the source may be spelled %j',
    (src) => expect(faultsS({ src })).toEqual([]),
  )

  test('case 53: a latitude of 95 is out of range; an age may be a numeric string and nothing else', () => {
    expect(faultsS({ gps: { latitude: 95, longitude: 0 } })).toEqual([
      { path: 'gps', code: 'range', message: "Field 'gps' latitude must be between -90 and 90" },
    ])
    expect(faultsS({ age: '25' })).toEqual([])
    expect(faultsS({ age: 'abc' })).toEqual([{ path: 'age', code: 'type', message: "Field 'age' must be a number" }])
  })

  test('case 54: keys that the form does not know are no fault', () => {
    expect(faultsS({ from_an_older_app: { any: ['thing'] }, n1: 'seen', d1: 0 })).toEqual([])
  })

  test('every fault is reported at once, in schema order', () => {
    const data = { age: 'abc', tags: ['zzz'], hh: [{}], gps: { latitude: 0, longitude: 181 } }
    const paths = validateAnswers(formS, data).map((fault) => fault.path)
    expect(paths).toEqual(['full_name', 'age', 'tags', 'gps', 'hh[0].m_name', 'city'])
  })
})

describe('each type accepts its spellings and refuses others', () => {
  test.each<[FieldType, unknown[], unknown[]]>([
    ['text', ['a', '0'], [1, true, ['a'], { a: 1 }]],
    ['phone', ['+221 77'], [221]],
    ['number', [0, -1.5, '25', ' 2e3 '], ['abc', '12 apples', '1,5', true, [1]]],
    ['date', ['2026-03-17', '2024-02-29', '2000-02-29'], ['2026-02-29', '1900-02-29', '2026-3-7', '17/03/2026', 1]],
    ['time', ['08:30', '23:59:59', '08:30:01.250+01:00', '08:30Z'], ['24:00', '8:30', '08:60', '08:30 am', 830]],
    [
      'datetime',
      ['2026-03-17T08:30', '2026-03-17 08:30', '2026-03-17T08:30:00Z'],
      ['2026-03-17', 'now', 1773739800000],
    ],
    ['timestamp', ['2026-03-17T08:30:00.000Z', '2026-03-17T08:30:00+02:00'], ['2026-13-17T08:30:00Z', 17]],
    ['select_one', ['x', 3, '3'], [true, ['x'], { value: 'x' }]],
    ['select_multiple', [['x'], ['x', '3', 3]], ['x', [['x']], { x: true }]],
    ['select_one_other', ['x', '__other__', { selection: 'y' }], [true, ['x'], { value: 'x' }]],
    ['calculated', [3, 'three', false], [[1], { a: 1 }]],
    ['hidden', ['a', 1, [1], { a: 1 }, true], []],
    ['photo', ['file:///1.jpg', ['file:///1.jpg'], { uri: 'file:///1.jpg' }], []],
    ['geopoint', [{ latitude: -90, longitude: 180, accuracy: 0, altitude: -3, captured_at: '' }], ['1 2', [1, 2]]],
    ['geopoint', [{ latitude: 1, longitude: 2, altitude: null }], [{ latitude: '1', longitude: '2' }, { latitude: 1 }]],
    ['integer', [0, -3, '25', 1e3, '2.0'], [1.5, '1.5', 'abc', true]],
    ['decimal', [0, 1.5, '-2.25'], ['abc', true]],
    ['range', [5, '5'], ['abc', true]],
    ['rank', [['x'], ['3', 'x', 'y']], ['x', ['x', 'x'], [3, '3']]],
    ['acknowledge', [true, 'OK', false], ['yes', 1]],
    ['video', ['film.mp4', ['film.mp4']], []],
    ['start', ['2026-03-17T08:30:00.000+02:00'], ['2026-03-17', 17]],
    ['today', ['2026-03-17'], ['2026-03-17T08:30', 17]],
    ['deviceid', ['imei:1'], [1]],
    ['geoshape', [[{ latitude: 1, longitude: 2 }]], [{ latitude: 1, longitude: 2 }]],
    ['geotrace', [[{ latitude: 1, longitude: 2, timestamp: 1773739800000 }]], [{ latitude: 1, longitude: 2 }, ['x']]],
    ['route', [{ points: [] }, { points: [], pauses: null, started_at: null }], [[1], { started_at: 'x' }, 'x']],
    ['group', [{ a: 1 }], ['x', [1]]],
    ['repeat', [[{}, { a: 1 }]], ['x', { a: 1 }, [1], [null]]],
  ])('%s', (type, accepted, refused) => {
    for (const value of accepted) expect([value, codesOf(type, value)]).toEqual([value, []])
    for (const value of refused) expect([value, codesOf(type, value)]).toEqual([value, ['type']])
  })

  test('an option that is not listed is refused by all three selects', () => {
    expect(codesOf('select_one', 'z')).toEqual(['option'])
    expect(codesOf('select_one', 4)).toEqual(['option'])
    expect(codesOf('select_multiple', ['x', 'z'])).toEqual(['option'])
    expect(codesOf('select_one_other', 'z')).toEqual(['option'])
    expect(codesOf('select_one_other', { selection: 'z', other_text: 'foo' })).toEqual(['option'])
  })

  test('a range keeps within its parameters, whichever way round they are', () => {
    for (const parameters of [
      { start: 1, end: 5 },
      { start: '5', end: '1' },
    ]) {
      const range: Field = { id: 'r', type: 'range', parameters }
      expect(faultsOf([range], { r: 5 })).toEqual([])
      expect(faultsOf([range], { r: 6 })).toEqual([
        { path: 'r', code: 'range', message: "Field 'r' must be between 1 and 5" },
      ])
    }
  })

  test('an acknowledgement of false is none', () => {
    expect(faultsOf([{ id: 'ok', type: 'acknowledge', required: true }], { ok: false })).toMatchObject([
      { path: 'ok', code: 'required' },
    ])
  })

  test('options of a shared list are held to, those of an attached file are not', () => {
    const choices = { colours: [{ value: 'red' }] }
    const fields: Field[] = [
      { id: 'a', type: 'select_one', list: 'colours' },
      { id: 'b', type: 'select_one', itemset: 'towns.csv' },
    ]
    const form = compileForm({ version: 1, choices, fields })
    expect(validateAnswers(form, { a: 'red', b: 'Dakar' })).toEqual([])
    expect(validateAnswers(form, { a: 'green', b: ['Dakar'] })).toMatchObject([{ code: 'option' }, { code: 'type' }])
  })

  test('positions stay on the globe', () => {
    for (const [latitude, longitude] of [
      [90.1, 0],
      [-91, 0],
      [0, 180.5],
      [0, -181],
    ]) {
      expect(codesOf('geopoint', { latitude, longitude })).toEqual(['range'])
    }
    expect(codesOf('geopoint', { latitude: 0, longitude: 0, accuracy: -1 })).toEqual(['range'])
    expect(codesOf('geotrace', [{ latitude: 0, longitude: 0, speed: -1, heading: -1 }])).toEqual([])
  })

  test('the first bad point of a walk is named', () => {
    const points = [
      { latitude: 0, longitude: 0 },
      { latitude: 91, longitude: 0 },
    ]
    expect(faultsS({ walk: { points } })).toEqual([
      { path: 'walk', code: 'range', message: "Field 'walk' point 2 latitude must be between -90 and 90" },
    ])
  })

  test('a walk may stop while paused, and its moments and quantities are read', () => {
    const paused_at = '2026-03-17T10:02:00Z'
    for (const pause of [{ paused_at }, { paused_at, resumed_at: '' }, { paused_at, resumed_at: null }]) {
      expect(codesOf('route', { points: [], pauses: [pause] })).toEqual([])
    }
    expect(codesOf('route', { points: [], pauses: [{ paused_at: 'noon' }] })).toEqual(['type'])
    expect(codesOf('route', { points: [], started_at: 'noon' })).toEqual(['type'])
    expect(codesOf('route', { points: [], distance_meters: -1 })).toEqual(['range'])
    expect(codesOf('route', { points: [{ latitude: 0, longitude: 0, timestamp: 'noon' }] })).toEqual(['type'])
  })
})

describe('required answers', () => {
  test('note, divider, calculated and group are never required, the children of a group are', () => {
    const fields: Field[] = [
      { id: 'n', type: 'note', required: true },
      { id: 'd', type: 'divider', required: true },
      { id: 'c', type: 'calculated', required: true },
      { id: 'g', type: 'group', required: true, fields: [{ id: 'child', type: 'text', required: true }] },
    ]
    expect(faultsOf(fields, {}).map((fault) => fault.path)).toEqual(['child'])
  })

  test('any marker satisfies a required photo, and its upload comes later', () => {
    const fields: Field[] = [{ id: 'pic', type: 'photo', required: true }]
    expect(faultsOf(fields, { pic: 'photo-1.jpg' })).toEqual([])
    expect(faultsOf(fields, { pic: [] })).toMatchObject([{ path: 'pic', code: 'required' }])
  })

  test('zero and false are answers', () => {
    expect(faultsOf([{ id: 'n', type: 'number', required: true }], { n: 0 })).toEqual([])
    expect(faultsOf([{ id: 'h', type: 'hidden', required: true }], { h: false })).toEqual([])
  })

  test('what is within a group or repeat is required while that is asked', () => {
    const a: Field = { id: 'a', type: 'number' }
    const name: Field = { id: 'name', type: 'text', required: true }
    const group: Field = { id: 'g', type: 'group', relevant: 'a = 1', fields: [name] }
    const repeat: Field = { id: 'r', type: 'repeat', relevant: 'a = 1', min_count: 1, fields: [name] }
    expect(faultsOf([a, group], {})).toEqual([])
    expect(faultsOf([a, repeat], {})).toEqual([])
    expect(faultsOf([a, repeat], { r: [{}] })).toEqual([])
    expect(faultsOf([a, group], { a: 1 })).toMatchObject([{ path: 'name', code: 'required' }])
    expect(faultsOf([a, repeat], { a: 1 })).toMatchObject([{ path: 'r', code: 'count' }])
    expect(faultsOf([a, repeat], { a: 1, r: [{}] })).toMatchObject([{ path: 'r[0].name', code: 'required' }])
  })

  test('an answer to a question that is not asked is not looked at', () => {
    const age: Field = { id: 'age', type: 'number', relevant: "consent = 'yes'" }
    const consent: Field = { id: 'consent', type: 'text' }
    expect(faultsOf([consent, age], { age: 'abc' })).toEqual([])
    expect(faultsOf([consent, age], { consent: 'yes', age: 'abc' })).toMatchObject([{ path: 'age', code: 'type' }])
  })

  test('the author may say it in words of their own, in each language', () => {
    const field: Field = { id: 'n', type: 'text', required: true, required_message: { en: 'Name?', fr: 'Nom ?' } }
    const form = compileForm({ version: 1, default_language: 'fr', fields: [field] })
    const messages = (language?: string) => validateAnswers(form, {}, { language }).map((fault) => fault.message)
    expect(messages('en')).toEqual(["Field 'n': Name?"])
    expect(messages('sw')).toEqual(["Field 'n': Nom ?"])
  })
})

describe('repeats', () => {
  const kids: Field = { id: 'kids', type: 'repeat', fields: [{ id: 'k', type: 'text', required: true }] }
  const where: Field = { id: 'where', type: 'group', fields: [{ id: 'city', type: 'text', required: true }] }
  const hh: Field = { id: 'hh', type: 'repeat', min_count: 2, max_count: 3, fields: [where, kids] }
  const row = { city: 'Dakar' }

  test('the number of rows is held to min_count and max_count', () => {
    const few = { path: 'hh', code: 'count', message: "Field 'hh' needs at least 2 rows" }
    expect(faultsOf([hh], { hh: [row] })).toEqual([few])
    expect(faultsOf([hh], { hh: [] })).toEqual([few])
    expect(faultsOf([hh], {})).toEqual([few])
    expect(faultsOf([hh], { hh: [row, row] })).toEqual([])
    expect(faultsOf([hh], { hh: [row, row, row, row] })).toEqual([
      { path: 'hh', code: 'count', message: "Field 'hh' takes at most 3 rows" },
    ])
  })

  test('within a row, groups nest or lie flat, and answers outside the row do not count', () => {
    expect(faultsOf([hh], { hh: [{ where: row }, row] })).toEqual([])
    expect(faultsOf([hh], { city: 'Dakar', hh: [row, {}] }).map((fault) => fault.path)).toEqual(['hh[1].city'])
  })

  test('rows within rows are named by both indexes', () => {
    const rows = [row, { ...row, kids: [{ k: 'Awa' }, {}] }]
    expect(faultsOf([hh], { hh: rows }).map((fault) => fault.path)).toEqual(['hh[1].kids[1].k'])
  })

  test('a row that is no object is a fault of its own, and its neighbours are still checked', () => {
    expect(faultsOf([hh], { hh: ['x', {}] })).toMatchObject([
      { path: 'hh[0]', code: 'type' },
      { path: 'hh[1].city', code: 'required' },
    ])
  })
})

describe('whatever is sent', () => {
  test('200 faults are enough', () => {
    expect(faultsS({ hh: Array.from({ length: 10_000 }, () => ({})) })).toHaveLength(200)
    expect(faultsS({ hh: Array.from({ length: 10_000 }, () => 0) })).toHaveLength(200)
  })

  test('answers that are no object are one fault', () => {
    for (const data of [null, [], 'x', 7]) {
      expect(validateAnswers(formS, data as unknown as Record<string, unknown>)).toMatchObject([
        { path: '', code: 'type' },
      ])
    }
  })

  test('values nested 100,000 deep do not overflow the stack', () => {
    const deep = nestedList(100_000)
    const keys = fixtureS.fields.map((field) => [field.id, deep])
    expect(validateAnswers(formS, Object.fromEntries(keys)).length).toBeGreaterThan(5)
  })

  test('field ids that objects inherit are answered only by the row itself', () => {
    const fields = ['constructor', '__proto__'].map((id): Field => ({ id, type: 'text', required: true }))
    expect(faultsOf(fields, {}).map((fault) => fault.code)).toEqual(['required', 'required'])
    expect(faultsOf(fields, JSON.parse('{"constructor": "a", "__proto__": "b"}'))).toEqual([])
  })

  test('property: no JSON makes validation throw', () => {
    const data = fc.oneof(fc.jsonValue(), junkAnswers(fixtureS.fields))
    fc.assert(fc.property(data, (answers) => Array.isArray(validateAnswers(formS, answers as Record<string, unknown>))))
  })

  test('property: a form that the check admits compiles and validates, however odd', () => {
    const cases = oddSchemas.chain((schema) => fc.tuple(fc.constant(schema), junkAnswers(schema.fields)))
    fc.assert(
      fc.property(cases, ([schema, answers]) => {
        expect(checkFormSchema(schema)).toEqual([])
        expect(Array.isArray(validateAnswers(compileForm(schema), answers))).toBe(true)
      }),
    )
  })

  test('property: expressions of any kind neither throw nor run away', () => {
    const cases = carelessSchemas.chain((schema) => fc.tuple(fc.constant(schema), junkAnswers(schema.fields)))
    fc.assert(
      fc.property(cases, ([schema, answers]) => {
        expect(Array.isArray(checkFormSchema(schema))).toBe(true)
        const { faults, steps } = examineAnswers(compileForm(schema), answers, { now: 0 })
        expect(faults.length).toBeLessThanOrEqual(MAX_FAULTS)
        expect(steps).toBeLessThanOrEqual(MAX_TOTAL_STEPS)
      }),
    )
  })

  test('property: answers that suit their form have no faults', () => {
    fc.assert(
      fc.property(answeredForms, ({ schema, answers }) => {
        expect(validateAnswers(compileForm(schema), answers)).toEqual([])
      }),
    )
  })
})
