// Exports and figures: cases 80 to 87 of the Synkronus contract, section 8. The archive is opened by independent readers:
// hyparquet here, DuckDB in test/smoke/synkronus.test.ts.
import { unzipSync } from 'fflate'
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectStatus } from '../../support/app.ts'
import {
  MOUNTS,
  type Observation,
  observation,
  push,
  type Repository,
  standing,
  startRepository,
} from '../../support/synkronus.ts'

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(mount)
  })

  const archiveOf = async (what: string): Promise<Record<string, Uint8Array>> =>
    unzipSync(expectStatus(200, await repository.reader.get(`/dataexport/${what}`)).bytes)
  const rowsOf = (bytes: Uint8Array) => parquetReadObjects({ file: bufferOf(bytes) })
  const typesOf = (bytes: Uint8Array) =>
    Object.fromEntries(
      parquetSchema(parquetMetadata(bufferOf(bytes))).children.map(({ element }) => [
        element.name,
        `${element.type} ${element.repetition_type}`,
      ]),
    )
  const send = (data: Record<string, unknown>[], more: Partial<Observation> = {}) =>
    push(
      repository.writer,
      data.map((answers, i) =>
        observation(`${more.form_type ?? 'o'}-${i}`, { form_type: 'survey', data: answers, ...more }),
      ),
    )

  test.each(['parquet', 'raw-json'])('case 80: nothing to export is an empty archive of %s', async (what) => {
    const name = what === 'parquet' ? 'observations_export.zip' : 'observations_raw_json.zip'
    const { status, headers, bytes } = await repository.reader.get(`/dataexport/${what}`)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/zip')
    expect(headers.get('content-disposition')).toContain(name)
    expect(unzipSync(bytes)).toEqual({})
  })

  test('case 81: a file for each type, a row for each record that is not deleted', async () => {
    await send([{ n: 1 }, { n: 2 }, { n: 3 }])
    await send([{ n: 4 }], { form_type: 'hh/a b' })
    await push(repository.writer, [
      observation('gone', { form_type: 'survey', deleted: true, data: { secret: 1 } }),
      observation('alone', { form_type: 'all gone', deleted: true }),
    ])
    const files = await archiveOf('parquet')
    expect(Object.keys(files).sort()).toEqual(['hh_a b.parquet', 'survey.parquet'])
    const rows = await rowsOf(files['survey.parquet']!)
    expect(rows.map(({ data_n }) => data_n)).toEqual([1, 2, 3])
    expect(rows[0]).not.toHaveProperty('data_secret')
    expect(await rowsOf(files['hh_a b.parquet']!)).toMatchObject([{ form_type: 'hh/a b', data_n: 4 }])
  })

  test('types whose file names would be equal are all there', async () => {
    for (const form_type of ['a/b', 'a:b', 'a_b']) await send([{ n: 1 }], { form_type })
    const files = await archiveOf('parquet')
    expect(Object.keys(files)).toHaveLength(3)
    const types = []
    for (const bytes of Object.values(files)) types.push((await rowsOf(bytes))[0]!.form_type)
    expect(types.sort()).toEqual(['a/b', 'a:b', 'a_b'])
  })

  test('case 82: numbers are numbers, truth is truth, the rest is text', async () => {
    await send([
      { z_num: 1.5, bool: true, text: 'x', object: { x: 1, y: [1] }, list: [1, 'a'], mixed: 1, half: null, late: 7 },
      { z_num: -2, bool: false, text: 'ü', object: {}, list: [], mixed: 'a', half: 3, nothing: null },
    ])
    const bytes = (await archiveOf('parquet'))['survey.parquet']!
    const types = typesOf(bytes)
    expect(types).toMatchObject({
      observation_id: 'BYTE_ARRAY REQUIRED',
      form_type: 'BYTE_ARRAY REQUIRED',
      form_version: 'BYTE_ARRAY REQUIRED',
      created_at: 'BYTE_ARRAY REQUIRED',
      updated_at: 'BYTE_ARRAY REQUIRED',
      data_z_num: 'DOUBLE OPTIONAL',
      data_bool: 'BOOLEAN OPTIONAL',
      data_text: 'BYTE_ARRAY OPTIONAL',
      data_object: 'BYTE_ARRAY OPTIONAL',
      data_mixed: 'BYTE_ARRAY OPTIONAL',
      data_late: 'DOUBLE OPTIONAL',
      data_nothing: 'BYTE_ARRAY OPTIONAL',
    })
    const names = Object.keys(types).filter((name) => name.startsWith('data_'))
    expect(names).toEqual(
      ['bool', 'half', 'late', 'list', 'mixed', 'nothing', 'object', 'text', 'z_num'].map((key) => `data_${key}`),
    )
    const [first, second] = await rowsOf(bytes)
    expect(first).toMatchObject({ data_z_num: 1.5, data_bool: true, data_text: 'x', data_mixed: '1', data_late: 7 })
    expect(second).toMatchObject({ data_z_num: -2, data_bool: false, data_text: 'ü', data_mixed: 'a' })
    expect(second!.data_late ?? null).toBeNull()
    expect(JSON.parse(first!.data_object)).toEqual({ x: 1, y: [1] })
    expect(JSON.parse(first!.data_list)).toEqual([1, 'a'])
    const record = (await standing(repository.reader)).get('o-0')!
    expect(first).toMatchObject({
      observation_id: record.observation_id,
      form_version: record.form_version,
      created_at: record.created_at,
      updated_at: record.updated_at,
      deleted: false,
      version: BigInt(record.version),
    })
  })

  test('position, author, device and tags are columns, too', async () => {
    const more = {
      geolocation: { latitude: 1, longitude: 2, accuracy: 3 },
      author: 'amina',
      device_id: 'phone-7',
      tags: ['a', 'b'],
    }
    await send([{ n: 1 }], more)
    const [row] = await rowsOf((await archiveOf('parquet'))['survey.parquet']!)
    expect(row).toMatchObject({ author: 'amina', device_id: 'phone-7' })
    expect(JSON.parse(row!.geolocation)).toMatchObject(more.geolocation)
    expect(JSON.parse(row!.tags)).toEqual(['a', 'b'])
  })

  test('case 83: any key is a column', async () => {
    const answers = { 'Big-Key': 1, 'a"b': 2, 'x y': 3, "it's": 4, ünï: 5, '': 6, 'a.b': 7 }
    await send([answers])
    const [row] = await rowsOf((await archiveOf('parquet'))['survey.parquet']!)
    for (const [key, value] of Object.entries(answers)) expect(row![`data_${key}`]).toBe(value)
  })

  test('case 84: ten thousand rows open without a patch, in the order of their making', async () => {
    for (let batch = 0; batch < 10; batch++) {
      await push(
        repository.writer,
        Array.from({ length: 1000 }, (_, i) => {
          const n = batch * 1000 + i
          // Made in the other direction.
          const created_at = new Date(Date.parse('2026-11-01T00:00:00Z') - n * 1000).toISOString()
          return observation(`o-${n}`, { form_type: 'survey', data: { n, text: `row ${n}` }, created_at })
        }),
      )
    }
    const rows = await rowsOf((await archiveOf('parquet'))['survey.parquet']!)
    expect(rows).toHaveLength(10_000)
    expect(rows.map(({ data_n }) => data_n)).toEqual(Array.from({ length: 10_000 }, (_, i) => 9_999 - i))
  }, 60_000)

  test('case 85: everybody of the repository may export, nobody else', async () => {
    const { reader, writer, admin, nobody } = repository
    for (const path of ['/dataexport/parquet', '/dataexport/raw-json', '/stats/observations']) {
      for (const member of [reader, writer, admin]) expect((await member.get(path)).status).toBe(200)
      expect((await nobody.get(path)).status).toBe(401)
    }
  })

  test('case 86: each record is a file of JSON, its answers nested as they were', async () => {
    const data = { name: 'Moussa', members: [{ age: 4 }, { age: null }], where: { village: 'ü' } }
    await send([data], { form_type: 'hh/a b', author: 'amina' })
    await send([{ n: 1 }])
    await push(repository.writer, [observation('gone', { form_type: 'survey', deleted: true })])
    const files = await archiveOf('raw-json')
    expect(Object.keys(files).sort()).toEqual(['hh_a b/hh/a b-0.json', 'survey/o-0.json'].map(cleaned).sort())
    const text = new TextDecoder().decode(files[cleaned('hh_a b/hh/a b-0.json')])
    expect(JSON.parse(text)).toMatchObject({
      observation_id: 'hh/a b-0',
      form_type: 'hh/a b',
      form_version: '1.0',
      deleted: false,
      version: expect.any(Number),
      author: 'amina',
      data,
    })
    expect(text).toContain('\n  "')
  })

  /** Of an id with a slash, only the last part may be split off by one. */
  const cleaned = (path: string) => {
    const at = path.indexOf('/')
    return `${path.slice(0, at)}/${path.slice(at + 1).replace('/', '_')}`
  }

  test('case 87: an empty repository has no figures', async () => {
    const { body } = expectStatus(200, await repository.reader.get('/stats/observations'))
    expect(body).toEqual({
      totalCount: 0,
      byFormType: [],
      timeline: { bucketUnit: 'day', rangeStart: '', rangeEnd: '', buckets: [] },
      computedAt: expect.any(String),
    })
  })

  test('case 87: counts by type, and a bucket for every day', async () => {
    const made = (id: string, form_type: string, created_at: string, deleted = false) =>
      observation(id, { form_type, created_at, deleted })
    await push(repository.writer, [
      made('1', 'a', '2025-12-30T10:00:00Z'),
      made('2', 'a', '2026-01-03T23:30:00-02:00'),
      made('3', 'b', '2026-01-02T00:00:00Z'),
      made('4', '', '2026-01-02T23:59:59.999Z'),
      made('5', 'a', '2026-01-09T00:00:00Z', true),
    ])
    const { body } = expectStatus(200, await repository.reader.get('/stats/observations'))
    expect(body.totalCount).toBe(4)
    expect(body.byFormType).toHaveLength(3)
    expect(body.byFormType).toEqual(
      expect.arrayContaining([
        { formType: 'a', count: 2 },
        { formType: 'b', count: 1 },
        { formType: '(no form type)', count: 1 },
      ]),
    )
    const { bucketUnit, buckets } = body.timeline
    expect(bucketUnit).toBe('day')
    expect(buckets.map(({ label, count }: any) => [label, count])).toEqual([
      ['Dec 30', 1],
      ['Dec 31', 0],
      ['Jan 1', 0],
      ['Jan 2', 2],
      ['Jan 3', 0],
      ['Jan 4', 1],
    ])
    expect(buckets[0].bucketStart).toMatch(/^2025-12-30/)
    expect(body.timeline.rangeStart).toMatch(/^2025-12-30/)
    expect(body.timeline.rangeEnd).toMatch(/^2026-01-04/)
  })

  test('case 87: a year and more is told in weeks, from Monday', async () => {
    await push(repository.writer, [
      observation('1', { created_at: '2025-01-01T10:00:00Z' }),
      observation('2', { created_at: '2026-01-01T10:00:00Z' }),
    ])
    const { timeline } = expectStatus(200, await repository.reader.get('/stats/observations')).body
    expect(timeline.bucketUnit).toBe('week')
    expect(timeline.buckets[0]).toMatchObject({ bucketStart: expect.stringMatching(/^2024-12-30/), count: 1 })
    expect(timeline.buckets).toHaveLength(53)
    expect(timeline.buckets.at(-1)).toMatchObject({ bucketStart: expect.stringMatching(/^2025-12-29/), count: 1 })
  })
})
