// Brings somebody to a question.

const CONTROLS = 'input:not([type=hidden]):not(:disabled), textarea, select, button'

/** Focuses the first control in an element, opening what is folded around it; the element itself where it has none. */
export function focusIn(element: HTMLElement | null | undefined): void {
  if (!element) return
  for (let around = element.closest('details'); around; around = around.parentElement?.closest('details') ?? null)
    around.open = true
  const control = element.querySelector<HTMLElement>(CONTROLS)
  if (!control) element.tabIndex = -1
  const target = control ?? element
  target.focus()
  target.scrollIntoView({ block: 'center' })
}

/** The element of a question by the path that faults name. */
export const elementAt = (root: HTMLElement | null, path: string): HTMLElement | null | undefined =>
  root?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)
