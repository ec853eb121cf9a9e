// A rule as rows (field, operator, value; joined by `and` or `or`): a view on the parsed expression, and back to text.
// What no row can show stays an expression in a row of its own. Knows no form: which fields there are, and which
// operators suit them, is choices.ts.
import { type ExpressionFault, parseExpression } from '../../../../../../src/forms/expression/parse.ts'
import { printExpression } from '../../../../../../src/forms/expression/print.ts'
import type { CompareOperator, Dialect, Node } from '../../../../../../src/forms/expression/syntax.ts'

/** What a row speaks of: the answer itself (`.`), a field, or in a choice filter a column of the options. */
export type Subject = { is: 'self' } | { is: 'field'; id: string } | { is: 'column'; name: string }

export type Value = Subject | { is: 'text'; text: string } | { is: 'number'; number: number } | { is: 'today' | 'now' }

/** What is compared of the subject: the answer, its number of characters, of chosen options, or of rows. */
export type Measure = 'answer' | 'characters' | 'chosen' | 'rows'

export type Test = 'contains' | 'starts' | 'ends' | 'matches' | 'selected' | 'not_selected'

export interface Comparison {
  is: 'comparison'
  subject: Subject
  measure: Measure
  operator: CompareOperator
  value: Value
}

export type Row =
  | Comparison
  | { is: 'test'; subject: Subject; operator: Test; value: Value }
  | { is: 'state'; subject: Subject; operator: 'blank' | 'answered' }
  | { is: 'expression'; text: string }

export interface Rules {
  join: 'and' | 'or'
  rows: readonly Row[]
}

/** How the text is read: names that are `columns` mean those where they stand without `${}`. */
export interface Grammar {
  dialect: Dialect
  columns: ReadonlySet<string>
}

const FUNCTIONS: Readonly<Record<Exclude<Measure, 'answer'>, string>> = {
  characters: 'string-length',
  chosen: 'count-selected',
  rows: 'count',
}
const MEASURES = new Map(Object.entries(FUNCTIONS).map(([measure, name]) => [name, measure as Measure]))
const TESTS: Readonly<Record<Exclude<Test, 'not_selected'>, string>> = {
  contains: 'contains',
  starts: 'starts-with',
  ends: 'ends-with',
  matches: 'regex',
  selected: 'selected',
}
const TEST_NAMES = new Map(Object.entries(TESTS).map(([test, name]) => [name, test as keyof typeof TESTS]))
/** With the sides changed. */
const MIRRORED: Readonly<Record<CompareOperator, CompareOperator>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

/** The rows of `text`; none for a blank one, `undefined` for one that is no expression. */
export function readRules(text: string, grammar: Grammar): Rules | undefined {
  if (text.trim() === '') return { join: 'and', rows: [] }
  const parsed = parseExpression(text, grammar.dialect)
  if (!parsed.ok) return undefined
  const { node } = parsed
  const isJoined = node.type === 'and' || node.type === 'or'
  const parts = isJoined ? node.args : [node]
  return { join: isJoined ? node.type : 'and', rows: parts.map((part) => rowOf(part, grammar)) }
}

/** The text of the rows that are complete. */
export function writeRules({ join, rows }: Rules, grammar: Grammar): string {
  const parts = rows.flatMap((row) => nodeOfRow(row, grammar) ?? [])
  const [first] = parts
  if (first === undefined) return ''
  const node: Node = parts.length === 1 ? first : { type: join, args: parts, at: 0 }
  return textOf(node, grammar)
}

/** Whether the row says something that can be written: it has a value, and an expression is one. */
export const isComplete = (row: Row, grammar: Grammar): boolean => nodeOfRow(row, grammar) !== undefined

/** Why the expression of a row is none. */
export function faultOf(row: Row, { dialect }: Grammar): ExpressionFault | undefined {
  if (row.is !== 'expression' || row.text.trim() === '') return undefined
  const parsed = parseExpression(row.text, dialect)
  return parsed.ok ? undefined : parsed.fault
}

// Only native trees may be unprintable, where they hold what the native parser never makes.
const textOf = (node: Node, { dialect }: Grammar): string => printExpression(node, dialect) ?? ''

function rowOf(node: Node, grammar: Grammar): Row {
  const row = node.type === 'compare' ? comparisonOf(node, grammar) : testOf(node, grammar)
  return row ?? { is: 'expression', text: textOf(node, grammar) }
}

function comparisonOf(node: Node & { type: 'compare' }, grammar: Grammar): Row | undefined {
  const { left, right, op } = node
  const [subject, value, operator] = measured(left, grammar)
    ? [measured(left, grammar), operandOf(right, grammar), op]
    : [measured(right, grammar), operandOf(left, grammar), MIRRORED[op]]
  if (!subject || !value) return undefined
  const isBlank = value.is === 'text' && value.text === ''
  const isEquality = operator === '=' || operator === '!='
  if (!isBlank) return { is: 'comparison', ...subject, operator, value }
  if (!isEquality || subject.measure !== 'answer') return undefined
  return { is: 'state', subject: subject.subject, operator: operator === '=' ? 'blank' : 'answered' }
}

