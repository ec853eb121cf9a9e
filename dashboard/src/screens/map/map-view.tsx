// The map itself: land, places, clusters. Knows nothing of where places come from or what becomes of one that is pressed.
// Everything that needs the large library is here, so that it is fetched with the first map and not before.
import 'maplibre-gl/dist/maplibre-gl.css'
import '../../styles/map.css'
import type { Feature, FeatureCollection } from 'geojson'
import {
  FullscreenControl,
  type GeoJSONSource,
  Map as MapLibre,
  type MapMouseEvent,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { t } from '../../i18n/i18n.ts'
import { watchTheme } from '../../ui/colours.ts'
import { Empty } from '../../ui/states.tsx'
import { type Bounds, boundsOf, type Corner, unionOf } from './geometry.ts'
import { fetchLand } from './land.ts'
import type { Place } from './places.ts'
import { MAX_ZOOM, PRESSABLE, paint, styleOf } from './style.ts'
import { showTiles } from './tiles.ts'

setWorkerUrl(workerUrl)

export interface Position {
  latitude: number
  longitude: number
  zoom: number
}

interface Props {
  label: string
  places: readonly Place[]
  /** Where it begins; absent: wherever the places are. */
  position?: Position
  /** What is in view. `position` is null as long as nobody has moved the map: it shows wherever the places are. */
  onMove?: (position: Position | null, bounds: Bounds) => void
  /** What was pressed: one place, or all of a spot that no zoom takes apart. */
  onPress?: (places: Place[]) => void
  /** Submission whose places stand out. */
  chosen?: string
  /** Present: there is a picture behind the places, and its maker wants that said. */
  tiles?: { attribution: string }
  /** Whether what lies close together is drawn as one; default: yes. */
  clusters?: boolean
  /** More places are on their way. */
  isLoading?: boolean
}

/** From here on, the finer land is worth its bytes. */
const FINE_LAND_ZOOM = 3.5
const MAX_LEAVES = 200
/** Around where was pressed, in pixels. */
const REACH = 6

export default function MapView(props: Props) {
  const { places, chosen, isLoading = false } = props
  const box = useRef<HTMLDivElement>(null)
  const latest = useRef(props)
  latest.current = props
  const [map, setMap] = useState<MapLibre | null>(null)
  const [failed, setFailed] = useState(false)
  const [isDrawn, setDrawn] = useState(false)
  /** Nobody has chosen what to look at. */
  const isUntouched = useRef(props.position === undefined)
  const fitted = useRef<'not' | 'to some' | 'to all'>('not')

  // In the same breath as the page: the library draws by itself, and what left the page has neither size nor colours.
  useLayoutEffect(() => {
    const drawn = begin(box.current!, latest.current)
    if (drawn === null) return setFailed(true)
    let isLoaded = false
    const stopWatching = watchTheme(() => isLoaded && paint(drawn))
    const moved = () => {
      const { lat: latitude, lng: longitude } = drawn.getCenter().wrap()
      const bounds = drawn.getBounds().toArray().flat() as Bounds
      const position = isUntouched.current ? null : { latitude, longitude, zoom: drawn.getZoom() }
      latest.current.onMove?.(position, bounds)
    }
    drawn.on('movestart', ({ originalEvent }) => {
      if (originalEvent) isUntouched.current = false
    })
    drawn.on('moveend', moved)
    drawn.on('click', (event) => {
      isUntouched.current = false
      void press(drawn, event, latest.current)
    })
    drawn.on('mousemove', ({ point }) => {
      const isOver = drawn.queryRenderedFeatures(point, { layers: PRESSABLE }).length > 0
      drawn.getCanvas().style.cursor = isOver ? 'pointer' : ''
    })
    drawn.once('load', () => {
      isLoaded = true
      paint(drawn)
      showLand(drawn)
      if (latest.current.tiles) showTiles(drawn)
      moved()
      setMap(drawn)
    })
    return () => {
      stopWatching()
      drawn.remove()
    }
  }, [])

  useEffect(() => {
    if (!map) return
    const { points, shapes } = featuresOf(places)
    source(map, 'points').setData(points)
    source(map, 'shapes').setData(shapes)
    setDrawn(false)
    const idle = () => setDrawn(true)
    map.once('idle', idle)
    return () => {
      map.off('idle', idle)
    }
  }, [map, places])

  useEffect(() => {
    if (!map || !isUntouched.current || places.length === 0) return
    // With the first page there is something to see; what comes later must not be out of sight.
    if (fitted.current === 'to all' || (fitted.current === 'to some' && isLoading)) return
    fitted.current = isLoading ? 'to some' : 'to all'
    showAll(map, places)
  }, [map, places, isLoading])

  useEffect(() => {
    if (!map) return
    const features = places.flatMap((place, i) => (place.submission === chosen ? [featureOf(place, i)] : []))
    source(map, 'chosen').setData({ type: 'FeatureCollection', features })
  }, [map, places, chosen])

  if (failed) return <Empty title={t('map.no_webgl')}>{t('map.no_webgl_help')}</Empty>
  return (
    <div className="map-box">
      <div className="map" ref={box} aria-busy={isLoading || !isDrawn} />
      {props.tiles && <p className="attribution">{props.tiles.attribution}</p>}
    </div>
  )
}

/** Null where the browser cannot draw. */
function begin(container: HTMLElement, { position, label, clusters = true }: Props): MapLibre | null {
  try {
    const map = new MapLibre({
      container,
      style: styleOf(clusters),
      center: position ? [position.longitude, position.latitude] : [10, 15],
      zoom: position?.zoom ?? 0.8,
      maxZoom: MAX_ZOOM,
      attributionControl: false,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      locale: {
        'Map.Title': label,
        'NavigationControl.ZoomIn': t('map.zoom_in'),
        'NavigationControl.ZoomOut': t('map.zoom_out'),
        'FullscreenControl.Enter': t('map.full_screen'),
        'FullscreenControl.Exit': t('map.full_screen_end'),
      },
    })
    map.touchZoomRotate.disableRotation()
    map.keyboard.disableRotation()
    map.addControl(new NavigationControl({ showCompass: false }))
    map.addControl(new FullscreenControl())
    map.addControl(new ScaleControl())
    return map
  } catch {
    // Without WebGL there is no map; what is on it stands in the lists beside it.
    return null
  }
}

const source = (map: MapLibre, name: string): GeoJSONSource => map.getSource(name) as GeoJSONSource

function showLand(map: MapLibre): void {
  const show = async (detail: 'coarse' | 'fine') => {
    const land = await fetchLand(detail)
    // The map may be gone by now; land that did not arrive takes no land away.
    if (land.features.length > 0 && map.getStyle()) source(map, 'land').setData(land)
  }
  void show('coarse')
  const refine = () => {
    if (map.getZoom() < FINE_LAND_ZOOM) return
    map.off('moveend', refine)
    void show('fine')
  }
  map.on('moveend', refine)
  refine()
}

function showAll(map: MapLibre, places: readonly Place[]): void {
  const [west, south, east, north] = places.map(({ corners }) => boundsOf(corners)).reduce(unionOf)
  map.fitBounds(
    [
      [west, south],
      [east, north],
    ],
    { padding: 48, maxZoom: 14, animate: false },
  )
}

/** Lines and areas have a point, too: from far away it is what is seen of them. */
function featuresOf(places: readonly Place[]): { points: FeatureCollection; shapes: FeatureCollection } {
  const points: Feature[] = []
  const shapes: Feature[] = []
  for (const [i, place] of places.entries()) {
    points.push({ type: 'Feature', properties: { i }, geometry: { type: 'Point', coordinates: middleOf(place) } })
    if (place.kind !== 'point') shapes.push(featureOf(place, i))
  }
  return {
    points: { type: 'FeatureCollection', features: points },
    shapes: { type: 'FeatureCollection', features: shapes },
  }
}

function featureOf({ kind, corners }: Place, i: number): Feature {
  const properties = { i }
  if (kind === 'point') return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: corners[0]! } }
  if (kind === 'line') return { type: 'Feature', properties, geometry: { type: 'LineString', coordinates: corners } }
  return { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [[...corners, corners[0]!]] } }
}

