// What maps are drawn on: the tile server of the tenant, and its tiles.
import { z } from '@hono/zod-openapi'
import {
  changeMapSettings,
  MAX_ATTRIBUTION_CHARS,
  MAX_TILE_URL_CHARS,
  type MapSettings,
  readMapSettings,
  readTile,
} from '../../../domain/tenants/map-settings.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'

const attribution = () =>
  z.string().max(MAX_ATTRIBUTION_CHARS).meta({
    description: 'Who made the tiles, as they want it said',
    example: '© OpenStreetMap contributors',
  })

const MapSettingsShape = z
  .object({
    has_tiles: z.boolean(),
    tile_url: z.string().nullable().meta({ description: 'Null for those who are no admins' }),
    attribution: attribution(),
  })
  .meta({ id: 'MapSettings' })

const MapSettingsInput = z.object({
  tile_url: z.string().max(MAX_TILE_URL_CHARS).meta({
    description: 'https, on a public host, with `{z}`, `{x}` and `{y}`; empty: no tiles',
    example: 'https://tiles.example.org/{z}/{x}/{y}.png',
  }),
  attribution: attribution().default(''),
})

const shapeOf = ({ hasTiles, tileUrl, attribution }: MapSettings): z.infer<typeof MapSettingsShape> => ({
  has_tiles: hasTiles,
  tile_url: tileUrl,
  attribution,
})

const tileNumber = () =>
  z
    .string()
    .regex(/^\d{1,8}$/)
    .transform(Number)
    .openapi({ type: 'integer', minimum: 0 })

const tags = ['Settings']
const picture = { schema: { type: 'string' as const, format: 'binary' } }
const TILE_MAX_AGE_SECONDS = 86_400

export const map = router()
  .openapi(
    operation('settings.read', {
      method: 'get',
      path: '/settings/map',
      operationId: 'getMapSettings',
      summary: 'What maps are drawn on',
      tags,
      responses: { 200: json(MapSettingsShape, 'The settings') },
    }),
    async (c) => c.json(shapeOf(await readMapSettings(c.var.ctx)), 200),
  )
  .openapi(
    operation('settings.write', {
      method: 'put',
      path: '/settings/map',
      operationId: 'setMapSettings',
      summary: 'Name the tile server that maps are drawn on',
      tags,
      request: { body: jsonRequest(MapSettingsInput) },
      responses: { 200: json(MapSettingsShape, 'As they were stored') },
    }),
    async (c) => {
      const { tile_url, attribution } = c.req.valid('json')
      return c.json(shapeOf(await changeMapSettings(c.var.ctx, { tileUrl: tile_url, attribution })), 200)
    },
  )
  .openapi(
    operation('settings.read', {
      method: 'get',
      path: '/map/tiles/{z}/{x}/{y}',
      operationId: 'getMapTile',
      summary: 'A tile of the tile server that the settings name',
      description: 'Fetched by this server: clients ask nobody else. 404 where there is none, and where it fails.',
      tags,
      request: { params: z.object({ z: tileNumber(), x: tileNumber(), y: tileNumber() }) },
      responses: {
        200: {
          description: 'The picture',
          content: { 'image/png': picture, 'image/jpeg': picture, 'image/webp': picture },
        },
      },
      fails: ['body_invalid', 'tile_not_found'],
    }),
    async (c) => {
      const { contentType, bytes } = await readTile(c.var.ctx, c.req.valid('param'))
      return new Response(bytes, {
        headers: {
          'Content-Type': contentType,
          'Cache-Control': `private, max-age=${TILE_MAX_AGE_SECONDS}`,
          'X-Content-Type-Options': 'nosniff',
        },
      })
    },
  )
