// Roles and users: cases 16 to 19 and 75 to 79 of the Synkronus contract, sections 2 and 9.
import { beforeEach, describe, expect, test } from 'vitest'
import { expectStatus } from '../../support/app.ts'
import {
  claimsOf,
  faultOf,
  MOUNTS,
  observation,
  pull,
  putAttachment,
  type Repository,
  sendParts,
  standing,
  startRepository,
  tryPull,
  tryPush,
  wireOf,
} from '../../support/synkronus.ts'

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(mount)
  })

  test('case 16: a reader reads, and changes nothing', async () => {
    const { reader } = repository
    const archive = [{ name: 'bundle', content: 'x', filename: 'bundle.zip' }]
    const refused = [
      await tryPush(reader, [observation('x')]),
      await sendParts(reader, 'POST', '/app-bundle/push', archive),
      await reader.post('/app-bundle/switch/0001'),
      await reader.get('/users'),
      await reader.post('/users/create', { username: 'new', password: 'long-enough', role: 'admin' }),
      await reader.post('/users', { username: 'new', password: 'long-enough', role: 'admin' }),
      await reader.post('/users/reset-password', { username: 'wanja', newPassword: 'long-enough' }),
      await reader.delete('/users/wanja'),
      await reader.delete('/users/delete/wanja'),
      await reader.post('/admin/repository/reset', { confirm: 'RESET_REPOSITORY' }),
    ]
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403))
    expect(await pull(reader)).toMatchObject({ records: [] })
  })

  test('case 17: a writer pushes, and rules nobody', async () => {
    const { writer } = repository
    const archive = [{ name: 'bundle', content: 'x', filename: 'bundle.zip' }]
    expect((await tryPush(writer, [observation('x')])).status).toBe(200)
    const refused = [
      await sendParts(writer, 'POST', '/app-bundle/push', archive),
      await writer.post('/users/create', { username: 'new', password: 'long-enough', role: 'admin' }),
      await writer.delete('/users/rosa'),
      await writer.get('/users'),
    ]
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403])
  })

  test('case 18: a reader uploads nothing', async () => {
    const { reader, writer } = repository
    expect((await putAttachment(reader, 'a.jpg', 'light')).status).toBe(403)
    expect((await writer.get('/attachments/a.jpg')).status).toBe(404)
  })

  test('case 19: the token of who was deleted is worth nothing', async () => {
    const { admin, writer } = repository
    expect((await tryPull(writer)).status).toBe(200)
    expect((await admin.delete('/users/wanja')).body).toEqual({ message: 'User deleted successfully' })
    expect((await tryPull(writer)).status).toBe(401)
    expect((await tryPush(writer, [observation('x')])).status).toBe(401)
  })

  test('everybody reads everything, whoever wrote it', async () => {
    const { admin, writer, reader, addMember } = repository
    await tryPush(writer, [observation('of wanja')])
    await tryPush(await addMember('otto', 'read-write'), [observation('of otto')])
    for (const member of [admin, writer, reader])
      expect((await pull(member)).records.map((record) => record.observation_id)).toEqual(['of wanja', 'of otto'])
  })

  test.each(['/users', '/users/create'])('case 75: POST %s makes a user, once', async (path) => {
    const { admin, logIn } = repository
    const user = { username: 'nadia', password: 'long-enough', role: 'read-write' }
    const made = await admin.post(path, user)
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ username: 'nadia', role: 'read-write', createdAt: expect.any(String) })
    expect(Number.isNaN(Date.parse(made.body.createdAt))).toBe(false)
    expect(claimsOf((await logIn('nadia', 'long-enough')).token)).toMatchObject({
      username: 'nadia',
      role: 'read-write',
    })
    const again = await admin.post(path, user)
    expect(again.status).toBe(409)
    expect(faultOf(again).message).toBe('Username already exists')
    const boss = await admin.post(path, { ...user, username: 'boss', role: 'boss' })
    expect(boss.status).toBe(400)
    expect(`${faultOf(boss).error} ${faultOf(boss).message}`).toContain('invalid role')
    for (const missing of ['username', 'password', 'role']) {
      const reply = await admin.post(path, { ...user, username: 'other', [missing]: undefined })
      expect(reply.status).toBe(400)
      expect(faultOf(reply).message).toBe('Missing required fields')
    }
  })

  test('the list tells when the app of each was seen, also when it found nothing new', async () => {
    const { admin, reader, server } = repository
    const seen = async () => (await admin.get('/users')).body.find(({ username }: any) => username === 'rosa').presence
    expect(await seen()).toBeUndefined()
    await pull(reader, { client_id: 'tablet-7' })
    const first = await seen()
    expect(first).toMatchObject({ clientCount: 1, clients: [{ clientId: 'tablet-7', lastSeenAt: first.lastSeenAt }] })
    server.advance(3_600_000)
    await pull(reader, { client_id: 'tablet-7', since: 1 })
    expect(Date.parse((await seen()).lastSeenAt) - Date.parse(first.lastSeenAt)).toBe(3_600_000)
  })

  test('case 76: users are listed, without their secrets', async () => {
    const { admin } = repository
    for (const path of ['/users', '/users/']) {
      const { status, body, text } = await admin.get(path)
      expect(status).toBe(200)
      expect(body).toHaveLength(3)
      for (const user of body)
        expect(user).toMatchObject({
          id: expect.any(String),
          username: expect.any(String),
          role: expect.stringMatching(/^(read-only|read-write|admin)$/),
          createdAt: expect.any(String),
          updatedAt: expect.any(String),
        })
      expect(body.map((user: any) => user.username)).toEqual(expect.arrayContaining(['wanja', 'rosa']))
      expect(text).not.toMatch(/password|scrypt|hash/i)
    }
  })

  test.each(['/users', '/users/delete'])('case 77: DELETE %s/{name} deletes, once', async (path) => {
    const { admin, nobody, writer, addMember } = repository
    expect((await admin.delete(`${path}/wanja`)).status).toBe(200)
    const again = await admin.delete(`${path}/wanja`)
    expect(again.status).toBe(404)
    expect(faultOf(again).message).toBe('User not found')
    const login = await nobody.post('/auth/login', { username: 'wanja', password: writer.password })
    expect(login.status).toBe(401)
    // The name is free again, and its new holder is somebody else.
    const successor = await addMember('wanja', 'read-only')
    expect(claimsOf(successor.token).sub).not.toBe(claimsOf(writer.token).sub)
    expect((await tryPull(writer)).status).toBe(401)
    expect((await admin.delete(`${path}/wanja`)).status).toBe(200)
    expect((await admin.get('/users')).body.map((user: any) => user.username)).not.toContain('wanja')
  })

  test('what a deleted user wrote stays', async () => {
    const { admin, writer, reader } = repository
    await tryPush(writer, [observation('x')])
    await admin.delete('/users/wanja')
    expect((await pull(reader)).records).toMatchObject([{ observation_id: 'x', deleted: false }])
  })

  test('case 78: a password is reset', async () => {
    const { admin, nobody, writer } = repository
    const unknown = await admin.post('/users/reset-password', { username: 'nobody', newPassword: 'long-enough' })
    expect(unknown.status).toBe(404)
    expect(faultOf(unknown).message).toBe('User not found')
    const missing = await admin.post('/users/reset-password', { username: 'wanja' })
    expect(missing.status).toBe(400)
    const done = await admin.post('/users/reset-password', { username: 'wanja', newPassword: 'another-password' })
    expect(done).toMatchObject({ status: 200, body: { message: expect.any(String) } })
    const logIn = async (password: string) => (await nobody.post('/auth/login', { username: 'wanja', password })).status
    expect(await logIn(writer.password)).toBe(401)
    expect(await logIn('another-password')).toBe(200)
  })

  test.each(['currentPassword', 'oldPassword'])('case 79: a password is changed with %s', async (current) => {
    const { nobody, reader } = repository
    const change = (old: string | undefined, newPassword: string | undefined) =>
      reader.post('/users/change-password', { [current]: old, newPassword })
    const wrong = await change('not-hers', 'another-password')
    expect(wrong.status).toBe(401)
    faultOf(wrong)
    expect((await change(undefined, 'another-password')).status).toBe(400)
    expect((await change(reader.password, undefined)).status).toBe(400)
    const done = await change(reader.password, 'another-password')
    expect(done).toMatchObject({ status: 200, body: { message: 'Password changed successfully' } })
    const logIn = async (password: string) => (await nobody.post('/auth/login', { username: 'rosa', password })).status
    expect(await logIn(reader.password)).toBe(401)
    expect(await logIn('another-password')).toBe(200)
  })

  test('nobody reaches into another tenant', async () => {
    const { server, admin, writer, reader } = repository
    await tryPush(writer, [observation('ours')])
    const dario = await server.addTenant('other', 'dario@example.net')
    const theirs = await repository.logIn(dario.email, dario.password)
    expect(await pull(theirs)).toMatchObject({ records: [] })
    expect((await theirs.delete('/users/wanja')).status).toBe(404)
    const reset = await theirs.post('/users/reset-password', { username: 'wanja', newPassword: 'long-enough' })
    expect(reset.status).toBe(404)
    await theirs.post('/admin/repository/reset', { confirm: 'RESET_REPOSITORY' })
    expect((await pull(reader)).records).toHaveLength(1)
    // Names are a tenant's own.
    const again = await theirs.post('/users', { username: 'wanja', password: 'long-enough', role: 'read-only' })
    expect(again.status).toBe(201)
    expect((await admin.get('/users')).body).toHaveLength(3)
    expect((await theirs.get('/users')).body).toHaveLength(2)
  })
})

