// Reading photos and files back. Rights are those on the submission (rights.ts); bytes are streamed, never gathered.
import type { MediaId } from '../../lib/ids.ts'
import { BlobStoreError, blobExists, openBlob } from '../../storage/blobs.ts'
import { findMedia, type MediaRow } from '../../storage/media.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx, Deps } from '../context.ts'
import { errors } from '../errors.ts'
import { reachesLooseFile, reachesSubmission } from './rights.ts'

export type StoredFile = Pick<MediaRow, 'id' | 'filename' | 'contentType' | 'sizeBytes' | 'sha256' | 'objectKey'>

/** A file that this caller may see. Throws `media_not_found` (404). */
export async function getFile(ctx: Ctx, id: MediaId): Promise<StoredFile> {
  const found = await findMedia(ctx.db, id)
  if (!found) throw errors.mediaNotFound()
  const { file, owner } = found
  authorize(ctx, 'media.read', owner ? { projectId: owner.projectId } : {})
  const reached = owner ? reachesSubmission(ctx, owner) : reachesLooseFile(ctx, file)
  if (!reached) throw errors.mediaNotFound()
  return file
}

/**
 * The file's bytes, all of them or those of a range inside it. Throws `media_object_missing` (404) when the row's object
 * is not in the storage, `unavailable` (503).
 */
export async function openFile(
  deps: Deps,
  file: Pick<StoredFile, 'objectKey'>,
  range?: { offset: number; length: number },
): Promise<ReadableStream<Uint8Array>> {
  const body = await openBlob(deps.blobs, file.objectKey, range).catch(asUnavailable)
  if (!body) throw errors.mediaObjectMissing()
  return body
}

/** What `openFile` throws, without opening anything: for answers that have no body. */
export async function checkFile(deps: Deps, file: Pick<StoredFile, 'objectKey'>): Promise<void> {
  if (!(await blobExists(deps.blobs, file.objectKey).catch(asUnavailable))) throw errors.mediaObjectMissing()
}

function asUnavailable(error: unknown): never {
  if (error instanceof BlobStoreError) throw errors.storageUnavailable(error)
  throw error
}
