// Counters that see each answer once and keep little: what they say in the end is what there was.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChoiceTally, DayTally, NumberTally } from '../../src/domain/figures/tally.ts'
import { projectableKeys } from '../../src/domain/submissions/projection.ts'
import { zonedDays } from '../../src/lib/zoned-day.ts'

const numbers = (values: number[], whole = false) => {
  const tally = new NumberTally({ whole })
  for (const value of values) tally.add(value)
  return tally.result()
}

describe('numbers', () => {
  test('bins follow one another, hold every number between their edges, and are few', () => {
    const any = fc.oneof(
      fc.integer({ min: -1000, max: 1000 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => Math.abs(value) < 1e299),
      fc.integer({ min: -50, max: 50 }).map((value) => value / 10),
    )
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 60 }), (values) => {
        const { min, max, bins } = numbers(values)!
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)])
        expect(bins.length).toBeLessThanOrEqual(25)
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
        for (const [i, { from, to }] of bins.entries()) {
          expect(to).toBeGreaterThan(from)
          if (i > 0) expect(from).toBe(bins[i - 1]!.to)
        }
        const slack = Math.max(Math.abs(min), Math.abs(max)) * 1e-9
        expect(bins[0]!.from).toBeLessThanOrEqual(min + slack)
        expect(bins.at(-1)!.to).toBeGreaterThanOrEqual(max - slack)
      }),
    )
  })

  test('the order in which they come does not matter', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 1, maxLength: 40 }), (values) => {
        expect(numbers(values)).toEqual(numbers(values.toSorted((a, b) => a - b)))
      }),
    )
  })

  test('widths are ones that people count in', () => {
    expect(numbers([1, 2, 2, 3], true)!.bins).toEqual([
      { from: 1, to: 2, count: 1 },
      { from: 2, to: 3, count: 2 },
      { from: 3, to: 4, count: 1 },
    ])
    expect(numbers([18, 30, 77], true)!.bins.map(({ from }) => from)).toEqual(
      Array.from({ length: 13 }, (_, i) => 15 + 5 * i),
    )
    expect(numbers([0.1, 0.3, 0.7])!.bins[0]).toEqual({ from: 0.1, to: 0.15, count: 1 })
    // The smallest number there is vanishes when it is divided.
    expect(numbers([-5e-324, 24])!.bins.reduce((sum, { count }) => sum + count, 0)).toBe(2)
    expect(numbers([Number.NaN, Number.POSITIVE_INFINITY, 1e305])).toBeNull()
  })
})

test('options come in the order of the form, strangers behind them, and of very many the most frequent', () => {
  const few = new ChoiceTally([
    { value: 'b', label: 'Bee' },
    { value: 'a', label: 'Ant' },
  ])
  for (const value of ['a', 'x', 'y', 'y', 'a']) few.add(value)
  expect(few.result()).toEqual({
    options: [
      { value: 'b', label: 'Bee', count: 0 },
      { value: 'a', label: 'Ant', count: 2 },
      { value: 'y', label: null, count: 2 },
      { value: 'x', label: null, count: 1 },
    ],
    others: 0,
  })
  const many = new ChoiceTally([])
  for (let i = 0; i < 1000; i++) many.add(String(i % 300))
  const { options, others } = many.result()
  expect(options).toHaveLength(50)
  expect(options.reduce((sum, { count }) => sum + count, 0) + others).toBe(1000)
  expect(options[0]).toEqual({ value: '0', label: null, count: 4 })
})

test('days become months and then years when there are too many of them', () => {
  const count = (days: number) => {
    const tally = new DayTally()
    for (let i = 0; i < days; i++) tally.add(new Date(Date.UTC(2000, 0, 1 + i)).toISOString().slice(0, 10))
    return tally.result()
  }
  const sum = ({ days }: ReturnType<typeof count>) => days.reduce((all, { count }) => all + count, 0)
  expect([count(800).unit, count(801).unit, count(30_000).unit]).toEqual(['day', 'month', 'year'])
  for (const days of [800, 801, 30_000]) expect(sum(count(days))).toBe(days)
  expect(count(801).days[1]).toEqual({ day: '2000-02', count: 29 })
})

test('a moment has the day of the place, also where the clocks are changed', () => {
  for (const zone of ['Europe/Madrid', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia', 'UTC']) {
    const dayOf = zonedDays(zone)
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    const start = Date.UTC(2026, 2, 28)
    for (let ms = start; ms < start + 3 * 86_400_000; ms += 900_000) expect(dayOf(ms)).toBe(format.format(ms))
  }
})

test('a moment of the first years has its own day, and none of the last century', () => {
  expect(zonedDays('Africa/Dakar')(Date.parse('0001-06-15T12:00:00Z'))).toBe('0001-06-15')
  expect(zonedDays('Asia/Kathmandu')(Date.parse('0099-12-31T23:00:00Z'))).toMatch(/^0100-01-01|^0099-12-31/)
})

test('no statement asks for more keys than a function of D1 takes', () => {
  const keys = (count: number) => new Set(Array.from({ length: count }, (_, i) => `q${i}`))
  expect(projectableKeys(keys(31))).toHaveLength(31)
  expect(projectableKeys(keys(32))).toBeNull()
  expect(projectableKeys(keys(1))).toEqual(['q0', 'q0'])
  expect(projectableKeys(new Set(['a"b']))).toBeNull()
})
