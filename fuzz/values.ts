// Values for the fuzzer: good ones made from the schemas of the document, hostile ones that somebody has thought of, and
// ways to spoil the former with the latter. Ids and tokens are references (`~forms~`), filled in when a request is sent.
import fc from 'fast-check'
import { answers, SURVEY } from '../bench/survey.ts'
import { formSchemas, junkAnswers, junkSchemas } from '../test/unit/forms/arbitraries.ts'
import type { Schema } from './document.ts'

export const reference = (name: string): string => `~${name}~`

const LONG = 'x'.repeat(300)
const VERY_LONG = 'long'.repeat(20_000)

export const hostileTexts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\udfff',
    '😀',
    '\u202egpj.exe',
    '﷽',
    '../../etc/passwd',
    '..\\..\\windows',
    "' OR 1=1--",
    '"; DROP TABLE submissions; --',
    '%',
    '_',
    '%s%n',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '\r\nset-cookie: a=b',
    '__proto__',
    'constructor',
    'toString',
    'NaN',
    'Infinity',
    '-0',
    '1e999',
    '0x10',
    '9007199254740993',
    '99999999999999999999',
    '-1',
    'true',
    'null',
    'undefined',
    '[object Object]',
    '2026-02-30',
    '2026-11-23T25:61:61Z',
    '+275760-09-13T00:00:00.001Z',
    '-000001-01-01T00:00:00Z',
    '0000-00-00',
    'Etc/Unknown',
    'http://[::1]:0/',
    'javascript:alert(1)',
    'a@b',
    `${LONG}@${LONG}.example`,
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-4FFF-8FFF-FFFFFFFFFFFF',
    LONG,
    VERY_LONG,
  ),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value }
  return value
}

export const hostileValues: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileTexts },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      2 ** 31,
      2 ** 53,
      -(2 ** 63),
      1e308,
      5e-324,
      [],
      {},
      [[]],
      [null],
      { id: null },
      nested(99),
      nested(101),
      nested(3_000),
      Array(5_000).fill(0),
      Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, i])),
    ),
  },
  { weight: 2, arbitrary: fc.jsonValue() },
)

/** References that suit a property, by its name; the schemas say no more than `string`. */
const BY_NAME: Record<string, string[]> = {
  form_id: ['forms'],
  project_id: ['projects'],
  form_version_id: ['forms.versions'],
  version_id: ['forms.versions'],
  user_id: ['users', 'manager.id'],
  submission_id: ['submissions'],
  submission_local_uuid: ['local'],
  local_uuid: ['local', 'fresh'],
  media_file_id: ['media'],
  refresh_token: ['refresh'],
  pairing_token: ['pairing'],
  token: ['pairing'],
  password: ['password'],
  current_password: ['password'],
  old_password: ['password'],
  new_password: ['password'],
  admin_password: ['password'],
  email: ['admin.email', 'fresh.email'],
  admin_email: ['fresh.email'],
  slug: ['fresh.slug'],
  username: ['fresh.slug'],
  time_zone: ['zone'],
}

const texts = fc.string({ minLength: 1, maxLength: 20 })
const instants = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
const surveyAnswers: fc.Arbitrary<unknown> = fc.oneof(
  fc.nat(1_000).map(answers),
  junkAnswers(SURVEY.fields as Parameters<typeof junkAnswers>[0]),
)
const forms: fc.Arbitrary<unknown> = fc.oneof(fc.constant(SURVEY), formSchemas, junkSchemas)

export type SchemaReader = (schema: Schema, name?: string) => fc.Arbitrary<unknown>

