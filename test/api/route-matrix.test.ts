// Every operation of the OpenAPI document is tried with the credentials it must not open for: cases 123 and 124 of the
// native contract. An operation without an entry in the permission table, or with an id this test has no example of,
// fails: nothing can be added without being swept.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { atLeast } from '../../src/domain/access/authorize.ts'
import { PERMISSIONS, type Permission } from '../../src/domain/access/permissions.ts'
import {
  type Caller,
  type Cast,
  type Device,
  expectStatus,
  forged,
  type Key,
  makeCast,
  type RequestOptions,
} from '../support/app.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'

interface Operation {
  id: string
  method: string
  path: string
  permission: Permission
  hasBody: boolean
}

interface World extends Cast {
  operations: Operation[]
  form: PublishedForm
  phone: Device
  key: Key
  operator: Caller
  /** Real ids of the default tenant, by the resource they stand behind in a path. */
  ids: Record<string, string>
}

let world: World

beforeEach(async () => {
  // What is begun here is not carried out: the tables are to be still.
  const cast = await makeCast({ deps: { sendJob: async () => undefined } })
  const form = await publishForm(cast.bruno, NOTE_FORM)
  const phone = await cast.pair(cast.bruno)
  const key = await cast.addKey(cast.chiara)
  const sent = expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form)))
  const upload = new FormData()
  upload.set('submission_id', sent.body.id)
  upload.set('field_id', 'note')
  upload.set('file', new Blob(['bytes']), 'photo.jpg')
  const media = expectStatus(201, await phone.request('POST', '/media/upload', { body: upload }))
  const link = expectStatus(200, await cast.chiara.post('/links', { media_file_id: media.body.media_file_id }))
  const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
  const [session] = (await cast.chiara.get(`/users/${cast.amina.id}/sessions`)).body
  const [own] = (await cast.chiara.get('/auth/sessions')).body
  const strange = { form_version_id: sent.body.id, local_uuid: 'strange', data: {} }
  expectStatus(200, await phone.post('/submissions/bulk', [strange]))
  const [quarantined] = (await cast.bruno.get('/quarantine')).body.items
  const bulk = { action: 'delete', filter: { mode: 'test' } }
  const action = expectStatus(200, await cast.bruno.post('/submissions/bulk-actions', bulk))
  const exporting = expectStatus(202, await cast.bruno.post('/exports', { format: 'csv', form_id: form.id }))
  const url = 'https://hooks.example.org/fieldpost'
  const hook = expectStatus(201, await cast.bruno.post(`/forms/${form.id}/webhooks`, { url }))
  const delivery = expectStatus(202, await cast.bruno.post(`/webhooks/${hook.body.id}/test`))
  const operator = cast.as({ authorization: 'Bearer platform-token-of-the-tests' })
  const tenants = (await operator.get('/platform/tenants')).body
  world = {
    ...cast,
    form,
    phone,
    key,
    operator,
    operations: operationsOf((await cast.nobody.get('/openapi.json')).body),
    ids: {
      '/users/{id}': cast.amina.id,
      '/users/{id}/sessions/{session_id}': session.id,
      '/auth/sessions/{id}': own.id,
      '/api-keys/{id}': key.id,
      '/settings/mobile/devices/{id}': device.id,
      '/devices/{id}': device.id,
      '/projects/{id}': form.projectId,
      '/forms/{id}': form.id,
      '/forms/{id}/versions/{version_id}': form.versionId,
      '/headless/forms/{id}': form.id,
      '/submissions/{id}': sent.body.id,
      '/submissions/{id}/revisions/{n}': '1',
      '/submissions/bulk-actions/{id}': action.body.operation_id,
      '/exports/{id}': exporting.body.id,
      '/exports/{id}/volumes/{number}': '1',
      '/quarantine/{id}': quarantined.id,
      '/forms/{id}/webhooks/{webhook_id}': hook.body.id,
      '/webhooks/{id}': hook.body.id,
      '/webhooks/{id}/deliveries/{delivery_id}': delivery.body.id,
      '/media/{id}': media.body.media_file_id,
      '/map/tiles/{z}': '0',
      '/map/tiles/{z}/{x}': '0',
      '/map/tiles/{z}/{x}/{y}': '0',
      '/links/{token}': new URL(link.body.url).pathname.split('/').at(-1)!,
      '/platform/tenants/{id}': tenants.find((tenant: any) => tenant.slug === 'other').id,
    },
  }
})

function operationsOf(document: any): Operation[] {
  return Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(([method, operation]) => {
      const permission = (PERMISSIONS as Record<string, Permission>)[operation['x-permission']]
      if (!permission) throw new Error(`${method} ${path} has no entry in the permission table`)
      return {
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        permission,
        hasBody: !!operation.requestBody,
      }
    }),
  )
}

/** The path with every parameter replaced, by the longest example that is a prefix up to that parameter. */
function fill(path: string, idOf: (prefix: string) => string): string {
  return path.replace(/\{[^}]+\}/g, (parameter, offset: number) => {
    const prefix = path.slice(0, offset + parameter.length)
    return idOf(prefix)
  })
}

const realId = (prefix: string): string => {
  const id = world.ids[prefix]
  if (!id) throw new Error(`This test has no example of ${prefix}: add one to world.ids`)
  return id
}

