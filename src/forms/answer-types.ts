// What an answer of each field type may look like, one answer at a time. Accepts every spelling that canonical.ts
// reads. Whether the answer had to be there, and the rows of a repeat, are validate.ts's matter.
import {
  canonicalChoice,
  canonicalInstant,
  canonicalNumber,
  canonicalSelectOther,
  isObject,
  OTHER,
} from './canonical.ts'
import type { FieldType } from './field-types.ts'
import { instantOf, isDate, isTime } from './time.ts'

/** `required`: nothing was answered. `type`: not the JSON type or spelling of the field. `option`: not a listed or
 *  offered option. `range`: a quantity out of bounds. `count`: too few or too many rows. `constraint`: refused by the
 *  rule that the author wrote. */
export type FaultCode = 'required' | 'type' | 'option' | 'range' | 'count' | 'constraint'

/** What is wrong with one answer. `message` continues "Field 'x' …". */
export interface Problem {
  readonly code: FaultCode
  readonly message: string
}

/** Looks at one answer that is not empty; `options` holds the option values of a select field. */
export type AnswerCheck = (value: unknown, options: ReadonlySet<string>) => Problem | undefined

const QUOTED_LENGTH = 60

const wrongType = (message: string): Problem => ({ code: 'type', message })
const outOfRange = (message: string): Problem => ({ code: 'range', message })

const unlisted = (value: string): Problem => ({
  code: 'option',
  message: `has no option '${value.length > QUOTED_LENGTH ? `${value.slice(0, QUOTED_LENGTH)}…` : value}'`,
})

/** A check that refuses with always the same problem. */
const accept =
  (accepts: (value: unknown) => boolean, problem: Problem): AnswerCheck =>
  (value) =>
    accepts(value) ? undefined : problem

const anything: AnswerCheck = () => undefined
const text = accept((value) => typeof value === 'string', wrongType('must be text'))

const date = accept((value) => typeof value === 'string' && isDate(value), wrongType('must be a date, YYYY-MM-DD'))

const instant = (message: string): AnswerCheck =>
  accept((value) => typeof value === 'string' && instantOf(value) !== undefined, wrongType(message))

const NOT_A_NUMBER = wrongType('must be a number')
const numeric = accept((value) => canonicalNumber(value) !== undefined, NOT_A_NUMBER)
const NOT_CHOICES = wrongType('must be a list of option values')

const selectOne: AnswerCheck = (value, options) => {
  const choice = canonicalChoice(value)
  if (choice === undefined) return wrongType('must be the value of one option')
  return options.has(choice) ? undefined : unlisted(choice)
}

const selectMultiple: AnswerCheck = (value, options) => {
  if (!Array.isArray(value)) return NOT_CHOICES
  for (const item of value) {
    const choice = canonicalChoice(item)
    if (choice === undefined) return NOT_CHOICES
    if (!options.has(choice)) return unlisted(choice)
  }
  return undefined
}

const rank: AnswerCheck = (value, options) => {
  const problem = selectMultiple(value, options)
  if (problem !== undefined || !Array.isArray(value)) return problem
  return new Set(value.map(canonicalChoice)).size === value.length ? undefined : wrongType('must rank an option once')
}

const selectOneOther: AnswerCheck = (value, options) => {
  const answer = canonicalSelectOther(value)
  if (!answer) return wrongType('must be an option value or {selection, other_text}')
  return answer.selection === OTHER || options.has(answer.selection) ? undefined : unlisted(answer.selection)
}

const NOT_A_POSITION = wrongType('must be an object with the numbers latitude and longitude')
const LATITUDE = outOfRange('latitude must be between -90 and 90')
const LONGITUDE = outOfRange('longitude must be between -180 and 180')
const NEGATIVE_ACCURACY = outOfRange('accuracy must not be negative')
const NOT_A_MEASURE = wrongType('altitude, accuracy, speed and heading must be numbers')
const NOT_A_MOMENT = wrongType('timestamp and captured_at must be ISO 8601 date-times')

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === ''
const isMeasure = (value: unknown): boolean => typeof value === 'number' || value === undefined || value === null
const isMoment = (value: unknown): boolean => isAbsent(value) || canonicalInstant(value) !== undefined

