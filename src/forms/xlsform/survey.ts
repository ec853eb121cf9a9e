// The survey sheet: its rows become fields, groups and repeats become trees. Every row that is no field is said; what
// one field looks like is for question.ts.
import type { Sheet } from '../../lib/sheet.ts'
import { MAX_DEPTH, MAX_FIELDS } from '../limits.ts'
import type { Field } from '../schema.ts'
import type { ChoiceList } from './choices.ts'
import { headerOf, warnOfGaps } from './columns.ts'
import { type Findings, quoted } from './findings.ts'
import { fieldsOf } from './question.ts'
import { type Reading, Row, warnOfOthers } from './rows.ts'
import { kindOf, type RowKind, TYPE_NAMES } from './types.ts'

/** Fields and where each came from, by its path in the document: `fields[2].fields[0]`. */
export interface Survey {
  readonly fields: Field[]
  readonly rows: ReadonlyMap<string, Row>
}

/** What the survey may refer to, and what it adds to it: a list that is given an option 'other' becomes another one. */
export interface Lists {
  readonly choices: Map<string, ChoiceList>
  readonly external: ReadonlyMap<string, ChoiceList>
}

interface Container {
  readonly container: 'group' | 'repeat'
  readonly field: Field
  readonly fields: Field[]
  readonly path: string
  readonly row: Row
}

const REQUIRED_COLUMNS = ['type', 'name'] as const

/** Reads the rows. Faults go to the findings; whatever can be read is read all the same, so that all of them are found. */
export function readSurvey(sheet: Sheet, lists: Lists, reading: Reading): Survey {
  const { findings } = reading
  const header = headerOf(sheet, 'survey', findings)
  const rows = new Map<string, Row>()
  const fields: Field[] = []
  if (header.headerRow === 0) {
    findings.fault({ sheet }, 'The sheet is empty. Its first row holds the headers type, name and label.')
    return { fields, rows }
  }
  const missing = REQUIRED_COLUMNS.filter((key) => !header.columns.some((column) => column.key === key))
  for (const key of missing) {
    findings.fault({ sheet, row: header.headerRow }, `There is no column '${key}'. Write '${key}' at the head of one.`)
  }
  if (missing.length > 0) return { fields, rows }
  warnOfGaps(sheet, header, reading.languages, findings)
  warnOfOthers(sheet, header, findings)

  const open: Container[] = []
  const names = new Map<string, Row>()
  let count = 0
  for (let index = header.headerRow; index < sheet.rows.length; index++) {
    const row = new Row(sheet, index, header, reading)
    if (row.isEmpty() || isLeftOut(row)) continue
    const kind = kindOf(row.text('type'))
    if (kind.kind === 'end') {
      close(open, kind.container, row)
      continue
    }
    if (kind.kind === 'loop')
      row.fault('type', "Loops are not supported. Use 'begin repeat', or a group for each entry.")
    if (kind.kind === 'unknown') row.fault('type', unknownType(row, findings))
    if (++count > MAX_FIELDS) {
      row.fault('type', `A form has at most ${MAX_FIELDS} fields. Split it into several forms.`)
      break
    }
    const around = open.at(-1)
    const level = around?.fields ?? fields
    const levelPath = around === undefined ? 'fields' : `${around.path}.fields`
    for (const field of fieldsOf(row, known(kind), lists, reading)) {
      checkName(field.id, row, names)
      const path = `${levelPath}[${level.length}]`
      rows.set(path, row)
      level.push(field)
      if (kind.kind === 'begin') {
        if (open.length + 1 === MAX_DEPTH) row.fault('type', `Groups and repeats stand at most ${MAX_DEPTH} deep.`)
        open.push({ container: kind.container, field, fields: field.fields ?? [], path, row })
      }
    }
  }
  for (const { container, field, row } of open) {
    const how = `Add a row 'end ${container}' where it ends.`
    row.fault('type', `The ${container} ${quoted(field.id)} is never closed. ${how}`)
  }
  return { fields, rows }
}

/** A row of unknown type stays in the form while faults are looked for: what others say of it is no fault. */
const known = (kind: RowKind): Exclude<RowKind, { kind: 'loop' | 'unknown' | 'end' }> =>
  kind.kind === 'loop' || kind.kind === 'unknown' || kind.kind === 'end' ? { kind: 'field', type: 'hidden' } : kind

function unknownType(row: Row, findings: Findings): string {
  const text = row.text('type')
  return `There is no type ${quoted(text)}.${findings.suggestion(text, TYPE_NAMES) || ' See docs/forms.md for the types there are.'}`
}

/** Rows that say of themselves, or by having no type, that they are no questions. */
function isLeftOut(row: Row): boolean {
  if (/^(yes|true|true\(\))$/i.test(row.text('disabled'))) {
    row.warn('disabled', `${quoted(row.text('name') || row.text('type'))} is disabled, so it is left out.`)
    return true
  }
  if (row.isFilled('type')) return false
  if (row.isFilled('name')) row.fault('type', `${quoted(row.text('name'))} has no type. Write one here.`)
  else row.warn('type', 'This row has neither type nor name, so it is read as a remark and left out.')
  return true
}

function close(open: Container[], container: 'group' | 'repeat', row: Row): void {
  const last = open.pop()
  if (last === undefined) {
    row.fault('type', `There is no ${container} to end here. Take the row out, or add 'begin ${container}' above.`)
  } else if (last.container !== container) {
    const begun = `the ${last.container} ${quoted(last.field.id)} of row ${last.row.number}`
    row.fault('type', `This ends a ${container}, but ${begun} is still open. Write 'end ${last.container}'.`)
  }
}

const NAME = /^[\p{L}_][\p{L}\p{N}_.-]*$/u

function checkName(name: string, row: Row, names: Map<string, Row>): void {
  const earlier = names.get(name)
  if (name === '') row.fault('name', `The ${quoted(row.text('type'))} has no name. Write one here.`)
  else if (!NAME.test(name) || name === '__proto__') {
    const rule = 'A name begins with a letter or _ and goes on with letters, digits, _, - and dots.'
    row.fault('name', `${quoted(name)} is no name. ${rule}`)
  } else if (earlier === undefined) names.set(name, row)
  else {
    const where = `row ${earlier.number}`
    row.fault('name', `The name ${quoted(name)} is that of ${where} already. Names are unique in the whole form.`)
  }
}
