// Where a recorded track breaks: at the pauses of its recorder. Pure; how segments are written is for the formats.
// Source: contracts/native.md, section 12.3.
import { parseIsoTime } from './iso-time.ts'

/** A position in degrees and metres, with what the recorder noted beside it. */
export interface TrackPoint {
  readonly latitude: number
  readonly longitude: number
  readonly altitude: number | null
  readonly accuracy: number | null
  readonly speed: number | null
  readonly heading: number | null
  /** As the device wrote it: any text. */
  readonly timestamp: string | null
}

/** As the device wrote it. Without the moment of its end, it never ended. */
export interface TrackPause {
  readonly pausedAt: string | null
  readonly resumedAt: string | null
}

/** Both ends excluded: a point on either is still, or again, part of the track. */
interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The points in unbroken runs, none empty. Points recorded during a pause are left out; no run goes on from before a pause
 * to after it, also if nothing was recorded meanwhile. Points without a readable time stay with those before them.
 * Should all points stand in pauses, all are kept, those of each pause together.
 */
export function segmentsOf<Point extends Pick<TrackPoint, 'timestamp'>>(
  points: readonly Point[],
  pauses: readonly TrackPause[],
): Point[][] {
  const spans = spansOf(pauses)
  if (spans.length === 0) return points.length === 0 ? [] : [[...points]]
  const inPauses: Point[][] = []
  const segments: Point[][] = []
  let pause: Span | undefined
  let lastMs: number | undefined
  let broken = true
  for (const point of points) {
    const ms = millisecondsOf(point.timestamp)
    const within = ms === undefined ? undefined : spanAround(spans, ms)
    if (within !== undefined) {
      if (within === pause) inPauses.at(-1)!.push(point)
      else inPauses.push([point])
      pause = within
      broken = true
      continue
    }
    if (ms !== undefined) {
      if (lastMs !== undefined && isSpanBetween(spans, Math.min(lastMs, ms), Math.max(lastMs, ms))) broken = true
      lastMs = ms
    }
    if (broken) segments.push([point])
    else segments.at(-1)!.push(point)
    broken = false
  }
  return segments.length > 0 ? segments : inPauses
}

/** Ascending and apart. Pauses whose beginning nobody knows, or that did not last, are none. */
function spansOf(pauses: readonly TrackPause[]): Span[] {
  const spans: Span[] = []
  for (const { pausedAt, resumedAt } of pauses) {
    const fromMs = millisecondsOf(pausedAt)
    const toMs = millisecondsOf(resumedAt) ?? Number.POSITIVE_INFINITY
    if (fromMs !== undefined && fromMs < toMs) spans.push({ fromMs, toMs })
  }
  spans.sort((a, b) => a.fromMs - b.fromMs)
  const merged: Span[] = []
  for (const span of spans) {
    const last = merged.at(-1)
    if (last === undefined || span.fromMs >= last.toMs) merged.push(span)
    else if (span.toMs > last.toMs) merged[merged.length - 1] = { fromMs: last.fromMs, toMs: span.toMs }
  }
  return merged
}

function spanAround(spans: readonly Span[], ms: number): Span | undefined {
  const span = spans[firstFrom(spans, ms) - 1]
  return span !== undefined && ms < span.toMs ? span : undefined
}

function isSpanBetween(spans: readonly Span[], earlierMs: number, laterMs: number): boolean {
  const span = spans[firstFrom(spans, earlierMs)]
  return span !== undefined && span.toMs <= laterMs
}

/** Index of the first span that begins at `ms` or later. A device may send more pauses than can be looked at per point. */
function firstFrom(spans: readonly Span[], ms: number): number {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (spans[middle]!.fromMs < ms) low = middle + 1
    else high = middle
  }
  return low
}

const millisecondsOf = (text: string | null): number | undefined => (text === null ? undefined : parseIsoTime(text)?.ms)
