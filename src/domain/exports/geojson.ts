// GeoJSON: a feature per spatial answer, with the other answers of its submission as properties.
// Source: contracts/native.md, section 12.2; RFC 7946.

import { readAnswer } from '../../forms/canonical.ts'
import { isoTime } from '../../lib/iso-time.ts'
import { streamOf } from '../../lib/stream.ts'
import type { TrackPoint } from '../../lib/track.ts'
import type { ExportedSubmission, ExportPlan, ExportSource, PropertyReader, WriteExport } from './model.ts'
import { type FoundAnswer, spatialAnswers } from './spatial.ts'

export const writeGeoJson: WriteExport = (plan, source) => streamOf(geoJsonBytes(plan, source))

export const geoJsonFileName = ({ slug }: ExportPlan): string => `${slug}_locations.geojson`

const encoder = new TextEncoder()

export async function* geoJsonBytes(
  plan: ExportPlan,
  source: ExportSource,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield encoder.encode('{"type":"FeatureCollection","features":[')
  let separator = '\n'
  if (plan.spatialFields.length > 0)
    for await (const page of source.pages({ media: plan.hasMediaFields })) {
      let text = ''
      for (const submission of page)
        for (const answer of spatialAnswers(submission)) {
          const feature = featureOf(submission, answer)
          if (feature === null) continue
          text += separator + feature
          separator = ',\n'
        }
      if (text !== '') yield encoder.encode(text)
    }
  yield encoder.encode('\n]}\n')
}

/** Null where the answer has too few points for its kind. */
function featureOf(submission: ExportedSubmission, answer: FoundAnswer): string | null {
  const geometry = geometryOf(answer)
  if (geometry === null) return null
  return `{"type":"Feature","geometry":${geometry},"properties":${propertiesOf(submission, answer)}}`
}

function geometryOf({ field, points }: FoundAnswer): string | null {
  switch (field.type) {
    case 'geopoint':
      return `{"type":"Point","coordinates":${position(points[0]!, true)}}`
    case 'geoshape': {
      const ring = ringOf(points)
      return ring && `{"type":"Polygon","coordinates":[[${ring.map((point) => position(point, false)).join(',')}]]}`
    }
    default: {
      if (points.length < 2) return null
      const withAltitude = field.type === 'route'
      let text = ''
      for (let i = 0; i < points.length; i++) text += (i === 0 ? '' : ',') + position(points[i]!, withAltitude)
      return `{"type":"LineString","coordinates":[${text}]}`
    }
  }
}

const position = ({ longitude, latitude, altitude }: TrackPoint, withAltitude: boolean): string =>
  withAltitude && altitude !== null ? `[${longitude},${latitude},${altitude}]` : `[${longitude},${latitude}]`

/** Closed, and counter-clockwise as RFC 7946 (3.1.6) wants it. Null for fewer than three corners. */
export function ringOf(points: readonly TrackPoint[]): TrackPoint[] | null {
  const [first, last] = [points[0]!, points.at(-1)!]
  const ring = [...points]
  if (first.latitude !== last.latitude || first.longitude !== last.longitude) ring.push(first)
  if (ring.length < 4) return null
  let twiceArea = 0
  for (let i = 1; i < ring.length; i++) {
    const [a, b] = [ring[i - 1]!, ring[i]!]
    twiceArea += a.longitude * b.latitude - b.longitude * a.latitude
  }
  return twiceArea < 0 ? ring.reverse() : ring
}

/** What every feature has; answers of fields with these ids give way. */
const BASE_KEYS: ReadonlySet<string> = new Set([
  'submission_id',
  'field_id',
  'field_label',
  'collected_at',
  'repeat_index',
  'repeat_path',
  'accuracy_m',
  'captured_at',
  'point_count',
  'timestamps',
  'started_at',
  'ended_at',
  'distance_meters',
  'duration_seconds',
  'pauses',
])

/** As JSON text. */
export function propertiesOf(submission: ExportedSubmission, answer: FoundAnswer): string {
  const { field, reader, row, repeatPath, repeatIndexes } = answer
  const collectedAt = submission.collectedAtMs === null ? null : isoTime(submission.collectedAtMs)
  const base: Record<string, unknown> = {
    submission_id: submission.id,
    field_id: field.fieldId,
    field_label: field.label,
    collected_at: collectedAt,
  }
  if (repeatPath !== '') {
    base.repeat_index = repeatIndexes.at(-1)
    base.repeat_path = repeatPath
  }
  Object.assign(base, ownProperties(answer))
  let text = JSON.stringify(base).slice(0, -1)
  const around = new Set(reader.repeats.map(({ id }) => id))
  for (const property of submission.reader.tableReader(0)!.properties)
    if (!around.has(property.place.id)) text += propertyText(property, submission.answers, submission, '')
  if (repeatPath !== '')
    for (const property of submission.reader.tableReader(reader.table)!.properties)
      text += propertyText(property, row, submission, repeatPath)
  return `${text}}`
}

function ownProperties({ field, points, ...route }: FoundAnswer): Record<string, unknown> {
  if (field.type === 'geopoint') return { accuracy_m: points[0]!.accuracy, captured_at: points[0]!.timestamp }
  if (field.type !== 'route')
    return { point_count: points.length, timestamps: points.map(({ timestamp }) => timestamp) }
  return {
    started_at: route.startedAt,
    ended_at: route.endedAt,
    distance_meters: route.distanceMeters,
    duration_seconds: route.durationSeconds,
    point_count: points.length,
    pauses: route.pauses.map(({ pausedAt, resumedAt }) => ({ paused_at: pausedAt, resumed_at: resumedAt })),
  }
}

function propertyText(
  { key, place, read }: PropertyReader,
  answers: Record<string, unknown>,
  submission: ExportedSubmission,
  repeatPath: string,
): string {
  if (BASE_KEYS.has(key)) return ''
  return `,${JSON.stringify(key)}:${JSON.stringify(read(readAnswer(answers, place), { submission, repeatPath }))}`
}
