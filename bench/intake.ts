// Intake and reading: bulk sync, single submissions, the phone's form list, the admin's list, a large upload.
import type { LocalServer } from '../scripts/server.ts'
import { createClient } from './api.ts'
import { runLoad } from './load.ts'
import { type BenchOptions, beginTable, cpuSeconds, memoryMb, report } from './report.ts'
import { answers, SURVEY, submission } from './survey.ts'

export async function runIntakeBench(server: LocalServer, { fills, seconds }: BenchOptions): Promise<void> {
  const api = createClient(server.url)
  await api.logIn('bench@example.org', 'bench-password')
  const form = await api.publish(SURVEY)
  const devices = await Promise.all(Array.from({ length: 4 }, () => api.pair()))
  const key = await api.addKey()
  const target = { host: '127.0.0.1', port: server.port }
  const bulk = (index: number) => ({
    method: 'POST',
    path: '/api/v1/submissions/bulk',
    headers: { authorization: `Bearer ${devices[index % devices.length]}` },
    body: JSON.stringify(Array.from({ length: 100 }, (_, i) => submission(form.versionId, index * 100 + i))),
  })
  const atRest = memoryMb(server)
  beginTable()
  for (const fill of fills) {
    const missing = fill - (await api.count(form.id))
    if (missing > 0) {
      await runLoad({ ...target, clients: 4, durationMs: 600_000, maxRequests: Math.ceil(missing / 100), next: bulk })
    }
    const at = (await api.count(form.id)).toLocaleString('en')
    const run = async (
      what: string,
      each: number,
      options: Omit<Parameters<typeof runLoad>[0], 'host' | 'port' | 'durationMs'>,
    ) => {
      const before = cpuSeconds(server)
      const result = await runLoad({ ...target, durationMs: seconds * 1000, ...options })
      report(what, at, each, result, cpuSeconds(server) - before, memoryMb(server))
    }
    await run('bulk sync, 100 a request, 4 devices', 100, { clients: 4, next: bulk })
    await run('single, one API key, 32 clients', 1, {
      clients: 32,
      next: (i) => ({
        method: 'POST',
        path: '/api/v1/headless/submit',
        headers: { 'x-api-key': key },
        body: JSON.stringify({ form_id: form.id, local_uuid: crypto.randomUUID(), data_json: answers(i) }),
      }),
    })
    await run('GET /mobile/forms, 16 clients', 1, {
      clients: 16,
      next: () => ({ method: 'GET', path: '/api/v1/mobile/forms', headers: { authorization: `Bearer ${devices[0]}` } }),
    })
    await run('GET /submissions, 50 of the form, 4 clients', 1, {
      clients: 4,
      next: () => ({
        method: 'GET',
        path: `/api/v1/submissions?form_id=${form.id}&limit=50`,
        headers: { authorization: `Bearer ${api.token()}` },
      }),
    })
  }
  const busy = memoryMb(server)
  process.stdout.write(
    `\nMemory of the server: ${atRest} MB at rest, ${busy} MB after these runs (+${busy - atRest} MB).\n`,
  )
  await measureUpload(server, api, form.versionId, devices[0]!)
}

/** A 90 MB file, twice: the first run warms what the process keeps, the second is what one more upload costs. */
async function measureUpload(
  server: LocalServer,
  api: ReturnType<typeof createClient>,
  versionId: string,
  device: string,
) {
  const localUuid = await api.submitOne(versionId, device)
  for (const round of ['first', 'second']) {
    const before = memoryMb(server)
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, memoryMb(server))
    }, 20)
    const startMs = performance.now()
    await api.upload(device, localUuid, `${round}.bin`, 90 * 1024 * 1024)
    clearInterval(watch)
    const seconds = (performance.now() - startMs) / 1000
    process.stdout.write(
      `Upload of 90 MB, ${round}: ${seconds.toFixed(1)} s, memory ${before} MB before, ${peak} MB at its peak (+${peak - before} MB).\n`,
    )
  }
}
