// Objects in R2: their keys, and writing and reading them as streams. What an object means is written in D1; nothing is
// ever listed here to find out.
import { createHash } from 'node:crypto'
import type { MediaId, TenantId } from '../lib/ids.ts'
import { fixedSizeParts } from '../lib/stream.ts'

/** Uploads of several parts need equal parts of at least this size; smaller objects are put at once. */
const PART_BYTES = 5 * 1024 * 1024

export const mediaKey = (tenantId: TenantId, mediaId: MediaId): string => `${tenantId}/${mediaId}`

/** The file that a form was imported from. */
export const formSourceKey = (tenantId: TenantId, id: MediaId): string => `${tenantId}/form-sources/${id}.xlsx`

/** An app bundle's archive. */
export const bundleKey = (tenantId: TenantId, id: MediaId): string => `${tenantId}/app-bundles/${id}.zip`

/** R2 failed, not the data: weather. The reason is the cause. */
export class BlobStoreError extends Error {
  constructor(cause: unknown) {
    super('The object storage failed.', { cause })
    this.name = 'BlobStoreError'
  }
}

export type PutResult = { ok: true; sizeBytes: number; sha256: string } | { ok: false; code: 'too_large' }

/**
 * Writes a stream of unknown length, holding one part of 5 MiB at a time. More than `maxBytes` is `too_large`, found out
 * while reading. Throws the stream's own errors, or `BlobStoreError`. Unless the result is ok, the caller deletes the
 * key: an object of it may or may not be there.
 */
export async function putBlob(
  bucket: R2Bucket,
  key: string,
  content: ReadableStream<Uint8Array>,
  { contentType, maxBytes }: { contentType: string; maxBytes: number },
): Promise<PutResult> {
  const options = { httpMetadata: { contentType } }
  const hash = createHash('sha256')
  const parts: R2UploadedPart[] = []
  let upload: R2MultipartUpload | undefined
  let sizeBytes = 0
  try {
    for await (const part of fixedSizeParts(content, PART_BYTES, { reuse: true })) {
      sizeBytes += part.length
      if (sizeBytes > maxBytes) {
        await abort(upload)
        return { ok: false, code: 'too_large' }
      }
      hash.update(part)
      if (!upload && part.length < PART_BYTES) {
        await attempt(bucket.put(key, part, options))
        continue
      }
      upload ??= await attempt(bucket.createMultipartUpload(key, options))
      parts.push(await attempt(upload.uploadPart(parts.length + 1, part)))
    }
    if (upload) await attempt(upload.complete(parts))
    else if (sizeBytes === 0) await attempt(bucket.put(key, new Uint8Array(0), options))
  } catch (error) {
    await abort(upload)
    throw error
  }
  return { ok: true, sizeBytes, sha256: hash.digest('hex') }
}

/** Writes an object that is in memory as a whole. Throws `BlobStoreError`. */
export async function putBytes(bucket: R2Bucket, key: string, bytes: Uint8Array, contentType: string): Promise<void> {
  await attempt(bucket.put(key, bytes, { httpMetadata: { contentType } }))
}

/** Bytes of an object, or null when there is none. Throws `BlobStoreError`. */
export const blobSize = async (bucket: R2Bucket, key: string): Promise<number | null> =>
  (await attempt(bucket.head(key)))?.size ?? null

/** Throws `BlobStoreError`. A key without an object is fine. */
export const deleteBlob = (bucket: R2Bucket, key: string): Promise<void> => attempt(bucket.delete(key))

/** The bytes of an object, or null when there is none. `range` must lie inside the object: R2 answers one that doesn't
 *  with everything. Throws `BlobStoreError`. */
export async function openBlob(
  bucket: R2Bucket,
  key: string,
  range?: { offset: number; length: number },
): Promise<ReadableStream<Uint8Array> | null> {
  const object = await attempt(bucket.get(key, range && { range }))
  return object && (object.body as ReadableStream<Uint8Array>)
}

/** Throws `BlobStoreError`. */
export const blobExists = async (bucket: R2Bucket, key: string): Promise<boolean> =>
  (await attempt(bucket.head(key))) !== null

async function attempt<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new BlobStoreError(error)
  }
}

async function abort(upload: R2MultipartUpload | undefined): Promise<void> {
  // What is reported is why the upload ended. R2 itself drops an unfinished one after seven days.
  await upload?.abort().catch(() => undefined)
}
