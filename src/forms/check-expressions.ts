// Holds the expressions of a form document against its fields before anyone fills it in: spelling, functions, what is
// named, circles. What phones may still make sense of is a hint, not a fault.
import { dependenciesOf, deviceParts, usesSelf } from './expression/dependencies.ts'
import { functionNamed } from './expression/functions.ts'
import { parseExpression } from './expression/parse.ts'
import { compilePattern } from './expression/regex.ts'
import { type Dialect, type Node, walk } from './expression/syntax.ts'
import { isChoiceType } from './field-types.ts'
import { inOrder } from './order.ts'
import {
  EXPRESSION_KEYS,
  type ExpressionKey,
  type ExpressionSite,
  expressionsOf,
  type Outline,
  type OutlineField,
  optionsOf,
  writtenAt,
} from './outline.ts'

/** Something about an expression. `column` counts characters from 1; a `hint` does not keep a form from use. */
export interface Finding {
  readonly column: number
  readonly message: string
  readonly severity: 'fault' | 'hint'
}

/** An expression that was looked at: its tree, unless it has none, and what was found. */
export interface Checked {
  readonly node: Node | undefined
  readonly findings: readonly Finding[]
}

/** Where `.` says something. In `relevant` it would be a circle. */
const WITH_SELF: ReadonlySet<ExpressionKey> = new Set(['constraint', 'required', 'calculation', 'choice_filter'])
const MAX_NAMED = 60

/** Looks at one expression as if it stood at `key` of `field` in the form. Never throws. */
export function checkExpression(outline: Outline, field: OutlineField, key: ExpressionKey, text: string): Checked {
  const parsed = parseExpression(text, outline.dialect)
  if (!parsed.ok) return { node: undefined, findings: [{ ...parsed.fault, severity: 'fault' }] }
  const { node } = parsed
  const findings: Finding[] = []
  const say = (severity: Finding['severity'], at: number, message: string) =>
    findings.push({ column: at + 1, message, severity })
  const columns = key === 'choice_filter' ? outline.offers.of(optionsOf(field.field, outline.lists)).columns : undefined
  walk(node, (child) => {
    if (child.type === 'call') checkCall(child, outline.dialect, say)
    if (child.type === 'compare') checkOption(child, outline, say)
    if (child.type === 'self' && !WITH_SELF.has(key)) say('fault', child.at, "'.' has no answer to speak of here")
  })
  for (const { id, at, bare } of dependenciesOf(node)) {
    if (bare && columns?.has(id)) continue
    // XPath takes a plain name for a path that starts here.
    const isPath = bare && outline.dialect === 'xlsform'
    const isField = outline.byId.has(id)
    if (isField && !isPath) continue
    const name = id.length > MAX_NAMED ? `${id.slice(0, MAX_NAMED)}…` : id
    if (isField) say('fault', at, `'${name}' is written \${${name}}`)
    else if (columns !== undefined && bare) say('fault', at, `there is neither a column nor a field '${name}'`)
    else say('fault', at, `there is no field '${name}'`)
  }
  for (const { text: part, at } of deviceParts(node)) {
    say('hint', at, `'${part.slice(0, MAX_NAMED)}' is answered by the device alone`)
  }
  return { node, findings }
}

type Say = (severity: Finding['severity'], at: number, message: string) => void

function checkCall(call: Node & { type: 'call' }, dialect: Dialect, say: Say): void {
  const { name, args, at } = call
  const spec = functionNamed(name)
  if (spec === undefined) {
    say('fault', at, `there is no function '${name.slice(0, MAX_NAMED)}'`)
    return
  }
  if (args.length < spec.min || args.length > spec.max) say('fault', at, arity(name, spec.min, spec.max, args.length))
  if (name === 'weighted-checklist' && args.length % 2 === 1)
    say('fault', at, `${name}() takes its answers and weights in pairs`)
  if (name === 'indexed-repeat' && args.length % 2 === 0)
    say('fault', at, `${name}() takes its repeats and indexes in pairs`)
  const written = args[1]
  if (name === 'regex' && written?.type === 'literal' && typeof written.value === 'string') {
    const pattern = compilePattern(written.value)
    // A pattern that only phones can match is no reason to refuse a form that phones already use.
    if (typeof pattern === 'string') say(dialect === 'native' ? 'fault' : 'hint', written.at, pattern)
  }
}

