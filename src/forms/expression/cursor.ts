// Reads tokens into the syntax tree: the ladder of operators that both dialects share. What stands at its foot (names,
// paths, calls) is handed in by each dialect. Source: XPath 1.0 section 3.5 for the ranks.
import type { ArithmeticOperator, CompareOperator, Dialect, Link, Node } from './syntax.ts'
import { MAX_NESTING, SyntaxFault } from './syntax.ts'
import { type Token, tokenise } from './tokens.ts'

const EQUALITY: ReadonlySet<string> = new Set(['=', '!='])
const ORDER: ReadonlySet<string> = new Set(['<', '<=', '>', '>='])

/** A place in the tokens of one text, and the rules that read on from it. Throws `SyntaxFault`. */
export class Cursor {
  readonly text: string
  readonly #tokens: readonly Token[]
  readonly #primary: (cursor: Cursor) => Node
  readonly #slashDivides: boolean
  #next = 0
  #nesting = 0

  constructor(text: string, dialect: Dialect, primary: (cursor: Cursor) => Node) {
    this.text = text
    this.#tokens = tokenise(text, dialect)
    this.#primary = primary
    // In XPath a slash leads along a path.
    this.#slashDivides = dialect === 'native'
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!
  }

  /** Where the token before the next one ends. */
  get end(): number {
    return this.#tokens[this.#next - 1]?.to ?? 0
  }

  take(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.#next++
    return token
  }

  /** Takes the next token where it is this symbol. */
  skip(symbol: string): boolean {
    if (!isSymbol(this.peek(), symbol)) return false
    this.#next++
    return true
  }

  expect(symbol: string, opened: Token): void {
    if (this.skip(symbol)) return
    const next = this.peek()
    if (next.kind === 'end') throw new SyntaxFault(`'${opened.text}' has no closing '${symbol}'`, opened.at)
    throw new SyntaxFault(`'${symbol}' is missing before '${shown(next)}'`, next.at)
  }

  /** Reads with one more level of nesting. */
  within<T>(read: () => T): T {
    if (++this.#nesting > MAX_NESTING) {
      throw new SyntaxFault(`expressions nest at most ${MAX_NESTING} deep`, this.peek().at)
    }
    const result = read()
    this.#nesting--
    return result
  }

  expression(): Node {
    return this.within(() => this.#junction('or', () => this.#junction('and', () => this.#equality())))
  }

  /** The arguments of a call whose opening parenthesis is next. */
  args(): Node[] {
    const opened = this.take()
    const args: Node[] = []
    if (this.skip(')')) return args
    do args.push(this.expression())
    while (this.skip(','))
    this.expect(')', opened)
    return args
  }

  #junction(type: 'and' | 'or', read: () => Node): Node {
    const first = read()
    const args = [first]
    while (this.#skipWord(type)) args.push(read())
    return args.length === 1 ? first : { type, args, at: first.at }
  }

  #equality(): Node {
    return this.#comparison(EQUALITY, () => this.#comparison(ORDER, () => this.#additive()))
  }

  #comparison(operators: ReadonlySet<string>, read: () => Node): Node {
    const left = read()
    const next = this.peek()
    if (next.kind !== 'symbol' || !operators.has(next.text)) return left
    this.take()
    const node: Node = { type: 'compare', op: next.text as CompareOperator, left, right: read(), at: left.at }
    const more = this.peek()
    if (more.kind === 'symbol' && operators.has(more.text)) {
      throw new SyntaxFault("two values are compared at a time; join comparisons with 'and'", more.at)
    }
    return node
  }

  #additive(): Node {
    return this.#chain(
      () => this.#multiplicative(),
      () => (this.skip('+') ? '+' : this.skip('-') ? '-' : undefined),
    )
  }

  #multiplicative(): Node {
    return this.#chain(
      () => this.#unary(),
      () => {
        if (this.skip('*')) return '*'
        if (this.#skipWord('div') || (this.#slashDivides && this.skip('/'))) return 'div'
        return this.#skipWord('mod') ? 'mod' : undefined
      },
    )
  }

  #chain(read: () => Node, operator: () => ArithmeticOperator | undefined): Node {
    const first = read()
    const rest: Link[] = []
    for (let op = operator(); op !== undefined; op = operator()) rest.push({ op, arg: read() })
    return rest.length === 0 ? first : { type: 'chain', first, rest, at: first.at }
  }

  #unary(): Node {
    const { at } = this.peek()
    if (this.skip('-')) return { type: 'negate', arg: this.within(() => this.#unary()), at }
    const first = this.#primary(this)
    if (!isSymbol(this.peek(), '|')) return first
    const args = [first]
    while (this.skip('|')) args.push(this.#primary(this))
    return { type: 'union', args, at }
  }

  #skipWord(word: string): boolean {
    const next = this.peek()
    if (next.kind !== 'name' || next.text !== word) return false
    this.#next++
    return true
  }
}

/** Never names of fields without braces. Source: contract 8.2. */
const OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'div', 'mod'])

export const isSymbol = (token: Token, symbol: string): boolean => token.kind === 'symbol' && token.text === symbol

/** Literals, `${id}`, parentheses: what both dialects read alike. `undefined` when the next token is something else. */
export function sharedPrimary(cursor: Cursor): Node | undefined {
  const token = cursor.peek()
  const { at, text } = token
  if (token.kind === 'number') {
    cursor.take()
    const value = Number(text)
    if (!Number.isFinite(value)) throw new SyntaxFault('the number is too large', at)
    return { type: 'literal', value, at }
  }
  if (token.kind === 'text') {
    cursor.take()
    return { type: 'literal', value: text, at }
  }
  if (token.kind === 'name' && OPERATORS.has(text)) throw new SyntaxFault(`'${text}' has nothing before it`, at)
  if (!isSymbol(token, '(')) return undefined
  cursor.take()
  const node = cursor.expression()
  cursor.expect(')', token)
  return node
}

const shown = (token: Token): string => (token.kind === 'field' ? `\${${token.text}}` : token.text)

/** Says what to write instead of a token that nothing can be made of. */
export function unexpected(token: Token, dialect: Dialect): string {
  const { kind, text } = token
  if (kind === 'end') return 'the expression ends too early'
  const lower = text.toLowerCase()
  if (kind === 'name' && ['and', 'or', 'not', 'div', 'mod'].includes(lower) && lower !== text) {
    return `'${text}' is written in lower case: '${lower}'`
  }
  if (text === '==') return "'==' is written '='"
  if (text === '&&') return "'&&' is written 'and'"
  if (text === '||') return "'||' is written 'or'"
  if (text === '!') return "'!' is written 'not( )' or, between two values, '!='"
  if (text === '%') return "'%' is written 'mod'"
  if (text === '/' && dialect === 'xlsform') return "'/' divides nothing here; write 'div'"
  return `'${shown(token)}' is not expected here`
}
