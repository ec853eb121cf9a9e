// The picture behind the places, where an admin has named a tile server. It is fetched through our own server: the page
// asks nobody else for anything, and the tile server does not learn who is looking.
import { addProtocol, type Map as MapLibre } from 'maplibre-gl'
import { api } from '../../api/client.ts'
import { sessionFetch } from '../../session.ts'

const SCHEME = 'fieldpost-tile'

addProtocol(SCHEME, async ({ url }, { signal }) => {
  const [z = '', x = '', y = ''] = url.slice(`${SCHEME}://`.length).split('/')
  const response = await sessionFetch(api.map.tiles[':z'][':x'][':y'].$url({ param: { z, x, y } }), { signal })
  // A tile that is not there leaves its place to the land below.
  if (!response.ok) return { data: await emptyTile() }
  return { data: await response.arrayBuffer() }
})

const emptyTile = (): Promise<ImageBitmap> => createImageBitmap(new ImageData(1, 1))

export function showTiles(map: MapLibre): void {
  map.addSource('tiles', { type: 'raster', tiles: [`${SCHEME}://{z}/{x}/{y}`], tileSize: 256, maxzoom: 19 })
  map.addLayer({ id: 'tiles', type: 'raster', source: 'tiles' }, 'areas')
}
