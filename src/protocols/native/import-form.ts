// Reads the multipart form that carries a workbook, its parts in any order. The file is small enough to be held whole:
// a workbook can be read only when its end is there.
import type { Ctx } from '../../domain/context.ts'
import { AppError, errors, type ShapeFault } from '../../domain/errors.ts'
import {
  checkImportTarget,
  type Imported,
  type ImportTarget,
  importForm,
  MAX_WORKBOOK_BYTES,
} from '../../domain/forms/import.ts'
import { type FormId, type ProjectId, parseId } from '../../lib/ids.ts'
import { type MultipartPart, readMultipart } from '../../lib/multipart.ts'
import { readAtMost } from '../../lib/stream.ts'

const LIMITS = { maxParts: 20, maxHeaderBytes: 16 * 1024, maxFieldBytes: 4 * 1024 }
/** What boundaries, headers and ids add to a file. */
const FORM_BYTES = 64 * 1024
/** A refused body is still read up to this many times the cap: a client that is cut off while it sends sees a broken
 *  connection instead of the reason. */
const PATIENCE = 4

const MULTIPART = /^multipart\/form-data\s*(;|$)/i

interface Parts {
  texts: Map<string, string>
  file: { name: string; bytes: Uint8Array } | null
}

/** Throws 400, 403, 404, 409, 413, 415, 422; then nothing is stored. */
export async function readImport(ctx: Ctx, request: Request): Promise<Imported> {
  const contentType = request.headers.get('content-type') ?? ''
  const { body } = request
  if (!MULTIPART.test(contentType) || !body) throw errors.mediaTypeUnsupported('multipart/form-data')
  const declaredBytes = Number(request.headers.get('content-length') ?? Number.NaN)
  const patient = declaredBytes <= MAX_WORKBOOK_BYTES * PATIENCE
  if (declaredBytes > MAX_WORKBOOK_BYTES + FORM_BYTES) {
    if (patient) await body.pipeTo(new WritableStream()).catch(brokenOff)
    throw errors.bodyTooLarge(MAX_WORKBOOK_BYTES)
  }
  const parts: Parts = { texts: new Map(), file: null }
  let refusal: unknown
  try {
    for await (const part of readMultipart(body, contentType, LIMITS)) {
      if (refusal) continue
      try {
        await take(part, parts)
      } catch (error) {
        if (!patient) throw error
        refusal = error
      }
    }
  } catch (error) {
    // A form that breaks off after it was refused adds nothing to the reason.
    throw asBrokenOff(refusal ?? error)
  }
  if (refusal) throw asBrokenOff(refusal)
  const target = targetOf(parts)
  await checkImportTarget(ctx, target)
  if (parts.file === null) throw errors.bodyInvalid([missing('file')])
  return importForm(ctx, target, parts.file)
}

async function take(part: MultipartPart, parts: Parts): Promise<void> {
  const { name } = part
  if (name === 'project_id' || name === 'form_id') {
    const text = await part.text()
    if (text !== '' && !parts.texts.has(name)) parts.texts.set(name, text)
  } else if (name === 'file') {
    const read = await readAtMost(part.body, MAX_WORKBOOK_BYTES)
    if (!read.ok) throw errors.bodyTooLarge(MAX_WORKBOOK_BYTES)
    // Browsers send a nameless part without content when nobody has chosen a file.
    const isChosen = part.filename !== '' || read.bytes.length > 0
    if (isChosen && parts.file !== null) {
      throw errors.bodyInvalid([{ type: 'too_many_files', loc: ['body', 'file'], msg: 'Send one file in a request.' }])
    }
    if (isChosen) parts.file = { name: part.filename ?? '', bytes: read.bytes }
  }
}

/** Ids that are no ids are said together. */
function targetOf({ texts, file }: Parts): ImportTarget {
  const faults: ShapeFault[] = []
  const idOf = <Id extends string>(name: string): Id | null => {
    const text = texts.get(name)
    const id = text === undefined ? null : parseId<Id>(text)
    if (text !== undefined && id === null) faults.push({ type: 'value_error', loc: ['body', name], msg: 'Not a UUID' })
    return id
  }
  const [projectId, formId] = [idOf<ProjectId>('project_id'), idOf<FormId>('form_id')]
  if (!texts.has('project_id') && !texts.has('form_id')) faults.push(missing('project_id'))
  if (file === null && faults.length > 0) faults.push(missing('file'))
  if (faults.length > 0) throw errors.bodyInvalid(faults)
  return formId === null ? { formId, projectId: projectId! } : { formId, projectId }
}

const missing = (name: string): ShapeFault => ({ type: 'missing', loc: ['body', name], msg: 'Field required' })

const asBrokenOff = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : errors.bodyMalformed(`The form cannot be read: ${error instanceof Error ? error.message : String(error)}`)

function brokenOff(error: unknown): never {
  throw asBrokenOff(error)
}
