// The foot of the native grammar: plain names are fields. A superset of contract 8.8 and 8.9.
import { type Cursor, isSymbol, sharedPrimary, unexpected } from './cursor.ts'
import { type Node, SyntaxFault } from './syntax.ts'

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** A literal, a field (`age`, or `${age}` for an id that is no plain name), `.`, `..`, a call, or parentheses. */
export function nativePrimary(cursor: Cursor): Node {
  const shared = sharedPrimary(cursor)
  if (shared !== undefined) return shared
  const token = cursor.take()
  const { at, text } = token
  if (token.kind === 'field') return { type: 'ref', id: text, bare: false, at }
  if (token.kind === 'name') {
    if (isSymbol(cursor.peek(), '(')) return { type: 'call', name: text, args: cursor.args(), at }
    const constant = CONSTANTS.get(text)
    if (constant !== undefined) return { type: 'literal', value: constant, at }
    return { type: 'ref', id: text, bare: true, at }
  }
  if (isSymbol(token, '.')) return { type: 'self', at }
  if (isSymbol(token, '..')) {
    let levels = 1
    while (isSymbol(cursor.peek(), '/') && isSymbol(cursor.peek(1), '..')) {
      cursor.take()
      cursor.take()
      levels++
    }
    return { type: 'parent', levels, at }
  }
  throw new SyntaxFault(unexpected(token, 'native'), at)
}
