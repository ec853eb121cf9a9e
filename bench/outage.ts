// While D1 is away: how fast submissions are taken into the objects' write-ahead logs, and how fast they reach D1 when it
// is back. D1 is taken away from outside, by locking its file: nothing in the server knows of it.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LocalServer } from '../scripts/server.ts'
import { createClient } from './api.ts'
import { type LoadRequest, runLoad } from './load.ts'
import { type BenchOptions, beginTable, cpuSeconds, memoryMb, report } from './report.ts'
import { answers, SURVEY, submission } from './survey.ts'

/** Objects try again after a pause that doubles up to half a minute. */
const DRAINED_WITHIN_MS = 120_000

export async function runOutageBench(server: LocalServer, { seconds, stateDir }: BenchOptions): Promise<void> {
  const api = createClient(server.url)
  await api.logIn('bench@example.org', 'bench-password')
  const form = await api.publish(SURVEY)
  const devices = await Promise.all(Array.from({ length: 4 }, () => api.pair()))
  const key = await api.addKey()
  const target = { host: '127.0.0.1', port: server.port, durationMs: seconds * 1000 }
  const single = (i: number): LoadRequest => ({
    method: 'POST',
    path: '/api/v1/headless/submit',
    headers: { 'x-api-key': key },
    body: JSON.stringify({ form_id: form.id, local_uuid: crypto.randomUUID(), data_json: answers(i) }),
  })
  const bulk = (index: number): LoadRequest => ({
    method: 'POST',
    path: '/api/v1/submissions/bulk',
    headers: { authorization: `Bearer ${devices[index % devices.length]}` },
    body: JSON.stringify(Array.from({ length: 100 }, (_, i) => submission(form.versionId, index * 100 + i))),
  })
  // Every credential has been here before, with this form.
  await runLoad({ ...target, clients: 1, maxRequests: 1, next: single })
  await runLoad({ ...target, clients: 1, maxRequests: devices.length, next: bulk })

  beginTable()
  const drains: string[] = []
  for (const { what, each, clients, next } of [
    { what: 'single, one API key, 32 clients, D1 away', each: 1, clients: 32, next: single },
    { what: 'bulk sync, 100 a request, 4 devices, D1 away', each: 100, clients: 4, next: bulk },
  ]) {
    const stored = await api.count(form.id)
    const release = lockD1(stateDir)
    const before = cpuSeconds(server)
    const result = await runLoad({ ...target, clients, next })
    report(what, stored.toLocaleString('en'), each, result, cpuSeconds(server) - before, memoryMb(server))
    release()
    const accepted = ((result.statuses[200] ?? 0) + (result.statuses[201] ?? 0)) * each
    drains.push(`After ${what}: ${await watchDrain(() => api.count(form.id), stored, accepted)}`)
  }
  process.stdout.write(`\n${drains.join('\n')}\n`)
}

/** From the first row that arrives to the last; the pause before it is the objects' patience, not their speed. */
async function watchDrain(count: () => Promise<number>, stored: number, accepted: number): Promise<string> {
  const releasedMs = performance.now()
  let begun: { atMs: number; rows: number } | undefined
  for (;;) {
    const rows = (await count()) - stored
    const nowMs = performance.now()
    if (rows > 0) begun ??= { atMs: nowMs, rows }
    if (begun && rows >= accepted) {
      const ms = nowMs - begun.atMs
      const rate =
        rows > begun.rows ? `at ${Math.round(((rows - begun.rows) / ms) * 1000).toLocaleString('en')}/s` : 'at once'
      const pause = ((begun.atMs - releasedMs) / 1000).toFixed(1)
      const gone = accepted - rows
      return `${accepted.toLocaleString('en')} accepted, ${rows.toLocaleString('en')} stored (${gone} missing); drained ${rate}, ${pause} s after D1 was back.`
    }
    if (nowMs - releasedMs > DRAINED_WITHIN_MS)
      return `${rows} of ${accepted} stored after ${DRAINED_WITHIN_MS / 1000} s.`
    await sleep(25)
  }
}

/** Holds the write lock of every D1 file: each call to D1 then fails, reads too. Returns what ends it. */
function lockD1(stateDir: string): () => void {
  const folder = join(stateDir, 'd1', 'miniflare-D1DatabaseObject')
  const files = readdirSync(folder).filter((name) => /^[0-9a-f]+\.sqlite$/.test(name))
  const held = files.map((name) => {
    const database = new DatabaseSync(join(folder, name))
    database.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE')
    return database
  })
  return () => {
    for (const database of held) {
      database.exec('ROLLBACK')
      database.close()
    }
  }
}
