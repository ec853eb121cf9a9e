// One field as a row of the survey sheet; a group or repeat as the rows that begin and end it.
import type { Cell } from '../../lib/sheet.ts'
import { isObject } from '../canonical.ts'
import { isChoiceType, isContainerType } from '../field-types.ts'
import { Offers, optionsOf, writtenAt } from '../outline.ts'
import type { Field } from '../schema.ts'
import { MEDIA_KINDS, meaningOf, OWN_COLUMN, TEXT_KEYS } from './columns.ts'
import { isDynamicDefault } from './default.ts'
import type { Line } from './lines.ts'
import { writeParameters } from './parameters.ts'
import { IMPRECISE, kindOf, WORDS } from './types.ts'
import { expressionCell, isPlain, type Writing, writeText } from './writing.ts'

/** A row in the making, and what of its field no column can hold; null there means: nothing, whatever is read. */
interface Draft {
  readonly field: Field
  readonly line: Line
  readonly own: Record<string, unknown>
  /** Keys that the type says by itself. */
  readonly implied: Set<string>
  readonly writing: Writing
}

/** Keys that have a column, or say nothing that a row could lose. */
const WRITTEN: ReadonlySet<string> = new Set([
  ...TEXT_KEYS,
  'id',
  'type',
  'fields',
  'media',
  'required',
  'read_only',
  'relevant',
  'constraint',
  'calculation',
  'expression',
  'choice_filter',
  'default',
  'repeat_count',
  'appearance',
  'parameters',
  'options',
  'list',
  'itemset',
  'xlsform',
])

export function linesOf(field: Field, writing: Writing): { opening: Line; closing: Line | undefined } {
  const line: Line = new Map<string, Cell>([['name', field.id]])
  const draft: Draft = { field, line, own: {}, implied: new Set(), writing }
  draft.line.set('type', typeOf(draft))
  writeTexts(draft)
  writeExpressions(draft)
  writeDefault(draft)
  writeAppearance(draft)
  writeOthers(draft)
  for (const [key, value] of Object.entries(field)) {
    if (!WRITTEN.has(key) && !draft.implied.has(key) && value !== undefined) draft.own[key] = value
  }
  if (Object.keys(draft.own).length > 0) draft.line.set(OWN_COLUMN, JSON.stringify(draft.own))
  const closing = isContainerType(field.type) ? new Map<string, Cell>([['type', `end ${field.type}`]]) : undefined
  return { opening: draft.line, closing }
}

function typeOf(draft: Draft): string {
  const { field, own, implied } = draft
  const { type } = field
  if (isContainerType(type)) return `begin ${type}`
  const kept = isObject(field.xlsform) ? field.xlsform.type : undefined
  if (typeof kept === 'string') {
    const kind = kindOf(kept)
    if (kind.kind === 'device' && kind.type === type) {
      for (const [key, value] of Object.entries(kind.adds ?? {})) {
        implied.add(key)
        if (field[key] !== value) own[key] = field[key] ?? null
      }
      return kept
    }
  }
  if (IMPRECISE.has(type)) own.type = type
  return isChoiceType(type) ? selectOf(draft, type) : WORDS[type]!
}

function selectOf({ field, own, writing }: Draft, type: string): string {
  const word = type === 'select_one_other' ? 'select_one' : type
  const { options, list, itemset } = field
  const hasOptions = Array.isArray(options) && options.length > 0
  if (!hasOptions && (list ?? '') === '' && typeof itemset === 'string') {
    const text = itemset.startsWith('${') || word === 'rank' ? `${word} ${itemset}` : `${word}_from_file ${itemset}`
    const kind = kindOf(text)
    if (kind.kind !== 'select' || kind.list !== itemset || kind.from === 'choices') own.itemset = itemset
    return text
  }
  if (hasOptions) {
    const name = freeName(field.id, writing.lists)
    writing.lists.set(name, options)
    return type === 'select_one_other' ? `${word} ${name} or_other` : `${word} ${name}`
  }
  if (writing.external.has(list) && word === 'select_one') return `select_one_external ${list}`
  return type === 'select_one_other' ? `${word} ${list} or_other` : `${word} ${list}`
}

function freeName(wanted: string, lists: ReadonlyMap<string, unknown>): string {
  let name = wanted
  for (let count = 2; lists.has(name); count++) name = `${wanted}_${count}`
  return name
}

function writeTexts({ field, line, own, writing }: Draft): void {
  // In our notes the text stands in `body`; in XLSForm it is the label.
  const label = field.label ?? (field.type === 'note' || field.type === 'divider' ? field.body : undefined)
  for (const key of TEXT_KEYS) {
    const text = key === 'label' ? label : field[key]
    if (text !== undefined && !writeText(line, key, text, writing)) own[key] = text
  }
  if (field.label === undefined && label !== undefined) own.label = null
  const media = Object.entries(field.media ?? {})
  const columns: Line = new Map()
  const isWritten = media.every(
    ([kind, files]) =>
      (MEDIA_KINDS as readonly string[]).includes(kind) && writeText(columns, `media::${kind}`, files, writing),
  )
  if (!isWritten) own.media = field.media
  else for (const [header, cell] of columns) line.set(header, cell)
}

