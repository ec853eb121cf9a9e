// The places of a form, as they come in: the map is there with the first page, and grows.
import { useCallback, useEffect, useState } from 'react'
import { useChanges } from '../../api/changes.ts'
import { fetchPlaces, type Place, type PlacesQuery } from './places.ts'

/** More than this, and neither a browser nor an eye makes anything of them. */
export const MAX_PLACES = 100_000
/** So many are asked for again by themselves when something has changed. */
const MAX_LIVE_PLACES = 5_000

interface Loaded {
  places: readonly Place[]
  isLoading: boolean
  /** There are more than are shown. */
  isCut: boolean
  /** Something has changed since. */
  isOld: boolean
  error: Error | null
}

const NONE: Loaded = { places: [], isLoading: true, isCut: false, isOld: false, error: null }

/** `isLive`: whether changes are heard of. */
export function usePlaces(
  formId: string | undefined,
  query: PlacesQuery,
  isLive: boolean,
): Loaded & { reload: () => void } {
  const [loaded, setLoaded] = useState(NONE)
  const [round, setRound] = useState(0)
  const asked = `${formId} ${JSON.stringify(query)}`

  // What is asked for anew replaces the old when it is all there; what differs begins with nothing.
  useEffect(() => setLoaded(NONE), [asked])

  useEffect(() => {
    if (!formId) return
    const stop = new AbortController()
    const load = async () => {
      const places: Place[] = []
      setLoaded((before) => ({ ...before, isLoading: true, isOld: false, error: null }))
      for await (const page of fetchPlaces(formId, query, stop.signal)) {
        if (stop.signal.aborted) return
        for (const place of page) places.push(place)
        const isCut = places.length >= MAX_PLACES
        if (isCut) places.length = MAX_PLACES
        const shown = places.slice()
        setLoaded((before) => (shown.length < before.places.length ? before : { ...before, places: shown, isCut }))
        if (isCut) break
      }
      setLoaded((before) => ({ ...before, places, isLoading: false }))
    }
    load().catch((error: Error) => {
      if (!stop.signal.aborted) setLoaded((before) => ({ ...before, isLoading: false, error }))
    })
    return () => stop.abort()
  }, [asked, round])

  const reload = useCallback(() => setRound((before) => before + 1), [])
  const isMany = loaded.places.length > MAX_LIVE_PLACES
  const onChange = useCallback(() => {
    if (isMany) setLoaded((before) => ({ ...before, isOld: true }))
    else reload()
  }, [isMany, reload])
  useChanges(onChange, isLive)
  return { ...loaded, reload }
}
