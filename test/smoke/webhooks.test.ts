// Webhooks on the wire: the built server, and a receiver in a process of its own that behaves in every bad way.
import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalServer, startServer } from '../../scripts/server.ts'
import { type Behaviour, type Mailbox, type Received, type Receiver, startReceiver } from '../support/receiver.ts'

const credentials = { email: 'chiara@example.org', password: 'chiara-owns-it' }
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const EVENTS = ['submission.created', 'submission.updated']
const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-webhooks-'))
const lines: string[] = []
let server: LocalServer
let receiver: Receiver
let token = ''
let versionId = ''
let formId = ''
let mailboxes = 0

beforeAll(async () => {
  const env = {
    ADMIN_EMAIL: credentials.email,
    ADMIN_PASSWORD: credentials.password,
    WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
  }
  receiver = await startReceiver()
  server = await startServer({ port: 0, stateDir, env, onLine: (line) => lines.push(line) })
  token = (await call('POST', '/auth/login', credentials)).access_token
})

afterAll(async () => {
  await server?.stop()
  await receiver?.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

/** A form of its own for each test, so that none gets another's deliveries. */
async function publishForm(): Promise<void> {
  const project = await call('POST', '/projects', { name: 'Wells' })
  const fields = [{ id: 'village', type: 'text', label: 'Village' }]
  formId = (await call('POST', '/forms', { project_id: project.id, name: 'Well', schema: { fields } })).id
  versionId = (await call('POST', `/forms/${formId}/publish`, {})).version_id
}

interface Hook {
  id: string
  mailbox: Mailbox
}

async function addHook(behaviour: Behaviour): Promise<Hook> {
  const mailbox = receiver.mailbox(String(++mailboxes))
  await mailbox.behave(behaviour)
  const { id } = await call('POST', `/forms/${formId}/webhooks`, { url: mailbox.url, secret: SECRET, events: EVENTS })
  return { id, mailbox }
}

const submit = (village: string) =>
  call('POST', '/submissions', {
    form_version_id: versionId,
    local_uuid: crypto.randomUUID(),
    data: { village },
    collected_at: '2026-11-20T08:45:00Z',
  })

interface Delivery {
  id: string
  state: string
  attempts: { status: number | null; error: string | null; ms: number; answer: string | null }[]
}

/** Deliveries of a hook with their attempts, newest first. */
async function deliveriesOf({ id }: Hook): Promise<Delivery[]> {
  const { items } = await call('GET', `/webhooks/${id}/deliveries`)
  return Promise.all(items.map((item: Delivery) => call('GET', `/webhooks/${id}/deliveries/${item.id}`)))
}

/** What every request to a mailbox must be. Returns the bodies. */
function checked(received: Received[]) {
  return received.map(({ headers, body, bodySha256, method }) => {
    expect(method).toBe('POST')
    expect(createHash('sha256').update(body).digest('hex')).toBe(bodySha256)
    const event = new Webhook(SECRET).verify(body, headers) as { type: string; id: string; data: unknown }
    expect(headers['x-questbee-event']).toBe(event.type)
    expect(headers['x-questbee-signature']).toBe(`sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`)
    return event
  })
}

const until = { timeout: 30_000, interval: 100 }

test('a receiver is told once, signed, of what was stored', async () => {
  await publishForm()
  const { mailbox } = await addHook({ kind: 'answer', status: 204 })
  const submission = await submit('Fātick 🌍')
  await expect.poll(mailbox.reached, until).toBe(1)
  const [event] = checked(await mailbox.received())
  expect(event).toMatchObject({
    type: 'submission.created',
    id: submission.id,
    form_id: formId,
    data: { village: 'Fātick 🌍' },
  })
  expect(await mailbox.count()).toBe(1)
})

const BAD: { name: string; behaviour: Behaviour; attempt: Partial<Delivery['attempts'][0]> }[] = [
  {
    name: 'answers 500',
    behaviour: { kind: 'answer', status: 500, body: 'no'.repeat(5_000) },
    attempt: { status: 500 },
  },
  { name: 'answers 302', behaviour: { kind: 'answer', status: 302 }, attempt: { status: 302 } },
  { name: 'hangs up', behaviour: { kind: 'close' }, attempt: { status: null } },
  { name: 'answers no HTTP', behaviour: { kind: 'garbage' }, attempt: { status: null } },
  { name: 'is slow', behaviour: { kind: 'answer', status: 200, afterMs: 60_000 }, attempt: { status: null } },
]

test('a receiver that misbehaves gets the same again, and none delays another', async () => {
  await publishForm()
  const good = await addHook({ kind: 'answer', status: 200 })
  const elsewhere = receiver.mailbox('elsewhere')
  const hooks = await Promise.all(
    BAD.map(async ({ behaviour, ...bad }) => {
      const leading = { ...behaviour, headers: { location: elsewhere.url } } as Behaviour
      return {
        ...bad,
        ...(await addHook(behaviour.kind === 'answer' && behaviour.status === 302 ? leading : behaviour)),
      }
    }),
  )
  const { id } = await submit('Fatick')
  // Before the slow one has used up its ten seconds.
  await expect.poll(good.mailbox.reached, { ...until, timeout: 9_000 }).toBe(1)
  for (const hook of hooks) {
    const failed = async () => (await deliveriesOf(hook)).map(({ state, attempts }) => [state, attempts.length])
    await expect.poll(failed, until).toEqual([['failed', 1]])
    const [{ attempts }] = (await deliveriesOf(hook)) as [Delivery]
    expect([hook.name, attempts]).toEqual([hook.name, [expect.objectContaining(hook.attempt)]])
    expect(attempts[0]!.answer?.length ?? 0).toBeLessThanOrEqual(1_024)
    expect(attempts[0]!.ms).toBeLessThan(15_000)
  }

  // What is told stays what happened, whatever has become of it.
  await call('PATCH', `/submissions/${id}`, { base_revision: 1, data: { village: 'Dakar' } })
  for (const hook of hooks) {
    await hook.mailbox.behave({ kind: 'answer', status: 200 })
    const { items } = await call('GET', `/webhooks/${hook.id}/deliveries?event=submission.created`)
    await call('POST', `/webhooks/${hook.id}/deliveries/${items[0].id}/redeliver`)
    // The first, again, and then what came after it.
    await expect.poll(hook.mailbox.reached, until).toBe(2)
    const received = await hook.mailbox.received()
    const events = checked(received)
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['submission.created', { village: 'Fatick' }],
      ['submission.created', { village: 'Fatick' }],
      ['submission.updated', { village: 'Dakar' }],
    ])
    expect(received[1]!.bodySha256).toBe(received[0]!.bodySha256)
    expect(received[1]!.headers['webhook-id']).toBe(received[0]!.headers['webhook-id'])
  }
  expect(await elsewhere.count()).toBe(0)
})

