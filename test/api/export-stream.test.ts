// How exports behave on their way: pages, large answers, sources that break, clients that leave.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { API, type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { exported, tableOf } from '../support/exports.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'

let cast: Cast
let phone: Device
let form: PublishedForm

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
  form = await publishForm(cast.bruno, NOTE_FORM, 'Owls')
})

afterEach(() => {
  vi.restoreAllMocks()
})

async function fill(count: number, noteOf: (i: number) => string = String): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    const size = Math.min(100, count - from)
    const items = Array.from({ length: size }, (_, i) => submissionOf(form, { data: { note: noteOf(from + i) } }))
    expectStatus(200, await phone.post('/submissions/bulk', items))
  }
}

const notes = async () => {
  const { files } = await exported(cast, cast.bruno, 'csv', { form_id: form.id })
  return tableOf(files['owls.csv']).map((row) => row['What do you see?'])
}

const get = (format: string) =>
  cast.app.request(
    new Request(`http://fieldpost.test${API}/submissions/export/${format}?form_id=${form.id}`, {
      headers: { authorization: `Bearer ${cast.bruno.accessToken}` },
    }),
  )

/** Every query of a session, as its text begins. `fail` is asked before each. */
function watchQueries(fail: (text: string, nth: number) => boolean = () => false) {
  const seen: string[] = []
  const open = env.DB.withSession.bind(env.DB)
  vi.spyOn(env.DB, 'withSession').mockImplementation((from) => {
    const session = open(from)
    const prepare = session.prepare.bind(session)
    session.prepare = (text) => {
      const pages = seen.filter((one) => one.includes('chosen')).length
      seen.push(text)
      if (fail(text, pages + 1)) throw new Error('D1_ERROR: the network connection was lost')
      return prepare(text)
    }
    return session
  })
  return seen
}

const isPage = (text: string): boolean => text.includes('chosen')

describe('pages', () => {
  test('more submissions than a page holds come once each, in the order of their arrival', async () => {
    await fill(2100)
    expect(await notes()).toEqual(Array.from({ length: 2100 }, (_, i) => String(i)))
  })

  test('exactly a page needs no further one than to know that', async () => {
    await fill(1000)
    const seen = watchQueries()
    expect(await notes()).toHaveLength(1000)
    expect(seen.filter(isPage)).toHaveLength(2)
  })

  test('large answers end a page early, and are read from where they are', async () => {
    const large = (i: number) => (i % 3 === 0 ? `${i} ${'x'.repeat(400_000)}` : `${i} ${'y'.repeat(100_000)}`)
    for (let i = 0; i < 12; i++)
      expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form, { data: { note: large(i) } })))
    const seen = watchQueries()
    const found = await notes()
    expect(found.map((note) => note!.length)).toEqual(Array.from({ length: 12 }, (_, i) => large(i).length))
    expect(seen.filter(isPage).length).toBeGreaterThan(1)
  })

  test('a page is read by the index, not by reading the tenant', async () => {
    await fill(1200)
    const other = await publishForm(cast.bruno, NOTE_FORM, 'Few')
    expectStatus(201, await cast.bruno.post('/submissions', submissionOf(other)))
    const rowsRead = countPageRows()
    const { text } = await exported(cast, cast.bruno, 'ndjson', { form_id: other.id })
    expect(text.trim().split('\n')).toHaveLength(1)
    expect(rowsRead()).toBeLessThan(100)
  })

  test('what changed costs what changed, not what is there', async () => {
    const early = submissionOf(form)
    expectStatus(200, await phone.post('/submissions/bulk', [early]))
    await fill(1200)
    const before = await exported(cast, cast.bruno, 'ndjson', { form_id: form.id })
    const since = before.headers.get('x-export-cursor')!
    expectStatus(201, await upload(phone, early.local_uuid, filePart('late'), 'note'))
    await fill(1)
    const rowsRead = countPageRows()
    const { text } = await exported(cast, cast.bruno, 'ndjson', { form_id: form.id, since })
    expect(text.trim().split('\n')).toHaveLength(2)
    expect(rowsRead()).toBeLessThan(100)
  })
})

/** How many rows the pages of exports have cost since. */
function countPageRows(): () => number {
  let rowsRead = 0
  const open = env.DB.withSession.bind(env.DB)
  vi.spyOn(env.DB, 'withSession').mockImplementation((from) => {
    const session = open(from)
    const prepare = session.prepare.bind(session)
    session.prepare = (text) =>
      countingRows(prepare(text), (rows) => {
        if (isPage(text)) rowsRead += rows
      })
    return session
  })
  return () => rowsRead
}

