// A form page by page, as phones show it: a question is a page, a group with the appearance `field-list` and a repeat
// are one together.
import type { Field } from '../../../src/forms/schema.ts'

export interface FormPage {
  /** Drawn together. */
  readonly field: Field
  /** The groups around it, outermost first: their labels head the page. */
  readonly groups: readonly Field[]
  /** What it asks, at any depth outside of repeats: the faults at these belong to the page. */
  readonly ids: ReadonlySet<string>
}

export function pagesOf(fields: readonly Field[], groups: readonly Field[] = []): FormPage[] {
  return fields.flatMap((field) => {
    if (field.type === 'group' && !isTogether(field)) return pagesOf(field.fields ?? [], [...groups, field])
    return [{ field, groups, ids: new Set(idsOf(field)) }]
  })
}

const isTogether = ({ appearance }: Field): boolean => wordsOf(appearance).includes('field-list')

/** The words of an appearance; other JSON has none. */
export const wordsOf = (appearance: unknown): string[] =>
  typeof appearance === 'string' ? appearance.toLowerCase().split(/\s+/) : []

const idsOf = (field: Field): string[] => [
  field.id,
  ...(field.type === 'group' ? (field.fields ?? []).flatMap(idsOf) : []),
]

/** Whether a fault at this path (`hh[1].name`) stands on the page. */
export const holds = ({ ids }: FormPage, path: string): boolean => ids.has(/^[^[]*/.exec(path)![0])
