// Signed links: for a few minutes, whoever holds the URL may download one file, as `<img>` and plain downloads must.
// A link lends the right to read, and no more: it dies with the file, its form and its tenant.
import { compactId, expandId, type MediaId, type TenantId } from '../../lib/ids.ts'
import { openSigned, signBytes } from '../../lib/sign.ts'
import { findExportJob } from '../../storage/export-jobs.ts'
import { findMedia } from '../../storage/media.ts'
import { openTenantDb, type TenantDb } from '../../storage/tenant-db.ts'
import { findTenant } from '../../storage/tenants.ts'
import { authorize } from '../access/authorize.ts'
import type { Config } from '../config.ts'
import type { Ctx, Deps, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { getVolume, volumeFileOf } from '../exports/jobs.ts'
import { publicUrl } from '../tenants/settings.ts'
import { getFile, type StoredFile } from './read.ts'

export const LINK_SECONDS = 5 * 60

const PURPOSE = 'link'
/** First byte of a token: what it leads to. */
const KIND_MEDIA = 1
const KIND_EXPORT = 2
const ID_BYTES = 16
const EXPIRY_BYTES = 6
const MEDIA_TOKEN_BYTES = 1 + 2 * ID_BYTES + EXPIRY_BYTES

const VOLUME_BYTES = 2

/** What a link leads to: a photo or other file, or a volume of an export. */
type Linked = { kind: 'media'; id: MediaId } | { kind: 'export'; id: string; volume: number }

interface Target {
  tenantId: TenantId
  thing: Linked
  expiresAtMs: EpochMs
}

/** A link to a file that the caller may read. Throws `media_not_found` (404). */
export async function makeLink(ctx: Ctx, mediaId: MediaId): Promise<Link> {
  authorize(ctx, 'link.create')
  const { id } = await getFile(ctx, mediaId)
  return linkTo(ctx, { kind: 'media', id })
}

/** A link to a volume of an export that the caller may read. Throws `export_not_found` (404), `export_not_ready` (409). */
export async function makeExportLink(ctx: Ctx, id: string, volume: number): Promise<Link> {
  authorize(ctx, 'link.create')
  await getVolume(ctx, id, volume)
  return linkTo(ctx, { kind: 'export', id, volume })
}

export interface Link {
  url: string
  expiresAtMs: EpochMs
}

async function linkTo(ctx: Ctx, thing: Linked): Promise<Link> {
  const expiresAtMs = ctx.nowMs + LINK_SECONDS * 1000
  const token = spellToken(ctx.deps.config, { tenantId: ctx.tenant.id, thing, expiresAtMs })
  return { url: `${await publicUrl(ctx)}/api/v1/links/${token}`, expiresAtMs }
}

export type LinkedFile = Pick<StoredFile, 'filename' | 'contentType' | 'sizeBytes' | 'sha256' | 'objectKey'>

/** The file that a link leads to. Throws `link_invalid` (404): forged, expired, or nothing is there any more. */
export async function followLink(deps: Deps, token: string): Promise<LinkedFile> {
  const target = readToken(deps.config, token)
  if (!target || target.expiresAtMs <= deps.clock()) throw errors.linkInvalid()
  const tenant = await findTenant(deps.directory, target.tenantId)
  if (tenant?.status !== 'active') throw errors.linkInvalid()
  const db = openTenantDb(deps.shard(tenant.shard), tenant.id)
  const file = await fileOf(db, target.thing, deps.clock())
  if (!file) throw errors.linkInvalid()
  return file
}

async function fileOf(db: TenantDb, thing: Linked, nowMs: EpochMs): Promise<LinkedFile | undefined> {
  if (thing.kind === 'media') return (await findMedia(db, thing.id))?.file
  const found = await findExportJob(db, thing.id)
  return found && volumeFileOf(found.job, thing.volume, nowMs)
}

function spellToken({ tokenKeys }: Config, { tenantId, thing, expiresAtMs }: Target): string {
  const payload = Buffer.alloc(MEDIA_TOKEN_BYTES + (thing.kind === 'export' ? VOLUME_BYTES : 0))
  payload.writeUInt8(thing.kind === 'media' ? KIND_MEDIA : KIND_EXPORT)
  payload.write(compactId(tenantId), 1, 'hex')
  payload.write(compactId(thing.id), 1 + ID_BYTES, 'hex')
  payload.writeUIntBE(expiresAtMs, 1 + 2 * ID_BYTES, EXPIRY_BYTES)
  if (thing.kind === 'export') payload.writeUIntBE(thing.volume, MEDIA_TOKEN_BYTES, VOLUME_BYTES)
  return signBytes(tokenKeys[0]!.secret, PURPOSE, payload)
}

function readToken({ tokenKeys }: Config, token: string): Target | null {
  const secrets = tokenKeys.map(({ secret }) => secret)
  const opened = openSigned(secrets, PURPOSE, token)
  if (!opened) return null
  const payload = Buffer.from(opened)
  const tenantId = expandId<TenantId>(payload.toString('hex', 1, 1 + ID_BYTES))
  const thing = readThing(payload)
  return tenantId && thing && { tenantId, thing, expiresAtMs: payload.readUIntBE(1 + 2 * ID_BYTES, EXPIRY_BYTES) }
}

function readThing(payload: Buffer): Linked | null {
  const id = expandId<MediaId>(payload.toString('hex', 1 + ID_BYTES, 1 + 2 * ID_BYTES))
  if (id && payload[0] === KIND_MEDIA) return { kind: 'media', id }
  if (id && payload[0] === KIND_EXPORT)
    return { kind: 'export', id, volume: payload.readUIntBE(MEDIA_TOKEN_BYTES, VOLUME_BYTES) }
  return null
}
