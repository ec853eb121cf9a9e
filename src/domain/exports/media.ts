// The photos and other files of submissions, as they were uploaded, with a list of them. A file that the storage has
// lost is in the list and nowhere else. Source: contracts/native.md, section 12.4.
import { csvLines } from '../../lib/csv.ts'
import { EntryNames } from '../../lib/entry-names.ts'
import { fixedSizeParts } from '../../lib/stream.ts'
import { type ZipEntry, zipStream } from '../../lib/zip-writer.ts'
import type { ExportedMedia, ExportPlan, ExportSource, WriteExport } from './model.ts'

/** What has gone by, for whoever tells about it afterwards. */
export interface MediaTally {
  submissions: number
  files: number
  /** Where the files that the storage has lost would have been. */
  missing: string[]
}

export const newTally = (): MediaTally => ({ submissions: 0, files: 0, missing: [] })

export const writeMedia: WriteExport = (plan, source) => zipStream(mediaFiles(plan, source, newTally()))

export const mediaFileName = ({ slug }: ExportPlan): string => `${slug}_media.zip`

export const MEDIA_INDEX = 'media/index.csv'

const INDEX_COLUMNS = [
  'media_file_id',
  'submission_id',
  'field_id',
  'field_label',
  'filename_in_zip',
  'mime_type',
  'size_bytes',
]

/** Files are read in pieces of this size, not in the small ones in which the storage hands them out. */
const CHUNK_BYTES = 256 * 1024
/** Files that are being opened while one is read: each costs the storage a moment. */
const OPEN_AHEAD = 2

/** The archive's entries, the list last: only then is it known what was missing. */
export async function* mediaFiles(
  plan: ExportPlan,
  source: ExportSource,
  tally: MediaTally,
): AsyncGenerator<ZipEntry, void, undefined> {
  const options = { times: [], guard: plan.options.guard }
  const names = new EntryNames()
  const index = [csvLines([INDEX_COLUMNS], options)]
  for await (const { file, body } of openedFiles(plan, source, tally)) {
    const name = names.take(`media/${file.submissionId}/${file.fieldId}/${file.filename}`)
    const label = plan.labels.get(file.fieldId) ?? file.fieldId
    const nameInZip = body === null ? null : name
    const { id, submissionId, fieldId, contentType, sizeBytes } = file
    index.push(csvLines([[id, submissionId, fieldId, label, nameInZip, contentType, sizeBytes]], options))
    tally.files++
    if (body === null) {
      tally.missing.push(name)
      continue
    }
    try {
      yield { name, modifiedAtMs: file.createdAtMs, stored: true, content: fixedSizeParts(body, CHUNK_BYTES) }
    } finally {
      // For readers that leave before they have begun with the content; otherwise it is read, or cancelled, by then.
      body.cancel().catch(() => undefined)
    }
  }
  yield { name: MEDIA_INDEX, modifiedAtMs: plan.atMs, content: encoded(index) }
}

interface OpenedFile {
  file: ExportedMedia
  /** Null when the storage has no such file. */
  body: ReadableStream<Uint8Array> | null
}

async function* openedFiles(
  plan: ExportPlan,
  source: ExportSource,
  tally: MediaTally,
): AsyncGenerator<OpenedFile, void, undefined> {
  const opening: Promise<OpenedFile>[] = []
  try {
    for await (const file of wantedFiles(plan, source, tally)) {
      const opened = source.openMedia(file).then((body) => ({ file, body }))
      // It is thrown when its turn comes.
      opened.catch(() => undefined)
      opening.push(opened)
      if (opening.length > OPEN_AHEAD) yield await opening.shift()!
    }
    while (opening.length > 0) yield await opening.shift()!
  } finally {
    for (const opened of opening) opened.then(({ body }) => body?.cancel()).catch(() => undefined)
  }
}

async function* wantedFiles(
  { picked }: ExportPlan,
  source: ExportSource,
  tally: MediaTally,
): AsyncGenerator<ExportedMedia, void, undefined> {
  for await (const page of source.pages({ media: true })) {
    tally.submissions += page.length
    for (const { media } of page) for (const file of media) if (picked === null || picked.has(file.fieldId)) yield file
  }
}

const encoder = new TextEncoder()

export async function* encoded(texts: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) yield encoder.encode(text)
}
