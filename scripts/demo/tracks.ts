// Where the demo's tracks come from: recorded ones out of GPX files, and walked ones that it makes up. Reads no more of
// GPX than tracks; waypoints and everything that makers of devices have added are left out.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const EARTH_RADIUS_M = 6_371_008.8
const METERS_PER_DEGREE = (Math.PI / 180) * EARTH_RADIUS_M

export interface Point {
  latitude: number
  longitude: number
  /** Metres. */
  altitude?: number
  /** ISO 8601, as the recorder wrote it. Recorders without a clock write none. */
  timestamp?: string
}

/** The answer to a field of the type `route`. Source: contract 8.5. */
export interface Route {
  started_at?: string
  ended_at?: string
  distance_meters: number
  duration_seconds: number
  points: Point[]
  pauses: { paused_at: string; resumed_at: string }[]
}

export interface Track {
  name: string
  route: Route
}

/** Every `gpx/*.gpx` of the folder, by name. Files hold one track or several, which are one route with pauses here. */
export function recordedTracks(samples: string): Track[] {
  const folder = join(samples, 'gpx')
  const files = readdirSync(folder).filter((file) => file.endsWith('.gpx'))
  return files.sort().map((file) => ({
    name: basename(file, '.gpx'),
    route: routeOf(readSegments(readFileSync(join(folder, file), 'utf8'))),
  }))
}

/** Points of each `<trkseg>`, in the order of the file. */
function readSegments(gpx: string): Point[][] {
  const segments = [...gpx.matchAll(/<trkseg>(.*?)<\/trkseg>/gs)]
  return segments.map(([, segment = '']) =>
    [...segment.matchAll(/<trkpt\s([^>]*?)(?:\/>|>(.*?)<\/trkpt>)/gs)].map(([, attributes = '', content = '']) => {
      const elevation = /<ele>\s*([^<\s]+)/.exec(content)?.[1]
      const timestamp = /<time>\s*([^<\s]+)/.exec(content)?.[1]
      return {
        latitude: attributeOf(attributes, 'lat'),
        longitude: attributeOf(attributes, 'lon'),
        ...(elevation === undefined ? {} : { altitude: Number(elevation) }),
        ...(timestamp === undefined ? {} : { timestamp }),
      }
    }),
  )
}

function attributeOf(attributes: string, name: string): number {
  const value = new RegExp(`\\b${name}=["']([^"']+)["']`).exec(attributes)?.[1]
  if (value === undefined) throw new Error(`A track point has no ${name}: <trkpt ${attributes}>`)
  return Number(value)
}

/** Between segments nobody recorded: no distance and no time is counted there, and a gap in time becomes a pause. */
function routeOf(segments: Point[][]): Route {
  const route: Route = { distance_meters: 0, duration_seconds: 0, points: [], pauses: [] }
  for (const points of segments) {
    for (const [i, point] of points.entries()) if (i > 0) route.distance_meters += metersBetween(points[i - 1]!, point)
    route.points.push(...points)
    const [first, last] = [points[0]?.timestamp, points.at(-1)?.timestamp]
    // A clock that stands still tells the time of nothing.
    if (!first || !last || Date.parse(first) >= Date.parse(last)) continue
    if (route.ended_at && Date.parse(route.ended_at) < Date.parse(first))
      route.pauses.push({ paused_at: route.ended_at, resumed_at: first })
    route.started_at ??= first
    route.ended_at = last
    route.duration_seconds += (Date.parse(last) - Date.parse(first)) / 1000
  }
  route.distance_meters = Math.round(route.distance_meters)
  return route
}

/** Great-circle distance. */
function metersBetween(a: Point, b: Point): number {
  const [fromLat, toLat] = [radians(a.latitude), radians(b.latitude)]
  const chord =
    Math.sin((toLat - fromLat) / 2) ** 2 +
    Math.cos(fromLat) * Math.cos(toLat) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)))
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180

export interface Walk {
  name: string
  points: number
  intervalMs: number
  /** When the last point was taken, in epoch ms. */
  endMs: number
}

/** A winding walk at a metre a second, the same at every call. */
export function walkedTrack({ name, points: count, intervalMs, endMs }: Walk): Track {
  const stepM = intervalMs / 1000
  const startMs = endMs - (count - 1) * intervalMs
  let [latitude, longitude] = [46.4349, 13.7482]
  const points: Point[] = []
  for (let i = 0; i < count; i++) {
    const seconds = (i * intervalMs) / 1000
    points.push({
      latitude: rounded(latitude, 7),
      longitude: rounded(longitude, 7),
      altitude: rounded(1600 + 250 * Math.sin(seconds / 4000) + 5 * Math.sin(seconds / 90), 2),
      timestamp: new Date(startMs + i * intervalMs).toISOString(),
    })
    const heading = 0.9 * Math.sin(seconds / 300) + 2.5 * Math.sin(seconds / 3700)
    latitude += (stepM * Math.cos(heading)) / METERS_PER_DEGREE
    longitude += (stepM * Math.sin(heading)) / (METERS_PER_DEGREE * Math.cos(radians(latitude)))
  }
  return { name, route: routeOf([points]) }
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
