// Admits or refuses a form document as it arrives from an author: every fault at once, each with its path.
// Leaves alone what the contract leaves alone (labels, counts, id characters). What expressions say is looked at by
// check-expressions.ts.
import { isObject } from './canonical.ts'
import { checkExpressions } from './check-expressions.ts'
import { isChoiceType, isContainerType, isFieldType } from './field-types.ts'
import { MAX_DEPTH, MAX_FIELDS, MAX_ID_LENGTH } from './limits.ts'
import { outlineOf } from './outline.ts'
import type { Field, FormSchema } from './schema.ts'

/** The one fault that stands alone; the native API sends it as a string and every other list of faults as a list. */
export const FIELDS_NOT_A_LIST = 'schema.fields must be a list'

const MAX_REPORTED = 1_000

interface Findings {
  faults: string[]
  ids: Set<string>
  fieldCount: number
  lists: Record<string, unknown>
}

/** Faults of a form document of any JSON shape; an empty list means that it is a form. Never throws.
 *  Each fault starts with the path of its field, as in `fields[2].fields[0]: missing id`, except
 *  `FIELDS_NOT_A_LIST` and the faults of the document as a whole. Those of expressions come after the others and name
 *  key and column: `fields[3]: relevant, column 8: there is no field 'x'`. Beyond 1,000 faults the rest goes
 *  unreported. Source: contract 8.11 and case 40; the limits on depth, number of fields, ids and option values and the
 *  rules for what the contract has no word for are ours. */
export function checkFormSchema(input: unknown): string[] {
  return examineFormSchema(input).faults
}

/** The faults of a document and, for its author, hints: what is admitted and still looks like a slip, or is left to
 *  the device. Never throws. */
export function examineFormSchema(input: unknown): { faults: string[]; hints: string[] } {
  if (!isObject(input) || !Array.isArray(input.fields)) return { faults: [FIELDS_NOT_A_LIST], hints: [] }
  const lists = isObject(input.choices) ? input.choices : {}
  const findings: Findings = { faults: [], ids: new Set(), fieldCount: 0, lists }
  checkFields(input.fields, 'fields', 1, findings)
  checkLists(input.choices, findings.faults)
  const { faults } = findings
  if (input.dialect !== undefined && input.dialect !== 'native' && input.dialect !== 'xlsform') {
    faults.push("schema.dialect must be 'native' or 'xlsform'")
  }
  if (findings.fieldCount > MAX_FIELDS) {
    faults.push(`schema has more than ${MAX_FIELDS} fields`)
    return { faults, hints: [] }
  }
  const expressions = checkExpressions(outlineOf(input, MAX_DEPTH), Math.max(0, MAX_REPORTED - faults.length))
  return { faults: [...faults, ...expressions.faults], hints: expressions.hints }
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
    checkChoices(field, type, path, findings)
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

/** A select takes its options from its own list, from a list of the document, or from an attached file. */
function checkChoices(field: Record<string, unknown>, type: string, path: string, { faults, lists }: Findings): void {
  const { options, list, itemset } = field
  if (Array.isArray(options) && options.length > 0) {
    checkOptions(options, `${path}.options`, faults)
  } else if (typeof list === 'string' && list !== '') {
    if (!Object.hasOwn(lists, list))
      faults.push(`${path}: there is no list '${list.slice(0, MAX_ID_LENGTH)}' in choices`)
  } else if (typeof itemset !== 'string' || itemset === '') {
    faults.push(`${path}: ${type} needs at least one option`)
  }
}

function checkLists(choices: unknown, faults: string[]): void {
  if (choices === undefined || choices === null) return
  if (!isObject(choices)) {
    faults.push('schema.choices must be an object from list name to options')
    return
  }
  for (const [name, options] of Object.entries(choices)) {
    const path = `choices.${name.slice(0, MAX_ID_LENGTH)}`
    if (!Array.isArray(options) || options.length === 0) faults.push(`${path}: a list needs at least one option`)
    else checkOptions(options, path, faults)
  }
}

function checkOptions(options: readonly unknown[], path: string, faults: string[]): void {
  for (const [index, option] of options.entries()) {
    if (faults.length >= MAX_REPORTED) return
    const value = isObject(option) ? option.value : undefined
    if (typeof value !== 'string' && typeof value !== 'number') {
      faults.push(`${path}[${index}]: an option must be an object with a string or number 'value'`)
    }
  }
}
