// What a bundle says of its forms: their fields and hashes, in the file APP_INFO.json that is added to each version, and
// what changed between two of them. Pure. Source: contracts/synkronus.md, section 7.
import { createHash } from 'node:crypto'
import { isObject } from '../../forms/canonical.ts'

export interface AppField {
  name: string
  type: string
  required: boolean
  question_type: string
  default: unknown
  core: boolean
}

export interface AppForm {
  core_hash: string
  form_hash: string
  ui_hash: string
  fields: AppField[]
  question_types: Record<string, string>
}

export interface AppInfo {
  version: '3'
  forms: Record<string, AppForm>
}

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** A form of a bundle. `schema` is its parsed schema.json, the texts are the files as they came. */
export function appFormOf(schema: unknown, schemaText: string, uiText: string): AppForm {
  const { properties, required } = isObject(schema) ? schema : {}
  const needed = new Set(Array.isArray(required) ? required : [])
  const fields = Object.entries(isObject(properties) ? properties : {}).map(([name, value]) =>
    fieldOf(name, isObject(value) ? value : {}, needed.has(name)),
  )
  const question_types: Record<string, string> = {}
  for (const { name, question_type } of fields) if (question_type !== '') question_types[name] = question_type
  return {
    core_hash: sha256(JSON.stringify(coreOf(fields))),
    form_hash: sha256(schemaText),
    ui_hash: sha256(uiText),
    fields,
    question_types,
  }
}

function fieldOf(name: string, value: Record<string, unknown>, required: boolean): AppField {
  const { type, format } = value
  const question = value['x-question-type'] ?? format
  return {
    name,
    type: typeof type === 'string' ? type : Array.isArray(type) ? type.join('|') : '',
    required,
    question_type: typeof question === 'string' ? question : '',
    default: value.default ?? null,
    core: name.startsWith('core_') || value['x-core'] === true,
  }
}

/** What must stay as it is, in an order of its own. */
const coreOf = (fields: readonly AppField[]): AppField[] =>
  fields.filter(({ core }) => core).sort((a, b) => (a.name < b.name ? -1 : 1))

/** The first core field that is another one now, or gone; null when all are as they were. */
export function brokenCoreField(before: AppInfo, after: AppInfo): { form: string; field: string } | null {
  for (const [form, { fields }] of Object.entries(before.forms)) {
    if (!Object.hasOwn(after.forms, form)) continue
    const now = after.forms[form]!
    for (const core of coreOf(fields)) {
      const same = now.fields.find(({ name }) => name === core.name)
      if (!same || JSON.stringify({ ...same, core: true }) !== JSON.stringify(core)) return { form, field: core.name }
    }
  }
  return null
}

export interface AppChanges {
  formChanges: boolean
  uiChanges: boolean
  newForms: string[]
  removedForms: string[]
  modified: {
    form: string
    schemaChanged: boolean
    uiChanged: boolean
    coreChanged: boolean
    added: { field: string; type: string }[]
    removed: { field: string; type: string }[]
  }[]
}

/** A field whose type changed is both removed and added. */
export function changesBetween(before: AppInfo, after: AppInfo): AppChanges {
  const [old, now] = [Object.keys(before.forms), Object.keys(after.forms)]
  const newForms = now.filter((form) => !Object.hasOwn(before.forms, form))
  const removedForms = old.filter((form) => !Object.hasOwn(after.forms, form))
  const modified = now.flatMap((form) => {
    if (!Object.hasOwn(before.forms, form)) return []
    const [a, b] = [before.forms[form]!, after.forms[form]!]
    const schemaChanged = a.form_hash !== b.form_hash
    const uiChanged = a.ui_hash !== b.ui_hash
    if (!schemaChanged && !uiChanged) return []
    const lacking = (these: AppField[], those: AppField[]) =>
      these
        .filter(({ name, type }) => !those.some((other) => other.name === name && other.type === type))
        .map(({ name, type }) => ({ field: name, type }))
    const coreChanged = a.core_hash !== b.core_hash
    const [added, removed] = [lacking(b.fields, a.fields), lacking(a.fields, b.fields)]
    return [{ form, schemaChanged, uiChanged, coreChanged, added, removed }]
  })
  const formChanges = newForms.length + removedForms.length > 0 || modified.some(({ schemaChanged }) => schemaChanged)
  return { formChanges, uiChanges: modified.some(({ uiChanged }) => uiChanged), newForms, removedForms, modified }
}
