// All texts of a form document, where they stand, and its languages: added, removed, made the default. Every change makes
// a new document that shares what stayed the same.
import { isObject } from '../../../../../../src/forms/canonical.ts'
import type { FormSchema, FormText } from '../../../../../../src/forms/schema.ts'
import { childrenOf } from '../../../../../../src/forms/uids.ts'
import { withText } from '../texts.ts'

/** The keys of a field that hold texts. */
const FIELD_TEXTS = [
  'label',
  'hint',
  'body',
  'required_message',
  'constraint_message',
  'other_text_label',
  'button_label',
] as const

type Path = readonly (string | number)[]

/** One text of the document. */
export interface Slot {
  /** From the document to the text: `['fields', 0, 'label']`. */
  path: Path
  /** `title`, `label`, …, `option`: the label of one; `media.image`: the name of a file. */
  what: string
  /** Whose it is: the id of a field, the name of a list; '' for the form itself. Of an option, its value behind it. */
  of: string
  text: FormText
}

/** Every text that says something in some language, in the order of the form. */
export const slotsOf = (document: FormSchema): Slot[] =>
  placesOf(document).filter(({ text }) => Object.values(typeof text === 'string' ? [text] : text).some(isSaid))

const isSaid = (text: unknown): boolean => typeof text === 'string' && text.trim() !== ''

/** The same with blank ones. */
function placesOf(document: FormSchema): Slot[] {
  const slots: Slot[] = []
  const note = (text: unknown, path: Path, what: string, of: string): void => {
    if (typeof text === 'string' || isObject(text)) slots.push({ path, what, of, text: text as FormText })
  }
  const options = (list: unknown, path: Path, of: string): void => {
    if (!Array.isArray(list)) return
    for (const [index, option] of list.entries()) {
      if (!isObject(option)) continue
      const name = `${of} · ${option.value}`
      note(option.label, [...path, index, 'label'], 'option', name)
      media(option.media, [...path, index, 'media'], name)
    }
  }
  const media = (files: unknown, path: Path, of: string): void => {
    if (!isObject(files)) return
    for (const [kind, file] of Object.entries(files)) note(file, [...path, kind], `media.${kind}`, of)
  }
  const walk = (fields: FormSchema['fields'], path: Path): void => {
    for (const [index, field] of fields.entries()) {
      const at = [...path, index]
      for (const key of FIELD_TEXTS) note(field[key], [...at, key], key, field.id)
      media(field.media, [...at, 'media'], field.id)
      options(field.options, [...at, 'options'], field.id)
      walk(childrenOf(field) as FormSchema['fields'], [...at, 'fields'])
    }
  }
  note(document.title, ['title'], 'title', '')
  note(document.description, ['description'], 'description', '')
  walk(document.fields, ['fields'])
  for (const [name, list] of Object.entries(document.choices ?? {})) options(list, ['choices', name], name)
  return slots
}

/** The languages of the form, its default first. */
export function languagesOf(document: FormSchema): string[] {
  const languages = new Set(document.default_language ? [document.default_language] : [])
  for (const { text } of placesOf(document))
    if (typeof text !== 'string') for (const language of Object.keys(text)) languages.add(language)
  return [...languages]
}

/** `document` with what `change` makes of the value at `path`; undefined removes its key. */
function changedAt<T>(document: T, path: Path, change: (value: unknown) => unknown): T {
  const [key, ...rest] = path
  if (key === undefined) return change(document) as T
  if (Array.isArray(document)) return document.with(Number(key), changedAt(document[Number(key)], rest, change)) as T
  const { [key]: value, ...others } = document as Record<string, unknown>
  const after = changedAt(value, rest, change)
  if (after === value) return document
  // The keys keep their order.
  return (after === undefined ? others : { ...document, [key]: after }) as T
}

/** The document with `value` as the text at `path` in this language. */
export function writeText(document: FormSchema, path: Path, language: string, value: string): FormSchema {
  const main = languagesOf(document)[0] ?? ''
  return changedAt(document, path, (text) => {
    const after = withText(text as FormText | undefined, language, main, value)
    // The title is where a language is noted that has no other text yet.
    return path[0] === 'title' && value === '' && language !== main ? noted(after, language, main) : after
  })
}

const noted = (text: FormText | undefined, language: string, main: string): FormText => ({
  ...(typeof text === 'string' ? { [main]: text } : text),
  [language]: '',
})

/** The document with one language more. Its texts are blank, so that readers see those of the default. `main`: the
 *  language of the texts that are there, needed where the form has none yet. */
export function addLanguage(document: FormSchema, language: string, main: string): FormSchema {
  const first = languagesOf(document)[0] ?? main
  const named = { ...document, default_language: document.default_language ?? first }
  if (language === '' || language === first || languagesOf(named).includes(language)) return named
  return { ...named, title: noted(document.title ?? '', language, first) }
}

/** The document without the texts of a language that is not its default. */
export function removeLanguage(document: FormSchema, language: string): FormSchema {
  const main = languagesOf(document)[0] ?? ''
  if (language === main) return document
  return placesOf(document).reduce((now, { path, text }) => {
    if (typeof text === 'string' || !Object.hasOwn(text, language)) return now
    return changedAt(now, path, (before) => withText(before as FormText, language, main, ''))
  }, document)
}

/** The document with another default. Plain texts were in the old one, and are now said to be. */
export function makeDefault(document: FormSchema, language: string): FormSchema {
  const before = languagesOf(document)[0]
  if (before === undefined || before === language) return { ...document, default_language: language }
  const named = placesOf(document).reduce(
    (now, { path, text }) => (typeof text === 'string' ? changedAt(now, path, () => ({ [before]: text })) : now),
    document,
  )
  return { ...named, default_language: language }
}
