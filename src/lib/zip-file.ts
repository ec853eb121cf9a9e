// Unpacks a ZIP archive that is wholly in memory, and puts files into one without packing them. For small archives from
// strangers: nothing is unpacked beyond the bound, whatever the archive claims. Large ones are streamed, not here.
// Source: PKWARE APPNOTE 6.3, sections 4.3 to 4.5.
import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { readAtMost } from './stream.ts'

export type ZipErrorCode = 'not_a_zip' | 'malformed' | 'too_large'

export class ZipError extends Error {
  readonly code: ZipErrorCode
  constructor(code: ZipErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ZipError'
    this.code = code
  }
}

export interface UnzipOptions {
  /** Of all entries together, by the sizes that the archive declares; more is `too_large`. No entry is unpacked any
   *  further than it declares. */
  maxBytes: number
  /** Entries that are worth unpacking. */
  isWanted: (name: string) => boolean
}

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const LOCAL_HEADER = 0x04034b50
const END_BYTES = 22
const MAX_COMMENT_BYTES = 65_535
const STORED = 0
const DEFLATED = 8
const ENCRYPTED_FLAG = 1
/** Stands where the number is in a ZIP64 extra field. */
const ELSEWHERE = 0xffffffff
const ZIP64_FIELD = 1

/** What the archive's list of contents says of one of them. */
export interface ZipEntry {
  name: string
  method: number
  crc: number
  packedBytes: number
  /** Unpacked. */
  bytes: number
  headerAt: number
}

/** Where the content of an entry lies in the archive, to be read out of it later. */
export interface ZipPlace {
  at: number
  packedBytes: number
  packed: boolean
}

/** The wanted files by name; of a repeated name the last. Throws `ZipError`. */
export async function unzip(
  archive: Uint8Array,
  { maxBytes, isWanted }: UnzipOptions,
): Promise<Map<string, Uint8Array>> {
  const data = bufferOf(archive)
  const entries = listZip(data)
  const declared = entries.reduce((sum, { bytes }) => sum + bytes, 0)
  if (declared > maxBytes) throw new ZipError('too_large', `The archive unpacks to ${declared} bytes.`)
  const files = new Map<string, Uint8Array>()
  for (const entry of entries) if (isWanted(entry.name)) files.set(entry.name, await unpackEntry(data, entry))
  return files
}

/** The archive's contents, in the order in which it lists them. Throws `ZipError`. */
export function listZip(archive: Uint8Array): ZipEntry[] {
  const data = bufferOf(archive)
  const end = findEnd(data)
  const count = data.readUInt16LE(end + 10)
  const entries: ZipEntry[] = []
  let at = data.readUInt32LE(end + 16)
  for (let index = 0; index < count; index++) {
    if (at + 46 > end || data.readUInt32LE(at) !== DIRECTORY_ENTRY) {
      throw new ZipError('malformed', 'Its list of contents is broken.')
    }
    const nameBytes = data.readUInt16LE(at + 28)
    const extraBytes = data.readUInt16LE(at + 30)
    const name = data.toString('utf8', at + 46, at + 46 + nameBytes)
    if (data.readUInt16LE(at + 8) & ENCRYPTED_FLAG) throw new ZipError('malformed', `'${name}' is encrypted.`)
    const extra = data.subarray(at + 46 + nameBytes, at + 46 + nameBytes + extraBytes)
    const [bytes, packedBytes, headerAt] = large(
      extra,
      [24, 20, 42].map((offset) => data.readUInt32LE(at + offset)),
    )
    entries.push({
      name,
      method: data.readUInt16LE(at + 10),
      crc: data.readUInt32LE(at + 16),
      packedBytes: packedBytes!,
      bytes: bytes!,
      headerAt: headerAt!,
    })
    at += 46 + nameBytes + extraBytes + data.readUInt16LE(at + 32)
  }
  return entries
}

function findEnd(data: Buffer): number {
  const first = Math.max(0, data.length - END_BYTES - MAX_COMMENT_BYTES)
  for (let at = data.length - END_BYTES; at >= first; at--) {
    if (data.readUInt32LE(at) === END_OF_DIRECTORY) return at
  }
  throw new ZipError('not_a_zip', 'This is no ZIP archive.')
}

