// Whatever an author writes and a phone sends: evaluation ends, within its bounds, with a value or none.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Budget, evaluate, MAX_STEPS } from '../../../src/forms/expression/evaluate.ts'
import { printExpression } from '../../../src/forms/expression/print.ts'
import type { Dialect } from '../../../src/forms/expression/syntax.ts'
import type { World } from '../../../src/forms/expression/toolkit.ts'
import type { Value } from '../../../src/forms/expression/values.ts'
import type { Field } from '../../../src/forms/schema.ts'
import { resultOf } from './expressions.ts'
import { trees } from './trees.ts'

const dialects = fc.constantFrom<Dialect>('native', 'xlsform')
const fields: Field[] = [
  { id: 'a', type: 'text' },
  { id: 'age', type: 'number' },
  { id: 'tags', type: 'select_multiple', options: [{ value: 'x' }] },
  { id: 'x1', type: 'geotrace' },
  { id: 'hh', type: 'repeat', fields: [{ id: 'm', type: 'date' }] },
]
const answers = fc.record(
  {
    a: fc.jsonValue(),
    age: fc.oneof(fc.double(), fc.constantFrom('12', '2026-03-17', '')),
    tags: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    x1: fc.oneof(fc.array(fc.record({ latitude: fc.double(), longitude: fc.double() })), fc.jsonValue()),
    hh: fc.array(fc.oneof(fc.record({ m: fc.jsonValue() }), fc.jsonValue())),
  },
  { requiredKeys: [] },
)

test('property: evaluation never throws on any tree and any JSON', () => {
  fc.assert(
    fc.property(trees, dialects, answers, (tree, dialect, data) => {
      const value = resultOf(printExpression(tree, dialect)!, { fields, data, dialect, circumstances: { now: 0 } })
      if (dialect === 'native' && typeof value === 'number') expect(Number.isFinite(value)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('property: evaluation takes no more steps than it may, however many rows there are', () => {
  const rows: Value[] = Array.from({ length: 30_000 }, (_, index) => index)
  const list: Value = { kind: 'nodes', values: rows }
  const world: World = {
    value: () => list,
    nodes: () => rows,
    self: () => 'a'.repeat(20_000),
    column: () => undefined,
    position: () => 1,
    positionIn: () => 1,
    indexed: () => 1,
    choiceLabel: () => undefined,
    now: 0,
    offsetMinutes: 0,
  }
  fc.assert(
    fc.property(trees, dialects, fc.nat(2 * MAX_STEPS), (tree, dialect, left) => {
      const budget: Budget = { left }
      evaluate(tree, dialect, world, budget)
      expect(budget.left).toBeGreaterThanOrEqual(0)
      expect(left - budget.left).toBeLessThanOrEqual(MAX_STEPS)
    }),
    { numRuns: 300 },
  )
})
