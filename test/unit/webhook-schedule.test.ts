// When a delivery is tried again, and how a webhook stands after what it was sent.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_ATTEMPTS, parseRetryAfter, pauseAfter } from '../../src/domain/webhooks/schedule.ts'
import { MAX_FAILURES, standAfter } from '../../src/domain/webhooks/standing.ts'

const HOUR = 3_600_000

describe('pauseAfter', () => {
  test('keeps the promised pauses, and ends after the eighth attempt', () => {
    const pauses = Array.from({ length: 8 }, (_, i) => pauseAfter(i + 1, 0, null))
    expect(pauses).toEqual([30_000, 120_000, 600_000, HOUR, 6 * HOUR, 24 * HOUR, 48 * HOUR, null])
    expect(MAX_ATTEMPTS).toBe(8)
  })

  test('is never shorter than planned or asked for, and at most a tenth longer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 100 * HOUR })),
        (attempts, chance, asked) => {
          const planned = pauseAfter(attempts, 0, null)!
          const pause = pauseAfter(attempts, chance, asked)!
          const least = Math.max(planned, Math.min(asked ?? 0, 48 * HOUR))
          expect(pause).toBeGreaterThanOrEqual(least)
          expect(pause).toBeLessThanOrEqual(Math.ceil(least * 1.1))
        },
      ),
    )
  })
})

describe('parseRetryAfter', () => {
  const nowMs = Date.parse('2026-11-23T08:00:00Z')

  test.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Mon, 23 Nov 2026 08:00:10 GMT', 10_000],
    ['Mon, 23 Nov 2020 08:00:10 GMT', 0],
    [null, null],
    ['', null],
    ['-5', null],
    ['1.5', null],
    ['soon', null],
    ['99999999999999999999', null],
    ['Mon, 99 Foo 2026 08:00:10 GMT', null],
  ])('%j is %j', (header, expected) => {
    expect(parseRetryAfter(header, nowMs)).toBe(expected)
  })

  test('any text is a pause or nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const pause = parseRetryAfter(text, nowMs)
        expect(pause === null || (Number.isFinite(pause) && pause >= 0)).toBe(true)
      }),
    )
  })
})

describe('standAfter', () => {
  const outcomes = fc.array(fc.constantFrom(200, 204, 302, 404, 500, null).map((status) => ({ status })))
  const hook = { failureStreak: 0, stoppedBy: null }

  test('counts failures since the last success, however they come in rounds', () => {
    fc.assert(
      fc.property(fc.array(outcomes), (rounds) => {
        let streak = 0
        for (const round of rounds) streak = standAfter({ ...hook, failureStreak: streak }, round).failureStreak
        const all = rounds.flat()
        const last = all.findLastIndex(({ status }) => status === 200 || status === 204)
        expect(streak).toBe(all.length - 1 - last)
      }),
    )
  })

  test('pauses at the twentieth failure in a row, once', () => {
    const failed = [{ status: 500 }]
    expect(standAfter({ ...hook, failureStreak: MAX_FAILURES - 2 }, failed).turn).toBeNull()
    expect(standAfter({ ...hook, failureStreak: MAX_FAILURES - 1 }, failed).turn).toBe('paused')
    const broken = { failureStreak: MAX_FAILURES, stoppedBy: 'breaker' as const }
    expect(standAfter(broken, failed).turn).toBe('still_failing')
    expect(standAfter(broken, [{ status: 200 }])).toEqual({ failureStreak: 0, turn: 'resumed' })
    // A probe that found nothing left to tell says nothing of the receiver.
    expect(standAfter(broken, []).turn).toBeNull()
    expect(standAfter({ failureStreak: 3, stoppedBy: 'user' }, [{ status: 410 }]).turn).toBe('gone')
  })
})
