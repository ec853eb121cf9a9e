// The plan of one field, which validation and exports follow. Types only; compile.ts makes them.
import type { AnswerCheck } from './answer-types.ts'
import type { Place } from './canonical.ts'
import type { Node } from './expression/syntax.ts'
import type { FieldType } from './field-types.ts'
import type { FormText } from './schema.ts'

/** What to do about one field of the document or of a repeat row. */
export interface AnswerPlan extends Place {
  readonly type: FieldType
  /** Where the field is kept among those of its document or row. */
  readonly slot: number
  readonly check: AnswerCheck
  /** Nothing answered is a fault while the field is asked. Never set on note, divider, group and calculated. */
  readonly mustAnswer: boolean
  /** The field, or a group or repeat around it, has a `relevant`: it may rightly be absent. */
  readonly conditional: boolean
  /** Option values as strings; empty unless the field is a select. */
  readonly options: ReadonlySet<string>
  /** Repeat: fewest and most rows. */
  readonly minCount: number
  readonly maxCount: number
  /** Repeat: the plan of each row. Empty for other types. */
  readonly rows: readonly AnswerPlan[]
  /** Rules that take expressions. */
  readonly rules: FieldRules | undefined
  readonly requiredMessage: FormText | undefined
  readonly constraintMessage: FormText | undefined
}

/** The rules that an answer is held against once everything is settled. */
export interface FieldRules {
  readonly required: Node | undefined
  readonly constraint: Node | undefined
  readonly choiceFilter: Node | undefined
  readonly repeatCount: Node | undefined
  /** The answer must be what the calculation gives; not so where that depends on the hour. */
  readonly isComputed: boolean
}
