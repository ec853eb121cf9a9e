// Identity of fields across versions, and what changed between two of them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffSchemas, isUnchanged, needsForce } from '../../../src/forms/diff.ts'
import type { Field, FormSchema } from '../../../src/forms/schema.ts'
import { assignUids, everyField } from '../../../src/forms/uids.ts'
import { fixtureS } from '../../support/fixture-s.ts'
import { formSchemas } from './arbitraries.ts'

const form = (...fields: Field[]): FormSchema => ({ version: 1, fields })
const text = (id: string, rest: Partial<Field> = {}): Field => ({ id, type: 'text', ...rest })
const counter = (prefix = 'u') => {
  let next = 1
  return () => `${prefix}${next++}`
}
const uidsOf = (schema: FormSchema) => Object.fromEntries(everyField(schema.fields).map(({ id, uid }) => [id, uid]))

describe('uids', () => {
  test('what is no group may keep anything under the name of fields', () => {
    const odd = { id: 'a', type: 'text', fields: 0 } as unknown as Field
    const schema = assignUids(form(odd, text('b', { fields: [text('a')] })), counter())
    expect(schema.fields).toEqual([{ ...odd, uid: 'u1' }, text('b', { fields: [text('a')], uid: 'u2' })])
    expect(isUnchanged(diffSchemas(schema, schema))).toBe(true)
  })

  test('every field gets one, groups and rows included, and nothing else changes', () => {
    const schema = assignUids(fixtureS, counter())
    expect(new Set(Object.values(uidsOf(schema))).size).toBe(everyField(fixtureS.fields).length)
    const without = (fields: readonly Field[]): unknown =>
      fields.map(({ uid: _, ...field }) => ({ ...field, ...(field.fields && { fields: without(field.fields) }) }))
    expect(without(schema.fields)).toEqual(fixtureS.fields)
  })

  test('are carried over by id, also into and out of groups', () => {
    const before = assignUids(form(text('a'), { id: 'g', type: 'group', fields: [text('b')] }), counter())
    const after = assignUids(
      form(text('b'), { id: 'g', type: 'group', fields: [text('a'), text('c')] }),
      counter('v'),
      before,
    )
    expect(uidsOf(after)).toEqual({ ...uidsOf(before), c: 'v1' })
  })

  test('survive a rename, which is noted', () => {
    const before = assignUids(form(text('a'), text('b')), counter())
    const kept = assignUids(form(text('x', { uid: 'u1' }), text('b')), counter('v'), before)
    expect(kept.fields).toMatchObject([
      { id: 'x', uid: 'u1', previous_ids: ['a'] },
      { id: 'b', uid: 'u2' },
    ])
    const said = assignUids(form(text('y', { previous_ids: ['b'] })), counter('v'), before)
    expect(said.fields).toEqual([text('y', { uid: 'u2', previous_ids: ['b'] })])
  })

  test('are not forgotten by who saves a renamed field again, unless another field has its old id', () => {
    const before = assignUids(form(text('a'), text('b')), counter())
    const renamed = () => text('x', { uid: 'u1' })
    const once = assignUids(form(renamed(), text('b')), counter('v'), before)
    expect(assignUids(form(renamed(), text('b')), counter('w'), once)).toEqual(once)
    const taken = assignUids(form(renamed(), text('b'), text('a')), counter('w'), once)
    expect(taken.fields[0]).toEqual(renamed())
    expect(uidsOf(taken)).toEqual({ x: 'u1', b: 'u2', a: 'w1' })
  })

  test('of a copied field go to the original', () => {
    const before = assignUids(form(text('a')), counter())
    const after = assignUids(form(text('copy', { uid: 'u1' }), text('a', { uid: 'u1' })), counter('v'), before)
    expect(uidsOf(after)).toEqual({ a: 'u1', copy: 'v1' })
    expect(after.fields[0]?.previous_ids).toBeUndefined()
  })

  test('that a swap of ids brings along stay with their fields', () => {
    const before = assignUids(form(text('a'), text('b')), counter())
    const after = assignUids(form(text('b', { uid: 'u1' }), text('a', { uid: 'u2' })), counter('v'), before)
    expect(uidsOf(after)).toEqual({ b: 'u1', a: 'u2' })
    expect(diffSchemas(before, after).renamed).toHaveLength(2)
  })

  test('property: assigning again changes nothing, and no two are the same', () => {
    fc.assert(
      fc.property(formSchemas, (schema) => {
        const once = assignUids(schema, counter())
        expect(assignUids(once, counter('v'), once)).toEqual(once)
        expect(isUnchanged(diffSchemas(once, once))).toBe(true)
        const uids = everyField(once.fields).map(({ uid }) => uid)
        expect(new Set(uids).size).toBe(uids.length)
      }),
    )
  })
})

