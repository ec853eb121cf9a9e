// API keys: cases 99-101 of the native contract, scopes, expiry, lanes, rates.
import { describe, expect, test } from 'vitest'
import { compactId } from '../../src/lib/ids.ts'
import { type Cast, expectStatus, makeCast } from '../support/app.ts'

const HOUR = 3_600_000
const HEADLESS = [
  ['GET', '/headless/projects'],
  ['GET', '/headless/forms'],
  ['GET', '/headless/forms/00000000-0000-4000-8000-000000000000/schema'],
  ['POST', '/headless/submit'],
] as const

const withKey = (cast: Cast, key: string) => cast.as({ 'x-api-key': key })
const newProject = async (cast: Cast, by = cast.chiara): Promise<string> =>
  expectStatus(201, await by.post('/projects', { name: 'Wells' })).body.id

describe('making keys', () => {
  test('case 99: the key is in the answer that makes it, and nowhere else', async () => {
    const { chiara, bruno, amina } = await makeCast()
    const { status, body, text } = await chiara.post('/api-keys', { name: 'rain gauge' })
    expect(status).toBe(201)
    expect(body.key).toMatch(/^qb_/)
    expect(body.key.length).toBeGreaterThan(20)
    expect(body).toMatchObject({ name: 'rain gauge', scopes: [], project_id: null, lanes: 1, expires_at: null })
    expect(text).not.toMatch(/hash/)
    const list = await chiara.get('/api-keys')
    expect(list.body).toHaveLength(1)
    expect(list.body[0]).toMatchObject({
      id: body.id,
      name: 'rain gauge',
      prefix: `qb_${compactId(body.id).slice(0, 8)}`,
      revoked: false,
      last_used_at: null,
    })
    expect(body.key.startsWith(list.body[0].prefix)).toBe(true)
    expect(list.text).not.toContain(body.key.slice(-43))
    for (const caller of [bruno, amina]) {
      expect((await caller.post('/api-keys', {})).status).toBe(403)
      expect((await caller.get('/api-keys')).status).toBe(403)
      expect((await caller.delete(`/api-keys/${body.id}`)).status).toBe(403)
    }
  })

  test('the newest key comes first, and revoked ones stay in the list', async () => {
    const cast = await makeCast()
    const old = await cast.addKey(cast.chiara, {})
    cast.advance(1000)
    const young = await cast.addKey(cast.chiara, {})
    expectStatus(204, await cast.chiara.delete(`/api-keys/${old.id}`))
    const { body } = await cast.chiara.get('/api-keys')
    expect(body.map((key: { id: string; revoked: boolean }) => [key.id, key.revoked])).toEqual([
      [young.id, false],
      [old.id, true],
    ])
  })

  test('unknown scopes, impossible lanes, past and unreadable expiries are 422', async () => {
    const { chiara } = await makeCast()
    for (const body of [
      { scopes: ['everything'] },
      { lanes: 0 },
      { lanes: 9 },
      { lanes: 1.5 },
      { expires_at: 'tomorrow' },
      { expires_at: '2026-11-23T07:59:59Z' },
      { project_id: 'x' },
    ])
      expect({ body, status: (await chiara.post('/api-keys', body)).status }).toEqual({ body, status: 422 })
    expect((await chiara.get('/api-keys')).body).toEqual([])
  })

  test('a key is limited to a project of its own tenant', async () => {
    const cast = await makeCast()
    const theirs = await newProject(cast, cast.dario)
    expect((await cast.chiara.post('/api-keys', { project_id: theirs })).status).toBe(404)
    const ours = await newProject(cast)
    await newProject(cast)
    const key = await cast.addKey(cast.chiara, { project_id: ours })
    const { body } = await key.get('/headless/projects')
    expect(body.map((project: { id: string }) => project.id)).toEqual([ours])
  })
})

