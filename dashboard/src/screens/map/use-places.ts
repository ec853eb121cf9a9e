// The places of a form, as they come in: the map is there with the first page, and grows.
import { useCallback, useEffect, useState } from 'react'
import { useChanges } from '../../api/changes.ts'
import { fetchPlaces, type Place, type PlacesQuery } from './places.ts'

/** More than this, and neither a browser nor an eye makes anything of them. */
export const MAX_PLACES = 100_000
/** Between one drawing and the next while places come in: each sorts all of them anew. */
const DRAW_EVERY_MS = 1_500
/** What needed more pages than this is not asked for again by itself when something has changed. */
const MAX_LIVE_PAGES = 1

interface Loaded {
  places: readonly Place[]
  isLoading: boolean
  /** There are more than are shown. */
  isCut: boolean
  /** Something has changed since. */
  isOld: boolean
  error: Error | null
  pages: number
}

const NONE: Loaded = { places: [], isLoading: true, isCut: false, isOld: false, error: null, pages: 0 }

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
      let [pages, drawnAtMs] = [0, 0]
      setLoaded((before) => ({ ...before, isLoading: true, isOld: false, error: null }))
      for await (const page of fetchPlaces(formId, query, stop.signal)) {
        if (stop.signal.aborted) return
        pages++
        for (const place of page) places.push(place)
        if (places.length >= MAX_PLACES) {
          places.length = MAX_PLACES
          break
        }
        if (performance.now() - drawnAtMs < DRAW_EVERY_MS) continue
        drawnAtMs = performance.now()
        const shown = places.slice()
        setLoaded((before) => (shown.length < before.places.length ? before : { ...before, places: shown }))
      }
      const isCut = places.length === MAX_PLACES
      if (!stop.signal.aborted) setLoaded((before) => ({ ...before, places, isCut, pages, isLoading: false }))
    }
    load().catch((error: Error) => {
      if (!stop.signal.aborted) setLoaded((before) => ({ ...before, isLoading: false, error }))
    })
    return () => stop.abort()
  }, [asked, round])

  const reload = useCallback(() => setRound((before) => before + 1), [])
  const { isLoading, isOld, pages } = loaded
  const isLarge = pages > MAX_LIVE_PAGES
  // What changes while it is loading is asked for when that has ended: hints may come faster than answers.
  const onChange = useCallback(() => setLoaded((before) => ({ ...before, isOld: true })), [])
  useEffect(() => {
    if (isOld && !isLoading && !isLarge) reload()
  }, [isOld, isLoading, isLarge, reload])
  useChanges(onChange, isLive)
  return { ...loaded, isOld: isOld && isLarge, reload }
}
