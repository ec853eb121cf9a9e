// The foot of the XLSForm grammar: `${id}`, `.`, `..`, plain paths to a field, and paths that only phones follow, which
// are kept as written. Source: ODK XForms specification, "XPath Paths", and XPath 1.0 section 2.
import { type Cursor, isSymbol, sharedPrimary, unexpected } from './cursor.ts'
import { type Node, SyntaxFault } from './syntax.ts'
import type { Token } from './tokens.ts'

/** A literal, a call, a path, or parentheses. */
export function xlsformPrimary(cursor: Cursor): Node {
  const { at } = cursor.peek()
  const first = sharedPrimary(cursor) ?? fieldOrCall(cursor)
  if (first === undefined) return nameOrPath(cursor)
  return continuesPath(cursor.peek()) ? readPath(cursor, at, first) : first
}

const continuesPath = (token: Token): boolean => ['/', '//', '['].some((symbol) => isSymbol(token, symbol))

function fieldOrCall(cursor: Cursor): Node | undefined {
  const { kind, text, at } = cursor.peek()
  if (kind === 'field') {
    cursor.take()
    // `${last-saved#id}`: what the last record answered is known to the phone alone.
    if (text.includes('#')) return { type: 'path', text: `\${${text}}`, args: [], at }
    return { type: 'ref', id: text, bare: false, at }
  }
  if (kind === 'name' && isSymbol(cursor.peek(1), '(')) {
    cursor.take()
    return { type: 'call', name: text, args: cursor.args(), at }
  }
  return undefined
}

const PATH_STARTS: ReadonlySet<string> = new Set(['/', '//', '.', '..', '@', '*'])

function nameOrPath(cursor: Cursor): Node {
  const token = cursor.peek()
  const { at, text, kind } = token
  if (kind === 'name') {
    const next = cursor.peek(1)
    if (continuesPath(next) || isSymbol(next, '::')) return readPath(cursor, at)
    cursor.take()
    // Forms write `null` for "no value". To a phone it is a path to nowhere, which says the same.
    return text === 'null' ? { type: 'literal', value: '', at } : { type: 'ref', id: text, bare: true, at }
  }
  if (kind !== 'symbol' || !PATH_STARTS.has(text)) throw new SyntaxFault(unexpected(token, 'xlsform'), at)
  return readPath(cursor, at)
}

/** A path, from its first step or on from `base`. One of plain steps that ends in a name is a field, because ids are
 *  unique in a form; `..` only is the surroundings; every other is kept as written, with the expressions within it. */
function readPath(cursor: Cursor, at: number, base?: Node): Node {
  const args: Node[] = base === undefined ? [] : [base]
  const plain: (string | undefined)[] = []
  let isPlain = base === undefined || (base.type === 'call' && base.name === 'current')
  let to = at
  const step = (): void => {
    const name = readStep(cursor, args)
    if (name === undefined) isPlain = false
    plain.push(name)
  }
  const predicates = (): void => {
    for (let opened = cursor.peek(); cursor.skip('['); opened = cursor.peek()) {
      isPlain = false
      args.push(cursor.expression())
      cursor.expect(']', opened)
    }
    to = cursor.end
  }
  if (base === undefined) {
    if (!cursor.skip('/')) cursor.skip('//')
    step()
  }
  predicates()
  while (cursor.skip('/') || cursor.skip('//')) {
    step()
    predicates()
  }
  const last = plain.at(-1)
  if (isPlain && last !== undefined && last !== '.' && last !== '..') return { type: 'ref', id: last, bare: false, at }
  const levels = plain.filter((name) => name === '..').length
  if (isPlain && plain.every((name) => name === '.' || name === '..')) {
    return levels === 0 ? { type: 'self', at } : { type: 'parent', levels, at }
  }
  return { type: 'path', text: cursor.text.slice(at, to), args, at }
}

/** One step; its name, `.` or `..` where it is plain. */
function readStep(cursor: Cursor, args: Node[]): string | undefined {
  const token = cursor.take()
  if (token.kind === 'name') {
    if (isSymbol(cursor.peek(), '(')) {
      args.push(...cursor.args())
      return undefined
    }
    if (!cursor.skip('::')) return token.text
    const tested = cursor.take()
    if (tested.kind !== 'name' && !isSymbol(tested, '*'))
      throw new SyntaxFault(unexpected(tested, 'xlsform'), tested.at)
    if (isSymbol(cursor.peek(), '(')) args.push(...cursor.args())
    return undefined
  }
  if (isSymbol(token, '.') || isSymbol(token, '..')) return token.text
  if (isSymbol(token, '*')) return undefined
  if (isSymbol(token, '@') && (cursor.peek().kind === 'name' || isSymbol(cursor.peek(), '*'))) {
    cursor.take()
    return undefined
  }
  throw new SyntaxFault(unexpected(token, 'xlsform'), token.at)
}
