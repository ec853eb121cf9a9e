// One row of the survey sheet as a field. `select_one … or_other` is two: the question and the text that goes with it.
import type { Field, FieldOption } from '../schema.ts'
import { isDynamicDefault } from './default.ts'
import { quoted, textOf } from './findings.ts'
import { readParameters } from './parameters.ts'
import type { Reading, Row } from './rows.ts'
import type { Lists } from './survey.ts'
import type { RowKind } from './types.ts'

type Known = Exclude<RowKind, { kind: 'loop' | 'unknown' | 'end' }>

/** Expressions that are taken as they are, by key. */
const EXPRESSIONS = ['relevant', 'constraint', 'calculation', 'choice_filter'] as const
/** Without a label of its own such a field is not at fault: nobody sees it. */
const SILENT = new Set(['calculated', 'hidden', 'start', 'end', 'today', 'deviceid', 'username', 'group', 'repeat'])

/** The fields of a row, at least one. What is wrong goes to the findings. */
export function fieldsOf(row: Row, kind: Known, lists: Lists, reading: Reading): Field[] {
  const own = row.own()
  const field: Field = { id: row.text('name') || nameOfNote(row, kind), type: 'hidden' }
  const following = addType(field, row, kind, lists, typeof own.type === 'string', reading)
  addTexts(field, row)
  addConditions(field, row)
  for (const key of EXPRESSIONS) {
    const text = row.text(key)
    if (text !== '') field[key] = withStraightQuotes(text, key, row)
  }
  addRest(field, row)
  if (kind.kind === 'field' || kind.kind === 'device') addMissing(field, kind.adds ?? {})
  if (field.type === 'calculated' && field.calculation === undefined && field.default === undefined) {
    row.warn('calculation', `${quoted(field.id)} has no calculation, so it says nothing. Write one, or take it out.`)
  }
  if (field.label === undefined && field.media === undefined && !SILENT.has(field.type) && kind.kind === 'field') {
    row.warn('label', `${quoted(field.id)} has no label; its name is shown.`)
  }
  // What the export has noted of this field goes over what was read; null says that there is nothing.
  for (const [key, value] of Object.entries(own)) {
    if (key === 'id' || key === 'fields') continue
    if (value === null) delete field[key]
    else field[key] = value
  }
  return [field, ...following]
}

/** Notes need no name, because they have no answer. */
const nameOfNote = (row: Row, kind: Known): string =>
  kind.kind === 'field' && kind.type === 'note' ? `generated_note_name_${row.number}` : ''

function addType(field: Field, row: Row, kind: Known, lists: Lists, isOurs: boolean, reading: Reading): Field[] {
  const kept: Record<string, unknown> = {}
  let following: Field[] = []
  if (kind.kind === 'begin') {
    field.type = kind.container
    field.fields = []
  } else if (kind.kind === 'select') {
    field.type = kind.type
    following = addList(field, row, kind, lists, isOurs, reading)
    if (kind.from === 'external_choices') kept.type = `select_one_external ${kind.list}`
  } else {
    field.type = kind.type
    if (kind.kind === 'device') {
      kept.type = kind.word
      row.warn('type', `${quoted(kind.word)} is noted by ODK devices alone. It is kept, and exported again.`)
    }
  }
  const appearance = row.text('appearance').split(/\s+/)
  if (field.type === 'photo' && appearance.includes('signature')) field.type = 'signature'
  const rest = field.type === 'signature' ? appearance.filter((word) => word !== 'signature') : appearance
  if (rest.join(' ') !== '') field.appearance = rest.join(' ')
  const others = { ...kept, ...row.others() }
  if (Object.keys(others).length > 0) field.xlsform = others
  return following
}

type Select = Extract<RowKind, { kind: 'select' }>

function addList(field: Field, row: Row, kind: Select, lists: Lists, isOurs: boolean, reading: Reading): Field[] {
  const { list, from } = kind
  if (list === '') {
    row.fault('type', `${quoted(row.text('type'))} names no list. Write it behind the type, as in 'select_one yes_no'.`)
    return []
  }
  if (from === 'file' || from === 'answers') {
    field.itemset = list
    const where = from === 'file' ? 'an attached file' : 'answers to another question'
    row.warn('type', `The options come from ${where}, which this server does not look into: any answer is taken.`)
    return []
  }
  field.list = list
  const found = lists[from === 'choices' ? 'choices' : 'external'].get(list)
  if (found === undefined) {
    const names = [...lists.choices.keys()]
    row.fault(
      'type',
      `There is no list ${quoted(list)} on the sheet ${from}.${reading.findings.suggestion(list, names)}`,
    )
    return []
  }
  if (field.type !== 'select_one') checkSpaces(list, found.options, row)
  if (!kind.orOther || isOurs) return []
  field.list = withOther(list, lists, reading)
  const label = reading.languages.inAll('Specify other.')
  const other: Field = { id: `${field.id}_other`, type: 'text', label }
  other.relevant = `selected(\${${field.id}}, 'other')`
  return [other]
}

