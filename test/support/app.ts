// The application as tests drive it: over HTTP requests, with a clock that tests move and people who have names.
// Amina collects, Bruno reviews, Chiara owns, Dario is the admin of another tenant and must never see anything.
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { type App, createApp } from '../../src/app.ts'
import { buildDeps } from '../../src/background/deps.ts'
import type { Deps } from '../../src/domain/context.ts'

export interface Answer<Body = any> {
  status: number
  body: Body
  text: string
  headers: Headers
}

export type RequestOptions = {
  json?: unknown
  body?: BodyInit
  headers?: Record<string, string>
}

/** Somebody (or something) with a credential. */
export interface Caller {
  request<Body = any>(method: string, path: string, options?: RequestOptions): Promise<Answer<Body>>
  get<Body = any>(path: string, headers?: Record<string, string>): Promise<Answer<Body>>
  post<Body = any>(path: string, json?: unknown, headers?: Record<string, string>): Promise<Answer<Body>>
  put<Body = any>(path: string, json?: unknown): Promise<Answer<Body>>
  patch<Body = any>(path: string, json?: unknown): Promise<Answer<Body>>
  delete<Body = any>(path: string): Promise<Answer<Body>>
}

export interface User extends Caller {
  id: string
  email: string
  password: string
  accessToken: string
  refreshToken: string
}

export interface Device extends Caller {
  token: string
}

export interface Key extends Caller {
  id: string
  key: string
}

export interface TestApp {
  app: App
  deps: Deps
  /** Milliseconds that the application's clock has been moved from its start. */
  advance(ms: number): void
  now(): number
  lines: Record<string, unknown>[]
  nobody: Caller
  as(headers: Record<string, string>): Caller
  logIn(email: string, password: string): Promise<User>
  /** Creates the user through the API (as `by`) and logs in. */
  addUser(by: Caller, email: string, role: 'admin' | 'manager' | 'field_worker'): Promise<User>
  /** Pairs a device for the user who makes the token. */
  pair(by: Caller, label?: string): Promise<Device>
  addKey(by: Caller, body?: Record<string, unknown>): Promise<Key>
  /** A second tenant, with its admin. */
  addTenant(slug: string, adminEmail: string): Promise<User>
}

export const API = '/api/v1'

export interface StartOptions {
  /** Settings that differ from the test's defaults (variables of the Worker). */
  settings?: Record<string, string>
  deps?: Partial<Deps>
}

/** What applications went on with after they had answered. */
const begun: Promise<unknown>[] = []

/** Resolves when nothing of that is under way any more. */
export async function atRest(): Promise<void> {
  while (begun.length > 0) await Promise.allSettled(begun.splice(0))
}

