// From a JSON Schema, as form designers of sync apps write it, into the form language, as far as that goes: what has no
// counterpart becomes a hidden field, whose answer may be anything, so that no answer is called wrong for a rule that was
// not understood. The original is kept by whoever brings it. Source: contracts/synkronus.md, section 7; JSON Schema 2019-09.
import { isObject } from './canonical.ts'
import type { FieldType } from './field-types.ts'
import { MAX_DEPTH, MAX_FIELDS, MAX_ID_LENGTH } from './limits.ts'
import type { Field, FieldOption } from './schema.ts'

/** Formats of the app's own questions and of JSON Schema, and what they are here. */
const BY_FORMAT: Readonly<Record<string, FieldType>> = {
  date: 'date',
  'date-time': 'timestamp',
  photo: 'photo',
  image: 'photo',
  signature: 'signature',
  audio: 'audio',
  video: 'video',
  select_file: 'file',
  file: 'file',
  gps: 'geopoint',
  qrcode: 'barcode',
}

const BY_TYPE: Readonly<Record<string, FieldType>> = { string: 'text', integer: 'integer', number: 'decimal' }

const MAX_OPTIONS = 10_000
const MAX_REFERENCES = 20

interface Reading {
  root: Record<string, unknown>
  ids: Set<string>
}

/** A form document whose fields are the properties of the schema. Never throws; what `checkFormSchema` would refuse does
 *  not come about. */
export function formOfJsonSchema(schema: unknown): { title?: string; fields: Field[] } {
  const root = isObject(schema) ? schema : {}
  const fields = fieldsOf(root, 1, { root, ids: new Set() })
  return typeof root.title === 'string' && root.title.trim() !== '' ? { title: root.title, fields } : { fields }
}

function fieldsOf(schema: Record<string, unknown>, depth: number, reading: Reading): Field[] {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const fields: Field[] = []
  for (const [id, property] of Object.entries(properties)) {
    // A name that is taken, as names inside objects may be, can't be told apart by readers of answers.
    if (id.trim() === '' || id.length > MAX_ID_LENGTH || reading.ids.has(id)) continue
    if (reading.ids.size >= MAX_FIELDS) break
    reading.ids.add(id)
    fields.push(fieldOf(id, resolved(property, reading), required.has(id), depth, reading))
  }
  return fields
}

function fieldOf(
  id: string,
  property: Record<string, unknown>,
  required: boolean,
  depth: number,
  reading: Reading,
): Field {
  const said = {
    id,
    ...(typeof property.title === 'string' && { label: property.title }),
    ...(typeof property.description === 'string' && { hint: property.description }),
  }
  const inner = childrenOf(property, depth, reading)
  if (inner) return { ...said, ...inner }
  const options = optionsOf(property)
  if (options) return { ...said, type: 'select_one', options, ...(required && { required }) }
  const items = typeOf(property) === 'array' ? optionsOf(resolved(property.items, reading)) : null
  if (items) return { ...said, type: 'select_multiple', options: items, ...(required && { required }) }
  const type = plainTypeOf(property)
  const constraint = boundsOf(property, type)
  return { ...said, type, ...(required && type !== 'hidden' && { required }), ...(constraint && { constraint }) }
}

/** Objects are groups and lists of objects are rows, where every name inside is free and the depth allows it. */
function childrenOf(
  property: Record<string, unknown>,
  depth: number,
  reading: Reading,
): Pick<Field, 'type' | 'fields'> | null {
  if (depth >= MAX_DEPTH || plainTypeOf(property) !== 'hidden') return null
  const type = typeOf(property)
  const holder = type === 'array' ? resolved(property.items, reading) : property
  if (typeOf(holder) !== 'object' || !isObject(holder.properties)) return null
  if (Object.keys(holder.properties).some((id) => reading.ids.has(id))) return null
  return { type: type === 'array' ? 'repeat' : 'group', fields: fieldsOf(holder, depth + 1, reading) }
}

function plainTypeOf(property: Record<string, unknown>): FieldType {
  const format = typeof property.format === 'string' ? property.format : ''
  if (Object.hasOwn(BY_FORMAT, format)) return BY_FORMAT[format]!
  const type = typeOf(property)
  return Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type]! : 'hidden'
}

/** The one type besides null; '' where there are several. */
function typeOf({ type, properties }: Record<string, unknown>): string {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => one !== 'null')
  if (types.length === 1 && typeof types[0] === 'string') return types[0]
  return type === undefined && isObject(properties) ? 'object' : ''
}

/** Null where the values are not a list of texts and numbers. */
function optionsOf(property: Record<string, unknown>): FieldOption[] | null {
  const listed = Array.isArray(property.enum)
    ? property.enum.filter((value) => value !== null).map((value) => ({ value, label: undefined as unknown }))
    : (constantsOf(property.oneOf) ?? constantsOf(property.anyOf))
  if (!listed || listed.length === 0 || listed.length > MAX_OPTIONS) return null
  const options: FieldOption[] = []
  for (const { value, label } of listed) {
    if (typeof value !== 'string' && typeof value !== 'number') return null
    options.push(typeof label === 'string' ? { value, label } : { value })
  }
  return options
}

function constantsOf(choices: unknown): { value: unknown; label: unknown }[] | null {
  if (!Array.isArray(choices)) return null
  const constants = choices.flatMap((choice) =>
    isObject(choice) && 'const' in choice ? { value: choice.const, label: choice.title } : [],
  )
  return constants.length === choices.length ? constants : null
}

/** `minimum` and `maximum` as a rule on the answer. */
function boundsOf({ minimum, maximum }: Record<string, unknown>, type: FieldType): string | undefined {
  if (type !== 'integer' && type !== 'decimal') return undefined
  const rules = [isPlain(minimum) ? `. >= ${minimum}` : '', isPlain(maximum) ? `. <= ${maximum}` : '']
  return rules.filter((rule) => rule !== '').join(' and ') || undefined
}

/** Numbers that expressions spell as JavaScript does. */
const isPlain = (value: unknown): value is number => typeof value === 'number' && /^-?\d+(\.\d+)?$/.test(String(value))

/** What a reference inside the document leads to, with what stands beside it. */
function resolved(property: unknown, { root }: Reading): Record<string, unknown> {
  let found = isObject(property) ? property : {}
  for (let step = 0; step < MAX_REFERENCES && typeof found.$ref === 'string'; step++) {
    const { $ref, ...beside } = found
    const target = targetOf(root, $ref as string)
    found = { ...(isObject(target) ? target : {}), ...beside }
  }
  return found
}

function targetOf(root: Record<string, unknown>, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined
  let found: unknown = root
  for (const part of reference.slice(2).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!isObject(found) || !Object.hasOwn(found, key)) return undefined
    found = found[key]
  }
  return found
}
