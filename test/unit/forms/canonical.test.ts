// Every accepted shape of an answer, read alike (contract 8.3 to 8.6). Whether it suits its field: validate.test.ts.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalInstant,
  canonicalNumber,
  canonicalSelectOther,
  isAnswered,
  OTHER,
  readAnswer,
} from '../../../src/forms/canonical.ts'

describe('reading an answer', () => {
  const city = { id: 'city', groups: ['addr'] }
  const deep = { id: 'x', groups: ['outer', 'inner'] }

  test('case 49: a child of a group is found nested and flat, and the nested one wins', () => {
    expect(readAnswer({ addr: { city: 'Dakar' } }, city)).toBe('Dakar')
    expect(readAnswer({ city: 'Thies' }, city)).toBe('Thies')
    expect(readAnswer({ addr: { city: 'Dakar' }, city: 'Thies' }, city)).toBe('Dakar')
  })

  test('a null in the group gives way to an answer at the top', () => {
    expect(readAnswer({ addr: { city: null }, city: 'Thies' }, city)).toBe('Thies')
    expect(readAnswer({ addr: null, city: 'Thies' }, city)).toBe('Thies')
    expect(readAnswer({ addr: { city: null } }, city)).toBeNull()
    expect(readAnswer({ addr: {} }, city)).toBeUndefined()
  })

  test.each([
    { outer: { inner: { x: 1 } } },
    { outer: { x: 1 } },
    { inner: { x: 1 } },
    { x: 1 },
    { outer: {}, inner: { x: 1 } },
    { outer: 'not an object', x: 1 },
  ])('in a group within a group, any level may have been laid flat: %j', (row) => {
    expect(readAnswer(row, deep)).toBe(1)
  })

  test('what every object inherits is not an answer', () => {
    expect(readAnswer({}, { id: 'constructor', groups: [] })).toBeUndefined()
    expect(readAnswer({ addr: {} }, { id: 'toString', groups: ['addr'] })).toBeUndefined()
    expect(readAnswer(JSON.parse('{"__proto__": "sent"}'), { id: '__proto__', groups: [] })).toBe('sent')
  })
})

describe('an answer that says nothing', () => {
  test.each([[undefined], [null], [''], [' \t\n'], [[]], [{}]])('%j is no answer', (value) => {
    expect(isAnswered('text', value)).toBe(false)
  })

  test.each([[0], [false], ['x'], [[null]], [{ a: null }]])('%j is an answer', (value) => {
    expect(isAnswered('text', value)).toBe(true)
  })

  test('a select with neither selection nor text and a position of nulls are no answers', () => {
    expect(isAnswered('select_one_other', { selection: '', other_text: null })).toBe(false)
    expect(isAnswered('select_one_other', { choice: null, other: ' ' })).toBe(false)
    expect(isAnswered('geopoint', { latitude: null, longitude: null })).toBe(false)
    expect(isAnswered('geopoint', { lat: 1, lng: 2 })).toBe(true)
  })
})

describe('a select with an open end', () => {
  test.each([
    ['x', { selection: 'x', other_text: null }],
    [3, { selection: '3', other_text: null }],
    [OTHER, { selection: OTHER, other_text: null }],
    [
      { selection: 'x', other_text: null },
      { selection: 'x', other_text: null },
    ],
    [
      { selection: OTHER, other_text: 'foo' },
      { selection: OTHER, other_text: 'foo' },
    ],
    [
      { choice: OTHER, other: 'foo' },
      { selection: OTHER, other_text: 'foo' },
    ],
    [{ choice: 'x' }, { selection: 'x', other_text: null }],
    [
      { selection: null, other_text: 'foo' },
      { selection: OTHER, other_text: 'foo' },
    ],
    [{ other: 'foo' }, { selection: OTHER, other_text: 'foo' }],
  ])('case 52: %j reads as %j', (value, expected) => {
    expect(canonicalSelectOther(value)).toEqual(expected)
  })

  test('nothing selected reads as null, and other shapes are not read', () => {
    for (const value of [null, undefined, '', ' ', {}, { selection: '', other_text: '' }]) {
      expect(canonicalSelectOther(value)).toBeNull()
    }
    for (const value of [true, ['x'], { value: 'x' }, { selection: ['x'] }, { selection: 'x', other_text: {} }]) {
      expect(canonicalSelectOther(value)).toBeUndefined()
    }
  })

  test('property: reading twice is reading once, whatever was sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = canonicalSelectOther(value)
        if (once) expect(canonicalSelectOther(once)).toEqual(once)
      }),
    )
  })
})

describe('numbers and moments', () => {
  test.each([
    [25, 25],
    ['25', 25],
    [' -1.5e3 ', -1500],
    ['.5', 0.5],
    ['5.', 5],
    ['+7', 7],
  ])('case 53: %j is the number %d', (value, expected) => {
    expect(canonicalNumber(value)).toBe(expected)
  })

  test.each(['abc', '12 apples', '', '1,5', '0x10', 'Infinity', '1e999', '1_000', true, null, Number.NaN])(
    'case 53: %j is no number',
    (value) => expect(canonicalNumber(value)).toBeUndefined(),
  )

  test('property: a number and its text read alike', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(fc.property(finite, (n) => Object.is(canonicalNumber(String(n)), n === 0 ? 0 : n)))
  })

  test('a moment is an ISO date-time, UTC unless it says otherwise, or milliseconds', () => {
    expect(canonicalInstant('2026-03-17T09:30:00Z')).toBe(Date.UTC(2026, 2, 17, 9, 30))
    expect(canonicalInstant('2026-03-17 09:30')).toBe(Date.UTC(2026, 2, 17, 9, 30))
    expect(canonicalInstant('2026-03-17T09:30:00.1239+05:30')).toBe(Date.UTC(2026, 2, 17, 4, 0, 0, 123))
    expect(canonicalInstant('2026-03-17T23:30-0100')).toBe(Date.UTC(2026, 2, 18, 0, 30))
    expect(canonicalInstant(1_773_739_800_000)).toBe(1_773_739_800_000)
    for (const value of [[1], '2026-02-29T10:00', '2026-03-17', '2026-03-17T24:00', 'yesterday', '', null, {}]) {
      expect(canonicalInstant(value)).toBeUndefined()
    }
  })

  test('property: a moment reads back from its ISO text', () => {
    const moments = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    })
    fc.assert(fc.property(moments, (date) => canonicalInstant(date.toISOString()) === date.getTime()))
  })
})
