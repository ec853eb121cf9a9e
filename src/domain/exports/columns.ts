// The tables of an export, over all versions of a form: the columns of the current version first, then those that only
// earlier ones have. A field is the same as long as its uid is, whatever it is called and however its label reads; each
// version keeps its own way of finding the answers. Pure.
// Source: contracts/native.md, section 12; case 83.
import { canonicalChoice, isObject } from '../../forms/canonical.ts'
import { isChoiceType, isMediaType, isSpatialType } from '../../forms/field-types.ts'
import { dialectOf, optionsOf } from '../../forms/outline.ts'
import type { Field, FormSchema } from '../../forms/schema.ts'
import { textIn } from '../../forms/texts.ts'
import { childrenOf, everyField, previousIds } from '../../forms/uids.ts'
import type { FormVersionId } from '../../lib/ids.ts'
import { type ColumnShape, filesAt, layoutOf, readerOf } from './cells.ts'
import type {
  CellReader,
  Column,
  ColumnType,
  LegendEntry,
  Place,
  PropertyReader,
  SpatialField,
  SpatialReader,
  Table,
  TableReader,
  VersionReader,
  VersionReaders,
} from './model.ts'

export interface ExportedVersion {
  readonly id: FormVersionId
  readonly versionNum: number
  readonly schema: FormSchema
}

export interface ColumnOptions {
  /** Labels of options instead of their values. */
  readonly labels: boolean
  /** Of labels, where a form has several. */
  readonly language?: string
  /** Ids of fields, groups, repeats; absent: all. */
  readonly fields?: readonly string[]
  /** Deleted submissions have a row with the time of their deletion. */
  readonly tombstones?: boolean
}

export interface ExportColumns {
  readonly tables: readonly Table[]
  readonly spatialFields: readonly SpatialField[]
  readonly hasMediaFields: boolean
  readonly labels: ReadonlyMap<string, string>
  readonly legend: readonly LegendEntry[]
  readonly picked: ReadonlySet<string> | null
  readonly readers: VersionReaders
  /** Of the wanted fields, those that no version has. */
  readonly unknownFields: readonly string[]
}

/** Columns of every row of the main table, before those of the fields. */
const SUBMISSION_COLUMNS: readonly (readonly [string, ColumnType])[] = [
  ['submission_id', 'text'],
  ['submitted_by', 'text'],
  ['collected_at', 'timestamp'],
  ['submitted_at', 'timestamp'],
  ['form_version', 'integer'],
]

/** Stands behind them where an export tells what was deleted. */
export const DELETED_AT = 'deleted_at'

class DraftTable {
  readonly index: number
  readonly name: string
  readonly label: string
  readonly repeats: readonly string[]
  readonly columns: Column[] = []
  /** First column of each field, by identity and layout. */
  readonly places = new Map<string, number>()
  readonly inner = new Map<string, DraftTable>()
  readonly #names = new Set<string>()
  readonly #headers = new Set<string>()
  readonly #keys = new Set<string>()

  constructor({ index, name, label, repeats }: Pick<Table, 'index' | 'name' | 'label' | 'repeats'>) {
    this.index = index
    this.name = name
    this.label = label
    this.repeats = repeats
  }

  addOwn(key: string, type: ColumnType): void {
    this.#names.add(key)
    this.#push({ key, label: key, type, fieldId: null, fieldType: null })
  }

  isOwn(key: string): boolean {
    return this.columns.some((column) => column.key === key && column.fieldId === null)
  }

  /** The second field of a label, and all further ones, have their id behind it. Source: contract 12.1. */
  addField(field: Field, label: string, shapes: readonly ColumnShape[]): number {
    const first = this.columns.length
    const name = this.#names.has(label) ? `${label} (${field.id})` : label
    this.#names.add(name)
    for (const { key, label, type } of shapes)
      this.#push({ key: field.id + key, label: name + label, type, fieldId: field.id, fieldType: field.type })
    return first
  }

