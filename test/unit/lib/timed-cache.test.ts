// The cache forgets by age, by number and by weight, oldest first.
import { expect, test } from 'vitest'
import { TimedCache } from '../../../src/lib/timed-cache.ts'

test('an entry is there until its time is over', () => {
  const cache = new TimedCache<string>(10, 1_000)
  cache.set('a', 'one', 0)
  expect(cache.get('a', 999)).toBe('one')
  expect(cache.get('a', 1_000)).toBeUndefined()
  expect(cache.get('a', 0)).toBeUndefined()
})

test('above the number of entries the least recently written goes', () => {
  const cache = new TimedCache<number>(2, 1_000)
  cache.set('a', 1, 0)
  cache.set('b', 2, 0)
  cache.set('a', 3, 0)
  cache.set('c', 4, 0)
  expect(['a', 'b', 'c'].map((key) => cache.get(key, 0))).toEqual([3, undefined, 4])
})

test('above the weight as many go as it takes, but never the newest', () => {
  const cache = new TimedCache<string>(10, 1_000, { maxWeight: 5, weigh: (text) => text.length })
  cache.set('a', '11', 0)
  cache.set('b', '22', 0)
  cache.set('c', '333', 0)
  expect(['a', 'b', 'c'].map((key) => cache.get(key, 0))).toEqual([undefined, '22', '333'])
  cache.set('d', '4444444', 0)
  expect(['b', 'c', 'd'].map((key) => cache.get(key, 0))).toEqual([undefined, undefined, '4444444'])
  cache.delete('d')
  cache.set('e', '55555', 0)
  cache.set('e', '5', 0)
  cache.set('f', '6666', 0)
  expect(['e', 'f'].map((key) => cache.get(key, 0))).toEqual(['5', '6666'])
})

test('a prefix is forgotten as a whole', () => {
  const cache = new TimedCache<number>(10, 1_000)
  for (const key of ['t1/a', 't1/b', 't2/a']) cache.set(key, 1, 0)
  cache.deletePrefix('t1/')
  expect(['t1/a', 't1/b', 't2/a'].map((key) => cache.get(key, 0))).toEqual([undefined, undefined, 1])
})
