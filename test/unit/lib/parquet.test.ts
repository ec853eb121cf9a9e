// The Parquet writer, read back by hyparquet and DuckDB.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type ParquetColumn, type ParquetType, type ParquetValue, parquetFile } from '../../../src/lib/parquet.ts'
import { askDuckDb, openDuckDb, readMetadata, readRows } from '../../support/parquet-readers.ts'

const folder = mkdtempSync(join(tmpdir(), 'fieldpost-parquet-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const duckDb = await openDuckDb()

type Row = readonly ParquetValue[]

let files = 0
async function onDisk(
  columns: readonly ParquetColumn[],
  batches: Iterable<readonly Row[]>,
  metadata?: () => Record<string, string>,
): Promise<string> {
  const path = join(folder, `${++files}.parquet`)
  async function* inOrder() {
    yield* batches
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of parquetFile(columns, inOrder(), metadata)) chunks.push(chunk)
  writeFileSync(path, Buffer.concat(chunks))
  return path
}

const COLUMNS: readonly ParquetColumn[] = (
  ['text', 'double', 'integer', 'boolean', 'date', 'timestamp', 'binary'] satisfies ParquetType[]
).map((type) => ({ name: `a ${type}`, type }))

const DAY_MS = 86_400_000

const row = fc.tuple(
  fc.option(fc.string({ unit: 'binary' })),
  fc.option(fc.double({ noNaN: true })),
  fc.option(fc.maxSafeInteger()),
  fc.option(fc.boolean()),
  fc.option(fc.integer({ min: -100_000, max: 100_000 })),
  fc.option(fc.integer({ min: -8_000_000_000_000, max: 8_000_000_000_000 })),
  fc.option(fc.uint8Array({ maxLength: 30 })),
)

/** What a reader makes of a row. */
const read = ([text, double, integer, boolean, date, timestamp, binary]: Row) => ({
  'a text': typeof text === 'string' ? text.toWellFormed() : null,
  'a double': double,
  'a integer': integer === null ? null : BigInt(integer as number),
  'a boolean': boolean,
  'a date': date === null ? null : new Date((date as number) * DAY_MS),
  'a timestamp': timestamp === null ? null : new Date(timestamp as number),
  'a binary': binary,
})

test('any rows in any batches are read back by hyparquet', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(row, { maxLength: 8 }), { maxLength: 5 }), async (batches) => {
      expect(await readRows(await onDisk(COLUMNS, batches))).toEqual(batches.flat().map(read))
    }),
  )
})

test.skipIf(!duckDb)('any rows are read back by DuckDB', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
      const path = await onDisk(COLUMNS, [rows])
      const sql = `select "a text", "a integer", "a boolean", "a date" - date '1970-01-01', epoch_ms("a timestamp"),
        octet_length("a binary") from '${path}'`
      const sent = rows.map(([text, , integer, boolean, date, timestamp, binary]) => [
        typeof text === 'string' ? text.toWellFormed() : null,
        integer === null ? null : String(integer),
        boolean,
        date === null ? null : String(date),
        timestamp === null ? null : String(timestamp),
        binary === null ? null : String(binary.length),
      ])
      expect(await askDuckDb(duckDb!, sql)).toEqual(sent)
    }),
    { numRuns: 30 },
  )
})

const TYPED = ['VARCHAR', 'DOUBLE', 'BIGINT', 'BOOLEAN', 'DATE', 'TIMESTAMP WITH TIME ZONE', 'BLOB']

test.skipIf(!duckDb)('DuckDB sees the types of the columns, also in a file without rows', async () => {
  const path = await onDisk(COLUMNS, [])
  const columns = await askDuckDb(duckDb!, `describe select * from '${path}'`)
  expect(columns.map(([name, type]) => [name, type])).toEqual(COLUMNS.map(({ name }, index) => [name, TYPED[index]]))
  expect(await askDuckDb(duckDb!, `select count(*) from '${path}'`)).toEqual([['0']])
})

test('metadata is asked for at the end', async () => {
  const events: string[] = []
  function* batches() {
    yield [['a']]
    events.push('rows')
  }
  const path = await onDisk([{ name: 'x', type: 'text' }], batches(), () => {
    events.push('metadata')
    return { geo: '{}' }
  })
  expect(events).toEqual(['rows', 'metadata'])
  expect(readMetadata(path).key_value_metadata).toEqual([{ key: 'geo', value: '{}' }])
})

describe('row groups', () => {
  const groupsOf = async (columns: number, batches: Iterable<readonly Row[]>) => {
    const names = Array.from({ length: columns }, (_, index) => ({ name: `c${index}`, type: 'text' as const }))
    const path = await onDisk(names, batches)
    return readMetadata(path).row_groups.map(({ num_rows }) => Number(num_rows))
  }

  test('go out as the rows come, and not larger than memory allows', async () => {
    function* narrow() {
      for (let index = 0; index < 320; index++) yield Array.from({ length: 1000 }, (_, row): Row => [`${row}`, null])
    }
    expect(await groupsOf(2, narrow())).toEqual([...Array(12).fill(25_000), 20_000])
  })

  test('of many columns hold rows enough for the list of groups to stay short', async () => {
    const wide: Row = Array.from({ length: 500 }, () => null)
    expect(await groupsOf(500, [Array.from({ length: 2500 }, () => wide)])).toEqual([1000, 1000, 500])
  })

  test('of large texts are of few rows', async () => {
    const large: Row = ['x'.repeat(1_000_000)]
    expect(await groupsOf(1, [[large, large, large, large, large]])).toEqual([4, 1])
  })
})

test('a value that is not of its type breaks the file', async () => {
  for (const [type, value] of [
    ['integer', 1.5],
    ['double', 'ten'],
    ['boolean', 'yes'],
  ] as [ParquetType, ParquetValue][])
    await expect(onDisk([{ name: 'x', type }], [[[value]]])).rejects.toThrow()
})
