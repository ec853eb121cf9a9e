// What phones are offered: case 111 of the native contract, ETags, assigned projects, test devices.
import { expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast, type User } from '../support/app.ts'
import { NOTE_FORM, nextLocalUuid, publishAgain, publishFormIn } from '../support/forms.ts'

const projectOf = async (by: User, body: Record<string, unknown>): Promise<string> =>
  expectStatus(201, await by.post('/projects', body)).body.id

/** A device that acts for somebody else than who made the token. */
async function pairFor({ bruno, nobody, as }: Cast, user: { id: string }, mode = 'live'): Promise<Device> {
  const made = expectStatus(200, await bruno.post('/settings/mobile/pairing-token', { user_id: user.id, mode }))
  const paired = expectStatus(200, await nobody.post('/mobile/pair', { token: made.body.token }))
  const token: string = paired.body.device_token
  return { ...as({ authorization: `Bearer ${token}` }), token }
}

const namesFor = async (device: Device): Promise<string[]> =>
  expectStatus(200, await device.get('/mobile/forms'))
    .body.map((form: any) => form.name)
    .sort()

test('case 111: a device is offered the published forms, ready to be filled in', async () => {
  const cast = await makeCast()
  const { amina, bruno } = cast
  const project = await projectOf(bruno, { name: 'Survey' })
  const live = await publishFormIn(bruno, project, NOTE_FORM, 'Live')
  expectStatus(201, await bruno.post('/forms', { project_id: project, name: 'Draft', schema: NOTE_FORM }))
  const device = await pairFor(cast, amina)
  const { body } = expectStatus(200, await device.get('/mobile/forms'))
  const fields = NOTE_FORM.fields.map((field) => ({ ...field, uid: expect.any(String) }))
  const schema = { version: 1, title: 'Live', fields }
  expect(body).toEqual([
    {
      id: live.id,
      name: 'Live',
      key: 'live',
      project_id: project,
      project_name: 'Survey',
      version_num: 1,
      version_id: live.versionId,
      published_at: '2026-11-23T08:00:00Z',
      draft: false,
      schema,
      schema_json: schema,
    },
  ])
  const item = { form_version_id: body[0].version_id, local_uuid: nextLocalUuid(), data: { note: 'an owl' } }
  expect((await device.post('/submissions/bulk', [item])).body.accepted).toHaveLength(1)

  expect((await bruno.get('/mobile/forms')).status).toBe(401)
  expect((await cast.nobody.get('/mobile/forms')).status).toBe(401)
  const asOldClient = cast.as({ 'x-device-token': device.token })
  expect((await asOldClient.get('/mobile/forms')).body).toEqual(body)
})

test('what has not changed is not sent again, what has changed is', async () => {
  const cast = await makeCast()
  const { bruno, advance } = cast
  const project = await projectOf(bruno, { name: 'Survey' })
  const form = await publishFormIn(bruno, project, NOTE_FORM, 'Owls')
  const device = await pairFor(cast, bruno)
  const first = expectStatus(200, await device.get('/mobile/forms'))
  const etag = first.headers.get('etag')!
  expect(etag).toMatch(/^"[^"]+"$/)
  expect(first.headers.get('cache-control')).toBe('private, no-cache')
  const known = () => device.get('/mobile/forms', { 'if-none-match': etag })
  for (const wait of [0, 60_000]) {
    advance(wait)
    const same = await known()
    expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', etag])
  }
  // Each of these shows at once where it was made, whatever is remembered.
  const changes = [
    () => publishAgain(bruno, form.id, { fields: [{ id: 'other', type: 'text' }] }),
    () => bruno.put(`/forms/${form.id}`, { name: 'Night owls' }),
    () => bruno.patch(`/projects/${project}`, { name: 'Birds' }),
    () => bruno.post(`/forms/${form.id}/archive`),
  ]
  const seen = new Set([etag])
  for (const change of changes) {
    await change()
    const { headers } = expectStatus(200, await known())
    expect(seen.has(headers.get('etag')!)).toBe(false)
    seen.add(headers.get('etag')!)
  }
})

test('a remembered offer costs no read of the database', async () => {
  const cast = await makeCast()
  const project = await projectOf(cast.bruno, { name: 'Survey' })
  await publishFormIn(cast.bruno, project, NOTE_FORM, 'Owls')
  const device = await pairFor(cast, cast.amina)
  const first = expectStatus(200, await device.get('/mobile/forms'))
  // No bookmark is sent for a request that never asked the database.
  expect(first.headers.get('x-d1-bookmark')).toBeTruthy()
  const second = expectStatus(200, await device.get('/mobile/forms'))
  expect(second.headers.get('x-d1-bookmark')).toBeNull()
  expect(second.text).toBe(first.text)
})

