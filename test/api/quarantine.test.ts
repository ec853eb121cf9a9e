// Quarantine: what could not be stored is found, read byte for byte, sent through again, or discarded.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, nextLocalUuid, publishForm, submissionOf } from '../support/forms.ts'
import { all, counts, history, sent } from '../support/life.ts'

const UNKNOWN = '11111111-1111-4111-8111-111111111111'

async function start() {
  const cast = await makeCast()
  const form = await publishForm(cast.bruno, NOTE_FORM)
  const phone = await cast.pair(cast.bruno, 'Phone')
  return { ...cast, form, phone }
}

type World = Awaited<ReturnType<typeof start>>

/** Sends something that can't be stored and returns its row. */
async function keep({ bruno, phone }: World, item: unknown) {
  const { body } = expectStatus(200, await phone.post('/submissions/bulk', [item]))
  expect(body.errors).toHaveLength(1)
  return expectStatus(200, await bruno.get('/quarantine?limit=1')).body.items[0]
}

const replay = (world: World, id: string, json: unknown = {}) => world.bruno.post(`/quarantine/${id}/replay`, json)

test('a payload is listed with its reason and read byte for byte', async () => {
  const world = await start()
  const { bruno, phone } = world
  const raw = `{ "form_version_id":"${UNKNOWN}",\n\t"local_uuid": "a-1", "data": {"note" : "é — 🦉"}  }`
  const send = () =>
    phone.request('POST', '/submissions/bulk', { body: `[${raw}]`, headers: { 'content-type': 'application/json' } })
  expectStatus(200, await send())
  expectStatus(200, await send())
  const list = expectStatus(200, await bruno.get('/quarantine'))
  expect(list.body).toMatchObject({
    items: [{ state: 'open', reason: 'version_unknown', protocol: 'native', arrivals: 2, settled_at: null }],
    cursor: null,
    has_more: false,
  })
  const { id } = list.body.items[0]
  expect((await bruno.get(`/quarantine/${id}`)).body).toEqual(list.body.items[0])
  const body = expectStatus(200, await bruno.get(`/quarantine/${id}/body`))
  expect(body.text).toBe(raw)
  expect(body.headers.get('content-type')).toBe('application/json')
  expect(body.headers.get('content-disposition')).toContain(`attachment; filename="${id}.json"`)
  expect(body.headers.get('x-content-type-options')).toBe('nosniff')
})

test('a large payload is read back from the object storage', async () => {
  const world = await start()
  const item = submissionOf(world.form, { data: { note: 'n'.repeat(300_000) } })
  const kept = await keep(world, { ...item, form_version_id: UNKNOWN })
  expect((await env.MEDIA.list()).objects).toHaveLength(1)
  const body = expectStatus(200, await world.bruno.get(`/quarantine/${kept.id}/body`))
  expect(JSON.parse(body.text)).toEqual({ ...item, form_version_id: UNKNOWN })
})

test('lists filter by state, reason and device, and page by cursor', async () => {
  const world = await start()
  const { bruno, form, phone, pair } = world
  const second = await pair(bruno, 'Second')
  for (let n = 0; n < 5; n++) await keep(world, { ...submissionOf(form), form_version_id: UNKNOWN })
  expectStatus(200, await second.post('/submissions/bulk', ['not an object']))
  expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
  const ids = async (query: string) =>
    expectStatus(200, await bruno.get(`/quarantine?${query}`)).body.items.map(({ id }: { id: string }) => id)
  const all = await ids('')
  expect(all).toHaveLength(6)
  expect(await ids('reason=item_invalid')).toEqual([all[0]])
  const { device_id } = (await bruno.get(`/quarantine/${all[0]}`)).body
  expect(await ids(`device_id=${device_id}`)).toEqual([all[0]])
  expectStatus(200, await bruno.post(`/quarantine/${all[2]}/discard`, { reason: 'test' }))
  expect(await ids('state=discarded')).toEqual([all[2]])
  expect(await ids('state=open')).toEqual(all.toSpliced(2, 1))
  const seen: string[] = []
  let path = '/quarantine?limit=2'
  for (let page = 0; page < 3; page++) {
    const { items, cursor, has_more } = (await bruno.get(path)).body
    seen.push(...items.map(({ id }: { id: string }) => id))
    expect(has_more).toBe(page < 2)
    path = `/quarantine?limit=2&cursor=${cursor}`
  }
  expect(seen).toEqual(all)
  expect((await bruno.get('/quarantine?cursor=made-up')).status).toBe(422)
})