test.each(MOUNTS)(
  'under /t/<slug>$path a tenant logs in by bare names, and its tokens open it alone',
  async (mount) => {
    const repository = await startRepository(mount)
    const dario = await repository.server.addTenant('other', 'dario@example.net')
    const theirMount = { ...mount, path: `/t/other${mount.path}` }
    const theirs = await repository.logIn(dario.email, dario.password, theirMount)
    await theirs.post('/users', { username: 'wanja', password: 'their-password', role: 'read-write' })
    const theirWanja = await repository.logIn('wanja', 'their-password', theirMount)
    expect((await tryPush(theirWanja, [observation('theirs')])).status).toBe(200)
    expect((await pull(theirWanja)).records).toHaveLength(1)
    expect((await pull(repository.reader)).records).toEqual([])

    const atHome = await repository.nobody.post('/auth/login', { username: 'wanja', password: 'their-password' })
    expect(atHome.status).toBe(401)
    const { token } = repository.writer
    expect((await tryPull(repository.as({ authorization: `Bearer ${token}` }, theirMount))).status).toBe(401)
    const nowhere = wireOf(repository.server, { ...mount, path: `/t/nowhere${mount.path}` })
    expect((await nowhere.post('/auth/login', { username: 'wanja', password: 'x' })).status).toBe(401)
  },
)

