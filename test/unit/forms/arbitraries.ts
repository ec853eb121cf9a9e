// Forms and answers for property tests: forms that an author could build with answers that suit them, and junk.
import fc from 'fast-check'
import { OTHER } from '../../../src/forms/canonical.ts'
import { FIELD_TYPES, type FieldType } from '../../../src/forms/field-types.ts'
import type { Field, FormSchema } from '../../../src/forms/schema.ts'

const OPTIONS = ['red', 'green', '3']
const words = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '')
const whole = (max: number) => fc.integer({ min: 0, max })
const two = (n: number) => String(n).padStart(2, '0')

const dates = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString())
const days = dates.map((iso) => iso.slice(0, 10))
const times = fc
  .tuple(whole(23), whole(59), fc.constantFrom('', ':07', ':07.250'), fc.constantFrom('', 'Z', '+05:30', '-0100'))
  .map(([hours, minutes, seconds, offset]) => `${two(hours)}:${two(minutes)}${seconds}${offset}`)
const dateTimes = fc.tuple(days, fc.constantFrom('T', ' '), times).map((parts) => parts.join(''))

const measure = fc.option(fc.double({ min: 0, max: 9000, noNaN: true }))
const points = fc.record(
  {
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    altitude: measure,
    accuracy: measure,
    speed: measure,
    timestamp: fc.option(dates),
  },
  { requiredKeys: ['latitude', 'longitude'] },
)
const walks = fc.record(
  {
    points: fc.array(points, { maxLength: 4 }),
    pauses: fc.array(fc.record({ paused_at: dates, resumed_at: fc.option(dates) }, { requiredKeys: ['paused_at'] })),
    started_at: dates,
    ended_at: dates,
    distance_meters: measure,
    duration_seconds: measure,
  },
  { requiredKeys: ['points'] },
)
const selected = fc.constantFrom(...OPTIONS, 3)
const openSelected = fc.oneof(
  selected,
  fc.constant(OTHER),
  fc.record({ selection: selected, other_text: fc.constant(null) }),
  fc.record({ selection: fc.constant(OTHER), other_text: words }),
  fc.record({ choice: fc.constant(OTHER), other: words }),
)

/** Suitable answers by type; note, divider, group and repeat have none of their own. */
const SUITABLE: Partial<Record<FieldType, fc.Arbitrary<unknown>>> = {
  text: words,
  textarea: words,
  email: words,
  phone: words,
  barcode: words,
  number: fc.oneof(fc.integer(), fc.integer().map(String), fc.double({ noNaN: true, noDefaultInfinity: true })),
  date: days,
  time: times,
  datetime: dateTimes,
  timestamp: dateTimes,
  select_one: selected,
  select_multiple: fc.array(selected, { minLength: 1 }),
  select_one_other: openSelected,
  calculated: fc.oneof(fc.integer(), words),
  integer: fc.oneof(fc.integer(), fc.integer().map(String)),
  decimal: fc.double({ noNaN: true, noDefaultInfinity: true }),
  range: fc.integer(),
  rank: fc.shuffledSubarray(OPTIONS, { minLength: 1 }),
  acknowledge: fc.constantFrom(true, 'OK'),
  start: dateTimes,
  end: dateTimes,
  today: days,
  deviceid: words,
  username: words,
  hidden: fc.jsonValue().filter((value) => value !== null),
  photo: fc.oneof(words, fc.array(words, { minLength: 1, maxLength: 3 })),
  audio: words,
  video: words,
  signature: words,
  file: words,
  geopoint: points,
  geotrace: fc.array(points, { minLength: 1, maxLength: 4 }),
  geoshape: fc.array(points, { minLength: 1, maxLength: 4 }),
  route: walks,
}
const LEAF_TYPES = FIELD_TYPES.filter((type) => type !== 'group' && type !== 'repeat')

const { fields: fieldLists } = fc.letrec<{ fields: Field[]; field: Field }>((tie) => ({
  fields: fc.array(tie('field'), { maxLength: 5 }),
  field: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({
      id: fc.constant(''),
      type: fc.constantFrom(...LEAF_TYPES),
      required: fc.boolean(),
      label: fc.oneof(words, fc.constant({ en: 'Name', fr: 'Nom' })),
      options: fc.constant(OPTIONS.map((value) => ({ value }))),
    }),
    fc.record({ id: fc.constant(''), type: fc.constantFrom('group', 'repeat'), fields: tie('fields') }),
  ),
}))

const numbered = (fields: Field[], next: { id: number }): Field[] =>
  fields.map((field) => ({
    ...field,
    id: `f${next.id++}`,
    ...(field.fields && { fields: numbered(field.fields, next) }),
  }))

