// Dates, times and instants as answers spell them. Reads and writes text only; display formats and time zones of
// people are for others.

const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?$/
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const MINUTE_MS = 60_000
/** The Gregorian calendar repeats every 400 years. */
const CYCLE_YEARS = 400
const CYCLE_MS = 146_097 * 86_400_000
const LONGEST_MOMENT = 64
export const DAY_MS = 86_400_000

/** A date, a time of day or both, as it was written: `clockMs` counts from midnight (a time) or from 1970 (the
 *  others) on the clock of the place where it was written, whose distance from UTC is known only if it was named. */
export interface Moment {
  readonly kind: 'date' | 'time' | 'datetime'
  readonly clockMs: number
  readonly offsetMinutes: number | undefined
}

/** Whether `text` is `YYYY-MM-DD` and such a day exists. Source: contract 8.3. */
export const isDate = (text: string): boolean => dayOf(text) !== undefined

/** Whether `text` is `HH:MM`, with optional seconds, fraction and offset. Source: contract 8.3. */
export const isTime = (text: string): boolean => timeOf(text) !== undefined

/** Epoch milliseconds of `YYYY-MM-DDTHH:MM` (or a space for the T), with optional seconds, fraction and offset;
 *  UTC when it names no offset. `undefined` when it is no such text. Source: contract 8.3 and 8.5. */
export function instantOf(text: string): number | undefined {
  const moment = dateTimeOf(text)
  return moment && moment.clockMs - (moment.offsetMinutes ?? 0) * MINUTE_MS
}

/** `text` as a date, a time or both; `undefined` when it is none of them. */
export function momentOf(text: string): Moment | undefined {
  const { length } = text
  if (length < 5 || length > LONGEST_MOMENT) return undefined
  if (text[2] === ':') return timeOf(text)
  if (text[4] !== '-') return undefined
  if (length > 10) return dateTimeOf(text)
  const clockMs = dayOf(text)
  return clockMs === undefined ? undefined : { kind: 'date', clockMs, offsetMinutes: undefined }
}

/** Milliseconds from `b` to `a`. Between two moments that both name an offset the instants count, else what the
 *  clocks showed: a date means the day at the place where it was written. `undefined` between a time of day and
 *  anything else. */
export function momentsApart(a: Moment, b: Moment): number | undefined {
  if ((a.kind === 'time') !== (b.kind === 'time')) return undefined
  const clocks = a.clockMs - b.clockMs
  if (a.offsetMinutes === undefined || b.offsetMinutes === undefined) return clocks
  return clocks - (a.offsetMinutes - b.offsetMinutes) * MINUTE_MS
}

/** `2026-03-17` for milliseconds from 1970 on any one clock; `undefined` outside the years 0 to 9999. */
export const dateText = (clockMs: number): string | undefined => isoText(clockMs)?.slice(0, 10)

/** `2026-03-17T09:30:00.000+02:00`; `undefined` outside the years 0 to 9999. */
export function dateTimeText(clockMs: number, offsetMinutes: number): string | undefined {
  const minutes = Math.abs(offsetMinutes)
  const two = (n: number) => String(Math.trunc(n)).padStart(2, '0')
  const offset = `${offsetMinutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
  return isoText(clockMs)?.replace('Z', offset)
}

function isoText(clockMs: number): string | undefined {
  // The bounds keep years at four digits; NaN fails both comparisons.
  return clockMs >= -62_167_219_200_000 && clockMs < 253_402_300_800_000 ? new Date(clockMs).toISOString() : undefined
}

function dateTimeOf(text: string): Moment | undefined {
  const separator = text[10]
  if (separator !== 'T' && separator !== ' ' && separator !== 't') return undefined
  const day = dayOf(text.slice(0, 10))
  const time = timeOf(text.slice(11))
  if (day === undefined || time === undefined) return undefined
  return { kind: 'datetime', clockMs: day + time.clockMs, offsetMinutes: time.offsetMinutes }
}

/** Epoch milliseconds at which a day starts in UTC. */
function dayOf(text: string): number | undefined {
  const parts = DATE.exec(text)
  if (parts === null) return undefined
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % CYCLE_YEARS === 0)
  const lastDay = month === 2 && isLeapYear ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0)
  if (day < 1 || day > lastDay) return undefined
  // Date.UTC takes years 0 to 99 for 1900 to 1999, so it is asked one cycle later.
  return Date.UTC(year + CYCLE_YEARS, month - 1, day) - CYCLE_MS
}

function timeOf(text: string): Moment | undefined {
  const parts = TIME.exec(text)
  if (parts === null) return undefined
  const [hours, minutes, seconds] = [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)]
  const [offsetHours, offsetMins] = [Number(parts[7] ?? 0), Number(parts[8] ?? 0)]
  if (hours > 23 || minutes > 59 || seconds > 59 || offsetHours > 23 || offsetMins > 59) return undefined
  const fractionMs = Number((parts[4] ?? '').slice(0, 3).padEnd(3, '0'))
  const offset = (offsetHours * 60 + offsetMins) * (parts[6] === '-' ? -1 : 1)
  const isPlaced = parts[5] !== undefined || parts[6] !== undefined
  return {
    kind: 'time',
    clockMs: (hours * 60 + minutes) * MINUTE_MS + seconds * 1000 + fractionMs,
    offsetMinutes: isPlaced ? offset : undefined,
  }
}
