// From a form document to the sheets of an XLSForm workbook. What XLSForm has no word for goes, as JSON, into a column of
// our own, so that reading the sheets gives the form again; other tools pass over that column.
// Source: xlsform.org; openrosa.md section 10.
import { type Cell, cellName, MAX_CELL_CHARS, type Sheet } from '../../lib/sheet.ts'
import { canonicalChoice, isObject } from '../canonical.ts'
import type { Field, FormSchema } from '../schema.ts'
import { textIn } from '../texts.ts'
import { MEDIA_KINDS, meaningOf, OWN_COLUMN } from './columns.ts'
import { type Line, Lines } from './lines.ts'
import { linesOf } from './write-field.ts'
import { isPlain, type Writing, writeText } from './writing.ts'

/** What of a form stands beside its document. */
export interface FormNames {
  /** Becomes form_id. */
  readonly key: string
  readonly version: string
}

export interface XlsformWritten {
  readonly sheets: readonly Pick<Sheet, 'name' | 'rows'>[]
  /** Cells that would hold more than a spreadsheet program takes; empty when the workbook can be made. */
  readonly tooLong: readonly string[]
}

const SURVEY_ORDER = [
  'type',
  'name',
  'label',
  'hint',
  'required',
  'required_message',
  'relevant',
  'constraint',
  'constraint_message',
  'calculation',
  'default',
  'read_only',
  'choice_filter',
  'repeat_count',
  'appearance',
  'parameters',
  ...MEDIA_KINDS,
]
const CHOICES_ORDER = ['list_name', 'name', 'label', ...MEDIA_KINDS]

/** The sheets of a form that `checkFormSchema` admits. */
export function writeXlsform(schema: FormSchema, names: FormNames): XlsformWritten {
  const kept = isObject(schema.xlsform) ? schema.xlsform : {}
  const writing: Writing = {
    dialect: schema.dialect === 'xlsform' ? 'xlsform' : 'native',
    defaultLanguage: typeof schema.default_language === 'string' ? schema.default_language : undefined,
    headings: isObject(kept.languages) ? kept.languages : {},
    lists: new Map(Object.entries(isObject(schema.choices) ? schema.choices : {})),
    external: new Set(Array.isArray(kept.external_lists) ? kept.external_lists : []),
  }
  const survey = new Lines(SURVEY_ORDER)
  writeFields(schema.fields, survey, writing)
  const [choices, external] = [new Lines(CHOICES_ORDER), new Lines(CHOICES_ORDER)]
  // Lists that fields brought with them were added while the fields were written.
  for (const [name, options] of writing.lists) {
    for (const option of options)
      (writing.external.has(name) ? external : choices).add(optionLine(name, option, writing))
  }
  const sheets: Pick<Sheet, 'name' | 'rows'>[] = [{ name: 'survey', rows: survey.rows() }]
  if (choices.size > 0) sheets.push({ name: 'choices', rows: choices.rows() })
  if (external.size > 0) sheets.push({ name: 'external_choices', rows: external.rows() })
  sheets.push({ name: 'settings', rows: settingsRows(schema, kept, names, writing) })
  for (const [name, rows] of Object.entries(isObject(kept.sheets) ? kept.sheets : {})) {
    if (Array.isArray(rows) && rows.every(Array.isArray)) sheets.push({ name, rows: rows as Cell[][] })
  }
  return { sheets, tooLong: tooLongIn(sheets) }
}

function writeFields(fields: readonly Field[], survey: Lines, writing: Writing): void {
  for (const field of fields) {
    const { opening, closing } = linesOf(field, writing)
    survey.add(opening)
    if (closing === undefined) continue
    writeFields(field.fields ?? [], survey, writing)
    survey.add(closing)
  }
}

const OPTION_KEYS: ReadonlySet<string> = new Set(['value', 'label', 'media'])
/** Whether a column of this name would be read as a further one. */
const isHeader = (name: string): boolean =>
  name !== '' && name === name.replace(/\s+/g, ' ').trim() && meaningOf(name, 'choices').key === undefined

function optionLine(list: string, option: unknown, writing: Writing): Line {
  const line: Line = new Map<string, Cell>([['list_name', list]])
  if (!isObject(option)) return line
  line.set('name', canonicalChoice(option.value) ?? '')
  const own: Record<string, unknown> = {}
  if (option.label !== undefined && !writeText(line, 'label', option.label, writing)) own.label = option.label
  for (const [kind, files] of Object.entries(isObject(option.media) ? option.media : {})) {
    const isKind = (MEDIA_KINDS as readonly string[]).includes(kind)
    if (!isKind || !writeText(line, `media::${kind}`, files, writing)) own.media = option.media
  }
  for (const [key, value] of Object.entries(option)) {
    if (OPTION_KEYS.has(key)) continue
    if (isPlain(value) && isHeader(key)) line.set(key, value)
    else own[key] = value
  }
  if (Object.keys(own).length > 0) line.set(OWN_COLUMN, JSON.stringify(own))
  return line
}

const DOCUMENT_KEYS: ReadonlySet<string> = new Set([
  'dialect',
  'version',
  'fields',
  'choices',
  'default_language',
  'title',
])

function settingsRows(schema: FormSchema, kept: Record<string, unknown>, names: FormNames, writing: Writing): Cell[][] {
  const { key, version } = names
  const settings = new Lines(['form_title', 'form_id', 'version', 'default_language'])
  const line: Line = new Map<string, Cell>([
    ['form_title', textIn(schema.title, undefined, writing.defaultLanguage) ?? null],
    ['form_id', key],
    ['version', version],
  ])
  const { defaultLanguage, headings } = writing
  if (defaultLanguage !== undefined) {
    const heading = headings[defaultLanguage]
    line.set('default_language', typeof heading === 'string' ? heading : defaultLanguage)
  }
  if (repeatsValues(writing)) line.set('allow_choice_duplicates', 'yes')
  for (const [name, value] of Object.entries(isObject(kept.settings) ? kept.settings : {}))
    line.set(name, value as Cell)
  const own = Object.fromEntries(Object.entries(schema).filter(([name]) => !DOCUMENT_KEYS.has(name)))
  // What was read from sheets is written to them again; the rest of it is noted.
  const { settings: _, languages: __, external_lists: ___, sheets: ____, ...rest } = kept
  if (Object.keys(rest).length > 0 && 'xlsform' in own) own.xlsform = rest
  else delete own.xlsform
  if (schema.title !== undefined && typeof schema.title !== 'string') own.title = schema.title
  if (Object.keys(own).length > 0) line.set(OWN_COLUMN, JSON.stringify(own))
  settings.add(line)
  return settings.rows()
}

const repeatsValues = ({ lists }: Writing): boolean =>
  [...lists.values()].some((options) => {
    const values = options.map((option) => (isObject(option) ? option.value : undefined))
    return new Set(values).size < values.length
  })

function tooLongIn(sheets: readonly Pick<Sheet, 'name' | 'rows'>[]): string[] {
  const found: string[] = []
  for (const { name, rows } of sheets) {
    for (const [row, cells] of rows.entries()) {
      for (const [column, cell] of cells.entries()) {
        if (typeof cell !== 'string' || cell.length <= MAX_CELL_CHARS) continue
        const place = `${name} ${cellName(row + 1, column)} (${rows[0]?.[column]})`
        found.push(`${place}: ${cell.length} characters, where a spreadsheet takes ${MAX_CELL_CHARS}.`)
      }
    }
  }
  return found
}
