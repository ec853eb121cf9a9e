// What a failed D1 call means: is this row at fault, or the database? The first is settled row by row, the second is
// weather: nothing is stored, nothing is lost, and the client may come again.
import { DeadlineError } from '../lib/deadline.ts'

const DATA_FAULT =
  /SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE|ERROR)|constraint failed|malformed JSON|datatype mismatch|string or blob too big|cannot store|too many SQL variables|statement too long/i
const WEATHER =
  /overloaded|SQLITE_BUSY|SQLITE_LOCKED|SQLITE_FULL|SQLITE_IOERR|locked|network|timed? ?out|internal error|reset because|storage operation exceeded|Isolate/i

/** Weather that comes without D1's own prefix. */
const CUT_OFF = /network connection lost|storage operation exceeded|reset because|cannot resolve D1/i

/** True when another row could have been stored: the statement's data broke a rule of the database. */
export function isDataFault(error: unknown): boolean {
  const text = textOf(error)
  return DATA_FAULT.test(text) && !WEATHER.test(text)
}

/** True when a UNIQUE rule was broken. */
export const isUniqueFault = (error: unknown): boolean => /UNIQUE constraint failed/i.test(textOf(error))

/** The columns of the UNIQUE rule that was broken (`users.tenant_id, users.username`), or null when none was. */
export const uniqueFaultOf = (error: unknown): string | null =>
  /UNIQUE constraint failed: ([\w., ]+)/i.exec(textOf(error))?.[1] ?? null

/** What a statement fails with whose sender assumed something that is not so: see IS_AS_ASSUMED in repositories.ts. */
export const ASSUMPTION_WRONG = 'assumption_wrong'
export const isWrongAssumption = (error: unknown): boolean => textOf(error).includes(ASSUMPTION_WRONG)

/** True for any failure that D1 itself reports. */
export const isD1Error = (error: unknown): boolean => /D1_|SQLITE_/.test(textOf(error))

/** True for weather: D1 reports that it can't just now, or said nothing in time. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof DeadlineError) return true
  return (isD1Error(error) || CUT_OFF.test(textOf(error))) && !isDataFault(error)
}

/** drizzle wraps the driver's error: the message with the reason is then the cause's. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}\n${textOf(error.cause)}`
}
