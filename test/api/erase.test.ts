// Erasing: nothing of the person is left, whatever was there and wherever it stops; an id stays, and stays dead.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { sweep } from '../../src/background/sweep.ts'
import { expectStatus, makeCast, startApp } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { publishForm, submissionOf } from '../support/forms.ts'
import { all, counts, edit, history, rowOf } from '../support/life.ts'
import { filePart, upload } from '../support/media.ts'
import { powerCutAfter } from '../support/power-cut.ts'

const NAME = 'Mariama the unforgettable'

/** A submission with everything that a submission can have, all of it about one person, and one about somebody else. */
async function start() {
  const cast = await makeCast()
  const { amina, bruno } = cast
  const form = await publishForm(bruno, fixtureS)
  const item = submissionOf(form, { data: { ...validAnswersS, full_name: NAME } })
  const id: string = expectStatus(201, await amina.post('/submissions', { ...item, device_id: NAME })).body.id
  const other = submissionOf(form, { data: validAnswersS })
  const otherId: string = expectStatus(201, await amina.post('/submissions', other)).body.id
  const mediaId: string = expectStatus(201, await upload(amina, item.local_uuid, filePart(NAME, `${NAME}.jpg`))).body
    .media_file_id
  expectStatus(201, await upload(amina, other.local_uuid, filePart('somebody else')))
  const addr = { city: 'Dakar', street: NAME.repeat(20_000) }
  expectStatus(200, await edit(bruno, id, { base_revision: 1, changes: { set: { addr } } }))
  expectStatus(200, await edit(bruno, id, { base_revision: 2, changes: { set: { age: 41 } } }))
  expectStatus(201, await bruno.post(`/submissions/${id}/comments`, { body: `Ask ${NAME} again` }))
  const [{ tenant }] = (await all('SELECT tenant_id AS tenant FROM forms')) as [{ tenant: string }]
  await env.DB.prepare(
    `INSERT INTO spatial_answers (tenant_id, form_id, submission_id, path, kind, min_lon, min_lat, max_lon, max_lat)
     VALUES (?, ?, ?, 'gps', 'point', 1, 1, 1, 1)`,
  )
    .bind(tenant, form.id, id)
    .run()
  await env.MEDIA.put(`${tenant}/exports/e/1`, NAME)
  await env.DB.prepare(
    `INSERT INTO export_jobs (tenant_id, id, form_id, format, filters, state, volumes, until_seq, actor_kind, protocol,
       created_at_ms, updated_at_ms, expires_at_ms) VALUES (?, 'e', ?, 'csv', '{}', 'done', ?, 1, 'user', 'native', 0, 0, 9e12)`,
  )
    .bind(tenant, form.id, JSON.stringify([{ objectKey: `${tenant}/exports/e/1` }]))
    .run()
  // Came before the submission itself, with a version that nobody knew; and once unreadable, but with its name in it.
  await quarantine(tenant, 'q1', JSON.stringify({ local_uuid: item.local_uuid.toUpperCase(), data: NAME }), null)
  await env.MEDIA.put(`${tenant}/quarantine/q2`, NAME)
  await quarantine(tenant, 'q2', null, id)
  await quarantine(tenant, 'q3', JSON.stringify({ local_uuid: other.local_uuid }), null)
  return { ...cast, form, item, id, otherId, mediaId, tenant }
}

const quarantine = (tenant: string, id: string, body: string | null, submissionId: string | null) =>
  env.DB.prepare(
    `INSERT INTO quarantine (tenant_id, id, seq, credential, sha256, protocol, content_type, body, body_key, size_bytes,
       reason, message, received_at_ms, submission_id)
     VALUES (?1, ?2, 1, 'user:x', ?2, 'native', 'application/json', ?3, ?4, 1, 'version_unknown', 'm', 0, ?5)`,
  )
    .bind(tenant, id, body, body === null ? `${tenant}/quarantine/${id}` : null, submissionId)
    .run()

