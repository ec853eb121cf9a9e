// The epoch of a repository and its reset: cases 51 to 53 of the Synkronus contract, section 5.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  faultOf,
  MOUNTS,
  nextTransmission,
  observation,
  pull,
  pullAll,
  push,
  putAttachment,
  type Repository,
  standing,
  startRepository,
  tryPull,
  tryPush,
} from '../../support/synkronus.ts'

/** What a reset writes, without this process hearing of it. */
const resetElsewhere = () =>
  env.DB.prepare(
    `INSERT INTO repositories (tenant_id, generation, reset_seq) SELECT tenant_id, 2, seq FROM tenant_counters WHERE true
     ON CONFLICT (tenant_id) DO UPDATE SET generation = generation + 1, reset_seq = excluded.reset_seq`,
  ).run()

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(mount)
  })

  test('case 51: an epoch that is not ours is 409, and the header has the last word', async () => {
    const { writer, reader } = repository
    const free = await tryPull(reader)
    expect(free.status).toBe(200)
    const epoch = Number(free.headers.get('x-repository-generation'))
    expect(epoch).toBeGreaterThanOrEqual(1)
    expect(free.body.repository_generation).toBe(epoch)
    const sent = (header?: number, body?: number) => ({
      ...(header === undefined ? {} : { headers: { 'x-repository-generation': String(header) } }),
      ...(body === undefined ? {} : { repository_generation: body }),
    })
    const manifest = ({ headers, ...json }: { headers?: Record<string, string> }) =>
      reader.post('/attachments/manifest', { client_id: 'tablet-1', since_version: 0, ...json }, headers)
    const ways = [
      (options: object) => tryPull(reader, options),
      (options: object) => tryPush(writer, [], options),
      (options: object) => tryPush(writer, [observation('x')], options),
      manifest,
    ]
    for (const way of ways) {
      for (const options of [sent(99), sent(undefined, 99), sent(99, epoch)]) {
        const reply = await way(options)
        expect(reply.status).toBe(409)
        expect(faultOf(reply).code).toBe('repository_reset_required')
        expect(reply.headers.get('x-repository-generation')).toBe(String(epoch))
      }
      for (const options of [sent(epoch), sent(undefined, epoch), sent(epoch, 99), sent(0), sent(-3), sent()])
        expect((await way(options)).status).toBe(200)
      expect((await way({ headers: { 'x-repository-generation': 'abc' } })).status).toBe(200)
    }
    const put = await writer.send('PUT', '/attachments/late.jpg', {
      headers: { 'x-repository-generation': '99' },
      body: 'x',
    })
    expect(put.status).toBe(409)
  })

  test('case 52: a reset empties the repository and leaves people and bundles', async () => {
    const { admin, writer, reader, logIn } = repository
    await push(writer, [observation('x'), observation('y')])
    expect((await putAttachment(writer, 'photo.jpg', 'light')).status).toBe(200)
    const { repository_generation: epoch } = await pull(reader)
    for (const body of [{ confirm: 'yes' }, { confirm: '' }, { confirm: null }, {}, { Confirm: 'RESET_REPOSITORY' }]) {
      const refused = await admin.post('/admin/repository/reset', body)
      expect({ body, status: refused.status }).toEqual({ body, status: 400 })
      expect(faultOf(refused).message).toBe('confirm must be RESET_REPOSITORY')
    }
    for (const member of [writer, reader])
      expect((await member.post('/admin/repository/reset', { confirm: 'RESET_REPOSITORY' })).status).toBe(403)
    expect((await standing(reader)).size).toBe(2)

    const reset = await admin.post('/admin/repository/reset', { confirm: 'RESET_REPOSITORY' })
    expect(reset.status).toBe(200)
    expect(reset.body).toMatchObject({ repository_generation: epoch + 1, message: expect.any(String) })
    expect(reset.headers.get('x-repository-generation')).toBe(String(epoch + 1))
    const page = await pull(reader)
    expect(page).toMatchObject({ records: [], current_version: 1, repository_generation: epoch + 1, change_cutoff: 0 })
    expect((await reader.get('/attachments/photo.jpg')).status).toBe(404)
    expect((await reader.send('HEAD', '/attachments/photo.jpg')).status).toBe(404)
    const { body } = await reader.post('/attachments/manifest', { client_id: 'new', since_version: 0 })
    expect(body.operations ?? []).toEqual([])
    expect((await logIn('wanja', writer.password)).token).toBeTruthy()
  })

  test('case 52: a repository that was reset fills again, under the same names', async () => {
    const { admin, writer, reader } = repository
    await push(writer, [observation('x', { data: { n: 1 } }), observation('y')])
    await putAttachment(writer, 'photo.jpg', 'light')
    await admin.post('/admin/repository/reset', { confirm: 'RESET_REPOSITORY' })
    expect(await push(writer, [observation('x', { data: { n: 2 } })])).toMatchObject({ success_count: 1 })
    const { records, current_version } = await pullAll(reader)
    expect(records).toMatchObject([{ observation_id: 'x', data: { n: 2 }, deleted: false }])
    expect(records[0]!.version).toBeGreaterThan(1)
    expect(records[0]!.version).toBeLessThanOrEqual(current_version)
    expect((await putAttachment(writer, 'photo.jpg', 'other light')).status).toBe(200)
    expect((await reader.get('/attachments/photo.jpg')).text).toBe('other light')
  })

  test('a reset that another process made is seen by the next push and the next pull', async () => {
    const { writer, reader } = repository
    const { repository_generation: epoch } = await push(writer, [observation('x')])
    await pull(reader)
    await resetElsewhere()
    const late = await tryPush(writer, [observation('late')], { repository_generation: epoch })
    expect(faultOf(late).code).toBe('repository_reset_required')
    await resetElsewhere()
    expect(await push(writer, [observation('y')])).toMatchObject({ repository_generation: epoch + 2, success_count: 1 })
    await resetElsewhere()
    expect((await tryPull(reader, { repository_generation: epoch + 2 })).status).toBe(409)
    await resetElsewhere()
    expect(await pull(reader)).toMatchObject({ repository_generation: epoch + 4, current_version: 1 })
    const stored = await env.DB.prepare('SELECT local_uuid FROM submissions ORDER BY seq').all()
    expect(stored.results).toEqual([{ local_uuid: 'x' }, { local_uuid: 'y' }])
  })

  test('case 53: what belongs to the epoch before is refused whole', async () => {
    const { admin, writer, reader } = repository
    const transmission_id = nextTransmission()
    const { repository_generation: epoch } = await push(writer, [observation('x')], { transmission_id })
    await admin.post('/admin/repository/reset', { confirm: 'RESET_REPOSITORY' })
    const late = await tryPush(writer, [observation('late')], { repository_generation: epoch })
    expect(late.status).toBe(409)
    expect(faultOf(late).code).toBe('repository_reset_required')
    // A replay of what was settled before the reset is of that epoch, too.
    const replayed = await tryPush(writer, [observation('x')], { transmission_id, repository_generation: epoch })
    expect(replayed.status).toBe(409)
    expect((await pull(reader)).records).toEqual([])
  })
})
