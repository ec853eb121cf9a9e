// Sends a stored file: whole, in part (Range), or only the news that it has not changed (ETag). What browsers make of
// somebody else's upload is kept in bounds here: it is never sniffed, never runs, and shows inline only if it is an image,
// sound or film. Source: RFC 9110 sections 13 and 14.
import type { Context } from 'hono'
import { errors } from '../../domain/errors.ts'
import { checkFile, openFile, type StoredFile } from '../../domain/media/read.ts'
import { etagMatches, parseByteRange } from '../../lib/byte-range.ts'
import { contentDisposition, isInlineSafe } from '../../lib/file-name.ts'
import type { NativeEnv } from './operation.ts'

/** For the OpenAPI document. */
export const fileResponses = {
  200: {
    description: 'The file',
    content: { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } },
  },
  206: {
    description: 'The bytes that `Range` asks for',
    content: { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } },
  },
  304: { description: 'Unchanged since the `ETag` in `If-None-Match`' },
}

/** A stored file. Its `etag` changes when its bytes do. */
export type SentFile = Pick<StoredFile, 'filename' | 'contentType' | 'sizeBytes' | 'objectKey'> & { etag: string }

/** Throws `range_not_satisfiable` (416), `media_object_missing` (404), `unavailable` (503). `maxAgeSeconds` is how long the
 *  client may keep the answer: the bytes of a file never change. */
export async function sendFile(c: Context<NativeEnv>, file: SentFile, maxAgeSeconds: number): Promise<Response> {
  const { deps } = c.var
  const etag = `"${file.etag}"`
  const headers = {
    ETag: etag,
    'Cache-Control': `private, max-age=${maxAgeSeconds}, immutable`,
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
    'Content-Disposition': contentDisposition(isInlineSafe(file.contentType) ? 'inline' : 'attachment', file.filename),
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
function requestedRange(c: Context<NativeEnv>, sizeBytes: number, etag: string) {
  const ifRange = c.req.header('if-range')
  const wanted = c.req.method === 'GET' && (ifRange === undefined || ifRange.trim() === etag)
  return parseByteRange(wanted ? c.req.header('range') : undefined, sizeBytes)
}
