// Phones lose their network in the middle of a request. On sockets of our own, against the server as `npm start` runs
// it: a body that breaks off leaves nothing behind, and the next request is answered.
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalServer, startServer } from '../../scripts/server.ts'
import { type Client, createClient } from '../../src/client.ts'

const credentials = { email: 'chiara@example.org', password: 'chiara-owns-it' }
const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-broken-off-'))
const lines: string[] = []
let server: LocalServer
let admin: Client
let deviceToken: string
let versionId: string
let sentUuid: string

beforeAll(async () => {
  const env = { ADMIN_EMAIL: credentials.email, ADMIN_PASSWORD: credentials.password }
  server = await startServer({ port: 0, stateDir, env, onLine: (line) => lines.push(line) })
  const login = await createClient(server.url).auth.login.$post({ json: credentials })
  admin = createClient(server.url, { token: (await login.json()).access_token })
  const project = await (await admin.projects.$post({ json: { name: 'Wells' } })).json()
  const fields = [
    { id: 'note', type: 'text', label: 'What do you see?' },
    { id: 'pic', type: 'photo', label: 'Picture' },
  ]
  const made = await admin.forms.$post({ json: { project_id: project.id, name: 'Well', schema: { fields } } })
  const { id } = await made.json()
  versionId = (await (await admin.forms[':id'].publish.$post({ param: { id } })).json()).version_id
  const { token } = await (await admin.settings.mobile['pairing-token'].$post({ json: {} })).json()
  const paired = await createClient(server.url).mobile.pair.$post({ json: { token } })
  deviceToken = (await paired.json()).device_token
  sentUuid = await sendOne()
})

afterAll(async () => {
  await server?.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

const item = (note: string) => ({ form_version_id: versionId, local_uuid: crypto.randomUUID(), data: { note } })

/** A submission as usual. Returns its local_uuid. */
async function sendOne(): Promise<string> {
  const one = item('an owl')
  const response = await fetch(`${server.url}/api/v1/submissions/bulk`, {
    method: 'POST',
    headers: { authorization: `Bearer ${deviceToken}`, 'content-type': 'application/json' },
    body: JSON.stringify([one]),
  })
  expect(await response.json()).toMatchObject({ accepted: [{ local_uuid: one.local_uuid }], errors: [] })
  return one.local_uuid
}

/** Rows that the server has in its files now, by table. */
function rowsNow(): Record<string, number> {
  const count = (pattern: string, tables: string[]) => {
    const [file] = globSync(pattern, { cwd: stateDir, exclude: (name) => String(name).endsWith('metadata.sqlite') })
    const database = new DatabaseSync(join(stateDir, file!), { readOnly: true })
    try {
      const rows = tables.map((table) => [table, database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n])
      return Object.fromEntries(rows) as Record<string, number>
    } finally {
      database.close()
    }
  }
  return {
    ...count('d1/*/*.sqlite', ['submissions', 'quarantine', 'media', 'media_uploads']),
    ...count('r2/*/*.sqlite', ['_mf_objects', '_mf_multipart_parts']),
    blobs: globSync('r2/media/blobs/*', { cwd: stateDir }).length,
  }
}

interface Broken {
  path: string
  type: string
  /** What is sent of the body. */
  part: Buffer
  /** What the whole body would have had; null for a chunked one, whose end is never sent. */
  wholeBytes: number | null
  ending: 'FIN' | 'RST'
}

/** Sends the beginning of a request, waits until `seen`, and hangs up. */
async function breakOff({ path, type, part, wholeBytes, ending }: Broken, seen: () => Promise<void>): Promise<void> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  // What a hang-up does to our own side is no matter.
  socket.on('error', () => {})
  const head = [
    `POST /api/v1${path} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    `Authorization: Bearer ${deviceToken}`,
    `Content-Type: ${type}`,
    wholeBytes === null ? 'Transfer-Encoding: chunked' : `Content-Length: ${wholeBytes}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  if (wholeBytes === null) socket.write(`${part.length.toString(16)}\r\n`)
  await new Promise((sent) => socket.write(part, sent))
  await seen()
  const closed = new Promise((done) => socket.once('close', done))
  if (ending === 'RST') socket.resetAndDestroy()
  else socket.destroy()
  await closed
}

/** Nothing more is there than before, now and after a while, and the server works as ever. */
async function expectAsBefore(before: Record<string, number>): Promise<void> {
  await expect.poll(rowsNow, { timeout: 10_000 }).toEqual(before)
  expect((await createClient(server.url).health.$get()).status).toBe(200)
  await sendOne()
  expect(rowsNow()).toEqual({ ...before, submissions: before.submissions! + 1 })
  expect(lines.filter((line) => !line.startsWith('{') || JSON.parse(line).status >= 500)).toEqual([])
}

const ENDINGS = ['FIN', 'RST'] as const
const WAYS = ENDINGS.flatMap((ending) => [false, true].map((chunked) => ({ ending, chunked })))

test.each(WAYS)('half a bulk body, then $ending (chunked: $chunked), stores nothing', async ({ ending, chunked }) => {
  const before = rowsNow()
  const body = Buffer.from(JSON.stringify({ submissions: Array.from({ length: 100 }, () => item('x'.repeat(2_000))) }))
  const part = body.subarray(0, body.length / 2)
  const broken = { path: '/submissions/bulk', type: 'application/json', part, ending }
  // Long enough for the server to have read it: there is nothing to see of that from here.
  const seen = () => new Promise<void>((done) => setTimeout(done, 150))
  await breakOff({ ...broken, wholeBytes: chunked ? null : body.length }, seen)
  await expectAsBefore(before)
})

test.each(WAYS)('half a photo, then $ending (chunked: $chunked), leaves nothing of it', async ({ ending, chunked }) => {
  const before = rowsNow()
  const field = (name: string, rest: string) => `--cut\r\ncontent-disposition: form-data; name="${name}"${rest}`
  const head = [
    field('submission_local_uuid', `\r\n\r\n${sentUuid}\r\n`),
    field('field_id', '\r\n\r\npic\r\n'),
    field('file', '; filename="well.jpg"\r\ncontent-type: image/jpeg\r\n\r\n'),
  ].join('')
  // Large enough that a part of it is in the storage already.
  const part = Buffer.concat([Buffer.from(head), Buffer.alloc(7_000_000, 7)])
  const broken = { path: '/media/upload', type: 'multipart/form-data; boundary=cut', part, ending }
  const seen = () =>
    expect.poll(rowsNow, { timeout: 10_000 }).toMatchObject({
      media_uploads: before.media_uploads! + 1,
      _mf_multipart_parts: before._mf_multipart_parts! + 1,
    })
  await breakOff({ ...broken, wholeBytes: chunked ? null : 2 * part.length }, seen)
  await expectAsBefore(before)

  const list = await (await admin.submissions.$get({ query: { limit: '1000' } })).json()
  const { id } = list.find(({ local_uuid }) => local_uuid === sentUuid)!
  expect((await (await admin.submissions[':id'].$get({ param: { id } })).json()).media_files).toEqual([])
})
