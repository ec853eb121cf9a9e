// Exports of one form of eight questions: how fast they leave, when their first byte does, and what memory that takes.
// The answers are read and thrown away: what is measured is the server.
import { randomUUID } from 'node:crypto'
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LocalServer } from '../scripts/server.ts'
import { ColumnUnion, type ExportedVersion } from '../src/domain/exports/columns.ts'
import type { ExportedSubmission } from '../src/domain/exports/model.ts'
import { tableRows } from '../src/domain/exports/rows.ts'
import type { FormSchema } from '../src/forms/schema.ts'
import { csvLines } from '../src/lib/csv.ts'
import { createClient } from './api.ts'
import { runLoad } from './load.ts'
import { type BenchOptions, cpuSeconds, memoryMb } from './report.ts'

/** As many as the archive that the peers take so long for (demands, number 7). */
const ROWS = 113_000
/** What an export may add to the server's memory, whatever its size. */
const MAX_GROWTH_MB = 120
const QUICK_ROWS = 10_000
const FORMATS = ['csv', 'geojson', 'ndjson', 'xlsx', 'parquet', 'kml']

const options = (...values: string[]) => values.map((value) => ({ value, label: `The ${value}` }))

export const EIGHT_QUESTIONS = {
  title: 'Water points',
  fields: [
    { id: 'name', type: 'text', label: 'Name', required: true },
    { id: 'households', type: 'number', label: 'Households' },
    { id: 'visited_on', type: 'date', label: 'Date of visit' },
    { id: 'kind', type: 'select_one', label: 'Kind', options: options('tap', 'well', 'spring') },
    { id: 'uses', type: 'select_multiple', label: 'Uses', options: options('drinking', 'washing', 'animals') },
    { id: 'gps', type: 'geopoint', label: 'Position' },
    { id: 'phone', type: 'phone', label: 'Phone of the keeper' },
    { id: 'remarks', type: 'textarea', label: 'Remarks' },
  ],
}

export const answers = (i: number) => ({
  name: `Water point ${i}`,
  households: 3 + (i % 60),
  visited_on: '2026-11-20',
  kind: ['tap', 'well', 'spring'][i % 3],
  uses: i % 4 === 0 ? ['drinking', 'washing'] : ['drinking'],
  gps: { latitude: -1.29 + (i % 1000) / 10_000, longitude: 36.82 + (i % 777) / 10_000, altitude: 1600, accuracy: 4.5 },
  phone: `+2547${String(i).padStart(8, '0')}`,
  remarks: i % 5 === 0 ? 'The path floods in April, and "the bridge" is gone.' : 'In good order.',
})

export async function runExportsBench(server: LocalServer, { seconds }: BenchOptions): Promise<void> {
  formatterAlone()
  const rows = seconds < 10 ? QUICK_ROWS : ROWS
  const api = createClient(server.url)
  await api.logIn('bench@example.org', 'bench-password')
  const form = await api.publish(EIGHT_QUESTIONS)
  await fill(server, api, form, rows)
  print([
    'export',
    'rows',
    'rows per second',
    'MB per second',
    'first byte ms',
    'seconds',
    'cpu µs a row',
    'memory MB, before and most',
  ])
  print(['---', '---', '---', '---', '---', '---', '---', '---'])
  // The first of each warms the server; the second counts.
  for (const format of FORMATS)
    for (const round of [1, 2]) {
      await api.logIn('bench@example.org', 'bench-password')
      const path = `/api/v1/submissions/export/${format}?form_id=${form.id}`
      const measured = await measureDownload(server, path, api.token())
      print([`${format}, round ${round}`, rows.toLocaleString('en'), ...figures(measured, rows)])
    }
}

export interface Measured {
  seconds: number
  firstByteMs: number
  bytes: number
  cpu: number
  memoryBeforeMb: number
  memoryMostMb: number
}

export const figures = (measured: Measured, rows: number): string[] => [
  Math.round(rows / measured.seconds).toLocaleString('en'),
  (measured.bytes / measured.seconds / 1e6).toFixed(1),
  measured.firstByteMs.toFixed(0),
  measured.seconds.toFixed(2),
  ((measured.cpu * 1e6) / rows).toFixed(1),
  `${measured.memoryBeforeMb}, ${measured.memoryMostMb}`,
]

