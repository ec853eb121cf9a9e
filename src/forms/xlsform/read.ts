// From the sheets of an XLSForm workbook to a form document: everything that is wrong with it at once, and everything
// that is not understood kept and named. Pure; the bytes of workbooks are lib/workbook.ts's matter.
// Source: xlsform.org; openrosa.md section 10.
import { type Cell, columnIndex, type Sheet } from '../../lib/sheet.ts'
import { isObject } from '../canonical.ts'
import { examineFormSchema } from '../check.ts'
import { findInExpressions } from '../check-expressions.ts'
import { MAX_DEPTH } from '../limits.ts'
import { outlineOf } from '../outline.ts'
import type { FieldOption, FormSchema } from '../schema.ts'
import { everyField } from '../uids.ts'
import { type ChoiceList, readChoices } from './choices.ts'
import { Languages } from './columns.ts'
import { Findings, MAX_FINDINGS, quoted, type SheetFinding, textOf } from './findings.ts'
import type { Reading, Row } from './rows.ts'
import { readSettings, type Settings } from './settings.ts'
import { readSurvey, type Survey } from './survey.ts'

/** A form document and what the workbook says of the form around it; '' where it says nothing. */
export interface XlsformForm {
  readonly schema: FormSchema
  readonly title: string
  readonly formId: string
  readonly version: string
}

export type XlsformRead =
  | { readonly ok: true; readonly form: XlsformForm; readonly warnings: readonly SheetFinding[] }
  | { readonly ok: false; readonly faults: readonly SheetFinding[]; readonly warnings: readonly SheetFinding[] }

/** Sheets that ODK knows and we keep without using them. */
const KEPT_SHEETS: ReadonlySet<string> = new Set(['entities', 'osm'])

/** Reads a form. Never throws; each warning names something that is not as it was in the workbook, or looks amiss. */
export function readXlsform(sheets: readonly Sheet[]): XlsformRead {
  const findings = new Findings()
  const byName = new Map<string, Sheet>()
  for (const sheet of sheets) {
    const name = sheet.name.trim().toLowerCase()
    if (!byName.has(name)) byName.set(name, sheet)
  }
  const survey = byName.get('survey')
  if (survey === undefined) {
    const names = sheets.map(({ name }) => name)
    findings.fault(
      undefined,
      `There is no sheet 'survey', only ${names.map(quoted).join(', ')}.${findings.suggestion('survey', names)}`,
    )
    return { ok: false, faults: findings.faults, warnings: findings.warnings }
  }
  for (const sheet of sheets) checkSheet(sheet, byName, findings)

  const settings = readSettings(byName.get('settings'), findings)
  const languages = new Languages()
  const unnamedLanguage = settings.defaultLanguage === '' ? 'default' : languages.keyOf(settings.defaultLanguage)
  const reading: Reading = { findings, languages, unnamedLanguage }
  const listsOf = (name: string): Map<string, ChoiceList> => {
    const sheet = byName.get(name)
    return sheet === undefined
      ? new Map()
      : readChoices(sheet, reading, settings.mayRepeatChoices || name !== 'choices')
  }
  const lists = { choices: listsOf('choices'), external: listsOf('external_choices') }
  checkListNames(lists, findings)
  const read = readSurvey(survey, lists, reading)
  const schema = documentOf(read, lists, settings, reading, keptSheets(byName))
  examine(schema, read.rows, survey, findings)
  if (findings.faults.length > 0) return { ok: false, faults: findings.faults, warnings: findings.warnings }
  const { title, formId, version } = settings
  return { ok: true, form: { schema, title, formId, version }, warnings: findings.warnings }
}

const READ_SHEETS: ReadonlySet<string> = new Set(['survey', 'choices', 'settings', 'external_choices'])

/** Whether a sheet takes part, and what in it cannot be read as it is meant. */
function checkSheet(sheet: Sheet, byName: ReadonlyMap<string, Sheet>, findings: Findings): void {
  const name = sheet.name.trim().toLowerCase()
  const isFilled = sheet.rows.some((row) => row.some((cell) => textOf(cell) !== ''))
  if (byName.get(name) !== sheet) {
    findings.fault({ sheet }, `There are two sheets ${quoted(name)}. Give one of them another name.`)
  } else if (KEPT_SHEETS.has(name)) {
    findings.warn({ sheet }, 'Nothing is done with this sheet here. It is kept with the form and exported again.')
  } else if (!READ_SHEETS.has(name)) {
    if (isFilled) findings.warn({ sheet }, 'This sheet is no part of the form. It stays in the file that was imported.')
    return
  }
  for (const range of sheet.merges) {
    findings.warn({ sheet }, `The cells ${range} are merged: only the first of them says something. Take them apart.`)
  }
  for (const cell of sheet.unsaved) {
    const [, letters = '', row = '1'] = /^([A-Z]+)(\d+)$/.exec(cell) ?? []
    const column = columnIndex(letters)
    const header = textOf(sheet.rows[0]?.[column]) || letters
    const message = 'This is a formula whose result was not saved. Write what it gives, or save the file once more.'
    findings.fault({ sheet, row: Number(row), column: { index: column, header } }, message)
  }
}

