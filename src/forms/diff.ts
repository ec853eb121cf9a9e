// What changed between two versions of a form, as far as answers are concerned. Fields are the same when they have the
// same uid, whatever they are called. Looks at no answers; the caller knows which fields have some.
import { canonicalChoice, isObject } from './canonical.ts'
import { isChoiceType } from './field-types.ts'
import { optionsOf } from './outline.ts'
import type { Field, FormSchema } from './schema.ts'
import { childrenOf, previousIds } from './uids.ts'

/** A field by its id in the version that has it: the new one, or for removed fields the old one. */
export interface FieldChange {
  readonly id: string
  readonly uid: string | undefined
}

export interface FormDiff {
  readonly added: readonly FieldChange[]
  /** Their answers stay, and stay exportable. */
  readonly removed: readonly FieldChange[]
  readonly renamed: readonly (FieldChange & { readonly from: string })[]
  readonly typeChanged: readonly (FieldChange & { readonly from: string; readonly to: string })[]
  /** Into, out of or between repeats; `from` and `to` name the repeats around, outermost first. */
  readonly moved: readonly (FieldChange & { readonly from: readonly string[]; readonly to: readonly string[] })[]
  readonly optionsRemoved: readonly (FieldChange & { readonly values: readonly string[] })[]
  readonly madeRequired: readonly FieldChange[]
}

interface Placed {
  readonly field: Field
  readonly repeats: readonly Field[]
  readonly lists: ReadonlyMap<string, readonly unknown[]>
}

/** Compares two documents that `checkFormSchema` admits. A field of `after` is one of `before` when their uids are the
 *  same; where one of them has none, when their ids are, or when `previous_ids` names the old one. */
export function diffSchemas(before: FormSchema, after: FormSchema): FormDiff {
  const [old, now] = [place(before), place(after)]
  const pairs = pair(old, now)
  const matched = new Set(pairs.values())
  const diff = {
    added: now.filter((placed) => !pairs.has(placed)).map(changeOf),
    removed: old.filter((placed) => !matched.has(placed)).map(changeOf),
    renamed: [] as FormDiff['renamed'][number][],
    typeChanged: [] as FormDiff['typeChanged'][number][],
    moved: [] as FormDiff['moved'][number][],
    optionsRemoved: [] as FormDiff['optionsRemoved'][number][],
    madeRequired: [] as FieldChange[],
  }
  const formerly = new Map([...pairs].map(([to, from]) => [to.field, from.field]))
  for (const [to, from] of pairs) {
    const change = changeOf(to)
    if (from.field.id !== to.field.id) diff.renamed.push({ ...change, from: from.field.id })
    if (from.field.type !== to.field.type)
      diff.typeChanged.push({ ...change, from: from.field.type, to: to.field.type })
    if (!sameRows(from, to, formerly)) diff.moved.push({ ...change, from: idsOf(from.repeats), to: idsOf(to.repeats) })
    const values = removedOptions(from, to)
    if (values.length > 0) diff.optionsRemoved.push({ ...change, values })
    if (demands(to.field) && !demands(from.field)) diff.madeRequired.push(change)
  }
  return diff
}

/** Whether publishing `diff` needs the author's word: answers that are there would be read as another type, or would
 *  no longer be found where they are. `hasAnswers` is asked with the id that the answers have. */
export function needsForce(diff: FormDiff, hasAnswers: (id: string, uid: string | undefined) => boolean): boolean {
  const formerIds = new Map(diff.renamed.map(({ id, from }) => [id, from]))
  return [...diff.typeChanged, ...diff.moved].some(({ id, uid }) => hasAnswers(formerIds.get(id) ?? id, uid))
}

/** Whether the two versions say the same of every answer. */
export const isUnchanged = (diff: FormDiff): boolean => Object.values(diff).every((changes) => changes.length === 0)

const changeOf = ({ field }: Placed): FieldChange => ({ id: field.id, uid: field.uid })
const idsOf = (fields: readonly Field[]): string[] => fields.map(({ id }) => id)

function place(schema: FormSchema): Placed[] {
  const lists = new Map(Object.entries(isObject(schema.choices) ? schema.choices : {}))
  const placed: Placed[] = []
  const walk = (fields: readonly Field[], repeats: readonly Field[]): void => {
    for (const field of fields) {
      placed.push({ field, repeats, lists })
      walk(childrenOf(field), field.type === 'repeat' ? [...repeats, field] : repeats)
    }
  }
  walk(schema.fields, [])
  return placed
}

/** New to old. Uids decide first, so that two fields that swapped ids are told apart. */
function pair(old: readonly Placed[], now: readonly Placed[]): Map<Placed, Placed> {
  const pairs = new Map<Placed, Placed>()
  const free = new Set(old)
  const byUid = new Map(old.flatMap((placed) => (placed.field.uid ? [[placed.field.uid, placed] as const] : [])))
  const byId = new Map(old.map((placed) => [placed.field.id, placed]))
  const match = (to: Placed, from: Placed | undefined): void => {
    if (from === undefined || pairs.has(to) || !free.has(from)) return
    pairs.set(to, from)
    free.delete(from)
  }
  for (const to of now) match(to, byUid.get(to.field.uid ?? ''))
  for (const to of now) {
    for (const id of [to.field.id, ...previousIds(to.field)]) {
      const from = byId.get(id)
      // Two uids that differ are two fields, even under one id.
      if (!(from?.field.uid && to.field.uid)) match(to, from)
    }
  }
  return new Map(now.flatMap((to) => (pairs.has(to) ? [[to, pairs.get(to)!] as const] : [])))
}

/** A repeat that was renamed is still the same repeat. */
function sameRows(from: Placed, to: Placed, formerly: ReadonlyMap<Field, Field>): boolean {
  if (from.repeats.length !== to.repeats.length) return false
  return to.repeats.every((repeat, index) => formerly.get(repeat) === from.repeats[index])
}

function removedOptions(from: Placed, to: Placed): string[] {
  if (!isChoiceType(from.field.type) || !isChoiceType(to.field.type)) return []
  const valuesOf = ({ field, lists }: Placed): string[] =>
    optionsOf(field, lists).flatMap((option) => (isObject(option) ? (canonicalChoice(option.value) ?? []) : []))
  const left = new Set(valuesOf(to))
  return [...new Set(valuesOf(from))].filter((value) => !left.has(value))
}

/** A condition that may demand an answer counts: some who could leave it out no longer can. */
const demands = ({ required }: Field): boolean =>
  required === true || (typeof required === 'string' && required.trim() !== '')
