// The plan made of a form: where its answers are and which of them must be there.
import { expect, test } from 'vitest'
import { compileForm } from '../../../src/forms/compile.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { fixtureS } from '../../support/fixture-s.ts'

const compile = (fields: Field[]) => compileForm({ version: 1, fields })

test('media and spatial fields are listed in schema order', () => {
  const { mediaFields, spatialFields } = compileForm(fixtureS)
  expect(mediaFields.map(({ path }) => path)).toEqual(['pic'])
  expect(spatialFields.map(({ path }) => path)).toEqual(['gps', 'trace', 'walk'])
})

test('a field within groups and repeats is listed with the whole way to its answers', () => {
  const gps: Field = { id: 'gps', type: 'geopoint' }
  const inRow: Field = { id: 'where', type: 'group', fields: [gps] }
  const visits: Field = { id: 'visits', type: 'repeat', fields: [inRow] }
  const { spatialFields } = compile([{ id: 'site', type: 'group', fields: [visits] }])
  expect(spatialFields).toEqual([
    {
      field: gps,
      path: 'visits[].gps',
      place: { id: 'gps', groups: ['where'] },
      repeats: [{ id: 'visits', groups: ['site'] }],
    },
  ])
})

test('a relevant makes its field and everything within it conditional, and a blank one does not', () => {
  const name: Field = { id: 'name', type: 'text', required: true }
  const conditionals = (relevant: string) =>
    compile([{ id: 'g', type: 'group', relevant, fields: [name] }]).answers.map((plan) => plan.conditional)
  expect(conditionals("consent = 'yes'")).toEqual([true, true])
  expect(conditionals('  ')).toEqual([false, false])
})

test('required is kept for what can be answered and dropped for note, divider, group and calculated', () => {
  const types = ['note', 'divider', 'group', 'calculated', 'text', 'photo', 'repeat'] as const
  const plans = compile(types.map((type) => ({ id: type, type, required: true, fields: [] }))).answers
  expect(plans.filter((plan) => plan.mustAnswer).map((plan) => plan.id)).toEqual(['text', 'photo', 'repeat'])
})
