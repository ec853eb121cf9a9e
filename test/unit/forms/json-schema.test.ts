// JSON Schema into the form language: what has a counterpart is translated, what has none asks nothing, and whatever
// comes out is a form.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkFormSchema } from '../../../src/forms/check.ts'
import { compileForm } from '../../../src/forms/compile.ts'
import { formOfJsonSchema } from '../../../src/forms/json-schema.ts'
import type { FormSchema } from '../../../src/forms/schema.ts'
import { examineAnswers } from '../../../src/forms/validate.ts'

const schemaOf = (properties: Record<string, unknown>, more: object = {}) => ({ type: 'object', properties, ...more })
const fieldsOf = (properties: Record<string, unknown>, more?: object) =>
  formOfJsonSchema(schemaOf(properties, more)).fields

const faultsOf = (schema: unknown, answers: Record<string, unknown>) => {
  const form = { version: 1, title: 'x', ...formOfJsonSchema(schema) } as FormSchema
  return examineAnswers(compileForm(form), answers).faults.map(({ path }) => path)
}

describe('a property', () => {
  test.each([
    [{ type: 'string' }, 'text'],
    [{ type: ['string', 'null'] }, 'text'],
    [{ type: 'string', format: 'date' }, 'date'],
    [{ type: 'string', format: 'date-time' }, 'timestamp'],
    [{ type: 'integer' }, 'integer'],
    [{ type: 'number' }, 'decimal'],
    [{ type: 'object', format: 'photo' }, 'photo'],
    [{ type: 'object', format: 'gps', properties: { latitude: { type: 'number' } } }, 'geopoint'],
    [{ type: 'string', format: 'qrcode' }, 'barcode'],
    [{ type: 'string', enum: ['a', 'b'] }, 'select_one'],
    [{ oneOf: [{ const: 'a', title: 'A' }, { const: 'b' }] }, 'select_one'],
    [{ type: 'array', items: { type: 'string', enum: ['a'] } }, 'select_multiple'],
    [{ type: 'object', properties: { x: { type: 'string' } } }, 'group'],
    [{ type: 'array', items: { type: 'object', properties: { x: { type: 'string' } } } }, 'repeat'],
    // No counterpart: anything is right.
    [{ type: 'boolean' }, 'hidden'],
    [{ type: ['string', 'number'] }, 'hidden'],
    [{ type: 'array', items: { type: 'string' } }, 'hidden'],
    [{ enum: [true, false] }, 'hidden'],
    [{ $ref: 'https://example.org/other.json' }, 'hidden'],
    [true, 'hidden'],
  ])('%j is a field of type %s', (property, type) => {
    expect(fieldsOf({ p: property })).toMatchObject([{ id: 'p', type }])
  })

  test('keeps its words, and the labels of its options', () => {
    expect(
      fieldsOf({ p: { title: 'Roof', description: 'Look up', oneOf: [{ const: 'iron', title: 'Iron sheets' }] } }),
    ).toEqual([
      {
        id: 'p',
        label: 'Roof',
        hint: 'Look up',
        type: 'select_one',
        options: [{ value: 'iron', label: 'Iron sheets' }],
      },
    ])
  })

  test('is looked up where it is a reference', () => {
    const definitions = { place: { type: 'string', enum: ['a'] }, loop: { $ref: '#/definitions/loop' } }
    expect(fieldsOf({ p: { $ref: '#/definitions/place', title: 'Where' } }, { definitions })).toMatchObject([
      { type: 'select_one', label: 'Where' },
    ])
    expect(fieldsOf({ p: { $ref: '#/definitions/loop' } }, { definitions })).toMatchObject([{ type: 'hidden' }])
  })

  test('whose name is used elsewhere stays inside an object of any content', () => {
    const nested = { type: 'object', properties: { name: { type: 'string' } } }
    expect(fieldsOf({ name: { type: 'string' }, head: nested })).toMatchObject([{ type: 'text' }, { type: 'hidden' }])
  })
})

test('answers are held against what was understood, and against nothing else', () => {
  const schema = schemaOf(
    { name: { type: 'string' }, members: { type: 'integer', minimum: 1, maximum: 40 }, poor: { type: 'boolean' } },
    { required: ['name', 'poor'] },
  )
  expect(faultsOf(schema, { name: 'Moussa', members: 4, poor: false })).toEqual([])
  expect(faultsOf(schema, { name: 'Moussa' })).toEqual([])
  expect(faultsOf(schema, { members: 41 }).sort()).toEqual(['members', 'name'])
})

describe('whatever comes in', () => {
  const property: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.record(
        {
          type: fc.oneof(
            fc.constantFrom('string', 'integer', 'number', 'boolean', 'object', 'array', 'null', 'wheel'),
            fc.array(fc.constantFrom('string', 'null', 'number'), { maxLength: 2 }),
          ),
          format: fc.constantFrom('date', 'gps', 'photo', 'constructor', ''),
          title: fc.oneof(fc.string(), fc.integer()),
          enum: fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean()), { maxLength: 3 }),
          minimum: fc.double(),
          maximum: fc.oneof(fc.integer(), fc.string()),
          required: fc.oneof(fc.array(fc.string()), fc.boolean()),
          properties: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', 'c', ''), fc.string()), tie('node'), {
            maxKeys: 4,
          }),
          items: tie('node'),
          $ref: fc.constantFrom('#/properties/a', '#/definitions/x', '#/', 'other'),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
  })).node

  test('a form comes out', () => {
    fc.assert(
      fc.property(property, (schema) => {
        expect(checkFormSchema(formOfJsonSchema(schema))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('an object inside an object a thousand times ends', () => {
    let schema: object = { type: 'string' }
    for (let i = 0; i < 1_000; i++) schema = schemaOf({ [`p${i}`]: schema })
    expect(checkFormSchema(formOfJsonSchema(schema))).toEqual([])
  })
})
