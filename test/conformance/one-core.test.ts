// One core, many dialects: a record reads the same from everywhere, whoever sent it. Each way in is one entry of WAYS_IN,
// each way out one of WAYS_OUT; a further protocol, export or webhook body is one entry more. A way out tells what its
// wire can carry (`Partial<Seen>`); wherever two of them tell the same thing, they must agree, and with what was sent.
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectStatus } from '../support/app.ts'
import { everyAnswer } from '../support/every-type.ts'
import { nextLocalUuid } from '../support/forms.ts'
import {
  answersAs,
  LIVE_ONLY,
  nativeItem,
  recordOf,
  type Sent,
  seenOf,
  startWorld,
  WAYS_IN,
  type World,
} from '../support/one-core.ts'
import { push } from '../support/synkronus.ts'

let world: World

beforeEach(async () => {
  world = await startWorld()
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
    formId: world.everything.id,
    formKey: world.everything.key,
    versionId: world.everything.versionId,
    wireVersion: world.wireVersion,
    ...answersAs(data),
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
    expect(seen).toMatchObject({ ...expected(sent), submittedAtMs, ...answersAs(data), revision: 2 })
    expect(seen.seq).toBeGreaterThan(before.seq!)
  })

  test('an edit by push is seen everywhere, with what it replaced in the history', async () => {
    const sent = newRecord()
    await send(sent)
    world.advance(60_000)
    const data = everyAnswer(++count)
    const { seen: before } = await seenOf(world, sent.localUuid)
    await push(world.tablet, [recordOf(world, { ...sent, data })])
    const { seen, blind } = await seenOf(world, sent.localUuid)
    expect(blind).toEqual([])
    const { submittedAtMs } = before
    expect(seen).toMatchObject({ id: before.id, submittedAtMs, ...answersAs(data), revision: 2, deleted: false })
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
    expect(blind).toEqual(LIVE_ONLY)
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
    await push(world.tablet, [recordOf(world, sent, true)])
    const { seen: gone, blind } = await seenOf(world, sent.localUuid)
    expect(blind).toEqual(LIVE_ONLY)
    expect(gone).toMatchObject({ id: before.id, deleted: true, answers: sent.data })
    await push(world.tablet, [recordOf(world, sent)])
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
    { numRuns: 8, examples: Object.values(WAYS_IN).map((send) => [send, ODD_JSON] as const) as never },
  )
}, 60_000)
