// Exports in the background: volumes, progress, failure, download, expiry, and what changed since the last one.
import { env } from 'cloudflare:workers'
import { unzipSync } from 'fflate'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { handleBatch } from '../../src/background/queue.ts'
import { sweep } from '../../src/background/sweep.ts'
import type { Deps, Job } from '../../src/domain/context.ts'
import type { VolumeJob } from '../../src/domain/exports/jobs.ts'
import { runExportVolume } from '../../src/domain/exports/run-volume.ts'
import { API, type Cast, type Device, expectStatus, makeCast, type User } from '../support/app.ts'
import { exported, fetched, readDownload, tableOf, textsIn } from '../support/exports.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { objectsLeft, runJobs } from '../support/full-form.ts'
import { all } from '../support/life.ts'
import { filePart, upload } from '../support/media.ts'
import { rowsIn } from '../support/parquet-readers.ts'
import { powerCutAfter } from '../support/power-cut.ts'

const DAY_MS = 24 * 3_600_000

let cast: Cast
let phone: Device
let form: PublishedForm
let jobs: Job[]

beforeEach(async () => {
  jobs = []
  cast = await makeCast({ deps: { sendJob: async (job) => void jobs.push(job) } })
  phone = await cast.pair(cast.bruno)
  form = await publishForm(cast.bruno, NOTE_FORM, 'Owls')
})

async function send(...notes: string[]): Promise<string[]> {
  const items = notes.map((note) => submissionOf(form, { data: { note } }))
  const { body } = expectStatus(200, await phone.post('/submissions/bulk', items))
  return body.accepted.map(({ id }: { id: string }) => id)
}

const create = async (by: User, body: Record<string, unknown> = {}) =>
  expectStatus(202, await by.post('/exports', { format: 'csv', form_id: form.id, ...body })).body

const look = async (id: string, by: User = cast.bruno) => expectStatus(200, await by.get(`/exports/${id}`)).body

const volume = (id: string, number = 1, headers: Record<string, string> = {}, by: User = cast.bruno) =>
  fetched(cast, by, `/exports/${id}/volumes/${number}`, headers)

const notesIn = (text: string | undefined) => tableOf(text).map((row) => row['What do you see?'])

/** Whenever somebody looks at the clock, it is time to say how far the work is. */
const impatient = (deps: Deps): Deps => {
  let nowMs = deps.clock()
  return { ...deps, clock: () => (nowMs += 10_000) }
}

/** Does something before a small volume, which has been written by then, is put into the storage. */
const onPut = (deps: Deps, act: () => Promise<unknown>): Deps => ({
  ...deps,
  blobs: new Proxy(deps.blobs, {
    get: (bucket, name) => {
      const value = Reflect.get(bucket, name)
      if (name !== 'put') return typeof value === 'function' ? value.bind(bucket) : value
      return async (...args: Parameters<R2Bucket['put']>) => {
        await act()
        return bucket.put(...args)
      }
    },
  }),
})

/** Does something before each page of submissions is read. */
function onPages(deps: Deps, act: () => Promise<unknown>): Deps {
  const watched = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, name) {
        if (name === 'bind') return (...values: unknown[]) => watched(target.bind(...values))
        const value = Reflect.get(target, name)
        if (name !== 'raw') return typeof value === 'function' ? value.bind(target) : value
        return async (...args: unknown[]) => {
          await act()
          return Reflect.apply(value, target, args)
        }
      },
    })
  const watchedShard = (shard: D1Database): D1Database => {
    const withSession: D1Database['withSession'] = (from) => {
      const session = shard.withSession(from)
      const prepare = session.prepare.bind(session)
      session.prepare = (text) => (text.includes('chosen') ? watched(prepare(text)) : prepare(text))
      return session
    }
    return new Proxy(shard, {
      get: (target, name) => (name === 'withSession' ? withSession : Reflect.get(target, name)),
    })
  }
  return { ...deps, shard: (shard) => watchedShard(deps.shard(shard)) }
}

