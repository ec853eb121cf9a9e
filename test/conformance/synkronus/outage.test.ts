// While the database is away: the decision on outages at the top of the Synkronus contract, and docs/reliability.md.
import { afterEach, expect, test, vi } from 'vitest'
import { ring } from '../../support/intake.ts'
import {
  CURRENT,
  claimsOf,
  faultOf,
  nextTransmission,
  observation,
  pull,
  pullAll,
  push,
  startRepository,
  tryPull,
  tryPush,
} from '../../support/synkronus.ts'
import { takeAway } from '../../support/weather.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test.each(['shard', 'directory', 'both'] as const)(
  'the %s: a push is taken, answered with where the client stood, and there afterwards, once',
  async (part) => {
    const { server, writer, admin } = await startRepository(CURRENT)
    const { sub } = claimsOf(writer.token)
    await push(writer, [observation('first')], { client_id: 'A' })
    await push(admin, [observation('of-b')], { client_id: 'B' })
    const { current_version: cursor } = await pull(writer, { client_id: 'A' })
    const end = takeAway(part)
    const transmission_id = nextTransmission()
    const records = [observation('kept'), observation('first', { data: { n: 2 } })]
    const taken = await tryPush(writer, records, { client_id: 'A', transmission_id })
    expect(taken.status).toBe(200)
    expect(taken.body.success_count).toBe(2)
    if (part !== 'directory') expect(taken.body.current_version).toBeLessThanOrEqual(cursor)
    const again = await tryPush(writer, records, { client_id: 'A', transmission_id })
    expect(again.text).toBe(taken.text)
    end()
    // What has been away is not asked again at once.
    server.advance(5_000)
    await ring(`user:${sub}`)
    const { records: seen } = await pullAll(admin, { client_id: 'B', since: cursor })
    expect(seen.map((record) => record.observation_id).sort()).toEqual(['first', 'kept'])
    expect(seen.find((record) => record.observation_id === 'first')!.data).toEqual({ n: 2 })
    const { records: own } = await pullAll(writer, { client_id: 'A', since: taken.body.current_version })
    expect(own.length).toBeGreaterThanOrEqual(part === 'directory' ? 0 : 2)
  },
)

test('a pull says so, and loses nothing', async () => {
  const { server, writer } = await startRepository(CURRENT)
  await push(writer, [observation('first')])
  const end = takeAway()
  const away = await tryPull(writer)
  expect(away.status).toBe(503)
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0)
  faultOf(away)
  end()
  server.advance(5_000)
  expect((await pull(writer)).records).toHaveLength(1)
})
