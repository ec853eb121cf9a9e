// The ids of fields: made from labels, and kept apart. Changing them with all that speaks of them is rename.ts.
import { everyField } from '../../../../../src/forms/uids.ts'
import type { FormSchema } from './document.ts'

const MAX_SLUG = 40
const PLAIN_NAME = /^[A-Za-z_]\w*$/
const RESERVED: ReadonlySet<string> = new Set(['and', 'or', 'div', 'mod', 'true', 'false', 'null'])

/** A name that stands in expressions as it is: `Âge (années)` is `age_annees`. Blank where no letter of a to z is left. */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, MAX_SLUG)
    .replaceAll(/^_+|_+$/g, '')
  return /^[0-9]/.test(slug) || RESERVED.has(slug) ? `q_${slug}` : slug
}

/** `base`, or the first of `base_2`, `base_3`, … that no field has. */
export function freeId(taken: ReadonlySet<string>, base: string): string {
  let id = base
  for (let n = 2; taken.has(id); n++) id = `${base}_${n}`
  return id
}

export const idsOf = (document: FormSchema): Set<string> => new Set(everyField(document.fields).map(({ id }) => id))

/** Whether expressions write the id as it is. */
export const isPlainName = (id: string): boolean => PLAIN_NAME.test(id) && !RESERVED.has(id)
