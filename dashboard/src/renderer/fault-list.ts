// What is wrong with the answers, and which question a path leads to. What is said of it is fault-text.ts's matter.
import type { Answers } from '../../../src/forms/canonical.ts'
import type { FillableForm } from '../../../src/forms/filling.ts'
import type { Level, Target } from '../../../src/forms/logic.ts'
import type { Circumstances } from '../../../src/forms/scope.ts'
import { type Fault, validateAnswers } from '../../../src/forms/validate.ts'

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
