// The land of the world as polygons, shipped with the dashboard: a coarse one to begin with, a finer one for a closer look.
import type { FeatureCollection } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import fineUrl from 'world-atlas/land-50m.json?url'
import coarseUrl from 'world-atlas/land-110m.json?url'
import { type Corner, unwrapped } from './geometry.ts'

const URLS = { coarse: coarseUrl, fine: fineUrl }

/** Empty where it did not arrive: the places are drawn all the same. */
export async function fetchLand(detail: keyof typeof URLS): Promise<FeatureCollection> {
  const land: FeatureCollection = { type: 'FeatureCollection', features: [] }
  const response = await fetch(URLS[detail]).catch(() => null)
  if (!response?.ok) return land
  const topology = (await response.json()) as Topology<{ land: GeometryCollection }>
  const { features } = feature(topology, topology.objects.land)
  for (const { geometry } of features) {
    if (geometry.type !== 'MultiPolygon') continue
    for (const rings of geometry.coordinates) {
      const coordinates = rings.map((ring) => unwrapped(ring as Corner[]))
      land.features.push({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates } })
    }
  }
  return land
}
