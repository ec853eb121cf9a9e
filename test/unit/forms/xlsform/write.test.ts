// Forms as XLSForm: what is written is read back as the same form, whatever it holds.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkFormSchema } from '../../../../src/forms/check.ts'
import type { Field, FormSchema } from '../../../../src/forms/schema.ts'
import { assignUids } from '../../../../src/forms/uids.ts'
import { sentenceOf } from '../../../../src/forms/xlsform/findings.ts'
import { readXlsform } from '../../../../src/forms/xlsform/read.ts'
import { writeXlsform } from '../../../../src/forms/xlsform/write.ts'
import type { Sheet } from '../../../../src/lib/sheet.ts'
import { fixtureS } from '../../../support/fixture-s.ts'
import { sheet, smallForm } from '../../../support/workbooks.ts'
import { formSchemas } from '../arbitraries.ts'

const NAMES = { key: 'k', version: '1' }
const written = (schema: FormSchema): Sheet[] =>
  writeXlsform(schema, NAMES).sheets.map(({ name, rows }) => sheet(name, rows))

function read(sheets: readonly Sheet[]): FormSchema {
  const result = readXlsform(sheets)
  if (!result.ok) throw new Error(result.faults.map(sentenceOf).join('\n'))
  return result.form.schema
}
const again = (schema: FormSchema): FormSchema => read(written(schema))
const form = (...fields: Field[]): FormSchema => ({ version: 1, dialect: 'xlsform', title: 'T', fields })

describe('a form that was imported', () => {
  test('is the same after it was exported and imported again', () => {
    const schema = read(smallForm())
    expect(again(schema)).toEqual(schema)
    expect(again(again(schema))).toEqual(schema)
  })

  test('keeps languages, cascades, unknown columns, settings and sheets', () => {
    const schema = read([
      sheet(
        'survey',
        `type                        | name | label::English (en) | label::Français (fr) | media::image::English (en) | choice_filter | bind::odk:length | default | parameters | appearance
         select_one region           | r    | Region               | Région               | a.png                      |               |                  |         |            |
         select_one town or_other    | t    | Town                 |                      |                            | region = \${r}|                  |         |            | minimal
         select_one_external ward    | w    | Ward                 |                      |                            | town = \${t}  |                  |         |            |
         select_one_from_file x.csv  | x    | X                    |                      |                            |               |                  |         |            |
         text                        | n    | N                    |                      |                            |               | 4000             | today() |            | multiline
         image                       | s    | S                    |                      |                            |               |                  |         | max-pixels=640 | signature
         simserial                   | sim  |                      |                      |                            |               |                  |         |            |
         start-geopoint              | here |                      |                      |                            |               |                  |         |            |
         begin repeat                | hh   | Rows                 |                      |                            |               |                  |         |            |
         integer                     | a    | A                    |                      |                            |               |                  | 5       |            |
         end repeat                  |      |                      |                      |                            |               |                  |         |            |`,
      ),
      sheet(
        'choices',
        'list_name | name | label::English (en) | label::Français (fr) | region\n region | s | South | Sud |\n town | f | Fatick | Fatick | s',
      ),
      sheet('external_choices', 'list_name | name | label | town\n ward | w1 | One | f'),
      sheet(
        'settings',
        'form_title | form_id | default_language | style | instance_name\n T | k | English (en) | pages | ${n}',
      ),
      sheet('entities', 'dataset | label\n trees | ${n}'),
    ])
    expect(again(schema)).toEqual(schema)
    const [survey] = written(schema)
    expect(survey!.rows[0]).toEqual([
      'type',
      'name',
      'label::English (en)',
      'label::Français (fr)',
      'relevant',
      'default',
      'choice_filter',
      'appearance',
      'parameters',
      'media::image::English (en)',
      'bind::odk:length',
    ])
  })
})

