// Ties the autosave to the screen: the API, this browser's copy, and the moments at which a page may be gone.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError, api, ask } from '../../api/client.ts'
import { Autosave, type SaveState } from './autosave.ts'
import { writeKept } from './kept.ts'
import type { FormSchema } from './model/document.ts'

interface Options {
  formId: string
  userId: string
  /** What the server has. */
  document: FormSchema
  base: string | null
}

export interface Saving {
  state: SaveState
  /** False: this browser has no room for what is not saved. */
  isKept: boolean
  autosave: Autosave
}

export function useAutosave({ formId, userId, document, base }: Options): Saving {
  const client = useQueryClient()
  const [state, setState] = useState<SaveState>({ is: 'saved' })
  const [isKept, setKept] = useState(true)
  const held = useRef<Autosave | null>(null)
  held.current ??= new Autosave(document, base, {
    save: (wanted, from) => save(formId, wanted, from),
    hasFaults: async (wanted) => (await import('./language.ts')).findingsOf(wanted).faults > 0,
    keep: (kept) => {
      try {
        writeKept(userId, formId, kept)
        setKept(true)
      } catch {
        // Too large for this browser's storage: said beside the state of saving.
        setKept(false)
      }
    },
    verdict,
    onState: setState,
  })
  const autosave = held.current

  useEffect(() => {
    const keep = () => autosave.keepNow()
    const retry = () => void autosave.flush()
    const warn = (event: BeforeUnloadEvent) => {
      if (!autosave.isSaved) event.preventDefault()
    }
    addEventListener('pagehide', keep)
    addEventListener('online', retry)
    addEventListener('beforeunload', warn)
    return () => {
      removeEventListener('pagehide', keep)
      removeEventListener('online', retry)
      removeEventListener('beforeunload', warn)
      // Other screens show the form as it was when they last asked.
      void autosave.close().then(() => {
        for (const key of ['form', 'forms']) void client.invalidateQueries({ queryKey: [key] })
      })
    }
  }, [autosave, client])
  return { state, isKept, autosave }
}

async function save(id: string, document: FormSchema, base: string | null): Promise<string> {
  const json = { schema: document, ...(base !== null && { base_sha256: base }) }
  try {
    return (await ask(api.forms[':id'].$put({ param: { id }, json }))).schema_sha256 ?? ''
  } catch (error) {
    if (!isConflict(error)) throw error
    // The answer to a save may have been lost: then what is there is ours.
    const theirs = await ask(api.forms[':id'].$get({ param: { id } }))
    if (!isSame(theirs.schema, document)) throw error
    return theirs.schema_sha256 ?? ''
  }
}

const isConflict = (error: unknown): boolean => error instanceof ApiError && error.code === 'form_changed'

/** The server notes former ids, too. */
const isSame = (a: unknown, b: unknown): boolean => {
  const text = (value: unknown) => JSON.stringify(value, (key, one) => (key === 'previous_ids' ? undefined : one))
  return text(a) === text(b)
}

function verdict(error: Error): 'conflict' | 'retry' | 'refused' {
  if (isConflict(error)) return 'conflict'
  if (!(error instanceof ApiError)) return error instanceof TypeError ? 'retry' : 'refused'
  return error.status >= 500 || [401, 408, 429].includes(error.status) ? 'retry' : 'refused'
}
