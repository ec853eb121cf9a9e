// One core, many dialects: a record reads the same from everywhere, whoever sent it. Each way in is one entry of WAYS_IN,
// each way out one of WAYS_OUT; a further protocol, export or webhook body is one entry more. A way out tells what its
// wire can carry (`Partial<Seen>`); wherever two of them tell the same thing, they must agree, and with what was sent.
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Cast, expectStatus, type Key, makeCast } from '../support/app.ts'
import { EVERY_TYPE, everyAnswer } from '../support/every-type.ts'
import { readFeed } from '../support/feed.ts'
import { nextLocalUuid, publishAgain } from '../support/forms.ts'
import { CURRENT, type Member, observation, push, standing, wireOf } from '../support/synkronus.ts'

interface World extends Cast {
  form: { id: string; key: string; versionId: string }
  /** What the Synkronus wire calls the form's version. */
  wireVersion: string
  sensor: Key
  /** Chiara, on the other wire. */
  tablet: Pick<Member, 'send' | 'get' | 'post'>
}

/** What a client sends, in words that every wire has. */
interface Sent {
  localUuid: string
  data: Record<string, unknown>
  collectedAtMs: number
  deviceId: string
}

/** Everything that is known of a record, in one spelling. */
interface Seen {
  id: string
  localUuid: string
  formId: string
  formKey: string
  versionId: string
  wireVersion: string
  answers: Record<string, unknown>
  collectedAtMs: number
  submittedAtMs: number
  updatedAtMs: number
  submittedBy: string | null
  userId: string | null
  deviceId: string | null
  deleted: boolean
  revision: number
  reviewState: string
  issues: unknown[]
  mode: string
  protocol: string
  /** Where its last change stands in the order of all changes. */
  seq: number
}

const isoOf = (ms: number): string => new Date(ms).toISOString()

const nativeItem = ({ form }: World, { localUuid, data, collectedAtMs, deviceId }: Sent) => ({
  form_id: form.id,
  form_version_id: form.versionId,
  local_uuid: localUuid,
  data,
  collected_at: isoOf(collectedAtMs),
  device_id: deviceId,
})

const WAYS_IN: Record<string, (world: World, sent: Sent) => Promise<void>> = {
  'native, one by one': async (world, sent) => {
    expectStatus(201, await world.chiara.post('/submissions', nativeItem(world, sent)))
  },
  'native, in bulk': async (world, sent) => {
    const { body } = expectStatus(200, await world.chiara.post('/submissions/bulk', [nativeItem(world, sent)]))
    expect(body.accepted).toHaveLength(1)
  },
  headless: async (world, sent) => {
    expectStatus(201, await world.sensor.post('/headless/submit', nativeItem(world, sent)))
  },
  'Synkronus push': async (world, sent) => {
    const pushed = await push(world.tablet as Member, [recordOf(world, sent)])
    expect(pushed).toMatchObject({ success_count: 1 })
    expect(pushed).not.toHaveProperty('warnings')
  },
}

const recordOf = ({ form, wireVersion }: World, { localUuid, data, collectedAtMs, deviceId }: Sent, deleted = false) =>
  observation(localUuid, {
    form_type: form.key,
    form_version: wireVersion,
    data,
    created_at: isoOf(collectedAtMs),
    device_id: deviceId,
    deleted,
  })

const listedAs = (found: any): Partial<Seen> => ({
  id: found.id,
  localUuid: found.local_uuid,
  formId: found.form_id,
  versionId: found.form_version_id,
  answers: found.data,
  collectedAtMs: Date.parse(found.collected_at),
  submittedAtMs: Date.parse(found.submitted_at),
  submittedBy: found.submitted_by_email,
  userId: found.user_id,
  deviceId: found.device_id,
  revision: found.revision,
  reviewState: found.review_state,
  issues: found.issues,
  mode: found.mode,
  protocol: found.protocol,
})

