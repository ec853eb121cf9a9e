// What webhooks tell, and whom: the events of forms, projects and the tenant, and what each of them says.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { expectStatus } from '../support/app.ts'
import { NOTE_FORM, publishAgain, publishForm, publishFormIn, submissionOf } from '../support/forms.ts'
import { type HookStage, startWithHooks } from '../support/webhooks.ts'

const LIFE = ['created', 'updated', 'deleted', 'restored', 'reviewed'].map((what) => `submission.${what}`)
const TENANT_EVENTS = ['device.paired', 'device.revoked', 'quarantine.added']
const PROJECT_URL = 'https://project.example.org/'

const addProjectHook = async ({ bruno, form }: HookStage, body: Record<string, unknown>) =>
  expectStatus(201, await bruno.post(`/projects/${form.projectId}/webhooks`, { url: PROJECT_URL, ...body })).body

test('the life of a submission is told state by state, each with its revision', async () => {
  const { addHook, bruno, chiara, deliver, form } = await startWithHooks()
  await addHook({ events: LIFE })
  const { id } = expectStatus(201, await bruno.post('/submissions', submissionOf(form))).body
  expectStatus(200, await bruno.patch(`/submissions/${id}`, { base_revision: 1, data: { note: 'two owls' } }))
  expectStatus(200, await bruno.post(`/submissions/${id}/review`, { state: 'approved' }))
  expectStatus(204, await bruno.delete(`/submissions/${id}`))
  expectStatus(200, await bruno.post(`/submissions/${id}/restore`))
  expectStatus(200, await chiara.post(`/submissions/${id}/erase`, { confirm: true }))
  // Told before the erasure, each state would have its answers; after it there is nothing left of them.
  expect((await deliver()).map(({ body }) => [body.type, body.revision, body.erased])).toEqual([
    ['submission.deleted', 4, false],
    ['submission.deleted', 6, true],
  ])

  const other = expectStatus(201, await bruno.post('/submissions', submissionOf(form))).body
  expectStatus(200, await bruno.patch(`/submissions/${other.id}`, { base_revision: 1, data: { note: 'two owls' } }))
  expectStatus(200, await bruno.post(`/submissions/${other.id}/review`, { state: 'approved' }))
  expectStatus(204, await bruno.delete(`/submissions/${other.id}`))
  expectStatus(200, await bruno.post(`/submissions/${other.id}/restore`))
  const arrived = await deliver()
  expect(arrived.map(({ body }) => [body.type, body.revision, body.data?.note, body.review_state])).toEqual([
    ['submission.created', 1, 'an owl', 'received'],
    ['submission.updated', 2, 'two owls', 'received'],
    ['submission.reviewed', 3, 'two owls', 'approved'],
    ['submission.deleted', 4, undefined, undefined],
    ['submission.restored', 5, 'two owls', 'approved'],
  ])
  const seqs = arrived.map(({ body }) => body.seq)
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
  expect(arrived[1]!.body.actor).toEqual({ kind: 'user', id: bruno.id })
})

test('what a webhook is told is what the API shows', async () => {
  const { addHook, bruno, deliver, form, pair } = await startWithHooks()
  await addHook()
  const phone = await pair(bruno)
  const data = { note: 'an owl', 'who?': [{ žaba: 1.5e300, quote: '"\\\u2028' }, null, true] }
  const item = {
    ...submissionOf(form, { data, collected_at: '2026-11-22T15:04:05.678+03:00' }),
    device_id: 'Nokia 3310',
  }
  expectStatus(200, await phone.post('/submissions/bulk', [item]))
  const [told] = await deliver()
  const shown = expectStatus(200, await bruno.get(`/submissions/${told!.body.id}`)).body
  const { type, created_at, seq, submission_id, project_id, actor, ...rest } = told!.body
  expect(shown).toMatchObject(rest)
  expect(rest.data).toEqual(data)
  expect(rest.device_id).toBe('Nokia 3310')
  expect([type, created_at, submission_id, project_id]).toEqual([
    'submission.created',
    shown.submitted_at,
    shown.id,
    form.projectId,
  ])
  expect(seq).toBeGreaterThan(0)
  expect(actor.kind).toBe('device')
})

test('a webhook gets the events that it asks for, and by default new submissions', async () => {
  const { addHook, bruno, deliver, events, form } = await startWithHooks()
  const hook = await addHook()
  expect(hook.events).toEqual(['submission.created'])
  const { id } = expectStatus(201, await bruno.post('/submissions', submissionOf(form))).body
  expectStatus(204, await bruno.delete(`/submissions/${id}`))
  await deliver()
  expect(events()).toEqual(['submission.created'])
  expectStatus(200, await bruno.patch(`/webhooks/${hook.id}`, { events: ['submission.restored'] }))
  expectStatus(200, await bruno.post(`/submissions/${id}/restore`))
  expectStatus(201, await bruno.post('/submissions', submissionOf(form)))
  await deliver()
  expect(events()).toEqual(['submission.created', 'submission.restored'])
})