const position = (value: unknown): Problem | undefined => {
  if (!isObject(value)) return NOT_A_POSITION
  const { latitude, longitude, accuracy } = value
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return NOT_A_POSITION
  if (!(latitude >= -90 && latitude <= 90)) return LATITUDE
  if (!(longitude >= -180 && longitude <= 180)) return LONGITUDE
  if (!isMeasure(accuracy) || !isMeasure(value.altitude)) return NOT_A_MEASURE
  if (typeof accuracy === 'number' && accuracy < 0) return NEGATIVE_ACCURACY
  // Below zero, speed and heading are how phones say "unknown", so only their type is looked at.
  if (!isMeasure(value.speed) || !isMeasure(value.heading)) return NOT_A_MEASURE
  if (!isMoment(value.timestamp) || !isMoment(value.captured_at)) return NOT_A_MOMENT
  return undefined
}

/** The first bad point only: a recorder that misspells one point misspells thousands. */
const positions = (points: readonly unknown[]): Problem | undefined => {
  for (const [index, point] of points.entries()) {
    const problem = position(point)
    if (problem !== undefined) return { code: problem.code, message: `point ${index + 1} ${problem.message}` }
  }
  return undefined
}

const trace: AnswerCheck = (value) => (Array.isArray(value) ? positions(value) : wrongType('must be a list of points'))

const isQuantity = (value: unknown): boolean => isMeasure(value) && !(typeof value === 'number' && value < 0)
const isPause = (pause: unknown): boolean => isObject(pause) && isMoment(pause.paused_at) && isMoment(pause.resumed_at)

const route: AnswerCheck = (value) => {
  if (!isObject(value) || !Array.isArray(value.points)) return wrongType("must be an object with a list 'points'")
  if (!isMoment(value.started_at) || !isMoment(value.ended_at)) {
    return wrongType('started_at and ended_at must be ISO 8601 date-times')
  }
  if (!isQuantity(value.distance_meters) || !isQuantity(value.duration_seconds)) {
    return outOfRange('distance_meters and duration_seconds must be numbers of zero or more')
  }
  const pauses = value.pauses ?? []
  if (!Array.isArray(pauses) || !pauses.every(isPause)) {
    return wrongType('pauses must be a list of {paused_at, resumed_at} in ISO 8601; resumed_at may be missing')
  }
  return positions(value.points)
}

/** The check of a `range` field with these bounds; whether the answer is a whole number of steps is not looked at. */
export const rangeCheck = (start: number, end: number): AnswerCheck => {
  const [least, most] = start <= end ? [start, end] : [end, start]
  const problem = outOfRange(`must be between ${least} and ${most}`)
  return (value) => {
    const number = canonicalNumber(value)
    if (number === undefined) return NOT_A_NUMBER
    return number >= least && number <= most ? undefined : problem
  }
}

/** The check of each type. Text types take strings only. A hidden answer is whatever its default is and a media
 *  marker whatever the device calls its file, so they take any JSON. Source: contract 8.3 to 8.7 and section 9. */
export const ANSWER_CHECKS: Readonly<Record<FieldType, AnswerCheck>> = {
  text,
  textarea: text,
  email: text,
  phone: text,
  barcode: text,
  number: numeric,
  integer: accept((value) => Number.isInteger(canonicalNumber(value)), wrongType('must be a whole number')),
  decimal: numeric,
  range: numeric,
  date,
  time: accept((value) => typeof value === 'string' && isTime(value), wrongType('must be a time, HH:MM')),
  datetime: instant('must be a date and time, YYYY-MM-DDTHH:MM'),
  timestamp: instant('must be an ISO 8601 date-time'),
  start: instant('must be an ISO 8601 date-time'),
  end: instant('must be an ISO 8601 date-time'),
  today: date,
  deviceid: text,
  username: text,
  select_one: selectOne,
  select_multiple: selectMultiple,
  select_one_other: selectOneOther,
  rank,
  acknowledge: accept((value) => value === true || value === 'OK', wrongType("must be true or 'OK'")),
  group: accept(isObject, wrongType('must be an object')),
  repeat: accept(Array.isArray, wrongType('must be a list of rows')),
  calculated: accept((value) => typeof value !== 'object', wrongType('must be a number, text or null')),
  hidden: anything,
  photo: anything,
  audio: anything,
  video: anything,
  signature: anything,
  file: anything,
  note: anything,
  divider: anything,
  geopoint: position,
  geotrace: trace,
  geoshape: trace,
  route,
}
