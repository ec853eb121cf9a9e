// Managing webhooks and looking at what they were sent: changing, pausing, testing, other secrets, sending again; and
// what becomes of deliveries that nobody wants any more.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { sweep } from '../../src/background/sweep.ts'
import { deliveryIdOf, seqOfDeliveryId, type WebhookId } from '../../src/lib/ids.ts'
import { expectStatus } from '../support/app.ts'
import { NOTE_FORM, publishAgain, publishFormIn, submissionOf } from '../support/forms.ts'
import { runJobs } from '../support/full-form.ts'
import { HOOK_URL, type HookStage, type Received, startWithHooks } from '../support/webhooks.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

const send = async ({ bruno, form }: HookStage, note = 'an owl'): Promise<string> =>
  expectStatus(201, await bruno.post('/submissions', submissionOf(form, { data: { note } }))).body.id

const listOf = async ({ chiara, logIn }: HookStage, hook: { id: string }, query = '') => {
  const admin = await logIn(chiara.email, chiara.password)
  return expectStatus(200, await admin.get(`/webhooks/${hook.id}/deliveries?${query}`)).body
}

const isSignedBy = (secret: string, { headers, text }: Received): boolean => {
  const at = new Date(Number(headers.get('webhook-timestamp')) * 1000)
  const signature = new Webhook(secret).sign(headers.get('webhook-id')!, at, text)
  return headers.get('webhook-signature')!.split(' ').includes(signature)
}

test('a paused webhook keeps what happens, an inactive one does not', async () => {
  const stage = await startWithHooks()
  const { addHook, bruno, deliver } = stage
  const paused = await addHook({ url: 'https://paused.example.org/' })
  const inactive = await addHook({ url: 'https://inactive.example.org/' })
  await addHook({ url: 'https://born.example.org/', active: false })
  const pause = await bruno.post(`/webhooks/${paused.id}/pause`)
  expect(pause.body).toMatchObject({ is_active: true, stopped_by: 'user', paused_at: '2026-11-23T08:00:00Z' })
  expect((await bruno.patch(`/webhooks/${inactive.id}`, { active: false })).body).toMatchObject({ is_active: false })
  await send(stage)
  expect(await deliver()).toEqual([])
  expectStatus(200, await bruno.patch(`/webhooks/${inactive.id}`, { active: true }))
  expect((await bruno.post(`/webhooks/${paused.id}/resume`)).body).toMatchObject({ stopped_by: null, paused_at: null })
  expect((await deliver()).map(({ url }) => url)).toEqual(['https://paused.example.org/'])
})

test('a webhook goes where its new address says, what waits included', async () => {
  const stage = await startWithHooks()
  const { addHook, advance, answer, bruno, deliver } = stage
  const hook = await addHook({ description: 'To the map' })
  answer(() => new Response(null, { status: 404 }))
  await send(stage)
  await deliver()
  const url = 'https://moved.example.org/here'
  expect((await bruno.patch(`/webhooks/${hook.id}`, { url })).body).toMatchObject({ url, description: 'To the map' })
  expect((await bruno.patch(`/webhooks/${hook.id}`, { url: 'http://10.0.0.1/' })).status).toBe(422)
  expect((await bruno.patch(`/webhooks/${hook.id}`, {})).body.url).toBe(url)
  advance(33_000)
  expect((await deliver()).map((one) => one.url)).toEqual([url])
})

test('addresses that we do not send to are refused, and the operator can allow them', async () => {
  const { bruno, form, addHook } = await startWithHooks({ settings: { WEBHOOK_ALLOW_HOSTS: 'box.lan, 10.0.0.7:8080' } })
  const refused = [
    'http://hooks.example.org/',
    'https://user:pass@hooks.example.org/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://[::ffff:169.254.169.254]/',
    'https://fieldpost.test/api/v1/health',
    'https://10.0.0.7/',
    'ftp://hooks.example.org/',
    `https://hooks.example.org/${'x'.repeat(2100)}`,
  ]
  for (const url of refused) {
    const { status, body } = await bruno.post(`/forms/${form.id}/webhooks`, { url })
    expect([status, body.code, body.detail?.[0]?.loc], url).toEqual([422, 'body_invalid', ['body', 'url']])
  }
  for (const url of ['http://box.lan/in', 'https://10.0.0.7:8080/', 'https://hooks.example.org'])
    expect((await addHook({ url })).url).toBe(new URL(url).href)
})

