// The door to the two grammars: text in, syntax tree or fault out.
import { Cursor, unexpected } from './cursor.ts'
import { nativePrimary } from './parse-native.ts'
import { xlsformPrimary } from './parse-xlsform.ts'
import { type Dialect, type Node, SyntaxFault } from './syntax.ts'

/** What is wrong with a text. `column` counts characters from 1. */
export interface ExpressionFault {
  readonly message: string
  readonly column: number
}

export type Parsed =
  | { readonly ok: true; readonly node: Node }
  | { readonly ok: false; readonly fault: ExpressionFault }

/** The tree of `text`, or why there is none. Never throws; takes time linear in the length of the text. */
export function parseExpression(text: string, dialect: Dialect): Parsed {
  try {
    const cursor = new Cursor(text, dialect, dialect === 'native' ? nativePrimary : xlsformPrimary)
    const node = cursor.expression()
    const next = cursor.peek()
    if (next.kind !== 'end') throw new SyntaxFault(unexpected(next, dialect), next.at)
    return { ok: true, node }
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return { ok: false, fault: { message: error.message, column: error.at + 1 } }
  }
}
