// The scenario `sync`: phones empty their queues over bad lines while the server is killed and its database taken away;
// then everything that was acknowledged must be there, once. Exactly-once is judged by what lies on the disk.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../bench/api.ts'
import { SURVEY } from '../bench/survey.ts'
import { FAULTS, type Link, openLink } from './link.ts'
import { createPhone, type Phone } from './phone.ts'
import { createRandom, type Random } from './random.ts'
import { createServerProcess, type ServerProcess } from './server-process.ts'
import { takeDatabasesAway } from './storage.ts'
import { type Findings, verify } from './verify.ts'

export interface SyncOptions {
  seed: number
  phones: number
  submissions: number
  photos: number
  kills: number
  outages: number
  outageSeconds: number
  /** Gives up, and fails, when the phones are not done by then. */
  limitMinutes: number
  log: (line: string) => void
}

export interface SyncReport extends Findings {
  seconds: number
  faults: Record<string, number>
  statuses: Map<string, number>
  startsMs: number[]
  /** Submissions that came home while the database was away, by outage. */
  acknowledgedDuringOutages: number[]
  bytesPerSubmission: number
  bytesPerPhoto: number
  troubles: ServerProcess['troubles']
}

const ADMIN = { email: 'chiara@example.org', password: 'chiara-owns-it' }
/** Five kilometres from the mast. */
const SLOW_BYTES_PER_SECOND = 8_000
const SLOW_SHARE = 0.1
/** After a restart the phones must be at work again before the next trouble. */
const WORK_BEFORE_NEXT_MS = 400
/** How far the phones may run ahead of the trouble that is planned for them. */
const LEAD = 0.03

type Event = { at: number; kind: 'kill' | 'outage' | 'killed outage' | 'darkness' }