/** A statement that tells how many rows its answers cost. */
function countingRows(statement: D1PreparedStatement, tell: (rows: number) => void): D1PreparedStatement {
  return new Proxy(statement, {
    get(target, name) {
      if (name === 'bind') return (...values: unknown[]) => countingRows(target.bind(...values), tell)
      // `raw` says nothing of its cost, so the statement is run once more.
      if (name === 'raw')
        return async (options: { columnNames: false }) => {
          tell((await target.all()).meta.rows_read)
          return target.raw(options)
        }
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

describe('what breaks', () => {
  for (const format of ['csv', 'geojson', 'ndjson', 'package', 'parquet', 'xlsx'])
    test(`a source that breaks in the middle breaks the ${format}, visibly, and is logged`, async () => {
      form = await publishForm(cast.bruno, { fields: [...NOTE_FORM.fields, { id: 'gps', type: 'geopoint' }] }, 'Places')
      await fill(2100)
      watchQueries((text, nth) => isPage(text) && nth > 1)
      const response = await get(format)
      expect(response.status).toBe(200)
      await expect(response.arrayBuffer()).rejects.toThrow()
      expect(cast.lines.filter(({ event }) => event === 'export_broken')).toMatchObject([
        { level: 'error', form: form.id, error: expect.stringContaining('connection was lost') },
      ])
    })

  test('answers whose object is gone break it, too', async () => {
    const note = 'x'.repeat(400_000)
    expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form, { data: { note } })))
    const { objects } = await env.MEDIA.list()
    await env.MEDIA.delete(objects.map(({ key }) => key))
    await expect((await get('csv')).arrayBuffer()).rejects.toThrow('their object is missing')
  })

  test('a client that reads a little and leaves stops the reading', async () => {
    await fill(3100)
    const seen = watchQueries()
    const reader = (await get('ndjson')).body!.getReader()
    await reader.read()
    await reader.cancel()
    // The page that was read ahead, and none after it.
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(seen.filter(isPage).length).toBeLessThanOrEqual(2)
  })

  test('others get a turn between two pages', async () => {
    await fill(3100)
    const turns: number[] = []
    let turn = 0
    const timer = setInterval(() => turn++, 0)
    watchQueries((text) => {
      if (isPage(text)) turns.push(turn)
      return false
    })
    await (await get('ndjson')).arrayBuffer()
    clearInterval(timer)
    expect(turns).toHaveLength(4)
    // The second page is asked for in the middle of the first, the third after the turn at its end.
    expect(turns[2]).toBeGreaterThan(turns[1]!)
    expect(turns[3]).toBeGreaterThan(turns[2]!)
  })

  test('a client that does not read is not read for', async () => {
    await fill(3100)
    const seen = watchQueries()
    const response = await get('ndjson')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(seen.filter(isPage).length).toBeLessThanOrEqual(2)
    expect((await response.text()).split('\n')).toHaveLength(3101)
  })
})

test('submissions of versions that nobody knows, and of another protocol without any, are exported', async () => {
  await fill(1)
  await env.DB.prepare("UPDATE submissions SET form_version_id = NULL, version_label = 'bundle-7'").run()
  const { files } = await exported(cast, cast.bruno, 'csv', { form_id: form.id })
  expect(tableOf(files['owls.csv'])).toMatchObject([{ form_version: 'bundle-7', 'What do you see?': '0' }])
})

test('a form that nobody has described has one column with all answers', async () => {
  await fill(1)
  await env.DB.batch([
    env.DB.prepare('UPDATE submissions SET form_version_id = NULL'),
    env.DB.prepare('UPDATE forms SET current_version_id = NULL, draft_version_id = NULL'),
    env.DB.prepare('DELETE FROM form_versions'),
  ])
  const { files } = await exported(cast, cast.bruno, 'csv', { form_id: form.id })
  expect(tableOf(files['owls.csv'])).toMatchObject([{ form_version: '', data: '{"note":"0"}' }])
  const places = await exported(cast, cast.bruno, 'geojson', { form_id: form.id })
  expect(places.json.features).toEqual([])
})

test('encrypted answers leave their cells empty, and are whole where programs read', async () => {
  await fill(1)
  await env.DB.prepare("UPDATE submissions SET data_kind = 'encrypted', data = 'age-encryption.org/v1'").run()
  const { files } = await exported(cast, cast.bruno, 'csv', { form_id: form.id })
  expect(tableOf(files['owls.csv'])).toMatchObject([{ 'What do you see?': '' }])
  const { text } = await exported(cast, cast.bruno, 'ndjson', { form_id: form.id })
  expect(JSON.parse(text)).toMatchObject({ data_kind: 'encrypted', data: 'age-encryption.org/v1' })
})
