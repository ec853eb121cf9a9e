// KML as a strict XML parser reads it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KML_END, type KmlGeometry, type KmlPlacemark, kmlPlacemark, kmlStart } from '../../../src/lib/kml.ts'
import { minute, timedPoint, trackPause, trackPoint } from '../../support/track-arbitraries.ts'
import { named, readXml, type XmlElement } from '../../support/xml-reader.ts'

const fileOf = (...placemarks: (Partial<KmlPlacemark> & Pick<KmlPlacemark, 'geometry'>)[]): string =>
  kmlStart('Wells & springs') +
  placemarks.map((each) => kmlPlacemark({ name: 'a', when: null, data: [], ...each })).join('') +
  KML_END

const tuples = ({ text }: XmlElement): number[][] => text.split(' ').map((tuple) => tuple.split(',').map(Number))

test('a point, a walk with a pause and an area', () => {
  const at = (longitude: number, latitude: number, altitude: number | null = null) =>
    timedPoint(null, { longitude, latitude, altitude })
  const walk = [minute(0), minute(1), minute(5)].map((time, index) =>
    timedPoint(time, { longitude: index, altitude: 9 }),
  )
  const text = fileOf(
    {
      name: '<1>',
      when: minute(3),
      data: [['colour', 'red & "blue"']],
      geometry: { kind: 'point', point: at(13, 46, 7.5) },
    },
    { geometry: { kind: 'line', points: walk, pauses: [{ pausedAt: minute(2), resumedAt: minute(4) }] } },
    { geometry: { kind: 'area', points: [at(1, 1), at(2, 1, 5), at(2, 2)] } },
  )
  readXml(text)
  expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Wells &amp; springs</name>
<Placemark><name>&lt;1&gt;</name><TimeStamp><when>2026-03-17T09:03:00.000Z</when></TimeStamp><ExtendedData><Data name="colour"><value>red &amp; &quot;blue&quot;</value></Data></ExtendedData><Point><altitudeMode>absolute</altitudeMode><coordinates>13,46,7.5</coordinates></Point></Placemark>
<Placemark><name>a</name><MultiGeometry><LineString><tessellate>1</tessellate><altitudeMode>absolute</altitudeMode><coordinates>0,46.1,9 1,46.1,9</coordinates></LineString><Point><altitudeMode>absolute</altitudeMode><coordinates>2,46.1,9</coordinates></Point></MultiGeometry></Placemark>
<Placemark><name>a</name><Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
</Document></kml>
`)
})

const points = fc.array(trackPoint, { minLength: 3, maxLength: 8 })
const geometry: fc.Arbitrary<KmlGeometry> = fc.oneof(
  trackPoint.map((point) => ({ kind: 'point' as const, point })),
  fc
    .tuple(points, fc.array(trackPause, { maxLength: 2 }))
    .map(([line, pauses]) => ({ kind: 'line' as const, points: line, pauses })),
  points.map((area) => ({ kind: 'area' as const, points: area })),
)
const anyText = fc.string({ unit: 'binary' })

test('any names, values and geometries make KML whose shapes are whole', () => {
  const placemark = fc.record({ name: anyText, data: fc.array(fc.tuple(anyText, anyText), { maxLength: 3 }), geometry })
  fc.assert(
    fc.property(fc.array(placemark, { maxLength: 4 }), (placemarks) => {
      const root = readXml(fileOf(...placemarks))
      expect(named(root, 'Placemark')).toHaveLength(placemarks.length)
      expect(named(root, 'Data').map(({ children }) => children.map(({ name }) => name))).toEqual(
        placemarks.flatMap(({ data }) => data.map(() => ['value'])),
      )
      for (const line of named(root, 'LineString'))
        expect(tuples(named(line, 'coordinates')[0]!).length).toBeGreaterThan(1)
      for (const ring of named(root, 'LinearRing')) {
        const positions = tuples(ring)
        expect(positions.length).toBeGreaterThanOrEqual(3)
        expect(positions.at(-1)).toEqual(positions[0])
      }
      for (const position of named(root, 'coordinates').flatMap(tuples)) {
        expect([2, 3]).toContain(position.length)
        for (const number of position) expect(Number.isFinite(number)).toBe(true)
      }
    }),
  )
})
