// What the columns of a sheet are: their many spellings, and the language that a text is in. Says nothing of rows.
// Source: xlsform.org, and the aliases that pyxform takes.
import type { Sheet } from '../../lib/sheet.ts'
import type { FormText } from '../schema.ts'
import { type Findings, quoted, textOf } from './findings.ts'

/** A column of one sheet. `key` is what we call it, or `undefined` for one that is kept as it is. */
export interface Column {
  /** From 0. */
  readonly index: number
  /** As it is written. */
  readonly header: string
  readonly key: string | undefined
  /** As it is written behind the colons; texts and media only. */
  readonly language: string | undefined
}

/** Texts, which may come once per language. */
export const TEXT_KEYS = ['label', 'hint', 'required_message', 'constraint_message'] as const
export const MEDIA_KINDS = ['image', 'audio', 'video', 'big-image'] as const
const TRANSLATED: ReadonlySet<string> = new Set([...TEXT_KEYS, ...MEDIA_KINDS])

/** Our column with what only we know of a field: its uid, and whatever XLSForm has no column for. JSON. */
export const OWN_COLUMN = 'fieldpost'

const SURVEY_KEYS: ReadonlySet<string> = new Set([
  ...TEXT_KEYS,
  ...MEDIA_KINDS,
  'type',
  'name',
  'required',
  'relevant',
  'constraint',
  'calculation',
  'default',
  'read_only',
  'choice_filter',
  'repeat_count',
  'appearance',
  'parameters',
  'disabled',
  OWN_COLUMN,
])
const CHOICES_KEYS: ReadonlySet<string> = new Set(['list_name', 'name', 'label', ...MEDIA_KINDS, OWN_COLUMN])
const SETTINGS_KEYS: ReadonlySet<string> = new Set([
  'form_title',
  'form_id',
  'version',
  'default_language',
  'allow_choice_duplicates',
  OWN_COLUMN,
])

/** Lower case, spaces as underscores, `::` between the parts. */
const SURVEY_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    command: 'type',
    tag: 'name',
    value: 'name',
    caption: 'label',
    relevance: 'relevant',
    skip_logic: 'relevant',
    readonly: 'read_only',
    calculate: 'calculation',
    calculations: 'calculation',
    constraining_message: 'constraint_message',
    requiredmsg: 'required_message',
    count: 'repeat_count',
    'jr:count': 'repeat_count',
    choice_filters: 'choice_filter',
    parameter: 'parameters',
    'bind::relevant': 'relevant',
    'bind::required': 'required',
    'bind::readonly': 'read_only',
    'bind::constraint': 'constraint',
    'bind::calculate': 'calculation',
    'bind::jr:constraintmsg': 'constraint_message',
    'bind::jr:requiredmsg': 'required_message',
    'body::appearance': 'appearance',
    'control::appearance': 'appearance',
    'body::jr:count': 'repeat_count',
    'control::jr:count': 'repeat_count',
  }),
)
const CHOICES_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({ value: 'name', caption: 'label', listname: 'list_name' }),
)
const SETTINGS_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    title: 'form_title',
    set_form_title: 'form_title',
    id_string: 'form_id',
    set_form_id: 'form_id',
  }),
)

const SHEETS = {
  survey: { keys: SURVEY_KEYS, aliases: SURVEY_ALIASES },
  choices: { keys: CHOICES_KEYS, aliases: CHOICES_ALIASES },
  settings: { keys: SETTINGS_KEYS, aliases: SETTINGS_ALIASES },
} as const

/** The columns of a sheet that has a header in its first filled row, which is row `headerRow` (from 1; 0 for none). */
export interface Header {
  readonly columns: readonly Column[]
  readonly headerRow: number
}

