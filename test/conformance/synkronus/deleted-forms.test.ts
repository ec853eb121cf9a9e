// What phones hear of a form that was deleted natively: each of its records is a deletion in the order of the feed.
import { env } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { sweep } from '../../../src/background/sweep.ts'
import type { Deps, Job } from '../../../src/domain/context.ts'
import { purgeForm } from '../../../src/domain/forms/purge.ts'
import { type Cast, expectStatus, makeCast } from '../../support/app.ts'
import { NOTE_FORM, publishForm, submissionOf } from '../../support/forms.ts'
import { runJobs } from '../../support/full-form.ts'
import {
  CURRENT,
  observation,
  openRepository,
  type PulledObservation,
  pull,
  pullAll,
  push,
  type Repository,
  standing,
  type Wire,
} from '../../support/synkronus.ts'

let cast: Cast
let repository: Repository
let jobs: Job[]

beforeEach(async () => {
  jobs = []
  const sendJob: Deps['sendJob'] = async (job) => {
    if (job.kind !== 'expand-outbox') jobs.push(job)
  }
  cast = await makeCast({ deps: { sendJob } })
  repository = await openRepository(cast, CURRENT)
})

const formKeyed = async (key: string) => (await cast.chiara.get('/forms')).body.find((form: any) => form.key === key)

async function deleteForm(key: string): Promise<void> {
  expectStatus(204, await cast.chiara.delete(`/forms/${(await formKeyed(key)).id}`))
}

const namesOf = (records: PulledObservation[]) => records.map(({ observation_id }) => observation_id)
const water = (id: string, more = {}) => observation(id, { form_type: 'water', ...more })
const many = (count: number) => Array.from({ length: count }, (_, n) => water(`w${n}`))

test('a form that is deleted natively is pulled as deletions of its records, once, page by page', async () => {
  const { writer, reader } = repository
  await push(writer, [...many(5), observation('stays')])
  await push(writer, [water('w1', { deleted: true })])
  const before = (await pullAll(reader)).current_version
  await deleteForm('water')
  await runJobs(cast.deps, jobs)

  const all = await pull(reader, { since: before })
  expect(namesOf(all.records)).toEqual(['w0', 'w2', 'w3', 'w4', 'w1'])
  for (const record of all.records)
    expect(record).toMatchObject({ form_type: 'water', deleted: true, data: {}, created_at: '2026-11-20T08:00:00Z' })
  expect(all).toMatchObject({ has_more: false, change_cutoff: all.current_version })

  for (const query of ['limit=1', 'limit=2', 'limit=5']) {
    const { records } = await pullAll(reader, { since: before, query })
    expect(records).toEqual(all.records)
  }
  await push(writer, [observation('later')])
  expect(namesOf((await pullAll(reader, { since: before, query: 'limit=2' })).records)).toEqual([
    ...namesOf(all.records),
    'later',
  ])
  expect((await pull(reader, { since: all.current_version })).records).toHaveLength(1)
  const fresh = await pullAll(reader, { query: 'limit=3' })
  expect(fresh.records.map(({ observation_id, deleted }) => [observation_id, deleted])).toEqual([
    ['stays', false],
    ...namesOf(all.records).map((name) => [name, true]),
    ['later', false],
  ])
  // Types are filtered by the key that the form had.
  expect((await pull(reader, { schema_types: ['water'] })).records).toHaveLength(5)
  expect((await pull(reader, { schema_types: ['household'] })).records).toHaveLength(2)
})

test('the feed of the native API tells of the form alone, as before', async () => {
  await push(repository.writer, many(3))
  const { id } = await formKeyed('water')
  const { body } = await cast.chiara.get('/changes')
  await deleteForm('water')
  await runJobs(cast.deps, jobs)
  const { items } = expectStatus(200, await cast.chiara.get(`/changes?cursor=${body.cursor}`)).body
  expect(items).toMatchObject([{ kind: 'tombstone', id }])
})

test('a deletion that goes in small steps, stops anywhere and runs twice is told whole', async () => {
  const { writer, reader } = repository
  await push(writer, many(7))
  const held = new Set(namesOf((await pullAll(reader)).records))
  await deleteForm('water')
  const [job] = jobs as Extract<Job, { kind: 'purge-form' }>[]
  let since = (await pull(reader)).current_version
  for (let step = 0; step < 20; step++) {
    const { broken } = breakAfter(cast.deps, step)
    await purgeForm(broken, job!, 3, 2).catch(() => undefined)
    const page = await pull(reader, { since, query: 'limit=1' })
    for (const record of page.records) expect(held.delete(record.observation_id)).toBe(true)
    since = page.change_cutoff
  }
  await Promise.all([purgeForm(cast.deps, job!), purgeForm(cast.deps, job!)])
  for (const { observation_id } of (await pullAll(reader, { since })).records) held.delete(observation_id)
  expect([...held]).toEqual([])
  expect([...(await standing(reader)).values()].every(({ deleted }) => deleted)).toBe(true)
})

