// The rules of a form made ready to run, once per version: expressions parsed, the fields they name bound to their
// places, and an order in which whether a field is asked and what is computed for it can be settled.
import { parsedSites } from './check-expressions.ts'
import { dependenciesOf, usesClock, usesSelf } from './expression/dependencies.ts'
import type { Dialect, Node } from './expression/syntax.ts'
import { inOrder } from './order.ts'
import { type Offer, offerOf, optionsOf } from './outline.ts'
import type { AnswerPlan, FieldRules } from './plan.ts'
import { type Field, isChoiceType } from './schema.ts'

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
}

/** The rules of a field, or `undefined` where none of its keys is an expression that is run here. */
export function rulesOf(field: Field, dialect: Dialect): FieldRules | undefined {
  const nodes = new Map(parsedSites(field, dialect).map((site) => [site.key, site.node]))
  const { repeat_count: count } = field
  const fixed: Node | undefined = typeof count === 'number' ? { type: 'literal', value: count, at: 0 } : undefined
  const calculation = nodes.get('calculation')
  const rules: FieldRules = {
    required: nodes.get('required'),
    constraint: nodes.get('constraint'),
    choiceFilter: isChoiceType(field.type) ? nodes.get('choice_filter') : undefined,
    repeatCount: field.type === 'repeat' ? (nodes.get('repeat_count') ?? fixed) : undefined,
    isComputed: calculation !== undefined && !usesClock(calculation),
  }
  const isEmpty = !rules.required && !rules.constraint && !rules.choiceFilter && !rules.repeatCount && !calculation
  return isEmpty ? undefined : rules
}

/** A field as planned, before its rules are bound. */
export type Planned = Omit<Target, 'offer'>

/** Binds the rules of a form; `undefined` for a form that has none. */
export function bindLogic(
  planned: readonly Planned[],
  levels: readonly Level[],
  dialect: Dialect,
  schema: { readonly choices?: unknown; readonly default_language?: unknown },
): FormLogic | undefined {
  if (!planned.some(({ plan }) => plan.conditional || plan.rules !== undefined)) return undefined
  const lists = new Map(Object.entries((schema.choices ?? {}) as Record<string, readonly unknown[]>))
  const targets = new Map<string, Target>()
  for (const place of planned) {
    const offer = isChoiceType(place.field.type) ? offerOf(optionsOf(place.field, lists)) : undefined
    targets.set(place.field.id, { ...place, offer })
  }
  const language = typeof schema.default_language === 'string' ? schema.default_language : undefined
  return { dialect, language, levels, targets, steps: stepsOf(targets, dialect) }
}

function stepsOf(targets: ReadonlyMap<string, Target>, dialect: Dialect): Step[] {
  const steps = new Map<string, Step>()
  const needs = new Map<string, Set<string>>()
  for (const [id, target] of targets) {
    const sites = parsedSites(target.field, dialect)
    const calculation = sites.find((site) => site.key === 'calculation')?.node
    if (!target.plan.conditional && calculation === undefined) continue
    const relevant = sites.find((site) => site.key === 'relevant')?.node
    const nodes = [relevant, calculation].filter((node) => node !== undefined)
    const needed = new Set(nodes.flatMap(dependenciesOf).flatMap(({ id: other, loose }) => (loose ? [] : other)))
    if (relevant !== undefined && usesSelf(relevant)) needed.add(id)
    const container = target.group === undefined ? target.level.repeat : target.level.plans[target.group]
    if (container !== undefined) needed.add(container.id)
    needs.set(id, needed)
    steps.set(id, { target, relevant: relevant ?? (hasCondition(target.field) ? 'unclear' : 'always'), calculation })
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
