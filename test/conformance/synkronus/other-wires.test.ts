// What this wire shows of what happens on others, and the other way round, beyond single records (one-core.test.ts):
// projects, deleted forms, erased people, issues, quarantine, large answers.
import { beforeEach, expect, test } from 'vitest'
import { type Cast, expectStatus, makeCast } from '../../support/app.ts'
import { NOTE_FORM, publishForm, publishFormIn, submissionOf } from '../../support/forms.ts'
import {
  CURRENT,
  observation,
  openRepository,
  pull,
  pullAll,
  push,
  type Repository,
  standing,
  tryPush,
} from '../../support/synkronus.ts'

let cast: Cast
let repository: Repository

beforeEach(async () => {
  cast = await makeCast()
  repository = await openRepository(cast, CURRENT)
})

const formKeyed = async (key: string) =>
  (await cast.chiara.get('/forms')).body.find((form: any) => form.key === key && !form.archived)

const listed = async (localUuid: string) =>
  (await cast.chiara.get('/submissions?limit=1000')).body.find((found: any) => found.local_uuid === localUuid)

test('records of other projects are not pulled, nor replaced under their names', async () => {
  await push(repository.writer, [observation('ours')])
  const elsewhere = await publishForm(cast.chiara, NOTE_FORM)
  expectStatus(201, await cast.chiara.post('/submissions', submissionOf(elsewhere, { local_uuid: 'theirs' })))
  expect([...(await standing(repository.reader)).keys()]).toEqual(['ours'])
  const { body } = await tryPush(repository.writer, [
    observation('theirs', { data: { note: 'stolen' } }),
    observation('b'),
  ])
  expect(body).toMatchObject({ success_count: 1, failed_records: [{ index: 0 }] })
  expect((await listed('theirs')).data).toEqual({ note: 'an owl' })
  expect((await cast.chiara.get('/quarantine')).body.items).toHaveLength(1)
})

test('a form type whose form was deleted is a new form, so that nothing is refused', async () => {
  await push(repository.writer, [observation('before', { form_type: 'water' })])
  const form = await formKeyed('water')
  expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
  expect([...(await standing(repository.reader)).keys()]).toEqual([])
  cast.advance(5_000)
  expect(await push(repository.writer, [observation('after', { form_type: 'water' })])).toMatchObject({
    success_count: 1,
  })
  expect([...(await standing(repository.reader)).keys()]).toEqual(['after'])
  expect((await listed('after')).form_id).not.toBe(form.id)
})

/** A name that says nothing of the person, as the app makes them: such names stay, so that phones hear of the erasure. */
const PERSON = '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11'

test('who was erased is a deletion without answers, and no retry brings them back', async () => {
  const { writer, reader } = repository
  await push(writer, [observation(PERSON, { data: { name: 'Moussa' }, author: 'amina' })])
  const { current_version } = await pull(reader)
  const { id } = await listed(PERSON)
  expectStatus(200, await cast.chiara.post(`/submissions/${id}/erase`, { confirm: true }))
  const page = await pull(reader, { since: current_version })
  expect(page.records).toMatchObject([{ observation_id: PERSON, deleted: true, data: {} }])
  expect(JSON.stringify(page)).not.toMatch(/Moussa|amina/)
  expect((await tryPush(writer, [observation(PERSON, { data: { name: 'Moussa' } })])).status).toBe(200)
  expect(JSON.stringify(await pullAll(reader))).not.toContain('Moussa')
})

test('answers that break the rules of a form are stored, with issues that others see', async () => {
  await push(repository.writer, [observation('first', { form_type: 'first' })])
  const { project_id } = await formKeyed('first')
  await publishFormIn(cast.chiara, project_id, NOTE_FORM, 'strict')
  const odd = observation('odd', { form_type: 'strict', data: { note: { not: 'text' } } })
  expect(await push(repository.writer, [odd])).toMatchObject({ success_count: 1 })
  expect((await standing(repository.reader)).get('odd')!.data).toEqual({ note: { not: 'text' } })
  expect((await listed('odd')).issues.length).toBeGreaterThan(0)
})

test('what is replayed from quarantine comes with the next pull', async () => {
  const { writer, reader } = repository
  const broken = { ...observation('late'), geolocation: 'x' }
  await tryPush(writer, [broken])
  const [kept] = (await cast.chiara.get('/quarantine')).body.items
  const replayed = await cast.chiara.post(`/quarantine/${kept.id}/replay`)
  expect(replayed.status).toBeLessThan(500)
  // The payload is as broken as it was: it stays where it is.
  expect(replayed.body).toMatchObject({ outcome: 'rejected' })
  expect((await pull(reader)).records).toEqual([])
})

test('answers of a megabyte come and go whole, deleted or not', async () => {
  const { writer, reader } = repository
  const data = { text: 'ü'.repeat(600_000), n: 1 }
  await push(writer, [observation('large', { data }), observation('small')])
  expect((await standing(reader)).get('large')!.data).toEqual(data)
  await push(writer, [observation('large', { data: { ...data, n: 2 }, deleted: true })])
  expect((await standing(reader)).get('large')).toMatchObject({ deleted: true, data: { n: 2 } })
  const pages = await pullAll(reader, { query: 'limit=1' })
  expect(pages.records).toHaveLength(2)
})
