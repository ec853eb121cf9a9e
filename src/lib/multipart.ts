// Reads a multipart/form-data body part by part as it arrives, in constant memory and at the reader's pace.
// It does not buffer files, decode Content-Transfer-Encoding, judge content types or clean file names (file-name.ts).
// Delimiter lines and headers must end in CRLF, as RFC 2046 says: a bare LF before a delimiter is content.
import { Buffer } from 'node:buffer'
import { readAtMost, type ViewReader, viewReader } from './stream.ts'

export type MultipartErrorCode =
  | 'missing_boundary'
  | 'malformed'
  | 'truncated'
  | 'too_many_parts'
  | 'header_too_large'
  | 'field_too_large'

/** The body breaks the format or a limit. `code` is stable, the message is for people. */
export class MultipartError extends Error {
  readonly code: MultipartErrorCode

  constructor(code: MultipartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MultipartError'
    this.code = code
  }
}

export interface MultipartLimits {
  /** Parts in one body; one more is `too_many_parts`. */
  maxParts: number
  /** Bytes of one part's header block; more is `header_too_large`. */
  maxHeaderBytes: number
  /** Bytes that `part.text()` reads unless told otherwise; more is `field_too_large`. Files have no limit here. */
  maxFieldBytes: number
}

export interface MultipartPart {
  /** The form field's name, unescaped. */
  name: string
  /** As the sender wrote it, unescaped, paths included: hostile until cleaned. Browsers send '' for "no file chosen". */
  filename?: string
  /** The raw Content-Type value with its parameters. */
  contentType?: string
  /** Header names in lower case; of a repeated header the first counts. */
  headers: ReadonlyMap<string, string>
  /** The content, as a byte stream. Readable until the next part is asked for; then what was not read is skipped, and
   *  reading on fails, so that a file left half-way never looks complete. */
  body: ReadableStream<Uint8Array>
  /** The content as text: UTF-8 unless Content-Type names another charset; bytes that are not valid in it are
   *  `malformed`. More than `maxBytes` (default `maxFieldBytes`) is `field_too_large`. */
  text(maxBytes?: number): Promise<string>
}

const NOTHING = new Uint8Array(0)
const CHUNK_BYTES = 64 * 1024
const CRLF = Buffer.from('\r\n')
const HEADERS_END = Buffer.from('\r\n\r\n')
const CR = 13
const LF = 10
const HYPHEN = 45
const SPACE = 32
const TAB = 9

/** Reads the parts of a multipart/form-data `body` in order. Back-pressure is the reader's: nothing is read ahead, and
 *  at most one chunk plus one delimiter (or one header block) is held.
 *  `contentType` is the request's header; without a usable boundary the first step throws `missing_boundary`.
 *  A body that ends before its closing delimiter is `truncated`, for the part being read and for the iteration.
 *  Errors of `body` itself are thrown as they are. Leaving the loop early cancels `body`.
 *  Preamble, epilogue, empty parts and padding after a delimiter are accepted.
 *  Source: RFC 7578 section 4; RFC 2046 section 5.1.1; escapes of names: HTML Standard, "multipart/form-data
 *  encoding algorithm". */
export async function* readMultipart(
  body: ReadableStream<Uint8Array>,
  contentType: string,
  limits: MultipartLimits,
): AsyncGenerator<MultipartPart, void, undefined> {
  const input = new Input(body, boundaryOf(contentType))
  let content: Content | undefined
  try {
    await input.skipContent()
    for (let count = 1; await input.partFollows(); count++) {
      if (count > limits.maxParts) {
        throw new MultipartError('too_many_parts', `The form has more than ${limits.maxParts} parts.`)
      }
      const described = describe(await input.header(limits.maxHeaderBytes))
      content = new Content(input)
      const { stream } = content
      const text = (maxBytes = limits.maxFieldBytes) => readText(described, stream, maxBytes)
      yield { ...described, body: stream, text }
      await content.skipRest()
    }
    await input.drain()
  } finally {
    content?.leave()
    input.release()
  }
}

