// GPX as the tracks that it tells of, and tracks to put into it.
import type { TrackPause, TrackPoint } from '../../src/lib/track.ts'
import { childText, named, type XmlElement } from './xml-reader.ts'

export interface ReadTrack {
  name: string
  segments: TrackPoint[][]
}

export const readTracks = (gpx: XmlElement): ReadTrack[] =>
  named(gpx, 'trk').map((track) => ({
    name: childText(track, 'name')!,
    segments: named(track, 'trkseg').map((segment) => segment.children.map(readPoint)),
  }))

function readPoint(element: XmlElement): TrackPoint {
  const extensions = element.children.find(({ name }) => name === 'extensions') ?? { ...element, children: [] }
  return {
    latitude: Number(element.attributes.lat),
    longitude: Number(element.attributes.lon),
    altitude: numberIn(element, 'ele'),
    accuracy: numberIn(extensions, 'accuracy'),
    speed: numberIn(extensions, 'speed'),
    heading: numberIn(extensions, 'heading'),
    timestamp: childText(element, 'time') ?? childText(extensions, 'timestamp') ?? null,
  }
}

function numberIn(element: XmlElement, name: string): number | null {
  const text = childText(element, name)
  return text === undefined ? null : Number(text)
}

export interface PausedTrack<Point> {
  points: Point[]
  pauses: TrackPause[]
  /** The same points, but for those of the pauses, in the pieces between them. */
  pieces: Point[][]
}

/** A track with a clock of its own, a point a second, and three pauses cut into it: one in which points were recorded,
 *  one between two points, one near the end. */
export function pausedTrack<Point extends object>(track: readonly Point[]): PausedTrack<Point & { timestamp: string }> {
  const at = (index: number) => new Date(Date.UTC(2026, 2, 17) + index * 1000).toISOString()
  const points = track.map((point, index) => ({ ...point, timestamp: at(index) }))
  const cuts = [
    [Math.floor(points.length / 5), Math.floor(points.length / 4)],
    [Math.floor(points.length / 2), Math.floor(points.length / 2) + 1],
    [points.length - 10, points.length - 2],
  ] as const
  const starts = [0, ...cuts.map(([, to]) => to)]
  const ends = [...cuts.map(([from]) => from + 1), points.length]
  return {
    points,
    pauses: cuts.map(([from, to]) => ({ pausedAt: at(from), resumedAt: at(to) })),
    pieces: starts.map((start, index) => points.slice(start, ends[index])),
  }
}
