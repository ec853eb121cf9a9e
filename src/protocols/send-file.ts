// Sends a stored file: whole, in part (Range), or only the news that it has not changed (ETag). What browsers make of
// somebody else's upload is kept in bounds here: it is never sniffed and never runs.
// Source: RFC 9110 sections 13 and 14.
import type { Context } from 'hono'
import type { Deps } from '../domain/context.ts'
import { errors } from '../domain/errors.ts'
import { checkFile, openFile, type StoredFile } from '../domain/media/read.ts'
import { etagMatches, parseByteRange } from '../lib/byte-range.ts'

/** A stored file. Its `etag` changes when its bytes do. */
export type SentFile = Pick<StoredFile, 'filename' | 'contentType' | 'sizeBytes' | 'objectKey'> & { etag: string }

/** Throws `range_not_satisfiable` (416), `media_object_missing` (404), `unavailable` (503). */
export async function sendStored(
  c: Context,
  deps: Deps,
  file: SentFile,
  { cacheControl, disposition }: { cacheControl: string; disposition: string },
): Promise<Response> {
  const etag = `"${file.etag}"`
  const headers = {
    ETag: etag,
    'Cache-Control': cacheControl,
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': 'sandbox',
  }
  if (etagMatches(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers })

  const range = requestedRange(c, file.sizeBytes, etag)
  if (range.kind === 'unsatisfiable') {
    c.header('Content-Range', `bytes */${file.sizeBytes}`)
    throw errors.rangeNotSatisfiable()
  }
  const part = range.kind === 'range' ? range : null
  const content = {
    ...headers,
    'Content-Type': file.contentType,
    'Content-Disposition': disposition,
    'Content-Length': String(part ? part.length : file.sizeBytes),
    ...(part && { 'Content-Range': `bytes ${part.start}-${part.end}/${file.sizeBytes}` }),
  }
  const init = { status: part ? 206 : 200, headers: content }
  if (c.req.method === 'HEAD') {
    await checkFile(deps, file)
    return new Response(null, init)
  }
  return new Response(await openFile(deps, file, part ? { offset: part.start, length: part.length } : undefined), init)
}

/** `If-Range` names the version that a download is to be resumed of; of any other, the whole file is sent. Range means
 *  something to GET only, not to HEAD (RFC 9110 section 14.2). */
function requestedRange(c: Context, sizeBytes: number, etag: string) {
  const ifRange = c.req.header('if-range')
  const wanted = c.req.method === 'GET' && (ifRange === undefined || ifRange.trim() === etag)
  return parseByteRange(wanted ? c.req.header('range') : undefined, sizeBytes)
}
