// What becomes of an XLSForm: types, texts in languages, groups, choices, rules, and what is kept without being understood.
import { describe, expect, test } from 'vitest'
import type { Field, FormSchema } from '../../../../src/forms/schema.ts'
import { sentenceOf } from '../../../../src/forms/xlsform/findings.ts'
import { readXlsform, type XlsformForm } from '../../../../src/forms/xlsform/read.ts'
import type { Sheet } from '../../../../src/lib/sheet.ts'
import { CHOICES, sheet } from '../../../support/workbooks.ts'

function readAll(...sheets: Sheet[]): { form: XlsformForm; warnings: string[] } {
  const read = readXlsform(sheets)
  if (!read.ok) throw new Error(read.faults.map(sentenceOf).join('\n'))
  return { form: read.form, warnings: read.warnings.map(sentenceOf) }
}

const schemaOf = (...sheets: Sheet[]): FormSchema => readAll(...sheets).form.schema
const fieldsOf = (survey: string, ...more: Sheet[]): Field[] => schemaOf(sheet('survey', survey), ...more).fields
const warningsOf = (survey: string, ...more: Sheet[]): string[] => readAll(sheet('survey', survey), ...more).warnings
const yesNo = sheet('choices', CHOICES)

describe('questions', () => {
  test('have their type, label, hint, appearance and rules', () => {
    const [age] = fieldsOf(`
      type | name | label | hint | required | required_message | relevant | constraint | constraint_message | read_only | appearance
      int  | age  | Age?  | y.   | yes      | Please           | 1 = 1    | . < 130    | Too old            | no        | minimal`)
    expect(age).toEqual({
      id: 'age',
      type: 'integer',
      label: 'Age?',
      hint: 'y.',
      required: true,
      required_message: 'Please',
      relevant: '1 = 1',
      constraint: '. < 130',
      constraint_message: 'Too old',
      appearance: 'minimal',
    })
  })

  test.each([
    ['yes', true],
    ['TRUE', true],
    ['true()', true],
    ['no', undefined],
    ['false()', undefined],
    ["${a} = 'x'", "${a} = 'x'"],
  ])('are required as %s says', (written, required) => {
    const [, b] = fieldsOf(`type | name | label | required\n text | a | A |\n text | b | B | ${written}`)
    expect(b!.required).toBe(required)
  })

  test('in a workbook may be required by a cell that is true', () => {
    const rows = [
      ['type', 'name', 'label', 'required', 'read_only'],
      ['text', 'a', 'A', true, false],
    ]
    expect(schemaOf(sheet('survey', rows)).fields[0]).toMatchObject({ required: true })
  })

  test('take a signature for a picture of its own kind', () => {
    const fields = fieldsOf('type | name | label | appearance\n image | s | S | signature new\n image | p | P |')
    expect(fields).toEqual([
      { id: 's', type: 'signature', label: 'S', appearance: 'new' },
      { id: 'p', type: 'photo', label: 'P' },
    ])
  })

  test('calculate, by a row or by a column', () => {
    const fields = fieldsOf(`
      type      | name | label | calculation
      calculate | a    |       | 1 + 1
      text      | b    | B     | \${a} + 1`)
    expect(fields).toMatchObject([
      { type: 'calculated', calculation: '1 + 1' },
      { type: 'text', calculation: '${a} + 1' },
    ])
  })

  test.each([
    ['date', 'today()', { expression: 'today()' }],
    ['text', '${a}', { expression: '${a}' }],
    ['integer', 'once(random())', { expression: 'once(random())' }],
    ['text', 'Fatick (north)', 'Fatick (north)'],
    ['text', 'see f(x)', 'see f(x)'],
    ['date', '2026-03-17', '2026-03-17'],
    ['select_multiple yes_no', 'yes no', ['yes', 'no']],
    ['geopoint', '14.5 -16.25 3 5', { latitude: 14.5, longitude: -16.25, altitude: 3, accuracy: 5 }],
  ])('of type %s have %s as default', (type, written, value) => {
    const fields = fieldsOf(`type | name | label | default\n text | a | A |\n ${type} | b | B | ${written}`, yesNo)
    expect(fields[1]!.default).toEqual(value)
  })

  test('have parameters; a range has bounds in any case', () => {
    const fields = fieldsOf(`
      type  | name | label | parameters
      image | a    | A     | max-pixels=640
      range | b    | B     | start=0 end = 10;step=0.5
      range | c    | C     | `)
    expect(fields.map(({ parameters }) => parameters)).toEqual([
      { 'max-pixels': 640 },
      { start: 0, end: 10, step: 0.5 },
      { start: 1, end: 10, step: 1 },
    ])
  })

  test('that are notes need no name', () => {
    expect(fieldsOf('type | name | label\n note | | Read this')[0]).toMatchObject({ type: 'note', label: 'Read this' })
  })

  test('of types that carry a rule have it, unless they bring their own', () => {
    const fields = fieldsOf(`
      type                         | name | label | constraint
      percentage                   | a    | A     |
      percentage                   | b    | B     | . < 50
      number of days in last month | c    | C     |`)
    expect(fields).toMatchObject([
      { type: 'integer', constraint: '0 <= . and . <= 100' },
      { constraint: '. < 50' },
      { constraint: '0 <= . and . <= 31', hint: 'Enter a number 0-31.' },
    ])
  })
})

