// Following the changes live: who hears what, when a stream ends, and that nothing is lost by a hint that is.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { handleBatch } from '../../src/background/queue.ts'
import type { Job } from '../../src/domain/context.ts'
import { decodeCursor, encodeCursor } from '../../src/lib/cursor.ts'
import { type Cast, expectStatus, type Key, makeCast, type User } from '../support/app.ts'
import { readFeed, readPage } from '../support/feed.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { ring, tenantIdOf } from '../support/intake.ts'
import { countListeners, deafness, enterRoom, evictRoom, type Listener, listen } from '../support/live.ts'
import { filePart, upload } from '../support/media.ts'
import { takeAway } from '../support/weather.ts'

const PHOTO_FORM = { fields: [...NOTE_FORM.fields, { id: 'pic', type: 'photo', label: 'Picture' }] }

let cast: Cast
let tenantId: string
let form: PublishedForm
let jobs: Job[]
let deaf: ReturnType<typeof deafness>
const listeners: Listener[] = []

beforeEach(async () => {
  jobs = []
  deaf = deafness()
  const sendJob = async (job: Job) => {
    jobs.push(job)
  }
  cast = await makeCast({ deps: { sendJob } })
  tenantId = await tenantIdOf(cast)
  form = await publishForm(cast.bruno, PHOTO_FORM)
})

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.quit()))
  // The next test's emptied storage must not take the room from under somebody who is just leaving.
  while ((await countListeners(tenantId)) > 0) {}
})

/** Listens from the end of the feed, so that the next event is the next change. */
async function listenFromNow(as: User | Key = cast.bruno): Promise<Listener> {
  const { cursor } = await readFeed(cast.bruno)
  return listenAfter(cursor, as)
}

async function listenAfter(after: string | undefined, as: User | Key = cast.bruno): Promise<Listener> {
  const listener = await listen(cast, as, { after })
  listeners.push(listener)
  expect(listener.status).toBe(200)
  return listener
}

const runJobs = () =>
  handleBatch(
    {
      messages: jobs.splice(0).map((body) => ({ body, attempts: 1, ack: () => {}, retry: () => {} })) as any,
    },
    cast.deps,
  )

/** Seq and table. */
const placeOf = (cursor: string) => (decodeCursor(cursor, 3) as number[]).slice(1)

const send = () => cast.amina.post('/submissions', submissionOf(form))
const sendOne = async (): Promise<string> => expectStatus(201, await send()).body.id