/** Forms of any shape without conditions, their ids unique. */
export const formSchemas: fc.Arbitrary<FormSchema> = fieldLists.map((fields) => ({
  version: 1,
  title: 'Generated',
  fields: numbered(fields, { id: 1 }),
}))

/** Suitable answers to `fields`: required ones always, others sometimes; groups nested or flat. */
const answersTo = (fields: readonly Field[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.tuple(...fields.map(answerTo)).map((parts) => Object.assign({}, ...parts))

const answerTo = (field: Field): fc.Arbitrary<Record<string, unknown>> => {
  const keyed = (value: unknown) => ({ [field.id]: value })
  if (field.type === 'group') {
    const children = answersTo(field.fields ?? [])
    return fc.tuple(children, fc.boolean()).map(([answers, nested]) => (nested ? keyed(answers) : answers))
  }
  if (field.type === 'repeat') return fc.array(answersTo(field.fields ?? []), { maxLength: 3 }).map(keyed)
  const suitable = SUITABLE[field.type]
  if (!suitable) return fc.constant({})
  if (field.required && field.type === 'hidden') return words.map(keyed)
  return field.required ? suitable.map(keyed) : fc.oneof(suitable.map(keyed), fc.constant(keyed(null)), fc.constant({}))
}

/** A form and answers that suit it. */
export const answeredForms: fc.Arbitrary<{ schema: FormSchema; answers: Record<string, unknown> }> = formSchemas.chain(
  (schema) => answersTo(schema.fields).map((answers) => ({ schema, answers })),
)

const { field: junkFields } = fc.letrec<{ field: unknown }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record(
      {
        id: fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', ''), fc.jsonValue()),
        type: fc.oneof(fc.constantFrom(...FIELD_TYPES), fc.jsonValue()),
        options: fc.oneof(fc.array(fc.record({ value: fc.jsonValue() })), fc.jsonValue()),
        required: fc.oneof(fc.constant(true), fc.jsonValue()),
        relevant: fc.jsonValue(),
        min_count: fc.jsonValue(),
        max_count: fc.jsonValue(),
        fields: fc.oneof(fc.array(tie('field'), { maxLength: 3 }), fc.jsonValue()),
      },
      { requiredKeys: [] },
    ),
    fc.jsonValue(),
  ),
}))

/** Documents that look a little like forms and mostly are not. */
export const junkSchemas: fc.Arbitrary<unknown> = fc.record({ fields: fc.array(junkFields, { maxLength: 4 }) })

const noText = fc.jsonValue().filter((value) => typeof value !== 'string')
const junkKeys = fc.dictionary(
  fc.constantFrom('required', 'read_only', 'min_count', 'max_count', 'label', 'required_message', 'parameters'),
  noText,
)

/** Forms that the check admits although their unchecked keys hold any JSON. */
export const oddSchemas: fc.Arbitrary<FormSchema> = fc.tuple(formSchemas, junkKeys).map(([schema, junk]) => {
  const spoiled = (fields: Field[]): Field[] =>
    fields.map((field) => ({ ...field, ...junk, ...(field.fields && { fields: spoiled(field.fields) }) }))
  return { ...schema, fields: spoiled(schema.fields) }
})

/** Forms whose expressions are any JSON, as they may come from a store that was not always careful. */
export const carelessSchemas: fc.Arbitrary<FormSchema> = fc
  .tuple(
    formSchemas,
    fc.dictionary(
      fc.constantFrom('relevant', 'constraint', 'calculation', 'required', 'choice_filter', 'repeat_count', 'default'),
      fc.oneof(fc.jsonValue(), fc.constantFrom('f1 = 1', 'sum(f2) > position(..)', 'f1 +', "regex(., '(a+)+')")),
    ),
    fc.constantFrom('native', 'xlsform', undefined),
  )
  .map(([schema, junk, dialect]) => {
    const spoiled = (fields: Field[]): Field[] =>
      fields.map((field) => ({ ...field, ...(junk as object), ...(field.fields && { fields: spoiled(field.fields) }) }))
    return { ...schema, ...(dialect && { dialect: dialect as 'native' }), fields: spoiled(schema.fields) }
  })

/** JSON under the keys of `fields`, so that it reaches the checks. */
export const junkAnswers = (fields: readonly Field[]): fc.Arbitrary<Record<string, unknown>> => {
  const entries = fields.map(({ id, fields: children }) => {
    const row: fc.Arbitrary<unknown> = children ? junkAnswers(children) : fc.jsonValue()
    return [id, fc.oneof(fc.jsonValue(), row, fc.array(row, { maxLength: 3 }))] as const
  })
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] })
}
