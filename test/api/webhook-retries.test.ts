// What happens when a receiver does not take what it is sent: when it is tried again, how often, with which bytes, and
// whom it delays.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { deliverDue, MAX_PER_ROUND } from '../../src/domain/webhooks/deliver.ts'
import { expandOutbox } from '../../src/domain/webhooks/expand.ts'
import type { WebhookId } from '../../src/lib/ids.ts'
import { expectStatus } from '../support/app.ts'
import { submissionOf } from '../support/forms.ts'
import { runJobs } from '../support/full-form.ts'
import { tenantIdOf } from '../support/intake.ts'
import { powerCutAfter } from '../support/power-cut.ts'
import { type HookStage, startWithHooks } from '../support/webhooks.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** The pauses that are promised after each attempt but the last. */
const PAUSES = [30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, 48 * HOUR]
const JITTER = 0.1

const status = (code: number, headers?: Record<string, string>) => () => new Response('no', { status: code, headers })

/** Chiara, whatever the time: her session of the beginning has ended long ago. */
const admin = ({ chiara, logIn }: HookStage) => logIn(chiara.email, chiara.password)

const deliveriesOf = async (stage: HookStage, hook: { id: string }, query = '') =>
  expectStatus(200, await (await admin(stage)).get(`/webhooks/${hook.id}/deliveries?${query}`)).body.items

const detailOf = async (stage: HookStage, hook: { id: string }) => {
  const [{ id }] = await deliveriesOf(stage, hook)
  return expectStatus(200, await (await admin(stage)).get(`/webhooks/${hook.id}/deliveries/${id}`)).body
}

const send = async (stage: HookStage, note = 'an owl'): Promise<string> =>
  expectStatus(201, await stage.bruno.post('/submissions', submissionOf(stage.form, { data: { note } }))).body.id

test('case 96: a receiver that always fails gets all eight attempts of the schedule, with one id and one body', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook({ secret: 'between us' })
  stage.answer(status(500))
  await send(stage)
  expect(await stage.deliver()).toHaveLength(1)
  for (const pause of PAUSES) {
    stage.advance(pause - SECOND)
    expect(await stage.deliver(), `before ${pause} ms`).toEqual([])
    stage.advance(SECOND + pause * JITTER)
    expect(await stage.deliver(), `after ${pause} ms`).toHaveLength(1)
  }
  stage.advance(1000 * HOUR)
  expect(await stage.deliver()).toEqual([])

  expect(stage.received).toHaveLength(8)
  expect(new Set(stage.received.map(({ headers }) => headers.get('webhook-id'))).size).toBe(1)
  expect(new Set(stage.received.map(({ text }) => text)).size).toBe(1)
  const times = stage.received.map(({ headers }) => Number(headers.get('webhook-timestamp')))
  expect(times).toEqual(stage.received.map(({ atMs }) => Math.floor(atMs / 1000)))

  const detail = await detailOf(stage, hook)
  expect(detail).toMatchObject({ state: 'dead', reason: 'attempts', attempts_made: 8, next_attempt_at: null })
  expect(detail.id).toBe(stage.received[0]!.headers.get('webhook-id'))
  expect(detail.attempts).toHaveLength(8)
  expect(detail.attempts[0]).toEqual({ at: '2026-11-23T08:00:00Z', status: 500, ms: 0, answer: 'no', error: null })
  const notices = (await (await admin(stage)).get('/audit?action=webhook.delivery_dead')).body.items
  expect(notices).toMatchObject([{ subject_id: hook.id, actor_kind: 'system', details: { count: 1 } }])
})

test('case 96: a receiver that takes it at the second attempt gets two', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook()
  stage.answer(status(503))
  await send(stage)
  await stage.deliver()
  expect((await detailOf(stage, hook)).state).toBe('failed')
  stage.answer(status(201))
  stage.advance(33 * SECOND)
  await stage.deliver()
  stage.advance(100 * HOUR)
  await stage.deliver()
  expect(stage.received).toHaveLength(2)
  expect(await detailOf(stage, hook)).toMatchObject({ state: 'delivered', reason: null, attempts_made: 2 })
})

test('case 96: a redirect is a failure, and is not followed', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook()
  stage.answer(status(302, { location: 'https://elsewhere.example.org/' }))
  await send(stage)
  await stage.deliver()
  expect(stage.received).toHaveLength(1)
  expect(await detailOf(stage, hook)).toMatchObject({ state: 'failed', attempts: [{ status: 302 }] })
})

test('case 98: a receiver that never answers does not delay the sender', async () => {
  const stage = await startWithHooks()
  await stage.addHook()
  const { promise, resolve } = Promise.withResolvers<Response>()
  stage.answer(() => promise)
  const first = await send(stage)
  const delivering = stage.deliver()
  await expect.poll(() => stage.received.length).toBe(1)
  // The request is under way, and nobody waits for it.
  const second = await send(stage)
  expect(second).not.toBe(first)
  resolve(new Response('at last'))
  await delivering
})

