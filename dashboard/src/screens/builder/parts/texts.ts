// One text of a form in its languages. `main` is the language that a plain string is in; '' in a form without languages,
// whose texts are all plain.
import { isObject } from '../../../../../src/forms/canonical.ts'
import type { FormText } from '../../../../../src/forms/schema.ts'
import { textIn } from '../../../../../src/forms/texts.ts'

/** What is written in this very language. */
export function writtenText(text: unknown, language: string, main: string): string {
  if (typeof text === 'string') return language === main ? text : ''
  const own = isObject(text) && language !== '' ? (Object.hasOwn(text, language) ? text[language] : '') : textIn(text)
  return typeof own === 'string' ? own : ''
}

/** `text` with `value` in this language; undefined when nothing is left of it. */
export function withText(
  text: FormText | undefined,
  language: string,
  main: string,
  value: string,
): FormText | undefined {
  if (language === '') return value === '' ? undefined : value
  const isPlain = typeof text === 'string'
  if (isPlain && language === main) return value === '' ? undefined : value
  const { [language]: _, ...others } = isPlain ? (text === '' ? {} : { [main]: text }) : (text ?? {})
  const texts = value === '' ? others : { ...others, [language]: value }
  return Object.keys(texts).length > 0 ? texts : undefined
}
