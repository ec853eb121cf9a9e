// What is wrong with the document, by field.
import { examineFormSchema } from '../../../../src/forms/check.ts'
import { childrenOf } from '../../../../src/forms/uids.ts'
import type { Field, FormSchema } from './model/document.ts'

export interface Finding {
  message: string
  /** A hint keeps no form from use. */
  severity: 'fault' | 'hint'
}

export interface Findings {
  byField: ReadonlyMap<string, readonly Finding[]>
  /** Of the document as a whole. */
  general: readonly Finding[]
  faults: number
}

const PLACE = /^fields\[\d+\](?:\.fields\[\d+\])*/

export function findingsOf(document: FormSchema): Findings {
  const { faults, hints } = examineFormSchema(document)
  const byField = new Map<string, Finding[]>()
  const general: Finding[] = []
  const note = (line: string, severity: Finding['severity']): void => {
    const [place = ''] = PLACE.exec(line) ?? []
    const uid = fieldAt(document, place)?.uid
    if (uid === undefined) general.push({ message: line, severity })
    else
      byField.set(uid, [
        ...(byField.get(uid) ?? []),
        { message: line.slice(place.length).replace(/^:\s*/, ''), severity },
      ])
  }
  for (const line of faults) note(line, 'fault')
  for (const line of hints) note(line, 'hint')
  return { byField, general, faults: faults.length }
}

/** `fields[2].fields[0]`. */
function fieldAt(document: FormSchema, place: string): Field | undefined {
  let fields: readonly Field[] = document.fields
  let field: Field | undefined
  for (const [, index] of place.matchAll(/\[(\d+)\]/g)) {
    field = fields[Number(index)]
    if (!field) return undefined
    fields = childrenOf(field)
  }
  return field
}
