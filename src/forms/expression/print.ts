// From the syntax tree back to text, in the fewest parentheses, and from native trees to XLSForm ones.
import type { Dialect, Node } from './syntax.ts'
import { numberText } from './values.ts'

const NATIVE_NAME = /^[A-Za-z_]\w*$/
const XPATH_NAME = /^[\p{L}_][\p{L}\p{N}_.\-·]*$/u
/** Names that the grammars take for something else. */
const RESERVED: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  native: new Set(['and', 'or', 'div', 'mod', 'true', 'false', 'null']),
  xlsform: new Set(['and', 'or', 'div', 'mod', 'null']),
}

/** How tightly each kind of node binds; a looser one within a tighter one needs parentheses. */
const RANK = { or: 1, and: 2, equality: 3, order: 4, additive: 5, multiplicative: 6, negate: 7, union: 8, primary: 9 }

/** The text of `node`; `undefined` where the dialect cannot say it (a path, in the native one). Parsing the text gives
 *  the same tree, so printing is stable: `print(parse(print(x)))` is `print(x)`. */
export function printExpression(node: Node, dialect: Dialect): string | undefined {
  try {
    return print(node, dialect)
  } catch (error) {
    if (error instanceof Unprintable) return undefined
    throw error
  }
}

class Unprintable extends Error {}

function print(node: Node, dialect: Dialect): string {
  const within = (child: Node, rank: number): string => {
    const text = print(child, dialect)
    return rankOf(child) < rank ? `(${text})` : text
  }
  switch (node.type) {
    case 'literal':
      return literal(node.value, dialect)
    case 'ref':
      return reference(node.id, node.bare, dialect)
    case 'self':
      return '.'
    case 'parent':
      return Array.from({ length: node.levels }, () => '..').join('/')
    case 'path':
      if (dialect === 'native') throw new Unprintable()
      return node.text
    case 'call':
      return `${node.name}(${node.args.map((arg) => print(arg, dialect)).join(', ')})`
    case 'negate':
      return `-${within(node.arg, RANK.negate)}`
    case 'union':
      return node.args.map((arg) => within(arg, RANK.primary)).join(' | ')
    case 'and':
    case 'or':
      // One rank up: a junction within a junction of its own kind keeps its parentheses.
      return node.args.map((arg) => within(arg, RANK[node.type] + 1)).join(` ${node.type} `)
    case 'compare':
      return `${within(node.left, rankOf(node) + 1)} ${node.op} ${within(node.right, rankOf(node) + 1)}`
    case 'chain': {
      const rank = rankOf(node) + 1
      const rest = node.rest.map(
        ({ op, arg }) => ` ${op === 'div' && dialect === 'native' ? '/' : op} ${within(arg, rank)}`,
      )
      return within(node.first, rank) + rest.join('')
    }
  }
}

function rankOf(node: Node): number {
  if (node.type === 'compare') return node.op === '=' || node.op === '!=' ? RANK.equality : RANK.order
  if (node.type === 'chain') {
    const { op } = node.rest[0]!
    return op === '+' || op === '-' ? RANK.additive : RANK.multiplicative
  }
  // In the native dialect a slash after it would divide.
  if (node.type === 'parent') return RANK.multiplicative
  if (node.type === 'literal') return typeof node.value === 'number' && node.value < 0 ? RANK.negate : RANK.primary
  return node.type in RANK ? RANK[node.type as keyof typeof RANK] : RANK.primary
}

function literal(value: string | number | boolean | null, dialect: Dialect): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return numberText(value)
  if (dialect === 'native') return String(value)
  return value === null ? "''" : `${value}()`
}

/** No dialect has escapes, so a text with both quotes is put together. */
function quoted(text: string): string {
  if (!text.includes("'")) return `'${text}'`
  if (!text.includes('"')) return `"${text}"`
  return `concat(${text
    .split("'")
    .map((part) => `'${part}'`)
    .join(`, "'", `)})`
}

function reference(id: string, bare: boolean, dialect: Dialect): string {
  const name = dialect === 'native' ? NATIVE_NAME : XPATH_NAME
  return bare && name.test(id) && !RESERVED[dialect].has(id) ? id : `\${${id}}`
}

/** A native tree as XLSForm means it: fields get `\${}` unless they are columns of a choice filter, and where blank
 *  counts as 0 in arithmetic it is said so. What a division by zero gives still differs. */
export function toXlsform(node: Node, isColumn: (name: string) => boolean = () => false): Node {
  const convert = (child: Node): Node => toXlsform(child, isColumn)
  const operand = (child: Node): Node => {
    const converted = convert(child)
    if (converted.type !== 'ref' && converted.type !== 'self') return converted
    const zero: Node = { type: 'literal', value: 0, at: child.at }
    return { type: 'call', name: 'coalesce', args: [converted, zero], at: child.at }
  }
  switch (node.type) {
    case 'ref':
      return node.bare && isColumn(node.id) ? node : { ...node, bare: false }
    case 'literal':
      return typeof node.value === 'boolean' ? { type: 'call', name: String(node.value), args: [], at: node.at } : node
    case 'negate':
      return { ...node, arg: operand(node.arg) }
    case 'chain':
      return { ...node, first: operand(node.first), rest: node.rest.map(({ op, arg }) => ({ op, arg: operand(arg) })) }
    case 'compare':
      return { ...node, left: convert(node.left), right: convert(node.right) }
    case 'call':
    case 'union':
    case 'and':
    case 'or':
    case 'path':
      return { ...node, args: node.args.map(convert) }
    default:
      return node
  }
}
