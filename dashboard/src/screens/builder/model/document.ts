// The form document as the builder changes it: every change makes a new document that shares what stayed the same, so
// that a history of them costs little. A field is known by its uid, whatever it is called and wherever it stands.
// Ids, and what speaks of them, are ids.ts; what a new field looks like is new-field.ts.

import { isContainerType } from '../../../../../src/forms/field-types.ts'
import { MAX_DEPTH } from '../../../../../src/forms/limits.ts'
import type { Field, FieldOption, FormSchema } from '../../../../../src/forms/schema.ts'
import { childrenOf, everyField } from '../../../../../src/forms/uids.ts'

export type { Field, FieldOption, FormSchema }

/** Where a field goes, told by a field that is there; `start` is the beginning of the form. */
export type Place = { before: string } | { after: string } | { into: string } | 'start'

/** A field with its surroundings. */
export interface Located {
  field: Field
  /** Undefined: it stands at the top. */
  parent: Field | undefined
  siblings: readonly Field[]
  index: number
  /** The top is 1. */
  depth: number
}

export function locate(document: FormSchema, uid: string): Located | undefined {
  const search = (siblings: readonly Field[], parent: Field | undefined, depth: number): Located | undefined => {
    for (const [index, field] of siblings.entries()) {
      if (field.uid === uid) return { field, parent, siblings, index, depth }
      const found = search(childrenOf(field), field, depth + 1)
      if (found) return found
    }
    return undefined
  }
  return search(document.fields, undefined, 1)
}

/** The document with `to(field)` in place of the field; the same document when the field is not there. */
function replace(document: FormSchema, uid: string, to: (field: Field) => readonly Field[]): FormSchema {
  const within = (fields: readonly Field[]): readonly Field[] => {
    for (const [index, field] of fields.entries()) {
      const children = field.uid === uid ? undefined : childrenOf(field)
      const inner = children && within(children)
      if (inner === children && inner !== undefined) continue
      const put = inner === undefined ? to(field) : [{ ...field, fields: [...inner] }]
      return [...fields.slice(0, index), ...put, ...fields.slice(index + 1)]
    }
    return fields
  }
  const fields = within(document.fields)
  return fields === document.fields ? document : { ...document, fields: [...fields] }
}

/** Keys of `patch` that are undefined are removed. */
export const changeField = (document: FormSchema, uid: string, patch: Partial<Field>): FormSchema =>
  replace(document, uid, (field) => [patched(field, patch)])

/** The same for the keys of the document itself. */
export const changeDocument = (document: FormSchema, patch: Partial<FormSchema>): FormSchema => patched(document, patch)

function patched<T extends object>(target: T, patch: Partial<T>): T {
  const changed = { ...target, ...patch }
  for (const key of Object.keys(patch) as (keyof T)[]) if (patch[key] === undefined) delete changed[key]
  return changed
}

export const removeField = (document: FormSchema, uid: string): FormSchema => replace(document, uid, () => [])

/** The same document when there is no such place. */
export function insertField(document: FormSchema, field: Field, place: Place): FormSchema {
  if (place === 'start') return { ...document, fields: [field, ...document.fields] }
  if ('before' in place) return replace(document, place.before, (there) => [field, there])
  if ('after' in place) return replace(document, place.after, (there) => [there, field])
  const into = locate(document, place.into)?.field
  if (!into || !isContainerType(into.type)) return document
  return changeField(document, place.into, { fields: [...childrenOf(into), field] })
}

/** The same document when the field would come to stand within itself, or deeper than forms may go. */
export function moveField(document: FormSchema, uid: string, place: Place): FormSchema {
  const from = locate(document, uid)
  if (!from) return document
  const without = removeField(document, uid)
  const moved = insertField(without, from.field, place)
  if (moved === without || depthOf(moved.fields) > Math.max(MAX_DEPTH, depthOf(document.fields))) return document
  return arrangementOf(moved.fields) === arrangementOf(document.fields) ? document : moved
}

const depthOf = (fields: readonly Field[]): number =>
  fields.reduce((deepest, field) => Math.max(deepest, 1 + depthOf(childrenOf(field))), 0)

/** The order and nesting of the fields. */
const arrangementOf = (fields: readonly Field[]): string =>
  fields.map((field) => `${field.uid}(${arrangementOf(childrenOf(field))})`).join()

export type Step = 'up' | 'down' | 'in' | 'out'

/** Where one step leads: among its siblings, to the end of the group before it, or out behind its group. Undefined where
 *  there is nowhere to go. */
export function placeOf(document: FormSchema, uid: string, step: Step): Place | undefined {
  const at = locate(document, uid)
  if (!at) return undefined
  const { parent, siblings, index } = at
  const before = siblings[index - 1]
  if (step === 'up') return before && { before: before.uid! }
  if (step === 'out') return parent && { after: parent.uid! }
  if (step === 'in') return before && isContainerType(before.type) ? { into: before.uid! } : undefined
  const after = siblings[index + 1]
  return after && { after: after.uid! }
}

/** Where a new field goes: into the chosen group, else behind the chosen field, else to the end. */
export function placeForNew(document: FormSchema, chosen: string | null): Place {
  const at = chosen === null ? undefined : locate(document, chosen)
  const last = document.fields.at(-1)
  if (!at) return last ? { after: last.uid! } : 'start'
  return isContainerType(at.field.type) ? { into: at.field.uid! } : { after: at.field.uid! }
}

/** The field that is chosen once this one is gone. */
export function neighbourOf(document: FormSchema, uid: string): string | null {
  const at = locate(document, uid)
  if (!at) return null
  return (at.siblings[at.index + 1] ?? at.siblings[at.index - 1] ?? at.parent)?.uid ?? null
}

/** The options of a field: its own, or those of the list that it shares with others. */
export function optionsOf(document: FormSchema, field: Field): readonly FieldOption[] {
  if (Array.isArray(field.options) && field.options.length > 0) return field.options
  const list = field.list === undefined ? undefined : document.choices?.[field.list]
  return Array.isArray(list) ? list : []
}

/** Writes them where they stand. */
export function changeOptions(document: FormSchema, field: Field, options: FieldOption[]): FormSchema {
  const shared = !(Array.isArray(field.options) && field.options.length > 0) && field.list !== undefined
  if (!shared) return changeField(document, field.uid!, { options })
  return { ...document, choices: { ...document.choices, [field.list!]: options } }
}

/** How many fields share a list. */
export const usersOf = (document: FormSchema, list: string): number =>
  everyField(document.fields).filter((field) => field.list === list).length
