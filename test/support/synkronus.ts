// The Synkronus wire as its clients speak it: both mounts, people in its three roles, observations and files. It knows
// the contract alone and nothing of how the server is made.
import { type Answer, expectStatus, type StartOptions, startApp, type TestApp } from './app.ts'
import { FORM_TYPE, formBody, type Part } from './media.ts'

export interface Mount {
  path: string
  /** What every client of this mount sends. */
  headers: Record<string, string>
}

/** Clients of 1.0.3 know neither the prefix nor the version header; those of today send both. */
export const OLD: Mount = { path: '/synkronus', headers: {} }
export const CURRENT: Mount = { path: '/synkronus/api', headers: { 'x-ode-version': '1.0.0' } }
export const MOUNTS = [OLD, CURRENT]

export type SynkronusRole = 'read-only' | 'read-write' | 'admin'

export interface Reply<Body = any> extends Answer<Body> {
  bytes: Uint8Array
}

export interface SendOptions {
  json?: unknown
  body?: BodyInit
  headers?: Record<string, string>
}

/** Somebody who calls; paths are relative to the mount. */
export interface Wire {
  mount: Mount
  send(method: string, path: string, options?: SendOptions): Promise<Reply>
  get(path: string, headers?: Record<string, string>): Promise<Reply>
  post(path: string, json?: unknown, headers?: Record<string, string>): Promise<Reply>
  delete(path: string): Promise<Reply>
}

export interface Member extends Wire {
  username: string
  password: string
  token: string
  refreshToken: string
}

export interface Repository {
  server: TestApp
  mount: Mount
  nobody: Wire
  admin: Member
  writer: Member
  reader: Member
  as(headers: Record<string, string>, mount?: Mount): Wire
  logIn(username: string, password: string, mount?: Mount): Promise<Member>
  /** Made by the admin, over this wire. */
  addMember(username: string, role: SynkronusRole): Promise<Member>
}

export const ORIGIN = 'http://fieldpost.test'

export function wireOf(server: TestApp, mount: Mount, credentials: Record<string, string> = {}): Wire {
  const send = async (method: string, path: string, options: SendOptions = {}): Promise<Reply> => {
    const headers = new Headers({ ...mount.headers, ...credentials, ...options.headers })
    const body = options.json === undefined ? options.body : JSON.stringify(options.json)
    if (options.json !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json')
    const url = path.startsWith('http') ? path : `${ORIGIN}${mount.path}${path}`
    const response = await server.app.request(new Request(url, { method, headers, body, redirect: 'manual' }))
    const bytes = new Uint8Array(await response.arrayBuffer())
    const isJson = response.headers.get('content-type')?.includes('json')
    const text = isJson || bytes.length < 10_000 ? new TextDecoder().decode(bytes) : ''
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      text,
      body: isJson && text ? JSON.parse(text) : null,
    }
  }
  return {
    mount,
    send,
    get: (path, headers) => send('GET', path, { headers }),
    post: (path, json, headers) => send('POST', path, { json, headers }),
    delete: (path) => send('DELETE', path),
  }
}

async function logInAs(server: TestApp, mount: Mount, username: string, password: string): Promise<Member> {
  const { body } = expectStatus(200, await wireOf(server, mount).post('/auth/login', { username, password }))
  const wire = wireOf(server, mount, { authorization: `Bearer ${body.token}` })
  return { ...wire, username, password, token: body.token, refreshToken: body.refreshToken }
}

/** The tenant of this mount, with somebody in each role. `admin`: who is there already. */
export async function openRepository(
  server: TestApp,
  mount: Mount,
  admin = { username: 'chiara@example.org', password: 'chiara-owns-it' },
): Promise<Repository> {
  const logIn = (username: string, password: string, at = mount) => logInAs(server, at, username, password)
  const chiara = await logIn(admin.username, admin.password)
  const addMember = async (username: string, role: SynkronusRole) => {
    const password = `${username}-has-a-password`
    expectStatus(201, await chiara.post('/users/create', { username, password, role }))
    return logIn(username, password)
  }
  return {
    server,
    mount,
    nobody: wireOf(server, mount),
    admin: chiara,
    writer: await addMember('wanja', 'read-write'),
    reader: await addMember('rosa', 'read-only'),
    as: (headers, at = mount) => wireOf(server, at, headers),
    logIn,
    addMember,
  }
}

