// The request ledger: a replay is answered without D1, for as long as what was settled is still there.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { IntakeRequest } from '../../src/domain/submissions/intake-port.ts'
import { raiseEpoch } from '../../src/domain/tenants/epoch.ts'
import { Ledger } from '../../src/storage/intake-ledger.ts'
import { prepareIntakeTables } from '../../src/storage/intake-tables.ts'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { askObject, evict, intakeStub, requestFor, storedIds, tenantIdOf } from '../support/intake.ts'

let cast: Cast
let form: PublishedForm
let phone: Device
let intakeName: string

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
  phone = await cast.pair(cast.bruno)
  const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
  intakeName = `device:${device.id}`
})

afterEach(() => {
  vi.restoreAllMocks()
})

const batchOf = (count: number) => Array.from({ length: count }, () => submissionOf(form))

const summaryOf = ({ body }: { body: any }) => ({
  accepted: body.accepted.length,
  ignored: body.ignored.length,
  errors: body.errors.length,
})

/** The ledger writes when nobody waits for it. */
const untilWritten = (epochs: number[]) =>
  vi.waitFor(async () => {
    const rows = await askObject<{ epoch: number }>(intakeName, 'SELECT epoch FROM ledger ORDER BY position')
    expect(rows.map(({ epoch }) => epoch)).toEqual(epochs)
  })

/** Everything that asks D1 for a tenant's data. */
const watchShard = () => vi.spyOn(env.DB, 'withSession')

describe('a replay', () => {
  test('of a batch is answered without touching D1, also by an object that was evicted in between', async () => {
    const batch = batchOf(20)
    const first = expectStatus(200, await phone.post('/submissions/bulk', batch))
    await untilWritten([1])
    await evict(intakeName)
    const [prepare, sessions] = [vi.spyOn(env.DB, 'prepare'), watchShard()]
    const again = expectStatus(200, await phone.post('/submissions/bulk', batch))
    expect(summaryOf(again)).toEqual({ accepted: 0, ignored: 20, errors: 0 })
    expect(again.body.ignored).toEqual(first.body.accepted)
    expect([prepare.mock.calls, sessions.mock.calls]).toEqual([[], []])
  })

  test('of two parallel identical batches one stores and the other finds everything there', async () => {
    const batch = batchOf(50)
    const answers = await Promise.all([phone.post('/submissions/bulk', batch), phone.post('/submissions/bulk', batch)])
    expect(answers.map(summaryOf)).toEqual(
      expect.arrayContaining([
        { accepted: 50, ignored: 0, errors: 0 },
        { accepted: 0, ignored: 50, errors: 0 },
      ]),
    )
    expect(await storedIds()).toHaveLength(50)
  })

  test('with other answers under the same ids is a replay all the same', async () => {
    const batch = batchOf(3)
    await phone.post('/submissions/bulk', batch)
    const changed = batch.map((item) => ({ ...item, data: { note: 'changed on the phone' } }))
    expect(summaryOf(await phone.post('/submissions/bulk', changed))).toEqual({ accepted: 0, ignored: 3, errors: 0 })
    const list = await cast.chiara.get('/submissions')
    expect(list.body.map((item: any) => item.data.note)).toEqual(['an owl', 'an owl', 'an owl'])
  })

  test('in another grouping asks D1 and finds the same', async () => {
    const batch = batchOf(4)
    await phone.post('/submissions/bulk', batch)
    const mixed = [...batch.slice(1).reverse(), submissionOf(form)]
    expect(summaryOf(await phone.post('/submissions/bulk', mixed))).toEqual({ accepted: 1, ignored: 3, errors: 0 })
  })

  test('of a request with a refused row is tried again: the row may be right this time', async () => {
    const tenantId = await tenantIdOf(cast)
    const intake = cast.deps.intake(`user:${cast.amina.id}`)
    const names = [nextLocalUuid(), nextLocalUuid()]
    const broken = requestFor(cast, form, tenantId, names)
    broken.rows[1] = '[null]'
    const kinds = async (request: IntakeRequest) => {
      const answer = await intake.submit(request)
      return answer.ok && answer.outcomes.map(({ kind }) => kind)
    }
    expect(await kinds(broken)).toEqual(['created', 'refused'])
    expect(await kinds(requestFor(cast, form, tenantId, names))).toEqual(['duplicate', 'created'])
  })
})

