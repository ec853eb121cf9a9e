// What an expression sees from the row where it stands: its own row, the rows around it, and all rows of repeats that
// it stands outside of. Source: contract 8.4, extended to the rows around; ODK XForms specification, "XPath Paths".
import { canonicalAnswer } from './canonical.ts'
import type { World } from './expression/toolkit.ts'
import type { Value } from './expression/values.ts'
import type { FormLogic, Level } from './logic.ts'
import { columnOf } from './outline.ts'
import type { AnswerPlan } from './plan.ts'
import { answerIn, type Circumstances, HIDDEN, type Scope } from './scope.ts'
import { textIn } from './texts.ts'

export class Sight implements World {
  readonly now: number | undefined
  readonly offsetMinutes: number
  readonly #logic: FormLogic
  readonly #language: string | undefined
  readonly #computesFirst: boolean
  #scope: Scope
  #plan: AnswerPlan | undefined
  #option: Record<string, unknown> | undefined

  constructor(logic: FormLogic, root: Scope, { now, offsetMinutes, language, computesFirst }: Circumstances) {
    this.#logic = logic
    this.#scope = root
    this.now = now
    this.offsetMinutes = offsetMinutes ?? 0
    this.#language = language
    this.#computesFirst = computesFirst ?? false
  }

  /** Moves to a field in a row, and for choice filters to one of its options. */
  stand(plan: AnswerPlan, scope: Scope, option?: Record<string, unknown>): void {
    this.#plan = plan
    this.#scope = scope
    this.#option = option
  }

  value(id: string): Value {
    const target = this.#logic.targets.get(id)
    if (target === undefined) return null
    const scope = this.#around(target.level)
    if (scope !== undefined)
      return target.plan.type === 'repeat' ? null : answerIn(scope, target.plan, this.#computesFirst)
    return { kind: 'nodes', values: this.nodes(id) }
  }

  nodes(id: string): readonly Value[] {
    const target = this.#logic.targets.get(id)
    if (target === undefined) return []
    const values: Value[] = []
    for (const scope of this.#scopesOf(target.level)) {
      if (scope.states[target.plan.slot] === HIDDEN) continue
      if (target.plan.type !== 'repeat') values.push(answerIn(scope, target.plan, this.#computesFirst))
      else for (const _ of scope.rows[target.plan.slot] ?? []) values.push(null)
    }
    return values
  }

  self(): Value {
    if (this.#plan === undefined) return null
    return canonicalAnswer(this.#plan.type, this.#scope.values[this.#plan.slot])
  }

  column(name: string): Value | undefined {
    return this.#option && columnOf(this.#option, name)
  }

  /** In XLSForm each `..` is a group or a row; in the native dialect each is a row, as groups may lie flat. */
  position(levels = 1): number {
    let scope: Scope | undefined = this.#scope
    let plan: AnswerPlan | undefined = this.#plan
    for (let left = levels; scope?.parent !== undefined && plan !== undefined; ) {
      const groups = this.#logic.dialect === 'xlsform' ? plan.groups.length : 0
      if (left <= groups) return 1
      left -= groups + 1
      if (left === 0) return scope.index + 1
      plan = scope.level.repeat
      scope = scope.parent
    }
    return 1
  }

  positionIn(repeatId: string): number {
    for (let scope: Scope | undefined = this.#scope; scope !== undefined; scope = scope.parent) {
      if (scope.level.repeat?.id === repeatId) return scope.index + 1
    }
    return 0
  }

  indexed(id: string, rows: readonly (readonly [repeatId: string, index: number])[]): Value {
    const target = this.#logic.targets.get(id)
    const outermost = this.#logic.targets.get(rows[0]?.[0] ?? '')
    let scope = outermost && this.#around(outermost.level)
    for (const [repeatId, index] of rows) {
      const repeat = this.#logic.targets.get(repeatId)
      if (scope === undefined || repeat === undefined || repeat.level !== scope.level) return null
      if (scope.states[repeat.plan.slot] === HIDDEN) return null
      scope = scope.rows[repeat.plan.slot]?.[index - 1]
    }
    return target !== undefined && scope?.level === target.level
      ? answerIn(scope, target.plan, this.#computesFirst)
      : null
  }

  choiceLabel(value: string, id: string): string | undefined {
    const target = this.#logic.targets.get(id)
    const option = target?.offer?.byValue.get(value)?.[0]
    return option && (textIn(option.label, this.#language, this.#logic.language) ?? value)
  }

  /** The row of this level that the expression stands in. */
  #around(level: Level): Scope | undefined {
    for (let scope: Scope | undefined = this.#scope; scope !== undefined; scope = scope.parent) {
      if (scope.level === level) return scope
    }
    return undefined
  }

  /** The rows of a level that are in sight: the one around, else all below the nearest row around both. */
  #scopesOf(level: Level): readonly Scope[] {
    const around = this.#around(level)
    if (around !== undefined) return [around]
    const { parent, repeat } = level
    if (parent === undefined || repeat === undefined) return []
    const scopes: Scope[] = []
    for (const scope of this.#scopesOf(parent)) {
      if (scope.states[repeat.slot] === HIDDEN) continue
      for (const row of scope.rows[repeat.slot] ?? []) if (row !== undefined) scopes.push(row)
    }
    return scopes
  }
}
