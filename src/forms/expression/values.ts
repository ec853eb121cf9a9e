// What expressions compute with, and how the dialects read one kind of value as another. This file is where they
// differ: contract 8.8 and 8.9 on one side, XPath 1.0 section 4 with the ODK extension for dates on the other.
import { type AnswerValue, canonicalNumber, type Position } from '../canonical.ts'
import { DAY_MS, type Moment, momentOf, momentsApart } from '../time.ts'
import type { CompareOperator, Dialect } from './syntax.ts'

/** The answers of one field in several rows. */
export interface Nodes {
  readonly kind: 'nodes'
  readonly values: readonly Value[]
}
export type Value = AnswerValue | Nodes

export const isNodes = (value: Value): value is Nodes =>
  typeof value === 'object' && value !== null && value.kind === 'nodes'

/** How one dialect reads values. */
export interface Reading {
  /** What a blank is: null, or ''. */
  readonly blank: null | ''
  /** What an answer is worth when an expression names it: to XPath every answer is text. */
  answer(value: Value): Value
  number(value: Value): number
  text(value: Value): string
  boolean(value: Value): boolean
  /** The items of a multiple choice. */
  items(value: Value): readonly string[]
  compare(op: CompareOperator, left: Value, right: Value): boolean
}

const XPATH_NUMBER = /^[ \t\r\n]*-?(?:\d+(?:\.\d*)?|\.\d+)[ \t\r\n]*$/

/** Days from 1970 to a date or a date and time, on the clock where it was written. */
function daysOf(text: string): number | undefined {
  const moment = momentOf(text)
  return moment === undefined || moment.kind === 'time' ? undefined : moment.clockMs / DAY_MS
}

