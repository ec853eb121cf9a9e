// Slices of a JSON source: whatever the white space, escapes and depth, each slice is exactly one element.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrayElementSpans } from '../../../src/lib/json-spans.ts'

const slices = (text: string, key?: string) =>
  arrayElementSpans(text, key)?.map(({ start, end }) => text.slice(start, end))

/** A generator of white space, drawn anew at each call. */
const spaced = fc.infiniteStream(fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 }))

/** Like JSON.stringify, with white space wherever the grammar allows it. */
const write = (value: unknown, space: () => string): string => {
  const around = (text: string) => `${space()}${text}${space()}`
  if (Array.isArray(value)) return around(`[${value.map((item) => write(item, space)).join(',') || space()}]`)
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, item]) => `${around(JSON.stringify(key))}:${write(item, space)}`)
    return around(`{${members.join(',') || space()}}`)
  }
  return around(JSON.stringify(value))
}

const withSpace = (stream: Iterator<string>) => () => stream.next().value as string

describe('arrayElementSpans', () => {
  test('each slice parses to its element, at the top level and under a key', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        spaced,
        (items, others, space) => {
          const list = write(items, withSpace(space))
          expect(slices(list)?.map((slice) => JSON.parse(slice))).toEqual(JSON.parse(list))

          const wrapped = write({ ...others, submissions: items, zero: 0 }, withSpace(space))
          const parsed = JSON.parse(wrapped)
          expect(slices(wrapped, 'submissions')?.map((slice) => JSON.parse(slice))).toEqual(parsed.submissions)
        },
      ),
    )
  })

  test('slices are exact: no white space around, everything inside as it was sent', () => {
    const text = ' [ {"a" :  1.50} , "]\\"," ,\n[ ] ,-0e+1,null\t,true, "\\\\" ] '
    expect(slices(text)).toEqual(['{"a" :  1.50}', '"]\\","', '[ ]', '-0e+1', 'null', 'true', '"\\\\"'])
    expect(slices('[]')).toEqual([])
    expect(slices('{"submissions":[ ]}', 'submissions')).toEqual([])
  })

  test('the last of a repeated key counts, however it is spelt', () => {
    const text = '{"submissions":[1],"a":{"submissions":[9]},"submissi\\u006fns" : [2, 3]}'
    expect(slices(text, 'submissions')).toEqual(['2', '3'])
    expect(JSON.parse(text).submissions).toEqual([2, 3])
    expect(slices('{"submissions":[1],"submissions":{}}', 'submissions')).toBeUndefined()
  })

  test.each(['{}', '{"other":[1]}', '{"submissions":"[1]"}', '"[1]"', '1', 'null'])('%s has no such array', (text) => {
    expect(slices(text, 'submissions')).toBeUndefined()
  })

  test('an object without a key to look under has no array', () => {
    expect(slices('{"submissions":[1]}')).toBeUndefined()
  })

  test('depth 100,000 and long runs of backslashes stay linear', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const text = `[${deep},"${'\\\\'.repeat(100_000)}",2]`
    const startMs = performance.now()
    expect(arrayElementSpans(text)).toEqual([
      { start: 1, end: 200_001 },
      { start: 200_002, end: 400_004 },
      { start: 400_005, end: 400_006 },
    ])
    expect(performance.now() - startMs).toBeLessThan(1000)
  })
})