test('a secret can be made by the server, is shown once, and is followed by another with a day of both', async () => {
  const stage = await startWithHooks()
  const { addHook, advance, bruno, chiara, deliver, logIn } = stage
  const made = await addHook({ generate_secret: true })
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  const read = await bruno.get(`/webhooks/${made.id}`)
  expect(read.body).toMatchObject({ signed: true, previous_secret_until: null })
  expect(read.text).not.toContain(made.secret)
  const rotated = expectStatus(200, await bruno.post(`/webhooks/${made.id}/rotate-secret`, { secret: SECRET }))
  expect(rotated.text).not.toContain(SECRET)
  expect(rotated.body.previous_secret_until).toBe('2026-11-24T08:00:00Z')
  await send(stage)
  const [both] = await deliver()
  expect(both!.headers.get('webhook-signature')!.split(' ')).toHaveLength(2)
  expect([made.secret, SECRET].map((secret) => isSignedBy(secret, both!))).toEqual([true, true])

  advance(DAY)
  const admin = await logIn(chiara.email, chiara.password)
  const again = submissionOf(stage.form)
  expectStatus(201, await admin.post('/submissions', again))
  const [one] = await deliver()
  expect([made.secret, SECRET].map((secret) => isSignedBy(secret, one!))).toEqual([false, true])
  const last = expectStatus(200, await admin.post(`/webhooks/${made.id}/rotate-secret`)).body
  expect(last.secret).toMatch(/^whsec_/)
  const neither = { url: HOOK_URL, secret: 'mine', generate_secret: true }
  expect((await admin.post(`/forms/${stage.form.id}/webhooks`, neither)).status).toBe(422)
})

test('a test is sent once, before all that waits, and not by a webhook that is stopped', async () => {
  const stage = await startWithHooks()
  const { addHook, answer, bruno, deliver, received } = stage
  const hook = await addHook({ secret: SECRET })
  answer(() => new Response('I am not a teapot', { status: 404 }))
  for (let n = 0; n < 7; n++) await send(stage)
  const asked = expectStatus(202, await bruno.post(`/webhooks/${hook.id}/test`)).body
  expect(asked).toMatchObject({ event: 'webhook.test', state: 'pending', attempts: [] })
  await deliver()
  expect(received.slice(0, 6).map(({ body }) => body.type)).toContain('webhook.test')
  const path = `/webhooks/${hook.id}/deliveries/${asked.id}`
  expect((await bruno.get(path)).body).toMatchObject({
    state: 'dead',
    attempts: [{ status: 404, answer: 'I am not a teapot' }],
  })
  const [arrived] = received.filter(({ body }) => body.type === 'webhook.test')
  expect(arrived!.headers.get('x-questbee-event')).toBe('webhook.test')
  expect(isSignedBy(SECRET, arrived!)).toBe(true)
  expectStatus(200, await bruno.post(`/webhooks/${hook.id}/pause`))
  expect((await bruno.post(`/webhooks/${hook.id}/test`)).body).toMatchObject({ code: 'webhook_stopped' })
})

test('deliveries are listed newest first, by state, event and time, page by page', async () => {
  const stage = await startWithHooks()
  const { addHook, advance, answer, bruno, deliver } = stage
  const hook = await addHook({ events: ['submission.created', 'submission.deleted'] })
  answer(({ body }) => new Response(null, { status: body.data?.note === 'bad' ? 500 : 200 }))
  const first = await send(stage)
  await send(stage, 'bad')
  await deliver()
  advance(60_000)
  expectStatus(204, await bruno.delete(`/submissions/${first}`))
  await deliver()
  const all = (await listOf(stage, hook)).items
  expect(all.map((one: any) => [one.event, one.state])).toEqual([
    ['submission.deleted', 'delivered'],
    ['submission.created', 'failed'],
    ['submission.created', 'delivered'],
  ])
  expect(all[2]).toMatchObject({ subject_id: first, revision: 1, attempts_made: 1, created_at: '2026-11-23T08:00:00Z' })
  const ids = async (query: string) => (await listOf(stage, hook, query)).items.map(({ id }: any) => id)
  expect(await ids('state=failed')).toEqual([all[1].id])
  expect(await ids('event=submission.created')).toEqual([all[1].id, all[2].id])
  expect(await ids('since=2026-11-23T08:00:30Z')).toEqual([all[0].id])
  const paged: string[] = []
  for (let cursor = ''; ; ) {
    const page = await listOf(stage, hook, `limit=1${cursor && `&cursor=${cursor}`}`)
    paged.push(...page.items.map(({ id }: any) => id))
    expect(page.has_more).toBe(page.cursor !== null)
    if (!page.has_more) break
    cursor = page.cursor
  }
  expect(paged).toEqual(all.map(({ id }: any) => id))
  expect((await bruno.get(`/webhooks/${hook.id}/deliveries?cursor=nonsense`)).status).toBe(422)
})

