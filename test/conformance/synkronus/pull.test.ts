// Pulling: cases 20 to 33 of the Synkronus contract, section 4.
import { beforeEach, describe, expect, test } from 'vitest'
import {
  faultOf,
  MOUNTS,
  observation,
  pull,
  pullAll,
  push,
  type Repository,
  startRepository,
  tryPull,
} from '../../support/synkronus.ts'

const idsOf = (records: { observation_id: string }[]) => records.map((record) => record.observation_id)
const numbered = (count: number, prefix = 'o') =>
  Array.from({ length: count }, (_, i) => observation(`${prefix}-${String(i).padStart(5, '0')}`))

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(mount)
  })

  test('case 20: an empty repository has a version and nothing else', async () => {
    const { status, body } = await tryPull(repository.reader)
    expect(status).toBe(200)
    expect(body.current_version).toBeGreaterThanOrEqual(1)
    expect(body.records ?? []).toEqual([])
    expect(body).toMatchObject({ change_cutoff: 0, has_more: false, sync_format_version: '1.0' })
  })

  test('case 21: the client must be named', async () => {
    for (const json of [{}, { client_id: '' }]) {
      const reply = await repository.reader.post('/sync/pull', json)
      expect(reply.status).toBe(400)
      expect(faultOf(reply).message).toBe('client_id is required')
    }
  })

  test('what cannot be read is no request', async () => {
    for (const body of ['{"client_id":"a', '', '[]', '{"client_id":7}', '{"client_id":"a","since":{"version":"1"}}']) {
      const headers = { 'content-type': 'application/json' }
      const reply = await repository.reader.send('POST', '/sync/pull', { body, headers })
      expect({ body, status: reply.status }).toEqual({ body, status: 400 })
      expect(faultOf(reply).message).toBe('Invalid request format')
    }
  })

  test('fields that the server does not know are no fault', async () => {
    const json = { client_id: 'a', page_token: 'x', since: { version: 0, id: 'zzz', more: 1 } }
    expect((await repository.reader.post('/sync/pull', json)).status).toBe(200)
  })

  test('case 22: records come by version, each with its own, none above the current one', async () => {
    const { writer, reader } = repository
    for (const id of ['b', 'c', 'a']) await push(writer, [observation(id)])
    const page = await pull(reader)
    expect(idsOf(page.records)).toEqual(['b', 'c', 'a'])
    const versions = page.records.map(({ version }) => version)
    for (const version of versions) expect(Number.isInteger(version)).toBe(true)
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
    expect(versions.at(-1)).toBeLessThanOrEqual(page.current_version)
    expect(page.change_cutoff).toBe(versions.at(-1))
  })

  test('case 23: pages of one are the whole', async () => {
    const { writer, reader } = repository
    await push(writer, numbered(5))
    const whole = await pull(reader)
    const more: boolean[] = []
    const records = []
    let since = 0
    do {
      const page = await pull(reader, { since, query: 'limit=1' })
      expect(page.records).toHaveLength(1)
      more.push(page.has_more)
      records.push(...page.records)
      since = page.change_cutoff
    } while (more.at(-1))
    expect(more).toEqual([true, true, true, true, false])
    expect(records).toEqual(whole.records)
  })

  test('case 24: who is up to date gets nothing', async () => {
    const { writer, reader } = repository
    await push(writer, numbered(3))
    const { current_version } = await pull(reader)
    const again = await pull(reader, { since: current_version })
    expect(again).toMatchObject({ records: [], change_cutoff: current_version, has_more: false })
  })

  test('case 25: a cursor of the far future is echoed', async () => {
    const { writer, reader } = repository
    await push(writer, numbered(3))
    const page = await pull(reader, { since: 99_999 })
    expect(page).toMatchObject({ records: [], change_cutoff: 99_999, has_more: false })
  })

  test('case 26: a limit that is none counts as the default, a large one as the largest', async () => {
    const { writer, reader } = repository
    await push(writer, numbered(600, 'a'))
    await push(writer, numbered(600, 'b'))
    for (const query of ['', 'limit=', 'limit=abc', 'limit=0', 'limit=-5', 'limit=1e99'])
      expect({ query, records: (await pull(reader, { query })).records.length }).toEqual({ query, records: 50 })
    expect((await pull(reader, { query: 'limit=1000' })).records).toHaveLength(1000)
    const most = await pull(reader, { query: 'limit=100000' })
    expect(most.records).toHaveLength(1000)
    expect(most.has_more).toBe(true)
    expect((await pullAll(reader)).records).toHaveLength(1200)
  })

  test('case 27, 28: types of the query and of the body are united; unknown ones are empty pages', async () => {
    const { writer, reader } = repository
    await push(writer, [
      observation('1', { form_type: 'a' }),
      observation('2', { form_type: 'b' }),
      observation('3', { form_type: 'c' }),
      observation('4', { form_type: 'a' }),
    ])
    const ids = async (query: string, schema_types?: string[]) =>
      idsOf((await pull(reader, { query, schema_types })).records)
    expect(await ids('schemaType=a', ['b'])).toEqual(['1', '2', '4'])
    expect(await ids('schemaType=a')).toEqual(['1', '4'])
    expect(await ids('', ['c', 'b'])).toEqual(['2', '3'])
    expect(await ids('', [])).toEqual(['1', '2', '3', '4'])
    expect(await ids('schemaType=zzz')).toEqual([])
    expect(await ids('schemaType=zzz&limit=1', ['yyy'])).toEqual([])
    // Filtered pages keep the cursor rules, too.
    const filtered = await pullAll(reader, { schema_types: ['a'], query: 'limit=1' })
    expect(idsOf(filtered.records)).toEqual(['1', '4'])
  })

  test('case 29: what changed twice comes once, as it is now', async () => {
    const { writer, reader } = repository
    await push(writer, [observation('x', { data: { n: 1 } }), observation('y')])
    const { current_version } = await pull(reader)
    await push(writer, [observation('x', { data: { n: 2 } })])
    await push(writer, [observation('x', { data: { n: 3 } })])
    const page = await pull(reader, { since: current_version })
    expect(page.records).toMatchObject([{ observation_id: 'x', data: { n: 3 } }])
    expect(idsOf((await pull(reader)).records)).toEqual(['y', 'x'])
  })

  test('case 30: deletions are told, with what was said', async () => {
    const { writer, reader } = repository
    await push(writer, [observation('x')])
    const { current_version } = await pull(reader)
    await push(writer, [observation('x', { deleted: true, data: { last: 'words' } })])
    const page = await pull(reader, { since: current_version })
    expect(page.records).toMatchObject([{ observation_id: 'x', deleted: true, data: { last: 'words' } }])
  })

  test('case 31: every page that promises more goes on', async () => {
    const { writer, admin, reader } = repository
    await push(writer, numbered(7))
    // Other things that count share the counter.
    for (const n of [1, 2, 3])
      await admin.post('/users/create', { username: `u${n}`, password: 'long-enough', role: 'read-only' })
    await push(admin, numbered(7))
    for (const limit of [1, 2, 3, 5]) {
      let since = 0
      for (;;) {
        const page = await pull(reader, { since, query: `limit=${limit}` })
        expect(page.records.length).toBeLessThanOrEqual(limit)
        if (!page.has_more) break
        expect(page.change_cutoff).toBeGreaterThan(since)
        since = page.change_cutoff
      }
    }
  })

  test('case 32: a reader among writers misses nothing', async () => {
    const { writer, admin, reader } = repository
    const ids = new Set<string>()
    let writing = 4
    const write = async (n: number) => {
      for (let i = 0; i < 50; i++) {
        const id = `w${n}-${i}`
        await push(n % 2 ? writer : admin, [observation(id)], { client_id: `tablet-${n}` })
        ids.add(id)
      }
      writing--
    }
    const seen = new Set<string>()
    const read = async () => {
      let since = 0
      for (;;) {
        const wasWriting = writing > 0
        const page = await pull(reader, { since, query: 'limit=7', client_id: 'reader' })
        for (const { observation_id, version } of page.records) {
          expect(version).toBeGreaterThan(since)
          expect(version).toBeLessThanOrEqual(page.has_more ? page.change_cutoff : page.current_version)
          seen.add(observation_id)
        }
        // As the app does: by the page while there is more, by the whole at the end.
        since = page.has_more ? page.change_cutoff : page.current_version
        if (!page.has_more && !wasWriting) return
      }
    }
    await Promise.all([read(), write(1), write(2), write(3), write(4)])
    expect(ids.size).toBe(200)
    expect([...seen].sort()).toEqual([...ids].sort())
  }, 60_000)

  test('case 33: pulling is a POST', async () => {
    const reply = await repository.reader.get('/sync/pull')
    expect(reply.status).toBe(405)
  })

  test('what is not known of a record is left out', async () => {
    const { writer, reader } = repository
    await push(writer, [observation('bare')])
    const [record] = (await pull(reader)).records
    expect(Object.keys(record!).sort()).toEqual([
      'created_at',
      'data',
      'deleted',
      'form_type',
      'form_version',
      'observation_id',
      'updated_at',
      'version',
    ])
  })
})
