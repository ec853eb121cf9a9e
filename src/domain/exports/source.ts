// Where exports read from: pages of submissions in the order of their arrival, each that was there when the export began
// exactly once; one that is edited meanwhile in its newer state. The next page is read while the present one is written.
import { type Answers, isObject } from '../../forms/canonical.ts'
import { openBlob } from '../../storage/blobs.ts'
import { type ExportRow, type ExportWindow, listExportMedia, readExportRows } from '../../storage/exports.ts'
import { getText } from '../../storage/large-texts.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import type { Deps } from '../context.ts'
import type { ExportedMedia, ExportedSubmission, ExportPage, ExportPlan, ExportSource, VersionReader } from './model.ts'

export const PAGE_ROWS = 1000
/** Answers in a page, but for the last one, which may go over it. */
export const PAGE_BYTES = 1_500_000
/** D1 ends an invocation at 1,000: better to say what happened. Plans stay far below (limits.ts). */
const MAX_QUERIES = 980
/** Large answers that are fetched at once. */
const LARGE_AT_ONCE = 6

export interface SourceOptions {
  window: ExportWindow
  /** Rows that have been read, whenever a page is complete: for the log and for the progress of a job. */
  onRows?: (rows: number) => void
}

/** `db` should be a session of its own: it may be served by a replica. */
export function openSource(
  deps: Pick<Deps, 'blobs'>,
  db: TenantDb,
  plan: ExportPlan,
  { window, onRows }: SourceOptions,
): ExportSource {
  let queries = 0
  const spend = (count: number): void => {
    queries += count
    if (queries > MAX_QUERIES)
      throw new Error(`The export of form ${plan.form.id} needs more than ${MAX_QUERIES} queries`)
  }

  const readPage = async (after: number, media: boolean): Promise<{ submissions: ExportPage; isLast: boolean }> => {
    for (let attempt = 1; ; attempt++) {
      spend(1)
      const rows = await readExportRows(
        db,
        plan.filter,
        { ...window, after },
        { maxRows: PAGE_ROWS, maxBytes: PAGE_BYTES },
      )
      const answers = await readLargeAnswers(deps.blobs, rows)
      // Answers that vanish between row and object were replaced or erased meanwhile: the page is read anew.
      const lost = rows.find(({ data, dataKey }) => data === null && !answers.has(dataKey ?? ''))
      if (lost && attempt > 1) throw new Error(`The answers of submission ${lost.id} are gone: their object is missing`)
      if (lost) continue
      if (media && rows.length > 0) spend(1)
      const files =
        media && rows.length > 0
          ? await listExportMedia(
              db,
              rows.map(({ id }) => id),
            )
          : []
      const filesOf = Map.groupBy(files, ({ submissionId }) => submissionId)
      const submissions = rows.map((row) => {
        const data = row.data ?? answers.get(row.dataKey!)!
        return new RowSubmission(row, data, plan.readers.of(row.formVersionId), filesOf.get(row.id) ?? NO_FILES)
      })
      const bytes = rows.reduce((sum, { dataBytes }) => sum + dataBytes, 0)
      return { submissions, isLast: rows.length < PAGE_ROWS && bytes < PAGE_BYTES }
    }
  }

  async function* pages({ media }: { media: boolean }): AsyncGenerator<ExportPage, void, undefined> {
    let next: ReturnType<typeof readPage> | null = readPage(window.after, media)
    while (next !== null) {
      const page: Awaited<ReturnType<typeof readPage>> = await next
      const last = page.submissions.at(-1)
      if (last === undefined) return
      next = page.isLast ? null : readPage(last.createdSeq, media)
      // Whoever stops in between leaves it to itself.
      next?.catch(() => undefined)
      yield page.submissions
      onRows?.(page.submissions.length)
    }
  }

  return { pages, openMedia: ({ objectKey }) => openBlob(deps.blobs, objectKey) }
}

const NO_FILES: readonly ExportedMedia[] = []

async function readLargeAnswers(blobs: R2Bucket, rows: ExportRow[]): Promise<Map<string, string>> {
  const keys = rows.flatMap(({ data, dataKey }) => (data === null && dataKey !== null ? [dataKey] : []))
  const texts = new Map<string, string>()
  for (let from = 0; from < keys.length; from += LARGE_AT_ONCE) {
    const some = keys.slice(from, from + LARGE_AT_ONCE)
    const found = await Promise.all(some.map((key) => getText(blobs, key)))
    for (const [i, text] of found.entries()) if (text !== null) texts.set(some[i]!, text)
  }
  return texts
}

class RowSubmission implements ExportedSubmission {
  readonly #row: ExportRow
  readonly data: string
  readonly reader: VersionReader
  readonly media: readonly ExportedMedia[]
  #answers: Answers | undefined

  constructor(row: ExportRow, data: string, reader: VersionReader, media: readonly ExportedMedia[]) {
    this.#row = row
    this.data = data
    this.reader = reader
    this.media = media
  }

  get answers(): Answers {
    if (this.#answers === undefined) {
      const parsed: unknown = this.#row.dataKind === 'json' ? JSON.parse(this.data) : null
      this.#answers = isObject(parsed) ? parsed : {}
    }
    return this.#answers
  }

  get id() {
    return this.#row.id
  }
  get createdSeq() {
    return this.#row.createdSeq
  }
  get localUuid() {
    return this.#row.localUuid
  }
  get formVersionId() {
    return this.#row.formVersionId
  }
  get versionLabel() {
    return this.#row.versionLabel
  }
  get dataKind() {
    return this.#row.dataKind
  }
  get submittedBy() {
    return this.#row.submittedByLabel
  }
  get collectedAtMs() {
    return this.#row.collectedAtMs
  }
  get submittedAtMs() {
    return this.#row.submittedAtMs
  }
  get updatedAtMs() {
    return this.#row.updatedAtMs
  }
  get userId() {
    return this.#row.userId
  }
  get deviceId() {
    return this.#row.reportedDeviceId ?? this.#row.deviceId
  }
  get mode() {
    return this.#row.mode
  }
  get protocol() {
    return this.#row.protocol
  }
  get revision() {
    return this.#row.revision
  }
  get reviewState() {
    return this.#row.reviewState
  }
}