function middleOf({ kind, corners }: Place): Corner {
  if (kind !== 'area') return corners[Math.floor(corners.length / 2)]!
  const [west, south, east, north] = boundsOf(corners)
  return [(west + east) / 2, (south + north) / 2]
}

async function press(map: MapLibre, { point: { x, y } }: MapMouseEvent, { places, onPress }: Props): Promise<void> {
  const around: [[number, number], [number, number]] = [
    [x - REACH, y - REACH],
    [x + REACH, y + REACH],
  ]
  const found = map.queryRenderedFeatures(around, { layers: PRESSABLE })
  const cluster = found.find(({ properties }) => properties.cluster_id !== undefined)
  const placesOf = (features: readonly Feature[]): Place[] =>
    [...new Set(features.map(({ properties }) => places[properties?.i as number]))].filter((one) => one !== undefined)
  if (!cluster) {
    if (found.length > 0) onPress?.(placesOf(found))
    return
  }
  const points = source(map, 'points')
  const id = cluster.properties.cluster_id as number
  const zoom = await points.getClusterExpansionZoom(id)
  if (zoom > map.getMaxZoom() - 1) {
    onPress?.(placesOf(await points.getClusterLeaves(id, MAX_LEAVES, 0)))
    return
  }
  const { coordinates } = cluster.geometry as { type: 'Point'; coordinates: Corner }
  map.easeTo({ center: coordinates, zoom: zoom + 0.2 })
}