/** So that a volume holds two of them: their sizes are what they are said to be. */
const swell = () => env.DB.prepare('UPDATE submissions SET data_bytes = 200000000').run()

describe('a job', () => {
  test('is queued, done, and holds what the download holds', async () => {
    await send('owl', 'fox')
    const made = await create(cast.bruno)
    expect(made).toMatchObject({
      form_id: form.id,
      format: 'csv',
      filters: { mode: 'live' },
      state: 'queued',
      percent: 0,
      rows: 0,
      total_rows: 2,
      error: null,
      volumes: [],
      created_at: '2026-11-23T08:00:00Z',
      expires_at: '2026-11-30T08:00:00Z',
    })
    expect((await volume(made.id)).json.code).toBe('export_not_ready')
    await runJobs(cast.deps, jobs)
    const done = await look(made.id)
    expect(done).toMatchObject({ state: 'done', percent: 100, rows: 2 })
    expect(done.volumes).toEqual([
      {
        number: 1,
        filename: 'owls_submissions.zip',
        size_bytes: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        rows: 2,
        path: `${API}/exports/${made.id}/volumes/1`,
      },
    ])
    const file = await volume(made.id)
    const inline = await exported(cast, cast.bruno, 'csv', { form_id: form.id })
    expect(file.files).toEqual(inline.files)
    expect(file.headers.get('content-type')).toBe('application/zip')
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="owls_submissions.zip"')
    expect(file.bytes.length).toBe(done.volumes[0].size_bytes)
    expect((await volume(made.id, 2)).status).toBe(404)
    expect((await all('SELECT * FROM media_uploads')).length).toBe(0)
  })

  test('without submissions has one volume with headers', async () => {
    const { id } = await create(cast.bruno)
    await runJobs(cast.deps, jobs)
    expect(await look(id)).toMatchObject({ state: 'done', percent: 100, rows: 0 })
    expect(notesIn((await volume(id)).files['owls.csv'])).toEqual([])
  })

  test('holds what was there when it was created, however long it waits', async () => {
    await send('before')
    const { id } = await create(cast.bruno)
    await send('after')
    await runJobs(cast.deps, jobs)
    expect(notesIn((await volume(id)).files['owls.csv'])).toEqual(['before'])
  })

  test('refuses what a download refuses', async () => {
    const refused = async (body: Record<string, unknown>) =>
      (await cast.bruno.post('/exports', { format: 'csv', form_id: form.id, ...body })).status
    expect(await refused({ format: 'floppy' })).toBe(422)
    expect(await refused({ form_id: cast.amina.id })).toBe(404)
    expect(await refused({ filters: { from: 'x' } })).toBe(422)
    expect(await refused({ filters: { fields: ['nope'] } })).toBe(422)
    expect(await refused({ since: 'x' })).toBe(422)
    expect(jobs).toEqual([])
  })

  test('that is too large for a download is named in its refusal', async () => {
    await send(...Array.from({ length: 10 }, (_, i) => `owl ${i}`))
    await env.DB.prepare('UPDATE submissions SET data_bytes = 150000000').run()
    const query = { form_id: form.id, submitter: cast.bruno.email, fields: 'note', labels: true }
    const refused = await exported(cast, cast.bruno, 'csv', query)
    expect([refused.status, refused.json.code]).toEqual([409, 'export_too_large'])
    expect(refused.json.detail).toContain('10 submissions')
    const body = JSON.parse(/POST \/api\/v1\/exports (\{.*\})$/.exec(refused.json.detail)![1]!)
    expectStatus(202, await cast.bruno.post('/exports', body))
    await runJobs(cast.deps, jobs)
    expect((await cast.bruno.get('/exports')).body.items).toMatchObject([{ state: 'done', rows: 10 }])
  })

  test('leaves audit rows', async () => {
    const { id } = await create(cast.bruno)
    expectStatus(200, await cast.bruno.post(`/exports/${id}/cancel`))
    expect((await cast.bruno.post(`/exports/${id}/cancel`)).body.code).toBe('export_state_conflict')
    expectStatus(202, await cast.bruno.post(`/exports/${id}/retry`))
    const { body } = expectStatus(200, await cast.chiara.get(`/audit?subject=${form.id}`))
    expect(body.items.slice(0, 3).map(({ action, details }: any) => [action, details.job])).toEqual([
      ['export.retried', id],
      ['export.cancelled', id],
      ['submissions.exported', id],
    ])
    expect(body.items.filter(({ action }: any) => action === 'export.cancelled')).toHaveLength(1)
  })
})

