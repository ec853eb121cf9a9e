// Workbooks for tests: sheets written as lines of text, and the broken files that people and attackers send.
import type { Cell, Sheet } from '../../src/lib/sheet.ts'
import { writeWorkbook } from '../../src/lib/workbook.ts'

/** Cells separated by `|`; an empty one is empty. Numbers stay text, as most forms have them. */
export const sheet = (name: string, lines: string | readonly (readonly Cell[])[]): Sheet => ({
  name,
  rows:
    typeof lines === 'string'
      ? lines
          .trim()
          .split('\n')
          .map((line) => line.split('|').map((cell) => cell.trim() || null))
      : lines,
  merges: [],
  unsaved: [],
})

export const SURVEY = `
  type              | name  | label          | relevant       | constraint
  text              | who   | Who are you?   |                |
  integer           | age   | How old?       |                | . >= 0 and . < 130
  select_one yes_no | drives| Do you drive?  | \${age} >= 18  |`

export const CHOICES = `
  list_name | name | label
  yes_no    | yes  | Yes
  yes_no    | no   | No`

export const SETTINGS = `
  form_title | form_id | version
  Drivers    | drivers | 2026-1`

/** A small form that has all three sheets. */
export const smallForm = (): Sheet[] => [
  sheet('survey', SURVEY),
  sheet('choices', CHOICES),
  sheet('settings', SETTINGS),
]

export const workbookOf = async (...sheets: Sheet[]): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await writeWorkbook(sheets))
