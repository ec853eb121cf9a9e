// Exports of the built server, opened by other people's programs: Python's zipfile, unzip, DuckDB, read-excel-file, a
// strict XML parser. Where a program or the sample data is missing, what needs it is skipped, visibly.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { unzipSync } from 'fflate'
import readExcelFile from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordedTracks } from '../../scripts/demo/tracks.ts'
import { type LocalServer, startServer } from '../../scripts/server.ts'
import { hasPython, hasUnzip, readWithPython, testWithUnzip } from '../support/archive-readers.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { pausedTrack, readTracks } from '../support/gpx-reader.ts'
import { askDuckDb, openDuckDb } from '../support/parquet-readers.ts'
import { readXml } from '../support/xml-reader.ts'

const samples = process.env.FIELDPOST_SAMPLES ?? ''
const duckDb = await openDuckDb()
const folder = mkdtempSync(join(tmpdir(), 'fieldpost-exports-'))
const lines: string[] = []
let server: LocalServer
let token: string
let device: string
let form: { id: string; versionId: string }
const photos = new Map<string, Buffer>()
const WHEN = '2026-03-17T09:30:00Z'

async function call(method: string, path: string, body?: unknown, credential = token): Promise<any> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: {
      ...(credential ? { authorization: `Bearer ${credential}` } : {}),
      ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : body instanceof FormData ? body : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return JSON.parse(text)
}

async function publish(name: string, schema: unknown): Promise<{ id: string; versionId: string }> {
  const project = await call('POST', '/projects', { name: `Project of ${name}` })
  const { id } = await call('POST', '/forms', { project_id: project.id, name, schema })
  return { id, versionId: (await call('POST', `/forms/${id}/publish`)).version_id }
}

/** Id and local_uuid of a new submission. */
async function send({ versionId }: { versionId: string }, data: unknown): Promise<{ id: string; localUuid: string }> {
  const item = { form_version_id: versionId, local_uuid: randomUUID(), data, collected_at: WHEN }
  const { accepted } = await call('POST', '/submissions/bulk', [item], device)
  return { id: accepted[0].id, localUuid: item.local_uuid }
}

async function upload(localUuid: string, content: Buffer, filename: string): Promise<string> {
  const body = new FormData()
  body.set('submission_local_uuid', localUuid)
  body.set('field_id', 'pic')
  body.set('file', new Blob([new Uint8Array(content)], { type: 'image/jpeg' }), filename)
  const { media_file_id } = await call('POST', '/media/upload', body, device)
  photos.set(media_file_id, content)
  return media_file_id
}

/** The path of the export on disk. */
async function download(format: string, extension: string, of = form): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/submissions/export/${format}?form_id=${of.id}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  if (response.status !== 200) throw new Error(`${format}: ${response.status} ${bytes}`)
  const path = join(folder, `${format}-${of.id}.${extension}`)
  writeFileSync(path, bytes)
  return path
}

/** What is in an archive, as files on disk; the folder that they are in. */
function unpacked(archive: string): string {
  const into = `${archive}.unpacked`
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(archive)))) {
    mkdirSync(dirname(join(into, name)), { recursive: true })
    writeFileSync(join(into, name), bytes)
  }
  return into
}

