// The one place that reads every shape in which clients send answers, so that validation, exports and the other
// dialects read the same submission alike. Stored answers stay as sent; whether a value is right for its field is
// validate.ts's matter.
import type { FieldType } from './field-types.ts'
import { instantOf } from './time.ts'

/** The answers of a submission, or of one row of a repeat, keyed by field id. */
export type Answers = Record<string, unknown>

/** Where an answer is found within its document or row: the groups around the field (outermost first) and its id. */
export interface Place {
  readonly id: string
  readonly groups: readonly string[]
}

/** The selection that stands for "none of the listed options". Source: contract 8.6. */
export const OTHER = '__other__'

/** A `select_one_other` answer in its canonical spelling. Source: contract 8.6. */
export interface SelectOther {
  selection: string
  other_text: string | null
}

/** Whether `value` is a JSON object, that is neither null nor a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether `value` says something. Missing, null, blank text, an empty list and an empty object do not; neither do
 *  the empty spellings of three types: a `select_one_other` without selection and text, a geopoint of two nulls, an
 *  acknowledgement of false.
 *  Source: contract section 9. */
export function isAnswered(type: FieldType, value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'string') return value.trim() !== ''
  if (typeof value !== 'object') return value !== false || type !== 'acknowledge'
  if (Array.isArray(value)) return value.length > 0
  if (type === 'select_one_other') return canonicalSelectOther(value) !== null
  if (type === 'geopoint' && isObject(value)) {
    if (value.latitude === null && value.longitude === null) return false
  }
  for (const key in value) if (Object.hasOwn(value, key)) return true
  return false
}

/** The answer at `place` in `row` (the document or one repeat row); where there is none, null if that was sent and
 *  else `undefined`. A client may nest a group's answers under the group's id or lay them flat: the innermost group
 *  that holds a non-null value wins, the row itself comes last. Answers outside the row are never seen.
 *  Source: contract 8.4. */
export function readAnswer(row: Answers, place: Place): unknown {
  if (place.groups.length === 0) return own(row, place.id)
  const holders = [row]
  for (const group of place.groups) {
    const nested = innermost(holders, group)
    if (isObject(nested)) holders.push(nested)
  }
  return innermost(holders, place.id)
}

/** `value` as a finite number: a number, or text that is a number as a whole ("25", " -1.5e3 "); the web client
 *  sends what was typed. `undefined` for everything else. Source: contract 8.3. */
export function canonicalNumber(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const text = value.trim()
    if (!NUMERIC.test(text)) return undefined
    return canonicalNumber(Number(text))
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** What an answer says, in one shape per kind: null when it says nothing, options as texts, positions as a list. */
export type AnswerValue =
  | null
  | boolean
  | number
  | string
  | { readonly kind: 'choices'; readonly values: readonly string[] }
  | { readonly kind: 'places'; readonly points: readonly Position[] }

/** One position of an answer; `altitude` and `accuracy` in metres where they were sent as numbers. */
export interface Position {
  readonly latitude: number
  readonly longitude: number
  readonly altitude: number | undefined
  readonly accuracy: number | undefined
}

/** What the answer of a field of this type says, for expressions. An open select says its selection, an
 *  acknowledgement `OK`. Media markers, groups and repeats say only that they are there, as the text or the list
 *  that was sent. Never throws; a value that does not suit the type says what it can. */
export function canonicalAnswer(type: FieldType, value: unknown): AnswerValue {
  if (!isAnswered(type, value)) return null
  if (type === 'select_one_other') return canonicalSelectOther(value)?.selection ?? null
  if (type === 'acknowledge') return value === true ? 'OK' : (canonicalChoice(value) ?? null)
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (isObject(value) && Array.isArray(value.points)) return { kind: 'places', points: positionsOf(value.points) }
  if (isSpatial(type)) return { kind: 'places', points: positionsOf(Array.isArray(value) ? value : [value]) }
  if (Array.isArray(value)) return { kind: 'choices', values: value.flatMap((item) => canonicalChoice(item) ?? []) }
  return null
}

const isSpatial = (type: FieldType): boolean => type === 'geopoint' || type === 'geotrace' || type === 'geoshape'

function positionsOf(points: readonly unknown[]): Position[] {
  const positions: Position[] = []
  for (const point of points) {
    if (!isObject(point)) continue
    const { latitude, longitude } = point
    if (typeof latitude !== 'number' || typeof longitude !== 'number') continue
    positions.push({ latitude, longitude, altitude: numberOf(point.altitude), accuracy: numberOf(point.accuracy) })
  }
  return positions
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** `value` as the value of an option: text, or a number in its decimal spelling; else `undefined`. */
export function canonicalChoice(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : undefined
}

/** A `select_one_other` answer as `{ selection, other_text }`. Reads a plain option value,
 *  `{ selection, other_text }` and `{ choice, other }`; a text without a selection selects `OTHER`.
 *  `null` when nothing is selected or written, `undefined` when it is none of these shapes.
 *  Whether the selection is listed is not looked at. Source: contract 8.6. */
export function canonicalSelectOther(value: unknown): SelectOther | null | undefined {
  if (!isObject(value)) {
    const selection = canonicalChoice(value ?? '')
    if (selection === undefined) return undefined
    return selection.trim() === '' ? null : { selection, other_text: null }
  }
  const selection = canonicalChoice(own(value, 'selection') ?? own(value, 'choice') ?? '')
  const text = canonicalChoice(own(value, 'other_text') ?? own(value, 'other') ?? '')
  if (selection === undefined || text === undefined) return undefined
  const other_text = text.trim() === '' ? null : text
  if (selection.trim() !== '') return { selection, other_text }
  if (other_text !== null) return { selection: OTHER, other_text }
  for (const key in value) if (!SELECT_OTHER_KEYS.has(key)) return undefined
  return null
}

/** A point in time as epoch milliseconds: an ISO date and time, or a number that already counts milliseconds, as
 *  location services report it; else `undefined`. Source: contract 8.5. */
export function canonicalInstant(value: unknown): number | undefined {
  if (typeof value === 'string') return instantOf(value)
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

const SELECT_OTHER_KEYS: ReadonlySet<string> = new Set(['selection', 'other_text', 'choice', 'other'])
const NUMERIC = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

/** Field ids are free text, so `constructor` is one too: only the row's own keys are answers. */
const own = (row: Answers, id: string): unknown => (Object.hasOwn(row, id) ? row[id] : undefined)

function innermost(holders: readonly Answers[], id: string): unknown {
  let nothing: unknown
  for (let index = holders.length - 1; index >= 0; index--) {
    const value = own(holders[index]!, id)
    if (value !== undefined && value !== null) return value
    if (value === null) nothing = null
  }
  return nothing
}