describe('texts', () => {
  test('are strings where there is one language, and by language where there are more', () => {
    const survey = `
      type | name | label::English (en) | label::Français (fr) | hint::English (en) | hint::Français (fr)
      text | a    | Name                | Nom                  |                    | Ici
      text | b    | Age                 |                      |                    |`
    const settings = sheet('settings', 'form_title | default_language\n Wells | English (en)')
    const schema = schemaOf(sheet('survey', survey), settings)
    expect(schema).toMatchObject({ title: 'Wells', default_language: 'en' })
    expect(schema.fields).toEqual([
      { id: 'a', type: 'text', label: { en: 'Name', fr: 'Nom' }, hint: { fr: 'Ici' } },
      { id: 'b', type: 'text', label: { en: 'Age' } },
    ])
    expect(schema.xlsform).toEqual({ languages: { en: 'English (en)', fr: 'Français (fr)' } })
  })

  test('without a language belong to the default one', () => {
    const survey = 'type | name | label | label::French\n text | a | Name | Nom\n text | b | Age |'
    expect(fieldsOf(survey)).toMatchObject([{ label: { default: 'Name', French: 'Nom' } }, { label: 'Age' }])
    const settings = sheet('settings', 'default_language\n English')
    expect(fieldsOf(survey, settings)[0]!.label).toEqual({ English: 'Name', French: 'Nom' })
  })

  test('that are missing in a language are named once per column', () => {
    const survey =
      'type | name | label::English | label::Luo | constraint | constraint_message::English\n text | a | A | A | 1 = 1 | No'
    expect(warningsOf(survey)).toEqual([
      "survey row 1, constraint_message::English (F1): There is no constraint_message in 'Luo'; other texts have one.",
    ])
  })

  test('go with media, in languages too', () => {
    const survey = `
      type | name | label | image | media::audio::English (en) | media::audio::Luo
      text | a    | A     | a.png | a-en.mp3                   | a-luo.mp3`
    expect(fieldsOf(survey)[0]!.media).toEqual({ image: 'a.png', audio: { en: 'a-en.mp3', Luo: 'a-luo.mp3' } })
  })
})

describe('groups and repeats', () => {
  test('nest, with their own conditions, counts and appearances', () => {
    const fields = fieldsOf(`
      type         | name | label | relevant    | repeat_count | appearance
      begin group  | g    | Group | 1 = 1       |              | field-list
      begin_repeat | r    | Rows  |             | \${n}        |
      text         | a    | A     |             |              |
      end repeat   |      |       |             |              |
      end_group    | g    |       |             |              |
      begin repeat | s    | More  |             | 3            |
      end repeat   |      |       |             |              |
      integer      | n    | N     |             |              |`)
    expect(fields).toEqual([
      {
        id: 'g',
        type: 'group',
        label: 'Group',
        relevant: '1 = 1',
        appearance: 'field-list',
        fields: [
          {
            id: 'r',
            type: 'repeat',
            label: 'Rows',
            repeat_count: '${n}',
            fields: [{ id: 'a', type: 'text', label: 'A' }],
          },
        ],
      },
      { id: 's', type: 'repeat', label: 'More', repeat_count: 3, fields: [] },
      { id: 'n', type: 'integer', label: 'N' },
    ])
  })
})