describe('who may see it', () => {
  test('field workers export and see their own; managers see all; strangers nothing', async () => {
    await send('his')
    expectStatus(201, await cast.amina.post('/submissions', submissionOf(form, { data: { note: 'mine' } })))
    const mine = await create(cast.amina)
    const his = await create(cast.bruno)
    await runJobs(cast.deps, jobs)
    const ids = async (by: User) => (await by.get('/exports')).body.items.map(({ id }: any) => id)
    expect(await ids(cast.amina)).toEqual([mine.id])
    expect(new Set(await ids(cast.bruno))).toEqual(new Set([his.id, mine.id]))
    expect(await ids(cast.dario)).toEqual([])
    expect(notesIn((await volume(mine.id, 1, {}, cast.amina)).files['owls.csv'])).toEqual(['mine'])
    expect((await volume(his.id, 1, {}, cast.amina)).status).toBe(404)
    expect((await cast.amina.get(`/exports/${his.id}`)).status).toBe(404)
    expect((await cast.dario.get(`/exports/${his.id}`)).status).toBe(404)
    expect((await cast.amina.post('/links', { export_id: his.id })).status).toBe(404)
  })

  test('a manager who no longer is one loses what he exported as one', async () => {
    const { id } = await create(cast.bruno)
    await runJobs(cast.deps, jobs)
    expectStatus(200, await cast.chiara.patch(`/users/${cast.bruno.id}`, { role: 'field_worker' }))
    expect((await cast.bruno.get(`/exports/${id}`)).status).toBe(404)
    expect((await cast.bruno.get('/exports')).body.items).toEqual([])
  })

  test('the list turns its pages', async () => {
    const made: string[] = []
    for (let i = 0; i < 5; i++) {
      made.unshift((await create(cast.bruno)).id)
      cast.advance(1000)
    }
    const seen: string[] = []
    for (let path = '/exports?limit=2'; path; ) {
      const { items, cursor, has_more } = expectStatus(200, await cast.bruno.get(path)).body
      seen.push(...items.map(({ id }: any) => id))
      expect(has_more).toBe(cursor !== null)
      path = cursor && `/exports?limit=2&cursor=${cursor}`
    }
    expect(seen).toEqual(made)
    expect((await cast.bruno.get('/exports?cursor=x')).status).toBe(422)
  })
})