function checkListNames(lists: Record<'choices' | 'external', Map<string, ChoiceList>>, findings: Findings): void {
  for (const [name, { rows }] of lists.external) {
    if (!lists.choices.has(name)) continue
    const where = "There is a list of this name on the sheet 'choices', too. Give one of them another name."
    findings.fault(rows[0]?.place('list_name'), where)
  }
}

function keptSheets(byName: ReadonlyMap<string, Sheet>): Record<string, Cell[][]> | undefined {
  const kept = [...KEPT_SHEETS].flatMap((name) => {
    const rows = (byName.get(name)?.rows ?? []).map(trimmed)
    while (rows.length > 0 && rows.at(-1)!.length === 0) rows.pop()
    return rows.length === 0 ? [] : [[name, rows] as const]
  })
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function trimmed(row: readonly Cell[]): Cell[] {
  const cells = row.map((cell) => (typeof cell === 'string' ? textOf(cell) || null : cell))
  while (cells.length > 0 && cells.at(-1) === null) cells.pop()
  return cells
}

function documentOf(
  { fields }: Survey,
  lists: Record<'choices' | 'external', Map<string, ChoiceList>>,
  settings: Settings,
  { languages, unnamedLanguage }: Reading,
  sheets: Record<string, Cell[][]> | undefined,
): FormSchema {
  const choices: Record<string, FieldOption[]> = Object.fromEntries(
    [...lists.choices, ...lists.external].map(([name, { options }]) => [name, options]),
  )
  // In the order that the document has them in, which puts numbers first.
  const external = Object.keys(choices).filter((name) => lists.external.has(name))
  const { xlsform: noted, ...own } = settings.own
  const xlsform = {
    ...(isObject(noted) && noted),
    ...(settings.others && { settings: settings.others }),
    ...(languages.headings.size > 0 && { languages: Object.fromEntries(languages.headings) }),
    ...(external.length > 0 && { external_lists: external }),
    ...(sheets && { sheets }),
  }
  return {
    version: 1,
    dialect: 'xlsform',
    ...(settings.title !== '' && { title: settings.title }),
    ...(settings.defaultLanguage !== '' && { default_language: unnamedLanguage }),
    ...(Object.keys(choices).length > 0 && { choices }),
    fields,
    ...(Object.keys(xlsform).length > 0 && { xlsform }),
    ...withoutNulls(own),
  }
}

/** What the export has noted of the document. Never its fields. */
const withoutNulls = ({ fields: _, choices: __, dialect: ___, ...own }: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null))

/** Holds the document against the rules of every form, and says what is wrong in terms of the workbook. */
function examine(schema: FormSchema, rows: ReadonlyMap<string, Row>, survey: Sheet, findings: Findings): void {
  const hasFaults = findings.faults.length > 0
  const names = everyField(schema.fields).map(({ id }) => id)
  for (const found of findInExpressions(outlineOf(schema, MAX_DEPTH), MAX_FINDINGS)) {
    const { path, writtenAs, column, message, severity } = found
    const key = writtenAs === 'default.expression' ? 'default' : (writtenAs ?? 'relevant')
    const place = rows.get(path)?.place(key) ?? { sheet: survey }
    const at = column === undefined ? '' : `character ${column}: `
    const [, unknown] = UNKNOWN_FIELD.exec(message) ?? []
    const hint = unknown === undefined ? '' : findings.suggestion(unknown, names)
    findings[severity === 'fault' ? 'fault' : 'warn'](place, `${at}${message}.${hint}`)
  }
  // The rest of the rules are looked at above, row by row; this is for what slipped through.
  if (hasFaults || findings.faults.length > 0) return
  for (const line of examineFormSchema(schema).faults) {
    const [path = '', ...rest] = line.split(': ')
    findings.fault(rows.get(path)?.place('name') ?? { sheet: survey }, rest.join(': ') || line)
  }
}

const UNKNOWN_FIELD = /^there is (?:no field|neither a column nor a field) '(.+)'$/
