// Holds a submission's answers against its form and reports every fault with a path. Decides nothing about what
// becomes of them: an interactive caller is refused, a sync is stored with issues. Unknown keys are never a fault.
import type { FaultCode } from './answer-types.ts'
import { type Answers, canonicalAnswer, isAnswered, isObject, OTHER, readAnswer } from './canonical.ts'
import type { AnswerPlan, CompiledForm } from './compile.ts'
import { isBlank, READINGS, saysTheSame, type Value } from './expression/values.ts'
import type { FieldRules } from './plan.ts'
import { type Circumstances, HIDDEN, type Scope, SHOWN } from './scope.ts'
import { MAX_TOTAL_STEPS, Settled } from './settle.ts'
import { textIn } from './texts.ts'

/** One thing wrong with the answers. `path` is the field's id, within repeats `hh[1].m_name` (rows from zero);
 *  groups do not show, because ids are unique and a client may lay groups flat. '' means the answers as a whole.
 *  `message` is for people and complete: `Field 'hh[1].m_name' is required`. */
export interface Fault {
  path: string
  code: FaultCode
  message: string
}

/** Something to look at that is no reason to refuse. `calculation`: what was sent is not what the form computes.
 *  `count`: more rows than `repeat_count`. `unchecked`: the rules took more work than one submission may. */
export interface Issue {
  path: string
  code: 'calculation' | 'count' | 'unchecked'
  message: string
}

export interface Examination {
  faults: Fault[]
  issues: Issue[]
  /** Work done for expressions; grows with the form and the answers, not faster. */
  steps: number
}

/** Faults reported for one submission; what lies beyond them is not looked at. Issues are as many at most. */
export const MAX_FAULTS = 200

/** Faults of `data` against the form, in schema order, at most `limit`; empty when there are none. Takes any
 *  JSON without throwing, descends only as far as the form does, and takes time linear in the form and the answers.
 *  Fields that are not asked have no faults, whatever is there. Source: contract section 9 [REC]. */
export function validateAnswers(
  form: CompiledForm,
  data: Record<string, unknown>,
  circumstances: Circumstances = {},
  limit = MAX_FAULTS,
): Fault[] {
  return examineAnswers(form, data, circumstances, limit).faults
}

/** As `validateAnswers`, with the issues. */
export function examineAnswers(
  form: CompiledForm,
  data: Record<string, unknown>,
  circumstances: Circumstances = {},
  limit = MAX_FAULTS,
): Examination {
  const faults: Fault[] = []
  if (!isObject(data)) {
    faults.push({ path: '', code: 'type', message: 'The answers must be an object' })
    return { faults, issues: [], steps: 0 }
  }
  const settled = form.logic && new Settled(form.logic, data, circumstances)
  const language = { wanted: circumstances.language, fallback: form.language }
  const walk: Walk = { faults, limit, issues: [], settled, language }
  checkLevel(form.answers, data, settled?.root, '', walk)
  const steps = settled === undefined ? 0 : MAX_TOTAL_STEPS - settled.budget.left
  if (steps === MAX_TOTAL_STEPS) {
    walk.issues.push({ path: '', code: 'unchecked', message: 'The answers were too many to check every rule' })
  }
  return { faults, issues: walk.issues, steps }
}

interface Walk {
  readonly faults: Fault[]
  readonly limit: number
  readonly issues: Issue[]
  readonly settled: Settled | undefined
  readonly language: { wanted: string | undefined; fallback: string | undefined }
}

/** Checks the fields of the document or of one row. A form without expressions has no scopes: its answers are read
 *  where they lie, because most forms have none and every submission comes through here. */
function checkLevel(
  plans: readonly AnswerPlan[],
  row: Answers,
  scope: Scope | undefined,
  prefix: string,
  walk: Walk,
): void {
  for (const plan of plans) {
    if (walk.faults.length >= walk.limit) return
    const state = scope === undefined ? SHOWN : scope.states[plan.slot]!
    if (state === HIDDEN) continue
    const value = scope === undefined ? readAnswer(row, plan) : scope.values[plan.slot]
    if (isAnswered(plan.type, value)) {
      const problem = plan.check(value, plan.options)
      if (problem !== undefined) report(walk, prefix + plan.id, problem.code, problem.message)
      else {
        if (plan.type === 'repeat') checkRows(plan, value as unknown[], scope, prefix, walk)
        if (plan.rules !== undefined && scope !== undefined) checkRules(plan, plan.rules, value, scope, prefix, walk)
      }
    } else if (state === SHOWN) {
      checkAbsent(plan, scope, prefix, walk)
    }
  }
}