test('a replay with the right version stores it for the device that sent it, once', async () => {
  const world = await start()
  const { bruno, form } = world
  const item = submissionOf(form)
  const kept = await keep(world, { ...item, form_version_id: UNKNOWN })
  const still = expectStatus(200, await replay(world, kept.id))
  expect(still.body).toMatchObject({ outcome: 'rejected', code: 'version_unknown', submission_id: null })
  expect((await bruno.get(`/quarantine/${kept.id}`)).body.state).toBe('open')
  const done = expectStatus(200, await replay(world, kept.id, { form_version_id: form.versionId }))
  expect(done.body).toMatchObject({ outcome: 'created', error: null })
  const stored = expectStatus(200, await bruno.get(`/submissions/${done.body.submission_id}`)).body
  expect(stored).toMatchObject({ local_uuid: item.local_uuid, data: item.data, user_id: bruno.id })
  expect(await history(bruno, stored.id)).toMatchObject([{ actor: { kind: 'device', label: 'Phone' } }])
  expect((await bruno.get(`/quarantine/${kept.id}`)).body).toMatchObject({
    state: 'replayed',
    submission_id: stored.id,
    settled_by: bruno.id,
  })
  expect(await replay(world, kept.id)).toMatchObject({ status: 409, body: { code: 'quarantined_settled' } })
  expect(await counts()).toEqual({ counted: 1, there: 1 })
  expect(await all(`SELECT subject_id FROM audit_log WHERE action = 'quarantine.replayed'`)).toEqual([
    { subject_id: kept.id },
  ])
  expect(await all('SELECT id FROM quarantine')).toHaveLength(1)
})

test('a replay of what has come home meanwhile is a duplicate', async () => {
  const world = await start()
  const { bruno, form } = world
  const item = submissionOf(form)
  const kept = await keep(world, { ...item, form_version_id: UNKNOWN })
  const home = await sent(bruno, form, { local_uuid: item.local_uuid })
  const done = await replay(world, kept.id, { form_version_id: form.versionId })
  expect(done.body).toMatchObject({ outcome: 'duplicate', submission_id: home.id })
  expect((await bruno.get(`/submissions/${home.id}`)).body.user_id).toBe(bruno.id)
})

test('faulty answers are stored with issues, as from a phone', async () => {
  const world = await start()
  const kept = await keep(world, { form_version_id: UNKNOWN, local_uuid: nextLocalUuid(), data: { note: 7 } })
  const done = await replay(world, kept.id, { form_version_id: world.form.versionId })
  expect(done.body.outcome).toBe('created')
  expect((await world.bruno.get(`/submissions/${done.body.submission_id}`)).body.issues).toHaveLength(1)
})

test('a payload without a name is stored once, however often it is replayed', async () => {
  const world = await start()
  const kept = await keep(world, { form_version_id: UNKNOWN, data: { note: 'nameless' } })
  // The replay stopped before it was written down.
  const first = await replay(world, kept.id, { form_version_id: world.form.versionId })
  await env.DB.prepare(`UPDATE quarantine SET state = 'open' WHERE id = ?`).bind(kept.id).run()
  const second = await replay(world, kept.id, { form_version_id: world.form.versionId })
  expect(first.body.outcome).toBe('created')
  expect(second.body).toMatchObject({ outcome: 'duplicate', submission_id: first.body.submission_id })
})

test('the payload of a device that is revoked is still its own; of one that is gone, the system stores it', async () => {
  const world = await start()
  const { bruno, chiara, form } = world
  const kept = await keep(world, { ...submissionOf(form), form_version_id: UNKNOWN })
  const [device] = (await chiara.get('/settings/mobile/devices')).body
  expectStatus(204, await chiara.delete(`/settings/mobile/devices/${device.id}`))
  const done = await replay(world, kept.id, { form_version_id: form.versionId })
  expect(await history(bruno, done.body.submission_id)).toMatchObject([{ actor: { kind: 'device', id: device.id } }])
  await env.DB.prepare(
    `INSERT INTO quarantine (tenant_id, id, seq, credential, sha256, protocol, content_type, body, size_bytes, reason,
       message, device_id, received_at_ms)
     SELECT tenant_id, ?2, 99, 'device:x', 'x', 'native', 'application/json', ?1, 1, 'version_unknown', 'm', ?3, 0 FROM forms`,
  )
    .bind(JSON.stringify(submissionOf(form)), UNKNOWN, UNKNOWN)
    .run()
  const orphan = await replay(world, UNKNOWN)
  expect(orphan.body.outcome).toBe('created')
  expect(await history(bruno, orphan.body.submission_id)).toMatchObject([{ actor: { kind: 'system' } }])
})