export async function fill(
  server: LocalServer,
  api: ReturnType<typeof createClient>,
  form: { id: string; versionId: string },
  rows: number,
): Promise<void> {
  const devices = await Promise.all(Array.from({ length: 4 }, () => api.pair()))
  await runLoad({
    host: '127.0.0.1',
    port: server.port,
    clients: 4,
    durationMs: 3_600_000,
    maxRequests: Math.ceil(rows / 100),
    next: (index) => ({
      method: 'POST',
      path: '/api/v1/submissions/bulk',
      headers: { authorization: `Bearer ${devices[index % devices.length]}` },
      body: JSON.stringify(
        Array.from({ length: 100 }, (_, i) => ({
          form_version_id: form.versionId,
          local_uuid: randomUUID(),
          data: answers(index * 100 + i),
          collected_at: '2026-11-20T08:45:00Z',
        })),
      ),
    }),
  })
}

/** Follows no redirect and gathers nothing. Memory is looked at every 50 ms. */
export function measureDownload(server: LocalServer, path: string, token: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const memoryBeforeMb = memoryMb(server)
    const cpuBefore = cpuSeconds(server)
    const startMs = performance.now()
    let [bytes, firstByteMs, memoryMostMb] = [0, 0, memoryBeforeMb]
    const watch = setInterval(() => {
      memoryMostMb = Math.max(memoryMostMb, memoryMb(server))
    }, 50)
    const fail = (error: Error) => {
      clearInterval(watch)
      reject(error)
    }
    const headers = { authorization: `Bearer ${token}` }
    get(`${server.url}${path}`, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return fail(new Error(`${path}: ${response.statusCode}`))
      response.on('data', (chunk: Buffer) => {
        if (bytes === 0) firstByteMs = performance.now() - startMs
        bytes += chunk.length
      })
      response.on('error', fail)
      response.on('end', () => {
        clearInterval(watch)
        const seconds = (performance.now() - startMs) / 1000
        resolve({ seconds, firstByteMs, bytes, cpu: cpuSeconds(server) - cpuBefore, memoryBeforeMb, memoryMostMb })
      })
    }).on('error', fail)
  })
}

/** A job over ten thousand submissions, and over a million: what both take of the server's memory is to be the same. */
export async function runMillionBench(server: LocalServer): Promise<void> {
  const api = createClient(server.url)
  await api.logIn('bench@example.org', 'bench-password')
  const form = await api.publish(EIGHT_QUESTIONS)
  const slowest = 'slowest other answer ms'
  print([
    'export',
    'rows',
    'volumes',
    'rows per second',
    'seconds',
    'cpu µs a row',
    slowest,
    'memory MB, before and most',
  ])
  print(['---', '---', '---', '---', '---', '---', '---', '---'])
  let filled = 0
  for (const rows of [10_000, 1_000_000]) {
    await fill(server, api, form, rows - filled)
    filled = rows
    for (const format of ['csv', 'ndjson', 'parquet']) {
      await api.logIn('bench@example.org', 'bench-password')
      const job = await measureJob(server, api, format, form.id)
      const { volumes, seconds, cpu, slowestMs, memoryBeforeMb, memoryMostMb } = job
      print([
        `${format}, as a job`,
        rows.toLocaleString('en'),
        String(volumes),
        Math.round(rows / seconds).toLocaleString('en'),
        seconds.toFixed(1),
        ((cpu * 1e6) / rows).toFixed(1),
        slowestMs.toFixed(0),
        `${memoryBeforeMb}, ${memoryMostMb}`,
      ])
    }
  }
}

/** What the first large export of a server adds to its memory. Each is the first of a server on the same data, which has
 *  taken in 5,000 submissions and exported 1,000 in the same way. More than can be downloaded is a job. */
export async function runExportsMemoryBench(first: LocalServer, { restart }: BenchOptions): Promise<void> {
  const api = createClient(first.url)
  await api.logIn('bench@example.org', 'bench-password')
  const forms = new Map<number, { id: string; versionId: string }>()
  for (const rows of [1000, 10_000, 50_000, ROWS, 1_000_000]) {
    const form = await api.publish(EIGHT_QUESTIONS)
    await fill(first, api, form, rows)
    forms.set(rows, form)
  }
  print(['first export', 'rows', 'memory MB, before, most, growth'])
  print(['---', '---', '---'])
  for (const rows of [10_000, 50_000, ROWS, ROWS, 1_000_000, 1_000_000])
    for (const format of ['csv', 'geojson', 'ndjson', 'parquet']) {
      const server = await restart()
      const api = createClient(server.url)
      await api.logIn('bench@example.org', 'bench-password')
      await fill(server, api, await api.publish(EIGHT_QUESTIONS), 5000)
      const measure = (of: number) => {
        const { id } = forms.get(of)!
        if (rows > ROWS) return measureJob(server, api, format, id)
        return measureDownload(server, `/api/v1/submissions/export/${format}?form_id=${id}`, api.token())
      }
      await measure(1000)
      await sleep(1000)
      const { seconds, memoryBeforeMb, memoryMostMb } = await measure(rows)
      const growth = memoryMostMb - memoryBeforeMb
      print([format, rows.toLocaleString('en'), `${memoryBeforeMb}, ${memoryMostMb}, ${growth}`])
      if (growth >= MAX_GROWTH_MB) process.exitCode = 1
      if (rows !== ROWS) continue
      const path = `/api/v1/submissions/export/${format}?form_id=${forms.get(rows)!.id}`
      await breakOff(server, path, api.token(), seconds)
    }
}