/** The boundary named by a multipart/form-data Content-Type, quoted or not. Any printable ASCII of 1 to 70 characters
 *  is accepted: old phone clients send boundaries such as `*****`, outside the set of RFC 2046 section 5.1.1.
 *  Throws `missing_boundary`. */
export const boundaryOf = (contentType: string): string => {
  const boundary = /^\s*multipart\/form-data\s*(;|$)/i.test(contentType)
    ? parametersOf(contentType).get('boundary')
    : undefined
  if (boundary === undefined || !/^[ -~]{0,69}[!-~]$/.test(boundary)) {
    throw new MultipartError(
      'missing_boundary',
      'Content-Type must be multipart/form-data with a boundary of 1 to 70 characters.',
    )
  }
  return boundary
}

/** The window on the body: what has arrived and is not consumed, and the position in the grammar. */
class Input {
  readonly #reader: ViewReader
  readonly #delimiter: Buffer
  // A view of one buffer that serves for the whole body: V8 collects 90 MB of chunks too late (docs/performance.md).
  #window: Uint8Array<ArrayBuffer>
  #atBodyStart = false
  #settled = false

  constructor(body: ReadableStream<Uint8Array>, boundary: string) {
    this.#reader = viewReader(body)
    // The first delimiter may open the body; starting with a line break lets one search find it anywhere.
    this.#window = new Uint8Array(CHUNK_BYTES).subarray(0, CRLF.length)
    this.#window.set(CRLF)
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  }

