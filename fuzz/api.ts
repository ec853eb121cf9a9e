// `npm run fuzz -- api`: the hunt against a local server over HTTP, with an eye on the server's log, its memory and how long
// it takes to answer.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Response } from 'miniflare'
import { type LocalServer, startServer } from '../scripts/server.ts'
import { curlOf } from './curl.ts'
import { type OpenApi, operationsOf } from './document.ts'
import { type Finding, hunt, keyOf, oneRound } from './hunt.ts'
import { requestsFor } from './requests.ts'
import { schemaReader } from './values.ts'
import { type Answer, type Concrete, makeWorld } from './world.ts'

export interface ApiFuzzOptions {
  seed: number
  count: number
  clients: number
  /** `<seed>:<path>` of a finding. */
  replay: string | null
  log: (line: string) => void
}

export interface ApiFuzzReport {
  requests: number
  seconds: number
  statuses: Map<number, number>
  slowestMs: number
  /** Operations that never answered 2xx or 3xx: the hunt did not get past their door. */
  unreached: string[]
  /** Findings with their curl lines. */
  findings: (Finding & { curl: string })[]
  /** Lines of the log that are not of everyday work. */
  complaints: string[]
  memoryMb: { warm: number; peak: number; end: number }
  /** Null: the run was too short to tell. */
  memoryIsBack: boolean | null
}

const HANG_MS = 5_000
const PLATFORM_TOKEN = 'platform-token-of-the-fuzzer'
const UNLIMITED = '100000000'
/** From a tenth of the requests to all of them, whatever is kept for each would grow tenfold; caches and a larger database
 *  stay far below this. */
const MEMORY_GROWTH = 1.5
/** In a shorter run the first tenth has not warmed everything. */
const JUDGED_FROM_REQUESTS = 100_000
const REST_MS = 15_000

export async function fuzzApi({ seed, count, clients, replay, log }: ApiFuzzOptions): Promise<ApiFuzzReport> {
  const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-fuzz-'))
  const complaints: string[] = []
  const complain = (what: string) => {
    // workerd says so of itself where outgoing requests end in a process beside it.
    if (what.includes('a service leaked')) return
    // And so where an alarm rang at another millisecond than it was last set to: it rang.
    if (what.startsWith('NOSENTRY SQLite alarm overdue, running')) return
    complaints.push(what)
    if (complaints.length <= 10) log(`! ${what}`)
  }
  const server = await startServer({
    port: 0,
    stateDir,
    env: {
      PLATFORM_TOKEN,
      SCRYPT_LOG2_N: '4',
      LOGIN_PER_MINUTE: UNLIMITED,
      ...Object.fromEntries(
        ['KEY', 'DEVICE', 'USER', 'ADDRESS'].flatMap((who) => [
          [`RATE_${who}_PER_SECOND`, UNLIMITED],
          [`RATE_${who}_BURST`, UNLIMITED],
        ]),
      ),
    },
    onLine: (line, isOurs) => {
      const isTrouble = !isOurs || (line.includes('"level":"error"') && !line.includes('"event":"request"'))
      if (isTrouble) complain(line.slice(0, 2_000))
    },
    onFirstAdmin: () => {},
    // Webhooks may name any host: what they send stays here.
    outbound: () => new Response(null, { status: 204 }),
  })
  const line = openLine(server)
  let watch: NodeJS.Timeout | undefined
  try {
    const document: OpenApi = await (await fetch(`${server.url}/api/v1/openapi.json`)).json()
    const operations = operationsOf(document)
    const requests = requestsFor(operations, schemaReader(document.components.schemas))
    const findings = new Map<string, Finding>()
    const statuses = new Map<number, number>()
    const reached = new Set<string>()
    const memoryMb = { warm: 0, peak: 0, end: 0 }
    let sent = 0
    const options = (client: number, share: number) => ({
      send: line.send,
      operations,
      requests,
      platformToken: PLATFORM_TOKEN,
      seed: seed + client * 1_000_003,
      count: share,
      saw: ({ operation }: { operation: string }, { status }: Answer) => {
        sent++
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status >= 200 && status < 400) reached.add(operation)
      },
    })
    const progress = (mb: number) =>
      `${sent} requests, ${mb} MB; findings: ${[...findings.keys(), ...line.faults.keys()].join('; ') || 'none'}`
    const startMs = performance.now()
    let pid = server.workerdPid
    watch = setInterval(() => {
      memoryMb.peak = Math.max(memoryMb.peak, memoryOf(server))
      // Miniflare starts a workerd that ended again; a request that ends it is the worst of all.
      if (server.workerdPid !== pid) complain(`workerd ${pid} ended and was started again, as ${server.workerdPid}`)
      pid = server.workerdPid
    }, 500)
    const runAll = async (first: number, total: number) => {
      const share = Math.ceil(total / clients)
      await Promise.all(Array.from({ length: clients }, (_, i) => hunt(options(first + i, share), findings)))
    }
    if (replay) {
      const [roundSeed, path] = replay.split(':')
      const world = await makeWorld(line.send, operations, PLATFORM_TOKEN)
      await oneRound(options(0, 1), world, { seed: Number(roundSeed), path, numRuns: 100 }, findings)
    } else {
      // The first tenth warms what the process keeps.
      await runAll(0, Math.ceil(count / 10))
      await sleep(REST_MS)
      memoryMb.warm = memoryOf(server)
      log(progress(memoryMb.warm))
      for (let tenth = 1; tenth < 10; tenth++) {
        await runAll(tenth * clients, Math.ceil(count / 10))
        log(progress(memoryOf(server)))
      }
    }
    const seconds = (performance.now() - startMs) / 1000
    if (!replay) await sleep(REST_MS)
    memoryMb.end = memoryOf(server)
    for (const hang of line.faults.values()) findings.set(keyOf(hang), hang)
    return {
      requests: sent,
      seconds,
      statuses,
      slowestMs: line.slowestMs(),
      unreached: replay ? [] : operations.map(({ id }) => id).filter((id) => !reached.has(id)),
      findings: [...findings.values()].map((finding) => ({ ...finding, curl: curlOf(server.url, finding.request) })),
      complaints,
      memoryMb,
      memoryIsBack: replay || count < JUDGED_FROM_REQUESTS ? null : memoryMb.end <= memoryMb.warm * MEMORY_GROWTH,
    }
  } finally {
    clearInterval(watch)
    line.close()
    await server.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
}

