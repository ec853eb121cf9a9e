// Which texts are points in time, and how we write one.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime, parseIsoTime } from '../../../src/lib/iso-time.ts'

const FIRST = new Date('0001-01-01T00:00:00Z')
const LAST = new Date('9999-12-31T23:59:59.999Z')

test('every moment of the years 1 to 9999 is read as it was written, with any offset', () => {
  const moments = fc.date({ min: FIRST, max: LAST, noInvalidDate: true })
  fc.assert(
    fc.property(moments, fc.integer({ min: -18 * 60, max: 18 * 60 }), (moment, offsetMin) => {
      const ms = moment.getTime()
      expect(parseIsoTime(moment.toISOString())).toEqual({ ms, offsetMin: 0, dateOnly: false })
      const local = new Date(ms + offsetMin * 60_000)
      fc.pre(local >= FIRST && local <= LAST)
      const two = (n: number) => String(n).padStart(2, '0')
      const at = Math.abs(offsetMin)
      const offset = `${offsetMin < 0 ? '-' : '+'}${two(Math.floor(at / 60))}:${two(at % 60)}`
      expect(parseIsoTime(local.toISOString().replace('Z', offset))).toEqual({ ms, offsetMin, dateOnly: false })
    }),
  )
})

test.each([
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+01:00',
  '9999-12-31T23:59:59-05:00',
  '2026-02-30T00:00:00Z',
  '2026-13-01',
  'yesterday',
])('%s is no time that could be written down again', (text) => {
  expect(parseIsoTime(text)).toBeNull()
})

test('years of two digits are what they say', () => {
  expect(new Date(parseIsoTime('0026-03-01')!.ms).toISOString()).toBe('0026-03-01T00:00:00.000Z')
})

const MAX_MS = 8.64e15
const anyMs = fc.oneof(fc.integer({ min: -MAX_MS, max: MAX_MS }), fc.integer({ min: 1.7e12, max: 1.9e12 }))

test('a moment is written as a Date writes it, but for milliseconds that are none, whichever came before', () => {
  fc.assert(
    fc.property(fc.array(anyMs, { minLength: 1, maxLength: 5 }), (moments) => {
      expect(moments.map(isoTime)).toEqual(moments.map((ms) => new Date(ms).toISOString().replace('.000Z', 'Z')))
    }),
    { examples: [[[0, -1, 86_399_999, 86_400_000, MAX_MS, -MAX_MS]]] },
  )
})

test('what is no moment is refused as a Date refuses it', () => {
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, MAX_MS + 86_400_000])
    expect(() => isoTime(ms)).toThrow(RangeError)
})