test('of an answer the first kilobyte is kept, whatever it is', async () => {
  const stage = await startWithHooks()
  const { addHook, answer, bruno, deliver } = stage
  const hook = await addHook()
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(700).fill(0x61)) })
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('broke off')) })
  const bodies = [endless, broken, new Uint8Array([0, 0xff, 0x41])]
  answer(({ body }) => new Response(bodies[Number(body.data.note)]))
  for (const note of ['0', '1', '2']) await send(stage, note)
  await deliver()
  const { items } = await listOf(stage, hook)
  const answers = await Promise.all(
    items.map(async ({ id }: any) => (await bruno.get(`/webhooks/${hook.id}/deliveries/${id}`)).body.attempts[0]),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(answers.map(({ answer }) => answer)).toEqual(['\ufffd\ufffdA', null, 'a'.repeat(1024)])
})

test('a delivery is sent again with its id and its bytes, whatever became of it', async () => {
  const stage = await startWithHooks()
  const { addHook, bruno, deliver, received } = stage
  const hook = await addHook()
  await send(stage)
  await deliver()
  const [{ id }] = (await listOf(stage, hook)).items
  const again = expectStatus(202, await bruno.post(`/webhooks/${hook.id}/deliveries/${id}/redeliver`)).body
  expect(again).toMatchObject({ id, state: 'pending', attempts_made: 0, attempts: [{ status: 204 }] })
  await deliver()
  expect(received).toHaveLength(2)
  expect(received[1]!.text).toBe(received[0]!.text)
  expect(received[1]!.headers.get('webhook-id')).toBe(id)
  const { body } = await bruno.get(`/webhooks/${hook.id}/deliveries/${id}`)
  expect(body).toMatchObject({ state: 'delivered', attempts_made: 1 })
  expect(body.attempts).toHaveLength(2)
})

test('all that failed since a time is sent again, what waits for its next attempt included', async () => {
  const stage = await startWithHooks()
  const { addHook, advance, answer, chiara, deliver, logIn, received } = stage
  const hook = await addHook()
  answer(() => new Response(null, { status: 500 }))
  await send(stage, 'long ago')
  await deliver()
  for (let n = 0; n < 8; n++) {
    advance(60 * HOUR)
    await deliver()
  }
  const admin = await logIn(chiara.email, chiara.password)
  const since = new Date(stage.now()).toISOString()
  for (const note of ['one', 'two'])
    expectStatus(201, await admin.post('/submissions', submissionOf(stage.form, { data: { note } })))
  await deliver()
  expect((await listOf(stage, hook)).items.map(({ state }: any) => state)).toEqual(['failed', 'failed', 'dead'])
  answer(() => new Response(null, { status: 200 }))
  received.length = 0
  expect((await admin.post(`/webhooks/${hook.id}/redeliver-failed`, { since })).body).toEqual({ count: 2 })
  await deliver()
  expect(received.map(({ body }) => body.data.note).sort()).toEqual(['one', 'two'])
  const ever = { since: '2026-01-01T00:00:00Z' }
  expect((await admin.post(`/webhooks/${hook.id}/redeliver-failed`, ever)).body).toEqual({ count: 1 })
  await deliver()
  expect((await listOf(stage, hook, 'state=delivered')).items).toHaveLength(3)
})

test('what no message told is found by the sweep', async () => {
  const stage = await startWithHooks()
  const { addHook, advance, answer, bruno, deliver, deps, events, form, jobs, routes } = stage
  await addHook({ events: ['form.published'] })
  await publishAgain(bruno, form.id, { fields: [...NOTE_FORM.fields, { id: 'more', type: 'text' }] })
  // The queue has lost it; but first it is left some time.
  jobs.length = 0
  await sweep(deps)
  expect(jobs).toEqual([])
  advance(60_000)
  await sweep(deps)
  expect(jobs).toMatchObject([{ kind: 'expand-outbox' }])
  answer(() => new Response(null, { status: 500 }))
  await deliver()
  expect(events()).toEqual(['form.published'])
  // The courier has forgotten it.
  routes.clear()
  await sweep(deps)
  expect(routes.size).toBe(0)
  advance(33_000)
  await sweep(deps)
  expect(await deliver()).toHaveLength(1)
})

