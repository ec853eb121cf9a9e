// The people of a tenant: cases 14-20 of the native contract, and changing, reactivating, resetting.
import { describe, expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'

const NEW = { email: 'esther@example.org', password: 'esther-password' }

describe('creating users', () => {
  test('case 14: an admin creates a user, and the answer holds no password', async () => {
    const { chiara } = await makeCast()
    const { status, body, text } = await chiara.post('/users', { ...NEW, role: 'manager' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      email: NEW.email,
      username: null,
      role: 'manager',
      is_active: true,
      force_password_reset: true,
      memberships: [],
      created_at: '2026-11-23T08:00:00Z',
      last_login_at: null,
    })
    expect(text).not.toMatch(/scrypt|password"|hash/)
  })

  test('case 15: managers and field workers are refused, before the body is looked at', async () => {
    const { amina, bruno, nobody } = await makeCast()
    for (const caller of [amina, bruno]) {
      const refused = await caller.post('/users', {})
      expect(refused.status).toBe(403)
      expect(refused.body.detail).toBe('Insufficient permissions')
      expect((await caller.get('/users')).status).toBe(403)
    }
    expect((await nobody.get('/users')).status).toBe(401)
  })

  test('case 16: an unknown role is 400, a bad e-mail 422, a taken e-mail 409', async () => {
    const { chiara, dario } = await makeCast()
    const role = await chiara.post('/users', { ...NEW, role: 'boss' })
    expect(role.status).toBe(400)
    expect(role.body.detail).toBe('Invalid role')
    for (const email of ['nonsense', 'a@b', 'a b@example.org', '@example.org', '', 'a@example..org'])
      expect({ email, status: (await chiara.post('/users', { ...NEW, email })).status }).toEqual({ email, status: 422 })
    expectStatus(201, await chiara.post('/users', NEW))
    for (const admin of [chiara, dario]) {
      const taken = await admin.post('/users', { ...NEW, email: ` ${NEW.email.toUpperCase()} ` })
      expect(taken.status).toBe(409)
      expect(taken.body.detail).toBe('Email already in use')
    }
  })

  test('case 17: without a role it is a field worker', async () => {
    const { chiara } = await makeCast()
    expect((await chiara.post('/users', NEW)).body.role).toBe('field_worker')
  })

  test('a short password is 422 and names the field', async () => {
    const { chiara } = await makeCast()
    const { status, body } = await chiara.post('/users', { ...NEW, password: 'seven77' })
    expect(status).toBe(422)
    expect(body.detail[0].loc).toEqual(['body', 'password'])
  })

  test('a user may have a username, with or without an e-mail; it is unique in the tenant only', async () => {
    const { chiara, dario } = await makeCast()
    const made = await chiara.post('/users', { username: ' esther ', password: NEW.password })
    expect(made.body).toMatchObject({ email: null, username: 'esther' })
    const taken = await chiara.post('/users', { ...NEW, username: 'esther' })
    expect(taken.status).toBe(409)
    expect(taken.body.code).toBe('username_taken')
    expect((await dario.post('/users', { username: 'esther', password: NEW.password })).status).toBe(201)
    expect((await chiara.post('/users', { password: NEW.password })).status).toBe(422)
    expect((await chiara.post('/users', { username: 'a@b', password: NEW.password })).status).toBe(422)
  })
})

describe('deactivating and reactivating', () => {
  test('case 18: a deactivated user is out at once, stays in the list, and keeps the e-mail', async () => {
    const { amina, chiara, nobody } = await makeCast()
    expect((await chiara.delete(`/users/${amina.id}`)).status).toBe(204)
    expect((await amina.get('/auth/me')).status).toBe(401)
    const login = { email: amina.email, password: amina.password }
    expect((await nobody.post('/auth/login', login)).status).toBe(401)
    expect((await nobody.post('/auth/refresh', { refresh_token: amina.refreshToken })).status).toBe(401)
    const listed = (await chiara.get('/users')).body.find((user: { id: string }) => user.id === amina.id)
    expect(listed).toMatchObject({ email: amina.email, is_active: false })
    expect((await chiara.post('/users', { email: amina.email, password: amina.password })).status).toBe(409)
    expect((await chiara.delete(`/users/${amina.id}`)).status).toBe(204)
  })

  test('case 18: nobody deactivates or demotes themselves', async () => {
    const { chiara } = await makeCast()
    const refused = await chiara.delete(`/users/${chiara.id}`)
    expect(refused.status).toBe(400)
    expect(refused.body.detail).toBe('Cannot deactivate yourself')
    expect((await chiara.patch(`/users/${chiara.id}`, { is_active: false })).status).toBe(400)
    expect((await chiara.patch(`/users/${chiara.id}`, { role: 'manager' })).status).toBe(400)
    expect((await chiara.patch(`/users/${chiara.id}`, { role: 'admin' })).status).toBe(200)
  })

  test('case 19: users of another tenant, unknown ones and no ids are 404', async () => {
    const { amina, dario, chiara } = await makeCast()
    for (const id of [amina.id, '00000000-0000-4000-8000-000000000000', 'not-a-uuid']) {
      expect((await dario.delete(`/users/${id}`)).status).toBe(404)
      expect((await dario.patch(`/users/${id}`, { role: 'admin' })).status).toBe(404)
      expect((await dario.post(`/users/${id}/reset-password`, { password: 'dario-password' })).status).toBe(404)
      expect((await dario.get(`/users/${id}/sessions`)).status).toBe(404)
    }
    expect((await dario.get('/users')).body).toHaveLength(1)
    expect((await chiara.get('/users')).body).toHaveLength(3)
    expect((await amina.get('/auth/me')).status).toBe(200)
  })

  test('case 20: the device of a deactivated user gets 401 at once, and works again after reactivation', async () => {
    const cast = await makeCast()
    const phone = await cast.pair(cast.bruno)
    expect((await phone.get('/mobile/forms')).status).toBe(200)
    expectStatus(204, await cast.chiara.delete(`/users/${cast.bruno.id}`))
    expect((await phone.get('/mobile/forms')).status).toBe(401)
    expect((await phone.post('/submissions/bulk', [])).status).toBe(401)
    expectStatus(200, await cast.chiara.patch(`/users/${cast.bruno.id}`, { is_active: true }))
    expect((await phone.get('/mobile/forms')).status).toBe(200)
    expect((await cast.bruno.get('/auth/me')).status).toBe(401)
    await cast.logIn(cast.bruno.email, cast.bruno.password)
  })

  test('two admins who deactivate each other at the same time leave one', async () => {
    const cast = await makeCast()
    const fatima = await cast.addUser(cast.chiara, 'fatima@example.org', 'admin')
    const answers = await Promise.all([
      cast.chiara.delete(`/users/${fatima.id}`),
      fatima.delete(`/users/${cast.chiara.id}`),
    ])
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    const loser = answers.find(({ status }) => status !== 204)
    // Refused by the rule, or already out.
    expect([409, 401]).toContain(loser?.status)
    const alive = await Promise.all([cast.chiara.get('/users'), fatima.get('/users')])
    expect(alive.map(({ status }) => status).sort()).toEqual([200, 401])
  })
})

describe('roles', () => {
  test('a new role holds for the session that is open', async () => {
    const { amina, chiara } = await makeCast()
    expect((await amina.get('/users')).status).toBe(403)
    const { body } = expectStatus(200, await chiara.patch(`/users/${amina.id}`, { role: 'admin' }))
    expect(body.role).toBe('admin')
    expect((await amina.get('/users')).status).toBe(200)
    expectStatus(200, await chiara.patch(`/users/${amina.id}`, { role: 'field_worker' }))
    expect((await amina.get('/users')).status).toBe(403)
    expect((await chiara.patch(`/users/${amina.id}`, { role: 'boss' })).status).toBe(400)
  })

  test('memberships replace each other, and an empty change changes nothing', async () => {
    const { amina, chiara } = await makeCast()
    const one = expectStatus(201, await chiara.post('/projects', { name: 'One' })).body.id
    const two = expectStatus(201, await chiara.post('/projects', { name: 'Two' })).body.id
    const first = await chiara.patch(`/users/${amina.id}`, {
      memberships: [{ project_id: one, role: 'manager' }],
    })
    expect(first.body.memberships).toEqual([{ project_id: one, role: 'manager' }])
    expect((await amina.get('/auth/me')).body.project_roles).toEqual({ [one]: 'manager' })
    const second = await chiara.patch(`/users/${amina.id}`, {
      memberships: [{ project_id: two, role: 'field_worker' }],
    })
    expect(second.body.memberships).toEqual([{ project_id: two, role: 'field_worker' }])
    expect((await chiara.patch(`/users/${amina.id}`, {})).body).toEqual(second.body)
    const third = await chiara.patch(`/users/${amina.id}`, { memberships: [] })
    expect(third.body).toMatchObject({ memberships: [], role: 'field_worker' })
  })

  test('a membership names a project of this tenant and a role that exists, or nothing happens', async () => {
    const { amina, chiara, dario } = await makeCast()
    const theirs = expectStatus(201, await dario.post('/projects', { name: 'Theirs' })).body.id
    const memberships = [{ project_id: theirs, role: 'admin' }]
    const refused = await chiara.patch(`/users/${amina.id}`, { role: 'manager', memberships })
    expect(refused.status).toBe(404)
    expect(refused.body.code).toBe('project_not_found')
    expect((await chiara.post('/users', { ...NEW, memberships })).status).toBe(404)
    const own = expectStatus(201, await chiara.post('/projects', { name: 'Own' })).body.id
    const badRole = await chiara.patch(`/users/${amina.id}`, { memberships: [{ project_id: own, role: 'boss' }] })
    expect(badRole.status).toBe(400)
    const noId = await chiara.patch(`/users/${amina.id}`, { memberships: [{ project_id: 'x', role: 'admin' }] })
    expect(noId.status).toBe(422)
    expect((await chiara.get('/users')).body.map((user: { role: string }) => user.role).sort()).toEqual([
      'admin',
      'field_worker',
      'manager',
    ])
  })

  test('the admin of a project is not an admin of the tenant', async () => {
    const { amina, chiara } = await makeCast()
    const project = expectStatus(201, await chiara.post('/projects', { name: 'One' })).body.id
    const memberships = [{ project_id: project, role: 'admin' }]
    expectStatus(200, await chiara.patch(`/users/${amina.id}`, { memberships }))
    expect((await amina.get('/users')).status).toBe(403)
    expect((await amina.post('/users', NEW)).status).toBe(403)
    expect((await amina.patch(`/users/${amina.id}`, { role: 'admin' })).status).toBe(403)
    expect((await amina.post('/api-keys', {})).status).toBe(403)
    expect((await amina.post('/settings/mobile/pairing-token')).status).toBe(403)
    expect((await amina.put('/settings/mobile/server-url', { server_url: 'https://x.org' })).status).toBe(403)
  })
})

describe('resetting a password', () => {
  test('the admin’s password works, the old one does not, all sessions end, and a change is asked for', async () => {
    const cast = await makeCast()
    const { amina, chiara } = cast
    const reset = await chiara.post(`/users/${amina.id}/reset-password`, { password: 'chosen-by-chiara' })
    expect(reset.status).toBe(200)
    expect(reset.body).toMatchObject({ id: amina.id, force_password_reset: true })
    expect((await amina.get('/auth/me')).status).toBe(401)
    const old = { email: amina.email, password: amina.password }
    expect((await cast.nobody.post('/auth/login', old)).status).toBe(401)
    const again = await cast.logIn(amina.email, 'chosen-by-chiara')
    expect((await again.get('/auth/me')).body.force_password_reset).toBe(true)
  })

  test('managers may not, short ones are refused, and for oneself there is change-password', async () => {
    const { amina, bruno, chiara } = await makeCast()
    const path = `/users/${amina.id}/reset-password`
    expect((await bruno.post(path, { password: 'chosen-by-bruno' })).status).toBe(403)
    expect((await chiara.post(path, { password: 'short' })).status).toBe(422)
    expect((await chiara.post(`/users/${chiara.id}/reset-password`, { password: 'chosen-anew' })).status).toBe(403)
    expect((await amina.get('/auth/me')).status).toBe(200)
  })
})

describe('the sessions of others', () => {
  test('an admin sees where a user is logged in and ends one session', async () => {
    const cast = await makeCast()
    const there = await cast.logIn(cast.amina.email, cast.amina.password)
    const own = (await there.get('/auth/sessions')).body
    const id = own.find((session: { current: boolean }) => session.current).id
    const path = `/users/${cast.amina.id}/sessions`
    expect((await cast.bruno.get(path)).status).toBe(403)
    const listed = await cast.chiara.get(path)
    expect(listed.body).toHaveLength(2)
    expect(listed.body[0].current).toBe(false)
    expect((await cast.chiara.delete(`/users/${cast.bruno.id}/sessions/${id}`)).status).toBe(404)
    expect((await cast.dario.delete(`${path}/${id}`)).status).toBe(404)
    expect((await cast.chiara.delete(`${path}/${id}`)).status).toBe(204)
    expect((await there.get('/auth/me')).status).toBe(401)
    expect((await cast.amina.get('/auth/me')).status).toBe(200)
  })
})
