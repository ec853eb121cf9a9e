// Finds where each element of a JSON array begins and ends in its source text, so that an item can be kept byte for
// byte. It does not parse values or check syntax: the text must already have been accepted by `JSON.parse`.

/** A slice of the source in UTF-16 code units: `text.slice(start, end)` is exactly one value, without white space. */
export interface Span {
  start: number
  end: number
}

const QUOTE = 34
const COMMA = 44
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** The elements of the top-level array of `text`, in order; with `key`, when the top level is an object, those of the
 *  array under that key (of a repeated key the last counts, as in `JSON.parse`). Undefined when there is no such array.
 *  Linear in the text and iterative, so no depth of nesting breaks it. Grammar: RFC 8259. */
export const arrayElementSpans = (text: string, key?: string): Span[] | undefined => {
  const start = skipSpace(text, 0)
  if (text.charCodeAt(start) === OPEN_BRACKET) return elements(text, start)
  if (key === undefined || text.charCodeAt(start) !== OPEN_BRACE) return undefined
  const value = lastValueOf(text, start, key)
  return value !== undefined && text.charCodeAt(value) === OPEN_BRACKET ? elements(text, value) : undefined
}

const elements = (text: string, open: number): Span[] => {
  const spans: Span[] = []
  let at = skipSpace(text, open + 1)
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = skipValue(text, at)
    spans.push({ start: at, end })
    at = skipSpace(text, end)
    if (text.charCodeAt(at) !== COMMA) break
    at = skipSpace(text, at + 1)
  }
  return spans
}

/** Where the value of `key` begins in the object that opens at `open`. */
const lastValueOf = (text: string, open: number, key: string): number | undefined => {
  let found: number | undefined
  let at = skipSpace(text, open + 1)
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at)
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1)
    // A key may be spelt with escapes, so it is compared as a value.
    if (JSON.parse(text.slice(at, keyEnd)) === key) found = value
    at = skipSpace(text, skipValue(text, value))
    if (text.charCodeAt(at) !== COMMA) break
    at = skipSpace(text, at + 1)
  }
  return found
}

const skipSpace = (text: string, from: number) => {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at
    at++
  }
}

/** From the opening quote to just after the closing one. */
const skipString = (text: string, from: number) => {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) return at + 1
  }
  return text.length
}

/** To just after the value that begins at `from`. */
const skipValue = (text: string, from: number) => {
  let depth = 0
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = skipString(text, at)
      if (depth === 0) return at
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      depth++
      at++
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) {
      depth--
      at++
      if (depth === 0) return at
    } else if (depth > 0) {
      at++
    } else {
      return skipScalar(text, at)
    }
  }
  return at
}

/** A number, true, false or null: up to white space, a comma or a closing bracket. */
const skipScalar = (text: string, from: number) => {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code === COMMA || code === CLOSE_BRACKET || code === CLOSE_BRACE) break
  }
  return at
}