test('no connection is a failure with its reason', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook()
  stage.answer(() => {
    throw new TypeError('Network connection lost.')
  })
  await send(stage)
  await stage.deliver()
  const { attempts } = await detailOf(stage, hook)
  expect(attempts).toMatchObject([{ status: null, answer: null, error: 'Network connection lost.' }])
})

test('a receiver may ask for more patience than planned, not for less, and not for ever', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook()
  stage.answer(status(429, { 'retry-after': '3600' }))
  await send(stage)
  await stage.deliver()
  stage.advance(HOUR - SECOND)
  expect(await stage.deliver()).toEqual([])
  stage.answer(status(429, { 'retry-after': '1' }))
  stage.advance(SECOND + HOUR * JITTER)
  expect(await stage.deliver()).toHaveLength(1)
  stage.advance(2 * MINUTE - SECOND)
  expect(await stage.deliver()).toEqual([])
  stage.answer(status(503, { 'retry-after': '999999999' }))
  stage.advance(MINUTE)
  expect(await stage.deliver()).toHaveLength(1)
  const { next_attempt_at } = await detailOf(stage, hook)
  const pause = Date.parse(next_attempt_at) - stage.now()
  expect(pause).toBeGreaterThanOrEqual(48 * HOUR)
  expect(pause).toBeLessThanOrEqual(48 * HOUR * (1 + JITTER))
})

test('410 Gone ends the webhook, and says so', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook()
  stage.answer(status(410))
  await send(stage)
  await stage.deliver()
  expect(await detailOf(stage, hook)).toMatchObject({ state: 'dead', reason: 'gone' })
  expect((await stage.bruno.get(`/webhooks/${hook.id}`)).body).toMatchObject({ is_active: false, stopped_by: 'gone' })
  expect((await stage.chiara.get('/audit?action=webhook.disabled')).body.items).toMatchObject([{ subject_id: hook.id }])
  await send(stage)
  expect(await stage.deliver()).toEqual([])
})

test('every attempt has the same bytes, though the submission was edited and deleted meanwhile', async () => {
  const stage = await startWithHooks()
  await stage.addHook()
  stage.answer(status(500))
  const id = await send(stage, 'as it was')
  await stage.deliver()
  expectStatus(200, await stage.bruno.patch(`/submissions/${id}`, { base_revision: 1, data: { note: 'as it is' } }))
  expectStatus(204, await stage.bruno.delete(`/submissions/${id}`))
  stage.answer(status(200))
  stage.advance(33 * SECOND)
  await stage.deliver()
  const [first, second] = stage.received
  expect(second!.text).toBe(first!.text)
  expect(second!.body).toMatchObject({ data: { note: 'as it was' }, revision: 1, type: 'submission.created' })
})

test('what was erased between attempts is sent no more, and nothing of it is kept', async () => {
  const stage = await startWithHooks()
  const events = ['submission.created', 'submission.deleted']
  const hook = await stage.addHook({ events })
  stage.answer(({ text }) => new Response(`I cannot store ${text}`, { status: 500 }))
  const id = await send(stage, 'Mrs Otieno')
  await stage.deliver()
  expect((await detailOf(stage, hook)).attempts[0].answer).toContain('Otieno')
  expectStatus(200, await stage.chiara.post(`/submissions/${id}/erase`, { confirm: true }))
  stage.answer(status(200))
  stage.advance(33 * SECOND)
  const arrived = await stage.deliver()
  expect(arrived.map(({ body }) => body)).toMatchObject([{ type: 'submission.deleted', id, erased: true }])
  expect(arrived[0]!.text).not.toContain('Otieno')
  const [, created] = await deliveriesOf(stage, hook)
  expect(created).toMatchObject({ event: 'submission.created', state: 'dead', reason: 'erased' })
  const { results } = await env.DB.prepare('SELECT * FROM webhook_deliveries').all()
  expect(JSON.stringify(results)).not.toContain('Otieno')
  const path = `/webhooks/${hook.id}/deliveries/${created.id}/redeliver`
  expect((await stage.chiara.post(path)).body).toMatchObject({ code: 'delivery_erased' })
})

test('an edit waits until the receiver has the submission; other submissions do not', async () => {
  const stage = await startWithHooks()
  await stage.addHook({ events: ['submission.created', 'submission.updated'] })
  stage.answer(({ body }) => new Response(null, { status: body.data.note === 'stubborn' ? 500 : 200 }))
  const id = await send(stage, 'stubborn')
  await stage.deliver()
  expectStatus(200, await stage.bruno.patch(`/submissions/${id}`, { base_revision: 1, data: { note: 'changed' } }))
  await send(stage, 'another')
  expect((await stage.deliver()).map(({ body }) => body.data.note)).toEqual(['another'])
  stage.answer(status(200))
  stage.advance(33 * SECOND)
  expect((await stage.deliver()).map(({ body }) => [body.revision, body.data.note])).toEqual([
    [1, 'stubborn'],
    [2, 'changed'],
  ])
})

