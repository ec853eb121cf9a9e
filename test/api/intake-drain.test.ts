// From the write-ahead log to D1: order, poison, alarms that fail, and a stop after each step.
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { handleBatch } from '../../src/background/queue.ts'
import type { Job } from '../../src/domain/context.ts'
import type { IntakeRequest, RowHeader } from '../../src/domain/submissions/intake-port.ts'
import type { TenantId } from '../../src/lib/ids.ts'
import { Backlog } from '../../src/storage/intake-backlog.ts'
import { prepareIntakeTables } from '../../src/storage/intake-tables.ts'
import { type Cast, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, nextLocalUuid, type PublishedForm, publishForm } from '../support/forms.ts'
import { askObject, evict, intakeStub, kill, requestFor, ring, storedIds, tenantIdOf } from '../support/intake.ts'
import { hang, takeAway } from '../support/weather.ts'

let cast: Cast
let form: PublishedForm
let tenantId: TenantId
let intakeName: string

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
  tenantId = await tenantIdOf(cast)
  intakeName = `user:${cast.amina.id}`
})

afterEach(() => {
  vi.restoreAllMocks()
})

const requestOf = (...names: string[]) => requestFor(cast, form, tenantId, names)

const submit = async (request: IntakeRequest) => {
  const answer = await cast.deps.intake(intakeName).submit(request)
  return answer.ok ? answer.outcomes.map(({ kind }) => kind) : answer.code
}

const waiting = async () => (await cast.deps.intake(intakeName).presence()).waitingHere

const names = (count: number) => Array.from({ length: count }, nextLocalUuid)

describe('draining', () => {
  test('keeps the order of arrival, with what came during the drain at the end', async () => {
    const end = takeAway('shard')
    const requests = names(6).map((name) => requestOf(name))
    for (const request of requests.slice(0, 5)) expect(await submit(request)).toEqual(['created'])
    end()
    // D1 is back, but older ones wait: this one queues behind them.
    expect(await submit(requests[5]!)).toEqual(['created'])
    await ring(intakeName)
    expect(await storedIds()).toEqual(requests.flatMap(({ ids }) => ids))
    expect(await waiting()).toBe(0)
  })

  test('counts each submission once, however often it was handed in', async () => {
    const request = requestOf(...names(3))
    const end = takeAway('shard')
    expect(await submit(request)).toEqual(['created', 'created', 'created'])
    expect(await submit(request)).toEqual(['duplicate', 'duplicate', 'duplicate'])
    const overlapping = requestOf(...names(1))
    overlapping.ids.push(request.ids[1]!)
    overlapping.rows.push(request.rows[1]!)
    expect(await submit(overlapping)).toEqual(['created', 'duplicate'])
    end()
    await ring(intakeName)
    expect(await storedIds()).toHaveLength(4)
    const list = await cast.chiara.get(`/submissions?form_id=${form.id}`)
    expect([list.headers.get('x-total-count'), list.body.length]).toEqual(['4', 4])
    // Settled: the object answers without D1.
    const sessions = vi.spyOn(env.DB, 'withSession')
    expect(await submit(request)).toEqual(['duplicate', 'duplicate', 'duplicate'])
    expect(sessions).not.toHaveBeenCalled()
  })

  test('goes on after the alarm has failed eight times, with an eviction each time', async () => {
    const end = takeAway()
    expect(await submit(requestOf(...names(5)))).toHaveLength(5)
    for (let attempt = 0; attempt < 8; attempt++) {
      expect(await ring(intakeName)).toBe(true)
      expect(await waiting()).toBe(5)
      await evict(intakeName)
    }
    end()
    expect(await ring(intakeName)).toBe(true)
    expect(await storedIds()).toHaveLength(5)
  })

  test('also works by message, and the message comes again while D1 is away', async () => {
    const end = takeAway()
    await submit(requestOf(...names(2)))
    const message = {
      body: { kind: 'drain-intake', tenantId, intakeName } as Job,
      attempts: 1,
      ack: vi.fn(),
      retry: vi.fn(),
    }
    const deliver = () => handleBatch({ messages: [message] } as any, cast.deps)
    await deliver()
    expect([message.retry.mock.calls.length, message.ack.mock.calls.length]).toEqual([1, 0])
    end()
    await deliver()
    expect(message.ack.mock.calls.length).toBe(1)
    expect(await storedIds()).toHaveLength(2)
  })

  test('two drains at once are one', async () => {
    const end = takeAway('shard')
    const request = requestOf(...names(50))
    await submit(request)
    end()
    const intake = cast.deps.intake(intakeName)
    expect(await Promise.all([intake.drain(), intake.drain(), ring(intakeName)])).toEqual([0, 0, true])
    expect(await storedIds()).toEqual(request.ids)
  })

  test('a large request is kept in pieces and comes out whole', async () => {
    const end = takeAway('shard')
    const request = requestFor(cast, form, tenantId, names(30), { note: 'x'.repeat(100_000) })
    await submit(request)
    expect((await askObject(intakeName, 'SELECT position FROM backlog')).length).toBeGreaterThan(1)
    await evict(intakeName)
    end()
    await ring(intakeName)
    expect(await storedIds()).toEqual(request.ids)
  })
})

