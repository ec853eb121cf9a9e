// The Synkronus wire: records of about 0.5 kB pushed in batches, pushed again, pushed one by one, pulled and exported.
// The same walk as the figures of the reference server in contracts/synkronus.md, section 11, and then with four clients.
import { randomUUID } from 'node:crypto'
import type { LocalServer } from '../scripts/server.ts'
import { type LoadResult, openConnection, runLoad } from './load.ts'
import { type BenchOptions, beginTable, cpuSeconds, memoryMb, report } from './report.ts'

const RECORDS = 5_000
const BATCH = 100
const WRITERS = 4
const ROUNDS = 3

const JSON_TYPE = { 'content-type': 'application/json', 'x-ode-version': '1.0.0' }

export async function runSynkronusBench(server: LocalServer, { seconds }: BenchOptions): Promise<void> {
  const base = '/synkronus/api'
  const post = async (path: string, body: unknown, token?: string) => {
    const headers = token ? { ...JSON_TYPE, authorization: `Bearer ${token}` } : JSON_TYPE
    const response = await fetch(`${server.url}${base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await response.text()
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`)
    return JSON.parse(text)
  }
  const admin = await post('/auth/login', { username: 'bench@example.org', password: 'bench-password' })
  const tokens: string[] = []
  for (let n = 0; n < WRITERS; n++) {
    const user = { username: `writer-${n}`, password: `password-of-writer-${n}` }
    await post('/users/create', { ...user, role: 'read-write' }, admin.token)
    tokens.push((await post('/auth/login', user)).token)
  }
  const headers = (writer: number) => ({ 'x-ode-version': '1.0.0', authorization: `Bearer ${tokens[writer]}` })
  const pushOf = (writer: number, records: unknown[]) => ({
    method: 'POST',
    path: `${base}/sync/push`,
    headers: headers(writer),
    body: JSON.stringify({ transmission_id: randomUUID(), client_id: `tablet-${writer}`, records }),
  })
  const batchOf = (index: number, round: number) =>
    Array.from({ length: BATCH }, (_, i) => recordOf(`o-${index * BATCH + i}`, index * BATCH + i, round))

  beginTable()
  const run = async (what: string, each: number, options: Omit<Parameters<typeof runLoad>[0], 'host' | 'port'>) => {
    const before = cpuSeconds(server)
    const result = await runLoad({ host: '127.0.0.1', port: server.port, ...options })
    const refused = Object.keys(result.statuses).filter((status) => status !== '200')
    if (refused.length > 0) throw new Error(`${what}: answered ${refused.join(', ')}`)
    report(what, count(written), each, result, cpuSeconds(server) - before, memoryMb(server))
    return result
  }
  let written = RECORDS
  const whole = { clients: 1, durationMs: 600_000, maxRequests: RECORDS / BATCH }
  for (let round = 0; round <= ROUNDS; round++) {
    const what = round === 0 ? 'push, 100 new records' : `push, 100 changed records, round ${round}`
    await run(`${what}, 1 client`, BATCH, { ...whole, next: (index) => pushOf(0, batchOf(index, round)) })
  }
  for (const limit of [100, 500]) {
    for (let round = 1; round <= ROUNDS; round++) {
      const before = cpuSeconds(server)
      const { rows, ...result } = await pullToTheEnd(server, `${base}/sync/pull?limit=${limit}`, headers(0))
      const what = `pull, limit ${limit}, 1 reader, round ${round}`
      report(what, count(written), rows / result.requests, result, cpuSeconds(server) - before, memoryMb(server))
    }
  }
  const exportAll = { method: 'GET', path: `${base}/dataexport/parquet`, headers: headers(0) }
  await run('parquet of all, 1 reader', written, {
    clients: 1,
    durationMs: 60_000,
    maxRequests: 10,
    next: () => exportAll,
  })

  const timed = { clients: WRITERS, durationMs: seconds * 1000 }
  const inserted = await run('push, 100 new records, 4 clients', BATCH, {
    ...timed,
    next: (index) => pushOf(index % WRITERS, batchOf(RECORDS / BATCH + index, 0)),
  })
  written += inserted.requests * BATCH
  const batches = written / BATCH
  await run('push, 100 changed records, 4 clients', BATCH, {
    ...timed,
    next: (index) => pushOf(index % WRITERS, batchOf(index % batches, ROUNDS + 1 + index)),
  })
  await run('push, 1 new record, 4 clients', 1, {
    ...timed,
    next: (index) => pushOf(index % WRITERS, [recordOf(`single-${index}`, index, 0)]),
  })
}

const count = (n: number): string => n.toLocaleString('en')

/** About 0.5 kB as JSON. */
const recordOf = (id: string, i: number, round: number) => ({
  observation_id: id,
  form_type: 'household',
  form_version: '1.0',
  data: {
    name: `Household ${i}`,
    members: 1 + (i % 9),
    water: ['tap', 'rain'],
    roof: 'iron',
    score: i / 7,
    consent: i % 7 !== 0,
    round,
    remarks: 'The path floods in April; ask for the key at the shop.',
  },
  created_at: '2026-11-20T08:00:00.000Z',
  updated_at: '2026-11-20T08:05:00.000Z',
  deleted: false,
  geolocation: { latitude: -1.29 + (i % 1000) / 10_000, longitude: 36.82, accuracy: 4.5 },
  author: 'writer',
  device_id: 'tablet-7',
})

const RECORD = '"observation_id":'

/** Follows the cursor from the beginning. Records are counted and not read: what is measured is the server. */
async function pullToTheEnd(
  server: LocalServer,
  path: string,
  headers: Record<string, string>,
): Promise<LoadResult & { rows: number }> {
  const connection = await openConnection({ host: '127.0.0.1', port: server.port })
  const latencies: number[] = []
  let since = 0
  let rows = 0
  let bytesIn = 0
  const startMs = performance.now()
  for (let hasMore = true; hasMore; ) {
    const beforeMs = performance.now()
    const body = JSON.stringify({ client_id: 'reader', since: { version: since } })
    const { status, bytes } = await connection.send({ method: 'POST', path, headers, body })
    latencies.push(performance.now() - beforeMs)
    // What is behind the records.
    const tail = bytes.toString('utf8', Math.max(bytes.lastIndexOf(']'), 0))
    const cutoff = /"change_cutoff":(\d+)/.exec(tail)
    if (status !== '200' || !cutoff) throw new Error(`pull: ${bytes.toString('utf8', 0, 1_000)}`)
    since = Number(cutoff[1])
    hasMore = tail.includes('"has_more":true')
    for (let at = bytes.indexOf(RECORD); at >= 0; at = bytes.indexOf(RECORD, at + RECORD.length)) rows++
    bytesIn += bytes.length
  }
  connection.close()
  const seconds = (performance.now() - startMs) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!
  const requests = latencies.length
  return {
    rows,
    requests,
    statuses: { 200: requests },
    seconds,
    perSecond: requests / seconds,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    bytesIn,
  }
}