export function headerOf(sheet: Sheet, kind: keyof typeof SHEETS, findings: Findings): Header {
  const at = sheet.rows.findIndex((row) => row.some((cell) => textOf(cell) !== ''))
  if (at < 0) return { columns: [], headerRow: 0 }
  const columns: Column[] = []
  for (const [index, cell] of sheet.rows[at]!.entries()) {
    const header = textOf(cell).replace(/\s+/g, ' ')
    if (header === '__proto__')
      findings.fault({ sheet, row: at + 1, column: { index, header } }, 'Give the column another name.')
    else if (header !== '') columns.push({ index, header, ...meaningOf(header, kind) })
    else warnOfNameless(sheet, at, index, findings)
  }
  return { columns, headerRow: at + 1 }
}

function warnOfNameless(sheet: Sheet, headerAt: number, index: number, findings: Findings): void {
  const filled = sheet.rows.findIndex((row, at) => at > headerAt && textOf(row[index]) !== '')
  if (filled < 0) return
  const place = { sheet, row: filled + 1, column: { index, header: '(none)' } }
  findings.warn(place, 'This column has no header, so what is in it is left out. Give it a header.')
}

/** What a header means in this kind of sheet. */
export function meaningOf(header: string, kind: keyof typeof SHEETS): Pick<Column, 'key' | 'language'> {
  const { keys, aliases } = SHEETS[kind]
  const parts = partsOf(header)
  const spelled = parts.map((part) => part.toLowerCase().replace(/ /g, '_'))
  const whole = aliases.get(spelled.join('::')) ?? spelled.join('::')
  if (keys.has(whole)) return { key: whole, language: undefined }
  // The last part may name a language, and media may stand before the kind of media.
  const language = parts.at(-1)!
  const base = spelled.slice(0, -1)
  for (const name of [base.join('::'), base.slice(1).join('::')]) {
    const key = aliases.get(name) ?? name
    const isMedia = base[0] === 'media' && base.length === 2
    if (TRANSLATED.has(key) && keys.has(key) && (name === base.join('::') || isMedia)) return { key, language }
  }
  if (spelled[0] === 'media' && spelled.length === 2 && keys.has(spelled[1]!))
    return { key: spelled[1], language: undefined }
  return { key: undefined, language: undefined }
}

/** `label::English (en)` as its parts. Old forms write one colon before the language. */
function partsOf(header: string): string[] {
  const parts = header.split('::').map((part) => part.trim())
  if (parts.length > 1) return parts
  const colon = header.indexOf(':')
  const base = header.slice(0, colon).trim().toLowerCase().replace(/ /g, '_')
  return colon > 0 && (TRANSLATED.has(base) || base === 'media') ? header.split(':').map((part) => part.trim()) : parts
}

/** The languages of a form: what their columns are headed, and what we call them. `English (en)` is `en`. */
export class Languages {
  /** Ours to theirs, where they differ. */
  readonly headings = new Map<string, string>()
  readonly #known = new Set<string>()

  keyOf(written: string): string {
    const code = /\(([A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*)\)$/.exec(written)?.[1]
    const key = code ?? written
    if (code !== undefined && !this.#known.has(code)) this.headings.set(code, written)
    this.#known.add(key)
    return key
  }

  /** A text of ours that is the same in every language of the form. */
  inAll(text: string): FormText {
    return this.#known.size === 0 ? text : Object.fromEntries([...this.#known].map((key) => [key, text]))
  }
}

/** Says which languages some of the translated columns have and others lack. */
export function warnOfGaps(
  sheet: Sheet,
  { columns, headerRow }: Header,
  languages: Languages,
  findings: Findings,
): void {
  const byKey = new Map<string, Set<string>>()
  for (const { key, language } of columns) {
    if (key === undefined || language === undefined) continue
    byKey.set(key, (byKey.get(key) ?? new Set()).add(languages.keyOf(language)))
  }
  const all = new Set([...byKey.values()].flatMap((names) => [...names]))
  for (const [key, names] of byKey) {
    const missing = [...all].filter((name) => !names.has(name)).map(quoted)
    const column = columns.find((one) => one.key === key)
    if (missing.length === 0) continue
    findings.warn(
      { sheet, row: headerRow, column },
      `There is no ${key} in ${missing.join(', ')}; other texts have one.`,
    )
  }
}
