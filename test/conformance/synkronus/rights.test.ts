// Every endpoint of the wire with no credential, a wrong one, one of another tenant and each role: the table below says
// who may enter, and a route that is not in it fails. Then every endpoint with bodies and names that are junk.
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectStatus, forged, makeCast } from '../../support/app.ts'
import { BUNDLE, pushBundle } from '../../support/bundles.ts'
import { FORM_TYPE, formBody } from '../../support/media.ts'
import {
  CURRENT,
  type Member,
  MOUNTS,
  observation,
  putAttachment,
  type Repository,
  startRepository,
  tryPush,
  type Wire,
} from '../../support/synkronus.ts'

/** The least role that may enter. */
const RIGHTS: Record<string, 'anybody' | 'read-only' | 'read-write' | 'admin'> = {
  'GET /': 'anybody',
  'GET /health': 'anybody',
  'GET /versions': 'anybody',
  'POST /auth/login': 'anybody',
  'POST /auth/refresh': 'anybody',
  'GET /version': 'read-only',
  'POST /sync/pull': 'read-only',
  'POST /sync/push': 'read-write',
  'POST /admin/repository/reset': 'admin',
  'POST /attachments/manifest': 'read-only',
  'GET /attachments/export-zip': 'read-only',
  'PUT /attachments/:id': 'read-write',
  'GET /attachments/:id': 'read-only',
  'POST /app-bundle/push': 'admin',
  'POST /app-bundle/switch/:version': 'admin',
  'GET /app-bundle/versions': 'read-only',
  'GET /app-bundle/manifest': 'read-only',
  'GET /app-bundle/changes': 'read-only',
  'GET /app-bundle/download-zip': 'read-only',
  'GET /app-bundle/download/:path': 'read-only',
  'GET /users': 'admin',
  'POST /users': 'admin',
  'POST /users/create': 'admin',
  'POST /users/reset-password': 'admin',
  'POST /users/change-password': 'read-only',
  'DELETE /users/delete/:username': 'admin',
  'DELETE /users/:username': 'admin',
  'GET /dataexport/parquet': 'read-only',
  'GET /dataexport/raw-json': 'read-only',
  'GET /stats/observations': 'read-only',
}
const ROUTES = Object.entries(RIGHTS).map(([route, role]) => {
  const [method, path] = route.split(' ') as [string, string]
  return { route, method, path, role }
})
const CLOSED = ROUTES.filter(({ role }) => role !== 'anybody')
const RANKS = ['read-only', 'read-write', 'admin'] as const

/** What each endpoint needs to get past the reading of its request. */
function call(by: Wire, { method, path }: { method: string; path: string }) {
  const filled = path.replace(/:\w+/, 'nobody-has-this')
  if (method === 'GET' || method === 'DELETE') return by.send(method, filled)
  const files = ['/attachments/:id', '/app-bundle/push'].includes(path)
  if (files) return by.send(method, filled, { body: formBody([]), headers: { 'content-type': FORM_TYPE } })
  return by.send(method, filled, { json: {} })
}

/** Parameters have one name in the table, whatever the code calls them. */
const generic = (path: string) => path.replace(/:\w+(\{[^}]*\})?/g, ':')

