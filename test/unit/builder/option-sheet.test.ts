// Options out of a spreadsheet.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cellsOf,
  freeValue,
  readSheet,
  repeatedValues,
  sheetOf,
  valueFrom,
} from '../../../dashboard/src/screens/builder/parts/options/sheet.ts'

const NONE: ReadonlySet<string> = new Set()
const optionsIn = (text: string, languages: string[] = [], taken = NONE) => readSheet(text, languages, taken).options

describe('pasted cells', () => {
  test('are value and label', () => {
    expect(optionsIn('ke\tKenya\nug\tUganda\r\n')).toEqual([
      { value: 'ke', label: 'Kenya' },
      { value: 'ug', label: 'Uganda' },
    ])
  })

  test('are labels alone, from which values are made', () => {
    expect(optionsIn('Drinking water\nÉcole\n水\nÉcole\n–', [], new Set(['ecole']))).toEqual([
      { value: 'drinking_water', label: 'Drinking water' },
      { value: 'ecole_2', label: 'École' },
      { value: '水', label: '水' },
      { value: 'ecole_3', label: 'École' },
      { value: 'option', label: '–' },
    ])
  })

  test('are labels in the languages of the form', () => {
    expect(optionsIn('a\tYes\tOui\tUnread\nb\t\tNon', ['en', 'fr'])).toEqual([
      { value: 'a', label: { en: 'Yes', fr: 'Oui' } },
      { value: 'b', label: { fr: 'Non' } },
    ])
  })

  test('are what their header says, in any order', () => {
    const sheet = 'list_name\tregion\tlabel::Français (fr)\tlabel\tname\ntowns\twest\tKisumu (f)\tKisumu\tksm'
    expect(readSheet(sheet, ['en'], NONE)).toEqual({
      columns: [
        { is: 'column', name: 'region' },
        { is: 'label', language: 'fr' },
        { is: 'label', language: 'en' },
        { is: 'value' },
      ],
      options: [{ value: 'ksm', label: { fr: 'Kisumu (f)', en: 'Kisumu' }, region: 'west' }],
      hasHeader: true,
    })
  })

  test('keep what a made value could clash with', () => {
    expect(optionsIn('value\tlabel\n\tYes\nyes\tReally')).toEqual([
      { value: 'yes_2', label: 'Yes' },
      { value: 'yes', label: 'Really' },
    ])
  })

  test('stand in quotes where they hold what separates them', () => {
    expect(cellsOf('a\t"two\nlines"\t"say ""so"""\n"b" c\td')).toEqual([
      ['a', 'two\nlines', 'say "so"'],
      ['"b" c', 'd'],
    ])
  })
})

test('values that repeat or are blank are told', () => {
  expect([...repeatedValues([{ value: 'a' }, { value: 1 }, { value: '1' }, { value: ' ' }])]).toEqual(['1', ' '])
})

const cell = fc
  .string({ unit: fc.constantFrom('a', 'é', '"', '\t', '\n', '\r', ' ', '水'), maxLength: 6 })
  .map((text) => text.trim())
const filled = fc
  .array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 })
  .map((rows) => rows.filter((row) => row.some((one) => one !== '')))

test('cells come back from the sheet that they are written into', () => {
  fc.assert(
    fc.property(filled, (rows) => {
      expect(cellsOf(sheetOf(rows))).toEqual(rows)
    }),
  )
})

test('any text is read, and every option has a value of its own unless the sheet says otherwise', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'label', '::', '"', '\t', '\n', ' ', '水') }),
      fc.subarray(['en', 'fr']),
      (text, languages) => {
        for (const option of optionsIn(text, languages)) expect(option.value).not.toBe('')
      },
    ),
  )
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }).filter((one) => !/["\t\n\r]/.test(one) && one.trim() !== '')),
      (labels) => {
        const { options, hasHeader } = readSheet(labels.join('\n'), [], NONE)
        fc.pre(!hasHeader)
        expect(options.map(({ label }) => label)).toEqual(labels.map((one) => one.trim()))
        expect(repeatedValues(options).size).toBe(0)
      },
    ),
  )
})

test('a made value is a plain word, and made again only with a number', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('A', 'é', '1', ' ', '-', '水', '𝒳', '_') }), (label) => {
      const value = valueFrom(label)
      expect(value).toMatch(/^[\p{L}\p{N}_]+$/u)
      expect(freeValue(label, new Set([value]))).toBe(`${value}_2`)
    }),
  )
})