describe('a session that pushed a moment ago', () => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(MOUNTS[1]!)
    // The first push reads the session, the second hears of it from its object, from the third on it is remembered.
    for (const id of ['a', 'b', 'c']) expect((await tryPush(repository.writer, [observation(id)])).status).toBe(200)
  })

  test.each(['a record', 'a record without a name', 'a form type that is new', 'nothing', 'what is no push'])(
    'ends at once, also for %s',
    async (what) => {
      const { server, admin, writer } = repository
      await admin.delete('/users/wanja')
      const bodies: Record<string, object> = {
        'a record': { transmission_id: 't', client_id: 'a', records: [observation('d')] },
        'a record without a name': { transmission_id: 't', client_id: 'a', records: [observation('')] },
        'a form type that is new': {
          transmission_id: 't',
          client_id: 'a',
          records: [observation('d', { form_type: 'new' })],
        },
        nothing: { transmission_id: 't', client_id: 'a', records: [] },
        'what is no push': { client_id: 'a' },
      }
      const reply = await writer.post('/sync/push', bodies[what])
      expect([reply.status, reply.text]).toEqual([401, 'Unauthorized\n'])
      expect([...(await standing(repository.reader)).keys()]).toEqual(['a', 'b', 'c'])
      const chiara = await server.logIn('chiara@example.org', 'chiara-owns-it')
      expect((await chiara.get('/quarantine')).body.items).toEqual([])
      expect((await chiara.get('/forms')).body.map((form: any) => form.key)).not.toContain('new')
    },
  )

  test('has the rights that it has by now', async () => {
    const { server, writer } = repository
    const chiara = await server.logIn('chiara@example.org', 'chiara-owns-it')
    const wanja = (await chiara.get('/users')).body.find((user: any) => user.username === 'wanja')
    expectStatus(200, await chiara.patch(`/users/${wanja.id}`, { role: 'manager' }))
    expect((await tryPush(writer, [observation('d')])).status).toBe(200)
    expectStatus(200, await chiara.patch(`/users/${wanja.id}`, { is_active: false }))
    expect((await tryPush(writer, [observation('e')])).status).toBe(401)
    expect([...(await standing(repository.reader)).keys()]).toEqual(['a', 'b', 'c', 'd'])
  })
})
