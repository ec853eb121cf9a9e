// What a screen shows stands in its address: parameters that are read there, and changed without a step back for each.
import { useCallback } from 'react'
import { useSearchParams } from 'wouter'

/** An empty value takes the parameter out; others stay as they are. */
export type PutParams = (changes: Record<string, string | null | undefined>) => void

export function useAddress(): [URLSearchParams, PutParams] {
  const [params, setParams] = useSearchParams()
  const put = useCallback<PutParams>(
    (changes) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before)
          for (const [name, value] of Object.entries(changes)) {
            if (value) next.set(name, value)
            else next.delete(name)
          }
          return next
        },
        { replace: true },
      ),
    [setParams],
  )
  return [params, put]
}
