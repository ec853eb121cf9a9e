// Webhooks as people manage them. Cases 93 to 98 of the native contract; what is delivered, and when, is
// webhook-deliveries.test.ts and webhook-retries.test.ts.
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { expectStatus } from '../support/app.ts'
import { NOTE_FORM, publishFormIn, submissionOf } from '../support/forms.ts'
import { HOOK_URL, startWithHooks } from '../support/webhooks.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'

test('case 93: managers create webhooks, field workers do not; what is no address or no form is refused', async () => {
  const { amina, bruno, form } = await startWithHooks()
  const path = `/forms/${form.id}/webhooks`
  expect((await amina.post(path, { url: HOOK_URL })).status).toBe(403)
  const made = expectStatus(201, await bruno.post(path, { url: HOOK_URL, secret: 'between us' }))
  expect(made.body).toMatchObject({ url: HOOK_URL, is_active: true, created_at: '2026-11-23T08:00:00Z' })
  expect(made.body.id).toMatch(/^[0-9a-f-]{36}$/)
  expect(made.text).not.toContain('between us')
  expect((await bruno.post(path, { url: 'notaurl' })).status).toBe(422)
  expect((await bruno.post(`/forms/${UNKNOWN}/webhooks`, { url: HOOK_URL })).status).toBe(404)
  expect((await bruno.get(`/forms/${UNKNOWN}/webhooks`)).status).toBe(404)
})

test('case 94: a new submission is told once, with all its answers: single, in bulk, headless', async () => {
  const { addHook, addKey, bruno, chiara, deliver, form } = await startWithHooks()
  await addHook()
  const single = submissionOf(form, { data: { note: 'a heron', extra: { seen: [1, 2] } } })
  expectStatus(201, await bruno.post('/submissions', single))
  const bulk = [submissionOf(form), submissionOf(form, { data: { note: 'two owls' } })]
  expectStatus(200, await bruno.post('/submissions/bulk', bulk))
  const key = await addKey(chiara)
  expectStatus(201, await key.post('/headless/submit', { form_id: form.id, data: { note: 'a fox' } }))
  const arrived = await deliver()
  expect(arrived.map(({ body }) => body.data)).toEqual([
    single.data,
    { note: 'an owl' },
    { note: 'two owls' },
    { note: 'a fox' },
  ])
  expect(arrived[0]!.body).toMatchObject({
    type: 'submission.created',
    form_id: form.id,
    form_version_id: form.versionId,
    version_num: 1,
    local_uuid: single.local_uuid,
    submitted_by_email: bruno.email,
    submitted_at: '2026-11-23T08:00:00Z',
    collected_at: null,
    device_id: null,
    media_files: [],
  })
  expect(arrived[0]!.body.submission_id).toBe(arrived[0]!.body.id)
  // Replays are nothing new (case 42).
  expectStatus(201, await bruno.post('/submissions', single))
  expectStatus(200, await bruno.post('/submissions/bulk', bulk))
  expect(await deliver()).toEqual([])
})

test('case 95: the event is in a header; a secret signs the exact bytes, and without one nothing is signed', async () => {
  const { addHook, bruno, deliver, form } = await startWithHooks()
  await addHook({ secret: 'schlüssel' })
  await addHook()
  expectStatus(201, await bruno.post('/submissions', submissionOf(form, { data: { note: 'żaba 🐸' } })))
  const arrived = await deliver()
  const [signed] = arrived.filter(({ headers }) => headers.has('x-questbee-signature'))
  const [unsigned] = arrived.filter((one) => one !== signed)
  expect(arrived).toHaveLength(2)
  for (const { headers } of arrived) {
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('x-questbee-event')).toBe('submission.created')
  }
  const mac = createHmac('sha256', 'schlüssel').update(signed!.text, 'utf8').digest('hex')
  expect(signed!.headers.get('x-questbee-signature')).toBe(`sha256=${mac}`)
  expect([...unsigned!.headers.keys()].filter((name) => name.includes('signature'))).toEqual([])
  expect(unsigned!.text).toBe(signed!.text)
})

test('case 97: a deleted webhook is sent nothing more, and is gone', async () => {
  const { addHook, advance, answer, bruno, deliver, form, received } = await startWithHooks()
  const hook = await addHook()
  const other = await publishFormIn(bruno, form.projectId, NOTE_FORM, 'Another')
  answer(() => new Response(null, { status: 500 }))
  expectStatus(201, await bruno.post('/submissions', submissionOf(form)))
  await deliver()
  expect(received).toHaveLength(1)
  expect((await bruno.delete(`/forms/${other.id}/webhooks/${hook.id}`)).status).toBe(404)
  expectStatus(204, await bruno.delete(`/forms/${form.id}/webhooks/${hook.id}`))
  advance(600_000)
  expect(await deliver()).toEqual([])
  expect((await bruno.delete(`/forms/${form.id}/webhooks/${hook.id}`)).status).toBe(404)
  expect((await bruno.get(`/webhooks/${hook.id}`)).body.detail).toBe('Webhook not found')
})

test('all webhooks are listed in pages: for managers of the tenant, and for those of a project its own', async () => {
  const { addHook, addUser, bruno, chiara, dario, form, amina } = await startWithHooks()
  const ids: string[] = [(await addHook()).id]
  const other = expectStatus(201, await bruno.post('/projects', { name: 'Other' }))
  const second = await publishFormIn(bruno, other.body.id, NOTE_FORM, 'Second')
  for (const path of [`/projects/${form.projectId}/webhooks`, `/forms/${second.id}/webhooks`])
    ids.unshift(expectStatus(201, await bruno.post(path, { url: HOOK_URL })).body.id)

  const first = expectStatus(200, await bruno.get('/webhooks?limit=2'))
  expect(first.body).toMatchObject({ items: [{ id: ids[0] }, { id: ids[1] }], has_more: true })
  const rest = expectStatus(200, await bruno.get(`/webhooks?limit=2&cursor=${first.body.cursor}`))
  expect(rest.body).toMatchObject({ items: [{ id: ids[2] }], has_more: false, cursor: null })

  const leader = await addUser(chiara, 'leader@example.org', 'field_worker')
  const memberships = [{ project_id: form.projectId, role: 'manager' }]
  expectStatus(200, await chiara.patch(`/users/${leader.id}`, { memberships }))
  const seen = expectStatus(200, await leader.get('/webhooks'))
  expect(seen.body.items.map(({ id }: { id: string }) => id)).toEqual([ids[1], ids[2]])
  expectStatus(403, await amina.get('/webhooks'))
  expect(expectStatus(200, await dario.get('/webhooks')).body.items).toEqual([])

  expectStatus(204, await chiara.delete(`/forms/${second.id}`))
  const left = expectStatus(200, await bruno.get('/webhooks'))
  expect(left.body.items.map(({ id }: { id: string }) => id)).toEqual([ids[1], ids[2]])
})
