// The state of the builder: the history of the document and the field that is chosen. Every change is a function of the
// present document, so that two that come at once do not undo each other.
import { type FormSchema, locate } from './model/document.ts'
import { begin, commit, type History, redo, undo } from './model/history.ts'

export interface Workbench {
  history: History
  chosen: string | null
}

export interface Edit {
  /** The new document; the one that it was given where there is nothing to change. */
  edit: (document: FormSchema) => FormSchema
  /** The field that it is about; it is shown again when the step is undone. */
  changed: string | null
  /** Chosen afterwards; absent: what was. */
  choose?: string | null
  /** See `Change` in history.ts. */
  about?: string
}

export type Action =
  | ({ do: 'edit'; atMs: number } & Edit)
  | { do: 'choose'; uid: string | null }
  | { do: 'undo' }
  | { do: 'redo' }

export const startWith = (document: FormSchema): Workbench => ({
  history: begin(document),
  chosen: document.fields[0]?.uid ?? null,
})

export function reduce(bench: Workbench, action: Action): Workbench {
  const { history, chosen } = bench
  if (action.do === 'choose') return { history, chosen: action.uid }
  if (action.do === 'edit') {
    const { edit, changed, about, atMs, choose } = action
    const document = edit(history.present.document)
    if (document === history.present.document) return bench
    return {
      history: commit(history, { document, changed, about, atMs }),
      chosen: choose === undefined ? chosen : choose,
    }
  }
  const next = action.do === 'undo' ? undo(history) : redo(history)
  if (next === history) return bench
  // What the step was about, where it is still there: that is what somebody who goes back wants to see.
  const step = action.do === 'undo' ? history.present : next.present
  const candidates = [step.changed, chosen, next.present.document.fields[0]?.uid ?? null]
  const found = candidates.find((uid) => uid !== null && locate(next.present.document, uid) !== undefined)
  return { history: next, chosen: found ?? null }
}
