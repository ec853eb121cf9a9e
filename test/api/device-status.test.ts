// What a device says it still holds, and what the server has from it.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { evict, ring } from '../support/intake.ts'
import { takeAway } from '../support/weather.ts'

let cast: Cast
let form: PublishedForm
let phone: Device
let id: string

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
  phone = await cast.pair(cast.bruno)
  id = (await cast.chiara.get('/settings/mobile/devices')).body[0].id
})

afterEach(() => {
  vi.restoreAllMocks()
})

const status = async () => expectStatus(200, await cast.bruno.get(`/devices/${id}/status`)).body

test('a device that never said anything has no report', async () => {
  expect(await status()).toEqual({
    last_seen_at: null,
    app_version: null,
    server: { submissions: 0, media: 0, last_submission_at: null, quarantined: 0 },
    device: null,
    waiting_here: 0,
  })
})

test('the report stands beside what the server has, and survives an eviction', async () => {
  await phone.post('/submissions/bulk', [submissionOf(form), submissionOf(form), 'no object'])
  const report = { pending_submissions: 3, pending_media: 2, oldest_pending_at: '2026-11-20T10:00:00+03:00' }
  expectStatus(204, await phone.post('/mobile/status', { ...report, app_version: '2.1' }))
  await evict(`device:${id}`)
  expect(await status()).toEqual({
    last_seen_at: '2026-11-23T08:00:00Z',
    app_version: '2.1',
    server: { submissions: 2, media: 0, last_submission_at: '2026-11-23T08:00:00Z', quarantined: 1 },
    device: {
      pending_submissions: 3,
      pending_media: 2,
      oldest_pending_at: '2026-11-20T07:00:00Z',
      reported_at: '2026-11-23T08:00:00Z',
    },
    waiting_here: 0,
  })
  const [listed] = (await cast.chiara.get('/settings/mobile/devices')).body
  await vi.waitFor(async () =>
    expect((await cast.chiara.get('/settings/mobile/devices')).body[0].app_version).toBe('2.1'),
  )
  expect(listed.id).toBe(id)
})

test('while D1 is away the report is taken all the same, and what waits is counted', async () => {
  await phone.post('/submissions/bulk', [submissionOf(form)])
  const end = takeAway('both')
  expect((await phone.post('/submissions/bulk', [submissionOf(form), submissionOf(form)])).body.accepted).toHaveLength(
    2,
  )
  expectStatus(204, await phone.post('/mobile/status', { pending_submissions: 0, pending_media: 1 }))
  end()
  cast.advance(5_000)
  expect(await status()).toMatchObject({ waiting_here: 2, server: { submissions: 1 }, device: { pending_media: 1 } })
  await ring(`device:${id}`)
  expect(await status()).toMatchObject({ waiting_here: 0, server: { submissions: 3 } })
})

describe('who may', () => {
  test('read: managers, and the one whom the device acts for', async () => {
    const own = await cast.pair(cast.bruno)
    expectStatus(200, await cast.chiara.patch(`/settings/mobile/devices/${id}`, { user_id: cast.amina.id }))
    expect((await cast.amina.get(`/devices/${id}/status`)).status).toBe(200)
    const other = (await cast.chiara.get('/settings/mobile/devices')).body.find((device: any) => device.id !== id)
    expect((await cast.amina.get(`/devices/${other.id}/status`)).status).toBe(404)
    expect((await cast.dario.get(`/devices/${id}/status`)).status).toBe(404)
    expect((await cast.chiara.get('/devices/no-uuid/status')).status).toBe(404)
    expect((await own.get(`/devices/${id}/status`)).status).toBe(401)
  })

  test('report: devices only, with numbers that can be', async () => {
    expect((await cast.amina.post('/mobile/status', { pending_submissions: 0, pending_media: 0 })).status).toBe(401)
    expect((await phone.post('/mobile/status', { pending_submissions: -1, pending_media: 0 })).status).toBe(422)
    expect((await phone.post('/mobile/status', { pending_submissions: 1 })).status).toBe(422)
  })
})

test('presence reaches the directory at most once a minute', async () => {
  const update = vi.spyOn(env.DB, 'prepare')
  const touches = () => update.mock.calls.filter(([sql]) => /^update "devices"/i.test(sql)).length
  for (let i = 0; i < 5; i++) await phone.post('/submissions/bulk', [submissionOf(form)])
  expect(touches()).toBe(1)
  cast.advance(61_000)
  await phone.post('/submissions/bulk', [submissionOf(form)])
  expect(touches()).toBe(2)
})
