// Values as answers: what a form fills in by itself, as a document or a row begins.
import { type Answers, canonicalNumber } from './canonical.ts'
import { pointsOf, READINGS, type Value } from './expression/values.ts'
import type { FieldType } from './field-types.ts'
import type { Field } from './schema.ts'
import type { Circumstances } from './scope.ts'
import { dateTimeText } from './time.ts'

const MINUTE_MS = 60_000

/** A document or a row as it begins, before anything is computed: constants, and what the device notes. Groups lie
 *  flat. */
export function firstRow(fields: readonly Field[], { now, offsetMinutes = 0 }: Circumstances): Answers {
  const clock = now === undefined ? undefined : momentOf(now, offsetMinutes)
  const row: Answers = {}
  const fill = (within: readonly Field[]) => {
    for (const field of within) {
      const answer = firstAnswer(field, clock)
      if (answer !== undefined) row[field.id] = answer
      if (field.type === 'group') fill(field.fields ?? [])
    }
  }
  fill(fields)
  return row
}

/** The moment with its offset from UTC, and as it is typed: `2026-03-17T09:30`. */
interface Moment {
  readonly instant: string
  readonly clock: string
}

export function momentOf(now: number, offsetMinutes: number): Moment | undefined {
  const instant = dateTimeText(now + offsetMinutes * MINUTE_MS, offsetMinutes)
  return instant === undefined ? undefined : { instant, clock: instant.slice(0, 16) }
}

function firstAnswer({ type, default: first }: Field, moment: Moment | undefined): unknown {
  const day = moment?.clock.slice(0, 10)
  if (type === 'start' || type === 'timestamp') return moment?.instant
  if (type === 'today' || (type === 'date' && (first === 'today' || first === 'now'))) return day
  if (first === 'now' && type === 'time') return moment?.clock.slice(11)
  if (type === 'datetime' && (first === 'today' || first === 'now')) return moment?.clock
  if (Array.isArray(first)) return first
  // An object is an expression, which is computed once there is something to compute it from.
  const isPlain = typeof first === 'string' || typeof first === 'number' || typeof first === 'boolean'
  return isPlain ? answerFrom(type, first) : undefined
}

const NUMBERS: ReadonlySet<FieldType> = new Set<FieldType>(['number', 'integer', 'decimal', 'range'])

/** A value as the answer of a field of this type; `undefined` when it says nothing. */
export function answerFrom(type: FieldType, value: Value): unknown {
  const text = READINGS.xlsform.text(value)
  if (text.trim() === '' || (typeof value === 'number' && !Number.isFinite(value))) return undefined
  if (NUMBERS.has(type)) return canonicalNumber(text) ?? text
  if (type === 'select_multiple' || type === 'rank') return READINGS.xlsform.items(value)
  if (type === 'acknowledge') return text === 'OK' || text === 'true' ? true : undefined
  if (type === 'geopoint') return pointsOf(value)[0]
  if (type === 'geotrace' || type === 'geoshape') return pointsOf(value)
  return typeof value === 'object' ? text : value
}
