// A client made by public generators from the published description (openapi.yaml -> openapi.d.ts -> openapi-fetch): it
// type-checks with the project, and every operation of the description works against the server, on both mounts: case 88
// of the contract. Of case 89 here are the requests of `synk` as the contract tells them (section 10); its program itself,
// and the recorded run of case 90, are others' and stay to be tried by hand.
import { unzipSync } from 'fflate'
import createClient, { type Middleware } from 'openapi-fetch'
import { expect, test } from 'vitest'
import { expectStatus, startApp, type TestApp } from '../../support/app.ts'
import { BUNDLE, pushBundle, zipOf } from '../../support/bundles.ts'
import { ORIGIN, observation, putAttachment, wireOf } from '../../support/synkronus.ts'
import type { components, paths } from './openapi.d.ts'

const VERSION = { header: { 'x-ode-version': '1.0.0' } }

interface Session {
  token?: string
}

/** `before`: as one of 1.0.3, which knows neither the prefix nor the header. */
function clientOf(server: TestApp, session: Session, generation: 'today' | 'before') {
  const client = createClient<paths>({
    baseUrl: `${ORIGIN}/synkronus`,
    fetch: async (request) => {
      if (generation === 'today') return await server.app.request(request)
      const old = new Request(request.url.replace('/synkronus/api/', '/synkronus/'), request)
      old.headers.delete('x-ode-version')
      return await server.app.request(old)
    },
  })
  const authorize: Middleware = {
    onRequest({ request }) {
      if (session.token) request.headers.set('authorization', `Bearer ${session.token}`)
      return request
    },
  }
  client.use(authorize)
  return client
}