test('an answer without an end is not read to its end', async () => {
  await publishForm()
  const hook = await addHook({ kind: 'endless' })
  await submit('Fatick')
  await expect.poll(async () => (await deliveriesOf(hook)).map(({ state }) => state), until).toEqual(['delivered'])
  const sentBytes = async () => (await hook.mailbox.received())[0]!.sentBytes
  const sent = await sentBytes()
  // Some is always on its way in the buffers of the two sides.
  expect(sent).toBeLessThan(16 * 1024 * 1024)
  const [{ attempts }] = (await deliveriesOf(hook)) as [Delivery]
  expect(attempts[0]!.answer?.length ?? 0).toBeLessThanOrEqual(1_024)
  await submit('Dakar')
  await expect.poll(hook.mailbox.count, until).toBe(2)
  expect(await sentBytes()).toBe(sent)
})

test('a receiver that dies and comes back gets everything, by itself', async () => {
  await publishForm()
  const hook = await addHook({ kind: 'answer', status: 200 })
  await submit('Fatick')
  await expect.poll(hook.mailbox.reached, until).toBe(1)
  await receiver.die()
  const villages = ['Dakar', 'Thiès', 'Mbour']
  for (const village of villages) await submit(village)
  const states = async () => (await deliveriesOf(hook)).map(({ state }) => state).sort()
  await expect.poll(states, until).toEqual(['delivered', 'failed', 'failed', 'failed'])
  await receiver.comeBack()
  // The second attempt follows after half a minute.
  await expect.poll(hook.mailbox.reached, { timeout: 90_000, interval: 500 }).toBe(4)
  const told = checked(await hook.mailbox.received()).map(({ data }) => data)
  expect(told.slice(1)).toEqual(expect.arrayContaining(villages.map((village) => ({ village }))))
}, 120_000)

test('nothing of this was an error of the server', () => {
  // workerd's own remark when an alarm is a few milliseconds late.
  const ours = lines.filter((line) => !line.startsWith('NOSENTRY SQLite alarm overdue'))
  expect(ours.filter((line) => !line.startsWith('{') || line.includes('"level":"error"'))).toEqual([])
})
