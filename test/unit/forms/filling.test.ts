// Filling in a form: how it begins, what follows from an answer, what is offered and what is sent in the end.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Answers } from '../../../src/forms/canonical.ts'
import { addRow, beginFilling, finishedAnswers, follow, removeRow } from '../../../src/forms/fill.ts'
import { addressOf, Filling, languagesOf, openForm } from '../../../src/forms/filling.ts'
import { putAnswer } from '../../../src/forms/put-answer.ts'
import type { Field, FormSchema } from '../../../src/forms/schema.ts'
import { examineAnswers, validateAnswers } from '../../../src/forms/validate.ts'
import { EVERY_TYPE } from '../../support/every-type.ts'
import { answeredForms } from './arbitraries.ts'

/** A morning in Nairobi. */
const MORNING = { now: Date.parse('2026-03-17T06:30:00Z'), offsetMinutes: 180 }

const formOf = (fields: Field[], more: Partial<FormSchema> = {}) => openForm({ version: 1, fields, ...more })
const planOf = (filling: Filling, id: string) => filling.form.logic.targets.get(id)!.plan
const put = (filling: Filling, id: string, value: unknown) =>
  follow(filling.form, putAnswer(filling.answers, [], planOf(filling, id), value), MORNING, filling)

describe('a form begins', () => {
  test('with its defaults, on the clock of the place', () => {
    const form = formOf([
      { id: 'day', type: 'date', default: 'today' },
      { id: 'hour', type: 'time', default: 'now' },
      { id: 'at', type: 'datetime', default: 'now' },
      { id: 'g', type: 'group', fields: [{ id: 'tags', type: 'select_multiple', default: 'a b', options: [] }] },
      { id: 'n', type: 'integer', default: '7' },
      { id: 'tomorrow', type: 'date', default: { expression: 'date(day + 1)' } },
      { id: 'opened', type: 'start' },
      { id: 'closed', type: 'end' },
      { id: 'said', type: 'text', default: 'high' },
    ])
    const begun = beginFilling(form, MORNING)
    expect(begun.answers).toEqual({
      day: '2026-03-17',
      hour: '09:30',
      at: '2026-03-17T09:30',
      tags: ['a', 'b'],
      n: 7,
      tomorrow: '2026-03-18',
      opened: '2026-03-17T09:30:00.000+03:00',
      said: 'high',
    })
    expect(finishedAnswers(begun, MORNING).closed).toBe('2026-03-17T09:30:00.000+03:00')
  })

  test('with the rows that must be there, each with its own first answers', () => {
    const form = formOf([
      { id: 'many', type: 'integer', default: 2 },
      {
        id: 'hh',
        type: 'repeat',
        repeat_count: 'many',
        fields: [
          { id: 'number', type: 'integer', default: { expression: 'position(..)' } },
          { id: 'kids', type: 'repeat', min_count: 1, fields: [{ id: 'k', type: 'text', default: 'x' }] },
        ],
      },
    ])
    const begun = beginFilling(form, MORNING)
    expect(begun.answers.hh).toEqual([
      { number: 1, kids: [{ k: 'x' }] },
      { number: 2, kids: [{ k: 'x' }] },
    ])
    expect((put(begun, 'many', 3).answers.hh as unknown[]).length).toBe(3)
    // As on phones, what was typed is not thrown away because a number went down.
    expect((put(begun, 'many', 1).answers.hh as unknown[]).length).toBe(2)
    // Nor does a slip of the pen fill the memory.
    expect((put(begun, 'many', 1e9).answers.hh as unknown[]).length).toBe(500)
  })
})

