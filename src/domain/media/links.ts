// Signed links: until they expire, whoever holds the URL may download one file, as `<img>` and plain downloads must, or
// the answers that were too large for a webhook's body.
// A link lends the right to read, and no more: it dies with the file, its form and its tenant.
import { compactId, expandId, type MediaId, type SubmissionId, type TenantId } from '../../lib/ids.ts'
import { hashSecret } from '../../lib/secret.ts'
import { openSigned, signBytes } from '../../lib/sign.ts'
import { sizeOfText } from '../../storage/large-texts.ts'
import { findMedia } from '../../storage/media.ts'
import { findLargeAnswers } from '../../storage/submission-history.ts'
import { openTenantDb, type TenantDb } from '../../storage/tenant-db.ts'
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
const KIND_ANSWERS = 2
const ID_BYTES = 16
const EXPIRY_BYTES = 6
const REVISION_BYTES = 4

interface Target {
  tenantId: TenantId
  to: { mediaId: MediaId } | Answers
  expiresAtMs: EpochMs
}

/** One state of a submission's answers. */
interface Answers {
  submissionId: SubmissionId
  revision: number
}

/** A link to a file that the caller may read. Throws `media_not_found` (404). */
export async function makeLink(ctx: Ctx, mediaId: MediaId): Promise<{ url: string; expiresAtMs: EpochMs }> {
  authorize(ctx, 'link.create')
  const file = await getFile(ctx, mediaId)
  const expiresAtMs = ctx.nowMs + LINK_SECONDS * 1000
  const url = spellLink(ctx.deps.config, await publicUrl(ctx), {
    tenantId: ctx.tenant.id,
    to: { mediaId: file.id },
    expiresAtMs,
  })
  return { url, expiresAtMs }
}

/** A link below the server's address. Nobody is asked for rights here. */
export const spellLink = (config: Config, base: string, target: Target): string =>
  `${base}/api/v1/links/${spellToken(config, target)}`

/** A file as far as its bytes are concerned. `sha256` tells whether they are still the same. */
export type LinkedFile = Omit<StoredFile, 'id'>

/** The file that a link leads to. Throws `link_invalid` (404): forged, expired, or nothing is there any more. */
export async function followLink(deps: Deps, token: string): Promise<LinkedFile> {
  const target = readToken(deps.config, token)
  if (!target || target.expiresAtMs <= deps.clock()) throw errors.linkInvalid()
  const tenant = await findTenant(deps.directory, target.tenantId)
  if (tenant?.status !== 'active') throw errors.linkInvalid()
  const db = openTenantDb(deps.shard(tenant.shard), tenant.id)
  const file =
    'mediaId' in target.to ? (await findMedia(db, target.to.mediaId))?.file : await fileOfAnswers(deps, db, target.to)
  if (!file) throw errors.linkInvalid()
  return file
}

async function fileOfAnswers(
  deps: Deps,
  db: TenantDb,
  { submissionId, revision }: Answers,
): Promise<LinkedFile | null> {
  const objectKey = await findLargeAnswers(db, submissionId, revision)
  const sizeBytes = objectKey === null ? null : await sizeOfText(deps.blobs, objectKey)
  if (objectKey === null || sizeBytes === null) return null
  return {
    filename: `${submissionId}-${revision}.json`,
    contentType: 'application/json',
    sizeBytes,
    sha256: hashSecret(objectKey),
    objectKey,
  }
}

function spellToken({ tokenKeys }: Config, { tenantId, to, expiresAtMs }: Target): string {
  const isMedia = 'mediaId' in to
  const payload = Buffer.alloc(1 + 2 * ID_BYTES + EXPIRY_BYTES + (isMedia ? 0 : REVISION_BYTES))
  payload.writeUInt8(isMedia ? KIND_MEDIA : KIND_ANSWERS)
  payload.write(compactId(tenantId), 1, 'hex')
  payload.write(compactId(isMedia ? to.mediaId : to.submissionId), 1 + ID_BYTES, 'hex')
  payload.writeUIntBE(expiresAtMs, 1 + 2 * ID_BYTES, EXPIRY_BYTES)
  if (!isMedia) payload.writeUInt32BE(to.revision, 1 + 2 * ID_BYTES + EXPIRY_BYTES)
  return signBytes(tokenKeys[0]!.secret, PURPOSE, payload)
}

function readToken({ tokenKeys }: Config, token: string): Target | null {
  const secrets = tokenKeys.map(({ secret }) => secret)
  const opened = openSigned(secrets, PURPOSE, token)
  if (!opened || (opened[0] !== KIND_MEDIA && opened[0] !== KIND_ANSWERS)) return null
  const payload = Buffer.from(opened)
  const tenantId = expandId<TenantId>(payload.toString('hex', 1, 1 + ID_BYTES))
  const id = payload.toString('hex', 1 + ID_BYTES, 1 + 2 * ID_BYTES)
  const expiresAtMs = payload.readUIntBE(1 + 2 * ID_BYTES, EXPIRY_BYTES)
  if (opened[0] === KIND_MEDIA) {
    const mediaId = expandId<MediaId>(id)
    return tenantId && mediaId && { tenantId, to: { mediaId }, expiresAtMs }
  }
  const submissionId = expandId<SubmissionId>(id)
  const revision = payload.readUInt32BE(1 + 2 * ID_BYTES + EXPIRY_BYTES)
  return tenantId && submissionId && { tenantId, to: { submissionId, revision }, expiresAtMs }
}
