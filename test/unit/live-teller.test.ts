// When a live room is told of commits, on a clock and with answers of the test's own.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newListenedTenants, TELL_EVERY_MS, Teller } from '../../src/background/live/teller.ts'
import { QUIET_MS } from '../../src/domain/sync/live-port.ts'
import type { TenantId } from '../../src/lib/ids.ts'

const TENANT = 'a' as TenantId

/** An isolate whose time passes when the test says so. */
function isolate(listenersAt: (nowMs: number) => number | Error) {
  let nowMs = 1_000_000
  const told: { atMs: number; seq: number; listeners: number }[] = []
  const sleepers: { untilMs: number; wake: () => void }[] = []
  const lost: unknown[] = []
  const teller = new Teller(newListenedTenants(), {
    tell: async (_, seq) => {
      const listeners = listenersAt(nowMs)
      if (listeners instanceof Error) throw listeners
      told.push({ atMs: nowMs, seq, listeners })
      return listeners
    },
    clock: () => nowMs,
    sleep: (ms) => new Promise((wake) => sleepers.push({ untilMs: nowMs + ms, wake })),
    waitUntil: () => {},
    onError: (_, error) => lost.push(error),
  })
  return {
    told,
    lost,
    teller,
    async pass(ms: number) {
      const endMs = nowMs + ms
      for (;;) {
        // Everything that is due now happens before time goes on.
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
        const next = sleepers.toSorted((a, b) => a.untilMs - b.untilMs)[0]
        if (!next || next.untilMs > endMs) break
        nowMs = next.untilMs
        sleepers.splice(sleepers.indexOf(next), 1)
        next.wake()
      }
      nowMs = endMs
    },
    /** The requests that slept are no more. */
    cutOff: () => sleepers.splice(0),
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 400 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 400, max: 15_000 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('arrive' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const) }) },
  ),
  { maxLength: 60 },
)

test('seldom, never while nobody listens, and whoever listens hears of the last commit', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (program) => {
      let listeners = 0
      let seq = 0
      const { told, teller, pass } = isolate(() => listeners)
      for (const step of program) {
        if (step.do === 'commit') teller.committed(TENANT, ++seq)
        if (step.do === 'pass') await pass(step.ms)
        if (step.do === 'leave') listeners = 0
        if (step.do === 'arrive') {
          listeners = 1
          teller.arrived(TENANT)
        }
      }
      await pass(TELL_EVERY_MS)
      for (const [i, { atMs, listeners: heard }] of told.entries()) {
        const next = told[i + 1]
        if (!next) break
        expect(next.atMs - atMs).toBeGreaterThanOrEqual(TELL_EVERY_MS)
        if (heard === 0 && !program.some((step) => step.do === 'arrive'))
          expect(next.atMs - atMs).toBeGreaterThanOrEqual(QUIET_MS)
      }
      // Somebody who is there now, and came in this isolate, knows of every commit since.
      const arrived = program.findLastIndex((step) => step.do === 'arrive')
      const since = program.slice(arrived + 1)
      if (listeners > 0 && since.some((step) => step.do === 'commit')) expect(told.at(-1)!.seq).toBe(seq)
    }),
  )
})

test('of a hundred commits at once, the first and the last are told', async () => {
  const { told, teller, pass } = isolate(() => 3)
  for (let seq = 1; seq <= 100; seq++) {
    teller.committed(TENANT, seq)
    await pass(2)
  }
  await pass(1_000)
  expect(told.map(({ seq }) => seq)).toEqual([1, 100])
})

test('a telling whose request was cut off is begun anew after five seconds', async () => {
  const { told, teller, pass, cutOff } = isolate(() => 1)
  teller.committed(TENANT, 1)
  await pass(1)
  teller.committed(TENANT, 2)
  cutOff()
  await pass(4_000)
  teller.committed(TENANT, 3)
  expect(told).toHaveLength(1)
  await pass(1_000)
  teller.committed(TENANT, 4)
  await pass(0)
  expect(told.map(({ seq }) => seq)).toEqual([1, 4])
})

test('a room that cannot be told is told of the next commit', async () => {
  let answer: number | Error = new Error('the object moved')
  const { told, lost, teller, pass } = isolate(() => answer)
  teller.committed(TENANT, 1)
  await pass(300)
  answer = 1
  teller.committed(TENANT, 2)
  await pass(0)
  expect(told.map(({ seq }) => seq)).toEqual([2])
  expect(lost).toHaveLength(1)
})

test('who arrives while the room is being told is not forgotten for its older answer', async () => {
  const { told, teller, pass } = isolate(() => 0)
  teller.committed(TENANT, 1)
  teller.arrived(TENANT)
  await pass(300)
  teller.committed(TENANT, 2)
  await pass(0)
  expect(told.map(({ seq }) => seq)).toEqual([1, 2])
})