describe('after an answer', () => {
  test('everything that hangs on it is computed again, however long the chain', () => {
    const chain = Array.from(
      { length: 40 },
      (_, n): Field => ({
        id: `c${n}`,
        type: 'calculated',
        expression: n === 0 ? 'a + 1' : `c${n - 1} + 1`,
      }),
    )
    const begun = beginFilling(formOf([{ id: 'a', type: 'integer' }, ...chain.reverse()]), MORNING)
    const first = put(begun, 'a', 1)
    expect(first.answers.c39).toBe(41)
    expect(put(first, 'a', 100).answers.c39).toBe(140)
  })

  test('what cannot be computed here stays as it was', () => {
    const form = formOf([
      { id: 'a', type: 'text' },
      { id: 'id', type: 'calculated', expression: 'uuid()' },
    ])
    expect(put(new Filling(form, { id: 'from the phone' }, MORNING), 'a', 'x').answers.id).toBe('from the phone')
  })

  test('once() keeps what is there, which people may change', () => {
    const form = formOf([
      { id: 'a', type: 'text' },
      { id: 'b', type: 'text', calculation: 'once(a)' },
      { id: 'c', type: 'text', calculation: 'a' },
    ])
    const filling = put(put(new Filling(form, {}, MORNING), 'a', 'x'), 'a', 'y')
    expect(filling.answers).toEqual({ a: 'y', b: 'x', c: 'y' })
    expect(filling.isReadOnly(planOf(filling, 'b'), filling.root)).toBe(false)
    expect(filling.isReadOnly(planOf(filling, 'c'), filling.root)).toBe(true)
  })

  test('options are offered that suit it, and the list is the same one while it is', () => {
    const form = formOf([
      { id: 'region', type: 'text' },
      { id: 'other', type: 'text' },
      {
        id: 'town',
        type: 'select_one',
        choice_filter: 'in = region',
        options: [
          { value: 't', label: 'Thiès', in: 'w' },
          { value: 'k', label: 'Kaolack', in: 'e' },
        ],
      },
    ])
    const west = put(beginFilling(form, MORNING), 'region', 'w')
    const town = planOf(west, 'town')
    expect(west.offered(town, west.root).map(({ value }) => value)).toEqual(['t'])
    const later = put(west, 'other', 'x')
    expect(later.offered(town, later.root)).toBe(west.offered(town, west.root))
    const east = put(later, 'region', 'e')
    expect(east.offered(town, east.root).map(({ value }) => value)).toEqual(['k'])
  })

  test('options that hang on the row are those of each row', () => {
    const options = [1, 2].map((n) => ({ value: `o${n}`, label: `Option ${n}`, row: n }))
    const form = formOf([
      {
        id: 'hh',
        type: 'repeat',
        min_count: 2,
        fields: [{ id: 'one', type: 'select_one', choice_filter: 'row = position(..)', options }],
      },
    ])
    const filling = beginFilling(form, MORNING)
    const rows = filling.root.rows[planOf(filling, 'hh').slot]!
    const offered = rows.map((row) => filling.offered(planOf(filling, 'one'), row!).map(({ value }) => value))
    expect(offered).toEqual([['o1'], ['o2']])
  })

  test('texts say the answers that they name', () => {
    const form = formOf([
      { id: 'name', type: 'text' },
      { id: 'ask', type: 'note', label: { en: 'How old is ${name}?', fr: 'Quel âge a ${ name } ?' } },
    ])
    const filling = put(beginFilling(form, MORNING), 'name', 'Awa')
    const { field, plan } = form.logic.targets.get('ask')!
    expect(filling.textOf(field.label, plan, filling.root, 'fr')).toBe('Quel âge a Awa ?')
  })
})

test('rows are added at the end and taken out of the middle', () => {
  const form = formOf([
    { id: 'hh', type: 'repeat', fields: [{ id: 'n', type: 'integer', default: { expression: 'position(..)' } }] },
  ])
  let filling = beginFilling(form, MORNING)
  for (let row = 0; row < 3; row++) filling = addRow(filling, [], planOf(filling, 'hh'), MORNING)
  expect(filling.answers.hh).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(removeRow(filling.answers, [], planOf(filling, 'hh'), 1).hh).toEqual([{ n: 1 }, { n: 3 }])
})

