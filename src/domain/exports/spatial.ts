// The spatial answers of a submission, in one shape for every format that draws them. Points without a place on the
// globe are left out. Pure.
// Source: contracts/native.md, sections 8.3, 8.5, 12.2 and 12.3.
import { type Answers, isObject, readAnswer } from '../../forms/canonical.ts'
import type { SpatialType } from '../../forms/field-types.ts'
import type { TrackPause, TrackPoint } from '../../lib/track.ts'
import type { ExportedSubmission, SpatialAnswer, SpatialReader } from './model.ts'
import { eachRepeatRow } from './rows.ts'

/** A spatial answer with the row that it stands in: the document, or a row of a repeat. */
export interface FoundAnswer extends SpatialAnswer {
  readonly row: Answers
  readonly reader: SpatialReader
}

/** In schema order of the submission's version, then by row. Answers without a single valid point are not among them. */
export function spatialAnswers(submission: ExportedSubmission): FoundAnswer[] {
  const found: FoundAnswer[] = []
  for (const reader of submission.reader.spatial)
    eachRepeatRow(reader.repeats, submission, (row, repeatIndexes, repeatPath) => {
      const answer = geometryOf(reader.field.type, readAnswer(row, reader.place))
      if (answer !== null) found.push({ ...answer, field: reader.field, repeatPath, repeatIndexes, row, reader })
    })
  return found
}

type Geometry = Omit<SpatialAnswer, 'field' | 'repeatPath' | 'repeatIndexes'>

const NO_ROUTE = { startedAt: null, endedAt: null, distanceMeters: null, durationSeconds: null, pauses: [] }

/** What an answer of this type draws; null where it has not a single valid point. */
export function geometryOf(type: SpatialType, value: unknown): Geometry | null {
  if (type === 'route') return isObject(value) ? routeOf(value) : null
  const points = pointsOf(type === 'geopoint' ? [value] : value)
  return points.length === 0 ? null : { points, ...NO_ROUTE }
}

function routeOf(route: Record<string, unknown>): Geometry | null {
  const points = pointsOf(route.points)
  if (points.length === 0) return null
  return {
    points,
    startedAt: textOrNull(route.started_at),
    endedAt: textOrNull(route.ended_at),
    distanceMeters: numberOrNull(route.distance_meters),
    durationSeconds: numberOrNull(route.duration_seconds),
    pauses: Array.isArray(route.pauses) ? route.pauses.filter(isObject).map(pauseOf) : [],
  }
}

const pauseOf = (pause: Record<string, unknown>): TrackPause => ({
  pausedAt: textOrNull(pause.paused_at),
  resumedAt: textOrNull(pause.resumed_at),
})

function pointsOf(value: unknown): TrackPoint[] {
  const points: TrackPoint[] = []
  if (!Array.isArray(value)) return points
  for (const point of value) {
    if (!isObject(point)) continue
    const { latitude, longitude } = point
    if (typeof latitude !== 'number' || !(Math.abs(latitude) <= 90)) continue
    if (typeof longitude !== 'number' || !(Math.abs(longitude) <= 180)) continue
    points.push({
      latitude,
      longitude,
      altitude: numberOrNull(point.altitude),
      accuracy: numberOrNull(point.accuracy),
      speed: numberOrNull(point.speed),
      heading: numberOrNull(point.heading),
      timestamp: textOrNull(point.timestamp) ?? textOrNull(point.captured_at),
    })
  }
  return points
}

const numberOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

/** Location services also write moments as epoch milliseconds. */
function textOrNull(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value
  return typeof value === 'number' && Math.abs(value) <= MAX_DATE_MS ? new Date(value).toISOString() : null
}

/** What a `Date` can hold. */
const MAX_DATE_MS = 8.64e15
