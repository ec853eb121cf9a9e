// Small tools over web byte streams: regroup into equal parts, feed hashes on the way, read a bounded body.
// Everything is driven by the reader (back-pressure), and giving up cancels the source. Nothing here knows R2 or HTTP.

/** Anything that wants to see the bytes: a node:crypto `Hash`, or a counter. */
export interface ByteObserver {
  update(bytes: Uint8Array): unknown
}

export type BoundedRead = { ok: true; bytes: Uint8Array<ArrayBuffer> } | { ok: false; code: 'too_large' }

const FIRST_PART_CAPACITY = 64 * 1024

/** Joins byte arrays into one; `length` (bytes) is their total. */
const concat = (chunks: Uint8Array[], length: number) => {
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

/** Gives a source up because of `reason`; the caller reports that reason, so a source which also fails to close
 *  adds nothing and must not turn into an unhandled rejection. Not awaited: a cancel that never settles must not hang. */
const giveUp = (reader: ReadableStreamDefaultReader<Uint8Array>, reason: unknown) => {
  reader.cancel(reason).catch(() => undefined)
}

/** Regroups `stream` into parts of exactly `partBytes` bytes, the last one shorter; an empty stream yields nothing.
 *  R2 multipart uploads need this: all parts but the last are of equal size.
 *  Holds one part (and the chunk being cut), and reads on only when the next part is asked for. Each part is the
 *  caller's to keep, unless `reuse` is set: then it is good until the next is asked for, and however long the stream,
 *  one buffer serves (garbage of this size is collected late). The last may be a view of a larger buffer. Errors of the source are thrown; leaving the loop
 *  early cancels the source. Throws `RangeError` unless `partBytes` is a positive integer. */
export async function* fixedSizeParts(
  stream: ReadableStream<Uint8Array>,
  partBytes: number,
  { reuse = false }: { reuse?: boolean } = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (!Number.isInteger(partBytes) || partBytes < 1) throw new RangeError('partBytes must be a positive integer.')
  const reader = stream.getReader()
  let settled = false
  // Most files are far smaller than a part: the first buffer grows towards it instead of starting there.
  let part = new Uint8Array(Math.min(partBytes, FIRST_PART_CAPACITY))
  let filled = 0
  try {
    for (;;) {
      const next = await reader.read().catch((error: unknown) => {
        settled = true
        throw error
      })
      if (next.done) break
      let rest = next.value
      while (rest.length > 0) {
        if (filled === part.length) {
          // Growth by four keeps the copy, and what is held meanwhile, to a fraction of a part.
          const larger = new Uint8Array(part.length * 4 >= partBytes ? partBytes : part.length * 4)
          larger.set(part)
          part = larger
        }
        const taken = Math.min(rest.length, part.length - filled)
        part.set(rest.subarray(0, taken), filled)
        filled += taken
        rest = rest.subarray(taken)
        if (filled === partBytes) {
          const full = part
          if (!reuse) part = new Uint8Array(0)
          yield full
          if (!reuse) part = new Uint8Array(partBytes)
          filled = 0
        }
      }
    }
    settled = true
    if (filled > 0) yield part.subarray(0, filled)
  } finally {
    if (!settled) giveUp(reader, new Error('The reader of this stream stopped before its end.'))
  }
}

/** A transform that passes every chunk on unchanged after showing it to each observer, for `stream.pipeThrough(…)`.
 *  `const sha256 = createHash('sha256'); body.pipeThrough(hashingTap(sha256))`: the digest is complete once the
 *  stream has been read to its end, and means nothing before. */
export const hashingTap = (...observers: ByteObserver[]): TransformStream<Uint8Array, Uint8Array> =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      for (const observer of observers) observer.update(chunk)
      controller.enqueue(chunk)
    },
  })

/** Reads a whole body of at most `maxBytes` bytes. A longer one is `too_large`: reading stops with the chunk that
 *  crosses the limit and the source is cancelled. Errors of the source are thrown. */
export const readAtMost = async (stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<BoundedRead> => {
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return { ok: true, bytes: concat(chunks, length) }
    length += value.length
    if (length > maxBytes) {
      giveUp(reader, new Error(`The body is larger than ${maxBytes} bytes.`))
      return { ok: false, code: 'too_large' }
    }
    chunks.push(value)
  }
}