  /** The next piece of the current content, of at most `maxBytes` bytes and good until something else is read; or
   *  undefined once the delimiter that ends the content is consumed. */
  async content(maxBytes = CHUNK_BYTES): Promise<Uint8Array | undefined> {
    for (;;) {
      const at = indexOf(this.#window, this.#delimiter)
      if (at === 0) {
        this.#drop(this.#delimiter.length)
        return undefined
      }
      const safe = at > 0 ? at : this.#window.length - partialMatchAtEnd(this.#window, this.#delimiter)
      if (safe > 0) {
        if (!this.#atBodyStart) return this.#take(Math.min(safe, maxBytes))
        // Not an empty part: the line break kept from the header block is not content.
        this.#drop(CRLF.length)
        this.#atBodyStart = false
      } else {
        await this.#more()
      }
    }
  }

  async skipContent(): Promise<void> {
    while ((await this.content()) !== undefined);
  }

  /** After a delimiter: true when a part follows, false when this was the closing one. */
  async partFollows(): Promise<boolean> {
    for (;;) {
      while (this.#window.length < 2) await this.#more()
      const [first, second] = this.#window
      if (first === HYPHEN && second === HYPHEN) return false
      if (first === CR && second === LF) {
        this.#drop(CRLF.length)
        return true
      }
      if (first !== SPACE && first !== TAB) {
        throw new MultipartError('malformed', 'A boundary is followed by neither a line break (CRLF) nor "--".')
      }
      this.#drop(1)
    }
  }

  /** The header block of a part as text, without the empty line that ends it. */
  async header(maxBytes: number): Promise<string> {
    for (;;) {
      if (indexOf(this.#window, CRLF) === 0) throw new MultipartError('malformed', 'A part has no headers.')
      const at = indexOf(this.#window, HEADERS_END)
      if (at > maxBytes || (at < 0 && this.#window.length >= maxBytes + HEADERS_END.length)) {
        throw new MultipartError('header_too_large', `The header of a part is larger than ${maxBytes} bytes.`)
      }
      if (at >= 0) {
        const block = decodeHeader(this.#window.subarray(0, at))
        // RFC 2046: without content, the line break of the empty line also opens the delimiter. So it stays.
        this.#drop(at + CRLF.length)
        this.#atBodyStart = true
        return block
      }
      await this.#more()
    }
  }

  /** Reads past the epilogue, so that the sender can finish sending. */
  async drain(): Promise<void> {
    do this.#drop(this.#window.length)
    while (await this.#fill())
  }

  /** Lets go of the source: cancels it unless it has ended by itself. */
  release(): void {
    if (this.#settled) return
    this.#settled = true
    // The reason is already on its way to the caller; a source that also fails to close has nothing to add, and one
    // that never settles must not hold the caller up.
    this.#reader.cancel(new Error('The reader of this form stopped before its end.')).catch(() => undefined)
  }

  async #more(): Promise<void> {
    if (await this.#fill()) return
    throw new MultipartError('truncated', 'The form ends before its closing boundary.')
  }

  async #fill(): Promise<boolean> {
    if (this.#settled) return false
    const kept = this.#window.length
    const whole = new Uint8Array(this.#window.buffer)
    const buffer = kept < whole.length ? whole : new Uint8Array(whole.length * 2)
    buffer.set(this.#window)
    // Lent to the source for the time of the read. After the end, or a failure, nobody asks for it again.
    this.#window = NOTHING
    const read = await this.#reader.read(buffer.subarray(kept)).catch((error: unknown) => {
      this.#settled = true
      throw error
    })
    if (read.length > 0) this.#window = new Uint8Array(read.buffer, 0, kept + read.length)
    else this.#settled = true
    return !this.#settled
  }

  #drop(length: number): void {
    this.#window = this.#window.subarray(length)
  }

  #take(length: number): Uint8Array {
    const taken = this.#window.subarray(0, length)
    this.#drop(length)
    return taken
  }
}

/** One part's content as a stream that reads only when it is read. */
class Content {
  readonly stream: ReadableStream<Uint8Array>
  readonly #input: Input
  #ended = false
  #left = false
  #reading: Promise<Uint8Array | undefined> | undefined

  constructor(input: Input) {
    this.#input = input
    this.stream = new ReadableStream({
      type: 'bytes',
      autoAllocateChunkSize: CHUNK_BYTES,
      pull: async (controller) => {
        const request = controller.byobRequest!
        const view = request.view!
        const chunk = await this.#next(view.byteLength)
        // The reader of the form has moved on meanwhile: the stream is already in its error state.
        if (this.#left) return
        if (chunk) new Uint8Array(view.buffer, view.byteOffset).set(chunk)
        else controller.close()
        request.respond(chunk?.length ?? 0)
      },
      start: (controller) => {
        this.#fail = (error) => controller.error(error)
      },
      cancel: () => {
        this.#left = true
      },
    })
  }

  /** A stream that somebody still holds before its end fails from here on. */
  leave(): void {
    if (this.#ended || this.#left) return
    this.#left = true
    this.#fail(new Error('This part is no longer readable: the reader of the form has moved on.'))
  }

  /** Moves past what was not read. */
  async skipRest(): Promise<void> {
    this.leave()
    // A read that is still under way comes first. When it failed, the iteration fails with it.
    await this.#reading
    while (!this.#ended) await this.#next()
  }

  #fail: (error: Error) => void = () => undefined

  async #next(maxBytes?: number): Promise<Uint8Array | undefined> {
    this.#reading = this.#input.content(maxBytes)
    const chunk = await this.#reading.catch((error: unknown) => {
      this.#left = true
      throw error
    })
    if (chunk === undefined) this.#ended = true
    return chunk
  }
}

const indexOf = (bytes: Uint8Array, wanted: Buffer) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(wanted)

/** How many bytes at the end of `bytes` could be the beginning of `delimiter`. */
const partialMatchAtEnd = (bytes: Uint8Array, delimiter: Buffer) => {
  for (let length = Math.min(bytes.length, delimiter.length - 1); length > 0; length--) {
    const start = bytes.length - length
    let matched = 0
    while (matched < length && bytes[start + matched] === delimiter[matched]) matched++
    if (matched === length) return length
  }
  return 0
}

/** RFC 7578 section 5.1 wants UTF-8; senders that write names in their own 8-bit code page keep distinct names. */
const decodeHeader = (bytes: Uint8Array) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1')
  }
}

const describe = (block: string): Pick<MultipartPart, 'name' | 'filename' | 'contentType' | 'headers'> => {
  const headers = new Map<string, string>()
  for (const line of block.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':')
    // A stray CR, LF or NUL would hide a second header in the value of the first.
    if (colon < 1 || /[\r\n\0]/.test(line)) throw new MultipartError('malformed', 'A part has a broken header line.')
    const key = line.slice(0, colon).trim().toLowerCase()
    if (!headers.has(key)) headers.set(key, line.slice(colon + 1).trim())
  }
  const disposition = headers.get('content-disposition') ?? ''
  const parameters = parametersOf(disposition)
  const name = named(parameters, 'name')
  if (!/^form-data\s*(;|$)/i.test(disposition) || name === undefined) {
    throw new MultipartError('malformed', 'A part has no Content-Disposition: form-data header with a name.')
  }
  if (/^(base64|quoted-printable)$/i.test(headers.get('content-transfer-encoding') ?? '')) {
    // Deprecated by RFC 7578 section 4.7. Storing the encoded bytes as if they were the file would corrupt it.
    throw new MultipartError(
      'malformed',
      `Part "${name}" uses a Content-Transfer-Encoding; send its bytes as they are.`,
    )
  }
  return { name, filename: named(parameters, 'filename'), contentType: headers.get('content-type'), headers }
}

/** The `; key=value` parameters of a header, keys in lower case, the first of a repeated key. A quoted value that is
 *  never closed runs to the end: browsers do not escape a backslash before the closing quote. */
const parametersOf = (header: string): Map<string, string> => {
  const parameters = new Map<string, string>()
  const pattern = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:\\.|[^"\\])*)(?:"|$)|([^;]*))/gs
  for (const [, key = '', quoted, bare = ''] of header.matchAll(pattern)) {
    const value = quoted === undefined ? bare.trim() : unescapePairs(quoted)
    if (!parameters.has(key.toLowerCase())) parameters.set(key.toLowerCase(), value)
  }
  return parameters
}

/** Only `\"` and `\\` are pairs (curl, Apache HttpClient): in `C:\dir\photo.jpg` a backslash is a backslash. */
const unescapePairs = (quoted: string) => quoted.replace(/\\(["\\])/g, '$1')

/** Browsers, OkHttp and urllib3 escape exactly these three, and not the percent sign (HTML Standard). */
const unescapePercent = (value: string) =>
  value.replace(/%(22|0D|0A)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** `key*` (RFC 5987, as older python-requests sends it) when it can be decoded, else `key`. */
const named = (parameters: Map<string, string>, key: string) => {
  const plain = parameters.get(key)
  return extendedValue(parameters.get(`${key}*`)) ?? (plain === undefined ? undefined : unescapePercent(plain))
}

/** Decodes `charset'language'percent-encoded` (RFC 5987 section 3.2); undefined when it is not one. */
const extendedValue = (value: string | undefined) => {
  const [, charset = '', encoded = ''] =
    /^(utf-8|iso-8859-1)'[^']*'((?:[ -$&-~]|%[0-9a-f]{2})*)$/i.exec(value ?? '') ?? []
  if (charset === '') return undefined
  const bytes = Buffer.from(
    encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  return charset.toLowerCase() === 'utf-8' ? decodeHeader(bytes) : bytes.toString('latin1')
}

const readText = async (
  { name, contentType }: Pick<MultipartPart, 'name' | 'contentType'>,
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
) => {
  const read = await readAtMost(body, maxBytes)
  if (!read.ok) throw new MultipartError('field_too_large', `Part "${name}" is larger than ${maxBytes} bytes.`)
  const charset = parametersOf(contentType ?? '').get('charset') ?? 'utf-8'
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(read.bytes)
  } catch (cause) {
    throw new MultipartError('malformed', `Part "${name}" is not valid ${charset} text.`, { cause })
  }
}