describe('what can not be stored', () => {
  const quarantined = async () =>
    (await env.DB.prepare('SELECT credential, reason, message, body FROM quarantine ORDER BY seq').all<any>()).results

  test('is quarantined with its answers, and neither lost nor in the way of the others', async () => {
    const end = takeAway('shard')
    const request = requestOf(...names(32))
    const poisoned = JSON.parse(request.rows[17]!) as unknown[]
    // No local_uuid: a rule of the table that the Worker would never break.
    poisoned[3] = null
    request.rows[17] = JSON.stringify(poisoned)
    expect(await submit(request)).toEqual(Array.from({ length: 32 }, () => 'created'))
    expect(await submit(requestOf(...names(1)))).toEqual(['created'])
    end()
    await ring(intakeName)
    expect(await waiting()).toBe(0)
    expect(await storedIds()).toHaveLength(32)
    const [row, ...others] = await quarantined()
    expect(others).toEqual([])
    expect(row).toMatchObject({ credential: intakeName, reason: 'item_invalid' })
    expect(JSON.parse(row.body)).toMatchObject({ form_version_id: form.versionId, data: { note: 'owl' } })
  })

  test('of a form that was deleted meanwhile is quarantined, not stored where nobody sees it', async () => {
    const other = await publishForm(cast.bruno, NOTE_FORM, 'Kept')
    const end = takeAway('shard')
    await submit(requestOf(...names(2)))
    await submit(requestFor(cast, other, tenantId, names(2)))
    end()
    expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
    await ring(intakeName)
    expect(await waiting()).toBe(0)
    expect(await storedIds()).toHaveLength(2)
    expect(await quarantined()).toHaveLength(2)
  })

  test('of a tenant that was deleted meanwhile goes the way of its other data', async () => {
    const end = takeAway('shard')
    await submit(requestOf(...names(2)))
    end()
    await env.DB.prepare(`UPDATE tenants SET status = 'deleted' WHERE id = ?`).bind(tenantId).run()
    await ring(intakeName)
    expect(await waiting()).toBe(0)
    expect(await storedIds()).toEqual([])
    expect(await quarantined()).toEqual([])
  })

  test('for a reason that nobody foresaw is found by going one by one', async () => {
    const end = takeAway('shard')
    const request = requestOf(...names(5))
    await submit(request)
    end()
    const real = env.DB.withSession.bind(env.DB)
    // Whatever holds the third row fails, in a way that is neither a broken rule nor weather.
    vi.spyOn(env.DB, 'withSession').mockImplementation((from) => {
      const session = real(from)
      return new Proxy(session, {
        get: (target, name) => {
          const prepare = (sql: string) => {
            const statement = target.prepare(sql)
            return new Proxy(statement, {
              get: (inner, method) =>
                method === 'bind'
                  ? (...values: unknown[]) => {
                      if (String(values[0]).startsWith('[[') && String(values[0]).includes(request.ids[2]!))
                        throw new TypeError('unforeseen')
                      return inner.bind(...values)
                    }
                  : (inner as any)[method],
            })
          }
          if (name === 'prepare') return prepare
          const member = (target as any)[name]
          return typeof member === 'function' ? member.bind(target) : member
        },
      })
    })
    for (let attempt = 0; attempt < 4; attempt++) await cast.deps.intake(intakeName).drain()
    expect(await waiting()).toBe(0)
    expect(await storedIds()).toEqual(request.ids.filter((_, i) => i !== 2))
    expect(await quarantined()).toHaveLength(1)
  })
})

