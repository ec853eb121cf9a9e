// In what two versions of a document differ, for people who have to choose between them.
import { everyField } from '../../../../../src/forms/uids.ts'
import type { Field, FormSchema } from './document.ts'

/** Ids of the questions that the two say something else of, children apart. */
export function differenceOf(mine: FormSchema, theirs: FormSchema): string[] {
  const said = (document: FormSchema) =>
    new Map(everyField(document.fields).map(({ fields, ...own }: Field) => [own.uid, { id: own.id, own }]))
  const [ours, others] = [said(mine), said(theirs)]
  const ids = new Set<string>()
  for (const [uid, { id }] of [...ours, ...others]) {
    if (JSON.stringify(ours.get(uid)?.own) !== JSON.stringify(others.get(uid)?.own)) ids.add(id)
  }
  return [...ids]
}
