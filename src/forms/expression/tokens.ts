// Cuts the text of an expression into tokens, in time linear in its length. The dialects differ in what a name is:
// XPath allows `-`, `.` and a prefix in it, ours does not, so that `a-b` subtracts.
import { isFunctionName } from './functions.ts'
import { type Dialect, MAX_LENGTH, SyntaxFault } from './syntax.ts'

/** `field` is the inside of `${…}`; `text` of a string literal is without its quotes. */
export interface Token {
  readonly kind: 'number' | 'text' | 'field' | 'name' | 'symbol' | 'end'
  readonly text: string
  readonly at: number
  /** Where the token ends. */
  readonly to: number
}

const SPACE = /\s+/y
const NUMBER = /\d+(?:\.\d*)?|\.\d+/y
const NATIVE_NAME = /[A-Za-z_]\w*/y
/** The hyphens are read as part of a name only where that makes a function: `string-length(a)`, but `a-int(b)`. */
const FUNCTION_NAME = /[a-z]\w*(?:[-:][a-z]\w*){1,2}(?=\s{0,10}\()/y
const XPATH_NAME = /[\p{L}_][\p{L}\p{N}_.\-·]*(?::(?!:)[\p{L}_][\p{L}\p{N}_.\-·]*)?/uy
const SYMBOLS = ['!=', '<=', '>=', '==', '&&', '||', '::', '//', '..', ...'(),=<>+-*/|[].@!&%'] as const
const MAX_NAME = 255

/** The tokens of `text`, the last one being `end`. Throws `SyntaxFault`. */
export function tokenise(text: string, dialect: Dialect): Token[] {
  if (text.length > MAX_LENGTH) throw new SyntaxFault(`an expression has at most ${MAX_LENGTH} characters`, MAX_LENGTH)
  const tokens: Token[] = []
  let at = 0
  const push = (kind: Token['kind'], content: string, to: number): void => {
    tokens.push({ kind, text: content, at, to })
    at = to
  }
  for (;;) {
    at += match(SPACE, text, at).length
    if (at >= text.length) break
    const char = text[at]!
    if (char === '"' || char === "'") {
      const end = text.indexOf(char, at + 1)
      if (end < 0) throw new SyntaxFault(`the text that starts here has no closing ${char}`, at)
      push('text', text.slice(at + 1, end), end + 1)
    } else if (text.startsWith('${', at)) {
      const end = text.indexOf('}', at)
      if (end < 0) throw new SyntaxFault("the '$' that starts here has no closing '}'", at)
      const id = text.slice(at + 2, end).trim()
      if (id === '' || id.length > MAX_NAME)
        throw new SyntaxFault("the braces after '$' must hold the id of a field", at)
      push('field', id, end + 1)
    } else {
      const number = match(NUMBER, text, at)
      const name = number === '' ? nameAt(text, at, dialect) : ''
      if (number !== '') push('number', number, at + number.length)
      else if (name !== '') push('name', name, at + name.length)
      else {
        const symbol = SYMBOLS.find((candidate) => text.startsWith(candidate, at))
        if (symbol === undefined) throw new SyntaxFault(unreadable(text, at), at)
        push('symbol', symbol, at + symbol.length)
      }
    }
  }
  push('end', '', at)
  return tokens
}

function nameAt(text: string, at: number, dialect: Dialect): string {
  if (dialect === 'xlsform') return match(XPATH_NAME, text, at)
  const hyphenated = match(FUNCTION_NAME, text, at)
  return isFunctionName(hyphenated) ? hyphenated : match(NATIVE_NAME, text, at)
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

function unreadable(text: string, at: number): string {
  const char = String.fromCodePoint(text.codePointAt(at)!)
  if ('‘’“”„'.includes(char)) return `${char} is a typographic quote; write ' or "`
  if (char === '$') return "'$' stands only before the id of a field in braces"
  if (/\p{L}/u.test(char)) return `'${char}': an id with letters beyond a to z is written in braces after a '$'`
  return `'${char}' means nothing in an expression`
}
