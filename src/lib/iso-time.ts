// Points in time as clients write them, ISO 8601 with or without an offset, and as we do. Without an offset it is UTC.

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/

export interface IsoTime {
  ms: number
  /** Minutes east of UTC as written; null when nothing was written. */
  offsetMin: number | null
  /** True for `2026-11-23`: a day, not a moment. */
  dateOnly: boolean
}

/** Beyond these, years are no longer written with four digits. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** Null when the text is no time, or one that the calendar doesn't have. */
export function parseIsoTime(text: string): IsoTime | null {
  const match = ISO.exec(text.trim())
  if (!match) return null
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  const parts = [year, month, day, hour ?? 0, minute ?? 0, second ?? 0].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const milliseconds = fraction ? Number(`0.${fraction}`) * 1000 : 0
  // A leap second is the next second's beginning; everything else must be what the calendar says it is.
  if (parts[3] > 23 || parts[4] > 59 || parts[5] > 60 || parts[1] < 1 || parts[1] > 12) return null
  // Not Date.UTC, which takes the year 26 for 1926.
  const midnight = new Date(0).setUTCFullYear(parts[0], parts[1] - 1, parts[2])
  if (new Date(midnight).getUTCDate() !== parts[2]) return null
  const offsetMin = offsetOf(zone)
  if (offsetMin !== null && Math.abs(offsetMin) > 18 * 60) return null
  const local = midnight + ((parts[3] * 60 + parts[4]) * 60 + parts[5]) * 1000 + Math.floor(milliseconds)
  const ms = local - (offsetMin ?? 0) * 60_000
  return ms < FIRST_MS || ms > LAST_MS ? null : { ms, offsetMin, dateOnly: hour === undefined }
}

function offsetOf(zone: string | undefined): number | null {
  if (zone === undefined) return null
  if (zone === 'Z' || zone === 'z') return 0
  const digits = zone.slice(1).replace(':', '')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)
  return zone[0] === '-' ? -minutes : minutes
}

const DAY_MS = 86_400_000
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'))
let lastDay = { day: Number.NaN, text: '' }

/**
 * How we write a moment of whole milliseconds: in UTC, with seconds or, unless they are none, milliseconds. A quarter of
 * what a Date takes for it: pages of feeds and exports hold thousands of times, mostly of one day. Throws RangeError
 * outside of what a Date can be.
 */
export function isoTime(ms: number): string {
  const day = Math.floor(ms / DAY_MS)
  if (day !== lastDay.day)
    lastDay = { day, text: new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length) }
  const ofDay = ms - day * DAY_MS
  const seconds = Math.floor(ofDay / 1000)
  const minutes = Math.floor(seconds / 60)
  const clock = `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`
  const fraction = ofDay % 1000 === 0 ? '' : `.${String(ofDay % 1000).padStart(3, '0')}`
  return `${lastDay.text}${clock}${fraction}Z`
}

export const isoTimeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms))