/** A function from a schema to values that it should admit, as far as a schema can say. */
export function schemaReader(components: Record<string, Schema>): SchemaReader {
  const read: SchemaReader = (schema, name = '') => {
    if (schema.$ref) return read(components[schema.$ref.split('/').at(-1)!] ?? {}, name)
    if (name === 'schema' || name === 'schema_json') return forms
    if (name === 'data' || name === 'data_json') return surveyAnswers
    const known = BY_NAME[name]
    if (known && !schema.enum) return fc.constantFrom(...known.map(reference))
    if (schema.const !== undefined) return fc.constant(schema.const)
    if (schema.enum) return fc.constantFrom(...schema.enum)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices) return fc.oneof(...choices.map((choice) => read(choice, name)))
    if (schema.allOf) return fc.tuple(...schema.allOf.map((part) => read(part, name))).map(merged)
    const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any'])
    return fc.oneof(...types.map((type) => ofType(type, schema)))
  }

  const ofType = (type: string, schema: Schema): fc.Arbitrary<unknown> => {
    switch (type) {
      case 'null':
        return fc.constant(null)
      case 'boolean':
        return fc.boolean()
      case 'integer':
        return fc.integer({ min: schema.minimum ?? -5, max: schema.maximum ?? 100 })
      case 'number':
        return fc.double({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000, noNaN: true })
      case 'array':
        return fc.array(read(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 4, 4) })
      case 'object':
        return record(schema)
      case 'string':
        return text(schema)
      default:
        return fc.jsonValue()
    }
  }

  const text = ({ format, maxLength, pattern }: Schema): fc.Arbitrary<unknown> => {
    if (format === 'uuid') return fc.constantFrom('forms', 'projects', 'users', 'submissions').map(reference)
    if (format === 'date-time') return instants.map((date) => date.toISOString())
    if (format === 'email') return fc.constant(reference('fresh.email'))
    if (pattern) return fc.oneof(fc.constant(reference('fresh.slug')), texts)
    return texts.map((value) => value.slice(0, maxLength))
  }

  const record = ({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> => {
    const members = Object.entries(properties).map(([name, schema]) => [name, read(schema, name)] as const)
    return fc.record(Object.fromEntries(members), { requiredKeys: required })
  }
  return read
}

const merged = (parts: unknown[]): unknown => Object.assign({}, ...parts)

const MAX_REPEATED_CHARS = 10_000

type Edit = { at: number; how: 'replace' | 'drop' | 'add' | 'repeat'; with: unknown; name: string }

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.nat(60),
    how: fc.constantFrom('replace', 'replace', 'drop', 'add', 'repeat'),
    with: hostileValues,
    name: fc.oneof(fc.constantFrom('__proto__', 'id', 'tenant_id', 'constructor', '', 'a\0'), texts),
  }),
  { minLength: 1, maxLength: 3 },
)

/** A value with some of its parts replaced, dropped, repeated, or joined by strangers. */
export const spoiled = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(values, edits).map(([value, list]) => list.reduce(applyEdit, value))

function applyEdit(value: unknown, edit: Edit): unknown {
  const places: (readonly [object, string | number])[] = []
  const copy = clone(value, (holder, key) => places.push([holder, key]))
  if (places.length === 0) return edit.with
  const [holder, key] = places[edit.at % places.length]!
  const slot = holder as Record<string | number, unknown>
  if (edit.how === 'replace') slot[key] = edit.with
  else if (edit.how === 'drop') delete slot[key]
  else if (edit.how === 'repeat') {
    // Repetitions of repetitions of something large would keep the fuzzer busy, not the server.
    if (JSON.stringify(slot[key]).length < MAX_REPEATED_CHARS) slot[key] = Array(50).fill(slot[key])
  } else if (Array.isArray(holder)) holder.push(edit.with)
  // Not by assignment: `__proto__` is to become a name like any other.
  else
    Object.defineProperty(holder, edit.name, { value: edit.with, enumerable: true, configurable: true, writable: true })
  return copy
}

function clone(value: unknown, visit: (holder: object, key: string | number) => void): unknown {
  if (typeof value !== 'object' || value === null) return value
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {}
  for (const [key, inner] of Object.entries(value)) {
    visit(copy, key)
    Object.defineProperty(copy, key, {
      value: clone(inner, visit),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return copy
}
