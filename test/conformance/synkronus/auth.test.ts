// Logging in and the rules of transport: cases 1 to 15 of the Synkronus contract, sections 1 to 3.
import { SignJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { forged, startApp } from '../../support/app.ts'
import {
  CURRENT,
  claimsOf,
  faultOf,
  MOUNTS,
  type Mount,
  nextTransmission,
  OLD,
  ORIGIN,
  pull,
  push,
  type Repository,
  startRepository,
  tryPull,
  wireOf,
} from '../../support/synkronus.ts'

const DAY_SECONDS = 86_400

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(mount)
  })

  test('case 1: logging in gives two tokens and when the first ends', async () => {
    const { server, nobody, writer } = repository
    const { status, body } = await nobody.post('/auth/login', { username: 'wanja', password: writer.password })
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['expiresAt', 'refreshToken', 'token'])
    expect(Number.isInteger(body.expiresAt)).toBe(true)
    const inSeconds = body.expiresAt - server.now() / 1000
    expect(Math.abs(inSeconds - DAY_SECONDS)).toBeLessThanOrEqual(60)
  })

  test('case 2: clients read name, role, id and times from the token', () => {
    const { admin, writer, reader } = repository
    for (const [member, role] of [
      [admin, 'admin'],
      [writer, 'read-write'],
      [reader, 'read-only'],
    ] as const) {
      const claims = claimsOf(member.token)
      expect(claims).toMatchObject({ role, exp: expect.any(Number), iat: expect.any(Number) })
      expect(claims.sub).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
      const [header] = member.token.split('.')
      expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toMatchObject({ alg: 'HS256' })
    }
    expect(claimsOf(writer.token).username).toBe('wanja')
  })

  test('case 3: a wrong password and an unknown user are answered alike', async () => {
    const { nobody } = repository
    const wrong = await nobody.post('/auth/login', { username: 'wanja', password: 'not-hers' })
    const unknown = await nobody.post('/auth/login', { username: 'nobody', password: 'not-hers' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(wrong.body).toEqual({ error: 'invalid credentials', message: 'Invalid credentials' })
    expect(unknown.body).toEqual(wrong.body)
  })

  test('case 4: what is missing is named', async () => {
    const { nobody } = repository
    for (const [body, message] of [
      [{ password: 'x' }, 'Username is required'],
      [{ username: '', password: 'x' }, 'Username is required'],
      [{ username: 'wanja' }, 'Password is required'],
    ] as const) {
      const reply = await nobody.post('/auth/login', body)
      expect(reply.status).toBe(400)
      expect(faultOf(reply).message).toBe(message)
    }
  })

  test('case 5: what cannot be read is no request', async () => {
    for (const body of ['{"username":"wan', '', '[]', '"x"', '{"username":7,"password":"x"}']) {
      const headers = { 'content-type': 'application/json' }
      const reply = await repository.nobody.send('POST', '/auth/login', { body, headers })
      expect({ body, status: reply.status }).toEqual({ body, status: 400 })
      expect(faultOf(reply).message).toBe('Invalid request format')
    }
  })

  test('case 6: a refresh token gives two new tokens', async () => {
    const { server, nobody, writer } = repository
    server.advance(60_000)
    const { status, body } = await nobody.post('/auth/refresh', { refreshToken: writer.refreshToken })
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['expiresAt', 'refreshToken', 'token'])
    expect(body.token).not.toBe(writer.token)
    const renewed = repository.as({ authorization: `Bearer ${body.token}` })
    expect((await tryPull(renewed)).status).toBe(200)
    expect((await nobody.post('/auth/refresh', { refreshToken: body.refreshToken })).status).toBe(200)

    for (const json of [{ refreshToken: '' }, {}]) {
      const reply = await nobody.post('/auth/refresh', json)
      expect(reply.status).toBe(400)
      expect(faultOf(reply).message).toBe('Refresh token is required')
    }
    const garbage = await nobody.post('/auth/refresh', { refreshToken: 'x' })
    expect(garbage.status).toBe(401)
    expect(faultOf(garbage).message).toBe('Invalid refresh token')
  })

  test('a refresh token outlives the access token, and ends after a week without use', async () => {
    const { server, nobody, writer } = repository
    server.advance(25 * 3_600_000)
    expect((await tryPull(writer)).status).toBe(401)
    const { status, body } = await nobody.post('/auth/refresh', { refreshToken: writer.refreshToken })
    expect(status).toBe(200)
    server.advance(8 * DAY_SECONDS * 1000)
    expect((await nobody.post('/auth/refresh', { refreshToken: body.refreshToken })).status).toBe(401)
  })

  test('case 7: who was deleted cannot refresh', async () => {
    const { admin, nobody, writer } = repository
    expect((await admin.delete('/users/wanja')).status).toBe(200)
    expect((await nobody.post('/auth/refresh', { refreshToken: writer.refreshToken })).status).toBe(401)
  })

  test('case 8: neither token does the work of the other', async () => {
    const { nobody, writer, as } = repository
    expect((await tryPull(as({ authorization: `Bearer ${writer.refreshToken}` }))).status).toBe(401)
    expect((await nobody.post('/auth/refresh', { refreshToken: writer.token })).status).toBe(401)
  })

  test('case 9: no other credential is taken', async () => {
    const { server, writer, as } = repository
    const claims = claimsOf(writer.token)
    const secret = new TextEncoder().encode('another secret that is long enough for HS256')
    const foreign = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(secret)
    const none = [{ alg: 'none', typ: 'JWT' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const credentials = [
      undefined,
      `bearer ${writer.token}`,
      `Bearer ${forged(writer.token)}`,
      'Bearer garbage',
      'Bearer ',
      `Basic ${Buffer.from(`wanja:${writer.password}`).toString('base64')}`,
      `Bearer ${foreign}`,
      `Bearer ${none.join('.')}.`,
      writer.token,
    ]
    for (const authorization of credentials) {
      const reply = await tryPull(as(authorization === undefined ? {} : { authorization }))
      expect({ authorization, status: reply.status }).toEqual({ authorization, status: 401 })
    }
    expect((await tryPull(writer)).status).toBe(200)
    server.advance((DAY_SECONDS + 1) * 1000)
    expect((await tryPull(writer)).status).toBe(401)
  })

  test('case 11: anybody may ask for the health, with GET and HEAD', async () => {
    const reply = await wireOf(repository.server, { path: mount.path, headers: {} }).get('/health')
    expect(reply.status).toBe(200)
    expect(reply.body).toMatchObject({ status: 'ok', timestamp: expect.any(String), version: expect.any(String) })
    const head = await repository.nobody.send('HEAD', '/health')
    expect({ status: head.status, bytes: head.bytes.length }).toEqual({ status: 200, bytes: 0 })
  })

  test('case 12: everybody in the repository may ask for the version', async () => {
    const { reader, nobody } = repository
    const { status, body } = await reader.get('/version')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      server: { version: expect.any(String) },
      database: { type: expect.any(String) },
      system: { cpus: expect.any(Number) },
      build: expect.any(Object),
    })
    expect(Number.isInteger(body.system.cpus)).toBe(true)
    expect((await nobody.get('/version')).status).toBe(401)
  })

  test('case 13: the versions of the wire are listed', async () => {
    const { reader } = repository
    const { status, body } = await reader.get(`${ORIGIN}/synkronus/api/versions`)
    expect(status).toBe(200)
    expect(body.current).toBe('1.0.0')
    expect(body.versions[0]).toMatchObject({ version: '1.0.0', deprecated: expect.any(Boolean) })
  })

  test('case 14: a page of any origin may call', async () => {
    const { nobody, reader } = repository
    const asked = 'authorization,content-type,x-ode-version,x-repository-generation'
    const preflight = await nobody.send('OPTIONS', '/sync/push', {
      headers: {
        origin: 'https://portal.example.org',
        'access-control-request-method': 'POST',
        'access-control-request-headers': asked,
      },
    })
    expect([200, 204]).toContain(preflight.status)
    expect(['*', 'https://portal.example.org']).toContain(preflight.headers.get('access-control-allow-origin'))
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST')
    const allowed = preflight.headers.get('access-control-allow-headers')!.toLowerCase().split(/, */)
    expect(allowed).toEqual(expect.arrayContaining(asked.split(',')))
    const { headers } = await reader.get('/app-bundle/manifest', { origin: 'https://portal.example.org' })
    expect(headers.get('access-control-expose-headers')?.toLowerCase()).toContain('etag')
    expect(headers.get('vary')?.toLowerCase()).toContain('origin')
    // Who asks for the options without being a browser is answered, too.
    expect((await nobody.send('OPTIONS', '/sync/push')).status).toBe(204)
    expect((await reader.get('/app-bundle/manifest')).headers.get('vary')?.toLowerCase()).toContain('origin')
  })

  test('case 15: guessing is slowed down, and nobody else is', async () => {
    const { reader } = repository
    const nobody = wireOf(startApp({ settings: { LOGIN_PER_MINUTE: '10' } }), mount)
    const statuses: number[] = []
    let last = await nobody.post('/auth/login', { username: 'wanja', password: 'guess' })
    for (let guess = 0; guess < 11; guess++) {
      statuses.push(last.status)
      last = await nobody.post('/auth/login', { username: 'wanja', password: `guess ${guess}` })
    }
    expect(statuses[0]).toBe(401)
    expect(last.status).toBe(429)
    expect(faultOf(last).error).toBe('rate_limited')
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    const other = await nobody.post('/auth/login', { username: 'rosa', password: reader.password })
    expect(other.status).toBe(200)
  })

  test('a method that a path does not have is 405 without a body; an unknown path is 404', async () => {
    const { writer } = repository
    const wrong = await writer.get('/sync/pull')
    expect({ status: wrong.status, text: wrong.text }).toEqual({ status: 405, text: '' })
    expect((await writer.get('/nothing/here')).status).toBe(404)
  })

  test('a slash at the end changes nothing, and redirects nobody', async () => {
    const { admin, writer } = repository
    expect((await admin.get('/users/')).status).toBe(200)
    const body = { transmission_id: nextTransmission(), client_id: 'tablet-1', records: [] }
    expect((await writer.post('/sync/push/', body)).status).toBe(200)
  })

  test('the bare words of the reference: 401 and 403 are plain text', async () => {
    const { nobody, reader } = repository
    expect(await tryPull(nobody)).toMatchObject({ status: 401, text: expect.stringMatching(/^Unauthorized\s*$/) })
    const body = { transmission_id: nextTransmission(), client_id: 'tablet-1', records: [] }
    expect(await reader.post('/sync/push', body)).toMatchObject({
      status: 403,
      text: expect.stringMatching(/^Forbidden\s*$/),
    })
  })
})

