// Admits or refuses a form document as it arrives from an author: every fault at once, each with its path.
// Leaves alone what the contract leaves alone (labels, counts, id characters) and the expressions in `relevant`
// and `expression`, which are another file's matter.
import { isObject } from './canonical.ts'
import { type Field, type FormSchema, isChoiceType, isContainerType, isFieldType } from './schema.ts'

/** The one fault that stands alone; the native API sends it as a string and every other list of faults as a list. */
export const FIELDS_NOT_A_LIST = 'schema.fields must be a list'

/** Levels of `fields` inside `fields`; the top level is the first. Bounds the recursion of everything that walks. */
export const MAX_DEPTH = 32
/** Fields in one document, nested levels included. */
export const MAX_FIELDS = 5_000
/** Characters in a field id. */
export const MAX_ID_LENGTH = 255
const MAX_REPORTED = 1_000

interface Findings {
  faults: string[]
  ids: Set<string>
  fieldCount: number
}

/** Faults of a form document of any JSON shape; an empty list means that it is a form. Never throws.
 *  Each fault starts with the path of its field, as in `fields[2].fields[0]: missing id`, except
 *  `FIELDS_NOT_A_LIST` and the fault for too many fields. Beyond 1,000 faults the rest goes unreported.
 *  Source: contract 8.11; the limits on depth, number of fields, ids and option values are ours. */
export function checkFormSchema(input: unknown): string[] {
  if (!isObject(input) || !Array.isArray(input.fields)) return [FIELDS_NOT_A_LIST]
  const findings: Findings = { faults: [], ids: new Set(), fieldCount: 0 }
  checkFields(input.fields, 'fields', 1, findings)
  if (findings.fieldCount > MAX_FIELDS) findings.faults.push(`schema has more than ${MAX_FIELDS} fields`)
  return findings.faults
}

/** The document with its defaults: title = the name of the form (also for a blank title), fields = none, and
 *  version = 1, the only language version there is. Every other key is kept. For a document that `checkFormSchema`
 *  admits, or `{}` for a form created without one. Source: contract 8.1, case 26. */
export function normaliseFormSchema(schema: Record<string, unknown>, formName: string): FormSchema {
  const { title, fields } = schema
  const titled = isObject(title) || (typeof title === 'string' && title.trim() !== '')
  return {
    ...schema,
    version: 1,
    title: titled ? (title as FormSchema['title']) : formName,
    fields: Array.isArray(fields) ? (fields as Field[]) : [],
  }
}

/** Walks one `fields` list. Stops when the document is too large to be looked at further. */
function checkFields(fields: unknown[], path: string, depth: number, findings: Findings): void {
  for (const [index, field] of fields.entries()) {
    if (++findings.fieldCount > MAX_FIELDS || findings.faults.length >= MAX_REPORTED) return
    checkField(field, `${path}[${index}]`, depth, findings)
  }
}

function checkField(field: unknown, path: string, depth: number, findings: Findings): void {
  const { faults } = findings
  if (!isObject(field)) {
    faults.push(`${path}: a field must be an object`)
    return
  }
  checkId(field.id, path, findings)
  const { type } = field
  if (type === undefined || type === null || type === '') {
    faults.push(`${path}: missing type`)
  } else if (typeof type !== 'string') {
    faults.push(`${path}: type must be a string`)
  } else if (!isFieldType(type)) {
    faults.push(`${path}: unknown type '${type.slice(0, MAX_ID_LENGTH)}'`)
  } else if (isChoiceType(type)) {
    checkOptions(field.options, type, path, faults)
  } else if (isContainerType(type)) {
    if (!Array.isArray(field.fields)) faults.push(`${path}: ${type} needs a 'fields' list`)
    else if (depth < MAX_DEPTH) checkFields(field.fields, `${path}.fields`, depth + 1, findings)
    else if (field.fields.length > 0) faults.push(`${path}: fields are nested deeper than ${MAX_DEPTH} levels`)
  }
}

function checkId(id: unknown, path: string, { faults, ids }: Findings): void {
  if (id === undefined || id === null || (typeof id === 'string' && id.trim() === '')) {
    faults.push(`${path}: missing id`)
  } else if (typeof id !== 'string') {
    faults.push(`${path}: id must be a string`)
  } else if (id.length > MAX_ID_LENGTH) {
    faults.push(`${path}: id is longer than ${MAX_ID_LENGTH} characters`)
  } else if (ids.has(id)) {
    faults.push(`${path}: duplicate id '${id}'`)
  } else {
    ids.add(id)
  }
}

function checkOptions(options: unknown, type: string, path: string, faults: string[]): void {
  if (!Array.isArray(options) || options.length === 0) {
    faults.push(`${path}: ${type} needs at least one option`)
    return
  }
  for (const [index, option] of options.entries()) {
    if (faults.length >= MAX_REPORTED) return
    const value = isObject(option) ? option.value : undefined
    if (typeof value !== 'string' && typeof value !== 'number') {
      faults.push(`${path}.options[${index}]: an option must be an object with a string or number 'value'`)
    }
  }
}
