// What the builder knows of languages, of mistakes and their places, and of the way back.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findingsOf } from '../../../dashboard/src/screens/builder/checks.ts'
import { differenceOf } from '../../../dashboard/src/screens/builder/model/difference.ts'
import { changeField, type FormSchema } from '../../../dashboard/src/screens/builder/model/document.ts'
import { changeOfType, newField, TYPE_GROUPS } from '../../../dashboard/src/screens/builder/model/new-field.ts'
import { languagesOf, shownText, withText, writtenText } from '../../../dashboard/src/screens/builder/model/texts.ts'
import { reduce, startWith } from '../../../dashboard/src/screens/builder/workbench.ts'
import { checkFormSchema } from '../../../src/forms/check.ts'
import { FIELD_TYPES } from '../../../src/forms/field-types.ts'

const PLAIN: FormSchema = { version: 1, fields: [{ id: 'a', uid: 'a', type: 'text', label: 'Name' }] }
const TWO: FormSchema = {
  version: 1,
  default_language: 'en',
  fields: [
    { id: 'a', uid: 'a', type: 'text', label: { en: 'Name', fr: 'Nom' } },
    { id: 'b', uid: 'b', type: 'text', label: 'Plain', hint: { sw: 'x' } },
  ],
}

describe('texts', () => {
  test('a form without languages has plain texts', () => {
    expect(languagesOf(PLAIN)).toEqual([])
    expect(withText(PLAIN, 'Name', '', 'Names')).toBe('Names')
    expect(withText(PLAIN, 'Name', '', '')).toBeUndefined()
  })

  test('a form speaks the languages of its texts, its default first', () => {
    expect(languagesOf(TWO)).toEqual(['en', 'fr', 'sw'])
  })

  test('a plain text among languages is in the default one, and stays when another is added', () => {
    expect(writtenText(TWO, 'Plain', 'en')).toBe('Plain')
    expect(writtenText(TWO, 'Plain', 'fr')).toBe('')
    expect(shownText(TWO, 'Plain', 'fr')).toBe('Plain')
    expect(withText(TWO, 'Plain', 'fr', 'Simple')).toEqual({ en: 'Plain', fr: 'Simple' })
  })

  test('what is written in a language is read there, and no other changes', () => {
    const texts = fc.dictionary(fc.constantFrom('en', 'fr', 'sw'), fc.string({ minLength: 1 }), {
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(texts, fc.constantFrom('en', 'fr', 'sw'), fc.string(), (text, language, value) => {
        const changed = withText(TWO, text, language, value)
        expect(writtenText(TWO, changed, language)).toBe(value)
        for (const other of ['en', 'fr', 'sw'])
          if (other !== language) expect(writtenText(TWO, changed, other)).toBe(text[other] ?? '')
      }),
    )
  })
})

test('every type is offered once, and starts without a mistake', () => {
  const offered = TYPE_GROUPS.flatMap(({ types }) => types)
  expect([...offered].sort()).toEqual([...FIELD_TYPES].sort())
  let document: FormSchema = { version: 1, fields: [] }
  for (const type of offered)
    document = { ...document, fields: [...document.fields, newField(document, type, `u-${type}`, 'Option 1')] }
  expect(checkFormSchema(document)).toEqual([])
  // Whatever becomes whatever: of what holds no others.
  const leaves = offered.filter((type) => type !== 'group' && type !== 'repeat')
  for (const from of leaves)
    for (const to of leaves) {
      const field = newField(document, from, 'u', 'Option 1')
      expect(checkFormSchema({ version: 1, fields: [{ ...field, ...changeOfType(field, to, 'Option 1') }] })).toEqual(
        [],
      )
    }
})

test('mistakes are told at their questions, without the place that only programs read', () => {
  const document: FormSchema = {
    version: 1,
    fields: [
      { id: 'a', uid: 'u1', type: 'text', relevant: 'agge > 1' },
      { id: 'g', uid: 'u2', type: 'group', fields: [{ id: 'a', uid: 'u3', type: 'text' }] },
      { id: 's', uid: 'u4', type: 'select_one', options: [] },
    ],
    choices: { empty: [] },
  }
  const { byField, general, faults } = findingsOf(document)
  expect(faults).toBe(4)
  expect(byField.get('u1')).toEqual([{ message: "relevant, column 1: there is no field 'agge'", severity: 'fault' }])
  expect(byField.get('u3')).toEqual([{ message: "duplicate id 'a'", severity: 'fault' }])
  expect(byField.get('u4')![0]!.message).toContain('at least one option')
  expect(general).toEqual([{ message: 'choices.empty: a list needs at least one option', severity: 'fault' }])
})

test('what two versions say differently is named by question, children apart', () => {
  const theirs = changeField(TWO, 'b', { hint: undefined })
  expect(differenceOf(TWO, TWO)).toEqual([])
  expect(differenceOf(TWO, theirs)).toEqual(['b'])
  expect(differenceOf(TWO, { ...TWO, fields: [TWO.fields[0]!, { id: 'n', uid: 'n', type: 'text' }] })).toEqual([
    'b',
    'n',
  ])
})

test('going back chooses what the step was about, if it is still there', () => {
  const edit = (uid: string, label: string) =>
    ({ do: 'edit', edit: (now: FormSchema) => changeField(now, uid, { label }), changed: uid, atMs: 0 }) as const
  let bench = reduce(startWith(TWO), edit('b', 'Other'))
  bench = reduce(bench, { do: 'choose', uid: 'a' })
  expect(reduce(bench, { do: 'undo' })).toMatchObject({ chosen: 'b', history: { present: { document: TWO } } })
  const gone = reduce(bench, {
    do: 'edit',
    edit: (now) => ({ ...now, fields: now.fields.slice(0, 1) }),
    changed: 'b',
    choose: 'a',
    atMs: 0,
  })
  expect(reduce(gone, { do: 'undo' }).chosen).toBe('b')
  expect(reduce(reduce(gone, { do: 'undo' }), { do: 'redo' }).chosen).toBe('a')
  expect(reduce(bench, edit('nobody', 'x'))).toBe(bench)
})