test('a photo is told after its submission, a publication with its version', async () => {
  const { addHook, bruno, deliver, form } = await startWithHooks()
  await addHook({ events: ['submission.created', 'media.uploaded', 'form.published'] })
  const { id } = expectStatus(201, await bruno.post('/submissions', submissionOf(form))).body
  const upload = () => {
    const file = new FormData()
    file.set('submission_id', id)
    file.set('field_id', 'note')
    file.set('file', new Blob(['bytes']), 'owl.jpg')
    return bruno.request('POST', '/media/upload', { body: file })
  }
  const media = expectStatus(201, await upload()).body
  await upload()
  const fields = [...NOTE_FORM.fields, { id: 'more', type: 'text' }]
  const versionId = await publishAgain(bruno, form.id, { fields })
  const arrived = (await deliver()).map(({ body }) => body)
  // The photo waits for its submission, the form for neither.
  const bodies = ['submission.created', 'media.uploaded', 'form.published'].map((type) =>
    arrived.find((body) => body.type === type),
  )
  expect(arrived).toHaveLength(3)
  expect(arrived.indexOf(bodies[0])).toBeLessThan(arrived.indexOf(bodies[1]))
  expect(bodies[1]).toMatchObject({
    id: media.media_file_id,
    submission_id: id,
    form_id: form.id,
    field_id: 'note',
    filename: 'owl.jpg',
    size_bytes: 5,
  })
  expect(bodies[2]).toMatchObject({ id: form.id, form_id: form.id, version_id: versionId, version_num: 2 })
})

test('a file that belongs to no submission is told to nobody', async () => {
  const stage = await startWithHooks()
  const { addHook, bruno, deliver, deps, form } = stage
  await addHook({ events: ['media.uploaded'] })
  await addProjectHook(stage, { events: ['media.uploaded'] })
  const { id } = expectStatus(201, await bruno.post('/submissions', submissionOf(form))).body
  const file = new FormData()
  file.set('submission_id', id)
  file.set('field_id', 'note')
  file.set('file', new Blob(['bytes']), 'owl.jpg')
  expectStatus(201, await bruno.request('POST', '/media/upload', { body: file }))
  // As a protocol stores it whose attachments come before what they belong to.
  await deps.shard(0).prepare('UPDATE media SET submission_id = NULL, form_id = NULL').run()
  expect(await deliver()).toEqual([])
})

test("a project's webhook hears of all its forms, of later ones too, and of no other project", async () => {
  const stage = await startWithHooks()
  const { bruno, deliver, form } = stage
  const hook = await addProjectHook(stage, {})
  expect(hook).toMatchObject({ form_id: null, project_id: form.projectId })
  const later = await publishFormIn(bruno, form.projectId, NOTE_FORM, 'Later')
  const elsewhere = await publishForm(bruno, NOTE_FORM, 'Elsewhere')
  for (const one of [form, later, elsewhere]) expectStatus(201, await bruno.post('/submissions', submissionOf(one)))
  expect((await deliver()).map(({ body }) => body.form_id)).toEqual([form.id, later.id])
  expect((await bruno.get(`/projects/${form.projectId}/webhooks`)).body).toHaveLength(1)
  expect((await bruno.get(`/forms/${form.id}/webhooks`)).body).toEqual([])
})

test('devices and quarantine are told to webhooks of projects, by those who may see them', async () => {
  const stage = await startWithHooks()
  const { amina, bruno, chiara, deliver, form, pair } = stage
  await addProjectHook(stage, { events: TENANT_EVENTS })
  const phone = await pair(bruno, 'red phone')
  const [device] = (await chiara.get('/settings/mobile/devices')).body
  const strange = { form_version_id: '00000000-0000-4000-8000-000000000000', local_uuid: 'strange', data: { a: 1 } }
  expectStatus(200, await phone.post('/submissions/bulk', [strange]))
  expectStatus(200, await phone.post('/submissions/bulk', [strange]))
  expectStatus(204, await chiara.delete(`/settings/mobile/devices/${device.id}`))
  const bodies = (await deliver()).map(({ body }) => body)
  const [quarantined] = (await chiara.get('/quarantine')).body.items
  expect(bodies).toMatchObject([
    { type: 'device.paired', id: device.id, label: 'red phone', user_id: bruno.id },
    { type: 'quarantine.added', id: quarantined.id, reason: 'version_unknown', device_id: device.id },
    { type: 'device.revoked', id: device.id, actor: { kind: 'user', id: chiara.id } },
  ])
  expect(JSON.stringify(bodies)).not.toContain('strange')

  const onForm = await bruno.post(`/forms/${form.id}/webhooks`, { url: PROJECT_URL, events: ['device.paired'] })
  expect(onForm.status).toBe(422)
  // A manager of this project alone does not see the tenant's devices.
  const memberships = [{ project_id: form.projectId, role: 'manager' }]
  expectStatus(200, await chiara.patch(`/users/${amina.id}`, { memberships }))
  const ask = (events: string[]) => amina.post(`/projects/${form.projectId}/webhooks`, { url: PROJECT_URL, events })
  expect((await ask(['device.paired'])).status).toBe(403)
  expectStatus(201, await ask(['form.published']))
})