describe('the log', () => {
  const inObject = <T>(maxBytes: number, look: (backlog: Backlog<RowHeader>) => T): Promise<T> =>
    runInDurableObject(intakeStub('user:of-this-test'), (_, state) => {
      prepareIntakeTables(state.storage.sql)
      return look(new Backlog(state.storage, maxBytes))
    })

  test('is full at its bound, and takes again what fits when it was emptied', async () => {
    const { header, ids, rows } = requestOf(...names(10))
    const seen = await inObject(400_000, (backlog) => {
      let appended = 0
      while (!backlog.isFull && appended < 10_000) {
        backlog.append({ header, keys: [], epoch: 1, ids: ids.map((id) => `${id}${appended}`), rows })
        appended++
      }
      return { appended, rows: backlog.rowCount }
    })
    expect(seen.appended).toBeGreaterThan(10)
    expect(seen.appended).toBeLessThan(10_000)
    expect(seen.rows).toBe(seen.appended * 10)
  })

  test('that is full is no acknowledgement: the client hears 503', async () => {
    const append = vi.spyOn(Backlog.prototype, 'isFull', 'get').mockReturnValue(true)
    const end = takeAway('shard')
    expect(await submit(requestOf(...names(1)))).toBe('unavailable')
    append.mockRestore()
    end()
    expect(await waiting()).toBe(0)
    expect(await storedIds()).toEqual([])
  })
})

// docs/reliability.md names these. Each stops right after a step and looks at what is left after a restart.
describe('a stop after', () => {
  const request = () => requestOf(...names(3))
  /** What must hold whenever a client comes again with what it was or was not acknowledged. */
  const expectSettled = async (sent: IntakeRequest) => {
    await submit(sent)
    await ring(intakeName)
    expect(await storedIds()).toEqual(sent.ids)
    expect(await submit(sent)).toEqual(['duplicate', 'duplicate', 'duplicate'])
    const list = await cast.chiara.get(`/submissions?form_id=${form.id}&limit=1`)
    expect(list.headers.get('x-total-count')).toBe('3')
    expect(await waiting()).toBe(0)
  }

  test('step 1, arrival in the object: nothing was written, the client comes again', async () => {
    const sent = request()
    const end = hang()
    const lost = cast.deps.intake(intakeName).submit(sent).catch(String)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await kill(intakeName)
    end()
    expect(await lost).toMatch(/killed/)
    expect(await waiting()).toBe(0)
    await expectSettled(sent)
  })

  test('step 2, the D1 batch, before its answer was seen: the rows are there once', async () => {
    const sent = request()
    const end = hang({ late: true })
    expect(await submit(sent)).toEqual(['created', 'created', 'created'])
    await kill(intakeName)
    end()
    await expectSettled(sent)
  })

  test('step 3, the answer of D1, before the ledger was written: D1 knows', async () => {
    const sent = request()
    await submit(sent)
    await runInDurableObject(intakeStub(intakeName), (_, state) =>
      state.storage.sql.exec('DELETE FROM ledger').toArray(),
    )
    await kill(intakeName)
    await expectSettled(sent)
  })

  test('step 4, the entry in the log, before the client heard of it: it is drained, and a replay is a duplicate', async () => {
    const sent = request()
    const end = takeAway('shard')
    await submit(sent)
    await kill(intakeName)
    expect(await submit(sent)).toEqual(['duplicate', 'duplicate', 'duplicate'])
    end()
    await kill(intakeName)
    await expectSettled(sent)
  })

  test('step 5, the drain to D1, before the log forgot: drained again it changes nothing', async () => {
    const sent = request()
    const end = takeAway('shard')
    await submit(sent)
    end()
    const remove = vi.spyOn(Backlog.prototype, 'remove').mockImplementation(() => {
      throw new Error('stopped here')
    })
    expect(await cast.deps.intake(intakeName).drain()).toBe(3)
    expect(await storedIds()).toEqual(sent.ids)
    remove.mockRestore()
    await kill(intakeName)
    await expectSettled(sent)
  })

  test('step 6, the quarantine of a poisoned row, before the log forgot: it is there once', async () => {
    const sent = request()
    const poisoned = JSON.parse(sent.rows[1]!) as unknown[]
    poisoned[3] = null
    const whole = { ...sent, rows: sent.rows.map((row, i) => (i === 1 ? JSON.stringify(poisoned) : row)) }
    const end = takeAway('shard')
    await submit(whole)
    end()
    const remove = vi.spyOn(Backlog.prototype, 'remove').mockImplementation(() => {
      throw new Error('stopped here')
    })
    await cast.deps.intake(intakeName).drain()
    remove.mockRestore()
    await kill(intakeName)
    await ring(intakeName)
    expect(await waiting()).toBe(0)
    expect(await storedIds()).toHaveLength(2)
    const kept = await env.DB.prepare('SELECT arrivals FROM quarantine').all()
    expect(kept.results).toEqual([{ arrivals: 2 }])
  })

  test('step 7, the emptied log, before the ledger was written: D1 knows', async () => {
    const sent = request()
    const end = takeAway('shard')
    await submit(sent)
    end()
    await cast.deps.intake(intakeName).drain()
    await runInDurableObject(intakeStub(intakeName), (_, state) =>
      state.storage.sql.exec('DELETE FROM ledger').toArray(),
    )
    await kill(intakeName)
    await expectSettled(sent)
  })
})
