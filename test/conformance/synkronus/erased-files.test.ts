// Files of people who were erased: every device learns that they are gone, and none comes back, whenever it comes.
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { sweep } from '../../../src/background/sweep.ts'
import { type Cast, expectStatus, makeCast } from '../../support/app.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../../support/forms.ts'
import { runJobs } from '../../support/full-form.ts'
import { FORM_TYPE, formBody } from '../../support/media.ts'
import {
  CURRENT,
  faultOf,
  type Observation,
  observation,
  openRepository,
  push,
  putAttachment,
  type Repository,
  standing,
  tryPush,
  type Wire,
} from '../../support/synkronus.ts'

const PHOTO = '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11.jpg'
const OTHER = '0a4d6a0f-3f0c-4a53-9c39-6b1f6f0e0a22.jpg'
const PERSON = '3c0ffee0-1111-4a53-9c39-0a4d6a0f0a33'

let cast: Cast
let repository: Repository
let jobs: any[]

beforeEach(async () => {
  jobs = []
  const sendJob = async (job: any) => {
    if (job.kind !== 'expand-outbox') jobs.push(job)
  }
  cast = await makeCast({ deps: { sendJob } })
  repository = await openRepository(cast, CURRENT)
})

const person = (data: Record<string, unknown>, more: Partial<Observation> = {}) =>
  observation(PERSON, { data: { name: 'Moussa', ...data }, ...more })

async function erase(localUuid: string): Promise<void> {
  const { body } = await cast.chiara.get('/submissions?limit=1000')
  const { id } = body.find((found: any) => found.local_uuid === localUuid)
  expectStatus(200, await cast.chiara.post(`/submissions/${id}/erase`, { confirm: true }))
}

const manifest = async (by: Wire, since_version = 0) =>
  expectStatus(200, await by.post('/attachments/manifest', { client_id: 'tablet-2', since_version })).body

const operationsOf = async (by: Wire, since?: number) =>
  (await manifest(by, since)).operations.map(({ operation, attachment_id }: any) => `${operation} ${attachment_id}`)

const texts = async () => {
  const { objects } = await env.MEDIA.list()
  return Promise.all(objects.map(async ({ key }) => (await env.MEDIA.get(key))!.text()))
}

test('a device that has the file of an erased person is told to delete it, once', async () => {
  const { writer, reader } = repository
  await putAttachment(writer, PHOTO, 'her face')
  await putAttachment(writer, OTHER, 'a well')
  await push(writer, [person({ photo: PHOTO })])
  const before = await manifest(reader)
  expect(before.operation_count).toEqual({ download: 2, delete: 0 })
  await erase(PERSON)
  const after = await manifest(reader, before.current_version)
  expect(after).toMatchObject({
    operations: [{ operation: 'delete', attachment_id: PHOTO }],
    operation_count: { download: 0, delete: 1 },
    total_download_size: 0,
  })
  expect(after.operations[0]).not.toHaveProperty('download_url')
  expect(after.operations[0].version).toBeGreaterThan(before.current_version)
  expect(after.operations[0].version).toBeLessThanOrEqual(after.current_version)
  expect(await operationsOf(reader, after.current_version)).toEqual([])
  expect(await operationsOf(reader)).toEqual([`download ${OTHER}`, `delete ${PHOTO}`])
  expect(await texts()).toEqual(['a well'])
})

test.each([
  ['short', ''],
  ['long', 'x'.repeat(400_000)],
])(
  'a file that comes after the erasure of its record is taken for delivered and not kept: %s answers',
  async (_, more) => {
    const { writer, reader } = repository
    await push(writer, [person({ photo: PHOTO, more })])
    await push(writer, [person({ photos: [{ filename: OTHER }], more })])
    await erase(PERSON)
    for (const name of [PHOTO, OTHER]) {
      expect((await writer.send('HEAD', `/attachments/${name}`)).status).toBe(404)
      expect(await putAttachment(writer, name, 'her face')).toMatchObject({ status: 200, body: { status: 'success' } })
      expect((await reader.get(`/attachments/${name}`)).status).toBe(404)
    }
    expect((await operationsOf(reader)).sort()).toEqual([`delete ${OTHER}`, `delete ${PHOTO}`])
    expect(await texts()).toEqual([])
    const { n } = (await env.DB.prepare('SELECT count(*) AS n FROM media_uploads').first<{ n: number }>())!
    expect(n).toBe(0)
  },
)

test('a name that people choose is refused for a year, and free then: it may mean another file', async () => {
  const { writer, reader } = repository
  await putAttachment(writer, 'house.jpg', 'her house')
  await push(writer, [person({ photo: 'house.jpg' })])
  await erase(PERSON)
  const reply = await putAttachment(writer, 'house.jpg', 'her house')
  expect(reply.status).toBe(409)
  expect(faultOf(reply).message).toMatch(/erased.*another name/)
  expect(await operationsOf(reader)).toEqual(['delete house.jpg'])
  cast.advance(366 * 24 * 3_600_000)
  await sweep(cast.deps)
  const later = await repository.logIn('wanja', writer.password)
  expect((await putAttachment(later, 'house.jpg', 'a new house')).status).toBe(200)
  expect(await operationsOf(later)).toEqual(['download house.jpg'])
})

test('words of an erased person are not kept as names', async () => {
  await push(repository.writer, [person({ photo: PHOTO, note: 'Moussa.jpg', village: 'Kayes' })])
  await erase(PERSON)
  const { results } = await env.DB.prepare('SELECT name FROM gone_attachments').all()
  expect(results).toEqual([{ name: PHOTO }])
})