describe('case 10: the version header', () => {
  const sent = (mount: Mount, version?: string): Mount => ({
    path: mount.path,
    headers: version === undefined ? {} : { 'x-ode-version': version },
  })

  test.each([undefined, '2.0.0', 'abc', '', 'v0.9', '10.0'])('%s is refused on the current mount', async (version) => {
    const { server, writer } = await startRepository(CURRENT)
    const bare = wireOf(server, sent(CURRENT, version), { authorization: `Bearer ${writer.token}` })
    for (const reply of [
      await bare.post('/auth/login', { username: 'wanja', password: writer.password }),
      await tryPull(bare),
    ]) {
      expect(reply.status).toBe(426)
      expect(reply.body).toEqual({ message: expect.any(String), synkronus_version: expect.any(String) })
      expect(reply.headers.get('x-synkronus-version')).toBe(reply.body.synkronus_version)
    }
  })

  test('a file or a user with the name of an open address is not open', async () => {
    const { as } = await startRepository(CURRENT)
    const old = as({ 'x-ode-version': '2.0.0' })
    for (const path of ['/attachments/health', '/attachments/versions', '/attachments/synkronus'])
      expect((await old.get(path)).status).toBe(426)
    expect((await old.delete('/users/health')).status).toBe(426)
  })

  test('it is looked at before anything else', async () => {
    const { server } = await startRepository(CURRENT)
    expect((await tryPull(wireOf(server, sent(CURRENT)))).status).toBe(426)
  })

  test.each(['1.0.0', 'v1.9.9-rc.1+x', 'V1', '1', 'v1.0.0-alpha.20-3-gabc'])('%s passes', async (version) => {
    const { server, writer } = await startRepository(CURRENT)
    const wire = wireOf(server, sent(CURRENT, version), { authorization: `Bearer ${writer.token}` })
    expect((await tryPull(wire)).status).toBe(200)
  })

  test('x-formulus-version is a synonym, and neither is needed for health, versions and the old mount', async () => {
    const { server, writer } = await startRepository(CURRENT)
    const credentials = { authorization: `Bearer ${writer.token}` }
    const synonym = { path: CURRENT.path, headers: { 'x-formulus-version': '1.2.3' } }
    expect((await tryPull(wireOf(server, synonym, credentials))).status).toBe(200)
    expect((await tryPull(wireOf(server, sent(OLD), credentials))).status).toBe(200)
    for (const path of ['/health', '/versions'])
      expect((await wireOf(server, sent(CURRENT), credentials).get(path)).status).toBe(200)
  })
})

test('both mounts are doors of one room', async () => {
  const { writer, logIn } = await startRepository(OLD)
  const today = await logIn('wanja', writer.password, CURRENT)
  await push(writer, [{ observation_id: 'o-1', form_type: 'a', form_version: '1', data: {}, deleted: false }])
  expect((await pull(today)).records.map((record) => record.observation_id)).toEqual(['o-1'])
})
