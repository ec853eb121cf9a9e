// Asks a form for the value of an expression, as validation would.
import { compileForm } from '../../../src/forms/compile.ts'
import type { Dialect } from '../../../src/forms/expression/syntax.ts'
import type { Value } from '../../../src/forms/expression/values.ts'
import type { Field } from '../../../src/forms/schema.ts'
import type { Circumstances } from '../../../src/forms/scope.ts'
import { Settled } from '../../../src/forms/settle.ts'

export interface Setting {
  fields?: Field[]
  data?: Record<string, unknown>
  dialect?: Dialect
  circumstances?: Circumstances
}

/** The value that `expression` has as the calculation of a field of the document; `undefined` when undecided. */
export function resultOf(expression: string, setting: Setting = {}): Value | undefined {
  const { fields = [], data = {}, dialect = 'native', circumstances = {} } = setting
  const result: Field = { id: 'result', type: 'calculated', calculation: expression }
  const { logic } = compileForm({ version: 1, dialect, fields: [...fields, result] })
  if (logic === undefined) return undefined
  return new Settled(logic, data, circumstances).root.computed.at(-1)
}

/** A tree without its positions. */
export const shape = (node: unknown): unknown =>
  JSON.parse(JSON.stringify(node, (key, value) => (key === 'at' ? undefined : value)))