test('of records that no sync client has, no names are kept or told', async () => {
  await operationsOf(repository.reader)
  const elsewhere = await publishForm(cast.chiara, NOTE_FORM)
  const { body } = await cast.chiara.post('/submissions', submissionOf(elsewhere, { data: { note: PHOTO } }))
  expectStatus(200, await cast.chiara.post(`/submissions/${body.id}/erase`, { confirm: true }))
  expect(await operationsOf(repository.reader)).toEqual([])
})

test('what an erased record still brings, whole or broken, is not kept, nor are the files that it names', async () => {
  const { writer, reader } = repository
  await push(writer, [person({})])
  await erase(PERSON)
  await putAttachment(writer, PHOTO, 'her face')
  expect(await push(writer, [person({ photo: PHOTO, second: OTHER })])).toMatchObject({ success_count: 1 })
  expect((await putAttachment(writer, OTHER, 'her house')).status).toBe(200)
  expect(await push(writer, [person({}, { created_at: 'yesterday' })])).toMatchObject({ success_count: 1 })
  expect((await cast.chiara.get('/quarantine')).body.items).toEqual([])
  for (const name of [PHOTO, OTHER]) expect((await reader.get(`/attachments/${name}`)).status).toBe(404)
  // The Intake object has a clock of its own.
  cast.advance(48 * 3_600_000)
  await sweep(cast.deps)
  expect(await texts()).toEqual([])
  expect((await env.DB.prepare('SELECT * FROM erasures').all()).results).toEqual([])
})

test.each([
  ['short', ''],
  ['long', 'x'.repeat(400_000)],
])('files go that only a quarantined payload of the person names, a %s one', async (_, more) => {
  const { writer, reader } = repository
  await putAttachment(writer, PHOTO, 'her face')
  await push(writer, [person({})])
  await tryPush(writer, [person({ photo: PHOTO, more: `${more}\0` })])
  expect((await cast.chiara.get('/quarantine')).body.items).toHaveLength(1)
  await erase(PERSON)
  expect((await reader.get(`/attachments/${PHOTO}`)).status).toBe(404)
  expect(await operationsOf(reader)).toEqual([`delete ${PHOTO}`])
  expect(await texts()).toEqual([])
})

test('a file stays that another record, or a payload in quarantine, names as well, until that goes, too', async () => {
  const { writer, reader } = repository
  for (const name of [PHOTO, OTHER]) await putAttachment(writer, name, `bytes of ${name}`)
  await push(writer, [person({ photo: PHOTO, house: OTHER }), observation('copy', { data: { photo: PHOTO } })])
  await tryPush(writer, [observation('broken', { data: { house: OTHER }, created_at: 'x' })])
  await erase(PERSON)
  expect(await operationsOf(reader)).toEqual([`download ${PHOTO}`, `download ${OTHER}`])
  await erase('copy')
  expect(await operationsOf(reader)).toEqual([`download ${OTHER}`, `delete ${PHOTO}`])
  expect(await texts()).toEqual([`bytes of ${OTHER}`])
})

test('a person whose files are the same bytes under the same title can be erased', async () => {
  const { writer, reader } = repository
  const part = { name: 'file', content: 'her face', filename: 'image.jpg' }
  for (const name of [PHOTO, OTHER])
    await writer.send('PUT', `/attachments/${name}`, {
      body: formBody([part]),
      headers: { 'content-type': FORM_TYPE },
    })
  await push(writer, [person({ photos: [PHOTO, OTHER] })])
  await erase(PERSON)
  expect((await operationsOf(reader)).sort()).toEqual([`delete ${OTHER}`, `delete ${PHOTO}`])
  expect(await texts()).toEqual([])
})

test('an upload that is under way while its record is erased does not stay', async () => {
  const { writer, reader } = repository
  await push(writer, [person({ photo: PHOTO })])
  const [put] = await Promise.all([putAttachment(writer, PHOTO, 'her face'), erase(PERSON)])
  expect(put.status).toBe(200)
  expect((await reader.get(`/attachments/${PHOTO}`)).status).toBe(404)
  expect(await texts()).toEqual([])
})

test('files go with the form that their records go with', async () => {
  const { writer, reader } = repository
  const more = 'x'.repeat(400_000)
  for (const name of [PHOTO, OTHER, 'stays.jpg']) await putAttachment(writer, name, `light of ${name}`)
  const water = (id: string, data: Record<string, unknown>) => observation(id, { form_type: 'water', data })
  await push(writer, [water('a', { photo: PHOTO }), water('b', { photo: OTHER, more }), water('c', { s: 'stays.jpg' })])
  await push(writer, [observation('other', { data: { s: 'stays.jpg' } })])
  const form = (await cast.chiara.get('/forms')).body.find(({ key }: any) => key === 'water')
  expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
  await runJobs(cast.deps, jobs)
  expect((await operationsOf(reader)).sort()).toEqual(
    [`delete ${OTHER}`, `delete ${PHOTO}`, 'download stays.jpg'].sort(),
  )
  expect(await texts()).toEqual(['light of stays.jpg'])
  expect((await standing(reader)).get('a')).toMatchObject({ deleted: true })
})

test('whoever gets the own files only hears of the own ones only', async () => {
  const amina = await repository.logIn('amina@example.org', 'amina@example.org-password')
  await putAttachment(repository.writer, PHOTO, 'her face')
  await putAttachment(amina, OTHER, 'her house')
  await push(repository.writer, [person({ photo: PHOTO, house: OTHER })])
  await erase(PERSON)
  expect(await operationsOf(amina)).toEqual([`delete ${OTHER}`])
  expect((await operationsOf(repository.reader)).sort()).toEqual([`delete ${OTHER}`, `delete ${PHOTO}`])
})
