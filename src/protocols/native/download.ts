// Downloads of the native API: how they are described, and how long they may be kept.
import type { Context } from 'hono'
import { contentDisposition, isInlineSafe } from '../../lib/file-name.ts'
import { type SentFile, sendStored } from '../send-file.ts'
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

/** A file whose bytes never change: `maxAgeSeconds` is how long the client may keep the answer. Shown inline only if it is
 *  an image, sound or film. Throws as `sendStored`. */
export function sendFile(c: Context<NativeEnv>, file: SentFile, maxAgeSeconds: number): Promise<Response> {
  return sendStored(c, c.var.deps, file, {
    cacheControl: `private, max-age=${maxAgeSeconds}, immutable`,
    disposition: contentDisposition(isInlineSafe(file.contentType) ? 'inline' : 'attachment', file.filename),
  })
}
