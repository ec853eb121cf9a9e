// Settles a submission before it is checked: decides in the order of the form which fields are asked and what is
// computed for them, and answers the questions of the checks that follow.
import type { Answers } from './canonical.ts'
import { type Budget, evaluate, evaluateCondition } from './expression/evaluate.ts'
import type { Node } from './expression/syntax.ts'
import type { Value } from './expression/values.ts'
import type { FormLogic, Step, Target } from './logic.ts'
import type { AnswerPlan } from './plan.ts'
import { type Circumstances, HIDDEN, openScope, type Scope, SHOWN, UNCLEAR } from './scope.ts'
import { Sight } from './sight.ts'

/** Steps that one submission may take; see `MAX_STEPS` for one expression. */
export const MAX_TOTAL_STEPS = 5_000_000

/** A submission that is settled, and the means to ask further questions of it. */
export class Settled {
  readonly root: Scope
  /** All of them, by the index of their level. */
  readonly scopes: readonly (readonly Scope[])[]
  /** Counts down from `MAX_TOTAL_STEPS`. */
  readonly budget: Budget = { left: MAX_TOTAL_STEPS }
  readonly #logic: FormLogic
  readonly #sight: Sight

  constructor(logic: FormLogic, data: Answers, circumstances: Circumstances) {
    const scopes: Scope[][] = logic.levels.map(() => [])
    this.#logic = logic
    this.scopes = scopes
    this.root = openScope(logic.levels[0]!, data, undefined, 0, scopes)
    this.#sight = new Sight(logic, this.root, circumstances)
    for (const step of logic.steps) {
      for (const scope of scopes[step.target.level.index]!) this.#settle(step, scope)
    }
  }

  /** Whether a condition of a field holds in this row; `undefined` when it cannot be answered. */
  asks(node: Node, plan: AnswerPlan, scope: Scope, option?: Record<string, unknown>): boolean | undefined {
    this.#sight.stand(plan, scope, option)
    return evaluateCondition(node, this.#logic.dialect, this.#sight, this.budget)
  }

  computes(node: Node, plan: AnswerPlan, scope: Scope): Value | undefined {
    this.#sight.stand(plan, scope)
    return evaluate(node, this.#logic.dialect, this.#sight, this.budget)
  }

  target(plan: AnswerPlan): Target | undefined {
    return this.#logic.targets.get(plan.id)
  }

  #settle({ target, relevant, calculation }: Step, scope: Scope): void {
    const { plan } = target
    let state = stateAround(target, scope)
    if (state !== HIDDEN && relevant !== 'always') {
      const isAsked = relevant === 'unclear' ? undefined : this.asks(relevant, plan, scope)
      if (isAsked === false) state = HIDDEN
      else if (isAsked === undefined) state = UNCLEAR
    }
    scope.states[plan.slot] = state
    if (state !== HIDDEN && calculation !== undefined) {
      scope.computed[plan.slot] = this.computes(calculation, plan, scope)
    }
  }
}

/** What a group or the repeat around a field says about it. */
function stateAround({ group, level }: Target, scope: Scope): number {
  if (group !== undefined) return scope.states[group]!
  if (scope.parent === undefined || level.repeat === undefined) return SHOWN
  return scope.parent.states[level.repeat.slot]!
}
