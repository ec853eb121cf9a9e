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

/**
 * The points in unbroken runs, none empty. Points recorded during a pause are left out; no run goes on from before a pause
 * to after it, also if nothing was recorded meanwhile. Points without a readable time stay with those before them.
 * Should all points stand in pauses, all are kept, and still no run goes on from one pause to another or across one.
 */
export function segmentsOf<Point extends Pick<TrackPoint, 'timestamp'>>(
  points: readonly Point[],
  pauses: readonly TrackPause[],
): Point[][] {
  const timeline = new PauseTimeline(pauses)
  if (timeline.isEmpty) return points.length === 0 ? [] : [[...points]]
  const inPauses = new Runs<Point>()
  const outside = new Runs<Point>()
  let pause: Span | undefined
  for (const point of points) {
    const ms = millisecondsOf(point.timestamp)
    const within = ms === undefined ? undefined : timeline.around(ms)
    if (within === undefined) outside.add(point, ms, timeline)
    else {
      if (within !== pause) inPauses.break()
      inPauses.add(point, ms, timeline)
      outside.break()
    }
    pause = within
  }
  return outside.runs.length > 0 ? outside.runs : inPauses.runs
}

/** Points, in a new run wherever there is a pause between one and the next. */
class Runs<Point> {
  readonly runs: Point[][] = []
  #isBroken = true
  #lastMs: number | undefined

  break(): void {
    this.#isBroken = true
  }

  add(point: Point, ms: number | undefined, timeline: PauseTimeline): void {
    if (ms !== undefined) {
      if (this.#lastMs !== undefined && timeline.isPauseBetween(this.#lastMs, ms)) this.#isBroken = true
      this.#lastMs = ms
    }
    if (this.#isBroken) this.runs.push([point])
    else this.runs.at(-1)!.push(point)
    this.#isBroken = false
  }
}

/** Both ends excluded: a point on either is still, or again, part of the track. */
interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** A device may send more pauses than can be looked at one by one for each point. */
class PauseTimeline {
  /** Ascending by their beginning; they may overlap. */
  readonly #spans: readonly Span[]
  /** For each span, the first end of it and all that begin later. */
  readonly #firstEnds: readonly number[]
  /** The same time in spans that are apart. */
  readonly #merged: readonly Span[]

  /** Pauses whose beginning nobody knows, or that did not last, are none. */
  constructor(pauses: readonly TrackPause[]) {
    const spans: Span[] = []
    for (const { pausedAt, resumedAt } of pauses) {
      const fromMs = millisecondsOf(pausedAt)
      const toMs = millisecondsOf(resumedAt) ?? Number.POSITIVE_INFINITY
      if (fromMs !== undefined && fromMs < toMs) spans.push({ fromMs, toMs })
    }
    spans.sort((a, b) => a.fromMs - b.fromMs)
    const firstEnds: number[] = new Array(spans.length)
    for (let index = spans.length - 1, end = Number.POSITIVE_INFINITY; index >= 0; index--) {
      end = Math.min(end, spans[index]!.toMs)
      firstEnds[index] = end
    }
    const merged: Span[] = []
    for (const span of spans) {
      const last = merged.at(-1)
      if (last === undefined || span.fromMs >= last.toMs) merged.push(span)
      else if (span.toMs > last.toMs) merged[merged.length - 1] = { fromMs: last.fromMs, toMs: span.toMs }
    }
    this.#spans = spans
    this.#firstEnds = firstEnds
    this.#merged = merged
  }

  get isEmpty(): boolean {
    return this.#spans.length === 0
  }

  /** The time without recording that this moment lies in. */
  around(ms: number): Span | undefined {
    const span = this.#merged[firstFrom(this.#merged, ms) - 1]
    return span !== undefined && ms < span.toMs ? span : undefined
  }

  /** Whether any pause lies between two moments, in whatever order they are. */
  isPauseBetween(aMs: number, bMs: number): boolean {
    const end = this.#firstEnds[firstFrom(this.#spans, Math.min(aMs, bMs))]
    return end !== undefined && end <= Math.max(aMs, bMs)
  }
}

/** Index of the first span that begins at `ms` or later. */
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
