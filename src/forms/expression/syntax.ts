// The syntax tree that both dialects parse into, its bounds, and how to walk it. Knows no form and no values.

/** How an expression is written and what a blank means in it. `native`: `age + 1`, blank counts as 0 in arithmetic.
 *  `xlsform`: `${age} + 1`, the XPath subset of ODK, blank is '' and not a number. */
export type Dialect = 'native' | 'xlsform'

export type CompareOperator = '=' | '!=' | '<' | '<=' | '>' | '>='
export type ArithmeticOperator = '+' | '-' | '*' | 'div' | 'mod'

/** One node. `at` is where it starts in the text, from zero. */
export type Node =
  | { readonly type: 'literal'; readonly value: string | number | boolean | null; readonly at: number }
  /** The answer of a field, or in a choice filter a column of the options where `bare` (written without `${}`). */
  | { readonly type: 'ref'; readonly id: string; readonly bare: boolean; readonly at: number }
  /** `.`: the answer of the field that the expression belongs to. */
  | { readonly type: 'self'; readonly at: number }
  /** `..`, `../..`: the group or row around the field; only position() makes use of it. */
  | { readonly type: 'parent'; readonly levels: number; readonly at: number }
  /** A path that is understood by phones and kept as written; `args` are the expressions within it. */
  | { readonly type: 'path'; readonly text: string; readonly args: readonly Node[]; readonly at: number }
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Node[]; readonly at: number }
  | { readonly type: 'negate'; readonly arg: Node; readonly at: number }
  | { readonly type: 'union'; readonly args: readonly Node[]; readonly at: number }
  | { readonly type: 'and' | 'or'; readonly args: readonly Node[]; readonly at: number }
  | {
      readonly type: 'compare'
      readonly op: CompareOperator
      readonly left: Node
      readonly right: Node
      readonly at: number
    }
  /** A run of operators of one rank, applied from the left: long sums stay shallow. */
  | { readonly type: 'chain'; readonly first: Node; readonly rest: readonly Link[]; readonly at: number }

export interface Link {
  readonly op: ArithmeticOperator
  readonly arg: Node
}

/** Characters in one expression. */
export const MAX_LENGTH = 10_000
/** Parentheses, calls and signs within each other; bounds the recursion of everything that walks a tree. */
export const MAX_NESTING = 100

/** Why a text is no expression, and where. */
export class SyntaxFault extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** The nodes directly within `node`, in the order they are written. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'path':
    case 'call':
    case 'union':
    case 'and':
    case 'or':
      return node.args
    case 'negate':
      return [node.arg]
    case 'compare':
      return [node.left, node.right]
    case 'chain':
      return [node.first, ...node.rest.map((link) => link.arg)]
    default:
      return []
  }
}

/** Calls `visit` with `node` and everything within it, in the order they are written. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  for (const child of childrenOf(node)) walk(child, visit)
}
