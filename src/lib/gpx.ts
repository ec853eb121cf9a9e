// Tracks as GPX 1.1, a piece at a time: start, one text per track, end. Points in, text out; which answers are tracks is
// for others. Source: contracts/native.md, section 12.3; https://www.topografix.com/GPX/1/1/gpx.xsd
import { parseIsoTime } from './iso-time.ts'
import { segmentsOf, type TrackPause, type TrackPoint } from './track.ts'
import { decimalText, escapeXml } from './xml.ts'

export interface GpxTrack {
  readonly name: string
  readonly description: string | null
  /** At least one. */
  readonly points: readonly TrackPoint[]
  readonly pauses: readonly TrackPause[]
}

export const GPX_START = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Fieldpost" xmlns="http://www.topografix.com/GPX/1/1">
`
export const GPX_END = '</gpx>\n'

/** One `<trk>`, broken into segments at its pauses. */
export function gpxTrack({ name, description, points, pauses }: GpxTrack): string {
  let text = `<trk><name>${escapeXml(name)}</name>`
  if (description !== null) text += `<desc>${escapeXml(description)}</desc>`
  for (const segment of segmentsOf(points, pauses)) {
    text += '<trkseg>\n'
    for (const point of segment) text += trackPoint(point)
    text += '</trkseg>'
  }
  return `${text}</trk>\n`
}

function trackPoint(point: TrackPoint): string {
  // The schema's longitudes end before 180, which is the same meridian as -180.
  const longitude = point.longitude === 180 ? -180 : point.longitude
  let text = `<trkpt lat="${decimalText(point.latitude)}" lon="${decimalText(longitude)}">`
  if (point.altitude !== null) text += `<ele>${decimalText(point.altitude)}</ele>`
  let extensions = ''
  if (point.timestamp !== null) {
    const time = dateTime(point.timestamp)
    if (time !== null) text += `<time>${time}</time>`
    else extensions += `<timestamp>${escapeXml(point.timestamp)}</timestamp>`
  }
  if (point.speed !== null) extensions += `<speed>${decimalText(point.speed)}</speed>`
  if (point.heading !== null) extensions += `<heading>${decimalText(point.heading)}</heading>`
  if (point.accuracy !== null) extensions += `<accuracy>${decimalText(point.accuracy)}</accuracy>`
  if (extensions !== '') text += `<extensions>${extensions}</extensions>`
  return `${text}</trkpt>\n`
}

const XSD_DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/
const XSD_MAX_OFFSET_MIN = 14 * 60

/** As it was written where XML Schema knows that spelling, else in UTC; null when it is no moment. */
function dateTime(text: string): string | null {
  const time = parseIsoTime(text)
  if (time === null || time.dateOnly) return null
  const isKnown = XSD_DATE_TIME.test(text) && Math.abs(time.offsetMin ?? 0) <= XSD_MAX_OFFSET_MIN
  return isKnown ? text : new Date(time.ms).toISOString()
}
