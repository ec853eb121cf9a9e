// Signed links: for a few minutes, whoever holds the URL may download one file, as `<img>` and plain downloads must.
// A link lends the right to read, and no more: it dies with the file, its form and its tenant.
import { compactId, expandId, type MediaId, type TenantId } from '../../lib/ids.ts'
import { openSigned, signBytes } from '../../lib/sign.ts'
import { findMedia } from '../../storage/media.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import { findTenant } from '../../storage/tenants.ts'
import { authorize } from '../access/authorize.ts'
import type { Config } from '../config.ts'
import type { Ctx, Deps, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { publicUrl } from '../tenants/settings.ts'
import { getFile, type StoredFile } from './read.ts'

export const LINK_SECONDS = 5 * 60

const PURPOSE = 'link'
/** First byte of a token: what it leads to. */
const KIND_MEDIA = 1
const ID_BYTES = 16
const EXPIRY_BYTES = 6

interface Target {
  tenantId: TenantId
  mediaId: MediaId
  expiresAtMs: EpochMs
}

/** A link to a file that the caller may read. Throws `media_not_found` (404). */
export async function makeLink(ctx: Ctx, mediaId: MediaId): Promise<{ url: string; expiresAtMs: EpochMs }> {
  authorize(ctx, 'link.create')
  const file = await getFile(ctx, mediaId)
  const expiresAtMs = ctx.nowMs + LINK_SECONDS * 1000
  const token = spellToken(ctx.deps.config, { tenantId: ctx.tenant.id, mediaId: file.id, expiresAtMs })
  return { url: `${await publicUrl(ctx)}/api/v1/links/${token}`, expiresAtMs }
}

/** The file that a link leads to. Throws `link_invalid` (404): forged, expired, or nothing is there any more. */
export async function followLink(deps: Deps, token: string): Promise<StoredFile> {
  const target = readToken(deps.config, token)
  if (!target || target.expiresAtMs <= deps.clock()) throw errors.linkInvalid()
  const tenant = await findTenant(deps.directory, target.tenantId)
  if (tenant?.status !== 'active') throw errors.linkInvalid()
  const found = await findMedia(openTenantDb(deps.shard(tenant.shard), tenant.id), target.mediaId)
  if (!found) throw errors.linkInvalid()
  return found.file
}

function spellToken({ tokenKeys }: Config, { tenantId, mediaId, expiresAtMs }: Target): string {
  const payload = Buffer.alloc(1 + 2 * ID_BYTES + EXPIRY_BYTES)
  payload.writeUInt8(KIND_MEDIA)
  payload.write(compactId(tenantId), 1, 'hex')
  payload.write(compactId(mediaId), 1 + ID_BYTES, 'hex')
  payload.writeUIntBE(expiresAtMs, 1 + 2 * ID_BYTES, EXPIRY_BYTES)
  return signBytes(tokenKeys[0]!.secret, PURPOSE, payload)
}

function readToken({ tokenKeys }: Config, token: string): Target | null {
  const secrets = tokenKeys.map(({ secret }) => secret)
  const opened = openSigned(secrets, PURPOSE, token)
  if (!opened || opened[0] !== KIND_MEDIA) return null
  const payload = Buffer.from(opened)
  const tenantId = expandId<TenantId>(payload.toString('hex', 1, 1 + ID_BYTES))
  const mediaId = expandId<MediaId>(payload.toString('hex', 1 + ID_BYTES, 1 + 2 * ID_BYTES))
  return tenantId && mediaId && { tenantId, mediaId, expiresAtMs: payload.readUIntBE(1 + 2 * ID_BYTES, EXPIRY_BYTES) }
}
