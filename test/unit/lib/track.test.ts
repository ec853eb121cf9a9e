// Where tracks break. The contract's cases, and properties over clocks and pauses that contradict each other.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIsoTime } from '../../../src/lib/iso-time.ts'
import { segmentsOf, type TrackPause } from '../../../src/lib/track.ts'
import { minute, timedPoint, trackPause, trackPoint } from '../../support/track-arbitraries.ts'

/** Minutes of the points of each segment; null is a point without a time. */
const segments = (points: (number | null)[], ...pauses: [number | null, number | null][]) =>
  segmentsOf(
    points.map((at) => timedPoint(at === null ? null : minute(at))),
    pauses.map(([from, to]) => ({
      pausedAt: from === null ? null : minute(from),
      resumedAt: to === null ? null : minute(to),
    })),
  ).map((segment) => segment.map(({ timestamp }) => (timestamp === null ? null : new Date(timestamp).getUTCMinutes())))

describe('a track', () => {
  test.each<[string, number[][] | (number | null)[][], ReturnType<typeof segments>]>([
    ['without pauses is one segment', segments([0, 1, 2]), [[0, 1, 2]]],
    ['without points has none', segments([], [1, 2]), []],
    [
      'case 86: breaks at a pause in which nothing was recorded',
      segments([0, 1, 5, 6], [2, 4]),
      [
        [0, 1],
        [5, 6],
      ],
    ],
    [
      'case 87: loses what was recorded in a pause',
      segments([0, 1, 2, 3, 4, 5, 6], [1, 5]),
      [
        [0, 1],
        [5, 6],
      ],
    ],
    ['case 87: ends with a pause that never ended', segments([0, 1, 2, 3], [1, null]), [[0, 1]]],
    [
      'keeps the points on both ends of a pause',
      segments([0, 2, 4, 6], [2, 4]),
      [
        [0, 2],
        [4, 6],
      ],
    ],
    ['breaks at each of several pauses', segments([0, 3, 6, 9], [7, 8], [1, 2], [4, 5]), [[0], [3], [6], [9]]],
    ['breaks once at pauses that overlap', segments([0, 3, 5, 9], [1, 4], [2, 6]), [[0], [9]]],
    ['keeps a point between two pauses that meet', segments([0, 3, 9], [1, 3], [3, 5]), [[0], [3], [9]]],
    ['does not break at a pause that did not last', segments([0, 2, 4], [2, 2], [3, 1]), [[0, 2, 4]]],
    ['does not break at a pause that began at no known time', segments([0, 2], [null, 1]), [[0, 2]]],
    [
      'keeps points without a time where they are',
      segments([0, null, 1, null, 5, null], [2, 4]),
      [
        [0, null, 1, null],
        [5, null],
      ],
    ],
    ['breaks also where its clock ran back over a pause', segments([8, 0], [2, 4]), [[8], [0]]],
    ['wholly within a pause is kept in one', segments([2, 3], [1, 5]), [[2, 3]]],
    ['wholly within a pause breaks at another in it', segments([1, 2], [0, null], [1, 2]), [[1], [2]]],
    ['wholly within two pauses is kept in two', segments([2, 6, 7], [1, 5], [5, 9]), [[2], [6, 7]]],
  ])('%s', (_, given, expected) => expect(given).toEqual(expected))
})

const ms = (text: string | null) => (text === null ? undefined : parseIsoTime(text)?.ms)

/** The contract's rule, word by word. */
const isWithin = (at: number, { pausedAt, resumedAt }: TrackPause): boolean => {
  const from = ms(pausedAt)
  return from !== undefined && from < at && at < (ms(resumedAt) ?? Number.POSITIVE_INFINITY)
}

const tracks = fc.tuple(fc.array(trackPoint, { maxLength: 30 }), fc.array(trackPause, { maxLength: 6 }))

test('any track: no segment bridges a pause', () => {
  fc.assert(
    fc.property(tracks, ([points, pauses]) => {
      for (const segment of segmentsOf(points, pauses)) {
        expect(segment).not.toEqual([])
        const times = segment.map(({ timestamp }) => ms(timestamp)).filter((at) => at !== undefined)
        for (let index = 1; index < times.length; index++) {
          const [low, high] = [times[index - 1]!, times[index]!].sort((a, b) => a - b) as [number, number]
          for (const pause of pauses) {
            const [from, to] = [ms(pause.pausedAt), ms(pause.resumedAt)]
            if (from === undefined || to === undefined || from >= to) continue
            expect(low <= from && to <= high).toBe(false)
          }
        }
      }
    }),
    { numRuns: 1000 },
  )
})

test('any track: exactly the points outside of pauses are there, in their order', () => {
  fc.assert(
    fc.property(tracks, ([points, pauses]) => {
      const outside = points.filter(({ timestamp }) => {
        const at = ms(timestamp)
        return at === undefined || !pauses.some((pause) => isWithin(at, pause))
      })
      expect(segmentsOf(points, pauses).flat()).toEqual(outside.length > 0 ? outside : points)
    }),
    { numRuns: 1000 },
  )
})

test('many points and many pauses take no time', () => {
  const at = (n: number) => new Date(n * 1000).toISOString()
  const points = Array.from({ length: 100_000 }, (_, index) => timedPoint(at(index * 4)))
  const pauses = Array.from({ length: 100_000 }, (_, index) => ({
    pausedAt: at(index * 4 + 1),
    resumedAt: at(index * 4 + 2),
  }))
  expect(segmentsOf(points, pauses)).toHaveLength(100_000)
})