function checkAbsent(plan: AnswerPlan, scope: Scope | undefined, prefix: string, walk: Walk): void {
  if (plan.mustAnswer || isRequiredNow(plan, scope, walk)) {
    report(walk, prefix + plan.id, 'required', 'is required', plan.requiredMessage)
  } else if (plan.minCount > 0) {
    report(walk, prefix + plan.id, 'count', atLeast(plan.minCount))
  } else if (plan.rules?.repeatCount !== undefined && scope !== undefined) {
    checkRepeatCount(plan, plan.rules.repeatCount, 0, scope, prefix, walk)
  }
}

const isRequiredNow = (plan: AnswerPlan, scope: Scope | undefined, { settled }: Walk): boolean =>
  plan.rules?.required !== undefined && scope !== undefined && settled?.asks(plan.rules.required, plan, scope) === true

function checkRows(
  plan: AnswerPlan,
  rows: readonly unknown[],
  scope: Scope | undefined,
  prefix: string,
  walk: Walk,
): void {
  const path = prefix + plan.id
  if (rows.length < plan.minCount) report(walk, path, 'count', atLeast(plan.minCount))
  else if (rows.length > plan.maxCount) report(walk, path, 'count', `takes at most ${plan.maxCount} rows`)
  const scopes = scope?.rows[plan.slot]
  for (const [index, row] of rows.entries()) {
    if (walk.faults.length >= walk.limit) return
    if (isObject(row)) checkLevel(plan.rows, row, scopes?.[index], `${path}[${index}].`, walk)
    else report(walk, `${path}[${index}]`, 'type', 'must be an object')
  }
}

/** The author's rules, for an answer that is there and suits its type. What cannot be answered here holds. */
function checkRules(
  plan: AnswerPlan,
  rules: FieldRules,
  value: unknown,
  scope: Scope,
  prefix: string,
  walk: Walk,
): void {
  const { settled } = walk
  if (settled === undefined) return
  const path = prefix + plan.id
  const answer = canonicalAnswer(plan.type, value)
  if (rules.choiceFilter !== undefined) checkOffered(plan, rules.choiceFilter, answer, scope, path, walk)
  if (rules.constraint !== undefined && settled.asks(rules.constraint, plan, scope) === false) {
    report(walk, path, 'constraint', 'does not meet its constraint', plan.constraintMessage)
  }
  if (rules.repeatCount !== undefined && Array.isArray(value)) {
    checkRepeatCount(plan, rules.repeatCount, value.length, scope, prefix, walk)
  }
  const computed = rules.isComputed ? scope.computed[plan.slot] : undefined
  if (computed !== undefined && !saysTheSame(answer, computed)) {
    note(walk, path, 'calculation', `was sent as ${shown(answer)} but is computed as ${shown(computed)}`)
  }
}

/** Each chosen option must be offered: by one of those with its value, as a cascading list may repeat values. */
function checkOffered(
  plan: AnswerPlan,
  filter: NonNullable<FieldRules['choiceFilter']>,
  answer: Value,
  scope: Scope,
  path: string,
  walk: Walk,
): void {
  const { settled } = walk
  const offer = settled?.target(plan)?.offer
  for (const choice of READINGS.native.items(answer)) {
    const options = offer?.byValue.get(choice)
    if (options === undefined || choice === OTHER) continue
    if (options.every((option) => settled?.asks(filter, plan, scope, option) === false)) {
      report(walk, path, 'option', `does not offer '${choice.slice(0, MAX_SHOWN)}' here`)
      return
    }
  }
}

/** Too few rows are a fault. More may be left from before the count was lowered, which phones do not undo. */
function checkRepeatCount(
  plan: AnswerPlan,
  count: NonNullable<FieldRules['repeatCount']>,
  rows: number,
  scope: Scope,
  prefix: string,
  walk: Walk,
): void {
  const value = walk.settled?.computes(count, plan, scope)
  if (value === undefined || isBlank(value)) return
  const wanted = Math.trunc(READINGS.xlsform.number(value))
  if (rows < wanted) report(walk, prefix + plan.id, 'count', atLeast(wanted))
  else if (rows > wanted) note(walk, prefix + plan.id, 'count', `has ${rows} rows where its count is ${wanted}`)
}

const MAX_SHOWN = 60
const atLeast = (count: number): string => `needs at least ${count} ${count === 1 ? 'row' : 'rows'}`

function shown(value: Value): string {
  const text = READINGS.xlsform.text(value)
  return text === '' ? 'nothing' : `'${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}'`
}

/** The author's own sentence stands in for ours where there is one. */
function report(walk: Walk, path: string, code: FaultCode, message: string, authors?: unknown): void {
  const sentence = authors === undefined ? undefined : textIn(authors, walk.language.wanted, walk.language.fallback)
  const text = sentence === undefined ? `Field '${path}' ${message}` : `Field '${path}': ${sentence}`
  walk.faults.push({ path, code, message: text })
}

function note(walk: Walk, path: string, code: Issue['code'], message: string): void {
  if (walk.issues.length < MAX_FAULTS) walk.issues.push({ path, code, message: `Field '${path}' ${message}` })
}
