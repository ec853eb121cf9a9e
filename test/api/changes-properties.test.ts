// The promise of the feed under concurrent writers: a reader that follows its cursor meets the final state of every row,
// meets none twice in one state, and never finds a row below a cursor it was given. Programs of writers and readers are
// made up by fast-check, run with real parallelism against one D1, and shrunk when they break the promise.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Caller, expectStatus, makeCast } from '../support/app.ts'
import { copyOf, type FeedItem, readFeed, readPage } from '../support/feed.ts'
import { nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { filePart, upload } from '../support/media.ts'

const SCHEMA = {
  fields: [
    { id: 'note', type: 'text', label: 'What do you see?' },
    { id: 'pic', type: 'photo', label: 'Picture' },
  ],
}

/** What one writer does, in its order. */
type Step =
  | { do: 'one' }
  | { do: 'bulk'; count: number }
  /** The same batch once more, as after a lost answer. */
  | { do: 'replay' }
  | { do: 'photo' }
  | { do: 'edit'; pick: number }
  | { do: 'delete'; pick: number }
  | { do: 'restore'; pick: number }
  | { do: 'rename' }
  | { do: 'pause'; ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('one' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('bulk' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replay' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('photo' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('edit' as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rename' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), ms: fc.integer({ min: 1, max: 8 }) }) },
)

interface Program {
  /** Steps of each writer: two devices, a manager, a field worker. */
  writers: Step[][]
  /** Page sizes of the readers that follow meanwhile. */
  readers: number[]
}

const program: fc.Arbitrary<Program> = fc.record({
  writers: fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 4 }),
  readers: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 }),
})

/** Each kind of step at least once, whatever the dice say. */
const EVERYTHING: Program = {
  writers: [
    [{ do: 'one' }, { do: 'edit', pick: 0 }, { do: 'delete', pick: 0 }, { do: 'restore', pick: 0 }],
    [{ do: 'bulk', count: 5 }, { do: 'replay' }, { do: 'one' }, { do: 'photo' }, { do: 'rename' }],
  ],
  readers: [1, 4],
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface World {
  form: PublishedForm
  /** Whoever edits, deletes, renames. */
  manager: Caller
  /** Ids of everything that was acknowledged. */
  submissions: string[]
  media: string[]
  /** How often each kind of change was made, not only tried. */
  changes: Record<'edit' | 'delete' | 'restore', number>
}

/** Other writers may have been faster: to be told so is as good an end as success. */
function settle(world: World, kind: keyof World['changes'], status: number): void {
  expect([200, 204, 404, 409]).toContain(status)
  if (status < 300) world.changes[kind]++
}

async function write(writer: Caller, steps: Step[], world: World): Promise<void> {
  let batch: unknown[] = []
  let lastSent = ''
  const sendBatch = async () => {
    const { body } = expectStatus(200, await writer.post('/submissions/bulk', batch))
    expect(body.errors).toEqual([])
    world.submissions.push(...body.accepted.map(({ id }: { id: string }) => id))
  }
  for (const todo of steps) {
    const picked = 'pick' in todo ? world.submissions[todo.pick % Math.max(1, world.submissions.length)] : undefined
    if ('pick' in todo && picked === undefined) continue
    switch (todo.do) {
      case 'one': {
        const item = submissionOf(world.form)
        lastSent = item.local_uuid
        world.submissions.push(expectStatus(201, await writer.post('/submissions', item)).body.id)
        break
      }
      case 'bulk':
        batch = Array.from({ length: todo.count }, () => submissionOf(world.form))
        await sendBatch()
        break
      case 'replay':
        if (batch.length > 0) await sendBatch()
        break
      case 'photo': {
        if (!lastSent) break
        const stored = await upload(writer, lastSent, filePart(nextLocalUuid()))
        // Somebody may have deleted the submission meanwhile.
        if (stored.status === 201) world.media.push(stored.body.media_file_id)
        else expect(stored.status).toBe(404)
        break
      }
      case 'edit': {
        const { body, status } = await world.manager.get(`/submissions/${picked}`)
        if (status !== 200) break
        const change = { base_revision: body.revision, data: { note: nextLocalUuid() } }
        settle(world, 'edit', (await world.manager.patch(`/submissions/${picked}`, change)).status)
        break
      }
      case 'delete':
        settle(world, 'delete', (await world.manager.delete(`/submissions/${picked}`)).status)
        break
      case 'restore':
        settle(world, 'restore', (await world.manager.post(`/submissions/${picked}/restore`)).status)
        break
      case 'rename':
        expectStatus(200, await world.manager.put(`/forms/${world.form.id}`, { name: `Form ${nextLocalUuid()}` }))
        break
      case 'pause':
        await pause(todo.ms)
    }
  }
}

/** Follows the feed until the writers have ended and it is up to date; returns all it met, in order. */
async function follow(reader: Caller, limit: number, after: string, isDone: () => boolean): Promise<FeedItem[]> {
  const met: FeedItem[] = []
  let cursor = after
  let highest = 0
  for (;;) {
    const wasDone = isDone()
    const page = await readPage(reader, cursor, `limit=${limit}`)
    expect(page.items.length).toBeLessThanOrEqual(limit)
    for (const { seq } of page.items) {
      // Not below the cursor, which stands at or behind the highest seq met so far; and none twice.
      expect(seq).toBeGreaterThan(highest)
      highest = seq
    }
    met.push(...page.items)
    cursor = page.cursor
    if (!page.has_more) {
      if (wasDone) return met
      await pause(1)
    }
  }
}

test('concurrent readers meet the final state of everything, once, whatever their page size', async () => {
  const { bruno, chiara, amina, pair } = await makeCast()
  const changes = { edit: 0, delete: 0, restore: 0 }
  const writers = [await pair(bruno), bruno, await pair(bruno), amina]
  await fc.assert(
    fc.asyncProperty(program, async ({ writers: plans, readers }) => {
      const form = await publishForm(bruno, SCHEMA, `Form ${nextLocalUuid()}`)
      const world: World = { form, manager: bruno, submissions: [], media: [], changes }
      const { cursor } = await readFeed(chiara)
      let done = false
      const following = readers.map((limit) => follow(chiara, limit, cursor, () => done))
      try {
        await Promise.all(plans.map((steps, position) => write(writers[position]!, steps, world)))
      } finally {
        done = true
      }
      const followed = await Promise.all(following)

      // Who comes afterwards sees each row once, in its final state, the same for every page size.
      const { items: final } = await readFeed(chiara, cursor, 'limit=1000')
      for (const limit of [1, 3, ...readers])
        expect((await readFeed(chiara, cursor, `limit=${limit}`)).items).toEqual(final)
      const truth = copyOf(final)
      expect(truth.size).toBe(final.length)
      for (const id of world.submissions) expect(truth.has(`submission ${id}`)).toBe(true)
      for (const id of world.media) expect(truth.has(`media ${id}`)).toBe(true)

      for (const met of followed) {
        expect(copyOf(met)).toEqual(truth)
        const states = met.map(({ kind, id, seq }) => `${kind} ${id} ${seq}`)
        expect(new Set(states).size).toBe(states.length)
      }
    }),
    { numRuns: 20, examples: [[EVERYTHING]], endOnFailure: true },
  )
  for (const count of Object.values(changes)) expect(count).toBeGreaterThan(0)
}, 120_000)