test('forms of an assigned project are offered to its members and to managers', async () => {
  const cast = await makeCast()
  const { amina, bruno, chiara, logIn } = cast
  const open = await projectOf(bruno, { name: 'Open' })
  const closed = await projectOf(bruno, { name: 'Closed', form_access: 'assigned' })
  await publishFormIn(bruno, open, NOTE_FORM, 'For all')
  const assigned = await publishFormIn(bruno, closed, NOTE_FORM, 'For some')
  const account = { email: 'fatou@example.org', password: 'fatou-password' }
  expectStatus(
    201,
    await chiara.post('/users', { ...account, memberships: [{ project_id: closed, role: 'field_worker' }] }),
  )
  const fatou = await logIn(account.email, account.password)
  const aminas = await pairFor(cast, amina)
  expect(await namesFor(aminas)).toEqual(['For all'])
  expect(await namesFor(await pairFor(cast, fatou))).toEqual(['For all', 'For some'])
  expect(await namesFor(await pairFor(cast, bruno))).toEqual(['For all', 'For some'])

  // What is offered limits nothing that a phone still holds.
  const held = { form_version_id: assigned.versionId, local_uuid: nextLocalUuid(), data: { note: 'held' } }
  expect((await aminas.post('/submissions/bulk', [held])).body.accepted).toHaveLength(1)

  expectStatus(200, await bruno.patch(`/projects/${closed}`, { form_access: 'everyone' }))
  expect(await namesFor(aminas)).toEqual(['For all', 'For some'])
})

test('a test device tries drafts, a live one never sees them', async () => {
  const cast = await makeCast()
  const { amina, bruno } = cast
  const project = await projectOf(bruno, { name: 'Survey' })
  const form = await publishFormIn(bruno, project, NOTE_FORM, 'Owls')
  expectStatus(200, await bruno.put(`/forms/${form.id}`, { schema: { fields: [{ id: 'next', type: 'text' }] } }))
  await publishFormIn(bruno, project, NOTE_FORM, 'Foxes')
  expectStatus(201, await bruno.post('/forms', { project_id: project, name: 'New', schema: NOTE_FORM }))
  const shown = async (mode: string) => {
    const { body } = expectStatus(200, await (await pairFor(cast, amina, mode)).get('/mobile/forms'))
    return body.map((offer: any) => [offer.name, offer.version_num, offer.draft, offer.published_at !== null]).sort()
  }
  expect(await shown('live')).toEqual([
    ['Foxes', 1, false, true],
    ['Owls', 1, false, true],
  ])
  expect(await shown('test')).toEqual([
    ['Foxes', 1, false, true],
    ['New', 1, true, false],
    ['Owls', 2, true, false],
  ])
})

test('a draft is tried on a phone: paired for it, offered each state of it, and what it sends stays apart', async () => {
  const { bruno, nobody, as } = await makeCast()
  const project = await projectOf(bruno, { name: 'Survey' })
  const made = await bruno.post('/forms', { project_id: project, name: 'Wells', schema: NOTE_FORM })
  const { id } = expectStatus(201, made).body
  const { token } = expectStatus(200, await bruno.post('/settings/mobile/pairing-token', { mode: 'test' })).body
  const paired = expectStatus(200, await nobody.post('/mobile/pair', { token })).body
  expect(paired.mode).toBe('test')
  const phone = as({ authorization: `Bearer ${paired.device_token}` })
  const offered = async () =>
    expectStatus(200, await phone.get('/mobile/forms')).body.find((form: any) => form.id === id)
  expect(await offered()).toMatchObject({ draft: true, schema: { fields: [{ id: 'note' }] } })
  expectStatus(200, await bruno.put(`/forms/${id}`, { schema: { fields: [{ id: 'depth', type: 'integer' }] } }))
  const { version_id, draft, schema } = await offered()
  expect([draft, schema.fields[0].id]).toEqual([true, 'depth'])

  const item = { form_version_id: version_id, local_uuid: nextLocalUuid(), data: { depth: 12 } }
  expect((await phone.post('/submissions/bulk', [item])).body.accepted).toHaveLength(1)
  const listed = async (mode: string) =>
    expectStatus(200, await bruno.get(`/submissions?form_id=${id}&mode=${mode}`)).body.length
  expect([await listed('live'), await listed('test')]).toEqual([0, 1])
})

test('another tenant is offered its own forms only', async () => {
  const cast = await makeCast()
  const project = await projectOf(cast.bruno, { name: 'Survey' })
  await publishFormIn(cast.bruno, project, NOTE_FORM, 'Ours')
  expect(await namesFor(await cast.pair(cast.dario))).toEqual([])
})