test('two runs at once send nothing twice', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook()
  for (let n = 0; n < 20; n++) await send(stage, `bird ${n}`)
  await runJobs(stage.deps, stage.jobs)
  const route = { tenantId: await tenantIdOf(stage), shard: 0, webhookId: hook.id as WebhookId }
  await Promise.all([1, 2, 3].map(() => deliverDue(stage.deps, route)))
  expect(stage.received).toHaveLength(20)
  expect(new Set(stage.received.map(({ headers }) => headers.get('webhook-id'))).size).toBe(20)
})

test('a run that ends after any of its steps loses nothing, and repeats no more than was under way', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook({ events: ['submission.created', 'submission.updated'] })
  const tenantId = await tenantIdOf(stage)
  const route = { tenantId, shard: 0, webhookId: hook.id as WebhookId }
  for (let n = 0; n < 9; n++) {
    const id = await send(stage, `bird ${n}`)
    expectStatus(200, await stage.bruno.patch(`/submissions/${id}`, { base_revision: 1, data: { note: `fish ${n}` } }))
  }
  let cuts = 0
  for (let operations = 0, isDone = false; !isDone; operations++) {
    const { deps, wasCut } = powerCutAfter(stage.deps, operations)
    try {
      await expandOutbox(deps, { kind: 'expand-outbox', tenantId, shard: 0, askedAtMs: stage.now() })
      isDone = (await deliverDue(deps, route)) === null
    } catch (error) {
      if (!wasCut()) throw error
      cuts++
    }
    // Whoever claimed something died over it.
    stage.advance(31 * SECOND)
  }
  expect(cuts).toBeGreaterThan(5)
  const bodies = Map.groupBy(stage.received, ({ headers }) => headers.get('webhook-id')!)
  expect(bodies.size).toBe(18)
  for (const repeated of bodies.values()) expect(new Set(repeated.map(({ text }) => text)).size).toBe(1)
  expect(stage.received.length).toBeLessThanOrEqual(18 + cuts * MAX_PER_ROUND)
  for (const states of Map.groupBy(stage.received, ({ body }) => body.id).values()) {
    const revisions = states.map(({ body }) => body.revision)
    expect(revisions).toEqual([...revisions].sort())
  }
  expect(await deliveriesOf(stage, hook, 'state=delivered')).toHaveLength(18)
})

test('after 20 failures in a row a webhook is paused and its people are told; one delivery in ten minutes tries again', async () => {
  const stage = await startWithHooks()
  const dead = await stage.addHook({ url: 'https://dead.example.org/' })
  const alive = await stage.addHook({ url: 'https://alive.example.org/' })
  stage.answer(({ url }) => new Response(null, { status: url.includes('dead') ? 500 : 200 }))
  for (let n = 0; n < 30; n++) await send(stage, `bird ${n}`)
  await stage.deliver()
  const at = (name: string) => stage.received.filter(({ url }) => url.includes(name))
  expect(at('alive')).toHaveLength(30)
  // The round in which it broke was under way.
  expect(at('dead').length).toBeGreaterThanOrEqual(20)
  expect(at('dead').length).toBeLessThan(26)
  const read = async () => (await (await admin(stage)).get(`/webhooks/${dead.id}`)).body
  expect(await read()).toMatchObject({ is_active: true, stopped_by: 'breaker', paused_at: '2026-11-23T08:00:00Z' })
  const audit = async (action: string) => (await (await admin(stage)).get(`/audit?action=${action}`)).body.items
  expect(await audit('webhook.paused')).toMatchObject([{ subject_id: dead.id, actor_kind: 'system' }])
  expect((await stage.bruno.get('/dashboard/summary')).body.webhooks_stopped).toBe(1)
  expect((await stage.bruno.get(`/webhooks/${alive.id}`)).body).toMatchObject({
    stopped_by: null,
    failures_in_a_row: 0,
  })

  // A probe that fails: one request, and ten more minutes.
  stage.received.length = 0
  stage.advance(5 * MINUTE)
  await stage.deliver()
  expect(stage.received).toEqual([])
  stage.advance(5 * MINUTE)
  await stage.deliver()
  await stage.deliver()
  expect(stage.received).toHaveLength(1)
  // One that does not: everything.
  stage.answer(status(200))
  stage.advance(10 * MINUTE)
  await stage.deliver()
  expect(await read()).toMatchObject({ stopped_by: null, paused_at: null, failures_in_a_row: 0 })
  expect(await audit('webhook.resumed')).toHaveLength(1)
  stage.advance(HOUR)
  await stage.deliver()
  expect(await deliveriesOf(stage, dead, 'state=delivered&limit=100')).toHaveLength(30)
})

test('a webhook whose address may no longer be reached sends nothing', async () => {
  const stage = await startWithHooks()
  const hook = await stage.addHook()
  await env.DB.prepare("UPDATE webhooks SET url = 'https://169.254.169.254/latest/meta-data'").run()
  await send(stage)
  expect(await stage.deliver()).toEqual([])
  const { attempts } = await detailOf(stage, hook)
  expect(attempts).toMatchObject([{ status: null, error: expect.stringContaining('not a public address') }])
})