describe('the download', () => {
  test('goes on where it broke off', async () => {
    await send('owl')
    const { id } = await create(cast.bruno)
    await runJobs(cast.deps, jobs)
    const whole = await volume(id)
    const etag = whole.headers.get('etag')!
    const half = Math.floor(whole.bytes.length / 2)
    const rest = await volume(id, 1, { range: `bytes=${half}-`, 'if-range': etag })
    expect([rest.status, rest.headers.get('content-range')]).toEqual([
      206,
      `bytes ${half}-${whole.bytes.length - 1}/${whole.bytes.length}`,
    ])
    expect(rest.bytes).toEqual(whole.bytes.slice(half))
    expect((await volume(id, 1, { 'if-none-match': etag })).status).toBe(304)
    expect((await volume(id, 1, { range: 'bytes=999999-' })).status).toBe(416)
  })

  test('by a signed link needs no credential, for five minutes', async () => {
    await send('owl')
    const { id } = await create(cast.bruno)
    expect((await cast.bruno.post('/links', { export_id: id })).body.code).toBe('export_not_ready')
    await runJobs(cast.deps, jobs)
    const { url } = expectStatus(200, await cast.bruno.post('/links', { export_id: id, volume: 1 })).body
    const follow = async () => readDownload(await cast.app.request(new Request(url)))
    expect(notesIn((await follow()).files['owls.csv'])).toEqual(['owl'])
    expect((await cast.bruno.post('/links', { export_id: id, volume: 2 })).status).toBe(404)
    cast.advance(5 * 60_000)
    expect((await follow()).status).toBe(404)
  })

  test('ends after a week: the files go, then the job', async () => {
    await send('owl')
    const { id } = await create(cast.bruno)
    await runJobs(cast.deps, jobs)
    expect(await objectsLeft()).toHaveLength(1)
    cast.advance(7 * DAY_MS)
    const bruno = await cast.logIn(cast.bruno.email, cast.bruno.password)
    expect((await volume(id, 1, {}, bruno)).json.code).toBe('export_not_ready')
    cast.advance(1)
    await sweep(cast.deps)
    expect(await objectsLeft()).toEqual([])
    expect(await look(id, bruno)).toMatchObject({ state: 'expired', volumes: [] })
    expect((await bruno.post(`/exports/${id}/retry`)).status).toBe(409)
    cast.advance(30 * DAY_MS)
    await sweep(cast.deps)
    expect(await all('SELECT id FROM export_jobs')).toEqual([])
  })
})