describe('using keys', () => {
  test('case 100: a revoked key is refused at once, again is no fault, and another tenant’s is not there', async () => {
    const cast = await makeCast()
    const key = await cast.addKey(cast.chiara)
    expect((await key.get('/headless/projects')).status).toBe(200)
    expect((await cast.dario.delete(`/api-keys/${key.id}`)).status).toBe(404)
    expect((await key.get('/headless/projects')).status).toBe(200)
    expect((await cast.chiara.delete(`/api-keys/${key.id}`)).status).toBe(204)
    const refused = await key.get('/headless/projects')
    expect(refused.status).toBe(401)
    expect(refused.body.detail).toBe('Invalid or revoked API key')
    expect((await key.post('/headless/submit', {})).status).toBe(401)
    expect((await cast.chiara.delete(`/api-keys/${key.id}`)).status).toBe(204)
    for (const id of ['00000000-0000-4000-8000-000000000000', 'not-a-uuid'])
      expect((await cast.chiara.delete(`/api-keys/${id}`)).status).toBe(404)
  })

  test('case 101: headless routes take a key and nothing else, and a key opens nothing else', async () => {
    const cast = await makeCast()
    const key = await cast.addKey(cast.chiara)
    const strangers = {
      nobody: cast.nobody,
      wrong: withKey(cast, key.key.slice(0, -43) + 'A'.repeat(43)),
      garbage: withKey(cast, 'garbage'),
      user: cast.chiara,
    }
    for (const [name, caller] of Object.entries(strangers))
      for (const [method, path] of HEADLESS) {
        const json = method === 'POST' ? {} : undefined
        const { status } = await caller.request(method, path, { json })
        expect({ name, path, status }).toEqual({ name, path, status: 401 })
      }
    expect((await cast.nobody.get('/headless/forms')).body.detail).toBe('API key required')
    for (const path of ['/forms', '/projects', '/users', '/auth/me', '/settings', '/mobile/forms'])
      expect({ path, status: (await key.get(path)).status }).toEqual({ path, status: 401 })
  })

  test('a wrong secret for a known key does not void the right one', async () => {
    const cast = await makeCast()
    const key = await cast.addKey(cast.chiara)
    expect((await key.get('/headless/projects')).status).toBe(200)
    const wrong = withKey(cast, key.key.slice(0, -43) + 'A'.repeat(43))
    for (let i = 0; i < 3; i++) expect((await wrong.get('/headless/projects')).status).toBe(401)
    expect((await key.get('/headless/projects')).status).toBe(200)
  })

  test('a key does what its scopes say, and a change of scopes holds at once', async () => {
    const cast = await makeCast()
    const key = await cast.addKey(cast.chiara, { scopes: ['submissions:write'] })
    const refused = await key.get('/headless/forms')
    expect(refused.status).toBe(403)
    const changed = await cast.chiara.patch(`/api-keys/${key.id}`, { name: 'gate', scopes: ['forms:read'], lanes: 2 })
    expect(changed.body).toMatchObject({ name: 'gate', scopes: ['forms:read'], lanes: 2, revoked: false })
    expect((await key.get('/headless/forms')).status).toBe(200)
    expect((await key.post('/headless/submit', {})).status).toBe(403)
    expect((await cast.chiara.patch(`/api-keys/${key.id}`, {})).body).toMatchObject({ name: 'gate', lanes: 2 })
    expect((await cast.chiara.patch(`/api-keys/${key.id}`, { scopes: ['all'] })).status).toBe(422)
    expect((await cast.dario.patch(`/api-keys/${key.id}`, { name: 'mine' })).status).toBe(404)
  })

  test('a key ends when it expires, unless its end is moved or removed', async () => {
    const cast = await makeCast()
    const key = await cast.addKey(cast.chiara, { expires_at: '2026-11-23T09:00:00Z' })
    expect((await key.get('/headless/projects')).status).toBe(200)
    cast.advance(HOUR)
    expect((await key.get('/headless/projects')).status).toBe(401)
    const chiara = await cast.logIn(cast.chiara.email, cast.chiara.password)
    const moved = await chiara.patch(`/api-keys/${key.id}`, { expires_at: '2026-11-23T12:00:00+02:00' })
    expect(moved.body.expires_at).toBe('2026-11-23T10:00:00Z')
    expect((await key.get('/headless/projects')).status).toBe(200)
    expect((await chiara.patch(`/api-keys/${key.id}`, { expires_at: null })).body.expires_at).toBe(null)
    cast.advance(24 * HOUR)
    expect((await key.get('/headless/projects')).status).toBe(200)
  })

  test('a key with several lanes is revoked in all of them', async () => {
    const cast = await makeCast()
    const key = await cast.addKey(cast.chiara, { lanes: 8 })
    for (let i = 0; i < 24; i++) expect((await key.get('/headless/projects')).status).toBe(200)
    expectStatus(204, await cast.chiara.delete(`/api-keys/${key.id}`))
    for (let i = 0; i < 24; i++) expect((await key.get('/headless/projects')).status).toBe(401)
  })

  test('when a key was last used can be seen', async () => {
    const cast = await makeCast()
    const key = await cast.addKey(cast.chiara)
    await key.get('/headless/projects')
    await expect
      .poll(async () => (await cast.chiara.get('/api-keys')).body[0].last_used_at)
      .toBe('2026-11-23T08:00:00Z')
  })

  test('a key that comes too fast is told to wait, and another key is not', async () => {
    const cast = await makeCast()
    const [fast, calm] = [await cast.addKey(cast.chiara), await cast.addKey(cast.chiara)]
    const first = await fast.get('/headless/projects')
    const burst = cast.deps.config.rates.key.burst
    expect(first.headers.get('ratelimit-limit')).toBe(String(burst))
    expect(first.headers.get('ratelimit-remaining')).toBe(String(burst - 1))
    // The clock stands still: what is taken does not come back.
    for (let left = burst - 1; left > 0; left -= 100)
      await Promise.all(Array.from({ length: Math.min(left, 100) }, () => fast.get('/headless/projects')))
    const refused = await fast.get('/headless/projects')
    expect(refused.status).toBe(429)
    expect(refused.body.code).toBe('rate_limited')
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect((await calm.get('/headless/projects')).status).toBe(200)
    cast.advance(seconds * 1000)
    expect((await fast.get('/headless/projects')).status).toBe(200)
  })
})