function arity(name: string, min: number, max: number, given: number): string {
  const bounds = min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`
  return `${name}() takes ${bounds} ${bounds === '1' ? 'argument' : 'arguments'}, not ${given}`
}

/** A choice compared with a text that is none of its options is a slip of the pen. */
function checkOption(node: Node & { type: 'compare' }, outline: Outline, say: Say): void {
  const [ref, literal] = node.left.type === 'ref' ? [node.left, node.right] : [node.right, node.left]
  if (ref.type !== 'ref' || literal.type !== 'literal' || typeof literal.value !== 'string') return
  const field = outline.byId.get(ref.id)
  if (field === undefined || field.type !== 'select_one' || literal.value === '') return
  const options = optionsOf(field.field, outline.lists)
  if (options.length > 0 && !outline.offers.of(options).values.has(literal.value)) {
    say('hint', literal.at, `'${literal.value.slice(0, MAX_NAMED)}' is no option of '${ref.id}'`)
  }
}

/** A finding and where: the path of the field (`fields[2]`), the key as it is written, and the column within the
 *  expression. A circle has no key: it is about the field as a whole. */
export interface LocatedFinding {
  readonly path: string
  readonly writtenAs?: string
  readonly column?: number
  readonly message: string
  readonly severity: Finding['severity']
}

/** What there is to say about every expression of a document, field by field and circles last; at most `limit` of each
 *  severity. Never throws. */
export function findInExpressions(outline: Outline, limit: number): LocatedFinding[] {
  const found: LocatedFinding[] = []
  const count = { fault: 0, hint: 0 }
  const say = (finding: LocatedFinding) => {
    if (count[finding.severity]++ < limit) found.push(finding)
  }
  const needs = new Map<string, Set<string>>()
  for (const field of outline.fields) {
    if (count.fault >= limit) break
    for (const key of EXPRESSION_KEYS) checkKind(field, key, say)
    const needed = new Set(field.container === undefined ? [] : [field.container.id])
    for (const { key, writtenAs, text } of expressionsOf(field.field)) {
      const { node, findings } = checkExpression(outline, field, key, text)
      for (const finding of findings) say({ path: field.path, writtenAs, ...finding })
      if (node !== undefined) for (const id of neededBy(key, field.id, node)) needed.add(id)
    }
    if (!needs.has(field.id)) needs.set(field.id, needed)
  }
  for (const circle of inOrder(needs).circles) {
    const message = `circular: ${circle.map((id) => `'${id}'`).join(' needs ')}`
    say({ path: outline.byId.get(circle[0]!)?.path ?? '', message, severity: 'fault' })
  }
  return found
}

/** The same as lines: `fields[2]: relevant, column 5: there is no field 'x'`. */
export function checkExpressions(outline: Outline, limit: number): { faults: string[]; hints: string[] } {
  const lines = { fault: [] as string[], hint: [] as string[] }
  for (const { path, writtenAs, column, message, severity } of findInExpressions(outline, limit)) {
    const place = column === undefined ? '' : `${writtenAs}, column ${column}: `
    lines[severity].push(`${path}: ${place}${message}`)
  }
  return { faults: lines.fault, hints: lines.hint }
}

/** The fields that must be settled before this one is. Only whether a field is asked and what is computed for it are
 *  settled in an order; the other rules look at the finished answers. */
export function neededBy(key: ExpressionKey, id: string, node: Node): string[] {
  if (key !== 'relevant' && key !== 'calculation') return []
  const needed = dependenciesOf(node).flatMap((dependency) => (dependency.loose ? [] : dependency.id))
  return key === 'relevant' && usesSelf(node) ? [...needed, id] : needed
}

/** Keys that hold an expression or something else; for those, other JSON means what it always meant. */
const MIXED: ReadonlySet<ExpressionKey> = new Set(['required', 'read_only', 'repeat_count'])

function checkKind(field: OutlineField, key: ExpressionKey, say: (finding: LocatedFinding) => void): void {
  const [writtenAs, value] = writtenAt(field.field, key)
  if (value === undefined || value === null || typeof value === 'string' || MIXED.has(key)) return
  if (key === 'choice_filter' && !isChoiceType(field.type)) return
  const message = `${writtenAs} must be an expression, which is text`
  say({ path: field.path, writtenAs, message, severity: 'fault' })
}

/** The sites of a field with their trees, where they have one. */
export function parsedSites(field: Record<string, unknown>, dialect: Dialect): (ExpressionSite & { node: Node })[] {
  return expressionsOf(field).flatMap((site) => {
    const parsed = parseExpression(site.text, dialect)
    return parsed.ok ? [{ ...site, node: parsed.node }] : []
  })
}
