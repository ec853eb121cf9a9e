// Syntax trees for property tests.
import fc from 'fast-check'
import { FUNCTION_NAMES } from '../../../src/forms/expression/functions.ts'
import type { Node } from '../../../src/forms/expression/syntax.ts'

const ids = fc.constantFrom('a', 'age', 'hh', 'm', 'tags', 'and', 'div', 'not', 'x1', 'with space', 'é', 'a-b')
const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.oneof(
      fc.record({ type: fc.constant('ref' as const), id: ids, bare: fc.constant(false), at: fc.constant(0) }),
      fc.record({
        type: fc.constant('literal' as const),
        value: fc.oneof(
          fc.nat(),
          fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
          fc.constantFrom('', "it's", 'x"y'),
        ),
        at: fc.constant(0),
      }),
      fc.constantFrom<Node>({ type: 'self', at: 0 }, { type: 'parent', levels: 2, at: 0 }),
    ),
    fc.record({
      type: fc.constantFrom('and' as const, 'or' as const),
      args: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
      at: fc.constant(0),
    }),
    fc.record({ type: fc.constant('negate' as const), arg: tie('node'), at: fc.constant(0) }),
    fc.record({
      type: fc.constant('call' as const),
      name: fc.constantFrom(...FUNCTION_NAMES),
      args: fc.array(tie('node'), { maxLength: 3 }),
      at: fc.constant(0),
    }),
    fc.record({
      type: fc.constant('compare' as const),
      op: fc.constantFrom('=' as const, '!=' as const, '<' as const, '>=' as const),
      left: tie('node'),
      right: tie('node'),
      at: fc.constant(0),
    }),
    fc
      .tuple(
        tie('node'),
        fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('+', '*'),
        fc.boolean(),
      )
      .map(
        ([first, args, rank, alternate]): Node => ({
          type: 'chain',
          first,
          rest: args.map((arg, index) => ({
            op: rank === '+' ? (alternate && index % 2 ? '-' : '+') : alternate ? 'div' : 'mod',
            arg,
          })),
          at: 0,
        }),
      ),
  ),
}))

/** Syntax trees of any shape that the grammars can write. */
export const trees: fc.Arbitrary<Node> = node