describe('a form of our own', () => {
  test('has its rules in the words of XLSForm, and means the same', () => {
    const [survey, choices] = written({
      version: 1,
      title: { en: 'Households' },
      fields: [
        { id: 'age', type: 'number', constraint: '. >= 0 and . < 130' },
        { id: 'half', type: 'calculated', expression: 'age / 2' },
        {
          id: 'town',
          type: 'select_one',
          options: [{ value: 'f', region: 's' }],
          choice_filter: "region = 's' and age > 1",
          relevant: "age != '' or not(half = 1)",
        },
        { id: 'when', type: 'date', default: 'today', required: 'age > 17' },
      ],
    })
    const column = (header: string) => {
      const at = survey!.rows[0]!.indexOf(header)
      return survey!.rows.slice(1).map((row) => row[at] ?? null)
    }
    expect(column('type')).toEqual(['decimal', 'calculate', 'select_one town', 'date'])
    expect(column('constraint')[0]).toBe('. >= 0 and . < 130')
    expect(column('calculation')[1]).toBe('coalesce(${age}, 0) div 2')
    expect(column('choice_filter')[2]).toBe("region = 's' and ${age} > 1")
    expect(column('relevant')[2]).toBe("${age} != '' or not(${half} = 1)")
    expect(column('default')[3]).toBe('today()')
    expect(column('required')[3]).toBe('${age} > 17')
    expect(choices!.rows).toEqual([
      ['list_name', 'name', 'label', 'region'],
      ['town', 'f', null, 's'],
    ])
  })

  test('is read back as the same form in the other dialect, with what XLSForm has no word for', () => {
    let count = 0
    const schema = assignUids(
      {
        ...fixtureS,
        description: 'All types',
        settings: { show_progress_bar: true },
        fields: [
          ...fixtureS.fields,
          { id: 'ta', type: 'textarea', label: 'Long' },
          { id: 'mail', type: 'email', label: ' spaced ' },
          { id: 'tel', type: 'phone', label: 'P', appearance: 'numbers' },
          { id: 'ts', type: 'timestamp', label: 'T' },
          { id: 'sig', type: 'signature', label: 'S' },
          { id: 'rg', type: 'range', label: 'R' },
          { id: 'rk', type: 'rank', label: 'K', options: [{ value: 1 }, { value: 2 }], default: ['2', '1'] },
          { id: 'here', type: 'geopoint', label: 'H', auto_capture: true, default: { latitude: 1, longitude: 2 } },
          { id: 'many', type: 'repeat', label: 'M', min_count: 1, max_count: 4, fields: [] },
          { id: 'kept', type: 'text', label: 'X', custom: { any: ['json'] }, default: 'f(today())' },
        ],
      },
      () => `uid-${count++}`,
    )
    expect(checkFormSchema(schema)).toEqual([])
    const result = again(schema)
    expect(result).toMatchObject({
      title: 'Households',
      description: 'All types',
      settings: { show_progress_bar: true },
    })
    const plain = (fields: readonly Field[]): unknown[] =>
      fields.map(({ options, list, expression, calculation, relevant, label, fields: children, ...rest }) => ({
        ...rest,
        ...(rest.id !== 'mail' && label !== undefined && { label }),
        ...(children && { fields: plain(children) }),
      }))
    const withoutNumbers = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll('"value":1', '"value":"1"'))
    expect(plain(result.fields)).toEqual(withoutNumbers(plain(schema.fields)))
    expect(again(result)).toEqual(result)
  })

  test('is read back with any text, and with what is no text', () => {
    const odd = form(
      { id: 'a', type: 'text', label: ' leading', hint: '“curly” _x0041_ \u0001', appearance: 'w1  w2' },
      { id: 'b', type: 'note', label: { en: 'x', 'fr (fr)': 'y' }, media: { image: { en: 'a' }, model: 'm' } },
      { id: 'c', type: 'text', label: { '': 'z' }, default: 7, required: true, relevant: "${a} = '“'" },
      { id: 'd', type: 'select_one', list: 'l', default: 'today()', parameters: { Big: '1.0', x: true } },
      { id: 'e', type: 'text', xlsform: { label: 'taken', ' odd ': 1, fine: 'yes', deep: { x: 1 } } },
    )
    const schema = { ...odd, choices: { l: [{ value: 'x', name: 'n', 'two words': 't', deep: [1] }, { value: 'x' }] } }
    expect(again(schema as FormSchema)).toEqual(schema)
  })
})

test('texts that no cell can hold are told with their places', () => {
  const { tooLong } = writeXlsform(form({ id: 'a', type: 'note', label: 'x'.repeat(32_768) }), NAMES)
  expect(tooLong).toEqual(['survey C2 (label): 32768 characters, where a spreadsheet takes 32767.'])
})

test('what has been read once is stable: reading what was written gives it again', () => {
  fc.assert(
    fc.property(formSchemas, (schema) => {
      const once = again(schema)
      expect(again(once)).toEqual(once)
    }),
    { numRuns: 500 },
  )
})