/** Starts the application anew on the present storage: empty caches, its own clock. */
export function startApp({ settings = {}, deps: overrides = {} }: StartOptions = {}): TestApp {
  let nowMs = Date.parse('2026-11-23T08:00:00Z')
  const lines: Record<string, unknown>[] = []
  const deps: Deps = {
    // Not by assignment: that would reach through to `env` itself, and change it for all later tests.
    ...buildDeps(Object.create(env, Object.getOwnPropertyDescriptors(settings))),
    clock: () => nowMs,
    // Webhooks are delivered where a test does it (webhooks.ts), not behind the back of one that is about something else.
    courier: () => ({ wake: async () => undefined }),
    // So is the work of the queue: a message would come a second later, to whatever test is then running.
    sendJob: async () => undefined,
    waitUntil: (work) => void begun.push(work),
    log: (line) => {
      lines.push(line)
      // A fault of ours that a test did not expect is explained in its output.
      if (line.status === 500) console.error(line.error)
    },
    ...overrides,
  }
  const app = createApp(deps)

  const as = (credentials: Record<string, string>): Caller => {
    const request = async (method: string, path: string, options: RequestOptions = {}): Promise<Answer> => {
      const headers = new Headers({ ...credentials, ...options.headers })
      let { body } = options
      if (options.json !== undefined) {
        body = JSON.stringify(options.json)
        if (!headers.has('content-type')) headers.set('content-type', 'application/json')
      }
      const url = path.startsWith('http') ? path : `http://fieldpost.test${path.startsWith('/t/') ? path : API + path}`
      const response = await app.request(new Request(url, { method, headers, body }))
      const text = await textOf(response)
      const isJson = response.headers.get('content-type')?.includes('json')
      return {
        status: response.status,
        body: isJson && text ? JSON.parse(text) : null,
        text,
        headers: response.headers,
      }
    }
    return {
      request,
      get: (path, headers) => request('GET', path, { headers }),
      post: (path, json, headers) => request('POST', path, { json, headers }),
      put: (path, json) => request('PUT', path, { json }),
      patch: (path, json) => request('PATCH', path, { json }),
      delete: (path) => request('DELETE', path),
    }
  }

  const nobody = as({})
  const test: TestApp = {
    app,
    deps,
    advance: (ms) => {
      nowMs += ms
    },
    now: () => nowMs,
    lines,
    nobody,
    as,
    async logIn(email, password) {
      const { body } = expectStatus(200, await nobody.post('/auth/login', { email, password }))
      return {
        ...as({ authorization: `Bearer ${body.access_token}` }),
        id: decodeJwt(body.access_token).sub!,
        email,
        password,
        accessToken: body.access_token,
        refreshToken: body.refresh_token,
      }
    },
    async addUser(by, email, role) {
      const password = `${email}-password`
      expectStatus(201, await by.post('/users', { email, password, role }))
      return test.logIn(email, password)
    },
    async pair(by, label) {
      const { body } = expectStatus(200, await by.post('/settings/mobile/pairing-token'))
      const paired = expectStatus(200, await nobody.post('/mobile/pair', { token: body.token, device_label: label }))
      const token: string = paired.body.device_token
      return { ...as({ authorization: `Bearer ${token}` }), token }
    },
    async addKey(by, body = { name: 'sensor' }) {
      const made = expectStatus(201, await by.post('/api-keys', body))
      return { ...as({ 'x-api-key': made.body.key }), id: made.body.id, key: made.body.key }
    },
    async addTenant(slug, adminEmail) {
      const operator = as({ authorization: `Bearer ${deps.config.platformToken}` })
      const password = `${adminEmail}-password`
      expectStatus(
        201,
        await operator.post('/platform/tenants', {
          name: slug,
          slug,
          admin_email: adminEmail,
          admin_password: password,
        }),
      )
      return test.logIn(adminEmail, password)
    },
  }
  return test
}

/** The answer's text; of a stream of events, which has no end, what comes first. */
export async function textOf(response: Response): Promise<string> {
  if (!response.body || response.headers.get('content-type') !== 'text/event-stream')
    return new TextDecoder().decode(await response.arrayBuffer())
  const reader = response.body.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return new TextDecoder().decode(value)
}

export interface Cast extends TestApp {
  amina: User
  bruno: User
  chiara: User
  dario: User
}

/** The whole cast. Chiara is the admin of the default tenant, made by the bootstrap. */
export async function makeCast(options?: StartOptions): Promise<Cast> {
  const test = startApp(options)
  const chiara = await test.logIn('chiara@example.org', 'chiara-owns-it')
  const bruno = await test.addUser(chiara, 'bruno@example.org', 'manager')
  const amina = await test.addUser(chiara, 'amina@example.org', 'field_worker')
  const dario = await test.addTenant('other', 'dario@example.net')
  return { ...test, amina, bruno, chiara, dario }
}

/** The answer, when it has the status; an error that shows it, when it hasn't. */
export function expectStatus<A extends Answer>(status: number, answer: A): A {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${answer.text.slice(0, 500)}`)
  return answer
}

/** The credential with its middle changed: as long as the real one, and never equal to it. */
export function forged(token: string): string {
  const at = token.length - 10
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}
