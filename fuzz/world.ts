// A tenant of its own for the fuzzer to wreck: people, a published form, a submission with a photo, a phone, a key. Made
// through the API, and made anew when what is left of it is not worth asking any more.
import { randomUUID } from 'node:crypto'
import { answers, SURVEY } from '../bench/survey.ts'
import { type Operation, referenceName } from './document.ts'
import { writeForm } from './multipart.ts'
import type { FuzzRequest } from './requests.ts'

/** A request as it is sent. */
export interface Concrete {
  method: string
  /** From the root of the server. */
  path: string
  headers: [string, string][]
  body: Uint8Array | null
}

export interface Answer {
  status: number
  headers: Headers
  text: string
}

export type Send = (request: Concrete) => Promise<Answer>

export interface World {
  /** What `~name~` stands for. */
  references: Map<string, string>
  /** False when too much of it has been deleted, revoked or logged out. */
  isWhole(): Promise<boolean>
}

const PASSWORD = 'a-long-password'

export async function makeWorld(send: Send, operations: Operation[], platformToken: string): Promise<World> {
  const references = new Map<string, string>([
    ['password', PASSWORD],
    ['platform', platformToken],
    ['zone', 'Africa/Dakar'],
  ])
  const call = async (method: string, path: string, token: string, json?: unknown) => {
    const answer = await send({
      method,
      path: `/api/v1${path}`,
      headers: [['authorization', `Bearer ${token}`], ...(json === undefined ? [] : [JSON_TYPE])],
      body: json === undefined ? null : Buffer.from(JSON.stringify(json)),
    })
    if (answer.status === 0 || answer.status >= 300)
      throw new Error(`The world cannot be made: ${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.text === '' ? null : JSON.parse(answer.text)
  }

  const slug = `w${randomUUID().replaceAll('-', '').slice(0, 20)}`
  const email = `admin@${slug}.example`
  const tenant = await call('POST', '/platform/tenants', platformToken, {
    name: slug,
    slug,
    admin_email: email,
    admin_password: PASSWORD,
  })
  const logIn = async (address: string) => call('POST', '/auth/login', '', { email: address, password: PASSWORD })
  const { access_token: admin, refresh_token: refresh } = await logIn(email)
  const addUser = async (role: string) => {
    const address = `${role}@${slug}.example`
    const user = await call('POST', '/users', admin, { email: address, password: PASSWORD, role })
    return { id: user.id as string, token: (await logIn(address)).access_token as string }
  }
  const manager = await addUser('manager')
  const worker = await addUser('field_worker')
  const dead = await logIn(email)
  await call('POST', '/auth/logout', dead.access_token)

  const project = await call('POST', '/projects', admin, { name: 'Wells' })
  const form = await call('POST', '/forms', admin, { project_id: project.id, name: 'Households', schema: SURVEY })
  const published = await call('POST', `/forms/${form.id}/publish`, admin)
  const pairing = async () => (await call('POST', '/settings/mobile/pairing-token', manager.token, {})).token
  const { device_token: device } = await call('POST', '/mobile/pair', '', {
    token: await pairing(),
    device_label: 'a phone',
  })
  const { key } = await call('POST', '/api-keys', admin, { name: 'a sensor' })
  const local = randomUUID()
  const submitted = await call('POST', '/submissions', device, {
    form_id: form.id,
    form_version_id: published.version_id,
    local_uuid: local,
    data: answers(1),
  })
  // One that cannot be stored, so that there is something in quarantine.
  await call('POST', '/submissions/bulk', device, [
    { form_id: form.id, form_version_id: randomUUID(), local_uuid: randomUUID(), data: answers(2) },
  ])
  const media = await sendPhoto(send, device, local)
  const link = await call('POST', '/links', admin, { media_file_id: media })
  const url = 'https://hooks.example.org/fieldpost'
  const hook = await call('POST', `/forms/${form.id}/webhooks`, admin, { url })
  const delivery = await call('POST', `/webhooks/${hook.id}/test`, admin)
  const exporting = await call('POST', '/exports', manager.token, { format: 'csv', form_id: form.id })

  const own: [string, string][] = [
    ['admin', admin],
    ['manager', manager.token],
    ['worker', worker.token],
    ['device', device],
    ['key', key],
    ['dead', dead.access_token],
    ['forged', `${admin.slice(0, -6)}AAAAAA`],
    ['admin.email', email],
    ['refresh', refresh],
    ['pairing', await pairing()],
    ['local', local],
    ['manager.id', manager.id],
    ['users', worker.id],
    ['projects', project.id],
    ['forms', form.id],
    ['headless.forms', form.id],
    ['forms.versions', published.version_id],
    ['submissions', submitted.id],
    ['forms.webhooks', hook.id],
    ['webhooks', hook.id],
    ['webhooks.deliveries', delivery.id],
    ['media', media],
    ['links', new URL(link.url).pathname.split('/').at(-1)!],
    ['exports', exporting.id],
    ['platform.tenants', tenant.id],
  ]
  await harvest(send, operations, new Map([...references, ...own]), references)
  for (const [name, value] of own) references.set(name, value)

  const answersTo = async (path: string, token: string) =>
    (await send({ method: 'GET', path: `/api/v1${path}`, headers: [['authorization', `Bearer ${token}`]], body: null }))
      .status === 200
  return {
    references,
    async isWhole() {
      const keyWorks = await send({
        method: 'GET',
        path: '/api/v1/headless/forms',
        headers: [['x-api-key', key]],
        body: null,
      })
      return (
        keyWorks.status === 200 &&
        (await answersTo(`/forms/${form.id}/versions/${published.version_id}`, admin)) &&
        (await answersTo(`/submissions/${submitted.id}`, manager.token)) &&
        (await answersTo(`/media/${media}`, device)) &&
        (await answersTo('/auth/me', worker.token))
      )
    },
  }
}

const JSON_TYPE: [string, string] = ['content-type', 'application/json']

async function sendPhoto(send: Send, device: string, local: string): Promise<string> {
  const part = (disposition: string, content: string) => ({
    headers: [`content-disposition: form-data; ${disposition}`],
    content,
  })
  const form = {
    contentType: 'multipart/form-data; boundary=world',
    boundary: 'world',
    lineEnd: '\r\n',
    preamble: '',
    parts: [
      part('name="submission_local_uuid"', local),
      part('name="field_id"', 'picture'),
      part('name="file"; filename="photo.jpg"', 'bytes of a photo'),
    ],
    times: 1,
    end: 'closed' as const,
    sent: 1,
  }
  const answer = await send({
    method: 'POST',
    path: '/api/v1/media/upload',
    headers: [
      ['authorization', `Bearer ${device}`],
      ['content-type', form.contentType],
    ],
    body: writeForm(form, (text) => text),
  })
  if (answer.status !== 201) throw new Error(`The world cannot be made: upload: ${answer.status} ${answer.text}`)
  return JSON.parse(answer.text).media_file_id
}

/** An example of every other id that the lists of the API show, so that operations added later are reached as well. */
async function harvest(
  send: Send,
  operations: Operation[],
  known: Map<string, string>,
  found: Map<string, string>,
): Promise<void> {
  const lists = operations.filter(({ method, body }) => method === 'GET' && !body)
  lists.sort((a, b) => a.path.split('/').length - b.path.split('/').length)
  for (const { path, credentials } of lists) {
    const filled = path.replace(/\{[^}]+\}/g, (parameter, at: number) => {
      const name = referenceName(path.slice(0, at + parameter.length))
      return known.get(name) ?? found.get(name) ?? parameter
    })
    if (filled.includes('{')) continue
    const headers = credentialHeaders(credentials[0]!, (name) => known.get(name) ?? '')
    const { status, text } = await send({ method: 'GET', path: `/api/v1${filled}`, headers, body: null })
    const [first] = status === 200 ? itemsOf(text) : []
    if (typeof first?.id === 'string') found.set(referenceName(path), first.id)
  }
}

function itemsOf(text: string): { id?: unknown }[] {
  if (!/^\s*[[{]/.test(text)) return []
  const value = JSON.parse(text)
  return Array.isArray(value) ? value : Array.isArray(value.items) ? value.items : []
}

function credentialHeaders(credential: FuzzRequest['credential'], get: (name: string) => string): [string, string][] {
  switch (credential) {
    case 'nobody':
      return []
    case 'key':
      return [['x-api-key', get('key')]]
    case 'crossed':
      return [
        ['x-api-key', get('device')],
        ['authorization', `Bearer ${get('key')}`],
      ]
    case 'mangled':
      return [['authorization', `Bearer ${get('admin').replace('.', '..')}`]]
    case 'guessed':
      return [['authorization', `Bearer ${get('device').slice(0, -3)}abc`]]
    default:
      return [['authorization', `Bearer ${get(credential)}`]]
  }
}

/** The request with everything filled in. */
export function writeRequest(request: FuzzRequest, { references }: World): Concrete {
  const get = (name: string): string => {
    if (name === 'fresh') return randomUUID()
    if (name === 'fresh.email') return `${randomUUID()}@fuzz.example`
    if (name === 'fresh.slug') return `s${randomUUID().slice(0, 18)}`
    return references.get(name) ?? '00000000-0000-4000-8000-000000000000'
  }
  const fill = (text: string) => text.replace(/~([a-zA-Z.-]+)~/g, (_, name: string) => get(name))
  const headers = new Map(credentialHeaders(request.credential, get))
  const { body } = request
  if (body.kind === 'form') headers.set('content-type', body.form.contentType)
  else if (body.kind !== 'none' && body.type !== null) headers.set('content-type', body.type)
  for (const [name, value] of request.headers) headers.set(name, fill(value))
  const query = request.query
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(fill(value).toWellFormed())}`)
    .join('&')
  return {
    method: request.method,
    path: `/api/v1${fill(request.path)}${query && `?${query}`}`,
    headers: [...headers],
    body:
      body.kind === 'none'
        ? null
        : body.kind === 'form'
          ? writeForm(body.form, fill)
          : body.kind === 'bytes'
            ? Buffer.from(body.hex, 'hex')
            : Buffer.from(fill(body.text)),
  }
}