describe('what changed', () => {
  test('fields that came, went and were renamed', () => {
    const before = form(text('a', { uid: '1' }), text('b', { uid: '2' }))
    const after = form(text('x', { uid: '1' }), text('c', { uid: '3' }))
    expect(diffSchemas(before, after)).toMatchObject({
      added: [{ id: 'c', uid: '3' }],
      removed: [{ id: 'b', uid: '2' }],
      renamed: [{ id: 'x', uid: '1', from: 'a' }],
    })
  })

  test('without uids, ids and previous ids decide', () => {
    const after = form(text('a'), text('x', { previous_ids: ['b'] }))
    expect(diffSchemas(form(text('a'), text('b')), after)).toMatchObject({
      added: [],
      removed: [],
      renamed: [{ from: 'b' }],
    })
  })

  test('a new field under an old id is a new field', () => {
    const diff = diffSchemas(form(text('a', { uid: '1' })), form({ id: 'a', uid: '2', type: 'number' }))
    expect(diff).toMatchObject({ added: [{ uid: '2' }], removed: [{ uid: '1' }], typeChanged: [] })
  })

  test('a changed type needs force where there are answers, under the id that they have', () => {
    const diff = diffSchemas(form(text('a', { uid: '1' })), form({ id: 'x', uid: '1', type: 'number' }))
    expect(diff.typeChanged).toEqual([{ id: 'x', uid: '1', from: 'text', to: 'number' }])
    expect(needsForce(diff, (id) => id === 'a')).toBe(true)
    expect(needsForce(diff, () => false)).toBe(false)
  })

  test('a field that moves into rows needs force too, a repeat that is renamed does not', () => {
    const repeat = (id: string, ...fields: Field[]): Field => ({ id, uid: 'r', type: 'repeat', fields })
    const moved = diffSchemas(form(text('a'), repeat('hh')), form(repeat('hh', text('a'))))
    expect(moved.moved).toEqual([{ id: 'a', uid: undefined, from: [], to: ['hh'] }])
    expect(needsForce(moved, () => true)).toBe(true)
    const renamed = diffSchemas(form(repeat('hh', text('a'))), form(repeat('people', text('a'))))
    expect(renamed).toMatchObject({ moved: [], renamed: [{ id: 'people', from: 'hh' }] })
    const grouped = diffSchemas(form(text('a')), form({ id: 'g', type: 'group', fields: [text('a')] }))
    expect(grouped).toMatchObject({ moved: [], added: [{ id: 'g' }] })
  })

  test('options that went, from own and from shared lists', () => {
    const before = form({ id: 's', type: 'select_one', options: [{ value: 'a' }, { value: 2 }, { value: 'c' }] })
    const after: FormSchema = {
      ...form({ id: 's', type: 'select_one', list: 'l' }),
      choices: { l: [{ value: '2' }, { value: 'd' }] },
    }
    expect(diffSchemas(before, after).optionsRemoved).toEqual([{ id: 's', uid: undefined, values: ['a', 'c'] }])
    expect(needsForce(diffSchemas(before, after), () => true)).toBe(false)
  })

  test('answers that are now demanded', () => {
    const demanded = (from: Field['required'], to: Field['required']) =>
      diffSchemas(form(text('a', { required: from })), form(text('a', { required: to }))).madeRequired.length
    expect(demanded(undefined, true)).toBe(1)
    expect(demanded(false, 'b = 1')).toBe(1)
    expect(demanded('b = 1', true)).toBe(0)
    expect(demanded(true, false)).toBe(0)
  })
})
