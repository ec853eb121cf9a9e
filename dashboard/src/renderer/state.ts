// What a form remembers while it is being filled in: the settled answers, which faults are said, and the page.
import { useCallback, useMemo, useRef, useState } from 'react'
import type { Answers } from '../../../src/forms/canonical.ts'
import { type FillableForm, Filling } from '../../../src/forms/filling.ts'
import type { Circumstances } from '../../../src/forms/scope.ts'
import type { Fault } from '../../../src/forms/validate.ts'
import { faultsOf, isGap } from './fault-list.ts'
import { sentenceOf } from './fault-text.ts'
import { isShown, type View } from './fields.tsx'
import { type FormPage, holds, pagesOf } from './pages.ts'

export type Change = (before: Filling, circumstances: Circumstances) => Filling

/** The answers settled, and the way to change them: several changes before the next drawing build on each other. */
export function useFilling(
  form: FillableForm,
  answers: Answers,
  circumstances: Circumstances,
  onChange: (answers: Answers) => void,
): { filling: Filling; take: (change: Change) => void } {
  const latest = useRef<{ filling: Filling; circumstances: Circumstances } | null>(null)
  const known = latest.current
  const isSame =
    known?.filling.form === form && known.filling.answers === answers && known.circumstances === circumstances
  if (!isSame) {
    latest.current = { filling: new Filling(form, answers, circumstances, known?.filling), circumstances }
  }
  const tell = useRef(onChange)
  tell.current = onChange
  const take = useCallback((change: Change) => {
    const { filling, circumstances } = latest.current!
    const next = change(filling, circumstances)
    if (next.answers === filling.answers) return
    latest.current = { filling: next, circumstances }
    tell.current(next.answers)
  }, [])
  return { filling: latest.current!.filling, take }
}

const NONE: ReadonlySet<string> = new Set()

const having = (set: ReadonlySet<string>, paths: readonly string[]): ReadonlySet<string> =>
  paths.every((path) => set.has(path)) ? set : new Set([...set, ...paths])

export interface FaultState {
  /** All there are. */
  faults: readonly Fault[]
  /** Those that are said, as sentences by path. */
  said: ReadonlyMap<string, string>
  /** Somebody left a question: what is wrong with its answer is said. */
  leave: (path: string) => void
  /** Somebody means to be done with these: what is missing is said, too. */
  ask: (paths: readonly string[]) => void
}

export function useFaults(
  filling: Filling,
  circumstances: Circumstances,
  foreign: ReadonlyMap<string, string>,
): FaultState {
  const { form, answers } = filling
  const { language } = circumstances
  const [left, setLeft] = useState(NONE)
  const [asked, setAsked] = useState(NONE)
  const faults = useMemo(() => faultsOf(form, answers, circumstances), [form, answers, circumstances])
  const said = useMemo(() => {
    const said = new Map(foreign)
    for (const fault of faults) {
      const { path } = fault
      if (asked.has(path) || (left.has(path) && !isGap(fault))) said.set(path, sentenceOf(form, fault, language))
    }
    return said
  }, [form, faults, left, asked, foreign, language])
  const leave = useCallback((path: string) => setLeft((before) => having(before, [path])), [])
  const ask = useCallback((paths: readonly string[]) => setAsked((before) => having(before, paths)), [])
  return { faults, said, leave, ask }
}

export interface Steps {
  page: FormPage
  /** Which of those that are asked, from zero. */
  at: number
  count: number
  go: (to: number) => void
  /** To the page of a question. */
  goTo: (path: string) => void
}

/** The pages that are asked; `null` for a form that asks nothing, or stands on one page. */
export function useSteps(view: View, isInSteps: boolean): Steps | null {
  const { form, root } = view.filling
  const pages = useMemo(() => pagesOf(form.schema.fields), [form])
  const [current, setCurrent] = useState(0)
  if (!isInSteps) return null
  const shown = pages.flatMap((page, index) => (isShown(page.field, root, view) ? index : []))
  if (shown.length === 0) return null
  // An answer may have taken the page away: the next one stands in its place.
  const next = shown.findIndex((index) => index >= current)
  const at = next < 0 ? shown.length - 1 : next
  return {
    page: pages[shown[at]!]!,
    at,
    count: shown.length,
    go: (to) => setCurrent(shown[to]!),
    goTo: (path) =>
      setCurrent(
        Math.max(
          0,
          pages.findIndex((page) => holds(page, path)),
        ),
      ),
  }
}
