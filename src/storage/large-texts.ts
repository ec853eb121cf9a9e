// Texts that are too large for a row (answers, quarantined payloads), in R2 under keys that are written once.
import type { SubmissionId, TenantId } from '../lib/ids.ts'

export const largeAnswersKey = (tenant: TenantId, submission: SubmissionId, arrival: string): string =>
  `${tenant}/answers/${submission}/${arrival}`
/** What all keys of a submission's answers begin with. */
export const answersPrefix = (tenant: TenantId, submission: SubmissionId): string => `${tenant}/answers/${submission}/`
export const quarantineKey = (tenant: TenantId, id: string): string => `${tenant}/quarantine/${id}`

export async function putText(blobs: R2Bucket, key: string, text: string): Promise<void> {
  await blobs.put(key, text)
}

/** Null when the object is gone. */
export async function getText(blobs: R2Bucket, key: string): Promise<string | null> {
  const object = await blobs.get(key)
  return object ? object.text() : null
}

/** Bytes of the text; null when the object is gone. */
export async function sizeOfText(blobs: R2Bucket, key: string): Promise<number | null> {
  return (await blobs.head(key))?.size ?? null
}

export async function deleteTexts(blobs: R2Bucket, keys: string[]): Promise<void> {
  await blobs.delete(keys)
}