test('deliveries are kept for 30 days; a deleted webhook takes its own with it', async () => {
  const stage = await startWithHooks()
  const { addHook, advance, answer, bruno, deliver, deps } = stage
  const kept = await addHook({ url: 'https://kept.example.org/' })
  const deleted = await addHook({ url: 'https://deleted.example.org/' })
  answer(({ url }) => new Response(null, { status: url.includes('kept') ? 200 : 500 }))
  await send(stage)
  await deliver()
  expectStatus(204, await bruno.delete(`/webhooks/${deleted.id}`))
  await sweep(deps)
  const rows = async () =>
    (await env.DB.prepare('SELECT webhook_id AS id FROM webhook_deliveries').all<{ id: string }>()).results
  expect(await rows()).toEqual([{ id: kept.id }])
  expect((await env.DB.prepare('SELECT id FROM webhooks').all()).results).toEqual([{ id: kept.id }])
  advance(31 * DAY)
  await sweep(deps)
  expect(await rows()).toEqual([])
})

test('a form that is deleted takes along what webhooks were told of it, of its project too', async () => {
  const stage = await startWithHooks()
  const { addHook, answer, bruno, chiara, deliver, deps, form, jobs } = stage
  const events = ['submission.created', 'submission.updated', 'media.uploaded']
  await addHook({ events })
  const url = 'https://project.example.org/'
  const hook = expectStatus(201, await bruno.post(`/projects/${form.projectId}/webhooks`, { url, events })).body
  const other = await publishFormIn(bruno, form.projectId, NOTE_FORM, 'Another')
  answer(({ text }) => new Response(text))
  const id = await send(stage, 'Mrs Otieno')
  expectStatus(200, await bruno.patch(`/submissions/${id}`, { base_revision: 1, data: { note: 'Mr Otieno' } }))
  const file = new FormData()
  file.set('submission_id', id)
  file.set('field_id', 'note')
  file.set('file', new Blob(['bytes']), 'otieno.jpg')
  expectStatus(201, await bruno.request('POST', '/media/upload', { body: file }))
  const kept = expectStatus(201, await bruno.post('/submissions', submissionOf(other))).body
  expect(await deliver()).toHaveLength(7)
  // One more that is under way: it is told to nobody.
  answer(() => new Response(null, { status: 500 }))
  await send(stage, 'Ms Otieno')
  await deliver()
  expectStatus(204, await chiara.delete(`/forms/${form.id}`))
  stage.advance(600_000)
  await runJobs(deps, jobs)
  expect(await deliver()).toEqual([])
  const rows = await env.DB.prepare('SELECT webhook_id, subject_id FROM webhook_deliveries').all()
  expect(rows.results).toEqual([{ webhook_id: hook.id, subject_id: kept.id }])
})

test('a project and a form have at most 50 webhooks each', async () => {
  const { addHook, bruno, form } = await startWithHooks()
  for (let n = 0; n < 50; n++) await addHook({ url: `${HOOK_URL}/${n}` })
  const { body } = await bruno.post(`/forms/${form.id}/webhooks`, { url: HOOK_URL })
  expect(body).toMatchObject({ code: 'too_many_webhooks' })
  const list = (await bruno.get(`/forms/${form.id}/webhooks`)).body
  expect(list).toHaveLength(50)
  expect(list[0].url).toBe(`${HOOK_URL}/49`)
})

test("nobody sees another tenant's webhooks, and a field worker none", async () => {
  const { addHook, amina, dario } = await startWithHooks()
  const { id } = await addHook()
  expect((await dario.get(`/webhooks/${id}`)).status).toBe(404)
  expect((await dario.post(`/webhooks/${id}/redeliver-failed`, { since: '2026-01-01T00:00:00Z' })).status).toBe(404)
  expect((await amina.get(`/webhooks/${id}`)).status).toBe(403)
})

test('the id of a delivery tells its seq to its webhook alone', () => {
  const uuid = fc.uuid() as fc.Arbitrary<WebhookId>
  fc.assert(
    fc.property(uuid, uuid, fc.integer({ min: 1, max: 2 ** 47 }), (hook, other, seq) => {
      const id = deliveryIdOf(hook, seq)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(seqOfDeliveryId(hook, id)).toBe(seq)
      if (hook !== other) expect(seqOfDeliveryId(other, id)).toBeNull()
    }),
  )
})
