// What the rights of this API mean on a sync app's wire: no other door gives anybody more than their own.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { sweep } from '../../src/background/sweep.ts'
import { type Cast, expectStatus, makeCast, type User } from '../support/app.ts'

let cast: Cast

beforeEach(async () => {
  cast = await makeCast()
})

/** The sync app of a user who was made by this API. */
async function appOf({ email, password }: Pick<User, 'email' | 'password'>) {
  const wire = (path: string) => `http://fieldpost.test/synkronus${path}`
  const login = await cast.nobody.post(wire('/auth/login'), { username: email, password })
  const as = cast.as({ authorization: `Bearer ${expectStatus(200, login).body.token}` })
  let sent = 0
  return {
    as,
    push: (name: string, more: object = {}) => {
      const record = { observation_id: name, form_type: 'water', form_version: '1', data: { depth: 4 }, ...more }
      const request = { transmission_id: `${email}-${sent++}`, client_id: `phone of ${email}`, records: [record] }
      return as.post(wire('/sync/push'), request)
    },
    names: async (): Promise<string[]> => {
      const { body } = expectStatus(200, await as.post(wire('/sync/pull'), { client_id: `phone of ${email}` }))
      return body.records.map((record: { observation_id: string }) => record.observation_id)
    },
    upload: (name: string, text: string) => {
      const form = new FormData()
      form.set('file', new Blob([text]), name)
      return as.request('PUT', wire(`/attachments/${name}`), { body: form })
    },
    download: (name: string) => as.get(wire(`/attachments/${name}`)),
  }
}

describe('a field worker who was not made for a sync app', () => {
  test('pulls the own records, managers all', async () => {
    const [amina, bruno] = [await appOf(cast.amina), await appOf(cast.bruno)]
    expectStatus(200, await amina.push('hers'))
    expectStatus(200, await bruno.push('his'))
    expect(await amina.names()).toEqual(['hers'])
    expect(await bruno.names()).toEqual(['hers', 'his'])
  })

  test('changes nothing of others: what she sends under their name is kept in quarantine', async () => {
    const [amina, bruno] = [await appOf(cast.amina), await appOf(cast.bruno)]
    expectStatus(200, await bruno.push('his', { data: { depth: 1 } }))
    const { body } = expectStatus(200, await amina.push('his', { data: { depth: 2 }, deleted: true }))
    expect(body).toMatchObject({ success_count: 0, failed_records: [{ index: 0 }] })
    const { body: listed } = expectStatus(200, await cast.bruno.get('/submissions'))
    expect(listed).toMatchObject([{ local_uuid: 'his', data: { depth: 1 } }])
    expect(expectStatus(200, await cast.chiara.get('/quarantine')).body.items).toHaveLength(1)
    // Sent again, it is refused again: nothing was answered that would hide it.
    expect((await amina.push('his', { data: { depth: 2 }, deleted: true })).body.success_count).toBe(0)
  })

  test('sees the own files, managers all', async () => {
    const [amina, bruno] = [await appOf(cast.amina), await appOf(cast.bruno)]
    expectStatus(200, await amina.upload('a.jpg', 'of Amina'))
    expectStatus(200, await bruno.upload('b.jpg', 'of Bruno'))
    expect((await amina.download('b.jpg')).status).toBe(404)
    expect((await amina.download('a.jpg')).text).toBe('of Amina')
    expect((await bruno.download('a.jpg')).text).toBe('of Amina')
  })
})

test('a user who may only read sends nothing by this API either', async () => {
  const chiara = await appOf(cast.chiara)
  const rosa = { username: 'rosa@example.org', password: 'rosa-only-reads', role: 'read-only' }
  expectStatus(201, await chiara.as.post('http://fieldpost.test/synkronus/users', rosa))
  const native = await cast.logIn(rosa.username, rosa.password)
  for (const path of ['/submissions', '/submissions/bulk', '/media/upload'])
    expect((await native.post(path, {})).status).toBe(403)
  expect((await native.get('/submissions')).status).toBe(200)
})

test('the tokens of one wire do not open the other', async () => {
  const { as } = await appOf(cast.chiara)
  expect((await as.get('/auth/me')).status).toBe(401)
  const pull = 'http://fieldpost.test/synkronus/sync/pull'
  expect((await cast.chiara.post(pull, { client_id: 'x' })).status).toBe(401)
})

test('a push ends with its user, though the session was good a moment ago', async () => {
  const bruno = await appOf(cast.bruno)
  expectStatus(200, await bruno.push('one'))
  expectStatus(200, await bruno.push('two'))
  expectStatus(204, await cast.chiara.delete(`/users/${cast.bruno.id}`))
  expect((await bruno.push('three')).status).toBe(401)
})

test('a push that comes again after a reset is stored anew, though its client knows no generations', async () => {
  const chiara = await appOf(cast.chiara)
  const record = { observation_id: 'x', form_type: 'water', form_version: '1', data: { depth: 4 } }
  const request = { transmission_id: 'lost', client_id: 'old phone', records: [record] }
  const send = () => chiara.as.post('http://fieldpost.test/synkronus/sync/push', request)
  expectStatus(200, await send())
  const reset = 'http://fieldpost.test/synkronus/admin/repository/reset'
  expectStatus(200, await chiara.as.post(reset, { confirm: 'RESET_REPOSITORY' }))
  expect(await chiara.names()).toEqual([])
  expect(expectStatus(200, await send()).body).toMatchObject({ success_count: 1, repository_generation: 2 })
  expect(await chiara.names()).toEqual(['x'])
})

test('the sweep forgets what a push was answered after 30 days', async () => {
  const bruno = await appOf(cast.bruno)
  expectStatus(200, await bruno.push('one'))
  const kept = async () => (await env.DB.prepare('SELECT count(*) AS n FROM transmissions').first<{ n: number }>())!.n
  cast.advance(29 * 24 * 3_600_000)
  await sweep(cast.deps)
  expect(await kept()).toBe(1)
  cast.advance(2 * 24 * 3_600_000)
  await sweep(cast.deps)
  expect(await kept()).toBe(0)
})
