// The settings sheet: title, id, version and default language of the form; every other setting is kept as it is.
import type { Cell, Sheet } from '../../lib/sheet.ts'
import { isObject } from '../canonical.ts'
import { headerOf, Languages } from './columns.ts'
import { type Findings, quoted } from './findings.ts'
import { type Reading, Row } from './rows.ts'

export interface Settings {
  /** '' where the sheet says nothing. */
  readonly title: string
  readonly formId: string
  readonly version: string
  /** As it is written. */
  readonly defaultLanguage: string
  readonly mayRepeatChoices: boolean
  readonly others: Record<string, Cell> | undefined
  /** What our own export has noted of the document. */
  readonly own: Record<string, unknown>
}

const NONE: Settings = {
  title: '',
  formId: '',
  version: '',
  defaultLanguage: '',
  mayRepeatChoices: false,
  others: undefined,
  own: {},
}

/** Settings that change nothing in what this server does, and whose loss would not be noticed by those who fill in. */
const HARMLESS = /^(style|instance_name|name|clean_text_values|omit_instanceid|auto_send|auto_delete|namespaces)$/i
const UNSAFE = /^(public_key|submission_url)$/i

export function readSettings(sheet: Sheet | undefined, findings: Findings): Settings {
  if (sheet === undefined) return NONE
  const reading: Reading = { findings, languages: new Languages(), unnamedLanguage: '' }
  const header = headerOf(sheet, 'settings', findings)
  const rows = sheet.rows.flatMap((_, index) => {
    if (header.headerRow === 0 || index < header.headerRow) return []
    const row = new Row(sheet, index, header, reading)
    return row.isEmpty() ? [] : [row]
  })
  const [row, second] = rows
  if (row === undefined) return NONE
  if (second !== undefined) second.warn('', 'Settings stand in one row; this further one is left out.')
  const others = row.others()
  for (const [name, value] of Object.entries(others ?? {})) warnOfSetting(row, sheet, name, String(value), findings)
  return {
    title: row.text('form_title'),
    formId: row.text('form_id'),
    version: row.text('version'),
    defaultLanguage: row.text('default_language'),
    mayRepeatChoices: /^(yes|true|true\(\))$/i.test(row.text('allow_choice_duplicates')),
    others: others && isObject(others) ? others : undefined,
    own: row.own(),
  }
}

function warnOfSetting(row: Row, sheet: Sheet, name: string, value: string, findings: Findings): void {
  if (HARMLESS.test(name)) return
  const place = { sheet, row: row.number }
  if (UNSAFE.test(name)) {
    findings.warn(place, `${name} is kept and not obeyed: submissions come to this server, unencrypted.`)
  } else
    findings.warn(place, `Nothing is done with the setting ${name} (${quoted(value)}) here. It is kept and exported.`)
}