describe('a hint', () => {
  test('comes as an event with the cursor behind the change; the feed says what it was', async () => {
    const { cursor } = await readFeed(cast.bruno)
    const stream = await listenAfter(cursor)
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    expect(stream.headers.get('cache-control')).toContain('no-store')
    const id = await sendOne()
    const hint = await stream.next()
    expect(hint).toMatchObject({ event: 'changed', data: { cursor: hint!.id, epoch: 1 } })
    const page = await readPage(cast.bruno, cursor)
    expect(page.items).toMatchObject([{ kind: 'submission', id }])
    // Whoever has read the feed is where the hint pointed to.
    expect(page.cursor).toBe(hint!.id)
  })

  const ACTS: Record<string, () => Promise<Listener>> = {
    'a single submission': async () => {
      const stream = await listenFromNow()
      await sendOne()
      return stream
    },
    'bulk submissions of a phone': async () => {
      const phone = await cast.pair(cast.bruno)
      const stream = await listenFromNow()
      expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form), submissionOf(form)]))
      return stream
    },
    'a headless submission of a sensor': async () => {
      const key = await cast.addKey(cast.chiara)
      const stream = await listenFromNow()
      expectStatus(201, await key.post('/headless/submit', { form_id: form.id, data_json: { note: 'a fox' } }))
      return stream
    },
    'an edit': async () => {
      const id = await sendOne()
      const stream = await listenFromNow()
      expectStatus(200, await cast.bruno.patch(`/submissions/${id}`, { base_revision: 1, data: { note: 'a hen' } }))
      return stream
    },
    'a review': async () => {
      const id = await sendOne()
      const stream = await listenFromNow()
      expectStatus(200, await cast.bruno.post(`/submissions/${id}/review`, { state: 'approved' }))
      return stream
    },
    'a deletion': async () => {
      const id = await sendOne()
      const stream = await listenFromNow()
      expectStatus(204, await cast.bruno.delete(`/submissions/${id}`))
      return stream
    },
    'a restoration': async () => {
      const id = await sendOne()
      expectStatus(204, await cast.bruno.delete(`/submissions/${id}`))
      const stream = await listenFromNow()
      expectStatus(200, await cast.bruno.post(`/submissions/${id}/restore`))
      return stream
    },
    'an erasure': async () => {
      const id = await sendOne()
      const stream = await listenFromNow()
      expectStatus(200, await cast.chiara.post(`/submissions/${id}/erase`, { confirm: true }))
      return stream
    },
    'a bulk action': async () => {
      await sendOne()
      const stream = await listenFromNow()
      const filter = { form_id: form.id }
      expectStatus(200, await cast.bruno.post('/submissions/bulk-actions', { action: 'delete', filter }))
      return stream
    },
    'a photo': async () => {
      const item = submissionOf(form)
      expectStatus(201, await cast.amina.post('/submissions', item))
      const stream = await listenFromNow()
      expectStatus(201, await upload(cast.amina, item.local_uuid, filePart('photo')))
      return stream
    },
    'a new form': async () => {
      const stream = await listenFromNow()
      expectStatus(201, await cast.bruno.post('/forms', { project_id: form.projectId, name: 'B', schema: NOTE_FORM }))
      return stream
    },
    'a publication': async () => {
      expectStatus(200, await cast.bruno.put(`/forms/${form.id}`, { schema: NOTE_FORM }))
      const stream = await listenFromNow()
      expectStatus(200, await cast.bruno.post(`/forms/${form.id}/publish`, { force: true }))
      return stream
    },
    "a form's deletion": async () => {
      const stream = await listenFromNow()
      expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
      return stream
    },
    'a drain after an outage': async () => {
      // The object has to know the form.
      await sendOne()
      const stream = await listenFromNow()
      const bringBack = takeAway('shard')
      expectStatus(201, await send())
      bringBack()
      await ring(`user:${cast.amina.id}`)
      return stream
    },
  }

  test.each(Object.entries(ACTS))('follows %s', async (_, act) => {
    const stream = await act()
    const { cursor } = await readFeed(cast.bruno)
    // Some acts take more than one step.
    const heard: number[][] = []
    do {
      const hint = await stream.next()
      expect(hint).toMatchObject({ event: 'changed' })
      heard.push(placeOf(hint!.id!))
    } while (String(heard.at(-1)) !== String(placeOf(cursor)))
  })

  test('follows the purge of a deleted form', async () => {
    await sendOne()
    expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
    const stream = await listenFromNow()
    await runJobs()
    expect(await stream.next()).toMatchObject({ event: 'changed' })
  })

  test('is followed by others until the last change has been told of', async () => {
    const stream = await listenFromNow()
    for (let n = 0; n < 30; n++) await sendOne()
    const { cursor } = await readFeed(cast.bruno)
    while ((await stream.next())!.id !== cursor) {}
  })

  test('is heard by whom the feed is open to, and by nobody of another tenant', async () => {
    const key = await cast.addKey(cast.chiara, { name: 'copy', scopes: ['changes:read'] })
    const { body } = await cast.dario.get('/changes')
    const dario = await listenAfter(body.cursor, cast.dario)
    const heard = await Promise.all([cast.bruno, cast.chiara, key].map((as) => listenFromNow(as)))
    await sendOne()
    for (const stream of heard) expect(await stream.next()).toMatchObject({ event: 'changed' })
    expectStatus(201, await cast.dario.post('/projects', { name: 'Wells' }))
    const { body: after } = await cast.dario.get('/changes')
    // The first that Dario hears is of his own doing.
    expect((await dario.next())!.id).toBe(after.cursor)
  })

  test('is not for field workers, devices and keys without the scope', async () => {
    const phone = await cast.pair(cast.bruno)
    const key = await cast.addKey(cast.chiara)
    expect((await cast.amina.get('/changes/stream')).status).toBe(403)
    expect((await phone.get('/changes/stream')).status).toBe(401)
    expect((await key.get('/changes/stream')).status).toBe(403)
  })

  test('reaches whoever slept through a hibernation of the room', async () => {
    const stream = await listenFromNow()
    await evictRoom(tenantId)
    await sendOne()
    expect(await stream.next()).toMatchObject({ event: 'changed' })
    await evictRoom(tenantId)
    await sendOne()
    expect((await stream.next())!.id).toBe((await readFeed(cast.bruno)).cursor)
  })

  test('reaches two hundred listeners', async () => {
    const keys = await Promise.all(
      Array.from({ length: 10 }, (_, n) => cast.addKey(cast.chiara, { name: `copy ${n}`, scopes: ['changes:read'] })),
    )
    const { cursor } = await readFeed(cast.bruno)
    const all = await Promise.all(keys.flatMap((key) => Array.from({ length: 20 }, () => listenAfter(cursor, key))))
    expect(all).toHaveLength(200)
    await sendOne()
    const heard = await Promise.all(all.map((stream) => stream.next()))
    expect(new Set(heard.map((event) => event?.id))).toEqual(new Set([(await readFeed(cast.bruno)).cursor]))
  })
})

