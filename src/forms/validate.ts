// Holds a submission's answers against its form and reports every fault with a path. Decides nothing about what
// becomes of them: an interactive caller is refused, a sync is stored with issues. Unknown keys are never a fault.
import type { FaultCode } from './answer-types.ts'
import { type Answers, isAnswered, isObject, readAnswer } from './canonical.ts'
import type { AnswerPlan, CompiledForm } from './compile.ts'

/** One thing wrong with the answers. `path` is the field's id, within repeats `hh[1].m_name` (rows from zero);
 *  groups do not show, because ids are unique and a client may lay groups flat. '' means the answers as a whole.
 *  `message` is for people and complete: `Field 'hh[1].m_name' is required`. */
export interface Fault {
  path: string
  code: FaultCode
  message: string
}

/** Faults reported for one submission; what lies beyond them is not looked at. */
export const MAX_FAULTS = 200

/** Faults of `data` against the form, in schema order, at most `MAX_FAULTS`; empty when there are none. Takes any
 *  JSON without throwing, descends only as far as the form does, and takes time linear in the answers.
 *  Source: contract section 9 [REC]. */
export function validateAnswers(form: CompiledForm, data: Record<string, unknown>): Fault[] {
  if (!isObject(data)) return [{ path: '', code: 'type', message: 'The answers must be an object' }]
  const faults: Fault[] = []
  checkAnswers(form.answers, data, '', faults)
  return faults
}

function checkAnswers(plans: readonly AnswerPlan[], row: Answers, prefix: string, faults: Fault[]): void {
  for (const plan of plans) {
    if (faults.length >= MAX_FAULTS) return
    const value = readAnswer(row, plan)
    if (isAnswered(plan.type, value)) {
      const problem = plan.check(value, plan.options)
      if (problem !== undefined) report(faults, prefix + plan.id, problem.code, problem.message)
      else if (plan.type === 'repeat') checkRows(plan, value as unknown[], prefix, faults)
    } else if (plan.mustAnswer) {
      report(faults, prefix + plan.id, 'required', 'is required')
    } else if (plan.minCount > 0 && !plan.conditional) {
      report(faults, prefix + plan.id, 'count', atLeast(plan.minCount))
    }
  }
}

function checkRows(plan: AnswerPlan, rows: readonly unknown[], prefix: string, faults: Fault[]): void {
  const path = prefix + plan.id
  if (rows.length < plan.minCount) report(faults, path, 'count', atLeast(plan.minCount))
  else if (rows.length > plan.maxCount) report(faults, path, 'count', `takes at most ${plan.maxCount} rows`)
  for (const [index, row] of rows.entries()) {
    if (faults.length >= MAX_FAULTS) return
    if (isObject(row)) checkAnswers(plan.rows, row, `${path}[${index}].`, faults)
    else report(faults, `${path}[${index}]`, 'type', 'must be an object')
  }
}

const atLeast = (count: number): string => `needs at least ${count} ${count === 1 ? 'row' : 'rows'}`

function report(faults: Fault[], path: string, code: FaultCode, message: string): void {
  faults.push({ path, code, message: `Field '${path}' ${message}` })
}
