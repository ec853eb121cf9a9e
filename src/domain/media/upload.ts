// How a photo or file comes home, in steps that a protocol takes in the order its wire allows: check the submission,
// receive the bytes, attach the one to the other; or discard what was received.
//
// What keeps R2 and D1 in step: `media_uploads` names an object before its first byte is written, and the transaction
// that writes the media row removes that name. So an object without a row is always named there, and the sweep may
// delete it; a row without an object can't come about.

import { guessContentType, safeFileName } from '../../lib/file-name.ts'
import type { DeviceId, MediaId, SubmissionId, UserId } from '../../lib/ids.ts'
import { BlobStoreError, deleteBlob, mediaKey, type PutResult, putBlob } from '../../storage/blobs.ts'
import {
  deleteMediaUpload,
  findSameMedia,
  findSubmissionOwner,
  insertMedia,
  insertMediaUpload,
  type NewMedia,
} from '../../storage/media.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { reachesSubmission } from './rights.ts'

/** Bytes in R2 that belong to nothing yet: attach them or discard them. */
export interface ReceivedFile {
  mediaId: MediaId
  objectKey: string
  filename: string
  contentType: string
  sizeBytes: number
  sha256: string
}

export interface IncomingFile {
  /** As the sender wrote it. */
  filename: string
  /** What the sender claims, if anything. */
  contentType: string | undefined
  body: ReadableStream<Uint8Array>
}

/** Where a file belongs. */
export interface Place {
  submissionId: SubmissionId
  fieldId: string
  /** `hh[1]`, `hh[1].kids[0]`; '' outside repeats. */
  repeatPath: string
}

/** A file that has come home. */
export interface AttachedFile extends Place {
  id: MediaId
  filename: string
  contentType: string
  sizeBytes: number
  sha256: string
}

/** May this caller add files to this submission? Throws `submission_not_found` (404). */
export async function checkUploadTarget(ctx: Ctx, id: SubmissionId): Promise<void> {
  const owner = await findSubmissionOwner(ctx.db, id)
  if (!owner) throw errors.submissionNotFound()
  authorize(ctx, 'media.upload', { projectId: owner.projectId })
  if (!reachesSubmission(ctx, owner)) throw errors.submissionNotFound()
}

/**
 * Streams a file into R2. Throws `body_too_large` (413), `body_malformed` (400) when the body breaks off, `unavailable`
 * (503); then nothing of it is left.
 */
export async function receiveFile(ctx: Ctx, file: IncomingFile): Promise<ReceivedFile> {
  const { deps, db } = ctx
  const maxBytes = deps.config.maxUploadBytes
  const mediaId = deps.newId<MediaId>()
  const objectKey = mediaKey(ctx.tenant.id, mediaId)
  const filename = safeFileName(file.filename)
  const contentType = contentTypeOf(filename, file.contentType)
  await insertMediaUpload(db, { mediaId, objectKey, startedAtMs: ctx.nowMs })
  let put: PutResult
  try {
    put = await putBlob(deps.blobs, objectKey, file.body, { contentType, maxBytes })
  } catch (error) {
    await discardFile(ctx, { mediaId, objectKey })
    if (error instanceof BlobStoreError) throw errors.storageUnavailable(error)
    throw errors.bodyMalformed(`The file broke off: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!put.ok) {
    await discardFile(ctx, { mediaId, objectKey })
    throw errors.bodyTooLarge(maxBytes)
  }
  return { mediaId, objectKey, filename, contentType, sizeBytes: put.sizeBytes, sha256: put.sha256 }
}

/**
 * Makes a received file part of a submission. The same file sent again is the one that is there already, and its second
 * copy is discarded. Throws `submission_not_found` (404) when the submission has gone since `checkUploadTarget`.
 */
export async function attachFile(ctx: Ctx, received: ReceivedFile, place: Place): Promise<AttachedFile> {
  const { mediaId, objectKey, ...content } = received
  const file: NewMedia = {
    ...content,
    ...place,
    ...senderColumns(ctx),
    id: mediaId,
    objectKey,
    protocol: ctx.protocol,
    createdAtMs: ctx.nowMs,
  }
  // When this fails, nobody knows whether it was committed: a deleted object could leave a row without bytes, to which
  // the retry would then be a duplicate. So the object stays, and the sweep deletes it if its upload is still named.
  if (await insertMedia(ctx.db, file)) return { id: mediaId, ...content, ...place }
  await discardFile(ctx, received)
  const same = await findSameMedia(ctx.db, file)
  if (!same) throw errors.submissionNotFound()
  return { id: same.id, ...content, ...place, contentType: same.contentType }
}

/** Takes a received file back. What can't be removed now is left to the sweep. */
export async function discardFile(ctx: Ctx, file: Pick<ReceivedFile, 'mediaId' | 'objectKey'>): Promise<void> {
  try {
    await deleteBlob(ctx.deps.blobs, file.objectKey)
    await deleteMediaUpload(ctx.db, file.mediaId)
  } catch (error) {
    ctx.deps.log({ level: 'warn', event: 'upload_not_discarded', media_id: file.mediaId, error: String(error) })
  }
}

const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+ *(;[ -~]*)?$/i
const MAX_MEDIA_TYPE_CHARS = 200

/** What the sender says, unless that says nothing; then what the name suggests. */
function contentTypeOf(filename: string, claimed = ''): string {
  const known = MEDIA_TYPE.test(claimed) && claimed.length <= MAX_MEDIA_TYPE_CHARS
  return known && !/^application\/octet-stream\b/i.test(claimed) ? claimed : guessContentType(filename)
}

function senderColumns({ actor }: Ctx): {
  actorKind: 'user' | 'device'
  actorId: string
  userId: UserId
  deviceId: DeviceId | null
} {
  if (actor.kind === 'key') throw errors.notAuthenticated()
  const deviceId = actor.kind === 'device' ? actor.deviceId : null
  return { actorKind: actor.kind, actorId: deviceId ?? actor.userId, userId: actor.userId, deviceId }
}
