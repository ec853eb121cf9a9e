// What every question of a form needs, however deep it stands. It stays the same while answers change, so that a
// question is drawn anew only when something about it did.
import { createContext } from 'preact'
import { useContext } from 'react'
import type { AnswerPlan } from '../../../src/forms/plan.ts'
import type { RowAddress } from '../../../src/forms/put-answer.ts'
import type { AnswerFiles } from './files.ts'

export interface Surroundings {
  put: (row: RowAddress, plan: AnswerPlan, value: unknown) => void
  addRow: (row: RowAddress, repeat: AnswerPlan) => void
  removeRow: (row: RowAddress, repeat: AnswerPlan, index: number) => void
  /** Language of the author's texts, and the one where that is missing. */
  language: string | undefined
  fallback: string | undefined
  /** Nothing can be changed. */
  isLocked: boolean
  files: AnswerFiles | undefined
  attachment: ((name: string) => string | undefined) | undefined
}

export const FormContext = createContext<Surroundings | null>(null)

export function useSurroundings(): Surroundings {
  const around = useContext(FormContext)
  if (!around) throw new Error('A question stands outside of a FormRenderer.')
  return around
}