describe('an epoch ends what was settled in it', () => {
  /** The rows disappear behind everybody's back, as they do when an older state of D1 is restored. */
  const restoreOlderState = async () => {
    await env.DB.batch([env.DB.prepare('DELETE FROM submissions'), env.DB.prepare('DELETE FROM submission_counts')])
    await raiseEpoch(cast.deps, await tenantIdOf(cast))
  }

  test('after a restore a device, a key and a user hand in again what is missing', async () => {
    const key = await cast.addKey(cast.chiara)
    const batch = batchOf(3)
    const single = submissionOf(form)
    const headless = { form_id: form.id, local_uuid: nextLocalUuid(), data_json: { note: 'x' } }
    const sendAll = async () => [
      summaryOf(await phone.post('/submissions/bulk', batch)).accepted,
      (await key.post('/headless/submit', headless)).body.status,
      (await cast.amina.post('/submissions', single)).body.status,
    ]
    expect(await sendAll()).toEqual([3, 'accepted', 'accepted'])
    expect(await sendAll()).toEqual([0, 'ignored', 'ignored'])
    await restoreOlderState()
    expect(await sendAll()).toEqual([3, 'accepted', 'accepted'])
    expect(await storedIds()).toHaveLength(5)
  })

  test('the rows of the old epoch leave the ledger with the first request of the new one', async () => {
    await phone.post('/submissions/bulk', batchOf(2))
    await phone.post('/submissions/bulk', batchOf(2))
    await untilWritten([1, 1])
    await evict(intakeName)
    await restoreOlderState()
    await phone.post('/submissions/bulk', batchOf(2))
    await untilWritten([2])
  })

  test('after the purge of a form its replays are judged anew: they are errors, not duplicates', async () => {
    const other = await publishForm(cast.bruno, NOTE_FORM, 'Another')
    const batch = batchOf(2)
    const kept = [submissionOf(other)]
    await phone.post('/submissions/bulk', batch)
    await phone.post('/submissions/bulk', kept)
    expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
    cast.advance(5_000)
    const sessions = watchShard()
    expect(summaryOf(await phone.post('/submissions/bulk', kept))).toEqual({ accepted: 0, ignored: 1, errors: 0 })
    // D1 said so: the ledger of the epoch before was not asked.
    expect(sessions.mock.calls.length).toBeGreaterThan(0)
    await env.DB.prepare('DELETE FROM submissions WHERE form_id = ?').bind(form.id).run()
    expect(summaryOf(await phone.post('/submissions/bulk', batch))).toEqual({ accepted: 0, ignored: 0, errors: 2 })
  })

  test('after an erasure a replay asks D1, finds the tombstone and brings nothing back', async () => {
    const batch = batchOf(2)
    const { body } = await phone.post('/submissions/bulk', batch)
    const erased = body.accepted[0].id
    expectStatus(200, await cast.chiara.post(`/submissions/${erased}/erase`, { confirm: true, reason: 'asked for' }))
    const sessions = watchShard()
    expect(summaryOf(await phone.post('/submissions/bulk', batch))).toEqual({ accepted: 0, ignored: 2, errors: 0 })
    expect(sessions.mock.calls.length).toBeGreaterThan(0)
    const row = await env.DB.prepare('SELECT data FROM submissions WHERE id = ?').bind(erased).first()
    expect(row).toEqual({ data: null })
  })
})

describe('what the ledger keeps', () => {
  const inObject = <T>(look: (ledger: Ledger, sql: SqlStorage) => T): Promise<T> =>
    runInDurableObject(intakeStub('device:of-this-test'), (_, state) => {
      prepareIntakeTables(state.storage.sql)
      return look(new Ledger(state.storage.sql, 10), state.storage.sql)
    })

  test('is bounded: the newest entries stay', async () => {
    const left = await inObject((ledger, sql) => {
      for (let i = 0; i < 25; i++) {
        ledger.note(`request ${i}`, { epoch: 1, outcomes: null }, i)
        ledger.flush()
      }
      ledger.prune(25)
      return sql.exec<{ key: string }>('SELECT key FROM ledger ORDER BY position').toArray()
    })
    expect(left.map(({ key }) => key)).toEqual(Array.from({ length: 10 }, (_, i) => `request ${i + 15}`))
  })

  test('ends after 30 days', async () => {
    const day = 24 * 3_600_000
    const kept = await inObject((ledger) => {
      ledger.note('old', { epoch: 1, outcomes: null }, 0)
      ledger.note('young', { epoch: 1, outcomes: null }, 2 * day)
      const some = ledger.prune(31 * day)
      const known = ['old', 'young'].map((key) => ledger.recall(key, 1) !== undefined)
      return { some, known, any: ledger.prune(40 * day) }
    })
    expect(kept).toEqual({ some: true, known: [false, true], any: false })
  })

  test('survives in memory until it is written, and on disk afterwards, word for word', async () => {
    const seen = await inObject((ledger, sql) => {
      ledger.note('request', { epoch: 3, outcomes: ['updated', 'unchanged'] }, 1)
      const before = ledger.recall('request', 3)?.outcomes
      ledger.flush()
      return { before, after: new Ledger(sql).recall('request', 3)?.outcomes, older: ledger.recall('request', 2) }
    })
    expect(seen).toEqual({ before: ['updated', 'unchanged'], after: ['updated', 'unchanged'], older: undefined })
  })
})
