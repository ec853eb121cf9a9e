// Parquet: a ZIP with a typed file per table, the main one first, with a geometry where a table has positions. What an
// answer says beside the type of its column is not lost: it stands in `_unfit`, as JSON by column.
// Source: https://geoparquet.org/releases/v1.1.0/
import { type ParquetColumn, type ParquetType, type ParquetValue, parquetFile } from '../../lib/parquet.ts'
import { type ZipEntry, zipStream } from '../../lib/zip-writer.ts'
import { needsMedia } from './csv.ts'
import type { Cell, Column, ColumnType, ExportPlan, ExportSource, Table, WriteExport } from './model.ts'
import { tableRows } from './rows.ts'
import { dayIn, integerIn, numberIn } from './typed.ts'

export const writeParquet: WriteExport = (plan, source) => zipStream(parquetFiles(plan, source))

async function* parquetFiles(plan: ExportPlan, source: ExportSource): AsyncGenerator<ZipEntry, void, undefined> {
  for (const table of plan.tables)
    yield {
      name: table.name === '' ? `${plan.slug}.parquet` : `${plan.slug}_${table.name}.parquet`,
      modifiedAtMs: plan.atMs,
      // Its pages are compressed already.
      stored: true,
      content: new TableFile(table).content(source),
    }
}

/** Times of devices stay as they wrote them: with an offset, with another one, or without. */
const TYPES: Readonly<Record<ColumnType, ParquetType>> = {
  text: 'text',
  number: 'double',
  integer: 'integer',
  timestamp: 'timestamp',
  date: 'date',
  time: 'text',
  datetime: 'text',
}

const GEOMETRY = 'geometry'
const UNFIT = '_unfit'

/** Little-endian, a point. */
const POINT = new Uint8Array(21)
const POINT_VIEW = new DataView(POINT.buffer)
POINT_VIEW.setUint8(0, 1)
POINT_VIEW.setUint32(1, 1, true)

class TableFile {
  readonly #table: Table
  readonly #names: readonly string[]
  /** First column of the first position field, which has its latitude; its longitude follows. -1: none. */
  readonly #latitudeAt: number
  readonly #bounds = [180, 90, -180, -90]

  constructor(table: Table) {
    this.#table = table
    const taken = new Set(table.columns.map(({ key }) => key.toLowerCase()))
    this.#names = [GEOMETRY, UNFIT].map((name) => unused(name, taken))
    this.#latitudeAt = table.columns.findIndex(({ fieldType }) => fieldType === 'geopoint')
  }

  content(source: ExportSource): AsyncGenerator<Uint8Array, void, undefined> {
    return parquetFile(this.#columns(), this.#batches(source), () => this.#metadata())
  }

  #columns(): ParquetColumn[] {
    const [geometry, unfit] = this.#names as [string, string]
    return [
      ...this.#table.columns.map(({ key, type }) => ({ name: key, type: TYPES[type] })),
      ...(this.#latitudeAt < 0 ? [] : [{ name: geometry, type: 'binary' as const }]),
      { name: unfit, type: 'text' },
    ]
  }

  async *#batches(source: ExportSource): AsyncGenerator<ParquetValue[][], void, undefined> {
    for await (const page of source.pages({ media: needsMedia(this.#table) }))
      yield tableRows(this.#table, page).map((cells) => this.#rowOf(cells))
  }

  #rowOf(cells: readonly Cell[]): ParquetValue[] {
    const { columns } = this.#table
    const row: ParquetValue[] = []
    let unfit: Record<string, Cell> | undefined
    for (let index = 0; index < columns.length; index++) {
      const cell = cells[index]!
      const value = cell === null ? null : typed(cell, columns[index]!)
      if (value === undefined) {
        unfit ??= {}
        unfit[columns[index]!.key] = cell
      }
      row.push(value ?? null)
    }
    if (this.#latitudeAt >= 0) row.push(this.#geometryOf(cells))
    row.push(unfit === undefined ? null : JSON.stringify(unfit))
    return row
  }

  /** A point in well-known binary, little-endian. */
  #geometryOf(cells: readonly Cell[]): Uint8Array | null {
    const [latitude, longitude] = [numberIn(cells[this.#latitudeAt]!), numberIn(cells[this.#latitudeAt + 1]!)]
    if (latitude === undefined || longitude === undefined) return null
    if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null
    const bounds = this.#bounds
    bounds[0] = Math.min(bounds[0]!, longitude)
    bounds[1] = Math.min(bounds[1]!, latitude)
    bounds[2] = Math.max(bounds[2]!, longitude)
    bounds[3] = Math.max(bounds[3]!, latitude)
    POINT_VIEW.setFloat64(5, longitude, true)
    POINT_VIEW.setFloat64(13, latitude, true)
    // A small array that nobody has asked for its buffer is all in V8's heap, which collects it early.
    return POINT.slice()
  }

  #metadata(): Record<string, string> {
    if (this.#latitudeAt < 0) return {}
    const [west, , east] = this.#bounds as [number, number, number, number]
    const column = {
      encoding: 'WKB',
      geometry_types: ['Point'],
      ...(west <= east && { bbox: this.#bounds }),
    }
    const geometry = this.#names[0]!
    return { geo: JSON.stringify({ version: '1.1.0', primary_column: geometry, columns: { [geometry]: column } }) }
  }
}

/** Undefined where the cell is not of the column's type. */
function typed(cell: string | number | boolean, { type }: Column): ParquetValue | undefined {
  switch (type) {
    case 'number':
      return numberIn(cell)
    case 'integer':
      return integerIn(cell)
    case 'timestamp':
      return typeof cell === 'number' ? cell : undefined
    case 'date':
      return dayIn(cell)
    default:
      return String(cell)
  }
}

function unused(name: string, taken: ReadonlySet<string>): string {
  let free = name
  while (taken.has(free)) free = `_${free}`
  return free
}
