// Parquet, as hyparquet reads it. DuckDB reads the same in test/smoke/exports.test.ts.
import { unzipSync } from 'fflate'
import { parquetMetadata } from 'hyparquet'
import { beforeEach, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { type PublishedForm, publishAgain, publishForm, submissionOf } from '../support/forms.ts'
import { rowsIn } from '../support/parquet-readers.ts'

let cast: Cast
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
})

async function send(form: PublishedForm, data: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const { body } = expectStatus(
    200,
    await phone.post('/submissions/bulk', [{ ...submissionOf(form, { data }), ...more }]),
  )
  return body.accepted[0].id as string
}

async function files(form: PublishedForm, query: Record<string, string> = {}): Promise<Record<string, ArrayBuffer>> {
  const { app } = cast
  const url = `http://fieldpost.test/api/v1/submissions/export/parquet?${new URLSearchParams({ form_id: form.id, ...query })}`
  const response = await app.request(url, { headers: { authorization: `Bearer ${cast.bruno.accessToken}` } })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/zip')
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="\w+_parquet\.zip"$/)
  const entries = Object.entries(unzipSync(new Uint8Array(await response.arrayBuffer())))
  return Object.fromEntries(entries.map(([name, bytes]) => [name, new Uint8Array(bytes).buffer]))
}

const typesIn = (file: ArrayBuffer) =>
  Object.fromEntries(
    parquetMetadata(file)
      .schema.slice(1)
      .map(({ name, type, converted_type }) => [name, converted_type ?? type]),
  )

const geoIn = (file: ArrayBuffer) => {
  const value = parquetMetadata(file).key_value_metadata?.find(({ key }) => key === 'geo')?.value
  return value === undefined ? null : JSON.parse(value)
}

test('a file per table, typed, with the first position as geometry', async () => {
  const form = await publishForm(cast.bruno, fixtureS, 'Household survey')
  const id = await send(form, validAnswersS, { collected_at: '2026-03-17T09:30:00Z' })
  const parquet = await files(form)
  expect(Object.keys(parquet)).toEqual(['household_survey.parquet', 'household_survey_hh.parquet'])
  const main = parquet['household_survey.parquet']!
  expect(typesIn(main)).toMatchObject({
    submission_id: 'UTF8',
    collected_at: 'TIMESTAMP_MILLIS',
    form_version: 'INT64',
    full_name: 'UTF8',
    age: 'DOUBLE',
    gps_lat: 'DOUBLE',
    walk_points: 'INT64',
    hh_count: 'INT64',
    geometry: 'BYTE_ARRAY',
    _unfit: 'UTF8',
  })
  const [row] = await rowsIn(main)
  expect(row).toMatchObject({
    submission_id: id,
    collected_at: new Date('2026-03-17T09:30:00Z'),
    form_version: 1n,
    full_name: 'Amina Diallo',
    age: 34,
    tags: 'a|c',
    reason: null,
    gps_lat: 14.6937,
    gps_lng: -17.4441,
    hh_count: 2n,
    total: 35,
    _unfit: null,
  })
  // hyparquet knows GeoParquet, and reads the geometry by the file's metadata.
  expect(row!.geometry).toEqual({ type: 'Point', coordinates: [-17.4441, 14.6937] })
  expect(geoIn(main)).toEqual({
    version: '1.1.0',
    primary_column: 'geometry',
    columns: {
      geometry: { encoding: 'WKB', geometry_types: ['Point'], bbox: [-17.4441, 14.6937, -17.4441, 14.6937] },
    },
  })
  const members = parquet['household_survey_hh.parquet']!
  expect(geoIn(members)).toBeNull()
  expect(await rowsIn(members)).toEqual([
    { submission_id: id, repeat_index: 0n, m_name: 'Moussa', m_age: 12, _unfit: null },
    { submission_id: id, repeat_index: 1n, m_name: 'Awa', m_age: 9, _unfit: null },
  ])
})

test('no submissions make files without rows, whose columns are all there', async () => {
  const form = await publishForm(cast.bruno, fixtureS, 'Empty')
  const parquet = await files(form)
  expect(Object.keys(typesIn(parquet['empty.parquet']!))).toContain('full_name')
  expect(await rowsIn(parquet['empty.parquet']!)).toEqual([])
  expect(geoIn(parquet['empty.parquet']!).columns.geometry).not.toHaveProperty('bbox')
})

test('what does not suit the type of its column is not lost', async () => {
  const form = await publishForm(cast.bruno, {
    fields: [
      { id: 'age', type: 'number', label: 'Age' },
      { id: 'day', type: 'date', label: 'Day' },
      { id: 'gps', type: 'geopoint', label: 'Position' },
      { id: '_unfit', type: 'text', label: 'A field of that name' },
    ],
  })
  await send(form, { age: '25', day: '2026-03-17', gps: { latitude: 1, longitude: 2 } })
  await send(form, { age: 'about ten', day: 'in March', gps: { latitude: 95, longitude: 2 }, _unfit: 'mine' })
  await send(form, { age: 1e300, day: '0001-01-01' })
  await send(form, { age: '12345678901234567890' })
  const rows = await rowsIn(Object.values(await files(form))[0]!)
  expect(rows.map(({ age, day, gps_lat, _unfit, __unfit }) => ({ age, day, gps_lat, _unfit, __unfit }))).toEqual([
    { age: 25, day: new Date('2026-03-17'), gps_lat: 1, _unfit: null, __unfit: null },
    {
      age: null,
      day: null,
      gps_lat: 95,
      _unfit: 'mine',
      __unfit: JSON.stringify({ age: 'about ten', day: 'in March' }),
    },
    { age: 1e300, day: new Date('0001-01-01'), gps_lat: null, _unfit: null, __unfit: null },
    { age: null, day: null, gps_lat: null, _unfit: null, __unfit: JSON.stringify({ age: '12345678901234567890' }) },
  ])
  expect(rows.map(({ geometry }) => geometry === null)).toEqual([false, true, true, true])
})

test('columns that a later version of the form has dropped or renamed are there', async () => {
  const form = await publishForm(cast.bruno, { fields: [{ id: 'a', type: 'number', label: 'A' }] }, 'Grows')
  await send(form, { a: 1 })
  const versionId = await publishAgain(cast.bruno, form.id, { fields: [{ id: 'b', type: 'text', label: 'B' }] })
  await send({ ...form, versionId }, { b: 'two' })
  const rows = await rowsIn((await files(form))['grows.parquet']!)
  expect(rows.map(({ a, b }) => [a, b])).toEqual([
    [1, null],
    [null, 'two'],
  ])
})
