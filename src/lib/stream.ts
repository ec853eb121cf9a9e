// Small tools over web byte streams: regroup into equal parts, feed hashes on the way, read a bounded body.
// Everything is driven by the reader (back-pressure), and giving up cancels the source. Nothing here knows R2 or HTTP.

/** Anything that wants to see the bytes: a node:crypto `Hash`, or a counter. */
export interface ByteObserver {
  update(bytes: Uint8Array): unknown
}

export type BoundedRead = { ok: true; bytes: Uint8Array<ArrayBuffer> } | { ok: false; code: 'too_large' }

/** Reads a stream into memory that the caller lends it. */
export interface ViewReader {
  /** Waits for bytes and puts them at the front of `view`: the answer is that front, empty at the end of the stream.
   *  Its buffer has taken the place of the lent one and holds all that this held: go on with it, old views are dead. */
  read(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
  cancel(reason: unknown): Promise<void>
}

const SMALL_BODY_BYTES = 4 * 1024
const FIRST_PART_BYTES = 64 * 1024
const DRAIN_BYTES = 64 * 1024

/** Reads `stream` without garbage if it is a byte stream, as the body of a request is. (Left to choose the memory,
 *  workerd hands a body out in new arrays of 4 KiB, and V8 lets many megabytes of them pile up.) Any other stream is
 *  read as it comes, and copied. Errors of the stream are thrown as they are. */
export const viewReader = (stream: ReadableStream<Uint8Array>): ViewReader => {
  let reader: ReadableStreamBYOBReader
  try {
    reader = stream.getReader({ mode: 'byob' })
  } catch {
    // Not a byte stream.
    return copyingReader(stream.getReader())
  }
  return {
    async read(view) {
      const { value } = await reader.read(view)
      // Cancelled meanwhile, the stream has kept the memory.
      return value ?? new Uint8Array(0)
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

const copyingReader = (reader: ReadableStreamDefaultReader<Uint8Array>): ViewReader => {
  let chunk: Uint8Array = new Uint8Array(0)
  return {
    async read(view) {
      while (chunk.length === 0) {
        const { done, value } = await reader.read()
        if (done) return view.subarray(0, 0)
        chunk = value
      }
      const taken = chunk.subarray(0, view.length)
      chunk = chunk.subarray(taken.length)
      view.set(taken)
      return view.subarray(0, taken.length)
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

/** A larger array with the same bytes in front. Growth by four keeps the copying, and what is held meanwhile, small. */
const grown = (bytes: Uint8Array, maxBytes: number) => {
  const larger = new Uint8Array(Math.min(bytes.length * 4, maxBytes))
  larger.set(bytes)
  return larger
}

/** Gives a source up because of `reason`; the caller reports that reason, so a source which also fails to close
 *  adds nothing and must not turn into an unhandled rejection. Not awaited: a cancel that never settles must not hang. */
const giveUp = (reader: ViewReader, reason: unknown) => {
  reader.cancel(reason).catch(() => undefined)
}

/** Regroups `stream` into parts of exactly `partBytes` bytes, the last one shorter; an empty stream yields nothing.
 *  R2 multipart uploads need this: all parts but the last are of equal size.
 *  Holds one part, and reads on only when the next part is asked for. Each part is the caller's to keep, unless
 *  `reuse` is set: then it is good until the next is asked for, and however long the stream, the memory of one serves
 *  (garbage of this size is collected late). The last may be a view of a larger buffer. Errors of the source are thrown;
 *  leaving the loop early cancels the source. Throws `RangeError` unless `partBytes` is a positive integer. */
export async function* fixedSizeParts(
  stream: ReadableStream<Uint8Array>,
  partBytes: number,
  { reuse = false }: { reuse?: boolean } = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (!Number.isInteger(partBytes) || partBytes < 1) throw new RangeError('partBytes must be a positive integer.')
  const reader = viewReader(stream)
  let settled = false
  // Most files are far smaller than a part: the first buffer grows towards it instead of starting there.
  let part = new Uint8Array(Math.min(partBytes, FIRST_PART_BYTES))
  let filled = 0
  try {
    for (;;) {
      const read = await reader.read(part.subarray(filled)).catch((error: unknown) => {
        settled = true
        throw error
      })
      part = new Uint8Array(read.buffer)
      if (read.length === 0) break
      filled += read.length
      if (filled === partBytes) {
        yield part
        if (!reuse) part = new Uint8Array(partBytes)
        filled = 0
      } else if (filled === part.length) {
        part = grown(part, partBytes)
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

/** Reads a whole body of at most `maxBytes` bytes. A longer one is `too_large`: reading stops where it crosses the
 *  limit and the source is cancelled. The bytes may be a view of a larger buffer. Errors of the source are thrown. */
export const readAtMost = async (stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<BoundedRead> => {
  const reader = viewReader(stream)
  let bytes = new Uint8Array(Math.min(SMALL_BODY_BYTES, maxBytes + 1))
  let length = 0
  for (;;) {
    const read = await reader.read(bytes.subarray(length))
    bytes = new Uint8Array(read.buffer)
    if (read.length === 0) return { ok: true, bytes: bytes.subarray(0, length) }
    length += read.length
    if (length > maxBytes) {
      giveUp(reader, new Error(`The body is larger than ${maxBytes} bytes.`))
      return { ok: false, code: 'too_large' }
    }
    if (length === bytes.length) bytes = grown(bytes, maxBytes + 1)
  }
}

/** Reads a stream to its end and drops what it holds. Errors of the source are thrown. */
export const drain = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
  const reader = viewReader(stream)
  let read = new Uint8Array(DRAIN_BYTES)
  while (read.length > 0) read = await reader.read(new Uint8Array(read.buffer))
}

/** A stream of what `chunks` yields, read on only when the reader asks. An error of theirs breaks the stream, as the
 *  reader sees; a reader that gives up ends them, so that their `finally` blocks run. */
export const streamOf = (chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