/** The data of an answer that succeeded. */
function good<Data>({ data, error, response }: { data?: Data; error?: unknown; response: Response }): Data {
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`)
  return data
}

const formOf = (name: string) => (fields: Record<string, Blob | undefined>) => {
  const form = new FormData()
  form.append(name, fields[name] as Blob, name)
  return form
}

test.each(['today', 'before'] as const)('a generated client of %s does all that the description says', async (when) => {
  const server = startApp()
  const session: Session = {}
  const api = clientOf(server, session, when)

  expect(good(await api.GET('/health'))).toMatchObject({ status: 'ok' })
  const login = async (username: string, password: string) => {
    const tokens = good(await api.POST('/api/auth/login', { params: VERSION, body: { username, password } }))
    session.token = tokens.token
    return tokens
  }
  const { refreshToken } = await login('chiara@example.org', 'chiara-owns-it')
  const renewed = good(await api.POST('/api/auth/refresh', { params: VERSION, body: { refreshToken } }))
  session.token = renewed.token
  expect(good(await api.GET('/api/version', { params: VERSION })).server?.version).toBeTruthy()
  expect(good(await api.GET('/api/versions', { params: VERSION })).current).toBe('1.0.0')

  const user = { username: 'wanja', password: 'long-enough', role: 'read-write' as const }
  const made = good(await api.POST('/api/users/create', { params: VERSION, body: user }))
  expect(made).toMatchObject({ username: 'wanja', role: 'read-write', createdAt: expect.any(String) })
  const users: components['schemas']['UserListItem'][] = good(await api.GET('/api/users', { params: VERSION }))
  expect(users.map(({ username }) => username)).toContain('wanja')
  const reset = { username: 'wanja', newPassword: 'another-password' }
  good(await api.POST('/api/users/reset-password', { params: VERSION, body: reset }))

  const bundle = new Blob([zipOf(BUNDLE)], { type: 'application/zip' })
  const pushed = good(
    await api.POST('/api/app-bundle/push', { params: VERSION, body: { bundle }, bodySerializer: formOf('bundle') }),
  )
  const version = pushed.manifest.version
  const chosen = { ...VERSION, path: { version } }
  good(await api.POST('/api/app-bundle/switch/{version}', { params: chosen }))
  expect(good(await api.GET('/api/app-bundle/versions', { params: VERSION })).versions).toEqual([`${version} *`])
  const manifest = good(await api.GET('/api/app-bundle/manifest', { params: VERSION }))
  for (const { path, size } of manifest.files) {
    const asked = { params: { ...VERSION, path: { path } }, parseAs: 'arrayBuffer' as const }
    expect(good(await api.GET('/api/app-bundle/download/{path}', asked)).byteLength).toBe(size)
  }
  const zip = good(await api.GET('/api/app-bundle/download-zip', { params: VERSION, parseAs: 'arrayBuffer' }))
  expect(Object.keys(unzipSync(new Uint8Array(zip))).sort()).toEqual(Object.keys(BUNDLE).sort())
  expect(good(await api.GET('/api/app-bundle/changes', { params: VERSION }))).toHaveProperty('form_changes')

  await login('wanja', 'another-password')
  const passwords = { currentPassword: 'another-password', newPassword: 'third-password' }
  good(await api.POST('/api/users/change-password', { params: VERSION, body: passwords }))
  await login('wanja', 'third-password')

  const file = new Blob(['light'], { type: 'image/jpeg' })
  const photo = { ...VERSION, path: { attachment_id: '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11.jpg' } }
  const upload = { params: photo, body: { file }, bodySerializer: formOf('file') }
  expect(good(await api.PUT('/api/attachments/{attachment_id}', upload))).toEqual({ status: 'success' })
  expect((await api.HEAD('/api/attachments/{attachment_id}', { params: photo })).response.status).toBe(200)
  const bytes = good(await api.GET('/api/attachments/{attachment_id}', { params: photo, parseAs: 'text' }))
  expect(bytes).toBe('light')
  const since = { client_id: 'generated', since_version: 0 }
  const listed = good(await api.POST('/api/attachments/manifest', { params: VERSION, body: since }))
  expect(listed.operations.map(({ operation }) => operation)).toEqual(['download'])
  const photos = good(await api.GET('/api/attachments/export-zip', { params: VERSION, parseAs: 'arrayBuffer' }))
  expect(Object.keys(unzipSync(new Uint8Array(photos)))).toHaveLength(1)

  const transmission = {
    transmission_id: '0c0f9a43-5a0e-4f6e-8d7e-3f0c3c1a2b11',
    client_id: 'generated',
    records: [observation('one'), observation('two')],
  }
  const sent = good(await api.POST('/api/sync/push', { params: VERSION, body: transmission }))
  expect(sent.success_count).toBe(2)
  const page = good(
    await api.POST('/api/sync/pull', { params: { ...VERSION, query: { limit: 1 } }, body: { client_id: 'generated' } }),
  )
  expect(page.records.map(({ observation_id }) => observation_id)).toEqual(['one'])
  expect(page).toMatchObject({ has_more: true, repository_generation: sent.repository_generation })

  const stats = good(await api.GET('/api/stats/observations', { params: VERSION }))
  expect(stats).toMatchObject({ totalCount: 2, byFormType: [{ formType: 'household', count: 2 }] })
  for (const path of ['/api/dataexport/parquet', '/api/dataexport/raw-json'] as const) {
    const archive = good(await api.GET(path, { params: VERSION, parseAs: 'arrayBuffer' }))
    expect(Object.keys(unzipSync(new Uint8Array(archive))).length).toBeGreaterThan(0)
  }

  await login('chiara@example.org', 'chiara-owns-it')
  const confirm = { confirm: 'RESET_REPOSITORY' as const }
  const emptied = good(await api.POST('/api/admin/repository/reset', { params: VERSION, body: confirm }))
  expect(emptied.repository_generation).toBe(sent.repository_generation + 1)
  const late = await api.POST('/api/sync/push', {
    params: VERSION,
    body: { ...transmission, repository_generation: sent.repository_generation },
  })
  expect(late.error).toMatchObject({ code: 'repository_reset_required' })
  const gone = { ...VERSION, path: { username: 'wanja' } }
  expect(good(await api.DELETE('/api/users/{username}', { params: gone }))).toHaveProperty('message')
})

test.each([
  ['0.2', '/synkronus', { 'x-api-version': '1.0.0' }],
  ['of today', '/synkronus/api', { 'x-ode-version': '1.0.0' }],
] as const)('case 89: each request of synk %s succeeds', async (_version, path, headers) => {
  const server = startApp()
  const mount = { path, headers }
  const nobody = wireOf(server, mount)
  const logIn = async (username: string, password: string) => {
    const { body } = expectStatus(200, await nobody.post('/auth/login', { username, password }))
    return { ...body, wire: wireOf(server, mount, { authorization: `Bearer ${body.token}` }) }
  }
  expectStatus(200, await nobody.get(''))
  expectStatus(200, await nobody.get('/'))
  const { wire: admin, refreshToken } = await logIn('chiara@example.org', 'chiara-owns-it')
  expect(expectStatus(200, await nobody.post('/auth/refresh', { refreshToken })).body.token).toBeTruthy()
  expectStatus(201, await admin.post('/users', { username: 'wanja', password: 'long-enough', role: 'read-write' }))
  const { wire: wanja } = await logIn('wanja', 'long-enough')
  const passwords = { oldPassword: 'long-enough', newPassword: 'another-password' }
  expectStatus(200, await wanja.post('/users/change-password', passwords))
  const { wire: writer } = await logIn('wanja', 'another-password')

  // upload --activate, then download
  const { manifest } = expectStatus(200, await pushBundle(admin, BUNDLE)).body
  expectStatus(200, await admin.post(`/app-bundle/switch/${manifest.version}`, undefined))
  const { files } = expectStatus(200, await writer.get('/app-bundle/manifest')).body
  for (const file of files) expectStatus(200, await writer.get(`/app-bundle/download/${encodeURIComponent(file.path)}`))
  expectStatus(200, await writer.get('/app-bundle/versions'))
  expectStatus(200, await writer.get('/app-bundle/changes'))

  const records = [observation('one')]
  const transmission = { transmission_id: 'synk-1', client_id: 'synk', records }
  expect(expectStatus(200, await writer.post('/sync/push', transmission)).body.success_count).toBe(1)
  const asked = { client_id: 'synk', since: { version: 0 }, page_token: '' }
  expect(expectStatus(200, await writer.post('/sync/pull', asked)).body.records).toHaveLength(1)
  expect((await putAttachment(writer, 'photo.jpg', 'light')).status).toBe(200)
  expectStatus(200, await writer.get('/attachments/photo.jpg'))
  expectStatus(200, await writer.get('/dataexport/parquet'))
  expectStatus(200, await admin.delete('/users/delete/wanja'))
})
