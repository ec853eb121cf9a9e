// Writes a ZIP archive as a stream, an entry at a time: text deflated by the platform's own zlib, photos stored as they
// are. Holds no entry as a whole, whatever its size; only the list of contents grows. Reading archives is zip-file.ts's.
// The container is fflate's, which knows no ZIP64 and goes wrong in silence beyond it: the limits here come before.
import { pipeline } from 'node:stream/promises'
import { constants, crc32, createDeflateRaw } from 'node:zlib'
import { Zip, type ZipInputFile } from 'fflate'
import { EntryNames } from './entry-names.ts'
import { streamOf } from './stream.ts'

export interface ZipEntry {
  /** With `/` between folders. Made safe and unique on the way in (entry-names.ts). */
  name: string
  modifiedAtMs: number
  /** Not compressed: for what is compressed already, as photos are. */
  stored?: boolean
  content: AsyncIterable<Uint8Array>
}

/** Of one archive. The format ends at 65,535 entries and 4 GiB. */
export const MAX_ZIP_ENTRIES = 60_000
export const MAX_ZIP_BYTES = 3_500_000_000
/** Of one entry, unpacked. */
const MAX_ENTRY_BYTES = 0xffff_ffff

/** The archive would be larger than its format can tell. Plans are made so that this does not happen. */
export class ZipLimitError extends Error {
  constructor(limit: string) {
    super(`A ZIP archive holds no more than ${limit}.`)
    this.name = 'ZipLimitError'
  }
}

/**
 * The archive of these entries, in their order, each content read when its turn comes and at the pace of the reader. An
 * error of a source, or `ZipLimitError`, breaks the stream: what was read till then is no archive. Whoever stops reading
 * ends the sources.
 */
export const zipStream = (entries: AsyncIterable<ZipEntry>): ReadableStream<Uint8Array> => streamOf(zipBytes(entries))

async function* zipBytes(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array, void, undefined> {
  let ready: Uint8Array[] = []
  let count = 0
  let bytes = 0
  let failure: Error | null = null
  const zip = new Zip((error, chunk) => {
    if (error) failure = error
    else if (chunk.length > 0) ready.push(chunk)
  })
  /** What the container has put out since the last time. */
  function* written(): Generator<Uint8Array, void, undefined> {
    if (failure) throw failure
    const chunks = ready
    ready = []
    for (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > MAX_ZIP_BYTES) throw new ZipLimitError(`${MAX_ZIP_BYTES} bytes`)
      yield chunk
    }
  }

  const names = new EntryNames()
  for await (const entry of entries) {
    if (++count > MAX_ZIP_ENTRIES) throw new ZipLimitError(`${MAX_ZIP_ENTRIES} entries`)
    const file: ZipInputFile = {
      filename: names.take(entry.name),
      mtime: clockTime(entry.modifiedAtMs),
      compression: entry.stored ? 0 : 8,
      size: 0,
      crc: 0,
    }
    zip.add(file)
    // Nothing yet, but the entry's header: the reader need not wait for it.
    file.ondata!(null, new Uint8Array(0), false)
    yield* written()
    const content = observed(file, entry.content)
    for await (const chunk of entry.stored ? content : deflated(content)) {
      // fflate's type excludes shared memory, which nobody here has.
      file.ondata!(null, chunk as Uint8Array<ArrayBuffer>, false)
      yield* written()
    }
    file.ondata!(null, new Uint8Array(0), true)
    yield* written()
  }
  zip.end()
  yield* written()
}

/** Passes the content on while it counts it and sums it up for the archive's list. */
async function* observed(
  file: ZipInputFile,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) {
    file.size += chunk.length
    if (file.size > MAX_ENTRY_BYTES) throw new ZipLimitError(`${MAX_ENTRY_BYTES} bytes in one entry`)
    file.crc = crc32(chunk, file.crc)
    yield chunk
  }
}

/** Level 1: tables become 9 % larger than at level 6, in half the time. */
async function* deflated(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const deflate = createDeflateRaw({ level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 })
  // An error of the content destroys `deflate` with that error, and the loop throws it: here it is no news.
  const fed = pipeline(content, deflate).catch(() => undefined)
  try {
    for await (const chunk of deflate) yield chunk
  } finally {
    deflate.destroy()
    // Not before the content has ended, too.
    await fed
  }
}

const FIRST_MS = Date.UTC(1980, 0, 1)
const LAST_MS = Date.UTC(2099, 11, 31)

/** The archive's dates have no time zone and begin in 1980. fflate takes them from the local time: it gets UTC for it. */
function clockTime(ms: number): Date {
  const utc = new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS))
  const [year, month, day] = [utc.getUTCFullYear(), utc.getUTCMonth(), utc.getUTCDate()]
  return new Date(year, month, day, utc.getUTCHours(), utc.getUTCMinutes(), utc.getUTCSeconds())
}
