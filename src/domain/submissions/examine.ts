// Holds answers against their form, at the time when they were given. Many clients write that time in UTC whatever
// their own clock shows, so it may say when without saying where; what depends on the date is judged accordingly.
import type { CompiledForm } from '../../forms/compile.ts'
import { type Examination, examineAnswers, type Fault } from '../../forms/validate.ts'
import type { IsoTime } from '../../lib/iso-time.ts'

/** The clocks of the Earth that are furthest behind and ahead of UTC, in minutes. */
const OUTERMOST_CLOCKS = [-12 * 60, 14 * 60]

/** `collected` is null when nobody said when; then today() and now() are not answered, and what needs them holds. */
export function examineCollected(
  form: CompiledForm,
  data: Record<string, unknown>,
  collected: IsoTime | null,
): Pick<Examination, 'faults' | 'issues'> {
  if (!collected) return examineAnswers(form, data)
  const at = (offsetMinutes: number) => examineAnswers(form, data, { now: collected.ms, offsetMinutes })
  const examined = at(collected.offsetMin ?? 0)
  const placeIsKnown = (collected.offsetMin ?? 0) !== 0
  if (placeIsKnown || examined.faults.length === 0 || !form.logic?.usesClock) return examined
  // It may have been tomorrow already where they live: a fault is what is wrong on every clock.
  const elsewhere = OUTERMOST_CLOCKS.map((minutes) => new Set(at(minutes).faults.map(identityOf)))
  const faults = examined.faults.filter((fault) => elsewhere.every((found) => found.has(identityOf(fault))))
  return { faults, issues: examined.issues }
}

const identityOf = ({ path, code }: Fault): string => `${code} ${path}`