function measured(node: Node, grammar: Grammar): Pick<Comparison, 'subject' | 'measure'> | undefined {
  const measure = node.type === 'call' && node.args.length === 1 ? MEASURES.get(node.name) : undefined
  const subject = subjectOf(measure && node.type === 'call' ? node.args[0]! : node, grammar)
  return subject && { subject, measure: measure ?? 'answer' }
}

function testOf(node: Node, grammar: Grammar): Row | undefined {
  if (node.type !== 'call') return undefined
  if (node.name === 'not' && node.args.length === 1) {
    const negated = testOf(node.args[0]!, grammar)
    return negated?.is === 'test' && negated.operator === 'selected'
      ? { ...negated, operator: 'not_selected' }
      : undefined
  }
  const operator = TEST_NAMES.get(node.name)
  const [subject, value] = [node.args[0] && subjectOf(node.args[0], grammar), node.args[1]]
  const tested = value && operandOf(value, grammar)
  if (!operator || !subject || !tested || node.args.length !== 2) return undefined
  return isEmpty(tested) ? undefined : { is: 'test', subject, operator, value: tested }
}

function subjectOf(node: Node, { dialect, columns }: Grammar): Subject | undefined {
  if (node.type === 'self') return { is: 'self' }
  if (node.type !== 'ref') return undefined
  if (node.bare && columns.has(node.id)) return { is: 'column', name: node.id }
  // In XLSForm a plain name is a path, which is a field only to whoever forgot the braces.
  return node.bare && dialect === 'xlsform' ? undefined : { is: 'field', id: node.id }
}

function operandOf(node: Node, grammar: Grammar): Value | undefined {
  const text = literalText(node)
  if (text !== undefined) return { is: 'text', text }
  if (node.type === 'literal' && typeof node.value === 'number') return { is: 'number', number: node.value }
  if (node.type === 'negate' && node.arg.type === 'literal' && typeof node.arg.value === 'number') {
    // Zero has no sign in a row.
    return { is: 'number', number: -node.arg.value || 0 }
  }
  if (node.type === 'call' && node.args.length === 0 && (node.name === 'today' || node.name === 'now')) {
    return { is: node.name }
  }
  return subjectOf(node, grammar)
}

/** A text, or the pieces of one that has both kinds of quotes in it. */
function literalText(node: Node): string | undefined {
  if (node.type === 'literal') return typeof node.value === 'string' ? node.value : undefined
  if (node.type !== 'call' || node.name !== 'concat' || node.args.length < 2) return undefined
  const pieces = node.args.map((arg) => (arg.type === 'literal' && typeof arg.value === 'string' ? arg.value : null))
  return pieces.includes(null) ? undefined : pieces.join('')
}

const isEmpty = (value: Value): boolean => value.is === 'text' && value.text === ''

function nodeOfRow(row: Row, grammar: Grammar): Node | undefined {
  if (row.is === 'expression') {
    const parsed = parseExpression(row.text, grammar.dialect)
    return parsed.ok ? parsed.node : undefined
  }
  const subject = nodeOfValue(row.subject, grammar)
  if (row.is === 'state') {
    const op = row.operator === 'blank' ? '=' : '!='
    return { type: 'compare', op, left: subject, right: { type: 'literal', value: '', at: 0 }, at: 0 }
  }
  if (isEmpty(row.value)) return undefined
  const value = nodeOfValue(row.value, grammar)
  if (row.is === 'comparison') {
    const left = row.measure === 'answer' ? subject : call(FUNCTIONS[row.measure], subject)
    return { type: 'compare', op: row.operator, left, right: value, at: 0 }
  }
  if (row.operator === 'not_selected') return call('not', call('selected', subject, value))
  return call(TESTS[row.operator], subject, value)
}

const call = (name: string, ...args: Node[]): Node => ({ type: 'call', name, args, at: 0 })

function nodeOfValue(value: Value, { dialect, columns }: Grammar): Node {
  switch (value.is) {
    case 'self':
      return { type: 'self', at: 0 }
    case 'field':
      return { type: 'ref', id: value.id, bare: dialect === 'native' && !columns.has(value.id), at: 0 }
    case 'column':
      return { type: 'ref', id: value.name, bare: true, at: 0 }
    case 'text':
      return { type: 'literal', value: value.text, at: 0 }
    case 'number':
      // As the parser reads it: the sign stands before the number.
      return value.number < 0
        ? { type: 'negate', arg: { type: 'literal', value: -value.number, at: 0 }, at: 0 }
        : { type: 'literal', value: value.number, at: 0 }
    default:
      return call(value.is)
  }
}
