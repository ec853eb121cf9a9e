// What this browser keeps of a form while the server does not have it: for whoever made it, until it is saved.
import type { FormSchema } from './model/document.ts'

export interface Kept {
  document: FormSchema
  /** The hash of what it was made from. */
  base: string | null
  atMs: number
}

const keyOf = (userId: string, formId: string): string => `fieldpost.builder.${userId}.${formId}`

export function readKept(userId: string, formId: string): Kept | null {
  const text = localStorage.getItem(keyOf(userId, formId))
  return text === null ? null : (JSON.parse(text) as Kept)
}

/** Throws when the browser has no more room. */
export function writeKept(userId: string, formId: string, kept: Omit<Kept, 'atMs'> | null): void {
  if (kept === null) localStorage.removeItem(keyOf(userId, formId))
  else localStorage.setItem(keyOf(userId, formId), JSON.stringify({ ...kept, atMs: Date.now() } satisfies Kept))
}