/** Some writers put every size into the ZIP64 field, in this order, whether it is large or not. */
function large(extra: Buffer, numbers: number[]): number[] {
  if (!numbers.includes(ELSEWHERE)) return numbers
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2)
    let next = at + 4
    const fieldEnd = Math.min(next + length, extra.length)
    if (extra.readUInt16LE(at) !== ZIP64_FIELD) {
      at = fieldEnd
      continue
    }
    return numbers.map((number) => {
      if (number !== ELSEWHERE) return number
      if (next + 8 > fieldEnd) throw new ZipError('malformed', 'Its list of contents is broken.')
      const value = Number(extra.readBigUInt64LE(next))
      next += 8
      return value
    })
  }
  throw new ZipError('malformed', 'Its list of contents is broken.')
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)

/** Throws `ZipError` when the entry is not there as a whole, or packed in an uncommon way. */
export function placeOf(archive: Uint8Array, { name, method, packedBytes, headerAt }: ZipEntry): ZipPlace {
  const data = bufferOf(archive)
  if (headerAt + 30 > data.length || data.readUInt32LE(headerAt) !== LOCAL_HEADER) {
    throw new ZipError('malformed', `'${name}' is not where it should be.`)
  }
  const at = headerAt + 30 + data.readUInt16LE(headerAt + 26) + data.readUInt16LE(headerAt + 28)
  if (at + packedBytes > data.length) throw new ZipError('malformed', `'${name}' is cut short.`)
  if (method !== STORED && method !== DEFLATED)
    throw new ZipError('malformed', `'${name}' is packed in an uncommon way.`)
  return { at, packedBytes, packed: method === DEFLATED }
}

/** The content of an entry, never more than it declares. Throws `ZipError`. */
export async function unpackEntry(archive: Uint8Array, entry: ZipEntry): Promise<Uint8Array> {
  const { name, crc, bytes } = entry
  const { at, packedBytes, packed } = placeOf(archive, entry)
  const slice = archive.subarray(at, at + packedBytes)
  const content = packed ? await inflate(name, slice, bytes) : slice
  if (content?.length !== bytes) throw new ZipError('malformed', `'${name}' is not of the size that the archive says.`)
  if (crc32(content) !== crc) throw new ZipError('malformed', `'${name}' is not what was put in.`)
  return content
}

/** `null` when it unpacks to more than `bytes`. Not by zlib's own bound: workerd's refuses what keeps to it. */
async function inflate(name: string, packed: Uint8Array, bytes: number): Promise<Uint8Array | null> {
  try {
    const read = await readAtMost(inSlices(packed).pipeThrough(new DecompressionStream('deflate-raw')), bytes)
    return read.ok ? read.bytes : null
  } catch (error) {
    throw new ZipError('malformed', `'${name}' cannot be unpacked.`, { cause: error })
  }
}

/** A slice unpacks to at most a thousand times its size, so that little is unpacked in vain. */
const SLICE_BYTES = 16 * 1024

function inSlices(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close()
        controller.enqueue(new Uint8Array(bytes.subarray(at, at + SLICE_BYTES)))
        at += SLICE_BYTES
      },
    },
    { highWaterMark: 0 },
  )
}

/** An archive of these files, stored as they are. */
export function storeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  for (const [name, content] of files) {
    const nameBytes = Buffer.from(name)
    const sizes = Buffer.alloc(12)
    sizes.writeUInt32LE(crc32(content), 0)
    sizes.writeUInt32LE(content.length, 4)
    sizes.writeUInt32LE(content.length, 8)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(LOCAL_HEADER, 0)
    local.writeUInt16LE(20, 4)
    sizes.copy(local, 14)
    local.writeUInt16LE(nameBytes.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(DIRECTORY_ENTRY, 0)
    entry.writeUInt16LE(20, 4)
    entry.writeUInt16LE(20, 6)
    sizes.copy(entry, 16)
    entry.writeUInt16LE(nameBytes.length, 28)
    entry.writeUInt32LE(at, 42)
    parts.push(local, nameBytes, content)
    directory.push(entry, nameBytes)
    at += local.length + nameBytes.length + content.length
  }
  const end = Buffer.alloc(END_BYTES)
  end.writeUInt32LE(END_OF_DIRECTORY, 0)
  end.writeUInt16LE(files.size, 8)
  end.writeUInt16LE(files.size, 10)
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  )
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, ...directory, end])
}
