// What a new question starts with, and what remains of one that becomes another type.
import { type FieldType, isChoiceType, isContainerType } from '../../../../../src/forms/field-types.ts'
import type { Field, FormSchema } from './document.ts'
import { idsOf } from './ids.ts'

/** The types by what they are for, as they are offered. */
export const TYPE_GROUPS: readonly { name: string; types: readonly FieldType[] }[] = [
  { name: 'text', types: ['text', 'textarea', 'email', 'phone', 'barcode'] },
  { name: 'choice', types: ['select_one', 'select_multiple', 'select_one_other', 'rank', 'acknowledge'] },
  { name: 'number', types: ['integer', 'decimal', 'number', 'range'] },
  { name: 'time', types: ['date', 'time', 'datetime', 'timestamp'] },
  { name: 'media', types: ['photo', 'audio', 'video', 'signature', 'file'] },
  { name: 'place', types: ['geopoint', 'geotrace', 'geoshape', 'route'] },
  { name: 'structure', types: ['group', 'repeat', 'note', 'divider'] },
  { name: 'automatic', types: ['calculated', 'hidden', 'start', 'end', 'today', 'deviceid', 'username'] },
]

/** `text_1`, `text_2`, …: until it is given a better one. */
export function automaticId(document: FormSchema, type: FieldType): string {
  const taken = idsOf(document)
  let n = 1
  while (taken.has(`${type}_${n}`)) n++
  return `${type}_${n}`
}

export const isAutomaticId = (id: string): boolean => /^[a-z_]+_\d+$/.test(id)

/** `option`: the label of a first option, because a choice without any is none. */
export function newField(document: FormSchema, type: FieldType, uid: string, option: string): Field {
  return { id: automaticId(document, type), uid, type, ...startOf(type, option) }
}

function startOf(type: FieldType, option: string): Partial<Field> {
  if (isContainerType(type)) return { fields: [] }
  if (isChoiceType(type)) return { options: [{ value: 'option_1', label: option }] }
  if (type === 'range') return { parameters: { start: 0, end: 10, step: 1 } }
  return {}
}

/** The keys that a change of type adds. What the new type does not use stays, so that changing back brings it back. */
export function changeOfType(field: Field, type: FieldType, option: string): Partial<Field> {
  const hasOptions = (field.options?.length ?? 0) > 0 || field.list !== undefined || field.itemset !== undefined
  const added = isChoiceType(type) && hasOptions ? {} : startOf(type, option)
  if (isContainerType(type)) delete added.fields
  return { type, ...(type === 'range' && field.parameters ? {} : added) }
}

/** Types that a field may become: groups and repeats hold others, the rest do not. */
export const typesLike = (type: FieldType): FieldType[] =>
  TYPE_GROUPS.flatMap(({ types }) => types).filter((one) => isContainerType(one) === isContainerType(type))
