// Places as KML 2.2, a piece at a time: start, one text per placemark, end. Geometries in, text out.
// Source: OGC 07-147r2; elements stand in the order of its schema.
import { segmentsOf, type TrackPause, type TrackPoint } from './track.ts'
import { decimalText, escapeXml } from './xml.ts'

type Position = Pick<TrackPoint, 'latitude' | 'longitude' | 'altitude'>

export type KmlGeometry =
  | { readonly kind: 'point'; readonly point: Position }
  /** A single point is drawn as a point; so is each segment of one. */
  | { readonly kind: 'line'; readonly points: readonly TrackPoint[]; readonly pauses: readonly TrackPause[] }
  /** At least three points, closed or not. */
  | { readonly kind: 'area'; readonly points: readonly Position[] }

export interface KmlPlacemark {
  readonly name: string
  /** RFC 3339. */
  readonly when: string | null
  readonly data: Iterable<readonly [name: string, value: string]>
  readonly geometry: KmlGeometry
}

export const kmlStart = (name: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>${escapeXml(name)}</name>
`
export const KML_END = '</Document></kml>\n'

export function kmlPlacemark({ name, when, data, geometry }: KmlPlacemark): string {
  let text = `<Placemark><name>${escapeXml(name)}</name>`
  if (when !== null) text += `<TimeStamp><when>${escapeXml(when)}</when></TimeStamp>`
  let values = ''
  for (const [key, value] of data) values += `<Data name="${escapeXml(key)}"><value>${escapeXml(value)}</value></Data>`
  if (values !== '') text += `<ExtendedData>${values}</ExtendedData>`
  return `${text}${geometryText(geometry)}</Placemark>\n`
}

function geometryText(geometry: KmlGeometry): string {
  if (geometry.kind === 'point') return pointText(geometry.point)
  if (geometry.kind === 'area') return areaText(geometry.points)
  const parts = segmentsOf(geometry.points, geometry.pauses).map((points) =>
    points.length === 1
      ? pointText(points[0]!)
      : `<LineString><tessellate>1</tessellate>${altitudeMode(points)}${coordinates(points)}</LineString>`,
  )
  return parts.length === 1 ? parts[0]! : `<MultiGeometry>${parts.join('')}</MultiGeometry>`
}

const pointText = (point: Position): string => `<Point>${altitudeMode([point])}${coordinates([point])}</Point>`

function areaText(points: readonly Position[]): string {
  const [first, last] = [points[0]!, points.at(-1)!]
  const isClosed = first.latitude === last.latitude && first.longitude === last.longitude
  const ring = isClosed ? points : [...points, first]
  return `<Polygon>${altitudeMode(ring)}<outerBoundaryIs><LinearRing>${coordinates(ring)}</LinearRing></outerBoundaryIs></Polygon>`
}

/** Heights are drawn only where every point has one: those without would fall to the sea. */
const hasAltitudes = (points: readonly Position[]): boolean => points.every(({ altitude }) => altitude !== null)

const altitudeMode = (points: readonly Position[]): string =>
  hasAltitudes(points) ? '<altitudeMode>absolute</altitudeMode>' : ''

function coordinates(points: readonly Position[]): string {
  const withAltitude = hasAltitudes(points)
  let text = '<coordinates>'
  for (const [index, { latitude, longitude, altitude }] of points.entries()) {
    if (index > 0) text += ' '
    text += `${decimalText(longitude)},${decimalText(latitude)}`
    if (withAltitude) text += `,${decimalText(altitude!)}`
  }
  return `${text}</coordinates>`
}
