// The answers of a submission laid out row by row, each in the slot of its field. What is decided about them is noted
// here by settle.ts.
import { type Answers, canonicalAnswer, isObject, readAnswer } from './canonical.ts'
import type { Value } from './expression/values.ts'
import type { Level } from './logic.ts'
import type { AnswerPlan } from './plan.ts'

/** Whether a field is asked. `UNCLEAR`: its condition cannot be answered here, so that it may be there or not. */
export const SHOWN = 0
export const HIDDEN = 1
export const UNCLEAR = 2

/** The answers of the document or of one row. */
export interface Scope {
  readonly level: Level
  readonly parent: Scope | undefined
  /** Which row, from zero. */
  readonly index: number
  /** As sent, by slot. */
  readonly values: readonly unknown[]
  readonly states: Uint8Array
  /** What was computed, by slot, where something was. */
  readonly computed: (Value | undefined)[]
  /** The rows of a repeat, by its slot; what is no object has none. */
  readonly rows: (readonly (Scope | undefined)[] | undefined)[]
}

/** When and where a form was filled in, as far as its rules ask. */
export interface Circumstances {
  /** Epoch milliseconds for today() and now(): when the answers were collected. Without it they are not answered. */
  readonly now?: number | undefined
  /** The clock of that place, in minutes ahead of UTC; 0 when absent. */
  readonly offsetMinutes?: number | undefined
  /** Language of messages and labels. */
  readonly language?: string | undefined
  /** While the form is being filled in: what is computed goes before what was there, which may have been overtaken. */
  readonly computesFirst?: boolean | undefined
}

/** Lays out the answers of `row` and of the rows within it; `scopes` collects them by level. Each answer is read once. */
export function openScope(
  level: Level,
  row: Answers,
  parent: Scope | undefined,
  index: number,
  scopes: readonly Scope[][],
): Scope {
  const values = level.plans.map((plan) => readAnswer(row, plan))
  const scope: Scope = { level, parent, index, values, states: new Uint8Array(level.size), computed: [], rows: [] }
  scopes[level.index]!.push(scope)
  for (const child of level.children) {
    const rows = values[child.repeat!.slot]
    if (!Array.isArray(rows)) continue
    scope.rows[child.repeat!.slot] = rows.map((one: unknown, at) =>
      isObject(one) ? openScope(child, one, scope, at, scopes) : undefined,
    )
  }
  return scope
}

/** The answer in a slot as expressions see it: nothing while the field is not asked, what was sent, else what was
 *  computed; with `computesFirst` the other way round. */
export function answerIn(scope: Scope, plan: AnswerPlan, computesFirst: boolean): Value {
  if (scope.states[plan.slot] === HIDDEN) return null
  const computed = scope.computed[plan.slot]
  if (computesFirst && computed !== undefined) return computed
  return canonicalAnswer(plan.type, scope.values[plan.slot]) ?? computed ?? null
}