describe('choices', () => {
  const cascade = sheet(
    'choices',
    `list_name | name    | label   | region | image
     region    | north   | North   |        | n.png
     region    | south   | South   |        |
     town      | fatick  | Fatick  | south  |
     town      | louga   | Louga   | north  |`,
  )
  test('are lists by name, with further columns for filters', () => {
    const survey = `
      type              | name | label | choice_filter
      select_one region | r    | R     |
      select_one town   | t    | T     | region = \${r}`
    const schema = schemaOf(sheet('survey', survey), cascade)
    expect(schema.choices).toEqual({
      region: [
        { value: 'north', label: 'North', media: { image: 'n.png' } },
        { value: 'south', label: 'South' },
      ],
      town: [
        { value: 'fatick', label: 'Fatick', region: 'south' },
        { value: 'louga', label: 'Louga', region: 'north' },
      ],
    })
    expect(schema.fields[1]).toEqual({
      id: 't',
      type: 'select_one',
      list: 'town',
      label: 'T',
      choice_filter: 'region = ${r}',
    })
  })

  test('that are numbers are texts, as answers are', () => {
    const choices = sheet('choices', [
      ['list name', 'name', 'label', 'weight'],
      ['n', 1, 'One', 0.5],
      [null, null, null, null],
      ['n', 2, 'Two', 1],
    ])
    expect(schemaOf(sheet('survey', 'type | name | label\n select_one n | a | A'), choices).choices!.n).toEqual([
      { value: '1', label: 'One', weight: 0.5 },
      { value: '2', label: 'Two', weight: 1 },
    ])
  })

  test('or other are a list with one more option, and a question that asks for it', () => {
    const schema = schemaOf(
      sheet(
        'survey',
        `type                          | name | label | relevant
         select_one yes_no or_other    | a    | A     |
         select_multiple yes_no or_other| b   | B     |
         select_one yes_no             | c    | C     | \${a_other} != '' or \${a} = 'other'`,
      ),
      yesNo,
    )
    expect(schema.fields).toMatchObject([
      { id: 'a', type: 'select_one', list: 'yes_no_or_other' },
      { id: 'a_other', type: 'text', label: 'Specify other.', relevant: "selected(${a}, 'other')" },
      { id: 'b', type: 'select_multiple', list: 'yes_no_or_other' },
      { id: 'b_other' },
      { id: 'c', list: 'yes_no' },
    ])
    expect(schema.choices!.yes_no_or_other!.map(({ value }) => value)).toEqual(['yes', 'no', 'other'])
    expect(schema.choices!.yes_no).toHaveLength(2)
  })

  test('may stand in files, in answers and on the sheet of external choices', () => {
    const external = sheet('external_choices', 'list_name | name | district\n wards | w1 | d1')
    const survey = `
      type                           | name | label | choice_filter
      select_one_from_file towns.csv | t    | T     |
      text                           | who  | Who   |
      select_one \${who}             | w    | W     |
      select_one_external wards      | x    | X     | district = \${who}`
    const { form, warnings } = readAll(sheet('survey', survey), external)
    expect(form.schema.fields).toMatchObject([
      { type: 'select_one', itemset: 'towns.csv' },
      {},
      { type: 'select_one', itemset: '${who}' },
      { type: 'select_one', list: 'wards' },
    ])
    expect(form.schema.xlsform).toEqual({ external_lists: ['wards'] })
    expect(warnings.filter((line) => line.includes('does not look into'))).toHaveLength(2)
  })

  test('may repeat a name where the settings allow it', () => {
    const survey = sheet('survey', 'type | name | label\n select_one l | a | A')
    const choices = sheet('choices', 'list_name | name | label\n l | x | X\n l | x | Also X')
    expect(readXlsform([survey, choices]).ok).toBe(false)
    expect(readXlsform([survey, choices, sheet('settings', 'allow_choice_duplicates\n yes')]).ok).toBe(true)
  })
})

