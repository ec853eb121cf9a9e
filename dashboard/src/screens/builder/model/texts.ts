// Texts for people in the languages of a form. A form without languages has plain strings; its language here is ''.
import { isObject } from '../../../../../src/forms/canonical.ts'
import type { FormText } from '../../../../../src/forms/schema.ts'
import { textIn } from '../../../../../src/forms/texts.ts'
import { childrenOf } from '../../../../../src/forms/uids.ts'
import type { Field, FormSchema } from './document.ts'

/** The keys of a field that hold texts. */
export const TEXT_KEYS = [
  'label',
  'hint',
  'body',
  'required_message',
  'constraint_message',
  'other_text_label',
  'button_label',
] as const
export type TextKey = (typeof TEXT_KEYS)[number]

/** The languages of the form, its default first. */
export function languagesOf(document: FormSchema): string[] {
  const languages = new Set(document.default_language ? [document.default_language] : [])
  const note = (text: unknown): void => {
    if (isObject(text)) for (const language of Object.keys(text)) languages.add(language)
  }
  const walk = (fields: readonly Field[]): void => {
    for (const field of fields) {
      for (const key of TEXT_KEYS) note(field[key])
      if (Array.isArray(field.options)) for (const option of field.options) note(option.label)
      walk(childrenOf(field))
    }
  }
  note(document.title)
  walk(document.fields)
  for (const list of Object.values(document.choices ?? {})) {
    if (Array.isArray(list)) for (const option of list) note(option.label)
  }
  return [...languages]
}

/** As readers of `language` see it. */
export const shownText = (document: FormSchema, text: unknown, language: string): string | undefined =>
  textIn(text, language, document.default_language)

/** What is written in this very language. A plain string is in the form's default language. */
export function writtenText(document: FormSchema, text: unknown, language: string): string {
  if (typeof text === 'string') return language === '' || language === defaultOf(document) ? text : ''
  const own = isObject(text) && language !== '' ? text[language] : textIn(text)
  return typeof own === 'string' ? own : ''
}

/** `text` with `value` in this language; undefined when nothing is left of it. */
export function withText(
  document: FormSchema,
  text: FormText | undefined,
  language: string,
  value: string,
): FormText | undefined {
  if (language === '') return value === '' ? undefined : value
  const main = defaultOf(document)
  const texts: Record<string, string> =
    typeof text === 'string' ? (main === undefined ? {} : { [main]: text }) : { ...text }
  if (value === '') delete texts[language]
  else texts[language] = value
  return Object.keys(texts).length > 0 ? texts : undefined
}

const defaultOf = (document: FormSchema): string | undefined => document.default_language ?? languagesOf(document)[0]
