// Uploads as phones make them: multipart bodies built byte by byte, so that tests decide order, spelling and faults.
import { env } from 'cloudflare:workers'
import type { Answer, Caller, TestApp } from './app.ts'

export interface Part {
  name: string
  content: string | Uint8Array
  filename?: string
  type?: string
}

export const BOUNDARY = 'a-boundary-of-the-tests'
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`

export const textPart = (name: string, content: string): Part => ({ name, content })
export const filePart = (content: string | Uint8Array, filename = 'photo.jpg', type = 'image/jpeg'): Part => ({
  name: 'file',
  content,
  filename,
  type,
})

export function formBody(parts: Part[]): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = []
  for (const { name, content, filename, type } of parts) {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    const header = `Content-Disposition: form-data; name="${name}"${file}${type ? `\r\nContent-Type: ${type}` : ''}`
    pieces.push(Buffer.from(`--${BOUNDARY}\r\n${header}\r\n\r\n`), Buffer.from(content as string), Buffer.from('\r\n'))
  }
  return new Uint8Array(Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]))
}

export const sendForm = (by: Caller, body: BodyInit, headers: Record<string, string> = {}): Promise<Answer> =>
  by.request('POST', '/media/upload', { body, headers: { 'content-type': FORM_TYPE, ...headers } })

/** Uploads one file to `pic` of a submission, unless the parts say otherwise. */
export const upload = (by: Caller, localUuid: string, file: Part, field = 'pic'): Promise<Answer> =>
  sendForm(by, formBody([textPart('submission_local_uuid', localUuid), textPart('field_id', field), file]))

/** `bytes` in pieces, as a network delivers them; with `breakAt` the connection is lost before that byte. */
export function arriving(bytes: Uint8Array, pieceBytes: number, breakAt = Number.POSITIVE_INFINITY) {
  let at = 0
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= breakAt) return controller.error(new Error('Network connection lost.'))
        if (at >= bytes.length) return controller.close()
        const end = Math.min(at + pieceBytes, bytes.length, breakAt)
        controller.enqueue(bytes.slice(at, end))
        at = end
      },
    },
    { highWaterMark: 0 },
  )
}

/** A stream that tells how much of it was taken. */
export function counted(source: ReadableStream<Uint8Array>) {
  let bytes = 0
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length
      controller.enqueue(chunk)
    },
  })
  return { stream: source.pipeThrough(tap), bytes: () => bytes }
}

/** Bytes that differ from place to place, so that a mix-up of parts shows. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** A download with its bytes. */
export async function download(
  { app }: TestApp,
  url: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
) {
  const response = await app.request(new Request(url, { method, headers }))
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { status: response.status, headers: response.headers, bytes }
}

/** Everything that uploads have left in the storage. */
export async function leftovers() {
  const { objects } = await env.MEDIA.list()
  const count = async (table: string) =>
    (await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())!.n
  return { objects: objects.length, rows: await count('media'), begun: await count('media_uploads') }
}

export const NOTHING_LEFT = { objects: 0, rows: 0, begun: 0 }
