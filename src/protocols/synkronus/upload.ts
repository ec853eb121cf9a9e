// A multipart body with one file and nothing else, read as it arrives.
import { AppError, errors } from '../../domain/errors.ts'
import { readMultipart } from '../../lib/multipart.ts'

const LIMITS = { maxParts: 20, maxHeaderBytes: 16 * 1024, maxFieldBytes: 4 * 1024 }
/** What boundary and headers add to a file. */
const FORM_BYTES = 64 * 1024
/** A refused body is read to its end up to this many times the cap of files, here and in app.ts: a client that is cut off
 *  while it sends sees a broken connection instead of the reason, and sends the same again. */
export const PATIENCE = 4

export interface UploadedPart {
  filename: string
  contentType: string | undefined
  body: ReadableStream<Uint8Array>
}

/**
 * Hands the file of the field `field` to `receive`, and takes what that gave back (`discard`) when the rest of the form
 * turns out not to be good. Throws `body_malformed`, `body_too_large`, and what `receive` throws.
 */
export async function readOneFile<T>(
  request: Request,
  field: string,
  maxBytes: number,
  receive: (part: UploadedPart) => Promise<T>,
  discard: (received: T) => Promise<void>,
): Promise<T> {
  const { body, headers } = request
  const contentType = headers.get('content-type') ?? ''
  if (!body || !/^multipart\/form-data\s*(;|$)/i.test(contentType)) throw errors.bodyMalformed(UNREADABLE)
  const declared = Number(headers.get('content-length') ?? Number.NaN)
  const isPatient = declared <= maxBytes * PATIENCE
  if (declared > maxBytes + FORM_BYTES) throw errors.bodyTooLarge(maxBytes)
  let received: { file: T } | undefined
  let refusal: unknown
  try {
    for await (const part of readMultipart(body, contentType, LIMITS)) {
      if (refusal) continue
      try {
        if (part.name !== field || part.filename === undefined)
          throw errors.bodyMalformed(`${field} is required, and nothing else`)
        if (received) throw errors.bodyMalformed(`${field} is required once`)
        const { filename, body } = part
        received = { file: await receive({ filename, contentType: part.contentType, body }) }
      } catch (error) {
        if (!isPatient) throw error
        refusal = error
      }
    }
    if (refusal) throw refusal
  } catch (error) {
    if (received) await discard(received.file)
    throw refusal ?? (error instanceof AppError ? error : errors.bodyMalformed(UNREADABLE))
  }
  if (!received) throw errors.bodyMalformed(`${field} is required`)
  return received.file
}

const UNREADABLE = 'Failed to parse multipart form'
