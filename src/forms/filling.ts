// A form while somebody fills it in: which questions are asked, what is offered, what follows from the answers and what
// is sent in the end. Pure; where answers come from at first is first-answers.ts's matter, whether they will do
// validate.ts's.
import { type Answers, isObject } from './canonical.ts'
import { type CompiledForm, compileForm } from './compile.ts'
import { dependenciesOf, usesSelf } from './expression/dependencies.ts'
import { type Node, walk } from './expression/syntax.ts'
import { isBlank, READINGS, type Value } from './expression/values.ts'
import { answerFrom } from './first-answers.ts'
import { type FormLogic, treesOf } from './logic.ts'
import { optionsOf } from './outline.ts'
import type { AnswerPlan } from './plan.ts'
import { putAnswer, type RowAddress } from './put-answer.ts'
import type { Field, FieldOption, FormSchema } from './schema.ts'
import { type Circumstances, HIDDEN, type Scope } from './scope.ts'
import { Settled } from './settle.ts'
import { textIn } from './texts.ts'

/** A form made ready to be filled in, once per version. */
export interface FillableForm {
  readonly schema: FormSchema
  readonly compiled: CompiledForm
  readonly logic: FormLogic
  readonly rules: ReadonlyMap<string, FillRules>
}

/** What only those who fill in need to know of a field. */
interface FillRules {
  readonly readOnly: Node | boolean
  /** What the first answer is computed from. */
  readonly first: Node | undefined
  /** Never typed, always computed. */
  readonly isComputed: boolean
  readonly options: readonly FieldOption[]
  /** The fields that the filter of the options looks at; `undefined` where it hangs on more than their answers. */
  readonly filterNeeds: readonly string[] | undefined
}

/** Rows that a form adds to one repeat by itself: a slip of the pen must not fill the memory. */
const MAX_ADDED_ROWS = 500

/** Makes a document ready that `checkFormSchema` admits. */
export function openForm(schema: FormSchema): FillableForm {
  const compiled = compileForm(schema, true)
  const { logic } = compiled
  const lists = new Map(Object.entries(isObject(schema.choices) ? schema.choices : {}))
  const rules = new Map<string, FillRules>()
  for (const [id, { field }] of logic.targets) {
    const trees = treesOf(field, logic.dialect)
    const [calculation, filter] = [trees.get('calculation'), trees.get('choice_filter')]
    rules.set(id, {
      readOnly: trees.get('read_only') ?? field.read_only === true,
      first: trees.get('default'),
      isComputed: field.type === 'calculated' || (calculation !== undefined && !keepsItself(calculation)),
      options: optionsOf(field, lists) as readonly FieldOption[],
      filterNeeds: filter && neededAnswers(filter),
    })
  }
  return { schema, compiled, logic, rules }
}

/** `once()` and `.` go out from the answer that is there, which may be another than the computed one. */
function keepsItself(calculation: Node): boolean {
  let isOnce = false
  walk(calculation, (node) => {
    if (node.type === 'call' && node.name === 'once') isOnce = true
  })
  return isOnce || usesSelf(calculation)
}

/** The fields whose answers decide what a filter gives; `undefined` where the row or its own answer does, too. */
function neededAnswers(filter: Node): string[] | undefined {
  const needed = dependenciesOf(filter)
  let hangsOnRow = usesSelf(filter) || needed.some(({ loose }) => loose)
  walk(filter, (node) => {
    if (node.type === 'call' && (node.name === 'position' || node.name === 'once')) hangsOnRow = true
  })
  return hangsOnRow ? undefined : needed.map(({ id }) => id)
}

/** The languages of a form's texts as its author named them, the default one first. */
export function languagesOf(schema: FormSchema): string[] {
  const found = new Set<string>()
  const take = (text: unknown) => {
    if (isObject(text)) for (const language of Object.keys(text)) found.add(language)
  }
  const takeAll = ({ label, hint, body, options, fields }: Partial<Field>) => {
    for (const text of [label, hint, body]) take(text)
    for (const option of Array.isArray(options) ? options : []) take(option.label)
    for (const field of Array.isArray(fields) ? fields : []) takeAll(field)
  }
  take(schema.title)
  takeAll({ fields: schema.fields })
  for (const options of Object.values(isObject(schema.choices) ? schema.choices : {})) takeAll({ options })
  // A default that no text is written in is the name of what stands there without one.
  const { default_language: first } = schema
  return found.has(first as string) ? [first as string, ...[...found].filter((one) => one !== first)] : [...found]
}

/** A repeat, the row that it stands in, and how many rows it must have. */
export interface ShortRepeat {
  readonly repeat: AnswerPlan
  readonly row: RowAddress
  readonly rows: number
}

type OfferCache = Map<string, Map<string, readonly FieldOption[]>>
const MAX_KNOWN = 50

/** One state of the answers, settled, and the questions of whoever shows it. */
export class Filling {
  readonly form: FillableForm
  readonly answers: Answers
  readonly #settled: Settled
  readonly #offered: OfferCache

  /** `before`: an earlier state, whose filtered options hold on while what they hang on does. */
  constructor(form: FillableForm, answers: Answers, circumstances: Circumstances, before?: Filling) {
    this.form = form
    this.answers = answers
    this.#settled = new Settled(form.logic, answers, { ...circumstances, computesFirst: true })
    this.#offered = before?.form === form ? before.#offered : new Map()
  }

  get root(): Scope {
    return this.#settled.root
  }

  isAsked(plan: AnswerPlan, scope: Scope): boolean {
    return scope.states[plan.slot] !== HIDDEN
  }