/** Dependencies whose database stops working after so many calls. */
function breakAfter(deps: Deps, calls: number): { broken: Deps } {
  let left = calls
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (name === 'batch' && left-- <= 0) throw new Error('power cut')
          const result = Reflect.apply(value, object, args)
          return name === 'withSession' ? guard(result as object) : result
        }
      },
    })
  return { broken: { ...deps, shard: (n) => guard(deps.shard(n)) } }
}

test('a record that is sent again after its form was deleted stands in a new form, whenever it comes', async () => {
  const { writer, reader } = repository
  await push(writer, many(2))
  const since = (await pullAll(reader)).current_version
  await deleteForm('water')
  cast.advance(5_000)
  await push(writer, [water('w0', { data: { name: 'again' } })])
  await runJobs(cast.deps, jobs)
  const page = await pull(reader, { since })
  expect(page.records.map(({ observation_id, deleted }) => [observation_id, deleted])).toEqual([
    ['w0', false],
    ['w1', true],
  ])
  await push(writer, [water('w1', { data: { name: 'again, too' } })])
  expect((await pull(reader, { since })).records.every(({ deleted }) => !deleted)).toBe(true)
  // And that form may be deleted in its turn.
  const between = (await pull(reader)).current_version
  await deleteForm('water')
  await runJobs(cast.deps, jobs)
  expect(namesOf((await pull(reader, { since: between })).records).sort()).toEqual(['w0', 'w1'])
})

test('a push does not lift its client over deletions that it has not pulled', async () => {
  const { writer } = repository
  await push(writer, many(2), { client_id: 'tablet-9' })
  const { current_version } = await pullAll(writer, { client_id: 'tablet-9' })
  await deleteForm('water')
  await runJobs(cast.deps, jobs)
  const reply = await push(writer, [observation('own')], { client_id: 'tablet-9' })
  expect(reply.current_version).toBe(current_version)
  expect(namesOf((await pull(writer, { since: reply.current_version })).records)).toContain('w0')
})

test('whoever gets the own records only hears of the own deletions only', async () => {
  await push(repository.writer, [water('of-wanja')])
  const amina: Wire = await repository.logIn('amina@example.org', 'amina@example.org-password')
  await push(amina, [water('of-amina')], { client_id: 'tablet-3' })
  await deleteForm('water')
  await runJobs(cast.deps, jobs)
  expect(namesOf((await pull(amina, { client_id: 'tablet-3' })).records)).toEqual(['of-amina'])
  expect(namesOf((await pull(repository.reader)).records).sort()).toEqual(['of-amina', 'of-wanja'])
})

test('of what a reset has deleted nobody is told when its form is deleted, too', async () => {
  const { writer, reader, admin } = repository
  await push(writer, many(3))
  expectStatus(200, await admin.post('/admin/repository/reset', { confirm: 'RESET_REPOSITORY' }))
  await push(writer, [water('new')])
  await deleteForm('water')
  await runJobs(cast.deps, jobs)
  expect(namesOf((await pull(reader)).records)).toEqual(['new'])
})

test('a form of another project, which no phone has, leaves nothing to be told', async () => {
  await pull(repository.reader)
  const elsewhere = await publishForm(cast.chiara, NOTE_FORM)
  expectStatus(201, await cast.chiara.post('/submissions', submissionOf(elsewhere)))
  expectStatus(204, await cast.chiara.delete(`/forms/${elsewhere.id}`))
  await runJobs(cast.deps, jobs)
  const row = await env.DB.prepare('SELECT count(*) AS n FROM gone_records').first<{ n: number }>()
  expect(row!.n).toBe(0)
})

test('random names stay, so that a phone may come back after years; others are forgotten after one', async () => {
  const random = '6B1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11'
  await push(repository.writer, [water(random), water('Moussa, Kayes')])
  await deleteForm('water')
  await runJobs(cast.deps, jobs)
  const told = async () => namesOf((await pull(repository.reader)).records).sort()
  await sweep(cast.deps)
  expect(await told()).toEqual([random, 'Moussa, Kayes'])
  cast.advance(366 * 24 * 3_600_000)
  await sweep(cast.deps)
  repository = { ...repository, reader: await repository.logIn('rosa', repository.reader.password) }
  expect(await told()).toEqual([random])
})
