// The picture behind a tenant's maps: none, or the tiles of a server that its admin has named. They are fetched here and
// handed on, so that browsers need not be allowed to ask anybody else, and nobody else learns who looks at what.
import { egressFault } from '../../lib/egress.ts'
import { readAtMost } from '../../lib/stream.ts'
import { readSetting, writeSettings } from '../../storage/settings.ts'
import { atLeast, authorize } from '../access/authorize.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { publicUrl } from './settings.ts'

const TILE_URL = 'map_tile_url'
const ATTRIBUTION = 'map_attribution'

export const MAX_TILE_URL_CHARS = 1_000
export const MAX_ATTRIBUTION_CHARS = 200
const MAX_ZOOM = 22
const MAX_TILE_BYTES = 1_000_000
const TIMEOUT_MS = 10_000
/** Pictures only: an SVG may hold scripts. */
const TILE_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/avif', 'image/gif'])

export interface MapSettings {
  hasTiles: boolean
  /** With `{z}`, `{x}` and `{y}`; '' for none. Null for those who are no admins: there may be a key in it. */
  tileUrl: string | null
  /** Who made the picture, in words. */
  attribution: string
}

export async function readMapSettings(ctx: Ctx): Promise<MapSettings> {
  authorize(ctx, 'settings.read')
  const [tileUrl, attribution] = await Promise.all([readSetting(ctx.db, TILE_URL), readSetting(ctx.db, ATTRIBUTION)])
  const mayRead = ctx.actor.kind === 'user' && atLeast(ctx.actor.role, 'admin')
  return { hasTiles: !!tileUrl, tileUrl: mayRead ? (tileUrl ?? '') : null, attribution: attribution ?? '' }
}

/** Throws `body_invalid` (422) for what is no address of tiles, or leads to a host that nothing is sent to. */
export async function changeMapSettings(
  ctx: Ctx,
  { tileUrl, attribution }: { tileUrl: string; attribution: string },
): Promise<MapSettings> {
  authorize(ctx, 'settings.write')
  const url = tileUrl.trim()
  const fault = url === '' ? null : (faultInTemplate(url) ?? (await faultIn(ctx, tileAt(url, SOME_TILE))))
  if (fault !== null) throw errors.valueInvalid(['body', 'tile_url'], fault)
  // The host alone: there may be a key in the rest.
  const details = { tile_host: url === '' ? '' : new URL(tileAt(url, SOME_TILE)).host }
  const act = { action: 'settings.changed', subjectKind: 'tenant', subjectId: ctx.tenant.id, details } as const
  const values = { [ATTRIBUTION]: attribution.trim(), [TILE_URL]: url }
  await writeSettings(ctx.db, values, ctx.nowMs, auditEntry(ctx, act))
  return readMapSettings(ctx)
}

export interface TileAddress {
  z: number
  x: number
  y: number
}

export interface TilePicture {
  contentType: string
  bytes: Uint8Array<ArrayBuffer>
}

/** Throws `tile_not_found` (404), also where the tile server fails or answers something else than a picture. */
export async function readTile(ctx: Ctx, address: TileAddress): Promise<TilePicture> {
  const { z, x, y } = address
  const template = await readSetting(ctx.db, TILE_URL)
  if (!template || z > MAX_ZOOM || x >= 2 ** z || y >= 2 ** z) throw errors.tileNotFound()
  const url = tileAt(template, address)
  // What may be reached can have changed since the address was set.
  if ((await faultIn(ctx, url)) !== null) throw errors.tileNotFound()
  const tile = await fetchTile(ctx, url)
  if (tile === null) throw errors.tileNotFound()
  return tile
}

/** Null for all that is no picture: the map goes on without it. */
async function fetchTile({ deps }: Ctx, url: string): Promise<TilePicture | null> {
  try {
    const response = await deps.fetch(url, {
      headers: { accept: 'image/*', 'user-agent': 'Fieldpost' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const contentType = (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
    if (response.status !== 200 || !response.body || !TILE_TYPES.has(contentType)) {
      await response.body?.cancel()
      return null
    }
    const read = await readAtMost(response.body, MAX_TILE_BYTES)
    return read.ok ? { contentType, bytes: read.bytes } : null
  } catch {
    // No answer, or one that broke off.
    return null
  }
}

/** Two that differ in each of their numbers. */
const SOME_TILE: TileAddress = { z: 0, x: 0, y: 0 }
const ANOTHER_TILE: TileAddress = { z: 7, x: 8, y: 9 }

/** For people; null for an address of tiles. */
function faultInTemplate(template: string): string | null {
  const missing = ['{z}', '{x}', '{y}'].filter((part) => !template.includes(part))
  if (missing.length > 0) return `The address lacks ${missing.join(', ')}: https://host/{z}/{x}/{y}.png`
  const hosts = [SOME_TILE, ANOTHER_TILE].map((tile) => URL.parse(tileAt(template, tile))?.host)
  // Parsed, not read: there are more ways to write a host than `https://host`.
  return hosts[0] === hosts[1] ? null : 'The host must not depend on the tile.'
}

/** For people; null when a tile may be fetched from there. */
async function faultIn(ctx: Ctx, url: string): Promise<string | null> {
  const ownHosts = [ctx.origin, await publicUrl(ctx)].map((own) => new URL(own).host)
  const fault = egressFault(url, { allowHosts: ctx.deps.config.webhookAllowHosts, ownHosts })
  return fault?.message ?? null
}

const tileAt = (template: string, { z, x, y }: TileAddress): string =>
  template.replaceAll('{z}', String(z)).replaceAll('{x}', String(x)).replaceAll('{y}', String(y))