/** Bodies that are valid, so that what is refused is refused for the id or the credential. */
const BODIES: Record<string, unknown> = {
  addSubmissionComment: { body: 'Which owl?' },
  createFormWebhook: { url: 'https://hooks.example.org/another' },
  createProjectWebhook: { url: 'https://hooks.example.org/another' },
  changeApiKey: { name: 'renamed' },
  changeDevice: { label: 'renamed' },
  changeTenant: { name: 'renamed' },
  changeUser: { role: 'manager' },
  discardQuarantined: { reason: 'nothing in it' },
  editSubmission: { base_revision: 1, data: { note: 'mine' } },
  eraseSubmission: { confirm: true },
  redeliverFailedWebhookDeliveries: { since: '2026-11-23T00:00:00Z' },
  reviewSubmission: { state: 'approved' },
  resetPassword: { password: 'a-long-password' },
  updateForm: { name: 'renamed' },
  updateProject: { name: 'renamed' },
  updateWebhook: { description: 'renamed' },
}

function optionsOf(operation: Operation): RequestOptions {
  if (!operation.hasBody) return {}
  return { json: BODIES[operation.id] ?? {} }
}

const send = (caller: Caller, operation: Operation, path: string) =>
  caller.request(operation.method, path, optionsOf(operation))

const idBearing = (operations: Operation[]) =>
  operations.filter(({ path, permission }) => path.includes('{') && !permission.public)

/** Everything that an administrative request could change. */
async function everything(): Promise<string> {
  const tables = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name NOT LIKE 'd1_%'`,
  ).all<{ name: string }>()
  const rows = await env.DB.batch(
    tables.results.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`)),
  )
  return JSON.stringify(
    rows.map(({ results }) => results),
    (column, value) => (column.endsWith('last_used_at_ms') ? null : value),
  )
}

describe('the route matrix', () => {
  test('no operation that needs a credential answers without one', async () => {
    const failures: string[] = []
    for (const operation of world.operations.filter(({ permission }) => !permission.public)) {
      const { status } = await send(world.nobody, operation, fill(operation.path, realId))
      if (status !== 401) failures.push(`${operation.method} ${operation.path}: ${status}`)
    }
    expect(failures).toEqual([])
    expect(world.operations.length).toBeGreaterThan(50)
  })

  test('no operation opens for a credential of another kind, a forged or a dead one', async () => {
    const failures: string[] = []
    const { amina, bruno, chiara, phone, key, operator, as } = world
    const forger = as({ authorization: `Bearer ${forged(chiara.accessToken)}` })
    const refresh = as({ authorization: `Bearer ${chiara.refreshToken}` })
    const keyAsBearer = as({ authorization: `Bearer ${key.key}` })
    const deviceAsKey = as({ 'x-api-key': phone.token })
    expectStatus(200, await amina.post('/auth/logout'))
    for (const operation of world.operations) {
      const { permission } = operation
      if (permission.public) continue
      const wrong: [string, Caller][] = [
        ['forged token', forger],
        ['refresh token', refresh],
        ['key as bearer', keyAsBearer],
        ['device token as key', deviceAsKey],
        ['logged-out user', amina],
      ]
      if (!permission.user) wrong.push(['user', chiara], ['manager', bruno])
      if (!permission.device) wrong.push(['device', phone])
      if (!permission.key) wrong.push(['key', key])
      if (!permission.platform) wrong.push(['operator', operator])
      for (const [name, caller] of wrong) {
        const { status } = await send(caller, operation, fill(operation.path, realId))
        if (status !== 401) failures.push(`${operation.method} ${operation.path} as ${name}: ${status}`)
      }
    }
    expect(failures).toEqual([])
  })

  test('no operation opens for a role below its own', async () => {
    const failures: string[] = []
    for (const operation of world.operations) {
      const { user } = operation.permission
      if (!user) continue
      const tooLow: Caller[] = []
      if (!atLeast('field_worker', user)) tooLow.push(world.amina)
      if (!atLeast('manager', user)) tooLow.push(world.bruno)
      for (const caller of tooLow) {
        const { status } = await send(caller, operation, fill(operation.path, realId))
        if (status !== 403) failures.push(`${operation.method} ${operation.path}: ${status}`)
      }
    }
    expect(failures).toEqual([])
  })

  test("case 123: another tenant's admin, device and key get 404 for every id, and change nothing", async () => {
    const failures: string[] = []
    const theirPhone = await world.pair(world.dario)
    const theirKey = await world.addKey(world.dario)
    const before = await everything()
    for (const operation of idBearing(world.operations)) {
      const { permission } = operation
      if (permission.platform) continue
      const caller = permission.user ? world.dario : permission.device ? theirPhone : theirKey
      const { status } = await send(caller, operation, fill(operation.path, realId))
      if (status !== 404) failures.push(`${operation.method} ${operation.path}: ${status}`)
    }
    expect(failures).toEqual([])
    expect(await everything()).toBe(before)
  })

  test('case 124: an id that is no UUID is 404 or 422, never 500', async () => {
    const failures: string[] = []
    for (const operation of idBearing(world.operations)) {
      const { permission } = operation
      const caller = permission.platform
        ? world.operator
        : permission.user
          ? world.chiara
          : permission.device
            ? world.phone
            : world.key
      for (const nonsense of ['not-a-uuid', '%00', '..%2f..%2fetc', "'%20OR%201=1--", 'é'.repeat(300)]) {
        const { status, body } = await send(
          caller,
          operation,
          fill(operation.path, () => nonsense),
        )
        if (status !== 404 && status !== 422)
          failures.push(`${operation.method} ${operation.path} ${nonsense}: ${status}`)
        if (typeof body?.code !== 'string')
          failures.push(`${operation.method} ${operation.path} ${nonsense}: no envelope`)
      }
    }
    expect(failures).toEqual([])
  })
})
