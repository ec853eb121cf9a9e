// What is wrong with the answers, by path, in the words of whoever fills in the form.
import type { Answers } from '../../../src/forms/canonical.ts'
import type { FillableForm } from '../../../src/forms/filling.ts'
import type { Level, Target } from '../../../src/forms/logic.ts'
import type { Circumstances } from '../../../src/forms/scope.ts'
import { textIn } from '../../../src/forms/texts.ts'
import { type Fault, validateAnswers } from '../../../src/forms/validate.ts'
import { t } from '../i18n/i18n.ts'
import { faultText } from './fault-text.ts'

/** Every fault, however many. */
export const faultsOf = ({ compiled }: FillableForm, answers: Answers, circumstances: Circumstances): Fault[] =>
  validateAnswers(compiled, answers, circumstances, Number.POSITIVE_INFINITY)

/** Faults that say that something is missing wait until somebody means to be done. */
export const isGap = ({ code }: Fault): boolean => code === 'required' || code === 'count'

export interface Located {
  target: Target
  /** Which rows it stands in, from 1, outermost first. */
  rows: number[]
}

/** The question at a path such as `hh[1].m_name`. Ids are free text: they may hold dots and brackets. */
export function locate({ logic }: FillableForm, path: string): Located | undefined {
  const find = (level: Level, rest: string, rows: number[]): Located | undefined => {
    if (level.plans.some(({ id }) => id === rest)) return { target: logic.targets.get(rest)!, rows }
    for (const child of level.children) {
      const { id } = child.repeat!
      const row = rest.startsWith(`${id}[`) ? /^\[(\d+)\](\.)?/.exec(rest.slice(id.length)) : null
      if (!row) continue
      const inner = [...rows, Number(row[1]) + 1]
      const further = row[2] ? find(child, rest.slice(id.length + row[0].length), inner) : undefined
      if (further) return further
    }
    return undefined
  }
  return find(logic.levels[0]!, path, [])
}

/** The sentence about a fault; the server's own words where the path leads nowhere. */
export function sentenceOf(form: FillableForm, fault: Fault, language: string | undefined): string {
  const target = locate(form, fault.path)?.target
  if (!target) return fault.message
  const { plan } = target
  const authors = fault.code === 'required' ? plan.requiredMessage : plan.constraintMessage
  return faultText(fault.code, plan.type, textIn(authors, language, form.compiled.language))
}

/** What the question at a path is called, with the numbers of its rows. */
export function nameOf(form: FillableForm, path: string, language: string | undefined): string {
  const found = locate(form, path)
  if (!found) return path
  const { field } = found.target
  const name = (textIn(field.label, language, form.compiled.language) ?? field.id).split('\n')[0]!
  return found.rows.length === 0 ? name : t('fill.in_row', { name, number: found.rows.join('.') })
}
