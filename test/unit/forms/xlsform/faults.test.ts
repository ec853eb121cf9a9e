// What is wrong with a workbook: every fault at once, each with sheet, row, column and what to change.
import { describe, expect, test } from 'vitest'
import { MAX_FINDINGS, sentenceOf } from '../../../../src/forms/xlsform/findings.ts'
import { readXlsform } from '../../../../src/forms/xlsform/read.ts'
import type { Cell, Sheet } from '../../../../src/lib/sheet.ts'
import { CHOICES, sheet } from '../../../support/workbooks.ts'

function faultsOf(...sheets: Sheet[]): string[] {
  const read = readXlsform(sheets)
  return read.ok ? [] : read.faults.map(sentenceOf)
}
const inSurvey = (survey: string) => faultsOf(sheet('survey', survey), sheet('choices', CHOICES))

describe('the sheets', () => {
  test('must include the survey', () => {
    expect(faultsOf(sheet('Survy', 'a'), sheet('x', 'b'))).toEqual([
      "There is no sheet 'survey', only 'Survy', 'x'. Did you mean 'Survy'?",
    ])
    expect(faultsOf(sheet('survey', [[null], []]))).toEqual([
      'survey: The sheet is empty. Its first row holds the headers type, name and label.',
    ])
    expect(faultsOf(sheet('survey', 'label | hint\n A | B'))).toEqual([
      "survey row 1: There is no column 'type'. Write 'type' at the head of one.",
      "survey row 1: There is no column 'name'. Write 'name' at the head of one.",
    ])
  })

  test('may be there once only', () => {
    const survey = sheet('survey', 'type | name | label\n text | a | A')
    expect(faultsOf(survey, sheet('Survey ', 'x'))).toEqual([
      "Survey : There are two sheets 'survey'. Give one of them another name.",
    ])
  })

  test('that hold formulas without results or merged cells say so', () => {
    const survey = { ...sheet('survey', 'type | name | label\n text | a | A'), unsaved: ['C2'], merges: ['A2:B2'] }
    const read = readXlsform([survey])
    expect(read.ok).toBe(false)
    expect(faultsOf(survey)).toEqual([
      'survey row 2, label (C2): This is a formula whose result was not saved. Write what it gives, or save the file once more.',
    ])
    expect(read.warnings.map(sentenceOf)).toEqual([
      'survey: The cells A2:B2 are merged: only the first of them says something. Take them apart.',
    ])
  })
})

describe('the rows of the survey', () => {
  test('have known types, and names that are names', () => {
    expect(
      inSurvey(`
        type   | name   | label
        tekst  | a      | A
        zzzzzz | b      | B
        text   | 1st    | C
        text   | a b    | D
        text   |        | E
               | f      | F
        begin loop over x | l | L
        text   | __proto__ | P`),
    ).toEqual([
      "survey row 2, type (A2): There is no type 'tekst'. Did you mean 'text'?",
      "survey row 3, type (A3): There is no type 'zzzzzz'. See docs/forms.md for the types there are.",
      "survey row 4, name (B4): '1st' is no name. A name begins with a letter or _ and goes on with letters, digits, _, - and dots.",
      "survey row 5, name (B5): 'a b' is no name. A name begins with a letter or _ and goes on with letters, digits, _, - and dots.",
      "survey row 6, name (B6): The 'text' has no name. Write one here.",
      "survey row 7, type (A7): 'f' has no type. Write one here.",
      "survey row 8, type (A8): Loops are not supported. Use 'begin repeat', or a group for each entry.",
      "survey row 9, name (B9): '__proto__' is no name. A name begins with a letter or _ and goes on with letters, digits, _, - and dots.",
    ])
  })

  test('have names of their own, in groups too', () => {
    expect(
      inSurvey(
        'type | name | label\n text | a | A\n begin group | g | G\n text | a | B\n end group | |\n note | g | C',
      ),
    ).toEqual([
      "survey row 4, name (B4): The name 'a' is that of row 2 already. Names are unique in the whole form.",
      "survey row 6, name (B6): The name 'g' is that of row 3 already. Names are unique in the whole form.",
    ])
  })

  test('close what they open, in order', () => {
    expect(
      inSurvey(`
        type         | name | label
        end group    |      |
        begin group  | g    | G
        begin repeat | r    | R
        end group    |      |
        begin group  | h    | H`),
    ).toEqual([
      "survey row 2, type (A2): There is no group to end here. Take the row out, or add 'begin group' above.",
      "survey row 5, type (A5): This ends a group, but the repeat 'r' of row 4 is still open. Write 'end repeat'.",
      "survey row 3, type (A3): The group 'g' is never closed. Add a row 'end group' where it ends.",
      "survey row 6, type (A6): The group 'h' is never closed. Add a row 'end group' where it ends.",
    ])
  })

  test('name lists that are there, and options that fit', () => {
    const choices = sheet('choices', `${CHOICES}\n towns | New York | New York`)
    const survey = `
      type                 | name | label
      select_one           | a    | A
      select_one yesno     | b    | B
      select_multiple towns| c    | C
      select_one towns     | d    | D`
    expect(faultsOf(sheet('survey', survey), choices)).toEqual([
      "survey row 2, type (A2): 'select_one' names no list. Write it behind the type, as in 'select_one yes_no'.",
      "survey row 3, type (A3): There is no list 'yesno' on the sheet choices. Did you mean 'yes_no'?",
      "survey row 4, type (A4): Option 'New York' of list 'towns' has a space in its name, which a question with several choices does not take. Write _ instead.",
    ])
  })

  test('say nothing twice', () => {
    const survey = `
      type | name | label | label::English | label::english (en) | label::En (en) | relevant | relevance
      text | a    | A     |                | B                   | C              | 1 = 1    | 2 = 2`
    expect(inSurvey(survey)).toEqual([
      "survey row 2, label::En (en) (F2): There is another label in 'en'; keep one of them.",
      "survey row 2, relevant (G2): 'relevant' and 'relevance' say the same; fill in one of them.",
    ])
  })

  test('hold parameters and positions that can be read', () => {
    const survey = `
      type     | name | label | parameters | default
      range    | a    | A     | 0 to 10    |
      geopoint | b    | B     |            | here`
    expect(inSurvey(survey)).toEqual([
      'survey row 2, parameters (D2): Write parameters as name=value, with spaces between them.',
      "survey row 3, default (E3): Write a position as 'latitude longitude altitude accuracy'.",
    ])
  })
})

