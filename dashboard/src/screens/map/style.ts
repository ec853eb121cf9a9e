// How the map is drawn: the layers, in the colours of the page, which are those of the theme.
import type { LayerSpecification, Map as MapLibre, StyleSpecification } from 'maplibre-gl'
import { colourOf } from '../../ui/colours.ts'

/** Above this, what lies too close together to be told apart is one circle with a number. */
export const MAX_CLUSTER_ZOOM = 16
export const MAX_ZOOM = 18

const EMPTY = { type: 'FeatureCollection' as const, features: [] }
const SHAPES = { type: 'geojson' as const, data: EMPTY }

/** Which paint is which colour of styles/base.css. */
const COLOURS: [layer: string, property: string, variable: string][] = [
  ['sea', 'background-color', '--sunk'],
  ['land', 'fill-color', '--card'],
  ['land-edge', 'line-color', '--edge'],
  ['areas', 'fill-color', '--leaf'],
  ['lines', 'line-color', '--leaf'],
  ['points', 'circle-color', '--leaf'],
  ['points', 'circle-stroke-color', '--leaf-ink'],
  ['clusters', 'circle-color', '--leaf'],
  ['clusters', 'circle-stroke-color', '--leaf-ink'],
  ['cluster-counts', 'text-color', '--leaf-ink'],
  ['chosen-lines', 'line-color', '--warn'],
  ['chosen-points', 'circle-stroke-color', '--warn'],
  ['chosen-points', 'circle-color', '--leaf-ink'],
]

const isPoint: ['==', ['geometry-type'], 'Point'] = ['==', ['geometry-type'], 'Point']

const layers: LayerSpecification[] = [
  { id: 'sea', type: 'background' },
  { id: 'land', type: 'fill', source: 'land' },
  { id: 'land-edge', type: 'line', source: 'land', paint: { 'line-width': 0.75 } },
  {
    id: 'areas',
    type: 'fill',
    source: 'shapes',
    filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-opacity': 0.2 },
  },
  {
    id: 'lines',
    type: 'line',
    source: 'shapes',
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-width': 2.5 },
  },
  {
    id: 'chosen-lines',
    type: 'line',
    source: 'chosen',
    filter: ['!', isPoint],
    paint: { 'line-width': 5 },
  },
  {
    id: 'points',
    type: 'circle',
    source: 'points',
    filter: ['!', ['has', 'point_count']],
    paint: { 'circle-radius': 6, 'circle-stroke-width': 1.5 },
  },
  {
    id: 'clusters',
    type: 'circle',
    source: 'points',
    filter: ['has', 'point_count'],
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['log10', ['get', 'point_count']], 0.3, 13, 2, 19, 5, 34],
      'circle-stroke-width': 2,
    },
  },
  {
    id: 'cluster-counts',
    type: 'symbol',
    source: 'points',
    filter: ['has', 'point_count'],
    layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-size': 13, 'text-allow-overlap': true },
  },
  {
    id: 'chosen-points',
    type: 'circle',
    source: 'chosen',
    filter: isPoint,
    paint: { 'circle-radius': 8, 'circle-stroke-width': 4 },
  },
]

/** What can be pressed, the uppermost first. */
export const PRESSABLE = ['chosen-points', 'clusters', 'points', 'lines', 'areas']

/** `clusters`: whether what lies close together is drawn as one. */
export const styleOf = (clusters: boolean): StyleSpecification => ({
  version: 8,
  sources: {
    land: { ...SHAPES, maxzoom: 8 },
    shapes: SHAPES,
    chosen: SHAPES,
    points: {
      ...SHAPES,
      cluster: clusters,
      clusterRadius: 44,
      clusterMaxZoom: MAX_CLUSTER_ZOOM,
      maxzoom: MAX_CLUSTER_ZOOM + 1,
    },
  },
  layers,
})

/** In the colours that the page has now. */
export function paint(map: MapLibre): void {
  for (const [layer, property, variable] of COLOURS)
    map.setPaintProperty(layer, property as never, colourOf(variable, map.getContainer()) as never)
}
