// What expressions may speak of in a form document: its fields with their surroundings, its option lists, and where
// its expressions stand. Reads any JSON, because documents are looked at before they are admitted.
import { canonicalChoice, isObject } from './canonical.ts'
import type { Dialect } from './expression/syntax.ts'

/** The keys of a field that hold expressions. */
export const EXPRESSION_KEYS = [
  'relevant',
  'required',
  'constraint',
  'calculation',
  'choice_filter',
  'repeat_count',
  'read_only',
  'default',
] as const
export type ExpressionKey = (typeof EXPRESSION_KEYS)[number]

/** One expression of a field. `writtenAs` is the key in the document, which differs for `expression` of calculated. */
export interface ExpressionSite {
  readonly key: ExpressionKey
  readonly writtenAs: string
  readonly text: string
}

export interface OutlineField {
  readonly id: string
  readonly type: string
  /** Where it stands: `fields[2].fields[0]`. */
  readonly path: string
  readonly field: Record<string, unknown>
  readonly container: OutlineField | undefined
  /** Ids of the repeats around it, outermost first. */
  readonly repeats: readonly string[]
}

export interface Outline {
  readonly dialect: Dialect
  /** In schema order; where an id is used twice, both. */
  readonly fields: readonly OutlineField[]
  /** The first field with each id. */
  readonly byId: ReadonlyMap<string, OutlineField>
  readonly lists: ReadonlyMap<string, readonly unknown[]>
  readonly offers: Offers
}

export const dialectOf = (schema: Record<string, unknown>): Dialect =>
  schema.dialect === 'xlsform' ? 'xlsform' : 'native'

/** The outline of a document, down to `maxDepth` levels of fields. Never throws. */
export function outlineOf(schema: unknown, maxDepth: number): Outline {
  const document = isObject(schema) ? schema : {}
  const lists = Object.entries(isObject(document.choices) ? document.choices : {})
  const outline = {
    dialect: dialectOf(document),
    fields: [] as OutlineField[],
    byId: new Map<string, OutlineField>(),
    offers: new Offers(),
    lists: new Map(lists.flatMap(([name, list]) => (Array.isArray(list) ? [[name, list as unknown[]] as const] : []))),
  }
  collect(document.fields, 'fields', undefined, maxDepth, outline)
  return outline
}

function collect(
  fields: unknown,
  path: string,
  container: OutlineField | undefined,
  depthLeft: number,
  outline: { fields: OutlineField[]; byId: Map<string, OutlineField> },
): void {
  if (!Array.isArray(fields) || depthLeft === 0) return
  const around = container?.repeats ?? []
  const repeats = container?.type === 'repeat' ? [...around, container.id] : around
  for (const [index, field] of fields.entries()) {
    if (!isObject(field)) continue
    const entry: OutlineField = {
      id: typeof field.id === 'string' ? field.id : '',
      type: typeof field.type === 'string' ? field.type : '',
      path: `${path}[${index}]`,
      field,
      container,
      repeats,
    }
    outline.fields.push(entry)
    if (entry.id !== '' && !outline.byId.has(entry.id)) outline.byId.set(entry.id, entry)
    collect(field.fields, `${entry.path}.fields`, entry, depthLeft - 1, outline)
  }
}

/** The expressions of a field, blank ones left out. Values that are no text are left out too: `required: true` is no
 *  expression, and what is neither is a fault of its own (`check.ts`). */
export function expressionsOf(field: Record<string, unknown>): ExpressionSite[] {
  const sites: ExpressionSite[] = []
  for (const key of EXPRESSION_KEYS) {
    const [writtenAs, value] = writtenAt(field, key)
    if (typeof value === 'string' && value.trim() !== '') sites.push({ key, writtenAs, text: value })
  }
  return sites
}

/** The key under which a field holds this expression, and what is there. */
export function writtenAt(field: Record<string, unknown>, key: ExpressionKey): readonly [string, unknown] {
  if (key === 'default') {
    return isObject(field.default) ? ['default.expression', field.default.expression] : ['default', undefined]
  }
  const isAliased = key === 'calculation' && field.type === 'calculated' && (field.calculation ?? '') === ''
  return isAliased ? ['expression', field.expression] : [key, field[key]]
}

/** The options of a field, its own or those of the list it names. */
export function optionsOf(field: Record<string, unknown>, lists: Outline['lists']): readonly unknown[] {
  if (Array.isArray(field.options) && field.options.length > 0) return field.options
  return typeof field.list === 'string' ? (lists.get(field.list) ?? []) : []
}

/** What a list of options offers: the values that answers may hold and the columns that filters may name. */
export interface Offer {
  readonly values: ReadonlySet<string>
  readonly columns: ReadonlySet<string>
  /** By value; a cascading list may offer a value more than once. */
  readonly byValue: ReadonlyMap<string, readonly Record<string, unknown>[]>
}

/** The offers of the lists of one document. Long lists are shared by many fields, so each is read once. */
export class Offers {
  readonly #known = new Map<readonly unknown[], Offer>()

  of(options: readonly unknown[]): Offer {
    const known = this.#known.get(options)
    if (known !== undefined) return known
    const byValue = new Map<string, Record<string, unknown>[]>()
    const columns = new Set(['value', 'name', 'label'])
    for (const option of options) {
      if (!isObject(option)) continue
      const value = canonicalChoice(option.value) ?? ''
      const same = byValue.get(value)
      if (same === undefined) byValue.set(value, [option])
      else same.push(option)
      for (const key of Object.keys(option)) columns.add(key)
    }
    const offer = { values: new Set(byValue.keys()), columns, byValue }
    this.#known.set(options, offer)
    return offer
  }
}

/** A column of an option. XLSForm calls the value `name`. */
export function columnOf(option: Record<string, unknown>, column: string): string | undefined {
  const key = column === 'name' && !Object.hasOwn(option, 'name') ? 'value' : column
  return Object.hasOwn(option, key) ? canonicalChoice(option[key]) : undefined
}