const readAs = (found: any): Partial<Seen> => ({
  ...listedAs(found),
  updatedAtMs: Date.parse(found.updated_at),
  deleted: found.deleted_at !== null,
})

/** Null: this way shows nothing of the record (any more). */
type WayOut = (world: World, localUuid: string) => Promise<Partial<Seen> | null>

const WAYS_OUT: Record<string, WayOut> = {
  'native, by id': async ({ chiara }, localUuid) => {
    const listed = await findListed(chiara, localUuid)
    if (!listed) return null
    const { status, body } = await chiara.get(`/submissions/${listed.id}`)
    return status === 404 ? null : readAs(body)
  },
  'native list': async ({ chiara }, localUuid) => {
    const listed = await findListed(chiara, localUuid)
    return listed && readAs(listed)
  },
  'native feed': async ({ chiara }, localUuid) => {
    const { items } = await readFeed(chiara)
    const found = items.find((item) => item.kind === 'submission' && item.local_uuid === localUuid)
    if (found) return { ...listedAs(found), updatedAtMs: Date.parse(found.at), seq: found.seq, deleted: false }
    const listed = await findListed(chiara, localUuid)
    const tombstone = items.find((item) => item.kind === 'tombstone' && item.id === listed?.id)
    return tombstone ? { id: tombstone.id, formId: tombstone.form_id, seq: tombstone.seq, deleted: true } : null
  },
  'Synkronus pull': async ({ tablet }, localUuid) => {
    const found = (await standing(tablet as Member)).get(localUuid)
    if (!found) return null
    return {
      localUuid: found.observation_id,
      formKey: found.form_type,
      wireVersion: found.form_version,
      answers: found.data,
      collectedAtMs: Date.parse(found.created_at),
      updatedAtMs: Date.parse(found.updated_at),
      deviceId: found.device_id ?? null,
      deleted: found.deleted,
      // The repository was never reset: its versions are seqs, counted from one.
      seq: found.version - 1,
    }
  },
}

/** In the list, or else in the trash. */
async function findListed(by: World['chiara'], localUuid: string): Promise<any> {
  for (const query of ['', '&deleted=true']) {
    const { body } = expectStatus(200, await by.get(`/submissions?limit=1000${query}`))
    const found = body.find((item: any) => item.local_uuid === localUuid)
    if (found) return found
  }
  return null
}

/** What all ways out say together. Throws, with both sides, where two of them disagree. */
async function seenOf(world: World, localUuid: string): Promise<{ seen: Partial<Seen>; blind: string[] }> {
  const seen: Partial<Seen> = {}
  const saidBy: Partial<Record<keyof Seen, string>> = {}
  const blind: string[] = []
  for (const [way, look] of Object.entries(WAYS_OUT)) {
    const said = await look(world, localUuid)
    if (!said) blind.push(way)
    for (const [field, value] of Object.entries(said ?? {}) as [keyof Seen, never][]) {
      const before = saidBy[field]
      if (before !== undefined) expect({ field, way, value }).toEqual({ field, way, value: seen[field] })
      saidBy[field] = way
      seen[field] = value
    }
  }
  return { seen, blind }
}

let world: World

beforeEach(async () => {
  const cast = await makeCast()
  const { token } = (
    await wireOf(cast, CURRENT).post('/auth/login', { username: 'chiara@example.org', password: 'chiara-owns-it' })
  ).body
  const tablet = wireOf(cast, CURRENT, { authorization: `Bearer ${token}` })
  // The default project is where the records of this wire are.
  await push(tablet as Member, [observation('first', { form_type: 'first' })])
  const first = (await cast.chiara.get('/forms')).body.find(({ key }: any) => key === 'first')
  const made = await cast.chiara.post('/forms', {
    project_id: first.project_id,
    name: 'Everything',
    key: 'everything',
    schema: EVERY_TYPE,
  })
  const { id, key } = expectStatus(201, made).body
  const versionId = await publishAgain(cast.chiara, id)
  const sensor = await cast.addKey(cast.chiara)
  world = { ...cast, form: { id, key, versionId }, wireVersion: '', sensor, tablet }
  // A record of the native wire shows what the other one calls the version.
  const probe: Sent = { localUuid: nextLocalUuid(), data: everyAnswer(0), collectedAtMs: 0, deviceId: 'probe' }
  await WAYS_IN['native, one by one']!(world, probe)
  world.wireVersion = (await standing(tablet as Member)).get(probe.localUuid)!.form_version
})

