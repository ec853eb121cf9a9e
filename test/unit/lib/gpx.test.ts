// GPX as a strict XML parser reads it: the rules of GPX 1.1, any values, and real tracks point by point.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordedTracks } from '../../../scripts/demo/tracks.ts'
import { GPX_END, GPX_START, type GpxTrack, gpxTrack } from '../../../src/lib/gpx.ts'
import type { TrackPoint } from '../../../src/lib/track.ts'
import { pausedTrack, readTracks } from '../../support/gpx-reader.ts'
import { minute, timedPoint, trackPause, trackPoint } from '../../support/track-arbitraries.ts'
import { childText, named, readXml, type XmlElement } from '../../support/xml-reader.ts'

const NAMESPACE = 'http://www.topografix.com/GPX/1/1'

const fileOf = (...tracks: Partial<GpxTrack>[]): string =>
  GPX_START +
  tracks.map((track) => gpxTrack({ name: 'a', description: null, points: [], pauses: [], ...track })).join('') +
  GPX_END

/** What gpx.xsd says of each element that we write: which may stand in it, in this order. */
const CONTENT: Record<string, string[]> = {
  gpx: ['trk'],
  trk: ['name', 'desc', 'trkseg'],
  trkseg: ['trkpt'],
  trkpt: ['ele', 'time', 'extensions'],
}
const DECIMAL = /^[+-]?\d+(\.\d+)?$/
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?(Z|[+-](0\d|1[0-4]):\d\d)?$/

function expectGpx(root: XmlElement): void {
  expect([root.name, root.attributes.version]).toEqual(['gpx', '1.1'])
  expect(root.attributes.creator).toBe('Fieldpost')
  const check = (element: XmlElement) => {
    expect(element.namespace).toBe(NAMESPACE)
    const order = CONTENT[element.name]
    if (order === undefined) return
    const places = element.children.map(({ name }) => order.indexOf(name))
    expect(places).toEqual(places.filter((place) => place >= 0).sort((a, b) => a - b))
    element.children.forEach(check)
  }
  check(root)
  for (const { attributes } of named(root, 'trkpt')) {
    expect(attributes.lat).toMatch(DECIMAL)
    expect(attributes.lon).toMatch(DECIMAL)
    expect(Math.abs(Number(attributes.lat))).toBeLessThanOrEqual(90)
    expect(Number(attributes.lon)).toBeGreaterThanOrEqual(-180)
    expect(Number(attributes.lon)).toBeLessThan(180)
  }
  for (const { text } of named(root, 'ele')) expect(text).toMatch(DECIMAL)
  for (const { text } of named(root, 'time')) expect(text).toMatch(DATE_TIME)
}

test('case 85: no tracks make an empty gpx element', () => {
  const root = readXml(fileOf())
  expectGpx(root)
  expect(root.children).toEqual([])
})