export const startRepository = (mount: Mount, options?: StartOptions): Promise<Repository> =>
  openRepository(startApp(options), mount)

/** The error body of handlers. Throws when it is anything else. */
export function faultOf(reply: Reply): { error: string; message: string; code?: string } {
  const { error, message } = reply.body ?? {}
  if (typeof error !== 'string' || typeof message !== 'string')
    throw new Error(`No {error, message}: ${reply.status} ${reply.text}`)
  return reply.body
}

export interface Observation {
  observation_id: string
  form_type: string
  form_version: string
  data: Record<string, unknown>
  created_at: string
  updated_at: string
  deleted: boolean
  synced_at?: string | null
  geolocation?: Record<string, unknown> | null
  author?: string | null
  device_id?: string | null
  tags?: string[] | null
}

export type PulledObservation = Observation & { version: number }

/** A complete record, as the app writes one. */
export const observation = (id: string, more: Partial<Observation> = {}): Observation => ({
  observation_id: id,
  form_type: 'household',
  form_version: '1.0',
  data: { name: `Household ${id}`, members: 4 },
  created_at: '2026-11-20T08:00:00.000Z',
  updated_at: '2026-11-20T08:05:00.000Z',
  deleted: false,
  ...more,
})

let transmissions = 0
/** As long and as random-looking as the app's. */
export const nextTransmission = (): string => `tx${String(++transmissions).padStart(14, '0')}`

export interface PushOptions {
  client_id?: string
  transmission_id?: string
  repository_generation?: number
  headers?: Record<string, string>
}

/** The request, whatever becomes of it. */
export function tryPush(by: Wire, records: unknown[], options: PushOptions = {}): Promise<Reply> {
  const { headers, ...more } = options
  const body = { transmission_id: nextTransmission(), client_id: 'tablet-1', records, ...more }
  return by.post('/sync/push', body, headers)
}

export const push = async (by: Wire, records: unknown[], options?: PushOptions) =>
  expectStatus(200, await tryPush(by, records, options)).body

export interface PullOptions {
  since?: number
  client_id?: string
  schema_types?: string[]
  repository_generation?: number
  /** `limit=5&schemaType=a` */
  query?: string
  headers?: Record<string, string>
}

export function tryPull(by: Wire, options: PullOptions = {}): Promise<Reply> {
  const { since, query, headers, ...more } = options
  const body = { client_id: 'tablet-1', ...(since === undefined ? {} : { since: { version: since } }), ...more }
  return by.post(`/sync/pull${query ? `?${query}` : ''}`, body, headers)
}

export interface Page {
  current_version: number
  repository_generation: number
  records: PulledObservation[]
  change_cutoff: number
  has_more: boolean
  sync_format_version: string
}

/** One page; its records are a list even where the wire says null. */
export async function pull(by: Wire, options?: PullOptions): Promise<Page> {
  const { body } = expectStatus(200, await tryPull(by, options))
  return { ...body, records: body.records ?? [] }
}

/** All pages by the cursor rules of the app, which gives up where they are broken. */
export async function pullAll(by: Wire, { since = 0, ...options }: PullOptions = {}) {
  const records: PulledObservation[] = []
  for (let cursor = since, pages = 1; ; pages++) {
    const page = await pull(by, { ...options, since: cursor })
    records.push(...page.records)
    if (!page.has_more) return { records, current_version: page.current_version, pages }
    if (page.change_cutoff <= cursor) throw new Error(`change_cutoff ${page.change_cutoff} after ${cursor}`)
    cursor = page.change_cutoff
  }
}

/** Everything as it stands, by id. */
export const standing = async (by: Wire): Promise<Map<string, PulledObservation>> =>
  new Map((await pullAll(by, { query: 'limit=1000' })).records.map((record) => [record.observation_id, record]))

export const sendParts = (by: Wire, method: string, path: string, parts: Part[]) =>
  by.send(method, path, { body: formBody(parts), headers: { 'content-type': FORM_TYPE } })

export const putAttachment = (by: Wire, id: string, content: string | Uint8Array, type = 'image/jpeg') =>
  sendParts(by, 'PUT', `/attachments/${encodeURIComponent(id)}`, [{ name: 'file', content, filename: id, type }])

/** Base64url, unverified, as clients read it. */
export const claimsOf = (token: string): Record<string, any> =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