describe('volumes', () => {
  test('each is complete in itself, and together they hold every submission once', async () => {
    await send('a', 'b', 'c', 'd', 'e')
    await swell()
    const { id } = await create(cast.bruno)
    const job = jobs.shift() as VolumeJob
    await runExportVolume(cast.deps, job)
    expect(await look(id)).toMatchObject({ state: 'running', percent: 40, rows: 2, volumes: [] })
    expect(jobs).toMatchObject([{ kind: 'export-volume', volume: 2 }])
    await runJobs(cast.deps, jobs)
    const done = await look(id)
    expect(done.volumes.map(({ filename, rows }: any) => [filename, rows])).toEqual([
      ['owls_submissions.part-1.zip', 2],
      ['owls_submissions.part-2.zip', 2],
      ['owls_submissions.part-3.zip', 1],
    ])
    const parts = await Promise.all([1, 2, 3].map((number) => volume(id, number)))
    expect(parts.map(({ files }) => notesIn(files['owls.csv']))).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  test('one that was cancelled stops, and goes on where it stopped', async () => {
    await send('a', 'b', 'c')
    await swell()
    const { id } = await create(cast.bruno)
    await runExportVolume(cast.deps, jobs.shift() as VolumeJob)
    expectStatus(200, await cast.bruno.post(`/exports/${id}/cancel`))
    await runJobs(cast.deps, jobs)
    expect(await look(id)).toMatchObject({ state: 'cancelled', rows: 2 })
    expectStatus(202, await cast.bruno.post(`/exports/${id}/retry`))
    await runJobs(cast.deps, jobs)
    expect(await look(id)).toMatchObject({ state: 'done', rows: 3 })
    expect(await objectsLeft()).toHaveLength(2)
  })

  test('one that is cancelled while a volume is written leaves nothing of it', async () => {
    await send('a')
    const { id } = await create(cast.bruno)
    const cancelling = onPut(cast.deps, async () => {
      expectStatus(200, await cast.bruno.post(`/exports/${id}/cancel`))
    })
    await runExportVolume(cancelling, jobs.shift() as VolumeJob)
    expect(await look(id)).toMatchObject({ state: 'cancelled', rows: 0 })
    expect(await objectsLeft()).toEqual([])
    expect(await all('SELECT * FROM media_uploads')).toEqual([])
  })

  test('while it is made, a volume says how far it is', async () => {
    for (let from = 0; from < 1100; from += 100) await send(...Array.from({ length: 100 }, (_, i) => String(from + i)))
    await create(cast.bruno)
    const said: unknown[] = []
    const watching = onPut(impatient(cast.deps), async () => {
      said.push(...(await all('SELECT state, percent FROM export_jobs')))
    })
    await runExportVolume(watching, jobs.shift() as VolumeJob)
    expect(said).toEqual([{ state: 'running', percent: 99 }])
    expect(await all('SELECT state, percent, row_count FROM export_jobs')).toEqual([
      { state: 'done', percent: 100, row_count: 1100 },
    ])
  })

  test('one that is cancelled while submissions are read stops reading', async () => {
    for (let from = 0; from < 1100; from += 100) await send(...Array.from({ length: 100 }, (_, i) => String(from + i)))
    await create(cast.bruno)
    const cancel = () => env.DB.prepare("UPDATE export_jobs SET state = 'cancelled'").run()
    await runExportVolume(onPages(impatient(cast.deps), cancel), jobs.shift() as VolumeJob)
    expect(await all('SELECT state, row_count, error FROM export_jobs')).toEqual([
      { state: 'cancelled', row_count: 0, error: null },
    ])
    expect(await objectsLeft()).toEqual([])
    expect(await all('SELECT * FROM media_uploads')).toEqual([])
  })

  test('a message that comes twice, or twice at once, makes one volume', async () => {
    await send('a')
    const { id } = await create(cast.bruno)
    const job = jobs.shift() as VolumeJob
    await Promise.all([runExportVolume(cast.deps, job), runExportVolume(cast.deps, job)])
    await runExportVolume(cast.deps, job)
    expect(await look(id)).toMatchObject({ state: 'done', rows: 1, volumes: [{ number: 1 }] })
    expect(await objectsLeft()).toHaveLength(1)
    expect(await all('SELECT * FROM media_uploads')).toEqual([])
  })

  test('one invocation of the queue makes one volume; the next message waits for another', async () => {
    await send('a')
    const made = [await create(cast.bruno), await create(cast.bruno)]
    const messages = jobs.map((body) => ({ body, attempts: 1, ack: vi.fn(), retry: vi.fn() }))
    await handleBatch({ messages: messages as unknown as Message<Job>[] }, cast.deps)
    expect(messages.map(({ ack, retry }) => [ack.mock.calls.length, retry.mock.calls])).toEqual([
      [1, []],
      [0, [[{ delaySeconds: 1 }]]],
    ])
    expect(await Promise.all(made.map(async ({ id }) => (await look(id)).state))).toEqual(['done', 'queued'])
  })

  test('a message that is lost is found by the sweep', async () => {
    await send('a')
    const { id } = await create(cast.bruno)
    jobs.length = 0
    cast.advance(60_000)
    await sweep(cast.deps)
    expect(jobs).toEqual([])
    cast.advance(61_000)
    await sweep(cast.deps)
    await runJobs(cast.deps, jobs)
    expect(await look(id)).toMatchObject({ state: 'done', rows: 1 })
  })

  test('a form that is deleted takes its exports along', async () => {
    await send('a')
    const { id } = await create(cast.bruno)
    const job = jobs.shift() as VolumeJob
    expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
    await runExportVolume(cast.deps, job)
    expect((await cast.bruno.get(`/exports/${id}`)).status).toBe(404)
    expect(await objectsLeft()).toEqual([])
  })
})

test('a volume is killed at every boundary, begun anew, and holds the same', async () => {
  await send('a', 'b', 'c')
  await swell()
  const expected = ['a', 'b', 'c']
  let [operations, done] = [0, false]
  for (; !done; operations++) {
    const bruno = await cast.logIn(cast.bruno.email, cast.bruno.password)
    const { id } = await create(bruno)
    const { deps: broken, wasCut } = powerCutAfter(cast.deps, operations)
    await runExportVolume(broken, jobs.shift() as VolumeJob).catch((error) => {
      if (!wasCut()) throw error
    })
    done = !wasCut()
    // Nobody names an object but the job, or the list of what was begun.
    const named = await all(`SELECT value ->> 'objectKey' AS key FROM export_jobs, json_each(volumes)
      UNION SELECT object_key FROM media_uploads`)
    const known = new Set(named.map(({ key }) => key))
    for (const key of await objectsLeft()) expect(known.has(key)).toBe(true)
    // The message comes again, or the sweep finds the job.
    cast.advance(3 * 60_000)
    await sweep(cast.deps)
    await runJobs(cast.deps, jobs)
    const job = await look(id, bruno)
    expect([job.state, job.rows]).toEqual(['done', 3])
    const keys = await all(
      `SELECT value ->> 'objectKey' AS key FROM export_jobs, json_each(volumes) WHERE export_jobs.id = '${id}'`,
    )
    const notes: (string | undefined)[] = []
    for (const { key } of keys)
      notes.push(...notesIn(textsIn(new Uint8Array(await (await env.MEDIA.get(key))!.arrayBuffer()))['owls.csv']))
    expect(notes).toEqual(expected)
  }
  expect(operations).toBeGreaterThan(8)
  cast.advance(DAY_MS + 1)
  await sweep(cast.deps)
  expect(await all('SELECT * FROM media_uploads')).toEqual([])
})

test('a volume whose commit went through, but was not heard of, is kept', async () => {
  await send('a', 'b', 'c')
  await swell()
  const { id } = await create(cast.bruno)
  const open = env.DB.withSession.bind(env.DB)
  const spy = vi.spyOn(env.DB, 'withSession').mockImplementation((from) => {
    const session = open(from)
    const { batch } = session
    session.batch = async (statements: D1PreparedStatement[]) => {
      await batch.call(session, statements)
      throw new Error('D1_ERROR: the network connection was lost')
    }
    return session
  })
  await expect(runExportVolume(cast.deps, jobs.shift() as VolumeJob)).rejects.toThrow()
  spy.mockRestore()
  cast.advance(3 * 60_000)
  await sweep(cast.deps)
  await runJobs(cast.deps, jobs)
  expect(await look(id)).toMatchObject({ state: 'done', rows: 3, error: null })
  const parts = await Promise.all([1, 2].map((number) => volume(id, number)))
  expect(parts.map(({ files }) => notesIn(files['owls.csv']))).toEqual([['a', 'b'], ['c']])
})

test('what keeps failing says why, ends, and can be tried again', async () => {
  await send('a')
  const { id } = await create(cast.bruno)
  const job = jobs.shift() as VolumeJob
  const away = {
    put: async () => {
      throw new Error('R2 is away')
    },
    createMultipartUpload: async () => {
      throw new Error('R2 is away')
    },
  }
  const broken = {
    ...cast.deps,
    blobs: new Proxy(cast.deps.blobs, {
      get: (bucket, name) => {
        const value = Reflect.get(away, name) ?? Reflect.get(bucket, name)
        return typeof value === 'function' ? value.bind(bucket) : value
      },
    }),
  }
  for (let attempt = 1; attempt < 5; attempt++) {
    await expect(runExportVolume(broken, job)).rejects.toThrow()
    expect(await look(id)).toMatchObject({ state: 'running', error: expect.stringContaining('object storage failed') })
  }
  await runExportVolume(broken, job)
  expect(await look(id)).toMatchObject({ state: 'failed', error: expect.stringContaining('object storage failed') })
  expect((await cast.bruno.post(`/exports/${id}/cancel`)).status).toBe(409)
  expectStatus(202, await cast.bruno.post(`/exports/${id}/retry`))
  await runJobs(cast.deps, jobs)
  expect(await look(id)).toMatchObject({ state: 'done', error: null })
  expect((await cast.bruno.post(`/exports/${id}/retry`)).status).toBe(409)
})

describe('only what changed', () => {
  const lines = async (since: string, by: User = cast.bruno) => {
    const { text, headers } = await exported(cast, by, 'ndjson', { form_id: form.id, since })
    const items = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    return { items, cursor: headers.get('x-export-cursor')! }
  }

  test('new, edited and deleted ones, each once, in a chain that loses nothing', async () => {
    const [kept, edited, deleted] = await send('kept', 'to be edited', 'to be deleted')
    const first = await create(cast.bruno, { format: 'ndjson' })
    expectStatus(200, await cast.bruno.patch(`/submissions/${edited}`, { base_revision: 1, data: { note: 'edited' } }))
    expectStatus(204, await cast.bruno.delete(`/submissions/${deleted}`))
    const [fresh] = await send('fresh')
    const second = await lines(first.cursor)
    expect(second.items.map(({ id, data, deleted_at }) => [id, data?.note, deleted_at])).toEqual([
      [edited, 'edited', undefined],
      [deleted, undefined, '2026-11-23T08:00:00Z'],
      [fresh, 'fresh', undefined],
    ])
    expect((await lines(second.cursor)).items).toEqual([])
    expect(second.items.map(({ id }) => id)).not.toContain(kept)
    const feed = expectStatus(200, await cast.chiara.get(`/changes?after=${second.cursor}`)).body
    expect(feed.items).toEqual([])
  })

  test('a job takes a cursor of the feed, and tables tell what was deleted', async () => {
    const [gone] = await send('gone')
    const { cursor } = expectStatus(200, await cast.chiara.get('/changes')).body
    expectStatus(204, await cast.bruno.delete(`/submissions/${gone}`))
    await send('new')
    const { id, total_rows } = await create(cast.bruno, { since: cursor })
    expect(total_rows).toBe(2)
    await runJobs(cast.deps, jobs)
    const rows = tableOf((await volume(id)).files['owls.csv'])
    expect(rows.map((row) => [row.submission_id === gone, row.deleted_at, row['What do you see?']])).toEqual([
      [true, '2026-11-23T08:00:00Z', ''],
      [false, '', 'new'],
    ])
  })

  test('typed files tell what was deleted, too', async () => {
    const [gone] = await send('gone', 'kept')
    const { cursor } = await create(cast.bruno)
    expectStatus(204, await cast.bruno.delete(`/submissions/${gone}`))
    const { bytes } = await exported(cast, cast.bruno, 'parquet', { form_id: form.id, since: cursor })
    const rows = await rowsIn(new Uint8Array(unzipSync(bytes)['owls.parquet']!).buffer)
    expect(rows).toMatchObject([{ submission_id: gone, deleted_at: new Date('2026-11-23T08:00:00Z'), note: null }])
  })

  test('a submission whose photo arrived later comes again', async () => {
    form = await publishForm(cast.bruno, { fields: [{ id: 'pic', type: 'photo', label: 'Picture' }] }, 'Photos')
    const item = submissionOf(form, { data: { pic: 'one.jpg' } })
    expectStatus(200, await phone.post('/submissions/bulk', [item, submissionOf(form, { data: {} })]))
    const before = await lines((await create(cast.bruno)).cursor)
    expect(before.items).toEqual([])
    expectStatus(201, await upload(phone, item.local_uuid, filePart('1', 'one.jpg')))
    const after = await lines(before.cursor)
    expect(after.items).toMatchObject([{ local_uuid: item.local_uuid, media: [{ filename: 'one.jpg' }] }])
    expect((await lines(after.cursor)).items).toEqual([])
  })

  test('field workers learn of their own only', async () => {
    const { cursor } = await create(cast.amina)
    const [his] = await send('his')
    const { id } = expectStatus(
      201,
      await cast.amina.post('/submissions', submissionOf(form, { data: { note: 'mine' } })),
    ).body
    expectStatus(204, await cast.bruno.delete(`/submissions/${his}`))
    expect((await lines(cursor, cast.amina)).items.map((item) => item.id)).toEqual([id])
  })
})