test('cases 86 and 88: a track with a pause, and names and times with markup in them', () => {
  const text = fileOf({
    name: '0199c1de — <&> "Walk"',
    description: 'hh[0]',
    points: [
      timedPoint(minute(0), { altitude: 12.5, speed: 1.25, heading: 270, accuracy: 4 }),
      timedPoint(minute(1)),
      timedPoint('</time><script>', { latitude: 1e-7 }),
      timedPoint('2026-03-17 09:05'),
      timedPoint(null, { longitude: 180 }),
    ],
    pauses: [{ pausedAt: minute(2), resumedAt: minute(4) }],
  })
  expectGpx(readXml(text))
  expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Fieldpost" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>0199c1de — &lt;&amp;&gt; &quot;Walk&quot;</name><desc>hh[0]</desc><trkseg>
<trkpt lat="46.1" lon="13.1"><ele>12.5</ele><time>2026-03-17T09:00:00.000Z</time><extensions><speed>1.25</speed><heading>270</heading><accuracy>4</accuracy></extensions></trkpt>
<trkpt lat="46.1" lon="13.1"><time>2026-03-17T09:01:00.000Z</time></trkpt>
<trkpt lat="0.0000001" lon="13.1"><extensions><timestamp>&lt;/time&gt;&lt;script&gt;</timestamp></extensions></trkpt>
</trkseg><trkseg>
<trkpt lat="46.1" lon="13.1"><time>2026-03-17T09:05:00.000Z</time></trkpt>
<trkpt lat="46.1" lon="-180"></trkpt>
</trkseg></trk>
</gpx>
`)
})

describe('times', () => {
  test.each([
    ['2026-03-17T09:30:00Z', '2026-03-17T09:30:00Z'],
    ['2026-03-17T09:30:00.1234567+05:45', '2026-03-17T09:30:00.1234567+05:45'],
    ['2026-03-17T09:30:00', '2026-03-17T09:30:00'],
    ['2026-03-17T09:30', '2026-03-17T09:30:00.000Z'],
    [' 2026-03-17 09:30:00+02 ', '2026-03-17T07:30:00.000Z'],
    ['2026-03-17T09:30:60Z', '2026-03-17T09:31:00.000Z'],
    ['2026-03-17T09:30:00+17:00', '2026-03-16T16:30:00.000Z'],
  ])('%s is %s', (timestamp, time) => {
    const [point] = named(readXml(fileOf({ points: [timedPoint(timestamp)] })), 'trkpt')
    expect(childText(point!, 'time')).toBe(time)
  })
})

test('any names, values and pauses make GPX that says the same', () => {
  const values = fc.record({
    name: fc.string({ unit: 'binary' }),
    points: fc.array(trackPoint, { minLength: 1, maxLength: 10 }),
    pauses: fc.array(trackPause, { maxLength: 3 }),
  })
  fc.assert(
    fc.property(values, (track) => {
      const root = readXml(fileOf(track))
      expectGpx(root)
      const read = readTracks(root)[0]!.segments.flat()
      expect(named(root, 'name')[0]!.text).toBe(asXml(track.name))
      const left = track.points.filter((point) => read.some((other) => isSame(point, other)))
      expect(left.length).toBeGreaterThanOrEqual(read.length)
      for (const point of read) expect(track.points.some((other) => isSame(other, point))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

/** What XML cannot hold is replaced. */
const asXml = (text: string): string =>
  text.toWellFormed().replace(/[\p{Cc}\ufffe\uffff]/gu, (char) => (isInXml(char) ? char : '\ufffd'))

const isInXml = (char: string): boolean => '\t\n\r'.includes(char) || (char >= ' ' && char < '\ufffe')

const isSame = (sent: TrackPoint, read: TrackPoint): boolean =>
  sent.latitude === read.latitude &&
  (sent.longitude === read.longitude || (sent.longitude === 180 && read.longitude === -180)) &&
  (['altitude', 'accuracy', 'speed', 'heading'] as const).every((key) => sent[key] === read[key]) &&
  (sent.timestamp === null ? read.timestamp === null : isSameTime(sent.timestamp, read.timestamp))

const isSameTime = (sent: string, read: string | null): boolean =>
  read !== null && (asXml(sent) === read || Date.parse(sent) === Date.parse(read))

const samples = process.env.FIELDPOST_SAMPLES ?? ''

describe.skipIf(!samples)('real tracks (FIELDPOST_SAMPLES)', () => {
  const tracks = samples === '' ? [] : recordedTracks(samples)
  const full = (point: Partial<TrackPoint>): TrackPoint => ({ ...timedPoint(null), ...point })

  test.each(tracks)('$name comes back as it was recorded', ({ route }) => {
    const points = route.points.map(full)
    expect(points.length).toBeGreaterThan(20)
    const root = readXml(fileOf({ points, pauses: [] }))
    expectGpx(root)
    expect(readTracks(root)[0]!.segments).toEqual([points])
  })

  test.each(tracks)('$name with pauses cut into it comes back in pieces, point by point', ({ route }) => {
    const { points, pauses, pieces } = pausedTrack(route.points.map(full))
    const root = readXml(fileOf({ points, pauses }))
    expectGpx(root)
    expect(readTracks(root)[0]!.segments).toEqual(pieces)
  })
})
