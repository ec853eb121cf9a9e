// What a row of a rule may speak of, and which operators suit it: decided by the type of the answer.
import { isObject } from '../../../../../../src/forms/canonical.ts'
import { type FieldType, isChoiceType, isMediaType, isSpatialType } from '../../../../../../src/forms/field-types.ts'
import { type Outline, optionsOf } from '../../../../../../src/forms/outline.ts'
import { textIn } from '../../../../../../src/forms/texts.ts'
import type { Measure, Row, Subject, Test, Value } from './rows.ts'

/** The keys of a field whose expressions are written here. Those of a calculation give a value, which no row can. */
export type RuleKey = 'relevant' | 'required' | 'constraint' | 'choice_filter' | 'calculation' | 'read_only'

/** How an answer compares. `presence`: it is there or not; `any`: nobody knows beforehand. */
export type Kind = 'text' | 'number' | 'date' | 'time' | 'datetime' | 'one' | 'many' | 'rows' | 'presence' | 'any'

export interface Choice {
  subject: Subject
  /** As the author knows it, and how expressions call it. */
  label: string
  name: string
  kind: Kind
  /** Values to choose from; of a column, those that the options have in it. */
  options: readonly { value: string; label: string }[]
}

const KINDS: Partial<Record<FieldType, Kind>> = {
  text: 'text',
  textarea: 'text',
  email: 'text',
  phone: 'text',
  barcode: 'text',
  username: 'text',
  deviceid: 'text',
  number: 'number',
  integer: 'number',
  decimal: 'number',
  range: 'number',
  date: 'date',
  today: 'date',
  time: 'time',
  datetime: 'datetime',
  timestamp: 'datetime',
  start: 'datetime',
  end: 'datetime',
  select_one: 'one',
  select_one_other: 'one',
  select_multiple: 'many',
  rank: 'many',
  acknowledge: 'presence',
  repeat: 'rows',
  calculated: 'any',
  hidden: 'any',
}

/** Undefined: it has no answer that a rule could speak of. */
const kindOf = (type: string): Kind | undefined =>
  KINDS[type as FieldType] ?? (isMediaType(type) || isSpatialType(type) ? 'presence' : undefined)

/** What the rule `key` of `field` may speak of: its own answer where that is there already, the columns of its options
 *  in a choice filter, then the other fields in the order of the form. */
export function choicesFor(outline: Outline, field: object, key: RuleKey, language: string): Choice[] {
  const choices: Choice[] = []
  for (const entry of outline.fields) {
    const kind = kindOf(entry.type)
    const isOwn = entry.field === field
    if (!kind || (isOwn && key !== 'constraint')) continue
    const options = isChoiceType(entry.type) ? optionsShown(optionsOf(entry.field, outline.lists), language) : []
    const label = textIn(entry.field.label, language) ?? entry.id
    if (isOwn) choices.unshift({ subject: { is: 'self' }, label, name: '.', kind, options })
    else choices.push({ subject: { is: 'field', id: entry.id }, label, name: entry.id, kind, options })
  }
  const own = outline.fields.find((entry) => entry.field === field)
  return key === 'choice_filter' && own ? [...columnsOf(outline, own.field), ...choices] : choices
}

/** The columns that a choice filter of `field` may name; the texts among them have none. */
export const columnNames = (outline: Outline, field: Record<string, unknown>): ReadonlySet<string> =>
  outline.offers.of(optionsOf(field, outline.lists)).columns

function columnsOf(outline: Outline, field: Record<string, unknown>): Choice[] {
  const options = optionsOf(field, outline.lists).filter(isObject)
  return [...columnNames(outline, field)].flatMap((name): Choice[] => {
    const cells = options
      .map((option) => option[name])
      .filter((cell) => typeof cell === 'string' || Number.isFinite(cell))
    // `label` and `name` are always there for expressions; offered is what the options have.
    if (cells.length === 0 || name === 'label') return []
    const values = [...new Set(cells.map(String))].map((value) => ({ value, label: value }))
    return [{ subject: { is: 'column', name }, label: name, name, kind: 'one', options: values }]
  })
}

const optionsShown = (options: readonly unknown[], language: string): Choice['options'] =>
  options.filter(isObject).map(({ value, label }) => ({
    value: String(value),
    label: textIn(label, language) ?? String(value),
  }))