describe('connecting', () => {
  test('tells at once where the feed ends, unless that is where the listener is', async () => {
    const fromTheStart = await listenAfter(undefined)
    const first = await fromTheStart.next()
    expect(first!.id).toBe((await readFeed(cast.bruno)).cursor)
    await fromTheStart.quit()
    const { cursor } = await readFeed(cast.bruno)
    await sendOne()
    await sendOne()
    const now = (await readFeed(cast.bruno)).cursor
    // Comes back, and hears of what happened meanwhile.
    expect((await (await listenAfter(cursor)).next())!.id).toBe(now)
    // Is up to date: the first event is of the next change.
    const upToDate = await listenAfter(now)
    await sendOne()
    expect((await upToDate.next())!.id).toBe((await readFeed(cast.bruno)).cursor)
  })

  test('in the middle of two tables that share a seq is behind', async () => {
    const { cursor } = await readFeed(cast.bruno)
    const [seq, table] = placeOf(cursor)
    const between = encodeCursor([1, seq!, table! - 1])
    expect((await (await listenAfter(between)).next())!.id).toBe(cursor)
  })

  test.each(['nonsense', btoa('["a",1]'), '%'])('with %j, which is no cursor, is refused', async (id) => {
    const { status, body } = await cast.bruno.get('/changes/stream', { 'last-event-id': id })
    expect([status, body.code]).toEqual([422, 'body_invalid'])
  })

  test('for the twenty-first time with one credential is refused, until a stream is closed', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => listenAfter(undefined)))
    const { status, body, headers } = await cast.bruno.get('/changes/stream')
    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'too_many_streams', '5'])
    // Others are not concerned.
    await listenAfter(undefined, cast.chiara)
    await streams[0]!.quit()
    while ((await countListeners(tenantId)) > 20) {}
    await listenAfter(undefined)
  })

  test('is refused when a thousand listen in the tenant', async () => {
    const sockets = await Promise.all(Array.from({ length: 1_000 }, (_, n) => enterRoom(tenantId, `key:${n}`)))
    const { status, body } = await cast.bruno.get('/changes/stream')
    expect([status, body.code]).toEqual([429, 'too_many_streams'])
    for (const socket of sockets) socket.close()
  })

  test('by HEAD opens nothing', async () => {
    const { status, text } = await cast.bruno.request('HEAD', '/changes/stream')
    expect([status, text]).toEqual([200, ''])
    expect(await countListeners(tenantId)).toBe(0)
  })

  test('while the database is away is 503', async () => {
    const bringBack = takeAway('shard')
    expect((await cast.bruno.get('/changes/stream')).status).toBe(503)
    bringBack()
    expect(await countListeners(tenantId)).toBe(0)
  })
})

describe('the end of a stream', () => {
  const REVOKED = { event: 'end', id: null, data: { reason: 'revoked', detail: expect.stringContaining('Log in') } }

  const ENDS: [string, () => Promise<unknown>][] = [
    ['Bruno logs out', () => cast.bruno.post('/auth/logout')],
    ['Bruno is deactivated', () => cast.chiara.delete(`/users/${cast.bruno.id}`)],
    ['Bruno becomes a field worker', () => cast.chiara.patch(`/users/${cast.bruno.id}`, { role: 'field_worker' })],
    [
      "Bruno's password is reset",
      () => cast.chiara.post(`/users/${cast.bruno.id}/reset-password`, { password: 'a-long-password' }),
    ],
  ]

  /** The event that is no hint. */
  async function lastOf(stream: Listener) {
    // What happened may be a change, too.
    let event = await stream.next()
    while (event?.event === 'changed') event = await stream.next()
    expect(await stream.next()).toBe(null)
    return event
  }

  test.each(ENDS)('comes at once when %s', async (_, end) => {
    const stream = await listenFromNow()
    await end()
    expect(await lastOf(stream)).toEqual(REVOKED)
  })

  test('comes at once when an API key is revoked', async () => {
    const key = await cast.addKey(cast.chiara, { name: 'copy', scopes: ['changes:read'] })
    const stream = await listenFromNow(key)
    expectStatus(204, await cast.chiara.delete(`/api-keys/${key.id}`))
    expect(await lastOf(stream)).toEqual(REVOKED)
  })

  test('comes at once when the tenant is suspended', async () => {
    const stream = await listenAfter(undefined, cast.dario)
    const operator = cast.as({ authorization: `Bearer ${cast.deps.config.platformToken}` })
    const { body } = await operator.get('/platform/tenants')
    const { id } = body.find(({ slug }: { slug: string }) => slug === 'other')
    expectStatus(200, await operator.patch(`/platform/tenants/${id}`, { status: 'suspended' }))
    expect(await lastOf(stream)).toEqual(REVOKED)
  })

  test('is not that of another session of the same user', async () => {
    const second = await cast.logIn(cast.bruno.email, cast.bruno.password)
    const stream = await listenFromNow(second)
    expectStatus(200, await cast.bruno.post('/auth/logout'))
    await sendOne()
    expect(await stream.next()).toMatchObject({ event: 'changed' })
  })

  test('comes when the room is closed: the server moves', async () => {
    const stream = await listenFromNow()
    await evictRoom(tenantId, 'close')
    expect(await lastOf(stream)).toMatchObject({ event: 'end', data: { reason: 'reconnect' } })
  })
})