test('what is no JSON, or came by a protocol without a reader here, stays open and says so', async () => {
  const world = await start()
  const insert = (id: string, protocol: string, body: string) =>
    env.DB.prepare(
      `INSERT INTO quarantine (tenant_id, id, seq, credential, sha256, protocol, content_type, body, size_bytes, reason,
         message, received_at_ms)
       SELECT tenant_id, ?1, 99, ?1, ?1, ?2, 'text/plain', ?3, 1, 'r', 'm', 0 FROM forms`,
    )
      .bind(id, protocol, body)
      .run()
  await insert(UNKNOWN, 'native', '{broken')
  const other = UNKNOWN.replaceAll('1', '2')
  await insert(other, 'carrier-pigeon', '{}')
  for (const id of [UNKNOWN, other]) {
    expect((await replay(world, id)).body).toMatchObject({ outcome: 'rejected', code: 'item_invalid' })
    expect((await world.bruno.get(`/quarantine/${id}`)).body.state).toBe('open')
  }
})

test('discarding needs a reason, is audited, and keeps the bytes', async () => {
  const world = await start()
  const { bruno, form } = world
  const kept = await keep(world, { ...submissionOf(form), form_version_id: UNKNOWN })
  const path = `/quarantine/${kept.id}`
  expect((await bruno.post(`${path}/discard`, {})).status).toBe(422)
  expectStatus(200, await bruno.post(`${path}/discard`, { reason: 'a test of the phone' }))
  expect((await bruno.get(path)).body).toMatchObject({
    state: 'discarded',
    settled_note: 'a test of the phone',
    settled_at: '2026-11-23T08:00:00Z',
  })
  expect((await bruno.get(`${path}/body`)).status).toBe(200)
  expect((await bruno.post(`${path}/discard`, { reason: 'again' })).status).toBe(409)
  expect(await all(`SELECT details FROM audit_log WHERE action = 'quarantine.discarded'`)).toEqual([
    { details: '{"reason":"a test of the phone"}' },
  ])
})

test('field workers and other tenants see none of it', async () => {
  const world = await start()
  const { amina, dario, form } = world
  const kept = await keep(world, { ...submissionOf(form), form_version_id: UNKNOWN })
  expect((await amina.get('/quarantine')).status).toBe(403)
  expect((await dario.get('/quarantine')).body.items).toEqual([])
  for (const path of [`/quarantine/${kept.id}`, `/quarantine/${kept.id}/body`]) {
    expect((await amina.get(path)).status).toBe(403)
    expect((await dario.get(path)).status).toBe(404)
  }
})

test('the dashboard counts what there is', async () => {
  const world = await start()
  const { amina, advance, bruno, dario, form, logIn, phone } = world
  const one = await sent(amina, form)
  await sent(amina, form)
  expectStatus(204, await bruno.delete(`/submissions/${one.id}`))
  expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form, { data: { note: 7 } })]))
  await keep(world, { ...submissionOf(form), form_version_id: UNKNOWN })
  const discarded = await keep(world, 'not an object')
  expectStatus(200, await bruno.post(`/quarantine/${discarded.id}/discard`, { reason: 'x' }))
  const figures = {
    submissions: 2,
    submissions_today: 2,
    with_issues: 1,
    quarantine_open: 1,
    webhooks_stopped: 0,
    devices_seen_24h: 1,
  }
  expect((await bruno.get('/dashboard/summary')).body).toEqual(figures)
  expect((await amina.get('/dashboard/summary')).status).toBe(403)
  expect((await dario.get('/dashboard/summary')).body).toMatchObject({ submissions: 0, quarantine_open: 0 })
  advance(25 * 3_600_000)
  const tomorrow = await logIn(bruno.email, bruno.password)
  expect((await tomorrow.get('/dashboard/summary')).body).toEqual({
    ...figures,
    submissions_today: 0,
    devices_seen_24h: 0,
  })
})
