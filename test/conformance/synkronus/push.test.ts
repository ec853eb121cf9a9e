// Pushing: cases 34 to 50 of the Synkronus contract, section 5.
import { beforeEach, describe, expect, test } from 'vitest'
import { expectStatus, type User } from '../../support/app.ts'
import {
  faultOf,
  MOUNTS,
  nextTransmission,
  observation,
  pull,
  pullAll,
  push,
  type Repository,
  standing,
  startRepository,
  tryPush,
} from '../../support/synkronus.ts'

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository
  let chiara: User

  beforeEach(async () => {
    repository = await startRepository(mount)
    chiara = await repository.server.logIn('chiara@example.org', 'chiara-owns-it')
  })

  const quarantined = async () => expectStatus(200, await chiara.get('/quarantine')).body.items

  test('case 34: what is pushed is pulled', async () => {
    const { writer, reader } = repository
    const records = ['a', 'b', 'c', 'd', 'e'].map((id) => observation(id))
    const { status, body } = await tryPush(writer, records)
    expect(status).toBe(200)
    expect(body.success_count).toBe(5)
    expect(body).not.toHaveProperty('failed_records')
    expect(body).not.toHaveProperty('warnings')
    const page = await pull(reader)
    expect(page.records.map(({ version, updated_at, created_at, ...rest }) => rest)).toEqual(
      records.map(({ updated_at, created_at, ...rest }) => rest),
    )
    expect(page.current_version).toBe(body.current_version)
  })

  test('case 35: what is missing is named', async () => {
    const { writer, reader } = repository
    const whole = { transmission_id: 'tx', client_id: 'tablet-1', records: [observation('x')] }
    for (const [json, message] of [
      [{ ...whole, transmission_id: undefined }, 'transmission_id is required'],
      [{ ...whole, transmission_id: '' }, 'transmission_id is required'],
      [{ ...whole, client_id: undefined }, 'client_id is required'],
      [{ ...whole, records: undefined }, 'records array is required'],
      [{ ...whole, records: null }, 'records array is required'],
    ] as const) {
      const reply = await writer.post('/sync/push', json)
      expect(reply.status).toBe(400)
      expect(faultOf(reply).message).toBe(message)
    }
    const before = await pull(reader)
    expect(await push(writer, [])).toMatchObject({ success_count: 0, current_version: before.current_version })
    expect((await pull(reader)).current_version).toBe(before.current_version)
  })

  test('case 36: a record without a name is left, the others are stored', async () => {
    const { writer, reader } = repository
    const records = [observation('a'), observation(''), observation('b')]
    const { body } = await tryPush(writer, records)
    expect(body.success_count).toBe(2)
    expect(body.failed_records).toMatchObject([{ index: 1, error: 'observation_id is required' }])
    expect(body.failed_records[0].record).toMatchObject({ observation_id: '', data: records[1]!.data })
    expect([...(await standing(reader)).keys()]).toEqual(['a', 'b'])
  })

  test('case 37: a record without a type is stored, with a warning', async () => {
    const { writer, reader } = repository
    const { body } = await tryPush(writer, [observation('x', { form_type: '' })])
    expect(body.success_count).toBe(1)
    expect(body.warnings).toEqual([{ id: 'x', code: 'MISSING_FORM_TYPE', message: expect.any(String) }])
    expect((await standing(reader)).get('x')).toMatchObject({ form_type: '', data: observation('x').data })
  })

  const { data: _, ...withoutData } = observation('bad')
  test.each([
    ['case 38: a time that is none', observation('bad', { created_at: 'yesterday' })],
    ['case 39: no answers', withoutData],
    ['case 39: answers that are null', { ...observation('bad'), data: null }],
    ['case 39: answers that are a list', { ...observation('bad'), data: [1] }],
    ['case 40: a position that is none', { ...observation('bad'), geolocation: 'x' }],
    ['case 38: a time in the year 10000', observation('bad', { created_at: '9999-12-31T23:59:59-05:00' })],
    ['a version that is a number', { ...observation('bad'), form_version: 7 }],
    ['a deletion that is a word', { ...observation('bad'), deleted: 'true' }],
    ['no record at all', 7],
    ['nothing', null],
    ['an id that is too long', observation('x'.repeat(300))],
  ])('%s costs that record alone, and is kept', async (_, bad) => {
    const { writer, reader } = repository
    const { status, body } = await tryPush(writer, [observation('good'), bad, observation('fine')])
    expect(status).toBe(200)
    expect(body.success_count).toBe(2)
    expect(body.failed_records).toMatchObject([{ index: 1, error: expect.stringMatching(/\S/) }])
    expect([...(await standing(reader)).keys()]).toEqual(['good', 'fine'])
    const kept = await quarantined()
    expect(kept).toHaveLength(1)
    expect(kept[0]).toMatchObject({ protocol: 'synkronus', state: 'open' })
    const payload = expectStatus(200, await chiara.get(`/quarantine/${kept[0].id}/body`))
    expect(payload.text).toBe(JSON.stringify(bad))
  })

  test('a number that cannot be kept costs its record alone, which would otherwise lose it', async () => {
    const { writer, reader } = repository
    const good = JSON.stringify(observation('good'))
    const bad = JSON.stringify(observation('bad', { data: { depth: 400 } })).replace('400', '1e400')
    const body = `{"transmission_id":"t","client_id":"tablet-1","records":[${good},${bad}]}`
    const reply = await writer.send('POST', '/sync/push', { body, headers: { 'content-type': 'application/json' } })
    expect(reply.body).toMatchObject({ success_count: 1, failed_records: [{ index: 1 }] })
    expect([...(await standing(reader)).keys()]).toEqual(['good'])
    const [kept] = await quarantined()
    expect(expectStatus(200, await chiara.get(`/quarantine/${kept.id}/body`)).text).toBe(bad)
  })

  test('case 40: wrong types at the top are no request', async () => {
    for (const more of [{ records: {} }, { records: 'x' }, { client_id: 7 }, { transmission_id: 7 }]) {
      const body = { transmission_id: 'tx', client_id: 'tablet-1', records: [], ...more }
      const reply = await repository.writer.post('/sync/push', body)
      expect({ more, status: reply.status }).toEqual({ more, status: 400 })
      expect(faultOf(reply).message).toBe('Invalid request format')
    }
  })

  test('case 41: the same transmission twice is answered alike and changes nothing', async () => {
    const { writer, reader } = repository
    await push(writer, [observation('x')])
    const transmission_id = nextTransmission()
    const records = [observation('x', { data: { n: 2 } }), observation('y'), observation('')]
    const first = await tryPush(writer, records, { transmission_id })
    const before = await pullAll(reader)
    const second = await tryPush(writer, records, { transmission_id })
    expect(first.body).toMatchObject({ success_count: 2, failed_records: [{ index: 2 }] })
    expect(second.text).toBe(first.text)
    expect(await pullAll(reader)).toEqual(before)
  })

  test('case 41: a replay is recognised after others have written', async () => {
    const { writer, admin, reader } = repository
    const transmission_id = nextTransmission()
    await push(writer, [observation('x', { data: { n: 1 } })], { transmission_id })
    await push(admin, [observation('x', { data: { n: 2 } })], { client_id: 'tablet-2' })
    await push(writer, [observation('x', { data: { n: 1 } })], { transmission_id })
    expect((await standing(reader)).get('x')).toMatchObject({ data: { n: 2 } })
  })

  test('case 42: the same transmission id of another client, or with another body, is not dropped', async () => {
    const { writer, admin, reader } = repository
    const transmission_id = nextTransmission()
    await push(writer, [observation('a')], { transmission_id })
    for (const [by, client_id, id] of [
      [writer, 'tablet-2', 'b'],
      [admin, 'tablet-1', 'c'],
      [writer, 'tablet-1', 'd'],
    ] as const) {
      const reply = await tryPush(by, [observation(id)], { transmission_id, client_id })
      if (reply.status === 200) expect((await standing(reader)).has(id)).toBe(true)
      else expect(reply.status).toBe(409)
    }
  })

  test('case 43: the last to arrive wins, and what it replaced is history', async () => {
    const { writer, admin, reader } = repository
    await push(writer, [observation('x', { data: { by: 'A' }, updated_at: '2026-11-22T10:00:00Z' })])
    repository.server.advance(1000)
    const late = observation('x', { data: { by: 'B' }, updated_at: '2020-01-01T00:00:00Z' })
    expect((await push(admin, [late], { client_id: 'tablet-2' })).success_count).toBe(1)
    expect((await standing(reader)).get('x')).toMatchObject({ data: { by: 'B' } })
    const [listed] = expectStatus(200, await chiara.get('/submissions')).body
    expect(listed).toMatchObject({ local_uuid: 'x', data: { by: 'B' } })
    const { text } = expectStatus(200, await chiara.get(`/submissions/${listed.id}/history`))
    expect(text).toContain('"A"')
  })

  test('case 44, 45: the first created_at stays, updated_at is the server’s, both in UTC', async () => {
    const { server, writer, reader } = repository
    await push(writer, [
      observation('x', { created_at: '2025-06-25T12:00:00+03:00', updated_at: '2001-01-01T00:00:00Z' }),
    ])
    const [first] = (await pull(reader)).records
    expect(first!.created_at).toMatch(/^2025-06-25T09:00:00(\.0+)?Z$/)
    expect(first!.updated_at).toMatch(/Z$/)
    expect(Date.parse(first!.updated_at)).toBe(server.now())
    server.advance(60_000)
    await push(writer, [observation('x', { created_at: '2026-01-01T00:00:00Z', data: { n: 2 } })])
    const [second] = (await pull(reader)).records
    expect(second!.created_at).toBe(first!.created_at)
    expect(Date.parse(second!.updated_at)).toBe(server.now())
  })

  test('a time of microseconds keeps at least its milliseconds', async () => {
    const { writer, reader } = repository
    await push(writer, [observation('x', { created_at: '2025-06-25T12:00:00.123456Z' })])
    expect((await pull(reader)).records[0]!.created_at).toMatch(/^2025-06-25T12:00:00\.123(456)?Z$/)
  })

  test('case 46: positions come back, whatever is missing of them', async () => {
    const { writer, reader } = repository
    const positions = [
      { latitude: 14.69, longitude: -17.44, accuracy: 5.5 },
      { latitude: 14.69, longitude: -17.44, accuracy: 5.5, altitude: 22, altitude_accuracy: 3 },
      { latitude: 0, longitude: 0, accuracy: 0, altitude: null, altitude_accuracy: null },
      { latitude: 123.4, longitude: -999, accuracy: 1 },
      { latitude: 1, longitude: 2, accuracy: 3, timestamp: '2026-11-20T08:00:00.123Z' },
    ]
    await push(
      writer,
      positions.map((geolocation, i) => observation(`at ${i}`, { geolocation })),
    )
    const records = await standing(reader)
    for (const [i, geolocation] of positions.entries()) {
      const known = Object.fromEntries(Object.entries(geolocation).filter(([, value]) => value !== null))
      expect(records.get(`at ${i}`)!.geolocation).toMatchObject(known)
    }
  })

  test('a few records, the same one twice among them, count in their order', async () => {
    const { writer, reader } = repository
    await push(writer, [observation('before')])
    const twice = [observation('x', { data: { n: 1 } }), observation('x', { data: { n: 2 } })]
    expect(await push(writer, twice)).toMatchObject({ success_count: 2 })
    expect((await standing(reader)).get('x')!.data).toEqual({ n: 2 })
  })

  test('half a position is stored with a warning: the phone would not send it again', async () => {
    const { writer, reader } = repository
    const body = await push(writer, [observation('half', { geolocation: { latitude: 1 } as never })])
    expect(body).toMatchObject({ success_count: 1, warnings: [{ id: 'half', code: 'INCOMPLETE_GEOLOCATION' }] })
    expect((await pull(reader)).records[0]!.geolocation).toEqual({ latitude: 1 })
  })

  test('case 47: author, device, tags and position come back, and are cleared when they are left out', async () => {
    const { writer, reader } = repository
    const more = {
      author: 'amina',
      device_id: 'phone-7',
      tags: ['first', 'second', ''],
      geolocation: { latitude: 1, longitude: 2, accuracy: 3 },
    }
    await push(writer, [observation('x', more)])
    expect((await standing(reader)).get('x')).toMatchObject(more)
    await push(writer, [observation('x')])
    const record = (await standing(reader)).get('x')!
    for (const name of Object.keys(more)) expect(record).not.toHaveProperty(name)
    await push(writer, [observation('x', { ...more, tags: [] })])
    expect((await standing(reader)).get('x')).toMatchObject({ author: 'amina', device_id: 'phone-7' })
  })

  test('a whole record is replaced: type, version and answers', async () => {
    const { writer, reader } = repository
    await push(writer, [observation('x', { data: { a: 1, b: 2 } })])
    await push(writer, [observation('x', { form_type: 'other', form_version: '2', data: { c: { d: [1, null] } } })])
    const record = (await standing(reader)).get('x')!
    expect(record).toMatchObject({ form_type: 'other', form_version: '2' })
    expect(record.data).toEqual({ c: { d: [1, null] } })
  })

  test('case 48: a deletion can be taken back', async () => {
    const { writer, reader } = repository
    const versions: number[] = []
    for (const deleted of [false, true, false, true, false]) {
      await push(writer, [observation('x', { deleted, data: { deleted } })])
      const record = (await standing(reader)).get('x')!
      expect(record).toMatchObject({ deleted, data: { deleted } })
      versions.push(record.version)
    }
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
    // The same once more is no change.
    await push(writer, [observation('x', { deleted: false, data: { deleted: false } })])
    expect((await standing(reader)).get('x')!.version).toBe(versions.at(-1))
    await push(writer, [observation('born-dead', { deleted: true })])
    expect((await standing(reader)).get('born-dead')).toMatchObject({ deleted: true })
  })

  test('a record that comes twice in a batch is applied in order', async () => {
    const { writer, reader } = repository
    const twice = [1, 2, 3].map((n) => observation('x', { data: { n } }))
    expect(await push(writer, [...twice, observation('y')])).toMatchObject({ success_count: 4 })
    const records = await standing(reader)
    expect(records.size).toBe(2)
    expect(records.get('x')).toMatchObject({ data: { n: 3 } })
  })

  test('case 49: a thousand records in one push, in their order', async () => {
    const { writer, reader } = repository
    const records = Array.from({ length: 1000 }, (_, i) => observation(`o-${(i * 7919) % 1000}`))
    expect(await push(writer, records)).toMatchObject({ success_count: 1000 })
    const page = await pull(reader, { query: 'limit=1000' })
    expect(page.records.map((record) => record.observation_id)).toEqual(records.map((record) => record.observation_id))
    for (const [i, { version }] of page.records.entries())
      if (i > 0) expect(version).toBeGreaterThan(page.records[i - 1]!.version)
  })

  test('case 50: who pushes after others have pushed does not skip them', async () => {
    const { writer, admin } = repository
    await push(writer, [observation('before')], { client_id: 'A' })
    const pulled = await pull(writer, { client_id: 'A' })
    await push(admin, [observation('of-b')], { client_id: 'B' })
    const { current_version } = await push(writer, [observation('of-a')], { client_id: 'A' })
    const next = await pull(writer, { client_id: 'A', since: current_version })
    expect(next.records.map((record) => record.observation_id)).toContain('of-b')
    expect(current_version).toBeGreaterThanOrEqual(pulled.current_version)

    // With nobody else writing, the answer is the true counter again.
    const alone = await push(writer, [observation('of-a-2')], { client_id: 'A' })
    expect(alone.current_version).toBe((await pull(admin, { client_id: 'C' })).current_version)
  })

  test('case 50: neither does who splits the push into batches, nor who pulls by pages', async () => {
    const { writer, admin } = repository
    await push(
      admin,
      ['b1', 'b2', 'b3'].map((id) => observation(id)),
      { client_id: 'B' },
    )
    const first = await pull(writer, { client_id: 'A', query: 'limit=2' })
    expect(first.has_more).toBe(true)
    const second = await pull(writer, { client_id: 'A', since: first.change_cutoff })
    await push(admin, [observation('b4')], { client_id: 'B' })
    let cursor = second.current_version
    for (const id of ['a1', 'a2', 'a3'])
      cursor = (await push(writer, [observation(id)], { client_id: 'A' })).current_version
    const seen = (await pullAll(writer, { client_id: 'A', since: cursor })).records
    expect(seen.map((record) => record.observation_id)).toContain('b4')
  })
})