/** The shortest decimal spelling without exponent, `NaN`, `Infinity`. Source: XPath 1.0 section 4.2. */
export function numberText(number: number): string {
  const text = String(number)
  const exponent = text.indexOf('e')
  if (exponent < 0) return text
  const shift = Number(text.slice(exponent + 1))
  const sign = number < 0 ? '-' : ''
  const [whole = '', fraction = ''] = text.slice(sign.length, exponent).split('.')
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - whole.length)}${whole}${fraction}`
  return `${sign}${whole}${fraction}${'0'.repeat(shift - fraction.length)}`
}

const pointText = ({ latitude, longitude, altitude, accuracy }: Position): string =>
  [latitude, longitude, altitude ?? 0, accuracy ?? 0].map(numberText).join(' ')

function textOf(value: Value, separator: string): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return String(value)
  if (value.kind === 'choices') return value.values.join(separator)
  if (value.kind === 'places') return value.points.map(pointText).join(';')
  return textOf(value.values[0] ?? null, separator)
}

/** Milliseconds from `right` to `left` where both are dates, both date-times or both times as `op` needs them. */
function apart(left: string, right: string): number | undefined {
  const [a, b] = [momentOf(left), momentOf(right)]
  return a && b && momentsApart(a, b)
}

const sameMoment = (left: string, right: string): boolean => {
  const [a, b] = [momentOf(left), momentOf(right)]
  return a !== undefined && b !== undefined && a.kind === b.kind && momentsApart(a, b) === 0
}

const isOrder = (op: CompareOperator): boolean => op !== '=' && op !== '!='

function ordered(op: CompareOperator, difference: number): boolean {
  if (op === '<') return difference < 0
  if (op === '<=') return difference <= 0
  if (op === '>') return difference > 0
  return difference >= 0
}

const XLSFORM: Reading = {
  blank: '',
  answer: (value) =>
    value === null || typeof value === 'number' || typeof value === 'boolean' ? textOf(value, ' ') : value,
  number(value) {
    if (typeof value === 'number') return value
    if (typeof value === 'boolean') return value ? 1 : 0
    const text = textOf(value, ' ')
    return XPATH_NUMBER.test(text) ? Number(text) : (daysOf(text) ?? Number.NaN)
  },
  text: (value) => textOf(value, ' '),
  boolean(value) {
    if (typeof value === 'boolean') return value
    if (typeof value === 'number') return value !== 0 && !Number.isNaN(value)
    return textOf(value, ' ') !== ''
  },
  items: (value) => splitItems(value, ' '),
  compare(op, left, right) {
    if (!isOrder(op)) {
      if (typeof left === 'boolean' || typeof right === 'boolean') {
        return (this.boolean(left) === this.boolean(right)) === (op === '=')
      }
      if (typeof left === 'number' || typeof right === 'number') {
        return (this.number(left) === this.number(right)) === (op === '=')
      }
      const [a, b] = [this.text(left), this.text(right)]
      return (a === b || sameMoment(a, b)) === (op === '=')
    }
    const difference = typeof left === 'string' && typeof right === 'string' ? apart(left, right) : undefined
    // NaN, which every blank is, stands in no order to anything.
    return difference === undefined
      ? orderedNumbers(op, this.number(left), this.number(right))
      : ordered(op, difference)
  },
}

/** Compared as they are: infinities differ by NaN. */
function orderedNumbers(op: CompareOperator, a: number, b: number): boolean {
  if (op === '<') return a < b
  if (op === '<=') return a <= b
  return op === '>' ? a > b : a >= b
}

const NATIVE: Reading = {
  blank: null,
  answer: (value) => value,
  number(value) {
    if (typeof value === 'number') return value
    if (typeof value === 'boolean') return value ? 1 : 0
    const text = textOf(value, ',')
    return canonicalNumber(text) ?? daysOf(text) ?? 0
  },
  text: (value) => (isBlank(value) ? '' : textOf(value, ',')),
  boolean: (value) => !isBlank(value) && value !== false && value !== 0,
  items: (value) => splitItems(value, undefined),
  compare(op, left, right) {
    if (isOrder(op) && (isBlank(left) || isBlank(right))) return false
    const [x, y] = [wholeNumber(left), wholeNumber(right)]
    if (x !== undefined && y !== undefined) return isOrder(op) ? orderedNumbers(op, x, y) : (x === y) === (op === '=')
    const [a, b] = [this.text(left), this.text(right)]
    if (!isOrder(op)) return (a === b || sameMoment(a, b)) === (op === '=')
    const [m, n] = [x ?? daysOf(a), y ?? daysOf(b)]
    if ((x !== undefined || y !== undefined) && m !== undefined && n !== undefined) return orderedNumbers(op, m, n)
    return ordered(op, apart(a, b) ?? (a < b ? -1 : a > b ? 1 : 0))
  },
}

/** A value is a number only where the whole of it is one. Source: contract 8.8 [REC]. */
const wholeNumber = (value: Value): number | undefined =>
  typeof value === 'number' || typeof value === 'string' ? canonicalNumber(value) : undefined

export const READINGS: Readonly<Record<Dialect, Reading>> = { native: NATIVE, xlsform: XLSFORM }

/** Nothing said: null, blank text, and what no division should give. */
export function isBlank(value: Value): boolean {
  if (value === null) return true
  if (typeof value === 'string') return value.trim() === ''
  if (typeof value === 'number') return !Number.isFinite(value)
  return isNodes(value) && (value.values.length === 0 || (value.values.length === 1 && isBlank(value.values[0]!)))
}

function splitItems(value: Value, separator: string | undefined): readonly string[] {
  if (typeof value === 'object' && value !== null) {
    if (value.kind === 'choices') return value.values
    if (value.kind === 'nodes') return splitItems(value.values[0] ?? null, separator)
  }
  const text = textOf(value, ' ').trim()
  if (text === '') return []
  return separator === undefined ? [text] : text.split(/\s+/)
}

/** Days from `right` to `left` where both are dates or times. */
export function daysApart(left: Value, right: Value): number | undefined {
  if (typeof left !== 'string' || typeof right !== 'string') return undefined
  const difference = apart(left, right)
  return difference === undefined ? undefined : difference / DAY_MS
}

/** Whether a value that was sent and one that was computed say the same: blanks alike (not a number is blank), numbers
 *  within rounding, dates by their day where one of them names no more. */
export function saysTheSame(sent: Value, computed: Value): boolean {
  const [a, b] = [spoken(sent), spoken(computed)]
  if (a === b) return true
  const [x, y] = [canonicalNumber(a), canonicalNumber(b)]
  if (x !== undefined && y !== undefined) return Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x), Math.abs(y))
  const [m, n] = [momentOf(a), momentOf(b)]
  return m !== undefined && n !== undefined && sameDayOrMoment(m, n)
}

function spoken(value: Value): string {
  if (isBlank(value)) return ''
  const text = textOf(value, ' ').trim()
  return text === 'NaN' ? '' : text
}

function sameDayOrMoment(a: Moment, b: Moment): boolean {
  if (a.kind === b.kind) return momentsApart(a, b) === 0
  if (a.kind === 'time' || b.kind === 'time') return false
  return Math.floor(a.clockMs / DAY_MS) === Math.floor(b.clockMs / DAY_MS)
}

/** The positions a value holds: an answer's, those of several rows, or ODK text `lat lon alt acc; …`. */
export function pointsOf(value: Value): readonly Position[] {
  if (typeof value === 'string') return value.split(';').flatMap(pointOfText)
  if (typeof value !== 'object' || value === null || value.kind === 'choices') return []
  return value.kind === 'places' ? value.points : value.values.flatMap((item) => pointsOf(item))
}

function pointOfText(text: string): Position[] {
  const parts = text.trim().split(/\s+/)
  const [latitude, longitude, altitude, accuracy] = parts.map(canonicalNumber)
  if (latitude === undefined || longitude === undefined) return []
  return [{ latitude, longitude, altitude, accuracy }]
}
