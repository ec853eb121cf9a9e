// What a function of the language is made of, and what it may ask of the form it is used in.
import type { Node } from './syntax.ts'
import type { Reading, Value } from './values.ts'

/** What an expression sees of a form and its answers, from the place where it stands. */
export interface World {
  /** The answer of a field: one value where the field is in the same row or around it, else those of all rows. */
  value(id: string): Value
  /** The answers of a field that are there to be counted, blank ones among them; for a repeat, one per row. */
  nodes(id: string): readonly Value[]
  /** The answer that the expression belongs to. */
  self(): Value
  /** A column of the option that a choice filter looks at; `undefined` where there is no such column. */
  column(name: string): Value | undefined
  /** Which row this is, from 1: of the row around the field, or of what stands so many levels up. */
  position(levels?: number): number
  /** Which row of this repeat, from 1; 0 outside it. */
  positionIn(repeatId: string): number
  /** The answer of a field in the row that the pairs of repeat and index (from 1) lead to. */
  indexed(id: string, rows: readonly (readonly [repeatId: string, index: number])[]): Value
  /** The label of an option of a field; `undefined` when it has no such option. */
  choiceLabel(value: string, id: string): string | undefined
  /** Epoch milliseconds at which the form is filled in, and the clock there; unknown when nobody said. */
  readonly now: number | undefined
  readonly offsetMinutes: number
}

export interface Tools {
  readonly reading: Reading
  readonly world: World
  /** Accounts for work that grows with the data. */
  spend(steps: number): void
  /** Gives up: this expression cannot be answered here. */
  undecided(): never
}

export interface FunctionSpec {
  readonly min: number
  readonly max: number
  /** Computes from the values of the arguments. */
  readonly run?: (args: readonly Value[], tools: Tools) => Value
  /** Computes from the arguments themselves, evaluating what it needs. */
  readonly lazy?: (args: readonly Node[], evaluate: (node: Node) => Value, tools: Tools) => Value
  /** A field as argument means its answers in all rows that are in sight, not one. */
  readonly takesNodes?: true
  /** Depends on the time at which it is asked. */
  readonly clock?: true
  /** Only the device that fills in the form can answer. */
  readonly device?: true
}

/** The field that an argument names: a reference, or its id within quotes as in `jr:choice-name(x, '${id}')`. */
export function fieldNamed(node: Node | undefined): string | undefined {
  if (node?.type === 'ref') return node.id
  if (node?.type !== 'literal' || typeof node.value !== 'string') return undefined
  const text = node.value.trim()
  return text.startsWith('${') && text.endsWith('}') ? text.slice(2, -1).trim() : text.slice(text.lastIndexOf('/') + 1)
}

/** The values of a list, and of lists within it; a value that is no list is a list of one. */
export function flatten(args: readonly Value[]): readonly Value[] {
  return args.flatMap((value) =>
    typeof value === 'object' && value !== null && value.kind === 'nodes' ? value.values : [value],
  )
}
