// Changing ids together with everything that speaks of them. Reads expressions, and with that the form language.
import type { Dialect } from '../../../../../src/forms/expression/syntax.ts'
import { tokenise } from '../../../../../src/forms/expression/tokens.ts'
import { dialectOf } from '../../../../../src/forms/outline.ts'
import { childrenOf, everyField, previousIds } from '../../../../../src/forms/uids.ts'
import { type Field, type FormSchema, insertField, locate, optionsOf } from './document.ts'
import { freeId, idsOf, isPlainName } from './ids.ts'

/** Gives the field another id, and says it everywhere where the old one was spoken of: in expressions, and in texts as
 *  `${id}`. `keepOld`: phones may know it by the old one, so that answers under it are still found. */
export function renameField(document: FormSchema, uid: string, id: string, keepOld: boolean): FormSchema {
  const found = locate(document, uid)?.field
  if (!found || found.id === id) return document
  const old = [...previousIds(found), ...(keepOld ? [found.id] : [])].filter((one) => one !== id)
  const fields = mapFields(document.fields, (field) => {
    const renamed = withReferences(document, field, new Map([[found.id, id]]))
    if (field.uid !== uid) return renamed
    return { ...renamed, id, ...(old.length > 0 && { previous_ids: [...new Set(old)] }) }
  })
  const ids = new Map([[found.id, id]])
  // Shared options, title and description speak of fields, too.
  const others = Object.entries(document).map(([key, value]) => [key, key === 'fields' ? fields : inTexts(value, ids)])
  return Object.fromEntries(others) as FormSchema
}

/** A copy of the field behind it, with all that is in it: new ids and uids, and what speaks of each other within it
 *  speaks of the copies. */
export function duplicateField(document: FormSchema, uid: string, newUid: () => string): [FormSchema, string] {
  const found = locate(document, uid)?.field
  if (!found) return [document, uid]
  const taken = idsOf(document)
  const ids = new Map<string, string>()
  for (const { id } of everyField([found])) {
    const free = freeId(taken, id.replace(/_\d+$/, ''))
    taken.add(free)
    ids.set(id, free)
  }
  const [copy] = mapFields([found], (field) => {
    const { previous_ids: _, ...rest } = withReferences(document, field, ids)
    return { ...rest, id: ids.get(field.id) ?? field.id, uid: newUid() } as Field
  })
  return [insertField(document, copy!, { after: uid }), copy!.uid!]
}

/** Inner fields first; a list in which nothing changed stays the same. */
function mapFields(fields: readonly Field[], change: (field: Field) => Field): Field[] {
  const mapped = fields.map((field) => {
    const children = childrenOf(field)
    const inner = children.length > 0 ? mapFields(children, change) : children
    return change(inner === children ? field : { ...field, fields: [...inner] })
  })
  return mapped.every((field, index) => field === fields[index]) ? (fields as Field[]) : mapped
}

const EXPRESSIONS = [
  'relevant',
  'required',
  'constraint',
  'calculation',
  'expression',
  'repeat_count',
  'read_only',
] as const

function withReferences(document: FormSchema, field: Field, ids: ReadonlyMap<string, string>): Field {
  const dialect = dialectOf(document)
  const patch: Record<string, unknown> = {}
  const note = (key: string, value: unknown): void => {
    if (value !== field[key]) patch[key] = value
  }
  for (const key of EXPRESSIONS) {
    const text = field[key]
    if (typeof text === 'string') note(key, inExpression(text, dialect, ids))
  }
  const { choice_filter: filter, default: first } = field
  if (typeof filter === 'string') {
    // In a filter, plain names are columns of the options before they are fields.
    const columns = new Set(['value', 'name', 'label', ...optionsOf(document, field).flatMap(Object.keys)])
    note('choice_filter', inExpression(filter, dialect, ids, columns))
  }
  if (typeof first === 'object' && first !== null && 'expression' in first && typeof first.expression === 'string') {
    const expression = inExpression(first.expression, dialect, ids)
    if (expression !== first.expression) patch.default = { ...first, expression }
  }
  for (const [key, value] of Object.entries(field)) {
    if (key in patch || key === 'fields' || key === 'id' || key === 'default') continue
    note(key, inTexts(value, ids))
  }
  return Object.keys(patch).length > 0 ? { ...field, ...patch } : field
}

const NO_COLUMNS: ReadonlySet<string> = new Set()

/** What is no expression stays as it is. */
function inExpression(
  text: string,
  dialect: Dialect,
  ids: ReadonlyMap<string, string>,
  columns: ReadonlySet<string> = NO_COLUMNS,
): string {
  if (![...ids.keys()].some((id) => text.includes(id))) return text
  let tokens: ReturnType<typeof tokenise>
  try {
    tokens = tokenise(text, dialect)
  } catch {
    // Its author is still at it, and is told what is wrong with it.
    return text
  }
  let renamed = ''
  let end = 0
  for (const [index, { kind, text: name, at, to }] of tokens.entries()) {
    if (kind === 'text') {
      // `${id}` in quotes names the field itself: jr:choice-name(town, '${town}').
      renamed += text.slice(end, at) + inTexts(text.slice(at, to), ids)
      end = to
    }
    const isCall = tokens[index + 1]?.text === '(' && tokens[index + 1]?.kind === 'symbol'
    // In XLSForm a plain name is a path, which means a field only by the way it stands there.
    const isPlain = kind === 'name' && dialect === 'native' && !isCall && !columns.has(name)
    const id = kind === 'field' || isPlain ? ids.get(name) : undefined
    if (id === undefined) continue
    renamed += text.slice(end, at) + (isPlain && isPlainName(id) ? id : `\${${id}}`)
    end = to
  }
  return renamed + text.slice(end)
}

/** In texts for people, fields are named by `${id}`. */
function inTexts(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string')
    return value.includes('${')
      ? value.replaceAll(/\$\{\s*([^}]*?)\s*\}/g, (whole, id: string) => (ids.has(id) ? `\${${ids.get(id)}}` : whole))
      : value
  if (Array.isArray(value)) {
    const renamed = value.map((one: unknown) => inTexts(one, ids))
    return renamed.some((one, index) => one !== value[index]) ? renamed : value
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, one]) => [key, inTexts(one, ids)] as const)
  return entries.some(([key, one]) => one !== (value as Record<string, unknown>)[key])
    ? Object.fromEntries(entries)
    : value
}
