// Records of one form as Parquet: their own fields, then a column for every top-level key of their answers. Its type is
// found out by looking at all of them first; records that are few are kept from the first look for the second. Readers
// of this wire's files know no compression inside of them.
// Source: contracts/synkronus.md, section 8.

import type { PulledRecord } from '../../domain/sync/pull.ts'
import { type ParquetColumn, type ParquetType, type ParquetValue, parquetFile } from '../../lib/parquet.ts'
import { answersOf, fieldsOf } from './map.ts'

const FIELDS: readonly ParquetColumn[] = [
  { name: 'observation_id', type: 'text', required: true },
  { name: 'form_type', type: 'text', required: true },
  { name: 'form_version', type: 'text', required: true },
  { name: 'created_at', type: 'text', required: true },
  { name: 'updated_at', type: 'text', required: true },
  { name: 'synced_at', type: 'text' },
  { name: 'deleted', type: 'boolean', required: true },
  { name: 'version', type: 'integer', required: true },
  { name: 'geolocation', type: 'text' },
  { name: 'author', type: 'text' },
  { name: 'device_id', type: 'text' },
  { name: 'tags', type: 'text' },
]

type Pages = () => AsyncGenerator<PulledRecord[], void, undefined>
type Answers = Record<string, unknown>
type Row = readonly [PulledRecord, Answers]

/** Answers as text. What is over this is read a second time. */
const MAX_KEPT_CHARS = 8_000_000

export async function* recordsParquet(pages: Pages): AsyncGenerator<Uint8Array, void, undefined> {
  const types = new Map<string, ParquetType | null>()
  let kept: Row[][] | null = []
  let chars = 0
  for await (const page of rowsOf(pages)) {
    for (const [{ data }, answers] of page) {
      chars += data.length
      for (const key of Object.keys(answers)) types.set(key, joined(types.get(key) ?? null, typeOf(answers[key])))
    }
    if (chars > MAX_KEPT_CHARS) kept = null
    kept?.push(page)
  }
  const keys = [...types.keys()].sort()
  const columns = keys.map((key): ParquetColumn => ({ name: `data_${key}`, type: types.get(key) ?? 'text' }))
  yield* parquetFile([...FIELDS, ...columns], cellsOf(kept ?? rowsOf(pages), keys, columns), undefined, 'UNCOMPRESSED')
}

async function* rowsOf(pages: Pages): AsyncGenerator<Row[], void, undefined> {
  for await (const page of pages()) yield page.map((record): Row => [record, JSON.parse(answersOf(record)) as Answers])
}

async function* cellsOf(
  pages: Iterable<Row[]> | AsyncIterable<Row[]>,
  keys: readonly string[],
  columns: readonly ParquetColumn[],
): AsyncGenerator<ParquetValue[][], void, undefined> {
  for await (const page of pages)
    yield page.map(([record, answers]) => [
      ...ownCells(record),
      ...keys.map((key, index) => cellOf(Object.hasOwn(answers, key) ? answers[key] : null, columns[index]!.type)),
    ])
}

function ownCells(record: PulledRecord): ParquetValue[] {
  const fields = fieldsOf(record)
  return [
    fields.name,
    fields.formKey,
    fields.versionName,
    fields.createdAt,
    fields.updatedAt,
    null,
    fields.deleted,
    record.version,
    textOf(fields.geolocation),
    fields.author,
    fields.deviceId,
    textOf(fields.tags),
  ]
}

/** Null says nothing about the type. */
function typeOf(value: unknown): ParquetType | null {
  if (value === null || value === undefined) return null
  return typeof value === 'number' ? 'double' : typeof value === 'boolean' ? 'boolean' : 'text'
}

const joined = (a: ParquetType | null, b: ParquetType | null): ParquetType | null =>
  a === null || a === b ? b : b === null ? a : 'text'

function cellOf(value: unknown, type: ParquetType): ParquetValue {
  if (value === null || value === undefined) return null
  if (type === 'text') return typeof value === 'string' ? value : JSON.stringify(value)
  return value as number | boolean
}

const textOf = (value: unknown): string | null => (value ? JSON.stringify(value) : null)