  #push(column: Column): void {
    const label = unused(column.label, this.#headers, (n) => `${column.label} (${n})`)
    const key = unused(column.key, this.#keys, (n) => `${column.key}_${n}`)
    this.#headers.add(label)
    this.#keys.add(key)
    this.columns.push({ ...column, key, label })
  }
}

function unused(wanted: string, taken: ReadonlySet<string>, another: (n: number) => string): string {
  if (!taken.has(wanted)) return wanted
  for (let n = 2; ; n++) if (!taken.has(another(n))) return another(n)
}

/** Where the walk through a version's fields stands. */
interface Around {
  readonly table: DraftTable
  readonly groups: readonly string[]
  readonly repeats: readonly Place[]
  /** A container around was picked. */
  readonly picked: boolean
}

interface DraftReader {
  readonly tables: Map<number, { repeats: readonly Place[]; cells: CellReader[]; properties: PropertyReader[] }>
  readonly spatial: SpatialReader[]
}

/**
 * Versions are added one after the other, the current one first; of each only what reads its answers is kept. Submissions
 * of no version are read as if they were of the first. A form that nobody has described yet has one column for all its
 * answers, as JSON.
 */
export class ColumnUnion {
  readonly #tables: DraftTable[] = []
  readonly #tableNames = new Set<string>([''])
  readonly #readers = new Map<FormVersionId, VersionReader>()
  readonly #spatial = new Map<string, SpatialField>()
  readonly #labels = new Map<string, string>()
  readonly #legend = new Map<string, LegendEntry>()
  readonly #wanted: ReadonlySet<string> | null
  readonly #known = new Set<string>()
  readonly #picked = new Set<string>()
  /** Identities of the fields that were wanted under any of their names. */
  readonly #pickedFields = new Set<string>()
  readonly #options: ColumnOptions
  #hasMediaFields = false

  constructor(options: ColumnOptions) {
    this.#options = options
    this.#wanted = options.fields ? new Set(options.fields) : null
    const main = new DraftTable({ index: 0, name: '', label: '', repeats: [] })
    for (const [key, type] of SUBMISSION_COLUMNS) main.addOwn(key, type)
    if (options.tombstones) main.addOwn(DELETED_AT, 'timestamp')
    this.#tables.push(main)
  }

