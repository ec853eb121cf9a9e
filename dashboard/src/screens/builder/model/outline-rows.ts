// The fields of the document as the rows of the outline: what is folded or does not match the search is left out.
import { isContainerType } from '../../../../../src/forms/field-types.ts'
import { childrenOf } from '../../../../../src/forms/uids.ts'
import type { Field, FormSchema } from './document.ts'
import { shownText } from './texts.ts'

export interface OutlineRow {
  key: string
  field: Field
  /** The top is 1. */
  level: number
  /** Among its siblings, from 1. */
  place: number
  siblings: number
  /** Undefined: it holds no others. */
  open: boolean | undefined
}

export interface OutlineView {
  folded: ReadonlySet<string>
  /** Blank: no search. */
  wanted: string
  language: string
}

/** While something is searched for, nothing is folded: what matches is shown with the groups around it. */
export function rowsOf(document: FormSchema, { folded, wanted, language }: OutlineView): OutlineRow[] {
  const needle = wanted.trim().toLocaleLowerCase()
  const rows: OutlineRow[] = []
  const matches = (field: Field): boolean =>
    needle === '' ||
    field.id.toLocaleLowerCase().includes(needle) ||
    (shownText(document, field.label, language) ?? '').toLocaleLowerCase().includes(needle)
  /** Whether any of `fields` is shown. */
  const walk = (fields: readonly Field[], level: number, around: boolean): boolean => {
    let any = false
    for (const [index, field] of fields.entries()) {
      const isContainer = isContainerType(field.type)
      const open = isContainer ? needle !== '' || !folded.has(field.uid!) : undefined
      const at = rows.length
      rows.push({ key: field.uid!, field, level, place: index + 1, siblings: fields.length, open })
      const hit = around || matches(field)
      const inside = open ? walk(childrenOf(field), level + 1, hit && needle !== '') : false
      if (hit || inside) any = true
      else rows.length = at
    }
    return any
  }
  walk(document.fields, 1, false)
  return rows
}

/** All groups and repeats. */
export const containersOf = (document: FormSchema): string[] => {
  const walk = (fields: readonly Field[]): string[] =>
    fields.flatMap((field) => (isContainerType(field.type) ? [field.uid!, ...walk(childrenOf(field))] : []))
  return walk(document.fields)
}
