// Tracks and pauses as devices may send them: clocks that stand still or run back, times that are none, values at the
// edges.
import fc from 'fast-check'
import type { TrackPause, TrackPoint } from '../../src/lib/track.ts'

/** Few different moments, so that points and the ends of pauses meet. */
export const minute = (n: number): string => new Date(Date.UTC(2026, 2, 17, 9, n)).toISOString()
const moment = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 30 }).map(minute), weight: 9 }, fc.constant('yesterday'))
const measure = fc.option(fc.double({ noDefaultInfinity: true, noNaN: true }))
const degrees = (most: number) =>
  fc.oneof(
    fc.double({ min: -most, max: most, noNaN: true }),
    fc.constantFrom(-most, most, 0, -0, 1e-7, -1.5e-9, 5e-324),
  )

export const trackPoint: fc.Arbitrary<TrackPoint> = fc.record({
  latitude: degrees(90),
  longitude: degrees(180),
  altitude: measure,
  accuracy: measure,
  speed: measure,
  heading: measure,
  timestamp: fc.option(fc.oneof(moment, fc.string({ unit: 'binary' }))),
})

export const trackPause: fc.Arbitrary<TrackPause> = fc.record({
  pausedAt: fc.option(moment),
  resumedAt: fc.option(moment),
})

export const timedPoint = (timestamp: string | null, more: Partial<TrackPoint> = {}): TrackPoint => ({
  latitude: 46.1,
  longitude: 13.1,
  altitude: null,
  accuracy: null,
  speed: null,
  heading: null,
  timestamp,
  ...more,
})
