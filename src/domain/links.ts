// Signed links: until they expire, whoever holds the URL may download one thing: a file, as `<img>` and plain downloads
// must, a volume of an export, or the answers that were too large for a webhook's body. A link lends the right to read, and
// no more: it dies with what it leads to, its form and its tenant.
import { compactId, expandId, type MediaId, type SubmissionId, type TenantId } from '../lib/ids.ts'
import { hashSecret } from '../lib/secret.ts'
import { openSigned, signBytes } from '../lib/sign.ts'
import { findExportJob } from '../storage/export-jobs.ts'
import { sizeOfText } from '../storage/large-texts.ts'
import { findMedia } from '../storage/media.ts'
import { findLargeAnswers } from '../storage/submission-history.ts'
import { openTenantDb, type TenantDb } from '../storage/tenant-db.ts'
import { findTenant } from '../storage/tenants.ts'
import { authorize } from './access/authorize.ts'
import type { Config } from './config.ts'
import type { Ctx, Deps, EpochMs } from './context.ts'
import { errors } from './errors.ts'
import { getVolume, volumeFileOf } from './exports/jobs.ts'
import { getFile, type StoredFile } from './media/read.ts'
import { publicUrl } from './tenants/settings.ts'

export const LINK_SECONDS = 5 * 60

const PURPOSE = 'link'

/** What a link leads to. `answers` are one state of a submission's. */
export type Linked =
  | { kind: 'media'; id: MediaId }
  | { kind: 'export'; id: string; volume: number }
  | { kind: 'answers'; id: SubmissionId; revision: number }

interface Target {
  tenantId: TenantId
  thing: Linked
  expiresAtMs: EpochMs
}

export interface Link {
  url: string
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

async function linkTo(ctx: Ctx, thing: Linked): Promise<Link> {
  const expiresAtMs = ctx.nowMs + LINK_SECONDS * 1000
  const target = { tenantId: ctx.tenant.id, thing, expiresAtMs }
  return { url: spellLink(ctx.deps.config, await publicUrl(ctx), target), expiresAtMs }
}

/** A link below the server's address. Nobody is asked for rights here. */
export const spellLink = (config: Config, base: string, target: Target): string =>
  `${base}/api/v1/links/${spellToken(config, target)}`

/** A file as far as its bytes are concerned. `sha256` tells whether they are still the same. */
export type LinkedFile = Pick<StoredFile, 'filename' | 'contentType' | 'sizeBytes' | 'sha256' | 'objectKey'>

/** The file that a link leads to. Throws `link_invalid` (404): forged, expired, or nothing is there any more. */
export async function followLink(deps: Deps, token: string): Promise<LinkedFile> {
  const target = readToken(deps.config, token)
  if (!target || target.expiresAtMs <= deps.clock()) throw errors.linkInvalid()
  const tenant = await findTenant(deps.directory, target.tenantId)
  if (tenant?.status !== 'active') throw errors.linkInvalid()
  const file = await fileOf(deps, openTenantDb(deps.shard(tenant.shard), tenant.id), target.thing)
  if (!file) throw errors.linkInvalid()
  return file
}

async function fileOf(deps: Deps, db: TenantDb, thing: Linked): Promise<LinkedFile | undefined> {
  switch (thing.kind) {
    case 'media':
      return (await findMedia(db, thing.id))?.file
    case 'export': {
      const found = await findExportJob(db, thing.id)
      return found && volumeFileOf(found.job, thing.volume, deps.clock())
    }
    case 'answers':
      return fileOfAnswers(deps, db, thing)
  }
}

async function fileOfAnswers(
  deps: Deps,
  db: TenantDb,
  { id, revision }: Extract<Linked, { kind: 'answers' }>,
): Promise<LinkedFile | undefined> {
  const objectKey = await findLargeAnswers(db, id, revision)
  const sizeBytes = objectKey === null ? null : await sizeOfText(deps.blobs, objectKey)
  if (objectKey === null || sizeBytes === null) return undefined
  return {
    filename: `${id}-${revision}.json`,
    contentType: 'application/json',
    sizeBytes,
    sha256: hashSecret(objectKey),
    objectKey,
  }
}

// A token: what it leads to, tenant, id, expiry, and the number of the volume or revision. First bytes, by kind:
const KINDS = { media: 1, export: 2, answers: 3 } as const
const ID_BYTES = 16
const EXPIRY_BYTES = 6
const NUMBER_AT = 1 + 2 * ID_BYTES + EXPIRY_BYTES
const NUMBER_BYTES = 4

function spellToken({ tokenKeys }: Config, { tenantId, thing, expiresAtMs }: Target): string {
  const number = thing.kind === 'media' ? null : thing.kind === 'export' ? thing.volume : thing.revision
  const payload = Buffer.alloc(NUMBER_AT + (number === null ? 0 : NUMBER_BYTES))
  payload.writeUInt8(KINDS[thing.kind])
  payload.write(compactId(tenantId), 1, 'hex')
  payload.write(compactId(thing.id), 1 + ID_BYTES, 'hex')
  payload.writeUIntBE(expiresAtMs, 1 + 2 * ID_BYTES, EXPIRY_BYTES)
  if (number !== null) payload.writeUInt32BE(number, NUMBER_AT)
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
  const id = expandId<string>(payload.toString('hex', 1 + ID_BYTES, 1 + 2 * ID_BYTES))
  if (!id) return null
  switch (payload[0]) {
    case KINDS.media:
      return { kind: 'media', id: id as MediaId }
    case KINDS.export:
      return { kind: 'export', id, volume: payload.readUInt32BE(NUMBER_AT) }
    case KINDS.answers:
      return { kind: 'answers', id: id as SubmissionId, revision: payload.readUInt32BE(NUMBER_AT) }
    default:
      return null
  }
}
