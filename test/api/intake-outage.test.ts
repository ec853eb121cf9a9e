// While D1 is away: who may still hand over submissions, what is taken and what is not.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Caller, type Cast, expectStatus, makeCast, startApp } from '../support/app.ts'
import { NOTE_FORM, nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { askObject, evict, ring, storedIds } from '../support/intake.ts'
import { hang, type Part, takeAway } from '../support/weather.ts'

let cast: Cast
let form: PublishedForm

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
})

afterEach(() => {
  vi.restoreAllMocks()
})

interface Sender {
  intakeName: string
  /** One submission; the answer says what became of it. */
  send(by: Pick<Caller, 'post'>, localUuid: string): Promise<{ status: number; outcome: string | undefined }>
  headers: Record<string, string>
}

async function phone(): Promise<Sender> {
  const { token } = await cast.pair(cast.bruno)
  const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
  return {
    intakeName: `device:${device.id}`,
    headers: { authorization: `Bearer ${token}` },
    async send(by, local_uuid) {
      const { status, body } = await by.post('/submissions/bulk', [submissionOf(form, { local_uuid })])
      return { status, outcome: status !== 200 ? body.code : body.accepted.length === 1 ? 'accepted' : 'ignored' }
    },
  }
}

async function sensor(): Promise<Sender> {
  const { id, key } = await cast.addKey(cast.chiara)
  return {
    intakeName: `key:${id}`,
    headers: { 'x-api-key': key },
    async send(by, local_uuid) {
      const sent = await by.post('/headless/submit', { form_id: form.id, local_uuid, data_json: { note: 'an owl' } })
      return { status: sent.status, outcome: sent.body.status ?? sent.body.code }
    },
  }
}

async function person(): Promise<Sender> {
  return {
    intakeName: `user:${cast.amina.id}`,
    headers: { authorization: `Bearer ${cast.amina.accessToken}` },
    async send(by, local_uuid) {
      const { status, body } = await by.post('/submissions', submissionOf(form, { local_uuid }))
      return { status, outcome: body.status ?? body.code }
    },
  }
}

const SENDERS = { device: phone, key: sensor, user: person }
const PARTS: Part[] = ['directory', 'shard', 'both']
const cases = Object.entries(SENDERS).flatMap(([who, make]) => PARTS.map((part) => [who, part, make] as const))

describe('who is known goes on handing over', () => {
  test.each(cases)(
    'a %s, %s away, from a cold isolate: accepted, once, and there afterwards',
    async (_, part, make) => {
      const sender = await make()
      const warm = cast.as(sender.headers)
      expect(await sender.send(warm, nextLocalUuid())).toMatchObject({ outcome: 'accepted' })
      await evict(sender.intakeName)
      const cold = startApp().as(sender.headers)
      const end = takeAway(part)
      const names = [nextLocalUuid(), nextLocalUuid()]
      expect(await sender.send(cold, names[0]!)).toMatchObject({ outcome: 'accepted' })
      // Known in the object, whether it is in D1 or waits there, and after another eviction too.
      await evict(sender.intakeName)
      expect(await sender.send(cold, names[0]!)).toMatchObject({ outcome: 'ignored' })
      expect(await sender.send(cold, names[1]!)).toMatchObject({ outcome: 'accepted' })
      end()
      await ring(sender.intakeName)
      expect(await storedIds()).toHaveLength(3)
      for (const name of names) expect(await sender.send(warm, name)).toMatchObject({ outcome: 'ignored' })
      expect(await storedIds()).toHaveLength(3)
    },
  )
})

