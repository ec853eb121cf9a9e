// Whether a default is a value or is to be computed. XLSForm has one column for both.
import { isFunctionName } from '../expression/functions.ts'
import { parseExpression } from '../expression/parse.ts'

/** A text is computed when it names a field or calls a function and reads as an expression: `today()`, `${age} + 1`. */
export function isDynamicDefault(text: string): boolean {
  if (!text.includes('${') && ![...text.matchAll(CALL)].some(([, name]) => isFunctionName(name!))) return false
  return text.includes('${') || parseExpression(text, 'xlsform').ok
}

const CALL = /(?<![\w:-])([a-z][\w:-]{0,40})\(/g
