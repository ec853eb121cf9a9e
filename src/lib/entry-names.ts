// Names inside an archive that every system can unpack: what strangers called their files, made safe and told apart.
// Source: PKWARE APPNOTE 6.3 section 4.4.17 (no drive, no leading slash), and what Windows, macOS and Linux refuse.

/** Of UTF-8. File systems end at 255; what tells equal names apart needs a few. */
const MAX_SEGMENT_BYTES = 200
const MAX_LEVELS = 8
/** A longer "extension" is part of the name, not a file type. */
const MAX_EXTENSION_CHARS = 20

/** Control characters, marks that reverse the writing direction (they hide an extension), and what Windows forbids. */
const FORBIDDEN = /[\p{Cc}\u2028-\u202e\u2066-\u2069<>:"|?*]/gu
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/** What a name stands for: a folder, or a file, whose next namesake gets this number. */
type Taken = 'folder' | { next: number }

/** The names of one archive. Two that would be one file on a system that ignores case, or a folder and a file in one
 *  place, are told apart: the second `photo.jpg` is `photo (2).jpg`. */
export class EntryNames {
  readonly #taken = new Map<string, Taken>()

  /** The name under which this file goes into the archive. A name given out here is one that stays as it is. */
  take(name: string): string {
    const segments = safeSegments(name)
    const file = segments.pop()!
    let folder = ''
    for (const segment of segments) folder = `${this.#place(folder, segment, true)}/`
    return this.#place(folder, file, false)
  }

  #place(folder: string, segment: string, isFolder: boolean): string {
    const namesake = this.#taken.get(keyOf(folder + segment))
    const counted = !isFolder && typeof namesake === 'object' ? namesake : { next: 1 }
    for (;;) {
      const path = folder + numbered(segment, counted.next++)
      const key = keyOf(path)
      const there = this.#taken.get(key)
      if (isFolder && there === 'folder') return path
      if (there !== undefined) continue
      this.#taken.set(key, isFolder ? 'folder' : { next: 2 })
      return path
    }
  }
}

const keyOf = (path: string): string => path.normalize('NFC').toLowerCase()

function numbered(segment: string, number: number): string {
  if (number === 1) return segment
  const extension = extensionOf(segment)
  return `${segment.slice(0, segment.length - extension.length)} (${number})${extension}`
}

function extensionOf(segment: string): string {
  const dot = segment.lastIndexOf('.')
  return dot > 0 && segment.length - dot <= MAX_EXTENSION_CHARS ? segment.slice(dot) : ''
}

/** At least one. Of a deeper path than `MAX_LEVELS` the inner levels. */
function safeSegments(name: string): string[] {
  const segments = name
    .toWellFormed()
    .split(/[/\\]/)
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
    .slice(-MAX_LEVELS)
    .map(safeSegment)
  return segments.length > 0 ? segments : ['file']
}

function safeSegment(segment: string): string {
  const clean = segment.replace(FORBIDDEN, '_').replace(DEVICE, '_$&')
  // Windows drops dots and spaces at the end, so that two names become one.
  return cut(clean).replace(/[. ]+$/, (end) => '_'.repeat(end.length))
}

const encoder = new TextEncoder()

function cut(segment: string): string {
  if (segment.length * 3 <= MAX_SEGMENT_BYTES) return segment
  const bytes = encoder.encode(segment)
  if (bytes.length <= MAX_SEGMENT_BYTES) return segment
  const extension = extensionOf(segment)
  // A whole number of characters: what would be cut in the middle is left out.
  const room = new Uint8Array(MAX_SEGMENT_BYTES - encoder.encode(extension).length)
  const { read } = encoder.encodeInto(segment.slice(0, segment.length - extension.length), room)
  return segment.slice(0, read) + extension
}