/** A subject as the value of a control. */
export const keyOf = (subject: Subject): string =>
  subject.is === 'self' ? '.' : subject.is === 'field' ? `$${subject.id}` : `#${subject.name}`

/** The value of a control that shows `subject`: its name, where there is no choice of that key (any more). */
export const shownAs = (subject: Subject, known: (key: string) => boolean): string => {
  const key = keyOf(subject)
  return known(key) || subject.is === 'self' ? key : key.slice(1)
}

/** What a row does with its subject. */
export type Operation =
  | { is: 'comparison'; measure: Measure; operator: (Row & { is: 'comparison' })['operator'] }
  | { is: 'test'; operator: Test }
  | { is: 'state'; operator: 'blank' | 'answered' }

const COMPARED = { is: '=', is_not: '!=', less: '<', at_most: '<=', more: '>', at_least: '>=' } as const
const WORDS = Object.fromEntries(Object.entries(COMPARED).map(([word, operator]) => [operator, word]))

const compare = (measure: Measure, ...words: (keyof typeof COMPARED)[]): Operation[] =>
  words.map((word) => ({ is: 'comparison', measure, operator: COMPARED[word] }))
const test = (...operators: Test[]): Operation[] => operators.map((operator) => ({ is: 'test', operator }))

const STATES: Operation[] = [
  { is: 'state', operator: 'answered' },
  { is: 'state', operator: 'blank' },
]
const EQUAL = compare('answer', 'is', 'is_not')
const ORDERED = compare('answer', 'less', 'at_most', 'more', 'at_least')
const SIZE = ['is', 'at_least', 'at_most'] as const
const TEXTS = test('contains', 'starts', 'ends', 'matches')

const SUITABLE: Readonly<Record<Kind, readonly Operation[]>> = {
  text: [...EQUAL, ...STATES, ...TEXTS, ...compare('characters', ...SIZE)],
  number: [...EQUAL, ...ORDERED, ...STATES],
  date: [...EQUAL, ...ORDERED, ...STATES],
  time: [...EQUAL, ...ORDERED, ...STATES],
  datetime: [...EQUAL, ...ORDERED, ...STATES],
  one: [...EQUAL, ...STATES],
  many: [...test('selected', 'not_selected'), ...compare('chosen', ...SIZE), ...STATES],
  rows: compare('rows', 'at_least', 'at_most', 'is'),
  presence: STATES,
  any: [...EQUAL, ...ORDERED, ...STATES, ...TEXTS],
}

/** The operations for answers of a kind, and the present one where it is none of them: rules may be written anyhow. */
export function operationsFor(kind: Kind, present: Operation): readonly Operation[] {
  const suitable = SUITABLE[kind]
  return suitable.some((one) => nameOf(one) === nameOf(present)) ? suitable : [...suitable, present]
}

/** `answer.at_least`, `contains`, `blank`. */
export const nameOf = (operation: Operation): string =>
  operation.is === 'comparison' ? `${operation.measure}.${WORDS[operation.operator]}` : operation.operator

const NOTHING: Value = { is: 'text', text: '' }

/** A row to begin with. */
export const newRow = ({ subject, kind }: Choice): Row => rowOf(subject, SUITABLE[kind][0]!, NOTHING)

function rowOf(subject: Subject, operation: Operation, value: Value): Row {
  return operation.is === 'state' ? { ...operation, subject } : { ...operation, subject, value }
}

/** The row about something else: its operator stays where it suits, its value where the answers are alike. */
export function withSubject(row: Exclude<Row, { is: 'expression' }>, from: Choice | undefined, to: Choice): Row {
  const present = SUITABLE[to.kind].find((one) => nameOf(one) === nameOf(row))
  const isAlike = from?.kind === to.kind && to.options.length === 0 && from.options.length === 0
  const value = isAlike && row.is !== 'state' ? row.value : NOTHING
  return rowOf(to.subject, present ?? SUITABLE[to.kind][0]!, value)
}

/** The row with another operator: a number of characters is no answer, so the value stays only with its like. */
export function withOperation(row: Exclude<Row, { is: 'expression' }>, operation: Operation): Row {
  const before = row.is === 'comparison' ? row.measure : 'answer'
  const after = operation.is === 'comparison' ? operation.measure : 'answer'
  return rowOf(row.subject, operation, row.is !== 'state' && before === after ? row.value : NOTHING)
}