function writeExpressions({ field, line, own, writing }: Draft): void {
  const columns = isChoiceType(field.type) ? new Offers().of(optionsOf(field, writing.lists)).columns : undefined
  for (const key of ['required', 'read_only'] as const) {
    const value: unknown = field[key]
    if (value === true) line.set(key, 'yes')
    else if (typeof value === 'string') writeExpression(key, key, value)
    else if (value !== undefined && value !== false) own[key] = value
  }
  for (const key of ['relevant', 'constraint', 'calculation', 'choice_filter'] as const) {
    const [writtenAs, value] = writtenAt(field, key)
    if (typeof value === 'string') writeExpression(key, writtenAs, value)
    else if (value !== undefined) own[writtenAs] = value
  }
  const { repeat_count: count } = field
  if (field.type === 'repeat' && typeof count === 'number') line.set('repeat_count', count)
  else if (field.type === 'repeat' && typeof count === 'string') writeExpression('repeat_count', 'repeat_count', count)
  else if (count !== undefined) own.repeat_count = count

  function writeExpression(header: string, key: string, text: string): void {
    if (text.trim() === '') return
    const cell = expressionCell(text, writing, (name) => columns?.has(name) === true)
    if (cell === undefined) own[key] = text
    else line.set(header, cell)
  }
}

function writeDefault({ field, line, own, writing }: Draft): void {
  const value: unknown = field.default
  if (value === undefined) return
  const isMoment = ['date', 'time', 'datetime', 'timestamp'].includes(field.type)
  const magic = isMoment && writing.dialect === 'native' && (value === 'today' || value === 'now')
  if (isObject(value) && typeof value.expression === 'string' && Object.keys(value).length === 1) {
    const cell = expressionCell(value.expression, writing)
    if (cell === undefined || !isDynamicDefault(cell)) own.default = value
    if (cell !== undefined) line.set('default', cell)
  } else if (magic) line.set('default', `${value}()`)
  else if (field.type === 'geopoint' && isObject(value)) {
    const { latitude, longitude, altitude, accuracy, ...rest } = value
    const parts = [latitude, longitude, altitude, accuracy]
    const numbers = parts.slice(0, parts.findLastIndex((part) => part !== undefined) + 1)
    if (Object.keys(rest).length > 0 || !numbers.every((part) => typeof part === 'number')) own.default = value
    else line.set('default', numbers.join(' '))
  } else if ((field.type === 'select_multiple' || field.type === 'rank') && Array.isArray(value)) {
    const isWords = value.every((word) => typeof word === 'string' && /^\S+$/.test(word)) && value.length > 0
    if (isWords && !isDynamicDefault(value.join(' '))) line.set('default', value.join(' '))
    else own.default = value
  } else if (isPlain(value) && isReadBack(field.type, value)) line.set('default', value)
  else own.default = value
}

/** Whether reading a cell with this value gives the value again. */
function isReadBack(type: string, value: Exclude<Cell, null>): boolean {
  if (typeof value === 'string')
    return !isDynamicDefault(value) && type !== 'geopoint' && type !== 'select_multiple' && type !== 'rank'
  return type !== 'select_one' && type !== 'geopoint' && type !== 'select_multiple' && type !== 'rank'
}

function writeAppearance({ field, line, own }: Draft): void {
  const words = typeof field.appearance === 'string' ? field.appearance.split(/\s+/).filter(Boolean) : []
  if (field.type === 'signature') words.unshift('signature')
  if (field.type === 'textarea' && !words.includes('multiline')) words.unshift('multiline')
  if (words.length > 0) line.set('appearance', words.join(' '))
  const read = field.type === 'signature' ? words.filter((word) => word !== 'signature') : words
  const isSame = (read.join(' ') || undefined) === field.appearance
  if (!isSame && (field.appearance !== undefined || read.length > 0)) own.appearance = field.appearance ?? null
  const { parameters } = field
  const text = isObject(parameters) ? writeParameters(parameters) : undefined
  if (text !== undefined && text !== '') line.set('parameters', text)
  if (field.type === 'range') {
    const isWhole = isObject(parameters) && ['start', 'end', 'step'].every((name) => Object.hasOwn(parameters, name))
    if (!isWhole || text === undefined) own.parameters = parameters ?? null
  } else if (parameters !== undefined && (text === undefined || text === '')) own.parameters = parameters
}

/** Columns that were kept without being understood. */
function writeOthers({ field, line, own }: Draft): void {
  if (!isObject(field.xlsform)) {
    if (field.xlsform !== undefined) own.xlsform = field.xlsform
    return
  }
  const rest: Record<string, unknown> = {}
  for (const [header, value] of Object.entries(field.xlsform)) {
    const isColumn = header !== 'type' && isPlain(value) && meaningOf(header, 'survey').key === undefined
    if (isColumn && header === header.replace(/\s+/g, ' ').trim() && header !== '') line.set(header, value)
    else rest[header] = value
  }
  const isType = typeof rest.type === 'string' && Object.keys(rest).length === 1 && isTypeOf(rest.type, line)
  if (Object.keys(rest).length > 0 && !isType) own.xlsform = field.xlsform
}

/** The kept word is what the type column says, so that it is read again. */
const isTypeOf = (word: string, line: Line): boolean => line.get('type') === word