describe('expressions', () => {
  test('parse, know their functions and name fields that are there', () => {
    const survey = `
      type              | name    | label | relevant             | constraint | calculation    | choice_filter | default     | required   | repeat_count
      text              | village | V     | \${vilage} = 'x'     |            |                |               |             |            |
      text              | b       | B     | \${village} == 'x'   | . > )      |                |               |             |            |
      calculate         | c       |       |                      |            | summ(\${b})    |               |             |            |
      select_one yes_no | d       | D     |                      |            |                | dist = 'x'    | \${nobody}  | \${b} and  |
      begin repeat      | r       | R     |                      |            |                |               |             |            | \${many}
      end repeat        |         |       |                      |            |                |               |             |            |`
    expect(inSurvey(survey)).toEqual([
      "survey row 2, relevant (D2): character 1: there is no field 'vilage'. Did you mean 'village'?",
      "survey row 3, relevant (D3): character 12: '==' is written '='.",
      "survey row 3, constraint (E3): character 5: ')' is not expected here.",
      "survey row 4, calculation (F4): character 1: there is no function 'summ'.",
      'survey row 5, required (I5): character 9: the expression ends too early.',
      "survey row 5, choice_filter (G5): character 1: there is neither a column nor a field 'dist'.",
      "survey row 5, default (H5): character 1: there is no field 'nobody'.",
      "survey row 6, repeat_count (J6): character 1: there is no field 'many'.",
    ])
  })

  test('do not need each other in circles', () => {
    const survey = 'type | name | label | relevant\n text | a | A | ${b} = 1\n text | b | B | ${a} = 1'
    expect(inSurvey(survey)).toEqual(["survey row 2, relevant (D2): circular: 'a' needs 'b' needs 'a'."])
  })
})

describe('the choices', () => {
  test('have lists and names, each option once', () => {
    const survey = sheet('survey', 'type | name | label\n select_one l | a | A')
    expect(faultsOf(survey, sheet('choices', 'list_name | label\n l | X'))).toEqual([
      "choices row 1: There is no column 'name'. Write 'name' at the head of one.",
      "survey row 2, type (A2): There is no list 'l' on the sheet choices.",
    ])
    expect(
      faultsOf(survey, sheet('choices', 'list_name | name | label\n l | x | X\n | y | Y\n l | | Z\n l | x | W')),
    ).toEqual([
      "choices row 3, list_name (A3): Option 'y' belongs to no list. Write its list here.",
      "choices row 4, name (B4): An option of list 'l' has no name. Write one here.",
      "choices row 5, name (B5): List 'l' has an option 'x' in row 2 already. Give it another name, or allow it with allow_choice_duplicates 'yes' on the settings sheet.",
    ])
  })
})

describe('size', () => {
  test('a list of 10,000 options is a list', () => {
    const options = Array.from({ length: 10_000 }, (_, index): Cell[] => ['l', `o${index}`, `Option ${index}`])
    const choices = sheet('choices', [['list_name', 'name', 'label'], ...options])
    const survey = sheet('survey', 'type | name | label\n select_one l | a | A\n select_multiple l | b | B')
    const read = readXlsform([survey, choices])
    expect(read.ok && read.form.schema.choices!.l!.length).toBe(10_000)
  })

  test('a form has at most 5,000 fields, and groups stand at most 32 deep', () => {
    const rows = (count: number) => Array.from({ length: count }, (_, index): Cell[] => ['text', `q${index}`, 'Q'])
    const survey = (count: number) => sheet('survey', [['type', 'name', 'label'], ...rows(count)])
    expect(faultsOf(survey(5_000))).toEqual([])
    expect(faultsOf(survey(5_001))).toEqual([
      'survey row 5002, type (A5002): A form has at most 5000 fields. Split it into several forms.',
    ])
    const begun = Array.from({ length: 33 }, (_, index): Cell[] => ['begin group', `g${index}`, 'G'])
    const ended = begun.map((): Cell[] => ['end group', null, null])
    expect(faultsOf(sheet('survey', [['type', 'name', 'label'], ...begun, ...ended]))).toEqual([
      'survey row 33, type (A33): Groups and repeats stand at most 32 deep.',
    ])
  })

  test('of many faults the first thousand are told, and that there are more', () => {
    const rows = Array.from({ length: 3_000 }, (): Cell[] => ['nonsense', null, null])
    const faults = faultsOf(sheet('survey', [['type', 'name'], ...rows]))
    expect(faults).toHaveLength(MAX_FINDINGS + 1)
    expect(faults.at(-1)).toBe('There are more than 1000 faults; the rest is not listed.')
  })
})
