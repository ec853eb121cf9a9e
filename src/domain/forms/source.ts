// The file that a version was imported from: kept byte for byte beside it, given back as it came.
import type { FormId, FormVersionId, MediaId } from '../../lib/ids.ts'
import { BlobStoreError, blobSize, deleteBlob, formSourceKey, putBytes } from '../../storage/blobs.ts'
import type { LooseObject } from '../../storage/form-changes.ts'
import { findVersion } from '../../storage/forms.ts'
import { deleteMediaUpload, insertMediaUpload } from '../../storage/media.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { requireForm } from './forms.ts'

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** Stores a file that belongs to no version yet. Its upload names it until one does, so that the sweep finds what was
 *  left behind. Throws `unavailable`. */
export async function keepSource(ctx: Ctx, bytes: Uint8Array): Promise<LooseObject> {
  const { deps, db, tenant, nowMs } = ctx
  const uploadId = deps.newId<MediaId>()
  const objectKey = formSourceKey(tenant.id, uploadId)
  await insertMediaUpload(db, { mediaId: uploadId, objectKey, startedAtMs: nowMs })
  try {
    await putBytes(deps.blobs, objectKey, bytes, XLSX_TYPE)
  } catch (error) {
    if (error instanceof BlobStoreError) throw errors.storageUnavailable(error)
    throw error
  }
  return { objectKey, uploadId }
}

/** Deletes a file that no version names. What can't be deleted now is left to the sweep. */
export async function dropLoose(ctx: Ctx, { objectKey, uploadId }: LooseObject): Promise<void> {
  try {
    await deleteBlob(ctx.deps.blobs, objectKey)
    await deleteMediaUpload(ctx.db, uploadId)
  } catch (error) {
    ctx.deps.log({ level: 'warn', event: 'form_source_not_deleted', upload_id: uploadId, error: String(error) })
  }
}

/** A stored file as those who send files know it. */
export interface SourceFile {
  objectKey: string
  filename: string
  contentType: string
  sizeBytes: number
  /** Changes when the bytes do. */
  etag: string
}

/** Throws `form_not_found`, `version_not_found`, `source_not_found` (404), `unavailable`. */
export async function readSource(ctx: Ctx, formId: FormId, versionId: FormVersionId): Promise<SourceFile> {
  const form = await requireForm(ctx, 'form.read', formId)
  const found = await findVersion(ctx.db, versionId)
  if (!found || found.version.formId !== formId) throw errors.versionNotFound()
  const { sourceKey, versionNum } = found.version
  if (sourceKey === null) throw errors.sourceNotFound()
  const sizeBytes = await blobSize(ctx.deps.blobs, sourceKey).catch((error: unknown) => {
    throw error instanceof BlobStoreError ? errors.storageUnavailable(error) : error
  })
  if (sizeBytes === null) throw errors.mediaObjectMissing()
  const etag = sourceKey.slice(sourceKey.lastIndexOf('/') + 1, -'.xlsx'.length)
  return { objectKey: sourceKey, filename: `${form.key}-${versionNum}.xlsx`, contentType: XLSX_TYPE, sizeBytes, etag }
}
