// The guide for form authors says what is so: its documents are forms, its examples give what they show, and its table
// of functions is complete.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkFormSchema } from '../../../src/forms/check.ts'
import { FUNCTION_NAMES } from '../../../src/forms/expression/functions.ts'
import { parseExpression } from '../../../src/forms/expression/parse.ts'
import { toXlsform } from '../../../src/forms/expression/print.ts'
import type { Dialect, Node } from '../../../src/forms/expression/syntax.ts'
import { FIELD_TYPES } from '../../../src/forms/field-types.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { sentenceOf } from '../../../src/forms/xlsform/findings.ts'
import { readXlsform } from '../../../src/forms/xlsform/read.ts'
import { CHOICES, sheet } from '../../support/workbooks.ts'
import { resultOf, shape } from './expressions.ts'

const guide = readFileSync(`${import.meta.dirname}/../../../docs/forms.md`, 'utf8')

/** The rows below a header, as texts without their backquotes. */
const rowsUnder = (header: string): string[][] =>
  guide
    .split(`| ${header} |\n`)
    .slice(1)
    .flatMap((rest) => {
      const lines = rest.split('\n').slice(1)
      return lines.slice(
        0,
        lines.findIndex((line) => !line.startsWith('|')),
      )
    })
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.replaceAll('`', '')),
    )

const fields: Field[] = [
  { id: 'a', type: 'hidden' },
  { id: 'd', type: 'date' },
  { id: 't', type: 'time' },
  { id: 's', type: 'datetime' },
  { id: 'm', type: 'select_multiple', options: [{ value: 'x' }, { value: 'y' }] },
  { id: 'r', type: 'repeat', fields: [{ id: 'n', type: 'number' }] },
]

test('its documents are forms', () => {
  const documents = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text!))
  expect(documents.length).toBeGreaterThan(0)
  for (const document of documents) expect(checkFormSchema(document)).toEqual([])
})

describe('its examples', () => {
  const rows = rowsUnder('Expression | With | Native | XLSForm')
  test.each(rows)('%s with %s gives %s, %s', (expression, answers, native, xlsform) => {
    const value = (dialect: Dialect) => resultOf(expression!, { fields, data: JSON.parse(answers!), dialect })
    const shown = (text: string) =>
      text === '"NaN"' ? Number.NaN : text === '"Infinity"' ? Infinity : JSON.parse(text)
    expect(value('native')).toEqual(shown(native!))
    expect(value('xlsform')).toEqual(shown(xlsform!))
  })

  test('are all found', () => expect(rows.length).toBeGreaterThan(20))
})

test('both spellings of an expression are the same tree', () => {
  const parsed = (text: string, dialect: Dialect): Node => {
    const result = parseExpression(text, dialect)
    if (!result.ok) throw new Error(`${text}: ${result.fault.message}`)
    return result.node
  }
  const rows = rowsUnder('In XLSForm | In our JSON')
  expect(rows.length).toBeGreaterThan(5)
  for (const [xlsform, native] of rows) {
    const withoutZeros = (node: Node): unknown =>
      JSON.parse(JSON.stringify(shape(node)), (_, value) => (value?.name === 'coalesce' ? value.args[0] : value))
    expect(withoutZeros(toXlsform(parsed(native!, 'native')))).toEqual(shape(parsed(xlsform!, 'xlsform')))
  }
})

/** The texts between backquotes in a cell. */
const quotedIn = (cell: string): string[] => [...cell.matchAll(/`([^`]*)`/g)].map(([, text]) => text!)

/** As `rowsUnder`, with the backquotes. */
const cellsUnder = (header: string): string[][] => {
  const lines = guide.split(`| ${header} |\n`)[1]!.split('\n').slice(1)
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => line.slice(2, -2).split(' | '))
}

describe('what a workbook becomes', () => {
  const choices = sheet('choices', CHOICES)
  const fieldOf = (header: string, cell: string): Field => {
    const isType = header === 'type'
    const headers = isType ? ['type', 'name', 'calculation'] : ['type', 'name', header]
    const calculation = cell === 'calculate' ? '1' : null
    const row = isType ? [cell, 'q', calculation] : [header === 'parameters' ? 'image' : 'text', 'q', cell]
    const end = cell.startsWith('begin') ? [[cell.replace('begin', 'end'), null, null]] : []
    const survey = sheet('survey', [headers, ['text', 'other', null], row, ...end])
    const read = readXlsform([survey, choices])
    if (!read.ok) throw new Error(read.faults.map(sentenceOf).join('\n'))
    return read.form.schema.fields[1]!
  }

  const types = cellsUnder('`type` in XLSForm | In our JSON').flatMap(([cell, json]) =>
    quotedIn(cell!).map((type) => [type, json!] as const),
  )
  test.each(types)('a row of type %s', (type, json) => {
    const [field] = quotedIn(json)
    expect(fieldOf('type', type)).toMatchObject(field === undefined ? { type } : JSON.parse(field))
  })

  const columns = cellsUnder('Header and cell | In our JSON').map(([cell, json]) => [
    ...quotedIn(cell!),
    quotedIn(json!)[0]!,
  ])
  test.each(columns)('a column %s with %s', (header, cell, json) => {
    expect(fieldOf(header!, cell!)).toEqual({ id: 'q', type: expect.any(String), ...JSON.parse(json!) })
  })

  test('is shown for many', () => expect(types.length + columns.length).toBeGreaterThan(60))
})

test('every function and every type is explained', () => {
  const explained = new Set(guide.match(/[a-z][\w:-]*(?=\()/g))
  expect(FUNCTION_NAMES.filter((name) => !explained.has(name))).toEqual([])
  for (const type of FIELD_TYPES) expect(guide).toContain(`\`${type}\``)
})
