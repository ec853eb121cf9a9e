// What is wrong with the document, told soon after it changes, so that nobody waits for it while typing.
import { useEffect, useState } from 'react'
import { showFailure } from '../../ui/toasts.tsx'
import type { Findings } from './checks.ts'
import type { FormSchema } from './model/document.ts'

const REST_MS = 300
const NONE: Findings = { byField: new Map(), general: [], faults: 0 }

export interface Examined extends Findings {
  /** The last document without mistakes. */
  sound: FormSchema
}

export function useFindings(document: FormSchema): Examined {
  const [findings, setFindings] = useState<Examined>({ ...NONE, sound: document })
  useEffect(() => {
    let isStale = false
    const examine = async () => {
      const { findingsOf } = await import('./language.ts')
      if (isStale) return
      const found = findingsOf(document)
      setFindings(({ sound }) => ({ ...found, sound: found.faults > 0 ? sound : document }))
    }
    const timer = setTimeout(() => void examine().catch(showFailure), REST_MS)
    return () => {
      isStale = true
      clearTimeout(timer)
    }
  }, [document])
  return findings
}
