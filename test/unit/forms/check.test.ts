// What makes a JSON document a form, and the defaults it is given (contract 8.1 and 8.11).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkFormSchema, FIELDS_NOT_A_LIST, normaliseFormSchema } from '../../../src/forms/check.ts'
import { FIELD_TYPES } from '../../../src/forms/field-types.ts'
import { MAX_DEPTH } from '../../../src/forms/limits.ts'
import { FormSchema } from '../../../src/forms/schema.ts'
import { fixtureS } from '../../support/fixture-s.ts'
import { formSchemas, junkSchemas } from './arbitraries.ts'

/** `levels` groups around a text field. */
const nested = (levels: number) => {
  let field: Record<string, unknown> = { id: 'leaf', type: 'text' }
  for (let level = levels; level > 0; level--) field = { id: `g${level}`, type: 'group', fields: [field] }
  return { fields: [field] }
}

describe('a form document', () => {
  test('the fixture of the contract is a form, to the check and to the zod schema', () => {
    expect(checkFormSchema(fixtureS)).toEqual([])
    expect(FormSchema.parse(fixtureS)).toEqual(fixtureS)
  })

  test('case 28: an id used at the top and again inside a group is named with the place of its second use', () => {
    const fields = [
      { id: 'name', type: 'text' },
      { id: 'g', type: 'group', fields: [{ id: 'name', type: 'text' }] },
    ]
    expect(checkFormSchema({ fields })).toEqual(["fields[1].fields[0]: duplicate id 'name'"])
  })

  test('case 29: every fault of a document is reported at once, each with its path', () => {
    const fields = [
      { type: 'text' },
      { id: 'a' },
      { id: 'b', type: 'rating' },
      { id: 'c', type: 'select_one' },
      { id: 'd', type: 'select_multiple', options: [] },
      { id: 'e', type: 'group' },
      { id: 'f', type: 'repeat', fields: [{ id: 'g', type: 'group', fields: [{ id: '', type: '' }] }] },
      'text',
    ]
    expect(checkFormSchema({ fields })).toEqual([
      'fields[0]: missing id',
      'fields[1]: missing type',
      "fields[2]: unknown type 'rating'",
      'fields[3]: select_one needs at least one option',
      'fields[4]: select_multiple needs at least one option',
      "fields[5]: group needs a 'fields' list",
      'fields[6].fields[0].fields[0]: missing id',
      'fields[6].fields[0].fields[0]: missing type',
      'fields[7]: a field must be an object',
    ])
  })

  test.each([[{}], [{ fields: {} }], [{ fields: 'x' }], [[]], [null], [undefined], ['x']])(
    'case 29: %j has no list of fields, which is the only fault reported',
    (input) => expect(checkFormSchema(input)).toEqual([FIELDS_NOT_A_LIST]),
  )

  test('case 30: an empty group is fine, and so is a text in a group in a repeat', () => {
    const fields = [
      { id: 'g', type: 'group', fields: [] },
      { id: 'r', type: 'repeat', fields: [{ id: 'h', type: 'group', fields: [{ id: 't', type: 'text' }] }] },
    ]
    expect(checkFormSchema({ fields })).toEqual([])
  })

  test('case 31: all types are known, hidden, calculated and timestamp among them', () => {
    const fields = FIELD_TYPES.map((type) => ({ id: type, type, options: [{ value: 'v' }], fields: [] }))
    expect(fields).toHaveLength(26 + 7 + 5)
    expect(checkFormSchema({ fields })).toEqual([])
  })

  test('labels and option labels may be anything, and options may repeat a value', () => {
    const options = [{ value: 1 }, { value: 1, label: { en: 'One', fr: 'Un' } }, { value: '1', label: 7 }]
    const fields = [{ id: 'Any id!', type: 'select_one', label: 5, relevant: null, options }]
    expect(checkFormSchema({ fields })).toEqual([])
  })

  test('options may come from a list of the document or from an attached file', () => {
    const choices = { colours: [{ value: 'red', warm: 'yes' }] }
    const fields = [
      { id: 'a', type: 'select_one', list: 'colours' },
      { id: 'b', type: 'rank', list: 'colours' },
      { id: 'c', type: 'select_multiple', itemset: 'towns.csv' },
    ]
    expect(checkFormSchema({ choices, fields })).toEqual([])
    expect(checkFormSchema({ choices: { empty: [], odd: [1] }, fields: [{ ...fields[0], list: 'colors' }] })).toEqual([
      "fields[0]: there is no list 'colors' in choices",
      'choices.empty: a list needs at least one option',
      "choices.odd[0]: an option must be an object with a string or number 'value'",
    ])
    expect(checkFormSchema({ choices: [], fields: [] })).toEqual([
      'schema.choices must be an object from list name to options',
    ])
    expect(checkFormSchema({ dialect: 'excel', fields: [] })).toEqual(["schema.dialect must be 'native' or 'xlsform'"])
  })

  test('an option must be an object with a value', () => {
    const fields = [{ id: 's', type: 'select_one', options: ['a', { label: 'B' }, { value: null }, { value: 'd' }] }]
    const faults = checkFormSchema({ fields })
    expect(faults).toHaveLength(3)
    expect(faults[0]).toMatch(/^fields\[0\]\.options\[0\]: an option must be an object/)
  })

  test('ids are strings of at most 255 characters', () => {
    const fields = [
      { id: 7, type: 'text' },
      { id: 'x'.repeat(256), type: 'text' },
      { id: 'x'.repeat(255), type: 'text' },
    ]
    expect(checkFormSchema({ fields })).toEqual([
      'fields[0]: id must be a string',
      'fields[1]: id is longer than 255 characters',
    ])
  })

  test('ids that objects inherit are ordinary ids', () => {
    const fields = ['constructor', 'toString', '__proto__'].map((id) => ({ id, type: 'text' }))
    expect(checkFormSchema({ fields })).toEqual([])
  })

  test('32 levels of fields are admitted, the 33rd is refused, and 100,000 do not overflow the stack', () => {
    expect(checkFormSchema(nested(MAX_DEPTH - 1))).toEqual([])
    expect(checkFormSchema(nested(MAX_DEPTH))).toEqual([
      `fields[0]${'.fields[0]'.repeat(31)}: fields are nested deeper than 32 levels`,
    ])
    expect(checkFormSchema(nested(100_000))).toHaveLength(1)
  })

  test('more than 5,000 fields are refused', () => {
    const fields = Array.from({ length: 5_001 }, (_, index) => ({ id: `f${index}`, type: 'text' }))
    expect(checkFormSchema({ fields: fields.slice(1) })).toEqual([])
    expect(checkFormSchema({ fields })).toEqual(['schema has more than 5000 fields'])
  })

  test('a hopeless document is not answered with a fault per field for ever', () => {
    const options = Array.from({ length: 50_000 }, () => 0)
    expect(checkFormSchema({ fields: [{ id: 's', type: 'select_one', options }] }).length).toBeLessThanOrEqual(1_000)
  })

  test('property: no JSON makes the check throw', () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), junkSchemas), (input) => Array.isArray(checkFormSchema(input))))
  })

  test('property: what an author can build is a form, to the check and to the zod schema', () => {
    fc.assert(
      fc.property(formSchemas, (schema) => {
        expect(checkFormSchema(schema)).toEqual([])
        expect(FormSchema.parse(schema)).toEqual(schema)
      }),
    )
  })
})

describe('defaults of a form document', () => {
  test('case 26: the title is the name of the form when there is none', () => {
    expect(normaliseFormSchema({}, 'Wells')).toEqual({ version: 1, title: 'Wells', fields: [] })
    expect(normaliseFormSchema({ title: ' ' }, 'Wells').title).toBe('Wells')
    expect(normaliseFormSchema({ title: 'Boreholes' }, 'Wells').title).toBe('Boreholes')
    expect(normaliseFormSchema({ title: { fr: 'Puits' } }, 'Wells').title).toEqual({ fr: 'Puits' })
  })

  test('the version of the language is 1, and keys that nobody knows survive', () => {
    const fields = [{ id: 'a', type: 'text', uid: 'u1', previous_ids: ['b'], theme: { colour: 'red' } }]
    const schema = { version: 7, fields, settings: { show_progress_bar: true }, x_made_by: 'someone' }
    expect(normaliseFormSchema(schema, 'F')).toEqual({ ...schema, version: 1, title: 'F' })
  })
})