/** Where in the database or the object storage the person can still be found. */
async function traces(): Promise<string[]> {
  const found: string[] = []
  const tables = await all(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'`)
  for (const { name } of tables)
    for (const row of await all(`SELECT * FROM "${name}"`))
      if (JSON.stringify(row).includes('unforgettable')) found.push(name)
  for (const { key } of (await env.MEDIA.list()).objects)
    if ((await (await env.MEDIA.get(key))!.text()).includes('unforgettable')) found.push(key)
  return found
}

const epoch = async () => (await all(`SELECT data_epoch AS n FROM tenants WHERE slug = 'default'`))[0]!.n as number

test('nothing of the person is left anywhere, and nothing of others is touched', async () => {
  const { amina, bruno, chiara, id, item, mediaId, otherId } = await start()
  expect((await traces()).length).toBeGreaterThan(7)
  const before = { row: await rowOf(id), other: await rowOf(otherId), epoch: await epoch() }
  expect((await chiara.post(`/submissions/${id}/erase`, { confirm: true, reason: 'asked to' })).status).toBe(200)
  expect(await traces()).toEqual([])
  const row = await rowOf(id)
  expect(row).toMatchObject({ id, form_id: item.form_id, created_seq: before.row.created_seq, revision: 4 })
  expect(row.seq).toBeGreaterThan(before.row.seq)
  expect(row.deleted_at_ms).toBe(row.erased_at_ms)
  expect(await epoch()).toBeGreaterThan(before.epoch)
  expect(await counts()).toEqual({ counted: 1, there: 1 })
  expect(await rowOf(otherId)).toEqual(before.other)
  expect((await amina.get(`/submissions/${otherId}`)).body.media_files).toHaveLength(1)
  expect(await all('SELECT id FROM quarantine')).toEqual([{ id: 'q3' }])
  expect(await all('SELECT * FROM erasures')).toEqual([])
  expect((await chiara.get(`/submissions/${id}`)).status).toBe(404)
  expect((await chiara.get(`/media/${mediaId}`)).status).toBe(404)
  expect((await bruno.get('/submissions?deleted=true')).body).toEqual([])
  expect((await chiara.post(`/submissions/${id}/restore`)).status).toBe(404)
  expect(await history(chiara, id)).toMatchObject([
    { revision: 4, change: 'erase', diff: [] },
    { revision: 3, change: 'edit', diff: [] },
    { revision: 2, change: 'edit', diff: [] },
    { revision: 1, change: 'create', diff: [] },
  ])
  expect((await chiara.get(`/submissions/${id}/revisions/2`)).body).toMatchObject({ revision: 2, data: null })
  expect(await all(`SELECT details FROM audit_log WHERE action = 'submission.erased'`)).toEqual([
    { details: '{"reason":"asked to"}' },
  ])
})

test("a phone's retry can't bring the answers back, alone, in bulk, or as a photo", async () => {
  const { amina, chiara, id, item } = await start()
  expectStatus(200, await chiara.post(`/submissions/${id}/erase`, { confirm: true }))
  expect((await amina.post('/submissions', item)).body).toMatchObject({ status: 'ignored', id })
  const bulk = await amina.post('/submissions/bulk', [item, { ...item, form_version_id: 'gone' }])
  expect(bulk.body).toMatchObject({ accepted: [], ignored: [{ id }, { id }], errors: [] })
  expect((await upload(amina, item.local_uuid, filePart(NAME))).status).toBe(404)
  expect((await edit(chiara, id, { base_revision: 4, data: validAnswersS })).status).toBe(404)
  expect(await traces()).toEqual([])
})

test('erasing from the trash, and erasing twice, count once', async () => {
  const { chiara, id } = await start()
  expectStatus(204, await chiara.delete(`/submissions/${id}`))
  const deletedAt = (await rowOf(id)).deleted_at_ms
  expectStatus(200, await chiara.post(`/submissions/${id}/erase`, { confirm: true }))
  expectStatus(200, await chiara.post(`/submissions/${id}/erase`, { confirm: true }))
  expect(await rowOf(id)).toMatchObject({ revision: 5, deleted_at_ms: deletedAt })
  expect(await counts()).toEqual({ counted: 1, there: 1 })
  expect(await traces()).toEqual([])
})

test('a name that a client made up from a person goes, too', async () => {
  const { amina, chiara, form } = await start()
  const item = submissionOf(form, { data: validAnswersS, local_uuid: `${NAME} 1` })
  const { id } = expectStatus(201, await amina.post('/submissions', item)).body
  expectStatus(200, await chiara.post(`/submissions/${id}/erase`, { confirm: true }))
  expect(await rowOf(id)).toMatchObject({ local_uuid: id })
  expect((await amina.post('/submissions', item)).body).toMatchObject({ status: 'ignored', id })
})

test('only an admin erases, and only when it is confirmed', async () => {
  const { amina, bruno, chiara, dario, id } = await start()
  for (const caller of [amina, bruno])
    expect((await caller.post(`/submissions/${id}/erase`, { confirm: true })).status).toBe(403)
  expect((await dario.post(`/submissions/${id}/erase`, { confirm: true })).status).toBe(404)
  for (const body of [{}, { confirm: false }, { confirm: 'true' }])
    expect((await chiara.post(`/submissions/${id}/erase`, body)).status).toBe(422)
  expect((await rowOf(id)).erased_at_ms).toBeNull()
})

test('an erasure that stops after any step is either not begun, or unreadable at once and finished by the sweep', async () => {
  const { advance, chiara, deps, id } = await start()
  let stops = 0
  let begun = false
  for (let operations = 0; ; operations++) {
    expect(operations).toBeLessThan(100)
    const { deps: broken, wasCut } = powerCutAfter(deps, operations)
    if (begun) {
      advance(120_000)
      await sweep(broken)
    } else {
      const crashing = startApp({ deps: broken }).as({ authorization: `Bearer ${chiara.accessToken}` })
      await crashing.post(`/submissions/${id}/erase`, { confirm: true })
    }
    const row = await rowOf(id)
    begun = row.erased_at_ms !== null
    if (begun) {
      expect(row).toMatchObject({ data: null, data_key: null, submitted_by_label: null })
      expect(await all('SELECT * FROM submission_revisions WHERE data IS NOT NULL OR data_key IS NOT NULL')).toEqual([])
      expect(await all('SELECT * FROM submission_comments')).toEqual([])
    } else {
      expect((await traces()).length).toBeGreaterThan(7)
    }
    const open = await all('SELECT * FROM erasures')
    // As long as anything is left, it is on the list of what is to be removed.
    if (begun && open.length === 0) {
      expect(await traces()).toEqual([])
      break
    }
    if (wasCut()) stops++
  }
  expect(stops).toBeGreaterThan(6)
})
