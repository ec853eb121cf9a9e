// What live streams cost the intake: bulk sync and single submissions with nobody listening and with fifty who do, in turns,
// so that whatever else the machine does falls on all alike.
import { request } from 'node:http'
import type { LocalServer } from '../scripts/server.ts'
import { createClient } from './api.ts'
import { runLoad } from './load.ts'
import { type BenchOptions, beginTable, cpuSeconds, memoryMb, report } from './report.ts'
import { answers, SURVEY, submission } from './survey.ts'

const ROUNDS = 3
const LISTENERS = 50
const STREAMS_OF_A_KEY = 10

export async function runLiveBench(server: LocalServer, { seconds }: BenchOptions): Promise<void> {
  const api = createClient(server.url)
  await api.logIn('bench@example.org', 'bench-password')
  const form = await api.publish(SURVEY)
  const devices = await Promise.all(Array.from({ length: 4 }, () => api.pair()))
  const sensor = await api.addKey()
  const readers: string[] = []
  for (let n = 0; n < LISTENERS / STREAMS_OF_A_KEY; n++) readers.push(await api.addKey(['changes:read']))
  const loads = {
    'bulk sync, 100 a request, 4 devices': {
      each: 100,
      clients: 4,
      next: (index: number) => ({
        method: 'POST',
        path: '/api/v1/submissions/bulk',
        headers: { authorization: `Bearer ${devices[index % devices.length]}` },
        body: JSON.stringify(Array.from({ length: 100 }, (_, i) => submission(form.versionId, index * 100 + i))),
      }),
    },
    'single, one API key, 32 clients': {
      each: 1,
      clients: 32,
      next: (i: number) => ({
        method: 'POST',
        path: '/api/v1/headless/submit',
        headers: { 'x-api-key': sensor },
        body: JSON.stringify({ form_id: form.id, local_uuid: crypto.randomUUID(), data_json: answers(i) }),
      }),
    },
  }
  beginTable()
  const target = { host: '127.0.0.1', port: server.port, durationMs: seconds * 1000 }
  const hints: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const [what, { each, ...load }] of Object.entries(loads))
      for (const count of [0, LISTENERS]) {
        const streams = await Promise.all(
          Array.from({ length: count }, (_, n) => listen(server, readers[Math.floor(n / STREAMS_OF_A_KEY)]!)),
        )
        const before = cpuSeconds(server)
        const result = await runLoad({ ...target, ...load })
        report(what, `${count} listen`, each, result, cpuSeconds(server) - before, memoryMb(server))
        for (const stream of streams) hints.push(stream.hints() / result.seconds)
        for (const stream of streams) stream.leave()
      }
  const mean = hints.reduce((sum, one) => sum + one, 0) / hints.length
  process.stdout.write(`\nHints a second and listener: ${mean.toFixed(1)} (from ${Math.min(...hints).toFixed(1)}).\n`)
}

/** Resolves when the stream is open. */
function listen(server: LocalServer, key: string): Promise<{ hints: () => number; leave: () => void }> {
  return new Promise((opened, failed) => {
    const asked = request(`${server.url}/api/v1/changes/stream`, { headers: { 'x-api-key': key } }, (response) => {
      let hints = 0
      response.on('error', failed)
      response.on('data', (chunk: Buffer) => {
        hints += chunk.toString().split('event: changed').length - 1
      })
      if (response.statusCode !== 200) failed(new Error(`GET /changes/stream: ${response.statusCode}`))
      opened({ hints: () => hints, leave: () => response.destroy() })
    })
    asked.on('error', failed)
    asked.end()
  })
}