beforeAll(async () => {
  const env = { ADMIN_EMAIL: 'chiara@example.org', ADMIN_PASSWORD: 'chiara-owns-it' }
  server = await startServer({ port: 0, stateDir: join(folder, 'state'), env, onLine: (line) => lines.push(line) })
  const login = { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD }
  token = (await call('POST', '/auth/login', login, '')).access_token
  const pairing = await call('POST', '/settings/mobile/pairing-token', {})
  device = (await call('POST', '/mobile/pair', { token: pairing.token, device_label: 'a phone' }, '')).device_token
  form = await publish('Households of Æ', fixtureS)
  const first = await send(form, validAnswersS)
  const second = await send(form, {
    ...validAnswersS,
    full_name: '=HYPERLINK("evil"), "Ærø"\n調査 \u{1f600}',
    age: 'ten',
  })
  const real = (name: string) => (samples ? readFileSync(join(samples, 'odk', name)) : randomBytes(200_000))
  await upload(first.localUuid, real('photo-1.jpg'), 'photo.jpg')
  await upload(first.localUuid, real('photo-2.jpg'), 'photo.jpg')
  await upload(second.localUuid, randomBytes(6_000_000), 'large æ.jpg')
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const ARCHIVES = [
  ['csv', 'zip'],
  ['media', 'zip'],
  ['package', 'zip'],
  ['parquet', 'zip'],
  ['xlsx', 'xlsx'],
] as const

describe('archives', () => {
  test.skipIf(!hasUnzip).each(ARCHIVES)('unzip -t finds nothing wrong with %s', async (format, extension) => {
    const path = await download(format, extension)
    expect(testWithUnzip(path)).toEqual({ status: 0, output: `No errors detected in compressed data of ${path}.\n` })
  })

  test.skipIf(!hasPython).each(ARCHIVES)("Python's zipfile reads %s", async (format, extension) => {
    expect(readWithPython(await download(format, extension)).length).toBeGreaterThan(1)
  })

  test.skipIf(!hasPython).each(['media', 'package'])(
    'every row of the index of %s is a file with its bytes',
    async (format) => {
      const path = await download(format, 'zip')
      const entries = new Map(readWithPython(path).map((entry) => [entry.name, entry]))
      const index: Record<string, string>[] = parse(readFileSync(join(unpacked(path), 'media/index.csv')), {
        columns: true,
      })
      expect(index.map((row) => row.media_file_id).sort()).toEqual([...photos.keys()].sort())
      for (const row of index) {
        const photo = photos.get(row.media_file_id!)!
        expect(entries.get(row.filename_in_zip!)).toMatchObject({
          sha256: createHash('sha256').update(photo).digest('hex'),
          bytes: photo.length,
          stored: true,
        })
        expect(row.size_bytes).toBe(String(photo.length))
      }
      expect(new Set(index.map((row) => row.filename_in_zip)).size).toBe(photos.size)
    },
  )
})

test.skipIf(!duckDb)('DuckDB reads Parquet, and joins the rows of a repeat to their submissions', async () => {
  const files = unpacked(await download('parquet', 'zip'))
  const sql = `select m.full_name, m.age, m._unfit, m.collected_at, h.repeat_index, h.m_name
    from '${files}/households_of_æ.parquet' m join '${files}/households_of_æ_hh.parquet' h using (submission_id)
    order by m.age nulls last, h.repeat_index`
  const name = '=HYPERLINK("evil"), "Ærø"\n調査 \u{1f600}'
  const at = '2026-03-17 09:30:00+00'
  expect(await askDuckDb(duckDb!, sql)).toEqual([
    ['Amina Diallo', 34, null, at, '0', 'Moussa'],
    ['Amina Diallo', 34, null, at, '1', 'Awa'],
    [name, null, '{"age":"ten"}', at, '0', 'Moussa'],
    [name, null, '{"age":"ten"}', at, '1', 'Awa'],
  ])
})

test('a workbook is read by another library than the one that wrote it', async () => {
  const [main, members] = await readExcelFile(await download('xlsx', 'xlsx'), { trim: false })
  expect([main!.sheet, members!.sheet]).toEqual(['Households of Æ', 'Household members'])
  const column = (name: string) => main!.data.slice(1).map((row) => row[main!.data[0]!.indexOf(name)])
  expect(column('Full name')).toEqual(['Amina Diallo', '=HYPERLINK("evil"), "Ærø"\n調査 \u{1f600}'])
  expect(column('Age')).toEqual([34, 'ten'])
  expect(members!.data).toHaveLength(5)
})

describe.skipIf(!samples)('real tracks (FIELDPOST_SAMPLES)', () => {
  const tracks = samples === '' ? [] : recordedTracks(samples)

  test('come back from GPX point by point, in pieces where they paused', async () => {
    const walks = await publish('Walks', { fields: [{ id: 'walk', type: 'route', label: 'Walk' }] })
    const sent = []
    for (const { route } of tracks) {
      const { points, pauses, pieces } = pausedTrack(route.points)
      const wire = pauses.map(({ pausedAt, resumedAt }) => ({ paused_at: pausedAt, resumed_at: resumedAt }))
      const { id } = await send(walks, { walk: { points, pauses: wire } })
      sent.push({ name: `${id.slice(0, 8)} — Walk`, pieces })
    }
    const read = readTracks(readXml(readFileSync(await download('gpx', 'gpx', walks), 'utf8')))
    expect(read.map(({ name }) => name)).toEqual(sent.map(({ name }) => name))
    for (const [index, { segments }] of read.entries()) {
      const told = segments.map((segment) =>
        segment.map(({ latitude, longitude, altitude, timestamp }) => ({
          latitude,
          longitude,
          ...(altitude === null ? {} : { altitude }),
          timestamp,
        })),
      )
      expect(told).toEqual(sent[index]!.pieces)
    }
  })
})

test('a client that goes away half-way leaves a server that works', async () => {
  const many = await publish('Many photos', { fields: [{ id: 'pic', type: 'photo', label: 'Picture' }] })
  const { localUuid } = await send(many, { pic: 'x.jpg' })
  for (let count = 0; count < 10; count++) await upload(localUuid, randomBytes(4_000_000), 'x.jpg')
  for (let attempt = 0; attempt < 5; attempt++)
    await new Promise<void>((done) => {
      const headers = { authorization: `Bearer ${token}` }
      const request = get(
        `${server.url}/api/v1/submissions/export/media?form_id=${many.id}`,
        { headers },
        (response) => {
          response.once('data', () => request.destroy())
          response.once('close', done)
          response.on('error', () => undefined)
        },
      )
    })
  const path = await download('media', 'zip', many)
  expect(Object.keys(unzipSync(readFileSync(path)))).toHaveLength(11)
  expect(lines.filter((line) => line.includes('"status":500'))).toEqual([])
})
