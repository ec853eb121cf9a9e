// Phones that sync with one repository, in any order, over a network that loses requests and answers, each ending at any
// moment: in the end all of them and the server hold the same records and files, none lost, none doubled, and what was
// sent twice under one name counts once.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Deps, Job } from '../../../src/domain/context.ts'
import { expectStatus } from '../../support/app.ts'
import { runJobs } from '../../support/full-form.ts'
import { Phone, Truth } from '../../support/sync-app.ts'
import { CURRENT, type Observation, OLD, standing, startRepository, wireOf } from '../../support/synkronus.ts'

const phone = fc.nat({ max: 2 })
const fate = fc.record({
  network: fc.oneof(
    { weight: 4, arbitrary: fc.constant('arrives' as const) },
    { weight: 1, arbitrary: fc.constantFrom('request lost' as const, 'answer lost' as const) },
  ),
  afterwards: fc.constantFrom('again' as const, 'split' as const, 'give up' as const),
})

const move = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('steps' as const), phone, count: fc.integer({ min: 1, max: 8 }), fate }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('push' as const), phone, fate }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sync' as const), phone }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create' as const), phone, withPhoto: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('edit' as const), phone, pick: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), phone, pick: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), phone }) },
  { weight: 1, arbitrary: fc.constant({ do: 'form deleted' as const }) },
)
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never

const answerLost = { network: 'answer lost', afterwards: 'again' } as const
/** What others have written meanwhile is not undone by a push that is sent once more because its answer was lost. */
const REPLAY: Move[] = [
  { do: 'create', phone: 0, withPhoto: true },
  { do: 'push', phone: 0, fate: answerLost },
  { do: 'sync', phone: 1 },
  { do: 'edit', phone: 1, pick: 0 },
  { do: 'sync', phone: 1 },
  { do: 'sync', phone: 0 },
]
/** Nor is what others push between a phone's pull and its push skipped by the cursor that the push answers. */
const OVERTAKEN: Move[] = [
  { do: 'create', phone: 0, withPhoto: false },
  { do: 'steps', phone: 0, count: 6, fate: { network: 'arrives', afterwards: 'again' } },
  { do: 'create', phone: 1, withPhoto: false },
  { do: 'create', phone: 2, withPhoto: true },
  { do: 'sync', phone: 1 },
  { do: 'sync', phone: 2 },
  { do: 'sync', phone: 0 },
]

/** A photo that comes after its record's form was deleted stays nowhere, and a record that is sent again stands. */
const DELETED: Move[] = [
  { do: 'create', phone: 0, withPhoto: true },
  { do: 'create', phone: 1, withPhoto: true },
  { do: 'push', phone: 0, fate: answerLost },
  { do: 'sync', phone: 1 },
  { do: 'sync', phone: 2 },
  { do: 'edit', phone: 2, pick: 0 },
  { do: 'form deleted' },
  { do: 'sync', phone: 0 },
  { do: 'sync', phone: 2 },
]

/** What both sides must agree on. The server sets updated_at, and keeps the first created_at. */
const essence = ({ observation_id, form_type, form_version, data, deleted, created_at }: Observation) => ({
  observation_id,
  form_type,
  form_version,
  data,
  deleted,
  createdAtMs: Date.parse(created_at),
})

const contents = (records: Map<string, Observation>) =>
  [...records.values()].map(essence).sort((a, b) => (a.observation_id < b.observation_id ? -1 : 1))

const fileNames = (files: Map<string, string>) => [...files].sort(([a], [b]) => (a < b ? -1 : 1))

test('phones that lose connections and end at any moment agree in the end, with nothing lost and nothing doubled', async () => {
  const jobs: Job[] = []
  const sendJob: Deps['sendJob'] = async (job) => {
    if (job.kind === 'purge-form') jobs.push(job)
  }
  const { server, admin, writer, reader } = await startRepository(CURRENT, { deps: { sendJob } })
  const chiara = await server.logIn('chiara@example.org', 'chiara-owns-it')
  const deleteForm = async () => {
    const form = (await chiara.get('/forms')).body.find(({ key }: { key: string }) => key === 'household')
    if (!form) return
    expectStatus(204, await chiara.delete(`/forms/${form.id}`))
    await runJobs(server.deps, jobs)
    // What an isolate remembers of forms is two seconds old at most.
    server.advance(3_000)
  }
  const credentials = { authorization: `Bearer ${writer.token}` }
  const [today, before] = [wireOf(server, CURRENT, credentials), wireOf(server, OLD, credentials)]
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 10, maxLength: 40 }), async (moves) => {
      run++
      expectStatus(200, await admin.post('/admin/repository/reset', { confirm: 'RESET_REPOSITORY' }))
      const truth = new Truth()
      const phones = [
        new Phone({ name: `r${run}-a`, wire: today, truth, generation: 'today' }),
        new Phone({ name: `r${run}-b`, wire: today, truth, generation: 'today' }),
        new Phone({ name: `r${run}-c`, wire: before, truth, generation: '1.0.3' }),
      ]
      for (const next of moves) {
        if (next.do === 'form deleted') {
          await deleteForm()
          truth.formDeleted()
          continue
        }
        const actor = phones[next.phone]!
        if (next.do === 'create') actor.create(next.withPhoto)
        else if (next.do === 'edit') actor.change(next.pick, false)
        else if (next.do === 'delete') actor.change(next.pick, true)
        else if (next.do === 'crash') actor.crash()
        else if (next.do === 'sync') await actor.finish()
        else if (next.do === 'push') await actor.stepToPush(next.fate)
        else {
          actor.fate = next.fate
          for (let step = 0; step < next.count; step++) await actor.step()
        }
      }
      // Everybody reaches a good network: what was begun is ended, then all is handed over, then all is fetched.
      for (let round = 0; round < 3; round++) for (const each of phones) await each.finish()

      const expected = contents(truth.records)
      expect(contents(await standing(reader))).toEqual(expected)
      for (const each of phones) {
        expect({ [each.name]: each.isClean }).toEqual({ [each.name]: true })
        expect({ [each.name]: contents(each.records) }).toEqual({ [each.name]: expected })
        expect({ [each.name]: fileNames(each.files) }).toEqual({ [each.name]: fileNames(truth.files) })
      }
    }),
    { numRuns: 25, examples: [[REPLAY], [OVERTAKEN], [DELETED]] },
  )
}, 120_000)