export async function runSync(options: SyncOptions): Promise<SyncReport> {
  const random = createRandom(options.seed)
  const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-faults-'))
  const server = createServerProcess(stateDir, {
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    SCRYPT_LOG2_N: '4',
    // Pairing goes through one address here; devices have the limits that they have in the field.
    LOGIN_PER_MINUTE: '100000',
    RATE_ADDRESS_BURST: '100000',
    RATE_USER_BURST: '100000',
  })
  const links: Link[] = []
  try {
    const startsMs = [await server.start()]
    const api = createClient(`http://127.0.0.1:${server.port}`)
    await api.logIn(ADMIN.email, ADMIN.password)
    const form = await api.publish(SURVEY)
    const phones: Phone[] = []
    const share = (total: number, i: number) =>
      Math.floor((total * (i + 1)) / options.phones) - Math.floor((total * i) / options.phones)
    for (let i = 0; i < options.phones; i++) {
      const isSlow = i < options.phones * SLOW_SHARE
      const link = await openLink({
        targetPort: () => server.port,
        random: random.fork(`link ${i}`),
        bytesPerSecond: isSlow ? SLOW_BYTES_PER_SECOND : null,
      })
      links.push(link)
      phones.push(
        createPhone({
          random: random.fork(`phone ${i}`),
          link,
          token: await api.pair(),
          versionId: form.versionId,
          submissions: share(options.submissions, i),
          photos: share(options.photos, i),
        }),
      )
    }

    const startMs = performance.now()
    const acknowledgedDuringOutages = await play(options, random.fork('events'), {
      server,
      phones,
      links,
      stateDir,
      startsMs,
    })
    const seconds = (performance.now() - startMs) / 1000
    await Promise.all(links.map((link) => link.close()))
    const results = phones.map(({ result }) => result)
    const findings = await verify({ server, stateDir, formId: form.id, admin: ADMIN, results, log: options.log })

    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
    const statuses = new Map<string, number>()
    for (const result of results)
      for (const [key, count] of result.statuses) statuses.set(key, (statuses.get(key) ?? 0) + count)
    return {
      ...findings,
      seconds,
      faults: Object.fromEntries(FAULTS.map((fault) => [fault, sum(links.map(({ counts }) => counts[fault]))])),
      statuses,
      startsMs,
      acknowledgedDuringOutages,
      bytesPerSubmission:
        sum(results.map(({ submissionBytes }) => submissionBytes)) / Math.max(1, findings.acknowledged),
      bytesPerPhoto: sum(results.map(({ photoBytes }) => photoBytes)) / Math.max(1, findings.photos),
      troubles: server.troubles,
    }
  } finally {
    await server.kill()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

interface Stage {
  server: ServerProcess
  phones: Phone[]
  links: Link[]
  stateDir: string
  startsMs: number[]
}

/** Lets the phones sync and brings the planned trouble over them; resolves when their queues are empty. */
async function play(options: SyncOptions, random: Random, stage: Stage): Promise<number[]> {
  const { server, phones, links, stateDir, startsMs } = stage
  const total = phones.reduce((sum, { left }) => sum + left, 0)
  const done = () => 1 - phones.reduce((sum, { left }) => sum + left, 0) / total
  const deadline = performance.now() + options.limitMinutes * 60_000
  const events = planEvents(options, random)
  const duringOutages: number[] = []
  let next: Event | undefined = events[0]
  let stop: Error | null = null

  const mayGo = async () => {
    while (next && done() > next.at + LEAD && !stop) await sleep(20)
    if (stop) throw stop
    if (performance.now() > deadline) throw new Error(`The phones were not done after ${options.limitMinutes} minutes.`)
  }
  const restart = async () => {
    startsMs.push(await server.start())
  }
  const acknowledged = () => phones.reduce((sum, { result }) => sum + result.acknowledged.size, 0)

  const bring = async ({ kind }: Event): Promise<void> => {
    if (kind === 'darkness') {
      for (const link of links) link.goDark(random.int(1_000, 3_000))
    } else if (kind === 'kill') {
      await sleep(random.int(0, 300))
      await server.kill()
      await restart()
    } else {
      const giveBack = takeDatabasesAway(stateDir)
      // Answers that were on their way are not of the outage.
      await sleep(500)
      const before = acknowledged()
      await sleep(options.outageSeconds * 1_000)
      duringOutages.push(acknowledged() - before)
      // What was taken in meanwhile then exists nowhere but in the objects.
      if (kind === 'killed outage') await server.kill()
      giveBack()
      if (kind === 'killed outage') await restart()
    }
  }

  const trouble = async () => {
    for (const [i, event] of events.entries()) {
      while (done() < event.at && !stop) await sleep(20)
      if (stop) return
      options.log(`${Math.floor(done() * 100)} % home: ${event.kind}`)
      // From here on the phones may go on towards the next trouble: an outage needs somebody to notice it.
      next = events[i + 1]
      await bring(event)
      await sleep(WORK_BEFORE_NEXT_MS)
    }
  }
  const guarded = (work: Promise<void>) =>
    work.catch((error: Error) => {
      stop ??= error
      throw error
    })
  await Promise.all([guarded(trouble()), ...phones.map((phone) => guarded(phone.sync(mayGo)))])
  return duringOutages
}

/** Kills, outages and darkness, spread over the run. A third of the outages end in a kill, which counts as one. */
function planEvents({ kills, outages }: SyncOptions, random: Random): Event[] {
  const killed = Math.min(kills, Math.ceil(outages / 3))
  const kinds: Event['kind'][] = [
    ...Array<Event['kind']>(kills - killed).fill('kill'),
    ...Array<Event['kind']>(killed).fill('killed outage'),
    ...Array<Event['kind']>(outages - killed).fill('outage'),
    ...Array<Event['kind']>(Math.ceil((kills + outages) / 8)).fill('darkness'),
  ]
  const shuffled = kinds
    .map((kind) => ({ kind, order: random.next() }))
    .sort((a, b) => a.order - b.order)
    .map(({ kind }) => kind)
  return shuffled.map((kind, i) => ({ kind, at: 0.02 + (0.92 * i) / shuffled.length }))
}