const ODD_JSON = {
  numbers: [0.1, 1e21, 5e-324, 9007199254740991, -1.5],
  texts: ['', ' ', '\u2028', '\u0001', '🦉', '"', '\\', '</script>', 'a\u0301', 'á'],
  '': { ' ': null, 'a.b': [[], {}], 'a"b': false },
}

/** The native API refuses the name that would reach into every object of a careless reader. */
const anyJson = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'))

let count = 0
const newRecord = (): Sent => ({
  localUuid: nextLocalUuid(),
  data: everyAnswer(++count),
  collectedAtMs: Date.parse('2026-11-20T08:45:00Z') + count * 1000,
  deviceId: `phone ${count}`,
})

describe.each(Object.keys(WAYS_IN))('sent by %s', (way) => {
  const send = (sent: Sent) => WAYS_IN[way]!(world, sent)

  /** What is true of a record that was just sent. */
  const expected = ({ localUuid, data, collectedAtMs, deviceId }: Sent) => ({
    localUuid,
    formId: world.form.id,
    formKey: world.form.key,
    versionId: world.form.versionId,
    wireVersion: world.wireVersion,
    answers: data,
    collectedAtMs,
    submittedAtMs: world.now(),
    updatedAtMs: world.now(),
    submittedBy: way === 'headless' ? null : 'chiara@example.org',
    userId: way === 'headless' ? null : world.chiara.id,
    deviceId,
    deleted: false,
    revision: 1,
    reviewState: 'received',
    issues: [],
    mode: 'live',
  })

  test('a record with answers of every type reads the same everywhere', async () => {
    const sent = newRecord()
    await send(sent)
    const { seen, blind } = await seenOf(world, sent.localUuid)
    expect(blind).toEqual([])
    expect(seen).toEqual({
      ...expected(sent),
      id: expect.any(String),
      protocol: { headless: 'headless', 'Synkronus push': 'synkronus' }[way] ?? 'native',
      seq: expect.any(Number),
    })
  })

  test('answers to questions that the form does not have are the same everywhere', async () => {
    const odd = { ...newRecord(), data: { ...everyAnswer(++count), unknown_question: { a: [1, null, 'ü'] } } }
    await send(odd)
    const { seen, blind } = await seenOf(world, odd.localUuid)
    expect(blind).toEqual([])
    expect(seen.answers).toEqual(odd.data)
  })

  test('an edit is seen everywhere', async () => {
    const sent = newRecord()
    await send(sent)
    world.advance(60_000)
    const data = everyAnswer(++count)
    const { seen: before } = await seenOf(world, sent.localUuid)
    expectStatus(200, await world.chiara.patch(`/submissions/${before.id}`, { base_revision: 1, data }))
    const { seen, blind } = await seenOf(world, sent.localUuid)
    expect(blind).toEqual([])
    const { submittedAtMs } = before
    expect(seen).toMatchObject({ ...expected(sent), submittedAtMs, answers: data, revision: 2 })
    expect(seen.seq).toBeGreaterThan(before.seq!)
  })

  test('an edit by push is seen everywhere, with what it replaced in the history', async () => {
    const sent = newRecord()
    await send(sent)
    world.advance(60_000)
    const data = everyAnswer(++count)
    const { seen: before } = await seenOf(world, sent.localUuid)
    await push(world.tablet as Member, [recordOf(world, { ...sent, data })])
    const { seen, blind } = await seenOf(world, sent.localUuid)
    expect(blind).toEqual([])
    const { submittedAtMs } = before
    expect(seen).toMatchObject({ id: before.id, submittedAtMs, answers: data, revision: 2, deleted: false })
    expect(seen.seq).toBeGreaterThan(before.seq!)
    const { body } = expectStatus(200, await world.chiara.get(`/submissions/${before.id}/history`))
    expect(body).toHaveLength(2)
  })

  test('a deletion and a restoration are seen everywhere', async () => {
    const sent = newRecord()
    await send(sent)
    const { seen: before } = await seenOf(world, sent.localUuid)
    expectStatus(204, await world.chiara.delete(`/submissions/${before.id}`))
    const { seen: gone, blind } = await seenOf(world, sent.localUuid)
    expect(blind).toEqual(['native, by id'])
    expect(gone).toMatchObject({ id: before.id, deleted: true, answers: sent.data })
    expect(gone.seq).toBeGreaterThan(before.seq!)
    expectStatus(200, await world.chiara.post(`/submissions/${before.id}/restore`))
    const { seen: back, blind: none } = await seenOf(world, sent.localUuid)
    expect(none).toEqual([])
    expect(back).toMatchObject({ ...expected(sent), revision: 3 })
    expect(back.seq).toBeGreaterThan(gone.seq!)
  })

  test('a deletion by push, and its undoing, are seen everywhere', async () => {
    const sent = newRecord()
    await send(sent)
    const { seen: before } = await seenOf(world, sent.localUuid)
    await push(world.tablet as Member, [recordOf(world, sent, true)])
    const { seen: gone, blind } = await seenOf(world, sent.localUuid)
    expect(blind).toEqual(['native, by id'])
    expect(gone).toMatchObject({ id: before.id, deleted: true, answers: sent.data })
    await push(world.tablet as Member, [recordOf(world, sent)])
    const { seen: back, blind: none } = await seenOf(world, sent.localUuid)
    expect(none).toEqual([])
    expect(back).toMatchObject({ id: before.id, deleted: false, answers: sent.data })
    expect(back.seq).toBeGreaterThan(gone.seq!)
  })

  test('a review changes nothing that others see, but is in its order of changes', async () => {
    const sent = newRecord()
    await send(sent)
    const { seen: before } = await seenOf(world, sent.localUuid)
    expectStatus(200, await world.chiara.post(`/submissions/${before.id}/review`, { state: 'approved' }))
    const { seen } = await seenOf(world, sent.localUuid)
    expect(seen).toMatchObject({ ...expected(sent), revision: seen.revision, reviewState: 'approved' })
    expect(seen.seq).toBeGreaterThan(before.seq!)
  })

  test('sent again by any way, it is still one record', async () => {
    const sent = newRecord()
    await send(sent)
    const { seen: before } = await seenOf(world, sent.localUuid)
    for (const [other, again] of Object.entries(WAYS_IN)) {
      if (other === 'native, in bulk') {
        const { body } = expectStatus(200, await world.chiara.post('/submissions/bulk', [nativeItem(world, sent)]))
        expect(body.ignored).toHaveLength(1)
      } else await again(world, sent)
      const { seen } = await seenOf(world, sent.localUuid)
      expect({ other, id: seen.id, answers: seen.answers, deleted: seen.deleted }).toEqual({
        other,
        id: before.id,
        answers: before.answers,
        deleted: false,
      })
    }
  })
})

test('any JSON in an answer is the same everywhere, whoever sent it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.values(WAYS_IN)), anyJson, async (send, value) => {
      // JSON knows no negative zero.
      const data = JSON.parse(JSON.stringify({ ...everyAnswer(++count), hidden: value }))
      const sent = { ...newRecord(), data }
      await send(world, sent)
      const { seen, blind } = await seenOf(world, sent.localUuid)
      expect(blind).toEqual([])
      expect(seen.answers).toEqual(data)
    }),
    { numRuns: 12, examples: Object.values(WAYS_IN).map((send) => [send, ODD_JSON] as const) as never },
  )
}, 60_000)