  isRequired(plan: AnswerPlan, scope: Scope): boolean {
    if (plan.mustAnswer || plan.rules?.required === undefined) return plan.mustAnswer
    return this.#settled.asks(plan.rules.required, plan, scope) === true
  }

  /** Shown and not to be changed: by the author's word, or because it is computed. */
  isReadOnly(plan: AnswerPlan, scope: Scope): boolean {
    const { readOnly, isComputed } = this.form.rules.get(plan.id)!
    if (isComputed) return true
    if (typeof readOnly === 'boolean') return readOnly
    return this.#settled.asks(readOnly, plan, scope) === true
  }

  /** The options that are offered here; the same list as before while what the filter looks at is the same. */
  offered(plan: AnswerPlan, scope: Scope): readonly FieldOption[] {
    const { options, filterNeeds } = this.form.rules.get(plan.id)!
    const filter = plan.rules?.choiceFilter
    if (filter === undefined) return options
    const isOffered = (option: FieldOption) => this.#settled.asks(filter, plan, scope, option) !== false
    if (filterNeeds === undefined) return options.filter(isOffered)
    const seen = JSON.stringify(filterNeeds.map((id) => this.#see(id, plan, scope)))
    const known = this.#offered.get(plan.id)
    const same = known?.get(seen)
    if (same !== undefined) return same
    const offered = options.filter(isOffered)
    if (known === undefined || known.size >= MAX_KNOWN) this.#offered.set(plan.id, new Map([[seen, offered]]))
    else known.set(seen, offered)
    return offered
  }

  /** An author's text in the language of the reader, with the answers that it names as `${id}`. */
  textOf(text: unknown, plan: AnswerPlan, scope: Scope, language: string | undefined): string | undefined {
    const written = textIn(text, language, this.form.compiled.language)
    if (written === undefined || !written.includes('${')) return written
    return written.replaceAll(/\$\{\s*([^{}\s]+)\s*\}/g, (_, id: string) =>
      READINGS.xlsform.text(this.#see(id, plan, scope)),
    )
  }

  /** How many rows the form itself wants of a repeat; `undefined` where it leaves that to people. */
  countOf(plan: AnswerPlan, scope: Scope): number | undefined {
    if (plan.rules?.repeatCount === undefined) return undefined
    const value = this.#settled.computes(plan.rules.repeatCount, plan, scope)
    if (value === undefined || isBlank(value)) return undefined
    const count = Math.trunc(READINGS.xlsform.number(value))
    return Number.isNaN(count) ? undefined : Math.min(Math.max(count, 0), MAX_ADDED_ROWS)
  }

  /** The answers with what is computed from them; the same object where nothing changes. */
  computed(): Answers {
    let { answers } = this
    for (const { target, calculation } of this.form.logic.steps) {
      if (calculation === undefined) continue
      for (const scope of this.#settled.scopes[target.level.index]!) {
        const value = scope.computed[target.plan.slot]
        if (this.isAsked(target.plan, scope)) answers = putValue(answers, scope, target.plan, value)
      }
    }
    return answers
  }

  /** Repeats with fewer rows than they must have. */
  tooShort(): ShortRepeat[] {
    const found: ShortRepeat[] = []
    for (const [repeat, scope] of this.#everywhere()) {
      if (repeat.type !== 'repeat' || !this.isAsked(repeat, scope)) continue
      const rows = Math.max(this.countOf(repeat, scope) ?? 0, Math.min(repeat.minCount, MAX_ADDED_ROWS))
      if ((scope.rows[repeat.slot]?.length ?? 0) < rows) found.push({ repeat, row: addressOf(scope), rows })
    }
    return found
  }

  /** The answers with the first ones that are computed, in the given rows. */
  withFirst(rows: readonly RowAddress[]): Answers {
    let { answers } = this
    const within = new Set(rows.map(keyOf))
    for (const [plan, scope] of this.#everywhere()) {
      const { first } = this.form.rules.get(plan.id)!
      if (first === undefined || !within.has(keyOf(addressOf(scope)))) continue
      answers = putValue(answers, scope, plan, this.#settled.computes(first, plan, scope))
    }
    return answers
  }

  /** The answers without those to questions that are not asked. Source: contract 8.10. */
  asked(): Answers {
    let { answers } = this
    for (const [plan, scope] of this.#everywhere()) {
      if (!this.isAsked(plan, scope)) answers = putAnswer(answers, addressOf(scope), plan, undefined)
    }
    return answers
  }

  *#everywhere(): Iterable<[AnswerPlan, Scope]> {
    for (const { plan, level } of this.form.logic.targets.values()) {
      for (const scope of this.#settled.scopes[level.index]!) yield [plan, scope]
    }
  }

  #see(id: string, plan: AnswerPlan, scope: Scope): Value {
    return this.#settled.computes({ type: 'ref', id, bare: false, at: 0 }, plan, scope) ?? null
  }
}

/** `undefined` is what cannot be computed here: then what is there stays. */
function putValue(answers: Answers, scope: Scope, plan: AnswerPlan, value: Value | undefined): Answers {
  if (value === undefined) return answers
  const answer = answerFrom(plan.type, value)
  if (JSON.stringify(answer) === JSON.stringify(scope.values[plan.slot] ?? undefined)) return answers
  return putAnswer(answers, addressOf(scope), plan, answer)
}

/** The way to a row. */
export function addressOf({ parent, level, index }: Scope): RowAddress {
  return parent === undefined ? [] : [...addressOf(parent), { repeat: level.repeat!, index }]
}

const keyOf = (address: RowAddress): string => address.map(({ repeat, index }) => `${repeat.id}[${index}]`).join('.')