/** Clients that leave half-way: afterwards the server is at rest, or this throws. */
async function breakOff(server: LocalServer, path: string, token: string, seconds: number): Promise<void> {
  const memoryBeforeMb = memoryMb(server)
  const leaving = Array.from({ length: 5 }, async () => {
    const half = AbortSignal.timeout(Math.round((seconds * 1000) / 2))
    const response = await fetch(`${server.url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: half,
    })
    await response.arrayBuffer()
    throw new Error('The download ended before its client left.')
  })
  for (const { reason } of (await Promise.allSettled(leaving)) as PromiseRejectedResult[])
    if (reason.name !== 'TimeoutError') throw reason
  await sleep(1000)
  const cpuBefore = cpuSeconds(server)
  await sleep(1000)
  const cpu = cpuSeconds(server) - cpuBefore
  const addedMb = memoryMb(server) - memoryBeforeMb
  print(['five that leave half-way', String(ROWS), `+${addedMb}, CPU a second later ${(cpu * 100).toFixed(0)} %`])
  if (cpu > 0.1 || addedMb > MAX_GROWTH_MB) throw new Error('The server does not come to rest.')
}

async function measureJob(server: LocalServer, api: ReturnType<typeof createClient>, format: string, formId: string) {
  const headers = { authorization: `Bearer ${api.token()}`, 'content-type': 'application/json' }
  const memoryBeforeMb = memoryMb(server)
  const cpuBefore = cpuSeconds(server)
  const startMs = performance.now()
  let memoryMostMb = memoryBeforeMb
  const watch = setInterval(() => {
    memoryMostMb = Math.max(memoryMostMb, memoryMb(server))
  }, 50)
  const body = JSON.stringify({ format, form_id: formId })
  let job = (await (await fetch(`${server.url}/api/v1/exports`, { method: 'POST', headers, body })).json()) as Job
  let slowestMs = 0
  while (job.state === 'queued' || job.state === 'running') {
    await sleep(250)
    const askedMs = performance.now()
    job = (await (await fetch(`${server.url}/api/v1/exports/${job.id}`, { headers })).json()) as Job
    slowestMs = Math.max(slowestMs, performance.now() - askedMs)
  }
  clearInterval(watch)
  if (job.state !== 'done') throw new Error(`The export is ${job.state}: ${job.error}`)
  const seconds = (performance.now() - startMs) / 1000
  const cpu = cpuSeconds(server) - cpuBefore
  return { volumes: job.volumes.length, seconds, cpu, slowestMs, memoryBeforeMb, memoryMostMb }
}

interface Job {
  id: string
  state: string
  error: string | null
  volumes: unknown[]
}

/** Answers to CSV text as bytes, without a database, in Node. */
function formatterAlone(): void {
  const version = { id: 'v', versionNum: 1, schema: EIGHT_QUESTIONS as FormSchema } as ExportedVersion
  const union = new ColumnUnion({ labels: false })
  union.add(version)
  const { tables, readers } = union.finish()
  const reader = readers.of(version.id)
  const page = Array.from({ length: 1000 }, (_, i) => ({
    id: randomUUID(),
    reader,
    answers: answers(i),
    submittedBy: 'amina@example.org',
    collectedAtMs: 1_763_628_300_000 + i * 1000,
    submittedAtMs: 1_763_628_300_000,
    deletedAtMs: null,
    media: [],
  })) as unknown as ExportedSubmission[]
  const table = tables[0]!
  const times = table.columns.map(({ type }) => type === 'timestamp')
  const encoder = new TextEncoder()
  let bytes = 0
  const format = (pages: number) => {
    for (let i = 0; i < pages; i++)
      bytes += encoder.encode(csvLines(tableRows(table, page), { times, guard: true })).length
  }
  format(100)
  const startMs = performance.now()
  format(500)
  const seconds = (performance.now() - startMs) / 1000
  process.stdout.write(
    `The CSV formatter alone: ${Math.round(500_000 / seconds).toLocaleString('en')} rows/s, ${(bytes / 600_000).toFixed(0)} bytes a row\n\n`,
  )
}

const print = (cells: string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)
