// Undo and redo: the documents before and after the present one. What is typed in one go into one place is one step.
import type { FormSchema } from './document.ts'

/** A document, and the field that was changed to make it. */
export interface Version {
  readonly document: FormSchema
  readonly changed: string | null
}

export interface History {
  readonly past: readonly Version[]
  readonly present: Version
  readonly future: readonly Version[]
  /** What the last change was about, and when: the next one about the same thing joins it. */
  readonly last: { readonly about: string; readonly atMs: number } | null
}

/** Changes about the same thing within this time are one step. */
const TOGETHER_MS = 1_500
const MAX_STEPS = 200

export const begin = (document: FormSchema): History => ({
  past: [],
  present: { document, changed: null },
  future: [],
  last: null,
})

export interface Change {
  document: FormSchema
  changed: string | null
  /** Names what is typed into, e.g. `label of …`; absent: a step of its own. */
  about?: string
  atMs: number
}

/** A document that is the present one changes nothing. */
export function commit(history: History, { document, changed, about, atMs }: Change): History {
  const { past, present, last } = history
  if (document === present.document) return history
  const joins = about !== undefined && last?.about === about && atMs - last.atMs < TOGETHER_MS
  return {
    past: joins ? past : [...past, present].slice(-MAX_STEPS),
    present: { document, changed },
    future: [],
    last: about === undefined ? null : { about, atMs },
  }
}

/** One step back. `changed` of the new present is what the undone step was about, so that it can be shown. */
export function undo(history: History): History {
  const { past, present, future } = history
  const before = past.at(-1)
  if (!before) return history
  return { past: past.slice(0, -1), present: before, future: [present, ...future], last: null }
}

export function redo(history: History): History {
  const { past, present, future } = history
  const [after, ...rest] = future
  if (!after) return history
  return { past: [...past, present], present: after, future: rest, last: null }
}
