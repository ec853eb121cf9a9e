// The platform operator: creating, suspending, deleting tenants, and what that does to everybody inside.
import { describe, expect, test } from 'vitest'
import type { Job } from '../../src/domain/context.ts'
import { type Cast, expectStatus, makeCast, startApp } from '../support/app.ts'

const TENANTS = '/platform/tenants'

const operatorOf = (cast: Pick<Cast, 'as' | 'deps'>) =>
  cast.as({ authorization: `Bearer ${cast.deps.config.platformToken}` })

const idOf = async (cast: Cast, slug: string): Promise<string> =>
  (await operatorOf(cast).get(TENANTS)).body.find((tenant: { slug: string }) => tenant.slug === slug).id

describe('the door', () => {
  test('only the platform token opens it, and no user is high enough', async () => {
    const cast = await makeCast()
    expect((await cast.nobody.get(TENANTS)).status).toBe(401)
    expect((await cast.as({ authorization: 'Bearer wrong' }).get(TENANTS)).status).toBe(401)
    expect((await cast.chiara.get(TENANTS)).status).toBe(401)
    expect((await operatorOf(cast).get('/users')).status).toBe(401)
  })

  test('without a platform token in the settings there is no such endpoint', async () => {
    const app = startApp({ settings: { PLATFORM_TOKEN: '' } })
    expect((await app.nobody.get(TENANTS)).status).toBe(404)
    expect((await app.as({ authorization: 'Bearer ' }).get(TENANTS)).status).toBe(404)
  })
})

describe('creating', () => {
  test('a tenant comes with an admin, whose password is shown once if it was made here', async () => {
    const cast = await makeCast()
    const operator = operatorOf(cast)
    const { status, body } = await operator.post(TENANTS, {
      name: 'Relief',
      slug: 'relief',
      admin_email: ' Esther@Example.ORG ',
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'Relief',
      slug: 'relief',
      status: 'active',
      created_at: '2026-11-23T08:00:00Z',
      admin: { email: 'esther@example.org' },
    })
    const esther = await cast.logIn('esther@example.org', body.admin.password)
    expect((await esther.get('/auth/me')).body).toMatchObject({
      role: 'admin',
      tenant_id: body.id,
      force_password_reset: true,
    })
    const chosen = await operator.post(TENANTS, {
      name: 'B',
      slug: 'b-2',
      admin_email: 'fatima@example.org',
      admin_password: 'fatima-password',
    })
    expect(chosen.body.admin).not.toHaveProperty('password')
    const { body: list, text } = await operator.get(TENANTS)
    expect(list.map((tenant: { slug: string }) => tenant.slug).sort()).toEqual(['b-2', 'default', 'other', 'relief'])
    expect(text).not.toContain(body.admin.password)
  })

  test('slugs and e-mails are unique over all tenants, and a refusal leaves nothing behind', async () => {
    const cast = await makeCast()
    const operator = operatorOf(cast)
    const make = (slug: string, admin_email: string, admin_password = 'long-enough') =>
      operator.post(TENANTS, { name: 'X', slug, admin_email, admin_password })
    const slugTaken = await make('default', 'new@example.org')
    expect(slugTaken.status).toBe(409)
    expect(slugTaken.body.code).toBe('slug_taken')
    const emailTaken = await make('new', 'amina@example.org')
    expect(emailTaken.status).toBe(409)
    expect(emailTaken.body.code).toBe('email_taken')
    expect((await operator.get(TENANTS)).body).toHaveLength(2)
    for (const slug of ['X', 'a', 'with space', 'ä-ö', 'a~b', 'x'.repeat(41), ''])
      expect({ slug, status: (await make(slug, 'new@example.org')).status }).toEqual({ slug, status: 422 })
    expect((await make('new', 'nonsense')).status).toBe(422)
    const short = await make('new', 'new@example.org', 'short')
    expect(short.status).toBe(422)
    expect(short.body.detail[0].loc).toEqual(['body', 'admin_password'])
    expect((await make('new', 'new@example.org')).status).toBe(201)
  })
})