test('what is not asked is not sent, in rows neither, and comes back when it is asked again', () => {
  const form = formOf([
    { id: 'more', type: 'text' },
    { id: 'g', type: 'group', relevant: "more = 'yes'", fields: [{ id: 'why', type: 'text' }] },
    {
      id: 'hh',
      type: 'repeat',
      fields: [
        { id: 'age', type: 'integer' },
        { id: 'school', type: 'text', relevant: 'age < 18' },
      ],
    },
  ])
  const hh = [
    { age: 40, school: 'no' },
    { age: 8, school: 'B' },
  ]
  const filling = follow(form, { more: 'no', g: { why: 'because' }, hh }, MORNING)
  expect(finishedAnswers(filling, MORNING)).toEqual({ more: 'no', hh: [{ age: 40 }, { age: 8, school: 'B' }] })
  expect(finishedAnswers(put(filling, 'more', 'yes'), MORNING).g).toEqual({ why: 'because' })
})

test('the languages of a form are those of its texts, its default first', () => {
  const fields: Field[] = [
    { id: 'a', type: 'text', label: { fr: 'A', en: 'A' } },
    { id: 'g', type: 'group', fields: [{ id: 'b', type: 'text', hint: { Luo: 'B' } }] },
  ]
  expect(languagesOf({ version: 1, fields, default_language: 'en' })).toEqual(['en', 'fr', 'Luo'])
  expect(languagesOf({ version: 1, fields: [{ id: 'a', type: 'text', label: 'A' }], default_language: 'x' })).toEqual(
    [],
  )
})

test('a form of every type begins with what the server takes', () => {
  const begun = beginFilling(openForm(EVERY_TYPE), MORNING)
  expect(validateAnswers(begun.form.compiled, finishedAnswers(begun, MORNING), MORNING)).toEqual([])
})

describe('property', () => {
  const inputs = ['a', 'b', 'c']
  const computing = fc
    .tuple(
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('+', '-', '*'), fc.boolean()), { maxLength: 8 }),
      fc.dictionary(fc.constantFrom(...inputs, 'k0', 'k1', 'k2'), fc.integer({ min: -9, max: 9 })),
    )
    .map(([rules, answers]) => {
      const fields = inputs.map((id): Field => ({ id, type: 'integer' }))
      for (const [n, [left, right, operator, isConditional]] of rules.entries()) {
        const [x, y] = [fields[left % fields.length]!.id, fields[right % fields.length]!.id]
        const condition = isConditional ? { relevant: `${y} > 0` } : {}
        fields.push({ id: `k${n}`, type: 'calculated', expression: `${x} ${operator} ${y}`, ...condition })
      }
      return { form: formOf(fields.reverse()), answers }
    })

  test('what follows is settled: following once more changes nothing, and the server computes the same', () => {
    fc.assert(
      fc.property(computing, ({ form, answers }) => {
        const filling = follow(form, answers, MORNING)
        expect(follow(form, filling.answers, MORNING).answers).toBe(filling.answers)
        expect(examineAnswers(form.compiled, finishedAnswers(filling, MORNING), MORNING).issues).toEqual([])
      }),
    )
  })

  test('answers that the server takes are still taken when they were opened and finished, and nothing is lost', () => {
    fc.assert(
      fc.property(answeredForms, ({ schema, answers }) => {
        const form = openForm(schema)
        const done = finishedAnswers(follow(form, answers, MORNING), {})
        expect(validateAnswers(form.compiled, done, MORNING)).toEqual(validateAnswers(form.compiled, answers, MORNING))
        expect({ ...answers, ...done }).toEqual(done)
      }),
    )
  })

  test('any JSON can be opened', () => {
    const form = openForm(EVERY_TYPE)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...form.logic.targets.keys()), fc.jsonValue()), (answers) => {
        const filling = follow(form, answers as Answers, MORNING)
        expect(addressOf(filling.root)).toEqual([])
      }),
    )
  })
})
