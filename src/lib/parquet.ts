// Writes Parquet as a stream: rows come in batches, a row group goes out whenever enough are together. Holds one row
// group, whatever the number of rows. Knows nothing of where rows come from.
// Source: https://parquet.apache.org/docs/file-format/
import { gzipSync } from 'node:zlib'
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'

/**
 * What a column holds where it is not null:
 * - `text`: string · `double`: number · `integer`: safe integer (64 bits) · `boolean`: boolean
 * - `date`: days since 1970 · `timestamp`: epoch milliseconds, UTC · `binary`: bytes
 */
export type ParquetType = 'text' | 'double' | 'integer' | 'boolean' | 'date' | 'timestamp' | 'binary'

export interface ParquetColumn {
  readonly name: string
  readonly type: ParquetType
  /** It is never null. */
  readonly required?: boolean
}

export type ParquetValue = string | number | boolean | Uint8Array | null

/** A row group goes out at this many cells, but not before so many rows: the list of a file's groups is held, too. */
const GROUP_CELLS = 50_000
const GROUP_MIN_ROWS = 1_000
/** Or at this much text. */
const GROUP_CHARS = 4_000_000

const ELEMENTS: Readonly<Record<ParquetType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  double: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  binary: { type: 'BYTE_ARRAY' },
}

/**
 * The file of these rows: each has a value per column, of the column's type. `metadata` is asked for after the last row.
 * `UNCOMPRESSED` is for readers that know no GZIP. Errors of `batches` are thrown; a value that is not of its column's
 * type is a `TypeError` or `RangeError`.
 */
export async function* parquetFile(
  columns: readonly ParquetColumn[],
  batches: AsyncIterable<readonly (readonly ParquetValue[])[]>,
  metadata: () => Record<string, string> = () => ({}),
  codec: 'GZIP' | 'UNCOMPRESSED' = 'GZIP',
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new ByteWriter(64 * 1024)
  const parquet = new ParquetWriter({
    writer,
    schema: [
      { name: 'schema', num_children: columns.length },
      ...columns.map(
        ({ name, type, required }): SchemaElement => ({
          name,
          repetition_type: required ? 'REQUIRED' : 'OPTIONAL',
          ...ELEMENTS[type],
        }),
      ),
    ],
    // GZIP by the platform's zlib: half the size of Snappy in JavaScript, at the same cost.
    codec,
    compressors: { GZIP: (bytes) => gzipSync(bytes, { level: 1 }) },
    createdBy: 'Fieldpost',
  })
  /** What the writer has put out since the last time. It goes on counting from there. */
  const written = (): Uint8Array => {
    const bytes = writer.getBytes().slice()
    writer.index = 0
    return bytes
  }

  yield written()
  const groupRows = Math.max(GROUP_MIN_ROWS, Math.floor(GROUP_CELLS / columns.length))
  let group = new RowGroup(columns)
  for await (const rows of batches) {
    for (const row of rows) {
      group.add(row)
      if (group.rows < groupRows && group.chars < GROUP_CHARS) continue
      await parquet.write(group)
      yield written()
      group = new RowGroup(columns)
    }
  }
  if (group.rows > 0) await parquet.write(group)
  parquet.kvMetadata = Object.entries(metadata()).map(([key, value]) => ({ key, value }))
  await parquet.finish()
  yield written()
}

/** Rows turned into columns, as the writer takes them. */
class RowGroup {
  readonly columnData: { name: string; data: unknown[] }[]
  readonly rowGroupSize = Number.POSITIVE_INFINITY
  rows = 0
  chars = 0
  readonly #types: readonly ParquetType[]

  constructor(columns: readonly ParquetColumn[]) {
    this.columnData = columns.map(({ name }) => ({ name, data: [] }))
    this.#types = columns.map(({ type }) => type)
  }

  add(row: readonly ParquetValue[]): void {
    for (let index = 0; index < this.columnData.length; index++) {
      const value = row[index] ?? null
      if (typeof value === 'string' || value instanceof Uint8Array) this.chars += value.length
      this.columnData[index]!.data.push(stored(value, this.#types[index]!))
    }
    this.rows++
  }
}

function stored(value: ParquetValue, type: ParquetType): unknown {
  if (value === null) return null
  // BigInt refuses what is no whole number.
  if (type === 'integer') return BigInt(value as number)
  if (type === 'text') return (value as string).toWellFormed()
  return value
}
