// The Courier object itself: it is woken, does what is due in its alarm, and knows when to come back. What it does
// there is tested in webhook-retries.test.ts.
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Route } from '../../src/domain/context.ts'
import { expandOutbox } from '../../src/domain/webhooks/expand.ts'
import type { WebhookId } from '../../src/lib/ids.ts'
import { type Cast, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { tenantIdOf } from '../support/intake.ts'

let cast: Cast
let form: PublishedForm
let route: Route
let answer: () => Response

beforeEach(async () => {
  answer = () => new Response(null, { status: 204 })
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => answer())
  // The object goes by the real clock.
  cast = await makeCast({ deps: { clock: () => Date.now() } })
  form = await publishForm(cast.bruno, NOTE_FORM)
  const body = { url: 'https://hooks.example.org/' }
  const hook = expectStatus(201, await cast.bruno.post(`/forms/${form.id}/webhooks`, body)).body
  route = { tenantId: await tenantIdOf(cast), shard: 0, webhookId: hook.id as WebhookId }
})

afterEach(() => {
  vi.restoreAllMocks()
})

const courier = () => env.COURIER.get(env.COURIER.idFromName(route.webhookId))
const alarmAt = () => runInDurableObject(courier(), (_, { storage }) => storage.getAlarm())
const sendTest = async () => expectStatus(202, await cast.bruno.post(`/webhooks/${route.webhookId}/test`)).body.id
const stateOf = async (id: string) => (await cast.bruno.get(`/webhooks/${route.webhookId}/deliveries/${id}`)).body.state

test('woken, it sends what is due, and forgets what it knew when nothing waits', async () => {
  const id = await sendTest()
  await courier().wake(route)
  await expect.poll(() => stateOf(id)).toBe('delivered')
  await expect.poll(alarmAt).toBeNull()
  expect(await runInDurableObject(courier(), (_, { storage }) => storage.kv.get('route'))).toBeUndefined()
  const next = await sendTest()
  await courier().wake(route)
  await expect.poll(() => stateOf(next)).toBe('delivered')
})

test('it comes back when the next attempt is due', async () => {
  answer = () => new Response(null, { status: 500 })
  expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form)))
  await expandOutbox(cast.deps, { kind: 'expand-outbox', ...route, askedAtMs: cast.now() })
  await courier().wake(route)
  const delivery = () =>
    env.DB.prepare('SELECT state, next_attempt_at_ms AS at FROM webhook_deliveries').first<{
      state: string
      at: number
    }>()
  await expect.poll(async () => (await delivery())!.state).toBe('failed')
  await expect.poll(alarmAt).toBe((await delivery())!.at)
})

test('woken while it runs, it looks once more', async () => {
  const sessions = vi.spyOn(env.DB, 'withSession')
  const runs = () => sessions.mock.calls.length
  vi.mocked(fetch).mockImplementation(async () => {
    await courier().wake(route)
    return new Response(null, { status: 204 })
  })
  await sendTest()
  const before = runs()
  await courier().wake(route)
  await expect.poll(alarmAt).toBeNull()
  expect(runs() - before).toBe(2)
})

test('a run that fails is repeated', async () => {
  const id = await sendTest()
  const session = vi.spyOn(env.DB, 'withSession').mockImplementation(() => {
    throw new Error('D1_ERROR: D1 DB is overloaded. Requests queued for too long.')
  })
  await courier().wake(route)
  await expect.poll(async () => ((await alarmAt()) ?? 0) > Date.now() + 20_000).toBe(true)
  session.mockRestore()
  expect(await runDurableObjectAlarm(courier())).toBe(true)
  expect(await stateOf(id)).toBe('delivered')
})
