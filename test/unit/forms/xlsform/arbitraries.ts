// Workbooks for property tests: sheets of the words that XLSForm knows, in places where they belong and where not.
import fc from 'fast-check'
import type { Cell, Sheet } from '../../../../src/lib/sheet.ts'
import { sheet } from '../../../support/workbooks.ts'

const words = fc.constantFrom<Cell>(
  ...['type', 'name', 'label', 'label::en', 'list_name', 'relevant', 'default', 'fieldpost', 'parameters', 'disabled'],
  ...['text', 'begin group', 'end group', 'end repeat', 'begin repeat', 'select_one l', 'select_one l or_other'],
  ...['select_multiple ${a}', 'calculate', 'a', 'b', 'l', '${a} = 1', '${', '__proto__', 'constructor', 'yes', 'x=1'],
  ...['{"type":"route","fields":"x"}', '{"id":1}', '{"relevant":[1]}', '[]', '{'],
  null,
  true,
  7,
  '',
)
const cells = fc.oneof({ weight: 6, arbitrary: words }, fc.string({ maxLength: 12 }) as fc.Arbitrary<Cell>)
const rows = fc.array(fc.array(cells, { maxLength: 7 }), { maxLength: 12 })
const header = fc.constantFrom(
  ['type', 'name', 'label', 'relevant', 'fieldpost', 'default', 'parameters'],
  ['list_name', 'name', 'label', 'x', 'fieldpost'],
)

export const workbooks: fc.Arbitrary<Sheet[]> = fc.array(
  fc
    .tuple(fc.constantFrom('survey', 'choices', 'settings', 'external_choices', 'entities', 'x'), header, rows)
    .map(([name, first, rest]): Sheet => sheet(name, [first, ...rest])),
  { minLength: 1, maxLength: 4 },
)
