// Gives every field an identity that survives renames. Pure: new uids come from the caller.
import { isContainerType } from './field-types.ts'
import type { Field, FormSchema } from './schema.ts'

const MAX_TRIES = 100

/** `schema` with a uid on every field and, where a field was renamed, its earlier ids in `previous_ids`: all that the
 *  previous version knew of, whether or not they came along, but for those that another field has now. A field keeps
 *  the uid it comes with; else it takes that of the field of the previous version with its id, or with one of its
 *  `previous_ids`; else it gets a new one. No uid is given twice: of two fields that claim one (a copy and its
 *  original) the one with the old id has it, or else the first. */
export function assignUids(schema: FormSchema, newUid: () => string, previous?: FormSchema): FormSchema {
  const before = previous === undefined ? [] : everyField(previous.fields)
  const after = everyField(schema.fields)
  const uidById = new Map(before.flatMap(({ id, uid }) => (uid === undefined ? [] : [[id, uid] as const])))
  const present = new Set(after.map(({ id }) => id))
  const formerIds = new Map(
    before.map((field) => [field.uid, [...previousIds(field), field.id].filter((id) => !present.has(id))]),
  )
  const assigned = new Map<Field, string>()
  const taken = new Set<string>()
  const assign = (field: Field, uid: unknown): void => {
    if (typeof uid !== 'string' || uid === '' || assigned.has(field) || taken.has(uid)) return
    assigned.set(field, uid)
    taken.add(uid)
  }
  // The surest claims first: the same id and uid as before, then a uid of one's own, then the old id, then a rename.
  for (const field of after) if (uidById.get(field.id) === field.uid) assign(field, field.uid)
  for (const field of after) assign(field, field.uid)
  for (const field of after) assign(field, uidById.get(field.id))
  for (const field of after) for (const id of previousIds(field)) assign(field, uidById.get(id))
  for (const field of after) {
    for (let tries = 0; !assigned.has(field); tries++) {
      if (tries === MAX_TRIES) throw new Error('newUid gives the same uid again and again')
      assign(field, newUid())
    }
  }
  return { ...schema, fields: withUids(schema.fields, assigned, formerIds) }
}

/** All fields, groups and repeats before their children. */
export const everyField = (fields: readonly Field[]): Field[] =>
  fields.flatMap((field) => [field, ...everyField(childrenOf(field))])

/** What else has a key of this name keeps it, whatever is in it. */
export const childrenOf = ({ type, fields }: Field): readonly Field[] =>
  isContainerType(type) && Array.isArray(fields) ? fields : []

export const previousIds = ({ previous_ids }: Field): readonly string[] =>
  Array.isArray(previous_ids) ? previous_ids.filter((id) => typeof id === 'string') : []

function withUids(
  fields: readonly Field[],
  assigned: ReadonlyMap<Field, string>,
  formerIds: ReadonlyMap<string | undefined, readonly string[]>,
): Field[] {
  return fields.map((field) => {
    const uid = assigned.get(field)!
    const own = previousIds(field)
    const former = (formerIds.get(uid) ?? []).filter((id) => !own.includes(id))
    return {
      ...field,
      uid,
      ...(former.length > 0 && { previous_ids: [...own, ...former] }),
      ...(isContainerType(field.type) && { fields: withUids(childrenOf(field), assigned, formerIds) }),
    }
  })
}
