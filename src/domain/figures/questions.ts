// What the answers to a question come to: which questions can be counted, and how their answers are read. Pure.
import {
  canonicalChoice,
  canonicalInstant,
  canonicalNumber,
  canonicalSelectOther,
  isAnswered,
  isObject,
} from '../../forms/canonical.ts'
import type { FieldType } from '../../forms/field-types.ts'
import { optionsOf } from '../../forms/outline.ts'
import type { Field } from '../../forms/schema.ts'
import { momentOf } from '../../forms/time.ts'
import { type ProjectedField, textOf } from '../submissions/projection.ts'
import { type Bin, ChoiceTally, DayTally, type DayUnit, NumberTally, type OptionCount } from './tally.ts'

export type Distribution =
  | { kind: 'choices'; options: OptionCount[]; others: number }
  | { kind: 'numbers'; min: number; max: number; mean: number; bins: Bin[] }
  | { kind: 'days'; unit: DayUnit; days: { day: string; count: number }[] }

export interface QuestionFigures {
  fieldId: string
  label: string
  type: FieldType
  /** Id of the repeat whose rows it stands in; null outside repeats. */
  repeat: string | null
  /** Answers; of rows, as many as rows have one. */
  answered: number
  distribution: Distribution
}

const CHOICES: ReadonlySet<FieldType> = new Set(['select_one', 'select_multiple', 'select_one_other'])
const NUMBERS: ReadonlySet<FieldType> = new Set(['number', 'integer', 'decimal', 'range', 'calculated'])
const DAYS: ReadonlySet<FieldType> = new Set(['date', 'datetime', 'timestamp'])

export const isCounted = ({ type }: Field): boolean => CHOICES.has(type) || NUMBERS.has(type) || DAYS.has(type)

/** Counts the answers to one question. */
export class QuestionTally {
  readonly #of: ProjectedField
  readonly #label: string
  readonly #counter: Counter
  #answered = 0

  constructor(of: ProjectedField, { language, dayOf }: { language?: string; dayOf: (ms: number) => string }) {
    this.#of = of
    this.#label = textOf(of, of.field.label, language) || of.field.id
    this.#counter = counterOf(of, language, dayOf)
  }

  add(value: unknown): void {
    if (!isAnswered(this.#of.field.type, value)) return
    this.#answered++
    this.#counter.add(value)
  }

  /** Null where nothing could be counted, as of calculations that say no number. */
  result(): QuestionFigures | null {
    const distribution = this.#counter.result()
    if (distribution === null) return null
    const { field, repeat } = this.#of
    return { fieldId: field.id, label: this.#label, type: field.type, repeat, answered: this.#answered, distribution }
  }
}

interface Counter {
  add(value: unknown): void
  result(): Distribution | null
}

function counterOf(of: ProjectedField, language: string | undefined, dayOf: (ms: number) => string): Counter {
  const { type } = of.field
  if (CHOICES.has(type)) return choiceCounter(of, language)
  if (DAYS.has(type)) return dayCounter(dayOf)
  const tally = new NumberTally({ whole: type === 'integer' })
  return {
    add: (value) => {
      const number = canonicalNumber(value)
      if (number !== undefined) tally.add(number)
    },
    result: () => {
      const result = tally.result()
      return result && { kind: 'numbers', ...result }
    },
  }
}

function choiceCounter(of: ProjectedField, language: string | undefined): Counter {
  const { field, schema } = of
  const lists = new Map(Object.entries(isObject(schema.choices) ? schema.choices : {}))
  const options = optionsOf(field, lists as Map<string, readonly unknown[]>).flatMap((option) => {
    const value = isObject(option) ? canonicalChoice(option.value) : undefined
    if (!isObject(option) || value === undefined) return []
    return [{ value, label: textOf(of, option.label, language) || value }]
  })
  const tally = new ChoiceTally(options)
  const chosen = (value: unknown): unknown[] => {
    if (field.type === 'select_one_other') return [canonicalSelectOther(value)?.selection]
    return Array.isArray(value) ? value : [value]
  }
  return {
    add: (value) => {
      for (const one of chosen(value)) {
        const choice = canonicalChoice(one)
        if (choice !== undefined) tally.add(choice)
      }
    },
    result: () => ({ kind: 'choices', ...tally.result() }),
  }
}

/** The day that was written, wherever that was; where only a moment is known, its day in the project. */
function dayCounter(dayOf: (ms: number) => string): Counter {
  const tally = new DayTally()
  return {
    add: (value) => {
      const moment = typeof value === 'string' ? momentOf(value.trim()) : undefined
      if (moment && moment.kind !== 'time') return tally.add((value as string).trim().slice(0, 10))
      const instant = typeof value === 'number' ? canonicalInstant(value) : undefined
      if (instant !== undefined && Math.abs(instant) <= MAX_DATE_MS) tally.add(dayOf(instant))
    },
    result: () => ({ kind: 'days', ...tally.result() }),
  }
}

/** What a `Date` can hold, less the offset of a time zone. */
const MAX_DATE_MS = 8.63e15
