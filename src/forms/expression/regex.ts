// Regular expressions in time linear in the text: a pattern becomes a small machine whose states are followed all at
// once, so no pattern can make it backtrack. What such a machine cannot do (back references, looking around) is
// refused. Written for the patterns of forms: Java's classes and escapes, matched against the whole answer.

export const MAX_PATTERN = 1_000
export const MAX_TEXT = 10_000
/** States of the machine; `a{1,1000}` makes a thousand. */
export const MAX_STATES = 5_000
const MAX_GROUPS = 50

type Matcher = (char: string) => boolean
type Op =
  | { readonly op: 'char'; readonly matches: Matcher }
  | { readonly op: 'split'; to: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'assert'; readonly kind: '^' | '$' | 'b' | 'B' }
  | { readonly op: 'match' }

type Tree =
  | { readonly type: 'char'; readonly matches: Matcher }
  | { readonly type: 'assert'; readonly kind: '^' | '$' | 'b' | 'B' }
  | { readonly type: 'all' | 'any'; readonly parts: readonly Tree[] }
  | { readonly type: 'repeat'; readonly part: Tree; readonly min: number; readonly max: number }

/** A pattern ready to match. */
export interface Pattern {
  /** Whether the whole of `text` matches; `spend` is told of the work, in steps, as it is done. */
  test(text: string, spend: (steps: number) => void): boolean
}

class PatternFault extends Error {}

/** The machine of `pattern`, or a sentence that says why there is none. */
export function compilePattern(pattern: string): Pattern | string {
  try {
    const reader = new Reader(pattern)
    const program: Op[] = []
    emit(reader.read(), program)
    program.push({ op: 'match' })
    return { test: (text, spend) => run(program, reader.ignoresCase ? text.toLowerCase() : text, spend) }
  } catch (error) {
    if (error instanceof PatternFault) return error.message
    throw error
  }
}

const isDigit: Matcher = (char) => char >= '0' && char <= '9'
const isWord: Matcher = (char) => /^\w$/.test(char)
const isSpace: Matcher = (char) => /^\s$/.test(char)
const not =
  (matches: Matcher): Matcher =>
  (char) =>
    !matches(char)
const CLASSES: Readonly<Record<string, Matcher>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
}
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', '0': '\0' }
const POSIX: Readonly<Record<string, string>> = {
  Alpha: 'Alphabetic',
  Digit: 'Nd',
  Upper: 'Uppercase',
  Lower: 'Lowercase',
  Punct: 'P',
  Space: 'White_Space',
  IsAlphabetic: 'Alphabetic',
}

/** Reads a pattern into a tree. */
class Reader {
  ignoresCase = false
  readonly #chars: readonly string[]
  #at = 0
  #groups = 0

  constructor(pattern: string) {
    if (pattern.length > MAX_PATTERN) throw new PatternFault(`a pattern has at most ${MAX_PATTERN} characters`)
    this.#chars = [...pattern]
  }

