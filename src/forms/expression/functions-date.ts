// Functions on dates and times. Source: ODK XForms specification, "Date and Time Functions". Names of months and days
// are English: which language a phone would show them in is not known here.
import { canonicalNumber } from '../canonical.ts'
import { DAY_MS, dateText, dateTimeText, type Moment, momentOf } from '../time.ts'
import type { FunctionSpec, Tools } from './toolkit.ts'
import type { Reading, Value } from './values.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MINUTE_MS = 60_000

/** A date or time that a value means: text that is one, or a number of days from 1970. */
function meant(value: Value, reading: Reading): Moment | undefined {
  const days = typeof value === 'number' ? value : canonicalNumber(reading.text(value))
  if (days === undefined) return momentOf(reading.text(value).trim())
  return Number.isFinite(days) ? { kind: 'datetime', clockMs: days * DAY_MS, offsetMinutes: undefined } : undefined
}

const atNow = ({ world, undecided }: Tools): number => world.now ?? undecided()

function asDate([value]: readonly Value[], { reading }: Tools): Value {
  const moment = meant(value!, reading)
  return (moment && moment.kind !== 'time' ? dateText(moment.clockMs) : undefined) ?? reading.blank
}

function asDateTime([value]: readonly Value[], { reading }: Tools): Value {
  const moment = meant(value!, reading)
  if (moment === undefined || moment.kind === 'time') return reading.blank
  return dateTimeText(moment.clockMs, moment.offsetMinutes ?? 0) ?? reading.blank
}

/** Days from 1970 in UTC; a clock without offset is taken for UTC. */
function decimalDateTime([value]: readonly Value[], { reading }: Tools): Value {
  const moment = meant(value!, reading)
  if (moment === undefined || moment.kind === 'time') return reading.number(null)
  return (moment.clockMs - (moment.offsetMinutes ?? 0) * MINUTE_MS) / DAY_MS
}

/** The part of the day that has passed on the clock where the time was written. */
function decimalTime([value]: readonly Value[], { reading }: Tools): Value {
  const moment = momentOf(reading.text(value!).trim())
  if (moment === undefined || moment.kind === 'date') return reading.number(null)
  return (((moment.clockMs % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS
}

const two = (n: number): string => String(n).padStart(2, '0')

const PARTS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  n: (date) => String(date.getUTCMonth() + 1),
  b: (date) => MONTHS[date.getUTCMonth()]!,
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()),
  a: (date) => DAYS[date.getUTCDay()]!,
  H: (date) => two(date.getUTCHours()),
  h: (date) => String(date.getUTCHours()),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  '3': (date) => String(date.getUTCMilliseconds()).padStart(3, '0'),
}

function format([value, pattern]: readonly Value[], { reading }: Tools): Value {
  const moment = meant(value!, reading)
  // Beyond the years that ISO dates name there is nothing to show.
  if (moment === undefined || dateText(moment.clockMs) === undefined) return ''
  const date = new Date(moment.clockMs)
  return reading.text(pattern!).replace(/%([A-Za-z0-9])/g, (written, part: string) => PARTS[part]?.(date) ?? written)
}

export const DATE_FUNCTIONS: Readonly<Record<string, FunctionSpec>> = {
  today: {
    min: 0,
    max: 0,
    clock: true,
    run: (_, tools) => dateText(atNow(tools) + tools.world.offsetMinutes * MINUTE_MS) ?? tools.reading.blank,
  },
  now: {
    min: 0,
    max: 0,
    clock: true,
    run(_, tools) {
      const { offsetMinutes } = tools.world
      return dateTimeText(atNow(tools) + offsetMinutes * MINUTE_MS, offsetMinutes) ?? tools.reading.blank
    },
  },
  date: { min: 1, max: 1, run: asDate },
  'date-time': { min: 1, max: 1, run: asDateTime },
  'decimal-date-time': { min: 1, max: 1, run: decimalDateTime },
  'decimal-time': { min: 1, max: 1, run: decimalTime },
  'format-date': { min: 2, max: 2, run: format },
  'format-date-time': { min: 2, max: 2, run: format },
}
