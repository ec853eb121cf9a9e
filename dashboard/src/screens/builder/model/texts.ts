// Texts for people in the languages of one document. A form without languages has plain strings; its language here is ''.
import type { FormText } from '../../../../../src/forms/schema.ts'
import { textIn } from '../../../../../src/forms/texts.ts'
import * as one from '../parts/texts.ts'
import { languagesOf as readLanguages } from '../parts/translations/document-texts.ts'
import type { FormSchema } from './document.ts'

export type TextKey =
  | 'label'
  | 'hint'
  | 'body'
  | 'required_message'
  | 'constraint_message'
  | 'other_text_label'
  | 'button_label'

/** Asked for by every text on the screen. */
const known = new WeakMap<FormSchema, readonly string[]>()

/** The languages of the form, its default first. */
export function languagesOf(document: FormSchema): readonly string[] {
  const languages = known.get(document) ?? readLanguages(document)
  known.set(document, languages)
  return languages
}

const mainOf = (document: FormSchema): string => languagesOf(document)[0] ?? ''

/** As readers of `language` see it. */
export const shownText = (document: FormSchema, text: unknown, language: string): string | undefined =>
  textIn(text, language, document.default_language)

/** What is written in this very language. A plain string is in the form's default language. */
export const writtenText = (document: FormSchema, text: unknown, language: string): string =>
  one.writtenText(text, language, mainOf(document))

/** `text` with `value` in this language; undefined when nothing is left of it. */
export const withText = (
  document: FormSchema,
  text: FormText | undefined,
  language: string,
  value: string,
): FormText | undefined => one.withText(text, language, mainOf(document), value)
