// Parquet as other people's programs read it: hyparquet, and DuckDB where its library loads (a visible skip elsewhere).
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { DuckDBConnection } from '@duckdb/node-api'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'

const bufferOf = (path: string): ArrayBuffer => new Uint8Array(readFileSync(path)).buffer

export const readRows = (path: string): Promise<Record<string, unknown>[]> => rowsIn(bufferOf(path))

/** Rows as objects; 64-bit integers are bigints, dates and times are `Date`s. */
export const rowsIn = (file: ArrayBuffer): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({
    file,
    compressors: { GZIP: (bytes) => gunzipSync(bytes) },
    utf8: false,
  })

export const readMetadata = (path: string) => parquetMetadata(bufferOf(path))

/** Null where DuckDB does not run. */
export async function openDuckDb(): Promise<DuckDBConnection | null> {
  try {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    return await (await DuckDBInstance.create(':memory:')).connect()
  } catch (error) {
    console.warn(`DuckDB does not load here, so it reads none of our Parquet: ${error}`)
    return null
  }
}

/** What DuckDB answers, as JSON values. */
export async function askDuckDb(duckDb: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await duckDb.runAndReadAll(sql)).getRowsJson()
}