/** ODK sends several choices as one text with spaces between. */
function checkSpaces(list: string, options: readonly FieldOption[], row: Row): void {
  const option = options.find(({ value }) => /\s/.test(String(value)))
  if (option === undefined) return
  const message = `Option ${quoted(String(option.value))} of list ${quoted(list)} has a space in its name, which a question`
  row.fault('type', `${message} with several choices does not take. Write _ instead.`)
}

/** The list with an option 'other' at its end; other questions may use it without. */
function withOther(name: string, { choices }: Lists, { languages }: Reading): string {
  const list = choices.get(name)!
  if (list.options.some(({ value }) => value === 'other')) return name
  let extended = `${name}_or_other`
  while (choices.has(extended) && !choices.get(extended)!.options.some(({ value }) => value === 'other'))
    extended += '_'
  if (!choices.has(extended)) {
    const other = { value: 'other', label: languages.inAll('Other') }
    choices.set(extended, { options: [...list.options, other], rows: list.rows })
  }
  return extended
}

function addTexts(field: Field, row: Row): void {
  const [label, hint, media] = [row.texts('label'), row.texts('hint'), row.media()]
  if (label !== undefined) field.label = label
  if (hint !== undefined) field.hint = hint
  if (media !== undefined) field.media = media
  const [required, constraint] = [row.texts('required_message'), row.texts('constraint_message')]
  if (required !== undefined) field.required_message = required
  if (constraint !== undefined) field.constraint_message = constraint
}

const YES = /^(yes|true|true\(\))$/i
const NO = /^(no|false|false\(\))$/i

function addConditions(field: Field, row: Row): void {
  for (const key of ['required', 'read_only'] as const) {
    const text = row.text(key)
    if (YES.test(text)) field[key] = true
    else if (text !== '' && !NO.test(text)) field[key] = withStraightQuotes(text, key, row)
  }
}

function addRest(field: Field, row: Row): void {
  const count = row.cell('repeat_count')
  if (count !== null && field.type !== 'repeat') row.warn('repeat_count', 'Only a repeat has a count; it is left out.')
  else if (typeof count === 'number') field.repeat_count = count
  else if (count !== null) field.repeat_count = NUMBER.test(textOf(count)) ? Number(count) : textOf(count)
  const parameters = row.text('parameters')
  if (parameters !== '' || field.type === 'range') {
    const read = readParameters(parameters)
    if (read === undefined) row.fault('parameters', 'Write parameters as name=value, with spaces between them.')
    else field.parameters = field.type === 'range' ? { start: 1, end: 10, step: 1, ...read } : read
  }
  const value = row.cell('default')
  if (value !== null) addDefault(field, value, row)
}

const NUMBER = /^\d{1,6}$/

function addDefault(field: Field, cell: string | number | boolean, row: Row): void {
  if (typeof cell === 'string' && isDynamicDefault(cell)) {
    field.default = { expression: withStraightQuotes(cell, 'default', row) }
  } else if (field.type === 'select_multiple' || field.type === 'rank') {
    field.default = textOf(cell).split(/\s+/)
  } else if (field.type === 'select_one') {
    field.default = textOf(cell)
  } else if (field.type === 'geopoint') {
    const point = pointOf(textOf(cell))
    if (point === undefined) row.fault('default', "Write a position as 'latitude longitude altitude accuracy'.")
    else field.default = point
  } else field.default = cell
}

function pointOf(text: string): Record<string, number> | undefined {
  const [latitude, longitude, altitude, accuracy] = text.split(/[\s,]+/).map(Number)
  if (latitude === undefined || longitude === undefined || !Number.isFinite(latitude + longitude)) return undefined
  if (!Number.isFinite((altitude ?? 0) + (accuracy ?? 0))) return undefined
  return {
    latitude,
    longitude,
    ...(altitude !== undefined && { altitude }),
    ...(accuracy !== undefined && { accuracy }),
  }
}

const CURLY: Readonly<Record<string, string>> = { '‘': "'", '’': "'", '“': '"', '”': '"' }

/** Word processors bend quotes; within an expression they can only have meant straight ones. */
function withStraightQuotes(text: string, key: string, row: Row): string {
  const plain = text.replaceAll('\u00a0', ' ')
  if (!/[‘’“”]/.test(plain)) return plain
  row.warn(key, 'Typographic quotes are read as straight ones.')
  return plain.replace(/[‘’“”]/g, (quote) => CURLY[quote]!)
}

/** What a type brings with it counts where the row says nothing itself. */
function addMissing(field: Field, adds: Partial<Field>): void {
  for (const [key, value] of Object.entries(adds)) if (field[key] === undefined) field[key] = value
}
