// Reads the multipart form of a media upload as it arrives, its parts in any order. The file may come before anybody
// knows what it belongs to; what was received is taken back whenever the form turns out not to be good.
import type { Ctx } from '../../domain/context.ts'
import { AppError, errors, type ShapeFault } from '../../domain/errors.ts'
import {
  type AttachedFile,
  attachFile,
  checkUploadTarget,
  discardFile,
  type Place,
  type ReceivedFile,
  receiveFile,
} from '../../domain/media/upload.ts'
import { parseId, type SubmissionId, submissionIdOf } from '../../lib/ids.ts'
import { type MultipartPart, readMultipart } from '../../lib/multipart.ts'
import { drain } from '../../lib/stream.ts'

const LIMITS = { maxParts: 20, maxHeaderBytes: 16 * 1024, maxFieldBytes: 4 * 1024 }
/** What boundaries, headers and ids add to a file. */
const FORM_BYTES = 64 * 1024
/** A refused body is still read up to this many times the cap: a client that is cut off while it sends sees a broken
 *  connection instead of the reason, and sends again. */
const PATIENCE = 4

const MULTIPART = /^multipart\/form-data\s*(;|$)/i
const URLENCODED = /^application\/x-www-form-urlencoded\s*(;|$)/i

/** The documented names first, then those of older clients (contracts/native.md, section 20, no. 15). */
const SUBMISSION_NAMES = ['submission_local_uuid', 'submission_id'] as const
const FIELD_NAMES = ['field_id', 'field_name'] as const
const TEXT_NAMES: ReadonlySet<string> = new Set([...SUBMISSION_NAMES, ...FIELD_NAMES])

/** Throws 400, 404, 413, 415, 422; then nothing of the upload is left. */
export async function readUpload(ctx: Ctx, request: Request): Promise<AttachedFile> {
  const contentType = request.headers.get('content-type') ?? ''
  if (URLENCODED.test(contentType)) throw errors.bodyInvalid([missing('file')])
  const { body } = request
  if (!MULTIPART.test(contentType) || !body) throw errors.mediaTypeUnsupported('multipart/form-data')

  const maxBytes = ctx.deps.config.maxUploadBytes
  const declaredBytes = Number(request.headers.get('content-length') ?? Number.NaN)
  const patient = declaredBytes <= maxBytes * PATIENCE
  if (declaredBytes > maxBytes + FORM_BYTES) {
    if (patient) await drain(body).catch(brokenOff)
    throw errors.bodyTooLarge(maxBytes)
  }

  const form = new UploadForm(ctx)
  let refusal: unknown
  try {
    for await (const part of partsOf(body, contentType)) {
      if (refusal) continue
      try {
        await form.take(part)
      } catch (error) {
        if (!patient) throw error
        refusal = error
      }
    }
    if (refusal) throw refusal
    await form.check()
  } catch (error) {
    await form.discard()
    // A form that breaks off after it was refused adds nothing to the reason.
    throw refusal ?? error
  }
  return form.attach()
}

async function* partsOf(body: ReadableStream<Uint8Array>, contentType: string): AsyncGenerator<MultipartPart> {
  try {
    yield* readMultipart(body, contentType, LIMITS)
  } catch (error) {
    brokenOff(error)
  }
}

function brokenOff(error: unknown): never {
  throw error instanceof AppError
    ? error
    : errors.bodyMalformed(`The form cannot be read: ${error instanceof Error ? error.message : String(error)}`)
}

/** What has arrived of one form. */
class UploadForm {
  readonly #ctx: Ctx
  readonly #texts = new Map<string, string>()
  #file: ReceivedFile | null = null
  #checked: SubmissionId | null = null

  constructor(ctx: Ctx) {
    this.#ctx = ctx
  }

  async take(part: MultipartPart): Promise<void> {
    if (part.name === 'file') return this.#takeFile(part)
    if (!TEXT_NAMES.has(part.name)) return
    const text = await part.text().catch(brokenOff)
    if (text.includes('\0')) throw errors.valueInvalid(['body', part.name], 'The value holds a NUL character.')
    if (text !== '' && !this.#texts.has(part.name)) this.#texts.set(part.name, text)
  }

  /** The form has ended: is everything there, and does its submission take the file? */
  async check(): Promise<void> {
    const faults: ShapeFault[] = []
    if (!this.#file) faults.push(missing('file'))
    if (!this.#submission()) faults.push(missing(SUBMISSION_NAMES[0]))
    if (!this.#field()) faults.push(missing(FIELD_NAMES[0]))
    if (faults.length > 0) throw errors.bodyInvalid(faults)
    await this.#checkSubmission()
  }

  attach(): Promise<AttachedFile> {
    return attachFile(this.#ctx, this.#file!, { submissionId: this.#checked!, ...placeOf(this.#field()!) })
  }

  async discard(): Promise<void> {
    if (this.#file) await discardFile(this.#ctx, this.#file)
  }

  async #takeFile({ filename, contentType, body }: MultipartPart): Promise<void> {
    if (this.#file) {
      const msg = 'Send one file in a request.'
      throw errors.bodyInvalid([{ type: 'too_many_files', loc: ['body', 'file'], msg }])
    }
    // Known in time, a submission that does not take files saves the sender and the storage the bytes.
    await this.#checkSubmission()
    const received = await receiveFile(this.#ctx, { filename: filename ?? '', contentType, body })
    // Browsers send a nameless part without content when nobody has chosen a file.
    if (filename === '' && received.sizeBytes === 0) await discardFile(this.#ctx, received)
    else this.#file = received
  }

  async #checkSubmission(): Promise<void> {
    const id = this.#submission()
    if (!id || id === this.#checked) return
    await checkUploadTarget(this.#ctx, id)
    this.#checked = id
  }

  #submission(): SubmissionId | null {
    const localUuid = this.#texts.get('submission_local_uuid')
    if (localUuid !== undefined) return submissionIdOf(this.#ctx.tenant.id, localUuid)
    const text = this.#texts.get('submission_id')
    if (text === undefined) return null
    const id = parseId<SubmissionId>(text)
    if (!id) throw errors.valueInvalid(['body', 'submission_id'], 'Not a UUID')
    return id
  }

  #field(): string | undefined {
    return this.#texts.get('field_id') ?? this.#texts.get('field_name')
  }
}

const missing = (name: string): ShapeFault => ({ type: 'missing', loc: ['body', name], msg: 'Field required' })

/** `hh[1].kids[0].photo` is the field `photo` in the row `hh[1].kids[0]`. Without a row everything is the field's id. */
function placeOf(field: string): Omit<Place, 'submissionId'> {
  const match = /^(.+\[\d+\])\.(.+)$/s.exec(field)
  return match ? { repeatPath: match[1]!, fieldId: match[2]! } : { repeatPath: '', fieldId: field }
}