  read(): Tree {
    if (this.#skip('(?i)')) this.ignoresCase = true
    const tree = this.#alternatives()
    if (this.#at < this.#chars.length) throw new PatternFault("the pattern has a ')' without '('")
    return tree
  }

  #peek(): string {
    return this.#chars[this.#at] ?? ''
  }

  #skip(text: string): boolean {
    for (const [index, char] of [...text].entries()) if (this.#chars[this.#at + index] !== char) return false
    this.#at += text.length
    return true
  }

  #alternatives(): Tree {
    const parts = [this.#sequence()]
    while (this.#skip('|')) parts.push(this.#sequence())
    return parts.length === 1 ? parts[0]! : { type: 'any', parts }
  }

  #sequence(): Tree {
    const parts: Tree[] = []
    while (this.#at < this.#chars.length && this.#peek() !== '|' && this.#peek() !== ')') {
      parts.push(this.#quantified(this.#atom()))
    }
    return { type: 'all', parts }
  }

  #quantified(part: Tree): Tree {
    const bounds = this.#bounds()
    if (bounds === undefined) return part
    // Lazy or greedy is the same to a question of yes or no.
    this.#skip('?')
    if (this.#peek() === '+') throw new PatternFault("possessive quantifiers ('++') are not understood")
    if (this.#bounds() !== undefined) throw new PatternFault('the pattern has two quantifiers in a row')
    return { type: 'repeat', part, ...bounds }
  }

  #bounds(): { min: number; max: number } | undefined {
    if (this.#skip('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#skip('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#skip('?')) return { min: 0, max: 1 }
    const written = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 12).join(''))
    if (written === null) return undefined
    this.#at += written[0].length
    const min = Number(written[1])
    const max = written[2] === undefined ? min : written[3] ? Number(written[3]) : Number.POSITIVE_INFINITY
    if (max < min) throw new PatternFault(`the quantifier ${written[0]} has its bounds the wrong way round`)
    return { min, max }
  }

  #atom(): Tree {
    const char = this.#chars[this.#at++]!
    if (char === '(') return this.#group()
    if (char === '[') return { type: 'char', matches: this.#cased(this.#set()) }
    if (char === '.') return { type: 'char', matches: (c) => c !== '\n' && c !== '\r' }
    if (char === '^' || char === '$') return { type: 'assert', kind: char }
    if (char === '*' || char === '+' || char === '?')
      throw new PatternFault(`the pattern has nothing to repeat before '${char}'`)
    if (char !== '\\') return this.#literal(char)
    const next = this.#peek()
    if (next === 'b' || next === 'B') {
      this.#at++
      return { type: 'assert', kind: next }
    }
    const escaped = this.#escape()
    return typeof escaped === 'string' ? this.#literal(escaped) : { type: 'char', matches: escaped }
  }

  #literal(char: string): Tree {
    const wanted = this.ignoresCase ? char.toLowerCase() : char
    return { type: 'char', matches: (c) => c === wanted }
  }

  /** With case ignored the text arrives in lower case, so a class is asked for both. */
  #cased(matches: Matcher): Matcher {
    return this.ignoresCase ? (char) => matches(char) || matches(char.toUpperCase()) : matches
  }

  #group(): Tree {
    if (++this.#groups > MAX_GROUPS) throw new PatternFault(`a pattern has at most ${MAX_GROUPS} groups`)
    if (this.#peek() === '?') {
      const isNamed = /^\?<[A-Za-z]\w*>/.exec(this.#chars.slice(this.#at, this.#at + 40).join(''))
      if (isNamed !== null) this.#at += isNamed[0].length
      else if (!this.#skip('?:')) throw new PatternFault("looking ahead or behind, as in '(?=', is not understood")
    }
    const tree = this.#alternatives()
    if (!this.#skip(')')) throw new PatternFault("the pattern has a '(' without ')'")
    return tree
  }

  #escape(): string | Matcher {
    const char = this.#chars[this.#at++]
    if (char === undefined) throw new PatternFault("the pattern ends in '\\'")
    const named = CLASSES[char]
    if (named !== undefined) return named
    if (char === 'p' || char === 'P') return this.#property(char === 'P')
    if (char === 'u' || char === 'x') return this.#codePoint(char === 'u' ? 4 : 2)
    if (char >= '1' && char <= '9')
      throw new PatternFault(`references back to a group, as in '\\${char}', are not understood`)
    if (Object.hasOwn(CONTROLS, char)) return CONTROLS[char]!
    if (/[A-Za-z]/.test(char)) throw new PatternFault(`'\\${char}' is not understood`)
    return char
  }

  #codePoint(digits: number): string {
    const hex = this.#chars.slice(this.#at, this.#at + digits).join('')
    if (!new RegExp(`^[0-9A-Fa-f]{${digits}}$`).test(hex)) throw new PatternFault('a character code has too few digits')
    this.#at += digits
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  #property(isNegated: boolean): Matcher {
    const rest = this.#chars.slice(this.#at, this.#at + 40).join('')
    const written = /^\{(\w+)\}/.exec(rest) ?? /^([A-Z])/.exec(rest)
    if (written === null) throw new PatternFault("'\\p' needs the name of a property, as in '\\p{L}'")
    this.#at += written[0].length
    const name = POSIX[written[1]!] ?? written[1]!
    try {
      const pattern = new RegExp(`^\\p{${name}}$`, 'u')
      return (char) => pattern.test(char) !== isNegated
    } catch {
      throw new PatternFault(`there is no property '${written[1]}' of characters`)
    }
  }

  #set(): Matcher {
    const isNegated = this.#skip('^')
    const members: Matcher[] = []
    for (let isFirst = true; ; isFirst = false) {
      const char = this.#chars[this.#at++]
      if (char === undefined) throw new PatternFault("the pattern has a '[' without ']'")
      if (char === ']' && !isFirst) break
      if (char === '&' && this.#peek() === '&') throw new PatternFault("'&&' in a set is not understood")
      const low = char === '\\' ? this.#escape() : char
      if (typeof low !== 'string') members.push(low)
      else if (this.#peek() !== '-' || (this.#chars[this.#at + 1] ?? ']') === ']') members.push((c) => c === low)
      else {
        this.#at++
        const last = this.#chars[this.#at++]!
        const high = last === '\\' ? this.#escape() : last
        if (typeof high !== 'string' || high < low) throw new PatternFault('a range in a set is the wrong way round')
        members.push((c) => c >= low && c <= high)
      }
    }
    return (char) => members.some((matches) => matches(char)) !== isNegated
  }
}

function push(program: Op[], op: Op): void {
  if (program.length >= MAX_STATES) throw new PatternFault('the pattern repeats too much')
  program.push(op)
}

function emit(tree: Tree, program: Op[]): void {
  if (tree.type === 'char') push(program, { op: 'char', matches: tree.matches })
  else if (tree.type === 'assert') push(program, { op: 'assert', kind: tree.kind })
  else if (tree.type === 'repeat') emitRepeat(tree.part, tree.min, tree.max, program)
  else if (tree.type === 'any') emitAny(tree.parts, program)
  else for (const part of tree.parts) emit(part, program)
}

function emitAny(parts: readonly Tree[], program: Op[]): void {
  const jumps: { to: number }[] = []
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1) {
      emit(part, program)
      break
    }
    const split = { op: 'split' as const, to: 0 }
    push(program, split)
    emit(part, program)
    const jump = { op: 'jump' as const, to: 0 }
    push(program, jump)
    jumps.push(jump)
    split.to = program.length
  }
  for (const jump of jumps) jump.to = program.length
}