  add({ id, schema, versionNum }: ExportedVersion): void {
    const reader: DraftReader = { tables: new Map(), spatial: [] }
    this.#notePicked(schema)
    this.#walk(schema.fields, schema, { table: this.#tables[0]!, groups: [], repeats: [], picked: false }, reader)
    this.#readers.set(id, {
      versionNum,
      spatial: reader.spatial,
      // Later versions may add tables that this one does not have.
      tableReader: (index) => reader.tables.get(index) ?? (index === 0 ? NO_CELLS : null),
    })
  }

  finish(): ExportColumns {
    const readers = this.#readers
    const [first] = readers.values()
    const fallback: VersionReader = first ? { ...first, versionNum: null } : this.#addUndescribed()
    return {
      tables: this.#tables,
      spatialFields: [...this.#spatial.values()],
      hasMediaFields: this.#hasMediaFields,
      labels: this.#labels,
      legend: [...this.#legend.values()],
      picked: this.#wanted && this.#picked,
      readers: { of: (id) => (id === null ? fallback : (readers.get(id) ?? fallback)) },
      unknownFields: [...(this.#wanted ?? [])].filter((id) => !this.#known.has(id)),
    }
  }

  #addUndescribed(): VersionReader {
    const main = this.#tables[0]!
    const at = main.columns.length
    main.addOwn('data', 'text')
    const read: CellReader['read'] = (_, cells, __, { submission }) => {
      cells[at] = submission.data
    }
    const table: TableReader = { repeats: [], cells: [{ at, place: { id: '', groups: [] }, read }], properties: [] }
    return { versionNum: null, spatial: [], tableReader: (index) => (index === 0 ? table : null) }
  }

  #notePicked(schema: FormSchema): void {
    for (const field of everyField(schema.fields)) {
      const names = [field.id, ...previousIds(field)]
      for (const name of names) this.#known.add(name)
      if (this.#wanted === null) continue
      if (names.some((name) => this.#wanted!.has(name))) this.#pickedFields.add(identityOf(field))
    }
  }

  #isPicked(field: Field, around: Around): boolean {
    return this.#wanted === null || around.picked || this.#pickedFields.has(identityOf(field))
  }

  #walk(fields: readonly Field[], schema: FormSchema, around: Around, reader: DraftReader): void {
    for (const field of fields) {
      if (field.type === 'note' || field.type === 'divider') continue
      const picked = this.#isPicked(field, around)
      if (field.type === 'group') {
        this.#walk(childrenOf(field), schema, { ...around, groups: [...around.groups, field.id], picked }, reader)
        continue
      }
      if (picked) this.#addField(field, schema, around, reader)
      if (field.type === 'repeat') this.#enterRepeat(field, schema, { ...around, picked }, reader)
    }
  }

  #enterRepeat(field: Field, schema: FormSchema, around: Around, reader: DraftReader): void {
    const wanted = around.picked || everyField(childrenOf(field)).some((child) => this.#isPicked(child, around))
    if (!wanted) return
    const identity = identityOf(field)
    const { table } = around
    let inner = table.inner.get(identity)
    if (inner === undefined) {
      inner = this.#openTable(field, this.#labelOf(field, schema), table)
      table.inner.set(identity, inner)
    }
    const repeats = [...around.repeats, { id: field.id, groups: around.groups }]
    this.#walk(childrenOf(field), schema, { table: inner, groups: [], repeats, picked: around.picked }, reader)
    // A repeat without answers of its own still has rows.
    readerIn(reader, inner, repeats)
  }

  #openTable(field: Field, label: string, outer: DraftTable): DraftTable {
    // Tables become files, and some file systems do not tell letter case apart.
    let name = field.id
    for (let n = 2; this.#tableNames.has(name.toLowerCase()); n++) name = `${field.id}_${n}`
    this.#tableNames.add(name.toLowerCase())
    const table = new DraftTable({ index: this.#tables.length, name, label, repeats: [...outer.repeats, field.id] })
    table.addOwn('submission_id', 'text')
    for (const repeat of outer.repeats) table.addOwn(`${repeat}_index`, 'integer')
    table.addOwn('repeat_index', 'integer')
    this.#tables.push(table)
    return table
  }

  #addField(field: Field, schema: FormSchema, around: Around, reader: DraftReader): void {
    const { table, groups, repeats } = around
    const label = this.#labelOf(field, schema)
    const layout = layoutOf(field.type, dialectOf(schema))
    const identity = `${identityOf(field)}/${layout.name}`
    let at = table.places.get(identity)
    if (at === undefined) {
      at = table.addField(field, label, layout.columns)
      table.places.set(identity, at)
      this.#legend.set(`${table.index}/${identity}`, { id: field.id, type: field.type, label })
    }
    this.#picked.add(field.id)
    if (!this.#labels.has(field.id)) this.#labels.set(field.id, label)
    const place: Place = { id: field.id, groups }
    const options = this.#options.labels ? this.#optionLabels(field, schema) : null
    const own = readerIn(reader, table, repeats)
    own.cells.push({ at, place, read: readerOf(field.type, field.id, options) })
    if (isSpatialType(field.type)) {
      const known = this.#spatial.get(`${table.index}/${identity}`)
      const spatial = known ?? { fieldId: field.id, label, type: field.type }
      this.#spatial.set(`${table.index}/${identity}`, spatial)
      reader.spatial.push({ field: spatial, place, repeats, table: table.index })
      return
    }
    if (isMediaType(field.type)) this.#hasMediaFields = true
    // The id, unless that means another field; that it is also the name of a column of the submission is no matter here.
    const { fieldId, key: columnKey } = table.columns[at]!
    const key = field.type === 'repeat' || table.isOwn(fieldId!) ? fieldId! : columnKey
    own.properties.push({ key, place, read: isMediaType(field.type) ? filesOf(field.id) : answerOf(options) })
  }

  #labelOf(field: Field, schema: FormSchema): string {
    const fallback = typeof schema.default_language === 'string' ? schema.default_language : undefined
    return textIn(field.label, this.#options.language, fallback)?.trim() || field.id
  }

  #optionLabels(field: Field, schema: FormSchema): ReadonlyMap<string, string> | null {
    if (!isChoiceType(field.type)) return null
    const lists = new Map(Object.entries(isObject(schema.choices) ? schema.choices : {}))
    const fallback = typeof schema.default_language === 'string' ? schema.default_language : undefined
    const labels = new Map<string, string>()
    for (const option of optionsOf(field, lists)) {
      const value = isObject(option) ? canonicalChoice(option.value) : undefined
      const label = isObject(option) ? textIn(option.label, this.#options.language, fallback)?.trim() : undefined
      if (value !== undefined && label && !labels.has(value)) labels.set(value, label)
    }
    return labels
  }
}

const NO_CELLS: TableReader = { repeats: [], cells: [], properties: [] }

function readerIn(reader: DraftReader, table: DraftTable, repeats: readonly Place[]) {
  const known = reader.tables.get(table.index)
  if (known) return known
  const made = { repeats, cells: [] as CellReader[], properties: [] as PropertyReader[] }
  reader.tables.set(table.index, made)
  return made
}

const identityOf = (field: Field): string => field.uid || `id:${field.id}`

/** Files as a property of a feature: those that have arrived, by their ids. */
const filesOf =
  (fieldId: string): PropertyReader['read'] =>
  (value, row) => {
    const files = filesAt(row, fieldId, Array.isArray(value) ? value : [value])
    return files.length === 0 ? null : files.map(({ id }) => id)
  }

/** An answer as a property of a feature: as it was sent, or by the labels of its options. */
function answerOf(labels: ReadonlyMap<string, string> | null): PropertyReader['read'] {
  if (labels === null) return (value) => value ?? null
  const spell = (value: unknown): unknown => labels.get(canonicalChoice(value) ?? '') ?? value
  return (value) => (Array.isArray(value) ? value.map(spell) : isObject(value) ? value : spell(value ?? null))
}
