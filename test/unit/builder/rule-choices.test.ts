// What the rows of a rule may speak of, and what becomes of a row that is about something else.
import { expect, test } from 'vitest'
import {
  choicesFor,
  nameOf,
  newRow,
  operationsFor,
  type RuleKey,
  withOperation,
  withSubject,
} from '../../../dashboard/src/screens/builder/parts/rules/choices.ts'
import type { Row } from '../../../dashboard/src/screens/builder/parts/rules/rows.ts'
import { outlineOf } from '../../../src/forms/outline.ts'

const FIELDS = [
  { id: 'about', type: 'note' },
  { id: 'region', type: 'select_one', label: { en: 'Region', fr: 'Région' }, options: [{ value: 'west' }] },
  { id: 'trip', type: 'group', fields: [{ id: 'age', type: 'integer' }] },
  { id: 'town', type: 'select_one', list: 'towns' },
  { id: 'visits', type: 'repeat', fields: [{ id: 'photo', type: 'photo' }] },
]
const outline = outlineOf(
  {
    fields: FIELDS,
    choices: {
      towns: [
        { value: 'ksm', label: 'Kisumu', region: 'west' },
        { value: 1, region: 2 },
      ],
    },
  },
  32,
)
const choices = (id: string, key: RuleKey) => choicesFor(outline, outline.byId.get(id)!.field, key, 'fr')
const names = (id: string, key: RuleKey) => choices(id, key).map(({ subject, name }) => `${subject.is} ${name}`)

test('a rule speaks of every field with an answer but its own, which only a constraint is about', () => {
  expect(names('age', 'relevant')).toEqual(['field region', 'field town', 'field visits', 'field photo'])
  expect(names('age', 'constraint')[0]).toBe('self .')
  expect(choices('age', 'relevant')[0]).toMatchObject({ label: 'Région', kind: 'one', options: [{ value: 'west' }] })
})

test('a choice filter speaks of the columns of its options first, with the values in them', () => {
  expect(names('town', 'choice_filter').slice(0, 3)).toEqual(['column value', 'column region', 'field region'])
  expect(choices('town', 'choice_filter')[1]!.options.map(({ value }) => value)).toEqual(['west', '2'])
})

test('operators suit the answer, and one that stands there is offered whatever it is', () => {
  const row: Row = { is: 'test', subject: { is: 'field', id: 'age' }, operator: 'contains', value: { is: 'now' } }
  const offered = operationsFor('number', row).map(nameOf)
  expect(offered).toContain('answer.at_least')
  expect(offered.at(-1)).toBe('contains')
})

test('a row about another field keeps what suits it', () => {
  const [region, town, visits] = choices('age', 'relevant')
  const row = newRow(region!)
  expect(row).toMatchObject({ is: 'comparison', operator: '=', value: { is: 'text', text: '' } })
  if (row.is !== 'comparison') return expect.unreachable()
  const chosen: Row = { ...row, operator: '!=', value: { is: 'text', text: 'west' } }
  expect(withSubject(chosen, region, town!)).toMatchObject({ operator: '!=', value: { text: '' } })
  expect(withSubject(chosen, region, visits!)).toMatchObject({ measure: 'rows', operator: '>=', value: { text: '' } })
  expect(withOperation(chosen, { is: 'state', operator: 'blank' })).toEqual({
    is: 'state',
    operator: 'blank',
    subject: row.subject,
  })
  const compared = withOperation(chosen, { is: 'comparison', measure: 'answer', operator: '=' })
  expect(compared).toMatchObject({ value: { text: 'west' } })
})