function emitRepeat(part: Tree, min: number, max: number, program: Op[]): void {
  // A part that makes no states repeats to nothing; its copies would be free of every bound.
  const before = program.length
  for (let count = 0; count < min; count++) {
    emit(part, program)
    if (program.length === before) return
  }
  if (max === Number.POSITIVE_INFINITY) {
    const start = program.length
    const split = { op: 'split' as const, to: 0 }
    push(program, split)
    emit(part, program)
    push(program, { op: 'jump', to: start })
    split.to = program.length
    return
  }
  const splits: { to: number }[] = []
  for (let count = min; count < max; count++) {
    const split = { op: 'split' as const, to: 0 }
    push(program, split)
    splits.push(split)
    emit(part, program)
  }
  for (const split of splits) split.to = program.length
}

function run(program: readonly Op[], text: string, spend: (steps: number) => void): boolean {
  const chars = [...text]
  const seen = new Int32Array(program.length).fill(-1)
  let current: number[] = []
  let visited = 0
  const follow = (start: number, at: number, into: number[]): void => {
    const open = [start]
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      if (seen[state] === at) continue
      seen[state] = at
      visited++
      const op = program[state]!
      if (op.op === 'jump') open.push(op.to)
      else if (op.op === 'split') open.push(op.to, state + 1)
      else if (op.op === 'assert') {
        if (holds(op.kind, chars, at)) open.push(state + 1)
      } else into.push(state)
    }
  }
  follow(0, 0, current)
  for (let at = 0; at < chars.length; at++) {
    if (current.length === 0) return false
    spend(1 + visited)
    visited = 0
    const next: number[] = []
    for (const state of current) {
      const op = program[state]!
      if (op.op === 'char' && op.matches(chars[at]!)) follow(state + 1, at + 1, next)
    }
    current = next
  }
  return current.some((state) => program[state]!.op === 'match')
}

function holds(kind: '^' | '$' | 'b' | 'B', chars: readonly string[], at: number): boolean {
  if (kind === '^') return at === 0
  if (kind === '$') return at === chars.length
  const isEdge = isWord(chars[at - 1] ?? ' ') !== isWord(chars[at] ?? ' ')
  return isEdge === (kind === 'b')
}
