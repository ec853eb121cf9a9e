// Times as text: ours for those of the language.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime, parseIsoTime } from '../../../src/lib/iso-time.ts'

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

test('what was written is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      expect(parseIsoTime(isoTime(ms))).toEqual({ ms, offsetMin: 0, dateOnly: false })
    }),
  )
})
