// Range and If-None-Match: the examples of RFC 9110 and the ways real headers go wrong.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { etagMatches, parseByteRange } from '../../../src/lib/byte-range.ts'

const range = (start: number, end: number) => ({ kind: 'range', start, end, length: end - start + 1 })
const none = { kind: 'none' }
const unsatisfiable = { kind: 'unsatisfiable' }

describe('parseByteRange of 10,000 bytes', () => {
  test.each([
    ['bytes=0-499', range(0, 499)],
    ['bytes=500-999', range(500, 999)],
    ['bytes=-500', range(9500, 9999)],
    ['bytes=9500-', range(9500, 9999)],
    ['bytes=0-0', range(0, 0)],
    ['bytes=-1', range(9999, 9999)],
    ['bytes=0-', range(0, 9999)],
    ['bytes=9999-20000', range(9999, 9999)],
    ['bytes=-20000', range(0, 9999)],
    ['Bytes= 1-2 ,', range(1, 2)],
    ['bytes=0-99999999999999999999999', range(0, 9999)],
    ['bytes=10000-', unsatisfiable],
    ['bytes=10000-10001', unsatisfiable],
    ['bytes=99999999999999999999999-', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    ['bytes=0-1,5-6', none],
    ['bytes=5-4', none],
    ['bytes=20000-19999', none],
    ['bytes=-', none],
    ['bytes=', none],
    ['bytes=a-b', none],
    ['bytes=1.5-2', none],
    ['bytes=+1-2', none],
    ['bytes=--1', none],
    ['bytes', none],
    ['lines=0-1', none],
    ['', none],
    [null, none],
    [undefined, none],
  ])('%s', (header, expected) => {
    expect(parseByteRange(header, 10_000)).toEqual(expected)
  })

  test('of an empty file there is no range', () => {
    expect(parseByteRange('bytes=0-', 0)).toEqual(unsatisfiable)
    expect(parseByteRange('bytes=0-0', 0)).toEqual(unsatisfiable)
    expect(parseByteRange('bytes=-5', 0)).toEqual(none)
  })

  test('a range always lies inside the file', () => {
    const bound = fc.option(fc.nat(40), { nil: '' })
    fc.assert(
      fc.property(bound, bound, fc.nat(30), (first, last, size) => {
        const parsed = parseByteRange(`bytes=${first}-${last}`, size)
        if (parsed.kind !== 'range') return
        expect(parsed.start).toBeGreaterThanOrEqual(0)
        expect(parsed.end).toBeLessThan(size)
        expect(parsed.length).toBe(parsed.end - parsed.start + 1)
        expect(parsed.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('etagMatches', () => {
  test.each([
    ['"abc"', '"abc"', true],
    ['W/"abc"', '"abc"', true],
    ['"abc"', 'W/"abc"', true],
    ['W/"1"', 'W/"2"', false],
    ['"x", W/"abc" ,"y"', '"abc"', true],
    ['"x,y", "z"', '"x,y"', true],
    ['"x"', '"y"', false],
    ['*', '"abc"', true],
    [' * ', '"abc"', true],
    ['"*"', '"abc"', false],
    ['abc', '"abc"', false],
    ['""', '""', true],
    ['', '"abc"', false],
    [null, '"abc"', false],
    [undefined, '"abc"', false],
  ])('If-None-Match: %s against %s is %s', (header, etag, expected) => {
    expect(etagMatches(header, etag)).toBe(expected)
  })
})
