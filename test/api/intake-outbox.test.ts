// The outbox: one row per committed batch while somebody subscribes, in the transaction of the batch.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { ring, tenantIdOf } from '../support/intake.ts'
import { CURRENT, observation, openRepository, push } from '../support/synkronus.ts'
import { takeAway } from '../support/weather.ts'

let cast: Cast
let form: PublishedForm
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
  phone = await cast.pair(cast.bruno)
})

afterEach(() => {
  vi.restoreAllMocks()
})

const subscribe = async (active = true) => {
  await env.DB.prepare(
    `INSERT INTO webhooks (tenant_id, id, form_id, url, events, is_active, created_at_ms)
     VALUES (?, ?, ?, 'https://example.org', '[]', ?, 0)`,
  )
    .bind(await tenantIdOf(cast), crypto.randomUUID(), form.id, active ? 1 : 0)
    .run()
}

const outbox = async () =>
  (await env.DB.prepare('SELECT id, kind, from_seq, to_seq FROM outbox ORDER BY id').all<any>()).results

const seqs = async () =>
  (await env.DB.prepare('SELECT seq FROM submissions ORDER BY seq').all<{ seq: number }>()).results.map(
    ({ seq }) => seq,
  )

const batchOf = (count: number) => Array.from({ length: count }, () => submissionOf(form))

test('a batch leaves one row with the range of its seqs', async () => {
  await subscribe()
  expectStatus(200, await phone.post('/submissions/bulk', batchOf(30)))
  const stored = await seqs()
  const [from, to] = [stored[0], stored.at(-1)]
  expect(await outbox()).toEqual([{ id: to, kind: 'submissions', from_seq: from, to_seq: to }])
})

test('nobody who listens, no row', async () => {
  await phone.post('/submissions/bulk', batchOf(2))
  await subscribe(false)
  await phone.post('/submissions/bulk', batchOf(2))
  expect(await outbox()).toEqual([])
})

test('a batch of replays changes nothing and leaves no row', async () => {
  const batch = batchOf(3)
  await phone.post('/submissions/bulk', batch)
  await subscribe()
  await phone.post('/submissions/bulk', [...batch].reverse())
  expect(await outbox()).toEqual([])
})

test('what was written ahead leaves its row when it is drained', async () => {
  await phone.post('/submissions/bulk', batchOf(1))
  await subscribe()
  const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
  const end = takeAway('shard')
  expect((await phone.post('/submissions/bulk', batchOf(4))).body.accepted).toHaveLength(4)
  end()
  await ring(`device:${device.id}`)
  const [, ...drained] = await seqs()
  expect(await outbox()).toMatchObject([{ from_seq: drained[0], to_seq: drained.at(-1) }])
})

test('a file that arrives leaves a row of its own, once', async () => {
  const item = submissionOf(form)
  const { body } = await phone.post('/submissions/bulk', [item])
  await subscribe()
  const upload = () => {
    const file = new FormData()
    file.set('submission_id', body.accepted[0].id)
    file.set('field_id', 'note')
    file.set('file', new Blob(['bytes']), 'photo.jpg')
    return phone.request('POST', '/media/upload', { body: file })
  }
  expectStatus(201, await upload())
  const { seq } = (await env.DB.prepare('SELECT seq FROM media').first<{ seq: number }>())!
  await upload()
  expect(await outbox()).toEqual([{ id: seq, kind: 'media', from_seq: seq, to_seq: seq }])
})

test('a sync client pushes one record after the other: from the moment that somebody listens, each leaves a row', async () => {
  const { writer } = await openRepository(cast, CURRENT)
  const heard = async (name: string) => {
    const before = (await outbox()).length
    expect(await push(writer, [observation(name)])).toMatchObject({ success_count: 1 })
    return (await outbox()).length - before
  }
  expect([await heard('a'), await heard('b'), await heard('c')]).toEqual([0, 0, 0])
  await subscribe()
  expect([await heard('d'), await heard('e')]).toEqual([1, 1])
  await env.DB.exec('UPDATE webhooks SET is_active = 0')
  expect([await heard('f'), await heard('g')]).toEqual([0, 0])
  await env.DB.exec('UPDATE webhooks SET is_active = 1')
  expect(await heard('h')).toBe(1)
})