describe('who hears nothing', () => {
  beforeEach(() => {
    // The same application, with this one of its doors exchanged.
    cast.deps.live = deaf.live
  })

  test('looks for itself, and says every twenty seconds that it is there', async () => {
    const stream = await listenAfter((await readFeed(cast.bruno)).cursor)
    expect(await stream.nextBlock()).toBe('retry: 2000')
    // Writers may believe for ten seconds that nobody listens.
    expect(await deaf.waiting()).toBe(10_000)
    cast.advance(10_000)
    deaf.wakeUp()
    expect(await stream.nextBlock()).toBe(': still here')
    expect(await deaf.waiting()).toBe(20_000)
    await publishForm(cast.bruno, NOTE_FORM)
    cast.advance(20_000)
    deaf.wakeUp()
    expect((await stream.next())!.id).toBe((await readFeed(cast.bruno)).cursor)
  })

  test('looks although it hears hints all the time', async () => {
    const stream = await listenAfter((await readFeed(cast.bruno)).cursor)
    await publishForm(cast.bruno, NOTE_FORM)
    const { cursor } = await readFeed(cast.bruno)
    for (let second = 1; second <= 10; second++) {
      expect(await deaf.waiting()).toBe(11_000 - second * 1_000)
      cast.advance(1_000)
      deaf.wakeUp({ seq: 1 })
    }
    expect((await stream.next())!.id).toBe(cursor)
  })

  test('goes on when a look fails, and says so in the log', async () => {
    const stream = await listenAfter((await readFeed(cast.bruno)).cursor)
    const bringBack = takeAway('both')
    await deaf.waiting()
    cast.advance(10_000)
    deaf.wakeUp()
    await stream.nextBlock()
    expect(await stream.nextBlock()).toBe(': still here')
    bringBack()
    expect(cast.lines).toContainEqual(expect.objectContaining({ event: 'live_look_failed' }))
    cast.advance(20_000)
    await publishForm(cast.bruno, NOTE_FORM)
    deaf.wakeUp()
    expect(await stream.next()).toMatchObject({ event: 'changed' })
  })

  test('is told when the access token has expired, to the millisecond', async () => {
    cast.advance(600)
    const stream = await listenAfter((await readFeed(cast.bruno)).cursor)
    for (let look = 0; look < 45; look++) {
      cast.advance(await deaf.waiting())
      deaf.wakeUp()
    }
    // 10 s and 44 times 20 s.
    expect(await deaf.waiting()).toBe(900_000 - 600 - 890_000)
    cast.advance(900_000 - 600 - 890_000)
    deaf.wakeUp()
    expect(await stream.next()).toMatchObject({ event: 'end', data: { reason: 'expired' } })
    expect(await stream.next()).toBe(null)
  })

  test('is asked to reconnect after a quarter of an hour, when the credential has no end', async () => {
    const key = await cast.addKey(cast.chiara, { name: 'copy', scopes: ['changes:read'] })
    const stream = await listenAfter((await readFeed(cast.bruno)).cursor, key)
    await deaf.waiting()
    cast.advance(15 * 60_000)
    deaf.wakeUp()
    expect(await stream.next()).toMatchObject({ event: 'end', data: { reason: 'reconnect' } })
  })

  test('is asked to reconnect after two hundred looks: no request may ask the database without end', async () => {
    const stream = await listenAfter((await readFeed(cast.bruno)).cursor)
    for (let look = 0; look <= 200; look++) {
      await deaf.waiting()
      deaf.wakeUp({ recheck: true })
    }
    expect(await stream.next()).toMatchObject({ event: 'end', data: { reason: 'reconnect' } })
  })
})
