// Dates, times and instants as answers spell them. Reads strings only; display formats and time zones of people
// are for others.

const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?$/
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const MINUTE_MS = 60_000
/** The Gregorian calendar repeats every 400 years. */
const CYCLE_YEARS = 400
const CYCLE_MS = 146_097 * 86_400_000

/** Whether `text` is `YYYY-MM-DD` and such a day exists. Source: contract 8.3. */
export const isDate = (text: string): boolean => dayOf(text) !== undefined

/** Whether `text` is `HH:MM`, with optional seconds, fraction and offset. Source: contract 8.3. */
export const isTime = (text: string): boolean => timeOf(text) !== undefined

/** Epoch milliseconds of `YYYY-MM-DDTHH:MM` (or a space for the T), with optional seconds, fraction and offset;
 *  UTC when it names no offset. `undefined` when it is no such text. Source: contract 8.3 and 8.5. */
export function instantOf(text: string): number | undefined {
  const separator = text[10]
  if (separator !== 'T' && separator !== ' ' && separator !== 't') return undefined
  const dayMs = dayOf(text.slice(0, 10))
  const timeMs = timeOf(text.slice(11))
  return dayMs === undefined || timeMs === undefined ? undefined : dayMs + timeMs
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

/** Milliseconds from midnight UTC, negative or beyond a day where the offset makes it so. */
function timeOf(text: string): number | undefined {
  const parts = TIME.exec(text)
  if (parts === null) return undefined
  const [hours, minutes, seconds] = [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)]
  const [offsetHours, offsetMinutes] = [Number(parts[6] ?? 0), Number(parts[7] ?? 0)]
  if (hours > 23 || minutes > 59 || seconds > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined
  const fractionMs = Number((parts[4] ?? '').slice(0, 3).padEnd(3, '0'))
  const offset = (offsetHours * 60 + offsetMinutes) * (parts[5] === '-' ? -1 : 1)
  return (hours * 60 + minutes - offset) * MINUTE_MS + seconds * 1000 + fractionMs
}
