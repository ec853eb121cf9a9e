// Saving by itself: soon, one at a time, again when the line was down, and never over somebody else's work.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Autosave, type SaveState } from '../../../dashboard/src/screens/builder/autosave.ts'
import type { FormSchema } from '../../../dashboard/src/screens/builder/model/document.ts'

const doc = (...ids: string[]): FormSchema => ({ version: 1, fields: ids.map((id) => ({ id, uid: id, type: 'text' })) })
const idsOf = ({ fields }: FormSchema) => fields.map(({ id }) => id).join()

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A server that may be away, slow, or changed by others. */
function start() {
  const world = {
    stored: '',
    base: 'v0',
    saves: 0,
    down: false,
    uncheckable: false,
    refuses: false,
    takesMs: 0,
    kept: null as { document: FormSchema; base: string | null } | null,
    state: { is: 'saved' } as SaveState,
  }
  const first = doc()
  const autosave = new Autosave(first, 'v0', {
    save: async (document, base) => {
      if (world.takesMs > 0) await new Promise((resolve) => setTimeout(resolve, world.takesMs))
      if (world.down) throw new TypeError('Failed to fetch')
      if (world.refuses) throw new RangeError('too large')
      if (base !== world.base) throw new Error('changed')
      world.saves += 1
      world.stored = idsOf(document)
      world.base = `v${world.saves}`
      return world.base
    },
    hasFaults: async (document) => {
      if (world.uncheckable) throw new TypeError('Failed to fetch dynamically imported module')
      return document.fields.some(({ id }) => id === 'wrong')
    },
    keep: (kept) => {
      world.kept = kept
    },
    verdict: (error) => (error instanceof TypeError ? 'retry' : error instanceof RangeError ? 'refused' : 'conflict'),
    onState: (state) => {
      world.state = state
    },
  })
  return { world, autosave, first }
}

test('what is typed in one go is one save, soon after the last letter', async () => {
  const { world, autosave } = start()
  for (const id of ['a', 'ab', 'abc']) {
    autosave.changed(doc(id))
    await vi.advanceTimersByTimeAsync(300)
  }
  expect(world).toMatchObject({ saves: 0, state: { is: 'waiting' } })
  await vi.advanceTimersByTimeAsync(1_500)
  expect(world).toMatchObject({ saves: 1, stored: 'abc', state: { is: 'saved' }, kept: null })
})

test('what cannot be checked because the line is down is told, kept and tried again', async () => {
  const { world, autosave } = start()
  world.uncheckable = true
  autosave.changed(doc('a'))
  await vi.advanceTimersByTimeAsync(1_500)
  expect(world).toMatchObject({ saves: 0, state: { is: 'failed', again: true }, kept: { base: 'v0' } })
  expect(await autosave.flush()).toBe(false)
  world.uncheckable = false
  await vi.advanceTimersByTimeAsync(30_000)
  expect(world).toMatchObject({ saves: 1, stored: 'a', state: { is: 'saved' } })
})

test('whoever never pauses is saved every ten seconds', async () => {
  const { world, autosave } = start()
  for (let n = 0; n < 60; n++) {
    autosave.changed(doc(`q${n}`))
    await vi.advanceTimersByTimeAsync(500)
  }
  expect(world.saves).toBeGreaterThanOrEqual(2)
  expect(world.saves).toBeLessThanOrEqual(4)
})

test('what changes during a save is saved next, and never two saves at once', async () => {
  const { world, autosave } = start()
  world.takesMs = 3_000
  autosave.changed(doc('a'))
  await vi.advanceTimersByTimeAsync(2_000)
  expect(world.state).toEqual({ is: 'saving' })
  autosave.changed(doc('a', 'b'))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(world).toMatchObject({ saves: 2, stored: 'a,b', state: { is: 'saved' }, kept: null })
})

test('a dead line loses nothing: it is kept here, tried again, and said', async () => {
  const { world, autosave } = start()
  world.down = true
  autosave.changed(doc('a'))
  await vi.advanceTimersByTimeAsync(1_500)
  expect(world.state).toMatchObject({ is: 'failed', again: true })
  expect(world.kept).toEqual({ document: doc('a'), base: 'v0' })
  world.down = false
  await vi.advanceTimersByTimeAsync(5_000)
  expect(world).toMatchObject({ saves: 1, stored: 'a', state: { is: 'saved' }, kept: null })
})

test('what the server refuses is not sent again until it changes', async () => {
  const { world, autosave } = start()
  world.refuses = true
  autosave.changed(doc('a'))
  await vi.advanceTimersByTimeAsync(120_000)
  expect(world.state).toMatchObject({ is: 'failed', again: false })
  expect(world.kept).not.toBeNull()
  world.refuses = false
  autosave.changed(doc('b'))
  await vi.advanceTimersByTimeAsync(1_500)
  expect(world).toMatchObject({ stored: 'b', state: { is: 'saved' } })
})

test('a form with mistakes is kept here until they are mended', async () => {
  const { world, autosave } = start()
  autosave.changed(doc('wrong'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(world).toMatchObject({ saves: 0, state: { is: 'faulty' }, kept: { document: doc('wrong') } })
  expect(await autosave.flush()).toBe(false)
  autosave.changed(doc('right'))
  expect(await autosave.flush()).toBe(true)
  expect(world).toMatchObject({ stored: 'right', state: { is: 'saved' }, kept: null })
})

test('where somebody else has saved nothing is sent until a person decides', async () => {
  const { world, autosave } = start()
  world.base = 'theirs'
  autosave.changed(doc('mine'))
  await vi.advanceTimersByTimeAsync(1_500)
  expect(world.state).toEqual({ is: 'conflict' })
  const mine = doc('mine', 'more')
  autosave.changed(mine)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await autosave.flush()).toBe(false)
  expect(world).toMatchObject({ saves: 0, state: { is: 'conflict' }, kept: { document: mine } })
  autosave.resolve(mine, 'theirs', false)
  await vi.advanceTimersByTimeAsync(0)
  expect(world).toMatchObject({ stored: 'mine,more', state: { is: 'saved' }, kept: null })

  world.base = 'theirs again'
  autosave.changed(doc('x'))
  expect(await autosave.flush()).toBe(false)
  const theirs = doc('theirs')
  autosave.resolve(theirs, 'theirs again', true)
  expect(world).toMatchObject({ state: { is: 'saved' }, kept: null })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(world.stored).toBe('mine,more')
})

test('what was undone needs no save', async () => {
  const { world, autosave, first } = start()
  autosave.changed(doc('a'))
  autosave.changed(first)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(world).toMatchObject({ saves: 0, state: { is: 'saved' }, kept: null })
})

test('once the builder is left it saves a last time, and never again', async () => {
  const { world, autosave } = start()
  autosave.changed(doc('a'))
  await autosave.close()
  expect(world).toMatchObject({ stored: 'a', kept: null })

  const left = start()
  left.world.down = true
  left.autosave.changed(doc('mine'))
  await left.autosave.close()
  left.world.down = false
  await vi.advanceTimersByTimeAsync(600_000)
  expect(left.world).toMatchObject({ saves: 0, kept: { document: doc('mine') } })
})