describe('who is not known waits', () => {
  test.each(Object.entries(SENDERS))('a %s that never came before gets 503, never 401', async (_, make) => {
    const sender = await make()
    const end = takeAway('both')
    expect(await sender.send(startApp().as(sender.headers), nextLocalUuid())).toEqual({
      status: 503,
      outcome: 'unavailable',
    })
    end()
    expect(await storedIds()).toEqual([])
  })

  test('a wrong secret gets 503 with Retry-After while it cannot be told from a new one', async () => {
    const sender = await phone()
    const right = sender.headers.authorization!
    await sender.send(cast.as(sender.headers), nextLocalUuid())
    takeAway('both')
    const thief = startApp().as({ authorization: `${right.slice(0, -2)}AA` })
    const refused = await thief.post('/submissions/bulk', [submissionOf(form)])
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('a forged or expired access token stays 401: its signature needs no database', async () => {
    const sender = await person()
    await sender.send(cast.amina, nextLocalUuid())
    takeAway('both')
    const forged = startApp().as({ authorization: `${sender.headers.authorization!.slice(0, -4)}AAAA` })
    expect((await forged.post('/submissions', submissionOf(form))).status).toBe(401)
    const later = startApp()
    later.advance(16 * 60_000)
    expect((await later.as(sender.headers).post('/submissions', submissionOf(form))).status).toBe(401)
  })

  test("a user's other endpoints answer 503 while the directory is away", async () => {
    await (await person()).send(cast.amina, nextLocalUuid())
    takeAway('directory')
    for (const path of ['/auth/me', '/submissions', '/projects']) expect((await cast.amina.get(path)).status).toBe(503)
  })

  test('a session that was ended while all was well is not vouched for, whatever the object remembered', async () => {
    const sender = await person()
    expect(await sender.send(cast.amina, nextLocalUuid())).toMatchObject({ status: 201 })
    expectStatus(200, await cast.amina.post('/auth/logout', {}))
    takeAway('directory')
    expect(await sender.send(startApp().as(sender.headers), nextLocalUuid())).toMatchObject({ status: 503 })
  })

  test.each([
    ['deactivated', async () => cast.chiara.delete(`/users/${cast.amina.id}`)],
    [
      'given another password',
      async () => cast.chiara.post(`/users/${cast.amina.id}/reset-password`, { password: 'a-long-password' }),
    ],
  ])('a user who was %s is not vouched for either', async (_, revoke) => {
    const sender = await person()
    expect(await sender.send(cast.amina, nextLocalUuid())).toMatchObject({ status: 201 })
    expect((await revoke()).status).toBeLessThan(300)
    takeAway('directory')
    expect(await sender.send(startApp().as(sender.headers), nextLocalUuid())).toMatchObject({ status: 503 })
  })

  test('a session check that arrives after the revocation that it was read before is not kept', async () => {
    const sender = await person()
    const real = cast.deps.intake
    const late = cast.as(sender.headers)
    // The logout overtakes the request between its session's read and its arrival at the object.
    const overtaking = startApp({
      deps: {
        intake: (name) => {
          const port = real(name)
          return new Proxy(port, {
            get: (target, method) =>
              method === 'submit'
                ? async (request: Parameters<typeof target.submit>[0]) => {
                    await late.post('/auth/logout', {})
                    return port.submit(request)
                  }
                : (...args: unknown[]) => (target as any)[method](...args),
          })
        },
      },
    })
    expect(await sender.send(overtaking.as(sender.headers), nextLocalUuid())).toMatchObject({ status: 201 })
    takeAway('directory')
    expect(await sender.send(startApp().as(sender.headers), nextLocalUuid())).toMatchObject({ status: 503 })
  })

  test('a revoked device is out at once, although its object held a good check', async () => {
    const sender = await phone()
    await sender.send(cast.as(sender.headers), nextLocalUuid())
    const id = sender.intakeName.slice('device:'.length)
    expectStatus(204, await cast.chiara.delete(`/settings/mobile/devices/${id}`))
    expect(await sender.send(cast.as(sender.headers), nextLocalUuid())).toMatchObject({ status: 401 })
    takeAway('both')
    expect(await sender.send(startApp().as(sender.headers), nextLocalUuid())).toMatchObject({ status: 503 })
  })
})

describe('what cannot be judged is not taken', () => {
  test('a form version that the object has not seen: 503 for the whole request, nothing acknowledged', async () => {
    const sender = await phone()
    const caller = cast.as(sender.headers)
    await sender.send(caller, nextLocalUuid())
    const other = await publishForm(cast.bruno, NOTE_FORM, 'Never used')
    const end = takeAway('both')
    const batch = [submissionOf(form), submissionOf(other)]
    const refused = await startApp().as(sender.headers).post('/submissions/bulk', batch)
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    end()
    expect(await askObject(sender.intakeName, 'SELECT 1 FROM backlog')).toEqual([])
    await ring(sender.intakeName)
    expect(await storedIds()).toHaveLength(1)
    cast.advance(5_000)
    expect((await caller.post('/submissions/bulk', batch)).body.accepted).toHaveLength(2)
  })

  test('an item for quarantine beside a good one: 503, and both are settled when D1 is back', async () => {
    const sender = await phone()
    const caller = cast.as(sender.headers)
    await sender.send(caller, nextLocalUuid())
    const end = takeAway('both')
    const batch = [submissionOf(form), 'no object']
    expect((await startApp().as(sender.headers).post('/submissions/bulk', batch)).status).toBe(503)
    expect(await askObject(sender.intakeName, 'SELECT 1 FROM backlog')).toEqual([])
    end()
    cast.advance(5_000)
    const { body } = expectStatus(200, await caller.post('/submissions/bulk', batch))
    expect([body.accepted.length, body.errors.length]).toEqual([1, 1])
  })

  test('a faulty item whose id the object knows is a duplicate, D1 or not', async () => {
    const sender = await person()
    const local_uuid = nextLocalUuid()
    await sender.send(cast.amina, local_uuid)
    takeAway('both')
    const cold = startApp().as(sender.headers)
    const replay = await cold.post('/submissions', submissionOf(form, { local_uuid, data: {} }))
    expect([replay.status, replay.body.status]).toEqual([201, 'ignored'])
    const unknown = await cold.post('/submissions', submissionOf(form, { data: {} }))
    expect(unknown.status).toBe(503)
  })

  test('large answers go to R2 as ever; with R2 away too they are not taken', async () => {
    const sender = await phone()
    await sender.send(cast.as(sender.headers), nextLocalUuid())
    const end = takeAway('both')
    const cold = startApp().as(sender.headers)
    const large = () => submissionOf(form, { data: { note: 'x'.repeat(300_000) } })
    const kept = large()
    expect((await cold.post('/submissions/bulk', [kept])).body.accepted).toHaveLength(1)
    const put = vi.spyOn(env.MEDIA, 'put').mockRejectedValue(new Error('R2 is away'))
    expect((await cold.post('/submissions/bulk', [large()])).status).toBe(503)
    put.mockRestore()
    end()
    await ring(sender.intakeName)
    const [, stored] = await storedIds()
    cast.advance(5_000)
    expect((await cast.chiara.get(`/submissions/${stored}`)).body.data.note).toHaveLength(300_000)
  })
})

test('large answers that two credentials handed over for one submission are kept once', async () => {
  const [device, user] = [await phone(), await person()]
  for (const sender of [device, user]) await sender.send(cast.as(sender.headers), nextLocalUuid())
  const end = takeAway('both')
  const large = submissionOf(form, { data: { note: 'x'.repeat(300_000) } })
  const cold = startApp()
  expectStatus(200, await cold.as(device.headers).post('/submissions/bulk', [large]))
  expectStatus(201, await cold.as(user.headers).post('/submissions', large))
  expect((await env.MEDIA.list()).objects).toHaveLength(2)
  end()
  for (const sender of [device, user]) await ring(sender.intakeName)
  const rows = (await env.DB.prepare('SELECT data_key FROM submissions WHERE data_key IS NOT NULL').all()).results
  expect((await env.MEDIA.list()).objects.map(({ key }) => key)).toEqual([rows[0]!.data_key])
})

describe('a database that does not answer', () => {
  test('is given up after three seconds; a write that succeeds late is neither lost nor doubled nor miscounted', async () => {
    const sender = await phone()
    const caller = cast.as(sender.headers)
    await sender.send(caller, nextLocalUuid())
    const end = hang({ late: true })
    const name = nextLocalUuid()
    const startMs = Date.now()
    expect(await sender.send(caller, name)).toMatchObject({ outcome: 'accepted' })
    expect(Date.now() - startMs).toBeGreaterThan(2_500)
    // From now on nobody waits.
    const againMs = Date.now()
    expect(await sender.send(caller, nextLocalUuid())).toMatchObject({ outcome: 'accepted' })
    expect(Date.now() - againMs).toBeLessThan(1_000)
    end()
    await ring(sender.intakeName)
    expect(await storedIds()).toHaveLength(3)
    expect(await sender.send(caller, name)).toMatchObject({ outcome: 'ignored' })
    const list = await cast.chiara.get(`/submissions?form_id=${form.id}&limit=1`)
    expect(list.headers.get('x-total-count')).toBe('3')
  })

  test('a silent directory and shard delay the first request only', async () => {
    const sender = await phone()
    await sender.send(cast.as(sender.headers), nextLocalUuid())
    const cold = startApp().as(sender.headers)
    const end = hang()
    expect(await sender.send(cold, nextLocalUuid())).toMatchObject({ outcome: 'accepted' })
    const startMs = Date.now()
    expect(await sender.send(cold, nextLocalUuid())).toMatchObject({ outcome: 'accepted' })
    expect(Date.now() - startMs).toBeLessThan(1_000)
    end()
    await ring(sender.intakeName)
    expect(await storedIds()).toHaveLength(3)
  })
})
