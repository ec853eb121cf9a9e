// The choices sheet: lists of options by name. Which question uses which list is for survey.ts.
import type { Cell, Sheet } from '../../lib/sheet.ts'
import type { FieldOption } from '../schema.ts'
import { type Header, headerOf, warnOfGaps } from './columns.ts'
import { quoted } from './findings.ts'
import { type Reading, Row } from './rows.ts'

/** A list of options, and the row of each. */
export interface ChoiceList {
  readonly options: FieldOption[]
  readonly rows: Row[]
}

/** The lists of a sheet in the order of their first rows. Faults go to the findings. */
export function readChoices(sheet: Sheet, reading: Reading, mayRepeat: boolean): Map<string, ChoiceList> {
  const lists = new Map<string, ChoiceList>()
  const header = headerOf(sheet, 'choices', reading.findings)
  if (!hasColumns(sheet, header, reading)) return lists
  warnOfGaps(sheet, header, reading.languages, reading.findings)
  for (let index = header.headerRow; index < sheet.rows.length; index++) {
    const row = new Row(sheet, index, header, reading)
    if (!row.isEmpty()) readOption(row, lists)
  }
  if (!mayRepeat) for (const [name, list] of lists) findRepeated(name, list)
  return lists
}

function hasColumns(sheet: Sheet, { columns, headerRow }: Header, { findings }: Reading): boolean {
  let isComplete = true
  for (const key of ['list_name', 'name']) {
    if (headerRow === 0 || columns.some((column) => column.key === key)) continue
    isComplete = false
    findings.fault({ sheet, row: headerRow }, `There is no column '${key}'. Write '${key}' at the head of one.`)
  }
  return isComplete && headerRow > 0
}

function readOption(row: Row, lists: Map<string, ChoiceList>): void {
  const [listName, value, label, media] = [row.text('list_name'), row.text('name'), row.texts('label'), row.media()]
  if (listName === '' && value === '') {
    row.warn('list_name', 'This row belongs to no list, so it is left out. Write the name of its list into list_name.')
    return
  }
  if (listName === '') row.fault('list_name', `Option ${quoted(value)} belongs to no list. Write its list here.`)
  else if (listName === '__proto__') row.fault('list_name', 'Give the list another name.')
  else if (value === '') row.fault('name', `An option of list ${quoted(listName)} has no name. Write one here.`)
  if (listName === '' || listName === '__proto__' || value === '') return
  if (label === undefined && media === undefined) {
    row.warn('label', `Option ${quoted(value)} of list ${quoted(listName)} has no label; its name is shown.`)
  }
  const option: FieldOption = { value }
  if (label !== undefined) option.label = label
  if (media !== undefined) option.media = media
  for (const [key, cell] of Object.entries(row.others() ?? {})) addColumn(option, key, cell, row)
  Object.assign(option, row.own())
  const list = lists.get(listName) ?? { options: [], rows: [] }
  list.options.push(option)
  list.rows.push(row)
  lists.set(listName, list)
}

/** Further columns are what choice filters look at. */
function addColumn(option: FieldOption, key: string, value: Cell, row: Row): void {
  if (Object.hasOwn(option, key)) row.warn(key, `The column '${key}' is left out: an option has a ${key} of its own.`)
  else option[key] = value
}

function findRepeated(name: string, { options, rows }: ChoiceList): void {
  const first = new Map<unknown, Row>()
  for (const [index, { value }] of options.entries()) {
    const row = rows[index]!
    const earlier = first.get(value)
    if (earlier === undefined) first.set(value, row)
    else {
      const where = `row ${earlier.number}`
      const how = "Give it another name, or allow it with allow_choice_duplicates 'yes' on the settings sheet."
      row.fault('name', `List ${quoted(name)} has an option ${quoted(String(value))} in ${where} already. ${how}`)
    }
  }
}
