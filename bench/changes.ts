// The feed: how fast one reader that follows its cursor is served, from the first row to the last.
import type { LocalServer } from '../scripts/server.ts'
import { createClient } from './api.ts'
import { fillForm } from './fill.ts'
import { type BenchOptions, beginTable, cpuSeconds, memoryMb, report } from './report.ts'
import { SURVEY } from './survey.ts'

const LIMITS = [100, 500, 1000]
/** Each limit is read so often; the first round warms the server. */
const ROUNDS = 3

export async function runChangesBench(server: LocalServer, { fills }: BenchOptions): Promise<void> {
  const api = createClient(server.url)
  await api.logIn('bench@example.org', 'bench-password')
  const form = await api.publish(SURVEY)
  const devices = await Promise.all(Array.from({ length: 4 }, () => api.pair()))
  const key = await api.addKey(['changes:read'])
  beginTable()
  for (const fill of fills) {
    const at = (await fillForm(server, api, form, devices, fill)).toLocaleString('en')
    for (const limit of LIMITS) {
      for (let round = 1; round <= ROUNDS; round++) {
        const before = cpuSeconds(server)
        const { rows, ...result } = await readToTheEnd(server.url, key, limit)
        const what = `GET /changes, limit ${limit}, 1 reader, round ${round}`
        report(what, at, rows / result.requests, result, cpuSeconds(server) - before, memoryMb(server))
      }
    }
  }
}

/** Follows the cursor from the beginning. The answers are read but not parsed: what is measured is the server. */
async function readToTheEnd(url: string, key: string, limit: number) {
  const latencies: number[] = []
  let cursor = ''
  let rows = 0
  let bytesIn = 0
  const startMs = performance.now()
  for (let hasMore = true; hasMore; ) {
    const beforeMs = performance.now()
    const after = cursor && `&after=${cursor}`
    const response = await fetch(`${url}/api/v1/changes?limit=${limit}${after}`, { headers: { 'x-api-key': key } })
    const text = await response.text()
    latencies.push(performance.now() - beforeMs)
    if (response.status !== 200) throw new Error(`GET /changes: ${response.status} ${text}`)
    const tail = /"cursor":"([\w-]+)","has_more":(true|false),"epoch":\d+}$/.exec(text.slice(-300))
    if (!tail) throw new Error(`The answer ends unexpectedly: ${text.slice(-300)}`)
    cursor = tail[1]!
    hasMore = tail[2] === 'true'
    rows += text.split('"kind":"submission"').length - 1
    bytesIn += text.length
  }
  const seconds = (performance.now() - startMs) / 1000
  latencies.sort((a, b) => a - b)
  const percentile = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!
  return {
    rows,
    requests: latencies.length,
    statuses: { 200: latencies.length },
    seconds,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
    bytesIn,
  }
}