describe('what is not understood', () => {
  test('is kept with its field or the document, and named', () => {
    const { form, warnings } = readAll(
      sheet(
        'survey',
        `type | name | label | notes | bind::odk:length | trigger | guidance_hint::English
         text | a    | A     | why   | 4000             | \${a}   | More`,
      ),
      sheet('settings', 'form_title | style | public_key | instance_name | theme\n F | pages | MII | ${a} | dark'),
      sheet('entities', 'dataset | label\n trees | ${a}'),
      sheet('Read me', 'Hello'),
    )
    expect(form.schema.fields[0]!.xlsform).toEqual({
      notes: 'why',
      'bind::odk:length': '4000',
      trigger: '${a}',
      'guidance_hint::English': 'More',
    })
    expect(form.schema.xlsform).toEqual({
      settings: { style: 'pages', public_key: 'MII', instance_name: '${a}', theme: 'dark' },
      sheets: {
        entities: [
          ['dataset', 'label'],
          ['trees', '${a}'],
        ],
      },
    })
    expect(warnings).toEqual([
      'entities: Nothing is done with this sheet here. It is kept with the form and exported again.',
      'Read me: This sheet is no part of the form. It stays in the file that was imported.',
      'settings row 2: public_key is kept and not obeyed: submissions come to this server, unencrypted.',
      "settings row 2: Nothing is done with the setting theme ('dark') here. It is kept and exported.",
      ...['notes (D1)', 'bind::odk:length (E1)', 'trigger (F1)', 'guidance_hint::English (G1)'].map(
        (place) =>
          `survey row 1, ${place}: Nothing is done with this column here. It is kept with the form and exported again.`,
      ),
    ])
  })

  test('because only ODK devices know it, has its place in the form', () => {
    const survey = 'type | name | label\n simserial | sim |\n start-geopoint | here |\n audit | audit |'
    expect(fieldsOf(survey)).toEqual([
      { id: 'sim', type: 'hidden', xlsform: { type: 'simserial' } },
      { id: 'here', type: 'geopoint', auto_capture: true, xlsform: { type: 'start-geopoint' } },
      { id: 'audit', type: 'hidden', xlsform: { type: 'audit' } },
    ])
    expect(warningsOf(survey)).toHaveLength(3)
  })

  test('because it is for the device to compute, is a warning with its place', () => {
    const survey = `
      type      | name | label | calculation
      calculate | a    |       | pulldata('towns', 'x', 'y', 'z')
      calculate | b    |       | instance('towns')/root/item[name = 'x']/label
      calculate | c    |       |
      text      | d    |       |`
    expect(warningsOf(survey)).toEqual([
      "survey row 4, calculation (D4): 'c' has no calculation, so it says nothing. Write one, or take it out.",
      "survey row 5, label (C5): 'd' has no label; its name is shown.",
      "survey row 2, calculation (D2): character 1: 'pulldata()' is answered by the device alone.",
      "survey row 3, calculation (D3): character 1: 'instance('towns')/root/item[name = 'x']/label' is answered by the device alone.",
    ])
  })

  test('rows that are empty, disabled or remarks are passed over, the last two with a warning', () => {
    const survey = sheet('survey', [
      [null],
      ['type', 'name', 'label', 'disabled'],
      [null, null, null, null],
      ['text', 'a', 'A', null],
      ['text', 'b', 'B', 'yes'],
      [null, null, 'only a remark', null],
      ['  ', '\u00a0', null, null],
    ])
    const { form, warnings } = readAll(survey)
    expect(form.schema.fields).toHaveLength(1)
    expect(warnings).toEqual([
      "survey row 5, disabled (D5): 'b' is disabled, so it is left out.",
      'survey row 6, type (A6): This row has neither type nor name, so it is read as a remark and left out.',
    ])
  })

  test('quotes that a word processor bent are read as they were meant', () => {
    const survey = 'type | name | label | relevant\n text | a | A |\n text | b | B | ${a} = ‘yes’ or ${a} = “no”'
    expect(fieldsOf(survey)[1]!.relevant).toBe(`\${a} = 'yes' or \${a} = "no"`)
    expect(warningsOf(survey)).toHaveLength(1)
  })
})

test('id, title and version stand on the settings sheet, of which the first row counts', () => {
  const settings = sheet('settings', [
    ['form_title', 'form_id', 'version'],
    ['Wells', 'wells', 2026031701],
    ['Other', null, null],
  ])
  const { form, warnings } = readAll(sheet('survey', 'type | name | label\n text | a | A'), settings)
  expect(form).toMatchObject({ title: 'Wells', formId: 'wells', version: '2026031701' })
  expect(warnings).toEqual(['settings row 3: Settings stand in one row; this further one is left out.'])
})
