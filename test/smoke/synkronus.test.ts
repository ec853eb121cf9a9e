// The Synkronus wire over real connections: paths that clients encode reach the server as they are, and what it exports
// opens in DuckDB, which knows nothing of us. Case 84 of the contract.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { unzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type LocalServer, startServer } from '../../scripts/server.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-synkronus-'))
let server: LocalServer
let token: string

beforeAll(async () => {
  const env = { ADMIN_EMAIL: 'chiara@example.org', ADMIN_PASSWORD: 'chiara-owns-it' }
  server = await startServer({ port: 0, stateDir, env, onLine: () => undefined })
  const login = { username: 'chiara@example.org', password: 'chiara-owns-it' }
  token = ((await (await send('POST', '/auth/login', JSON.stringify(login))).json()) as { token: string }).token
})

afterAll(async () => {
  await server.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

async function send(method: string, path: string, body?: string | FormData): Promise<Response> {
  const response = await fetch(`${server.url}/synkronus/api${path}`, {
    method,
    body,
    headers: {
      'x-ode-version': '1.0.0',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
    },
  })
  if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response
}

test('case 84: ten thousand rows open in DuckDB, numbers as numbers', async () => {
  for (let batch = 0; batch < 10; batch++) {
    const records = Array.from({ length: 1000 }, (_, i) => {
      const n = batch * 1000 + i
      return {
        observation_id: `o-${n}`,
        form_type: 'survey',
        form_version: '1',
        data: {
          n,
          half: n / 2,
          even: n % 2 === 0,
          text: `row ${n}`,
          'Big-Key "x"': { deep: [n] },
          ...(n % 10 ? {} : { tenth: n }),
        },
        created_at: new Date(1_700_000_000_000 + n * 1000).toISOString(),
        updated_at: '2026-11-20T08:05:00Z',
        deleted: false,
      }
    })
    const body = JSON.stringify({ transmission_id: `t-${batch}`, client_id: 'smoke', records })
    expect(await (await send('POST', '/sync/push', body)).json()).toMatchObject({ success_count: 1000 })
  }
  // A machine that is busy with other things may have kept some of them back for a moment.
  await vi.waitFor(
    async () => expect(await (await send('GET', '/stats/observations')).json()).toMatchObject({ totalCount: 10_000 }),
    { timeout: 30_000, interval: 200 },
  )
  const archive = unzipSync(new Uint8Array(await (await send('GET', '/dataexport/parquet')).arrayBuffer()))
  const file = join(stateDir, 'survey.parquet')
  writeFileSync(file, archive['survey.parquet']!)
  const connection = await (await DuckDBInstance.create()).connect()
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson()
  const table = `read_parquet('${file}')`
  const types = Object.fromEntries(
    (await ask(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${table})`)).map((row) => [
      row.column_name,
      row.column_type,
    ]),
  )
  expect(types).toMatchObject({
    observation_id: 'VARCHAR',
    created_at: 'VARCHAR',
    deleted: 'BOOLEAN',
    version: 'BIGINT',
    data_n: 'DOUBLE',
    data_half: 'DOUBLE',
    data_even: 'BOOLEAN',
    data_text: 'VARCHAR',
    'data_Big-Key "x"': 'VARCHAR',
    data_tenth: 'DOUBLE',
  })
  const [figures] = await ask(
    `SELECT count(*)::INT AS rows, sum(data_n) AS n, sum(data_half) AS half, count(data_tenth)::INT AS tenths,
       count(*) FILTER (data_even)::INT AS even, count(DISTINCT observation_id)::INT AS ids FROM ${table}`,
  )
  const n = (9_999 * 10_000) / 2
  expect(figures).toEqual({ rows: 10_000, n, half: n / 2, tenths: 1_000, even: 5_000, ids: 10_000 })
  expect(await ask(`SELECT data_text, "data_Big-Key ""x""" AS key FROM ${table} LIMIT 1`)).toEqual([
    { data_text: 'row 0', key: expect.stringMatching(/^\{"deep": ?\[0\]\}$/) },
  ])
})

test('a file of a bundle is downloaded by its encoded path, as the app does it', async () => {
  const page = new TextEncoder().encode('<!doctype html>')
  const form = new FormData()
  form.append('bundle', new Blob([new Uint8Array(zipSync({ 'app/index.html': page }))]), 'bundle.zip')
  const pushed = (await (await send('POST', '/app-bundle/push', form)).json()) as { manifest: { version: string } }
  await send('POST', `/app-bundle/switch/${pushed.manifest.version}`)
  expect(await (await send('GET', '/app-bundle/download/app%2Findex.html')).text()).toBe('<!doctype html>')
})