test('every route is in the table, and every line of it is a route', async () => {
  const { app } = await makeCast()
  const prefix = CURRENT.path
  const there = app.routes.filter(({ path, method }) => method !== 'ALL' && path.startsWith(prefix))
  const found = new Set(there.map(({ method, path }) => `${method} ${generic(path.slice(prefix.length) || '/')}`))
  // Middleware is registered under the path of what it guards, and for everything.
  const routes = [...found].filter((route) => !route.endsWith('*'))
  expect(routes.sort()).toEqual([...new Set(ROUTES.map(({ route }) => generic(route)))].sort())
})

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(mount)
  })

  test('nobody enters without a credential, with a wrong one, or with one of another wire', async () => {
    const { server, admin, as } = repository
    const chiara = await server.logIn('chiara@example.org', 'chiara-owns-it')
    const key = await server.addKey(chiara, {
      name: 'all',
      scopes: ['forms:read', 'submissions:write', 'changes:read'],
    })
    const device = await server.pair(chiara)
    const strangers = {
      nobody: {},
      forged: { authorization: `Bearer ${forged(admin.token)}` },
      refresh: { authorization: `Bearer ${admin.refreshToken}` },
      native: { authorization: `Bearer ${chiara.accessToken}` },
      device: { authorization: `Bearer ${device.token}` },
      key: { 'x-api-key': key.key },
    }
    for (const [who, headers] of Object.entries(strangers))
      for (const route of CLOSED) {
        const { status } = await call(as(headers as Record<string, string>), route)
        expect({ who, route: route.route, status }).toEqual({ who, route: route.route, status: 401 })
      }
  })

  test('the token of this wire opens no other', async () => {
    const { server, admin } = repository
    const other = server.as({ authorization: `Bearer ${admin.token}` })
    for (const path of ['/auth/me', '/users', '/submissions', '/forms'])
      expect((await other.get(path)).status).toBe(401)
  })

  test('each role enters where the table says', async () => {
    const { reader, writer, admin } = repository
    const members: Record<(typeof RANKS)[number], Member> = { 'read-only': reader, 'read-write': writer, admin }
    for (const rank of RANKS) {
      for (const route of CLOSED) {
        const may = RANKS.indexOf(rank) >= RANKS.indexOf(route.role as typeof rank)
        const { status } = await call(members[rank], route)
        expect({ rank, route: route.route, forbidden: status === 403 }).toEqual({
          rank,
          route: route.route,
          forbidden: !may,
        })
        expect(status).toBeLessThan(500)
      }
    }
  })

  test('another tenant finds nothing of ours', async () => {
    const { server, writer, admin, logIn } = repository
    await tryPush(writer, [observation('secret', { data: { word: 'owl' } })])
    await putAttachment(writer, 'owl.jpg', 'owl')
    const { body } = expectStatus(200, await pushBundle(admin, { ...BUNDLE, 'app/owl.txt': 'owl' }))
    expectStatus(200, await admin.post(`/app-bundle/switch/${body.manifest.version}`))
    const dario = await server.addTenant('other', 'dario@example.net')
    const theirs = await logIn(dario.email, dario.password)
    const asked = [
      await theirs.post('/sync/pull', { client_id: 'x' }),
      await theirs.post('/attachments/manifest', { client_id: 'x', since_version: 0 }),
      await theirs.get('/attachments/owl.jpg'),
      await theirs.get('/attachments/export-zip'),
      await theirs.get('/app-bundle/manifest'),
      await theirs.get('/app-bundle/versions'),
      await theirs.get('/app-bundle/changes'),
      await theirs.get('/app-bundle/download/app%2Fowl.txt'),
      await theirs.get('/app-bundle/download-zip'),
      await theirs.post(`/app-bundle/switch/${body.manifest.version}`),
      await theirs.get('/users'),
      await theirs.get('/stats/observations'),
      await theirs.get('/dataexport/parquet'),
      await theirs.get('/dataexport/raw-json'),
    ]
    for (const reply of asked) {
      expect(reply.status).toBeLessThan(500)
      expect(Buffer.from(reply.bytes).toString('latin1')).not.toMatch(/owl|secret|wanja/)
    }
  })
})

const junk = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom(
      'username',
      'password',
      'role',
      'refreshToken',
      'client_id',
      'since',
      'since_version',
      'schema_types',
      'transmission_id',
      'records',
      'repository_generation',
      'confirm',
      'newPassword',
      'currentPassword',
    ),
    fc.oneof(fc.jsonValue(), fc.constantFrom('x', '', null, [], {}, 1e308, -1, [null], [{ observation_id: 'x' }])),
  ),
)
const record = fc.dictionary(
  fc.constantFrom(
    'observation_id',
    'form_type',
    'form_version',
    'data',
    'created_at',
    'updated_at',
    'deleted',
    'geolocation',
    'author',
    'device_id',
    'tags',
    'synced_at',
  ),
  fc.oneof(fc.jsonValue(), fc.constantFrom('x', '', null, {}, true, '2026-11-20T08:00:00Z', '\u0000', '\ud800')),
)
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed())

test('no request is a fault of the server, whatever is in it', async () => {
  const { admin, server } = await startRepository(CURRENT)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ROUTES), junk, name, async ({ method, path }, body, text) => {
      const filled = path.replace(/:\w+/, encodeURIComponent(text))
      const options = method === 'GET' || method === 'DELETE' ? {} : { json: body }
      const query = ['limit', 'schemaType', 'current', 'target', 'preview', 'original'].map((key) => [key, text])
      const { status } = await admin.send(method, `${filled}?${new URLSearchParams(query)}`, options)
      expect(status).toBeLessThan(500)
    }),
    { numRuns: 300 },
  )
  expect(server.lines.filter(({ status }) => Number(status) >= 500)).toEqual([])
}, 60_000)

test('a push of any records answers for each of them: stored, or failed and kept', async () => {
  const { writer, server } = await startRepository(CURRENT)
  const chiara = await server.logIn('chiara@example.org', 'chiara-owns-it')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(record, fc.jsonValue()), { maxLength: 6 }), async (records) => {
      const { status, body } = await tryPush(writer, records)
      expect(status).toBe(200)
      const failed: { index: number; error: string }[] = body.failed_records ?? []
      expect(body.success_count + failed.length).toBe(records.length)
      for (const { index, error } of failed) {
        expect(index).toBeLessThan(records.length)
        expect(error).not.toBe('')
      }
    }),
    { numRuns: 100 },
  )
  expect((await chiara.get('/quarantine?limit=500')).body.items.length).toBeGreaterThan(0)
}, 60_000)