/** Sends over kept connections and notes what does not come back in time, or not at all. */
function openLine(server: LocalServer) {
  const agent = new Agent({ keepAlive: true, noDelay: true })
  const faults = new Map<string, Finding>()
  let slowestMs = 0

  const noteFault = (fault: string, request: Concrete): Answer => {
    const operation = `${request.method} ${request.path.replace(/\?.*/, '').slice(0, 60)}`
    const finding: Finding = { operation, fault, request, replay: '' }
    if (faults.size < 50) faults.set(keyOf(finding), finding)
    return { status: 0, headers: new Headers({ 'x-request-id': 'none' }), text: '' }
  }

  const once = (request: Concrete): Promise<Answer | 'timeout' | Error> =>
    new Promise((done) => {
      const startMs = performance.now()
      const { method, path, headers, body } = request
      const asked = httpRequest(
        {
          host: '127.0.0.1',
          port: server.port,
          agent,
          method,
          path,
          headers: { ...Object.fromEntries(headers), ...(body ? { 'content-length': body.length } : {}) },
        },
        (response) => {
          const chunks: Buffer[] = []
          // A stream of events has no end: what comes first is the answer.
          const isEndless = response.headers['content-type'] === 'text/event-stream'
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk)
            if (isEndless && chunks.length === 1) response.destroy()
          })
          response.on('error', done)
          response.on(isEndless ? 'close' : 'end', () => {
            clearTimeout(timer)
            slowestMs = Math.max(slowestMs, performance.now() - startMs)
            const text = Buffer.concat(chunks).toString()
            done({
              status: response.statusCode ?? 0,
              headers: new Headers(response.headers as Record<string, string>),
              text,
            })
          })
        },
      )
      const giveUp = () => {
        // When it was this process that stood still, the answer may be waiting to be read.
        if (performance.now() - startMs > HANG_MS + 500 && !waitedOn) {
          waitedOn = true
          timer = setTimeout(giveUp, HANG_MS)
          return
        }
        done('timeout')
        asked.destroy()
      }
      let waitedOn = false
      let timer = setTimeout(giveUp, HANG_MS)
      asked.on('error', (error) => {
        clearTimeout(timer)
        done(error)
      })
      asked.end(body ?? undefined)
    })

  return {
    faults,
    slowestMs: () => slowestMs,
    close: () => agent.destroy(),
    async send(request: Concrete): Promise<Answer> {
      let answer = await once(request)
      // A kept connection may be closed by the server just when it is used again.
      if (answer instanceof Error) answer = await once(request)
      if (answer === 'timeout') return noteFault(`no answer within ${HANG_MS / 1000} s`, request)
      if (answer instanceof Error) return noteFault(`no answer: ${answer.message}`, request)
      return answer
    },
  }
}

/** Resident memory of workerd; 0 while there is none. */
function memoryOf({ workerdPid }: LocalServer): number {
  const path = `/proc/${workerdPid}/status`
  const status = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}
