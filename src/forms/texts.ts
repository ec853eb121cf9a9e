// Text for people in the language of the reader. Never decides which languages a form has.
import { isObject } from './canonical.ts'

/** `text` in `language`: that language's own, else the form's first choice, else whatever there is. A text that is
 *  no text (the document is an author's) is `undefined`, and so is a blank one. */
export function textIn(text: unknown, language?: string, fallback?: string): string | undefined {
  if (typeof text === 'string') return text.trim() === '' ? undefined : text
  if (!isObject(text)) return undefined
  const candidates = [language, fallback].flatMap((name) =>
    name !== undefined && Object.hasOwn(text, name) ? name : [],
  )
  for (const name of [...candidates, ...Object.keys(text)]) {
    const found = text[name]
    if (typeof found === 'string' && found.trim() !== '') return found
  }
  return undefined
}
