// The renderer of forms, as far as it is no drawing: numbers as they are typed, pages, languages, where faults belong.
import { globSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultsOf, locate } from '../../dashboard/src/renderer/fault-list.ts'
import { languageFor } from '../../dashboard/src/renderer/language.ts'
import { finishedNumber, typedNumber } from '../../dashboard/src/renderer/numbers.ts'
import { holds, pagesOf } from '../../dashboard/src/renderer/pages.ts'
import { openForm } from '../../src/forms/filling.ts'
import type { Field } from '../../src/forms/schema.ts'

describe('a number', () => {
  test('is text as long as another key may follow', () => {
    for (const text of ['-', '1.', '1.0', '1e', '.5', '007', ' 3']) expect(typedNumber(text)).toBe(text)
    expect([typedNumber('1.05'), typedNumber('-2'), typedNumber('0'), typedNumber('')]).toEqual([
      1.05,
      -2,
      0,
      undefined,
    ])
  })

  test('is read when it is finished, in digits of any script and with a decimal comma', () => {
    expect(['1.0', ' 3', '2,5', '٤٢', '१२', '٣٫٥', '-7'].map(finishedNumber)).toEqual([1, 3, 2.5, 42, 12, 3.5, -7])
  })

  test('that is none stays what was typed, and no digit is lost', () => {
    for (const text of ['minus one', '1,234,567', '12345678901234567890', '1 2'])
      expect(finishedNumber(text)).toBe(text)
  })

  test('property: what is shown of a number is what was typed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^-?\d*[.,]?\d*$/)), (text) => {
        expect(String(typedNumber(text) ?? '').trim()).toBe(text.trim())
      }),
    )
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        fc.pre(!Object.is(number, -0))
        expect(typedNumber(String(number))).toBe(number)
      }),
    )
  })
})

const fields: Field[] = [
  { id: 'a', type: 'text' },
  {
    id: 'g',
    type: 'group',
    label: 'G',
    fields: [
      { id: 'b', type: 'text' },
      { id: 't', type: 'group', appearance: 'field-list', fields: [{ id: 'c', type: 'text' }] },
      { id: 'r', type: 'repeat', fields: [{ id: 'd', type: 'integer' }] },
    ],
  },
]

test('a page is one question, a field-list or a repeat, and has its faults', () => {
  const pages = pagesOf(fields)
  expect(pages.map(({ field, groups }) => [field.id, groups.map(({ id }) => id)])).toEqual([
    ['a', []],
    ['b', ['g']],
    ['t', ['g']],
    ['r', ['g']],
  ])
  expect(pages.map((page) => ['c', 'r[2].d', 'r'].map((path) => holds(page, path)))).toEqual([
    [false, false, false],
    [false, false, false],
    [true, false, false],
    [false, true, true],
  ])
})

test('the reader gets the form in their language where it has it', () => {
  expect(languageFor(['English (en)', 'Español (es)'], 'es-MX')).toBe('Español (es)')
  expect(languageFor(['fr', 'en'], 'en')).toBe('en')
  expect(languageFor(['English', 'Luo'], 'en')).toBe('English')
  expect(languageFor(['French (fr)', 'Luo'], 'en')).toBeUndefined()
})

describe('faults', () => {
  test('are found at their questions, in rows of rows and under ids with dots', () => {
    const form = openForm({
      version: 1,
      fields: [
        { id: 'a.b', type: 'integer' },
        {
          id: 'hh',
          type: 'repeat',
          fields: [{ id: 'x[0].y', type: 'repeat', fields: [{ id: 'n', type: 'integer' }] }],
        },
      ],
    })
    const answers = { 'a.b': 'x', hh: [{}, { 'x[0].y': [{ n: 'x' }] }] }
    const found = faultsOf(form, answers, {}).map(({ path }) => locate(form, path))
    expect(found.map((one) => [one?.target.field.id, one?.rows])).toEqual([
      ['a.b', []],
      ['n', [2, 1]],
    ])
  })

  test('are all found, however many', () => {
    const many = Array.from({ length: 1000 }, (_, n): Field => ({ id: `q${n}`, type: 'text', required: true }))
    expect(faultsOf(openForm({ version: 1, fields: many }), {}, {})).toHaveLength(1000)
  })
})

test('the renderer knows no session, no server and no screen', () => {
  const folder = 'dashboard/src/renderer'
  const imports = globSync(`${folder}/*.{ts,tsx}`).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, path]) =>
      relative('.', resolve(dirname(file), path!)),
    ),
  )
  expect(imports.length).toBeGreaterThan(50)
  const allowed = /^(src\/forms\/|dashboard\/src\/(renderer\/|i18n\/i18n\.ts|ui\/icon\.tsx))/
  expect(imports.filter((path) => !allowed.test(path))).toEqual([])
})