test('test data, what happened before, and what others do is not told', async () => {
  const { addHook, bruno, dario, deliver, form, as, nobody } = await startWithHooks()
  await addHook({ url: 'https://early.example.org/' })
  expectStatus(201, await bruno.post('/submissions', submissionOf(form)))
  // Not yet expanded when the second webhook is made.
  await addHook({ url: 'https://late.example.org/' })
  const token = expectStatus(200, await bruno.post('/settings/mobile/pairing-token', { mode: 'test' })).body.token
  const paired = expectStatus(200, await nobody.post('/mobile/pair', { token, device_label: 'tester' })).body
  const tester = as({ authorization: `Bearer ${paired.device_token}` })
  expectStatus(200, await tester.post('/submissions/bulk', [submissionOf(form)]))
  const theirs = await publishForm(dario, NOTE_FORM, 'Theirs')
  expectStatus(201, await dario.post('/submissions', submissionOf(theirs)))
  expect((await deliver()).map(({ url }) => url)).toEqual(['https://early.example.org/'])
})

test('answers over 1 MB are a link, which is the same at every attempt and dies with the answers', async () => {
  const { addHook, advance, answer, bruno, chiara, deliver, form, nobody } = await startWithHooks()
  await addHook()
  answer(() => new Response(null, { status: 500 }))
  const large = { note: 'owl '.repeat(300_000) }
  const middling = { note: 'fox '.repeat(100_000) }
  const { id } = expectStatus(201, await bruno.post('/submissions', submissionOf(form, { data: large }))).body
  expectStatus(201, await bruno.post('/submissions', submissionOf(form, { data: middling })))
  const [first, second] = await deliver()
  expect(second!.body.data).toEqual(middling)
  expect(first!.body).toMatchObject({ id, data: null, data_bytes: JSON.stringify(large).length })
  const { data_url } = first!.body
  expect(data_url).toMatch(/^http:\/\/fieldpost\.test\/api\/v1\/links\//)
  // The base of links is another one by now.
  expectStatus(200, await chiara.put('/settings/mobile/server-url', { server_url: 'https://forms.example.org' }))
  advance(33_000)
  const again = (await deliver()).find(({ body }) => body.id === id)
  expect(again!.text).toBe(first!.text)
  const path = data_url.slice(data_url.indexOf('/links/'))
  const followed = expectStatus(200, await nobody.get(path))
  expect(followed.body).toEqual(large)
  expect((await nobody.get(`${path.slice(0, -4)}AAAA`)).status).toBe(404)
  expectStatus(200, await chiara.post(`/submissions/${id}/erase`, { confirm: true }))
  expect((await nobody.get(path)).status).toBe(404)
  const { results } = await env.DB.prepare('SELECT body FROM webhook_deliveries WHERE body IS NOT NULL').all()
  expect(results).toEqual([])
})

test('what many submissions go through at once is told one by one', async () => {
  const { addHook, bruno, deliver, events, form } = await startWithHooks()
  await addHook({ events: ['submission.created', 'submission.reviewed'] })
  const batch = Array.from({ length: 100 }, () => submissionOf(form))
  for (let n = 0; n < 3; n++)
    expectStatus(
      200,
      await bruno.post(
        '/submissions/bulk',
        batch.map((item) => ({ ...item, local_uuid: `${n}-${item.local_uuid}` })),
      ),
    )
  const action = { action: 'review', state: 'approved', filter: { form_id: form.id } }
  expectStatus(200, await bruno.post('/submissions/bulk-actions', action))
  await deliver()
  const count = (event: string) => events().filter((one) => one === event).length
  expect([count('submission.created'), count('submission.reviewed')]).toEqual([300, 300])
})
