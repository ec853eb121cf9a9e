// The scenario `webhooks`: five receivers, three of them bad ones, are told of everything that happens while the server is
// killed. Good receivers must hear of everything at once, and after the bad ones have recovered, they too.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../bench/api.ts'
import { SURVEY } from '../bench/survey.ts'
import { type Behaviour, type Mailbox, startReceiver } from '../test/support/receiver.ts'
import { createRandom } from './random.ts'
import { createServerProcess, type ServerProcess } from './server-process.ts'
import { readDelivered } from './storage.ts'
import { createEvents, EVENT_TYPES } from './webhook-events.ts'
import { isTaken, judge, type Verdict } from './webhook-verdict.ts'

export interface WebhooksOptions {
  seed: number
  events: number
  perSecond: number
  kills: number
  /** Gives up, and reports what is missing. */
  limitMinutes: number
  log: (line: string) => void
}

export interface ReceiverReport extends Verdict {
  name: string
  isGood: boolean
  /** Answered 2xx and not yet written down when the server was killed: these may come again. */
  inFlightAtKills: number
  /** How many events it had when the good ones had all. */
  reachedBeforeRecovery: number
  /** Why the server had stopped sending by then. */
  stoppedBy: string | null
}

export interface WebhooksReport {
  receivers: ReceiverReport[]
  eventSeconds: number
  startsMs: number[]
  troubles: ServerProcess['troubles']
}

const ADMIN = { email: 'chiara@example.org', password: 'chiara-owns-it' }
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const SLOW_MS = 1_000
const POLL_MS = 250

interface Hook {
  id: string
  name: string
  isGood: boolean
  mailbox: Mailbox
  inFlightAtKills: number
  reachedBeforeRecovery: number
  stoppedBy: string | null
}

export async function runWebhooks(options: WebhooksOptions): Promise<WebhooksReport> {
  const { log } = options
  const random = createRandom(options.seed)
  const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-faults-'))
  const server = createServerProcess(stateDir, {
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    SCRYPT_LOG2_N: '4',
    RATE_USER_PER_SECOND: '100000',
    RATE_USER_BURST: '100000',
    WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
  })
  const receiver = await startReceiver()
  const deadline = performance.now() + options.limitMinutes * 60_000
  const until = async (isDone: () => Promise<boolean>) => {
    while (!(await isDone()) && performance.now() < deadline) await sleep(POLL_MS)
  }
  try {
    const startsMs = [await server.start()]
    const api = createClient(`http://127.0.0.1:${server.port}`)
    await api.logIn(ADMIN.email, ADMIN.password)
    const form = await api.publish(SURVEY)
    const device = await api.pair()
    const behaviours: [string, Behaviour][] = [
      ['good 1', { kind: 'answer', status: 200 }],
      ['good 2', { kind: 'answer', status: 204 }],
      ['fails always', { kind: 'answer', status: 500 }],
      ['fails 30 %', { kind: 'random', seed: options.seed, failing: 0.3 }],
      [`slow (${SLOW_MS} ms)`, { kind: 'answer', status: 200, afterMs: SLOW_MS }],
    ]
    const hooks: Hook[] = []
    for (const [name, behaviour] of behaviours) {
      const mailbox = receiver.mailbox(String(hooks.length))
      await mailbox.behave(behaviour)
      const id = await api.addWebhook(form.id, { url: mailbox.url, secret: SECRET, events: EVENT_TYPES })
      const isGood = name.startsWith('good')
      hooks.push({ id, name, isGood, mailbox, inFlightAtKills: 0, reachedBeforeRecovery: 0, stoppedBy: null })
    }

    const field = createEvents({
      ...options,
      port: () => server.port,
      api,
      device,
      versionId: form.versionId,
      random: random.fork('events'),
    })
    const startMs = performance.now()
    const killing = async () => {
      for (let i = 1; i <= options.kills; i++) {
        while (field.acts.length < (options.events * i) / (options.kills + 1)) await sleep(20)
        await sleep(random.int(0, 300))
        log(`${field.acts.length} events: kill`)
        await server.kill()
        await countInFlight(stateDir, hooks)
        startsMs.push(await server.start())
      }
    }
    await Promise.all([field.run(), killing()])
    const eventSeconds = (performance.now() - startMs) / 1000

    log('waiting for the good receivers')
    const isTold = async ({ mailbox }: Hook) => (await mailbox.reached()) >= field.acts.length
    await until(async () => (await Promise.all(hooks.filter(({ isGood }) => isGood).map(isTold))).every(Boolean))
    for (const hook of hooks) {
      hook.reachedBeforeRecovery = await hook.mailbox.reached()
      hook.stoppedBy = await api.webhookStoppedBy(hook.id)
    }
    log('the bad ones recover, and get what they missed')
    for (const hook of hooks) {
      await hook.mailbox.behave({ kind: 'answer', status: 200 })
      if (hook.stoppedBy !== null) await api.resumeWebhook(hook.id)
      await api.redeliverFailed(hook.id)
    }
    await until(async () => (await Promise.all(hooks.map(isTold))).every(Boolean))

    const receivers: ReceiverReport[] = []
    for (const { mailbox, id: _, ...hook } of hooks)
      receivers.push({ ...hook, ...judge(await mailbox.received(), field.acts, SECRET) })
    return { receivers, eventSeconds, startsMs, troubles: server.troubles }
  } finally {
    await server.kill()
    await receiver.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

/** What each receiver has taken and the killed server has not written down. */
async function countInFlight(stateDir: string, hooks: Hook[]): Promise<void> {
  const delivered = readDelivered(stateDir)
  for (const hook of hooks) {
    const written = delivered.get(hook.id)
    const taken = (await hook.mailbox.received()).filter(isTaken).map(({ body }) => JSON.parse(body).seq as number)
    hook.inFlightAtKills += new Set(taken.filter((seq) => !written?.has(seq))).size
  }
}
