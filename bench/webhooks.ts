// Webhooks: what they cost the phones that sync, and how fast deliveries leave. The receiver is a process of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LocalServer } from '../scripts/server.ts'
import { type Mailbox, startReceiver } from '../test/support/receiver.ts'
import { createClient } from './api.ts'
import { type LoadResult, runLoad } from './load.ts'
import { type BenchOptions, beginTable, cpuSeconds, memoryMb, report } from './report.ts'
import { SURVEY, submission } from './survey.ts'

const HOOKS = 3
const ROUNDS = 3
const PER_REQUEST = 100
/** Deliveries whose pace is measured. */
const DELIVERIES = 6_000
const POLL_MS = 100
const GIVE_UP_MS = 120_000

export async function runWebhooksBench(server: LocalServer, { seconds }: BenchOptions): Promise<void> {
  const receiver = await startReceiver()
  try {
    const api = createClient(server.url)
    await api.logIn('bench@example.org', 'bench-password')
    const form = await api.publish(SURVEY)
    const devices = await Promise.all(Array.from({ length: 4 }, () => api.pair()))
    const mailboxes = Array.from({ length: HOOKS }, (_, i) => receiver.mailbox(String(i)))
    for (const mailbox of mailboxes) await mailbox.countOnly()
    const sync = (limits: { durationMs: number; maxRequests?: number }): Promise<LoadResult> =>
      runLoad({
        host: '127.0.0.1',
        port: server.port,
        clients: devices.length,
        ...limits,
        next: (index) => ({
          method: 'POST',
          path: '/api/v1/submissions/bulk',
          headers: { authorization: `Bearer ${devices[index % devices.length]}` },
          body: JSON.stringify(
            Array.from({ length: PER_REQUEST }, (_, i) => submission(form.versionId, index * PER_REQUEST + i)),
          ),
        }),
      })
    const measured = async (what: string): Promise<LoadResult> => {
      const before = cpuSeconds(server)
      const result = await sync({ durationMs: seconds * 1000 })
      report(what, '', PER_REQUEST, result, cpuSeconds(server) - before, memoryMb(server))
      return result
    }
    const addHooks = () => Promise.all(mailboxes.map(({ url }) => api.addWebhook(form.id, { url })))

    await sync({ durationMs: 2_000 })
    // First, while no earlier events wait for being made into deliveries.
    await measureDeliveries(server, api, form.id, mailboxes[0]!, () =>
      sync({ durationMs: GIVE_UP_MS, maxRequests: DELIVERIES / PER_REQUEST }),
    )
    beginTable()
    const rates: Record<'without' | 'held' | 'delivering', number[]> = { without: [], held: [], delivering: [] }
    // In turns, so that what else the machine does meets all alike.
    for (let round = 1; round <= ROUNDS; round++) {
      rates.without.push((await measured(`bulk sync, no webhooks (${round})`)).perSecond)
      let hooks = await addHooks()
      for (const id of hooks) await api.pauseWebhook(id)
      rates.held.push((await measured(`bulk sync, ${HOOKS} webhooks, deliveries held (${round})`)).perSecond)
      await removeHooks(api, form.id, hooks)
      hooks = await addHooks()
      rates.delivering.push((await measured(`bulk sync, ${HOOKS} webhooks, delivering (${round})`)).perSecond)
      await removeHooks(api, form.id, hooks)
    }
    const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
    const cost = (values: number[]) => `${((1 - middle(values) / middle(rates.without)) * 100).toFixed(1)} %`
    process.stdout.write(
      `\nThe webhooks cost bulk sync ${cost(rates.held)} (deliveries held), ${cost(rates.delivering)} (delivering meanwhile).\n`,
    )
  } finally {
    await receiver.stop()
  }
}

async function removeHooks(api: ReturnType<typeof createClient>, formId: string, hooks: string[]): Promise<void> {
  for (const id of hooks) await api.removeWebhook(formId, id)
}

/** One hook, one fast receiver: from the first delivery to the last, the submissions all being there already. */
async function measureDeliveries(
  server: LocalServer,
  api: ReturnType<typeof createClient>,
  formId: string,
  mailbox: Mailbox,
  syncAll: () => Promise<LoadResult>,
): Promise<void> {
  const before = await mailbox.count()
  const id = await api.addWebhook(formId, { url: mailbox.url, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })
  await api.pauseWebhook(id)
  await syncAll()
  const cpu = cpuSeconds(server)
  const startMs = performance.now()
  await api.resumeWebhook(id)
  let count = 0
  while (count < DELIVERIES && performance.now() - startMs < GIVE_UP_MS) {
    await sleep(POLL_MS)
    count = (await mailbox.count()) - before
  }
  const seconds = (performance.now() - startMs) / 1000
  const cpuEach = ((cpuSeconds(server) - cpu) * 1e6) / count
  process.stdout.write(
    `${count} deliveries to one fast receiver in ${seconds.toFixed(1)} s: ${Math.round(count / seconds)}/s, ${Math.round(cpuEach)} µs of the server's CPU each.\n\n`,
  )
}