describe('suspending', () => {
  test('sessions, logins, devices and keys of the tenant stop at once, and work again afterwards', async () => {
    const cast = await makeCast()
    const { dario, nobody } = cast
    const id = await idOf(cast, 'other')
    const [phone, key] = [await cast.pair(dario), await cast.addKey(dario)]
    const pairing = (await dario.post('/settings/mobile/pairing-token')).body.token
    expect((await phone.get('/mobile/forms')).status).toBe(200)
    expect((await key.get('/headless/projects')).status).toBe(200)
    const suspended = await operatorOf(cast).patch(`${TENANTS}/${id}`, { status: 'suspended' })
    expect(suspended.body.status).toBe('suspended')
    const login = { email: dario.email, password: dario.password }
    expect((await dario.get('/auth/me')).status).toBe(401)
    expect((await nobody.post('/auth/login', login)).status).toBe(401)
    expect((await nobody.post('/auth/refresh', { refresh_token: dario.refreshToken })).status).toBe(401)
    expect((await phone.get('/mobile/forms')).status).toBe(401)
    expect((await key.get('/headless/projects')).status).toBe(401)
    expect((await nobody.post('/mobile/pair', { token: pairing })).status).toBe(401)
    expect((await cast.chiara.get('/auth/me')).status).toBe(200)
    expectStatus(200, await operatorOf(cast).patch(`${TENANTS}/${id}`, { status: 'active' }))
    expect((await dario.get('/auth/me')).status).toBe(200)
    expect((await phone.get('/mobile/forms')).status).toBe(200)
    expect((await key.get('/headless/projects')).status).toBe(200)
    expect((await nobody.post('/mobile/pair', { token: pairing })).status).toBe(200)
  })

  test('a tenant can be renamed; unknown ones are 404, other states 422', async () => {
    const cast = await makeCast()
    const operator = operatorOf(cast)
    const path = `${TENANTS}/${await idOf(cast, 'other')}`
    expect((await operator.patch(path, { name: 'Renamed' })).body).toMatchObject({ name: 'Renamed', status: 'active' })
    expect((await operator.patch(path, {})).body.name).toBe('Renamed')
    expect((await operator.patch(path, { status: 'deleted' })).status).toBe(422)
    for (const id of ['00000000-0000-4000-8000-000000000000', 'not-a-uuid']) {
      expect((await operator.patch(`${TENANTS}/${id}`, { name: 'X' })).status).toBe(404)
      expect((await operator.patch(`${TENANTS}/${id}`, { status: 'suspended' })).status).toBe(404)
      expect((await operator.delete(`${TENANTS}/${id}`)).status).toBe(404)
    }
  })

  test('the default tenant can be renamed, but neither suspended nor deleted', async () => {
    const cast = await makeCast()
    const path = `${TENANTS}/${await idOf(cast, 'default')}`
    const operator = operatorOf(cast)
    expect((await operator.patch(path, { status: 'suspended' })).status).toBe(409)
    expect((await operator.delete(path)).status).toBe(409)
    expect((await operator.patch(path, { name: 'Home' })).body.name).toBe('Home')
    expect((await cast.chiara.get('/auth/me')).status).toBe(200)
  })
})

describe('deleting', () => {
  test('all credentials stop at once, a purge is ordered, and slug and e-mails are free again', async () => {
    const jobs: Job[] = []
    const cast = await makeCast({ deps: { sendJob: async (job) => void jobs.push(job) } })
    const { dario, nobody } = cast
    const operator = operatorOf(cast)
    const id = await idOf(cast, 'other')
    const [phone, key] = [await cast.pair(dario), await cast.addKey(dario)]
    expect((await phone.get('/mobile/forms')).status).toBe(200)
    expect((await key.get('/headless/projects')).status).toBe(200)
    expect((await operator.delete(`${TENANTS}/${id}`)).status).toBe(204)
    expect(jobs).toEqual([{ kind: 'purge-tenant', tenantId: id }])
    expect((await dario.get('/auth/me')).status).toBe(401)
    expect((await nobody.post('/auth/refresh', { refresh_token: dario.refreshToken })).status).toBe(401)
    expect((await nobody.post('/auth/login', { email: dario.email, password: dario.password })).status).toBe(401)
    expect((await phone.get('/mobile/forms')).status).toBe(401)
    expect((await key.get('/headless/projects')).status).toBe(401)
    expect((await operator.get(TENANTS)).body.map((tenant: { slug: string }) => tenant.slug)).toEqual(['default'])
    expect((await operator.patch(`${TENANTS}/${id}`, { status: 'active' })).status).toBe(404)
    const successor = await cast.addTenant('other', dario.email)
    expect((await successor.get('/auth/me')).body.tenant_id).not.toBe(id)
    expect((await operator.delete(`${TENANTS}/${id}`)).status).toBe(204)
    expect((await successor.get('/auth/me')).status).toBe(200)
  })
})
