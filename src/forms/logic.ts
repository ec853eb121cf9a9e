// The rules of a form made ready to run, once per version: expressions parsed, the fields they name bound to their
// places, and an order in which whether a field is asked and what is computed for it can be settled.
import { neededBy, parsedSites } from './check-expressions.ts'
import { usesClock } from './expression/dependencies.ts'
import type { Dialect, Node } from './expression/syntax.ts'
import { isChoiceType, isStructural } from './field-types.ts'
import { inOrder } from './order.ts'
import { type ExpressionKey, type Offer, Offers, optionsOf } from './outline.ts'
import type { AnswerPlan, FieldRules } from './plan.ts'
import type { Field } from './schema.ts'

/** The document or the rows of one repeat. Every field of a level has a slot in it. */
export interface Level {
  readonly index: number
  readonly parent: Level | undefined
  /** The repeat whose rows these are; a field of `parent`. */
  readonly repeat: AnswerPlan | undefined
  readonly size: number
  readonly plans: readonly AnswerPlan[]
  /** The rows of the repeats in it. */
  readonly children: readonly Level[]
}

/** A field and its place. */
export interface Target {
  readonly field: Field
  readonly plan: AnswerPlan
  readonly level: Level
  /** The slot of the group around it in the same level. */
  readonly group: number | undefined
  readonly offer: Offer | undefined
}

/** What is settled about one field before any answer is checked. */
export interface Step {
  readonly target: Target
  /** Asked only while this is true; `unclear` when it cannot be known, `always` when nothing is said. */
  readonly relevant: Node | 'always' | 'unclear'
  readonly calculation: Node | undefined
}

export interface FormLogic {
  readonly dialect: Dialect
  readonly language: string | undefined
  readonly levels: readonly Level[]
  readonly targets: ReadonlyMap<string, Target>
  /** Each after what it needs. */
  readonly steps: readonly Step[]
  /** Some rule asks for the date or the time. */
  readonly usesClock: boolean
}

/** The expressions of a field that parse. */
export type Trees = ReadonlyMap<ExpressionKey, Node>

export const treesOf = (field: Field, dialect: Dialect): Trees =>
  new Map(parsedSites(field, dialect).map((site) => [site.key, site.node]))

/** The rules of a field, or `undefined` where none of its keys is an expression that is run here. */
export function rulesOf(field: Field, trees: Trees): FieldRules | undefined {
  const { repeat_count: count } = field
  const fixed: Node | undefined = typeof count === 'number' ? { type: 'literal', value: count, at: 0 } : undefined
  const calculation = trees.get('calculation')
  const isAsked = !isStructural(field.type) && field.type !== 'calculated'
  const rules: FieldRules = {
    required: isAsked ? trees.get('required') : undefined,
    constraint: trees.get('constraint'),
    choiceFilter: isChoiceType(field.type) ? trees.get('choice_filter') : undefined,
    repeatCount: field.type === 'repeat' ? (trees.get('repeat_count') ?? fixed) : undefined,
    isComputed: calculation !== undefined && !usesClock(calculation),
  }
  const isEmpty = !rules.required && !rules.constraint && !rules.choiceFilter && !rules.repeatCount && !calculation
  return isEmpty ? undefined : rules
}

/** A field as planned, with its expressions, before they are bound. */
export type Planned = Omit<Target, 'offer'> & { readonly trees: Trees }

/** Binds the rules of a form. */
export function bindLogic(
  planned: readonly Planned[],
  levels: readonly Level[],
  form: { dialect: Dialect; language: string | undefined; choices: ReadonlyMap<string, readonly unknown[]> },
): FormLogic {
  const offers = new Offers()
  const targets = new Map<string, Target>()
  for (const { trees: _, ...place } of planned) {
    const offer = isChoiceType(place.field.type) ? offers.of(optionsOf(place.field, form.choices)) : undefined
    targets.set(place.field.id, { ...place, offer })
  }
  const { dialect, language } = form
  const clock = planned.some(({ trees }) => [...trees.values()].some(usesClock))
  return { dialect, language, levels, targets, steps: stepsOf(planned, targets), usesClock: clock }
}

function stepsOf(planned: readonly Planned[], targets: ReadonlyMap<string, Target>): Step[] {
  const steps = new Map<string, Step>()
  const needs = new Map<string, Set<string>>()
  for (const { field, plan, level, group, trees } of planned) {
    const [relevant, calculation] = [trees.get('relevant'), trees.get('calculation')]
    if (!plan.conditional && calculation === undefined) continue
    const needed = new Set<string>()
    if (relevant !== undefined) for (const id of neededBy('relevant', field.id, relevant)) needed.add(id)
    if (calculation !== undefined) for (const id of neededBy('calculation', field.id, calculation)) needed.add(id)
    const container = group === undefined ? level.repeat : level.plans[group]
    if (container !== undefined) needed.add(container.id)
    needs.set(field.id, needed)
    const asked = relevant ?? (hasCondition(field) ? 'unclear' : 'always')
    steps.set(field.id, { target: targets.get(field.id)!, relevant: asked, calculation })
  }
  const { sorted } = inOrder(needs)
  const ordered = new Set(sorted)
  // What runs in a circle has no answer. Such a form is not admitted; one that got in some other way must not refuse.
  const stuck = [...steps].flatMap(([id, { target }]) =>
    ordered.has(id) ? [] : [{ target, relevant: 'unclear', calculation: undefined } as const],
  )
  return [...stuck, ...sorted.map((id) => steps.get(id)!)]
}

/** A blank `relevant` is always true (contract 8.8); anything else may hide the field. */
export function hasCondition({ relevant }: Field): boolean {
  const condition: unknown = relevant ?? ''
  return typeof condition !== 'string' || condition.trim() !== ''
}
