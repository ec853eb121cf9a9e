// When a calendar day begins in a time zone. For date-only filters: "on the 17th" means the 17th where people work.

export const DAY_MS = 24 * 3_600_000

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, format)
  return format
}

/** Milliseconds that the zone's clocks are ahead of UTC at this moment. */
function offsetMsAt(timeZone: string, ms: number): number {
  const part: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(ms)) part[type] = Number(value)
  const local = new Date(Date.UTC(2000, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!))
  // Date.UTC takes the years before 100 for those of the 20th century.
  local.setUTCFullYear(part.year!, part.month! - 1, part.day!)
  return local.getTime() - Math.floor(ms / 1000) * 1000
}

/** The first moment, in the zone, of the day that begins at `utcMidnightMs` in UTC. */
export function dayStartMs(utcMidnightMs: number, timeZone: string): number {
  const before = offsetMsAt(timeZone, utcMidnightMs - DAY_MS)
  const after = offsetMsAt(timeZone, utcMidnightMs + DAY_MS)
  for (const offset of [before, after]) {
    const candidate = utcMidnightMs - offset
    if (offsetMsAt(timeZone, candidate) === offset) return candidate
  }
  // Clocks skip midnight that day: it begins at the moment they skip.
  return utcMidnightMs - before
}

/** For many moments: which day (`YYYY-MM-DD`) it was in the zone. */
export function zonedDays(timeZone: string): (ms: number) => string {
  // A day on which the clocks are not changed has one offset: asking the calendar for every moment would take long.
  const steady = new Map<number, number | null>()
  return (ms) => {
    const utcDay = Math.floor(ms / DAY_MS)
    let offset = steady.get(utcDay)
    if (offset === undefined) {
      const atStart = offsetMsAt(timeZone, utcDay * DAY_MS)
      offset = atStart === offsetMsAt(timeZone, (utcDay + 1) * DAY_MS) ? atStart : null
      steady.set(utcDay, offset)
    }
    return new Date(ms + (offset ?? offsetMsAt(timeZone, ms))).toISOString().slice(0, 10)
  }
}

/** Whether the runtime knows the zone. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone)
    return true
  } catch {
    return false
  }
}
