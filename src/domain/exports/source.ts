// Where exports read from: pages of submissions in the order of their arrival, each that was there when the export began
// exactly once; one that is edited meanwhile in its newer state. Formats get a page in slices, and the next page is read
// while the second half of the present one is written: less than two pages are in memory.
import { type Answers, isObject } from '../../forms/canonical.ts'
import { openBlob } from '../../storage/blobs.ts'
import { type ExportRange, type ExportRow, listExportMedia, readExportRows } from '../../storage/exports.ts'
import { getText } from '../../storage/large-texts.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import type { Deps } from '../context.ts'
import type { ExportedMedia, ExportedSubmission, ExportPage, ExportPlan, ExportSource, VersionReader } from './model.ts'

export const PAGE_ROWS = 1000
/** Answers in a page, but for the last one, which may go over it. */
export const PAGE_BYTES = 1_500_000
/** Submissions that are written at once. Few, so that the garbage of writing them is young when it is collected. */
const SLICE_ROWS = 100
/** D1 ends an invocation at 1,000: better to say what happened. Plans stay far below (limits.ts). */
const MAX_QUERIES = 980
/** Large answers that are fetched at once. */
const LARGE_AT_ONCE = 6

/** A part of an export, by the positions of its submissions. */
export interface ExportWindow {
  /** Exclusive. */
  after: number
  /** Inclusive. */
  until: number
}

export interface SourceOptions {
  window: ExportWindow
  /** Called after each page with its number of rows, and with 0 before each file: a job says that it is alive. */
  onWork?: (rows: number) => Promise<void>
}

/** What has to be read for a window, in this order. */
export function rangesOf({ since, untilSeq }: ExportPlan, { after, until }: ExportWindow): ExportRange[] {
  if (since === null) return [{ by: 'created_seq', after, until }]
  const ranges: ExportRange[] = []
  if (after < since) ranges.push({ by: 'late_media', after, until: Math.min(until, since), since, upTo: untilSeq })
  if (until > since) ranges.push({ by: 'seq', after: Math.max(after, since), until })
  return ranges
}

/** `db` should be a session of its own: it may be served by a replica. */
export function openSource(
  deps: Pick<Deps, 'blobs'>,
  db: TenantDb,
  plan: ExportPlan,
  { window, onWork }: SourceOptions,
): ExportSource {
  let queries = 0
  const spend = (count: number): void => {
    queries += count
    if (queries > MAX_QUERIES)
      throw new Error(`The export of form ${plan.form.id} needs more than ${MAX_QUERIES} queries`)
  }

  const readPage = async (range: ExportRange, media: boolean): Promise<Page> => {
    for (let attempt = 1; ; attempt++) {
      spend(1)
      const rows = await readExportRows(db, plan.filter, range, { maxRows: PAGE_ROWS, maxBytes: PAGE_BYTES })
      const answers = await readLargeAnswers(deps.blobs, rows)
      // Answers that vanish between row and object were replaced or erased meanwhile: the page is read anew.
      const lost = rows.find((row) => isLarge(row) && !answers.has(row.dataKey!))
      if (lost && attempt > 1) throw new Error(`The answers of submission ${lost.id} are gone: their object is missing`)
      if (lost) continue
      const last = rows.at(-1)
      if (last === undefined) return { submissions: [], rest: null }
      if (media) spend(1)
      const files = media
        ? await listExportMedia(
            db,
            rows.map(({ id }) => id),
          )
        : []
      const filesOf = Map.groupBy(files, ({ submissionId }) => submissionId)
      const submissions = rows.map((row) => {
        const reader = plan.readers.of(row.formVersionId)
        if (row.deletedAtMs !== null) return new RowSubmission(row, '', reader, NO_FILES)
        return new RowSubmission(row, row.data ?? answers.get(row.dataKey!)!, reader, filesOf.get(row.id) ?? NO_FILES)
      })
      const bytes = rows.reduce((sum, { dataBytes }) => sum + dataBytes, 0)
      const isLast = rows.length < PAGE_ROWS && bytes < PAGE_BYTES
      return { submissions, rest: isLast ? null : { ...range, after: last.position } }
    }
  }

  async function* pages({ media }: { media: boolean }): AsyncGenerator<ExportPage, void, undefined> {
    for (const range of rangesOf(plan, window)) {
      let next: Promise<Page> | null = readPage(range, media)
      while (next !== null) {
        const { submissions, rest }: Page = await next
        const rows = submissions.length
        next = null
        while (submissions.length > 0) {
          if (next === null && rest !== null && submissions.length <= PAGE_ROWS / 2) {
            next = readPage(rest, media)
            // Whoever stops in between leaves it to itself.
            next.catch(() => undefined)
          }
          yield submissions.splice(0, SLICE_ROWS)
        }
        await onWork?.(rows)
        await turnOfOthers()
      }
    }
  }

  const openMedia: ExportSource['openMedia'] = async ({ objectKey }) => {
    await onWork?.(0)
    return openBlob(deps.blobs, objectKey)
  }
  return { pages, openMedia }
}

/** Whatever else is to be done in this process. Where the stores are in it too, as in the local server, nothing of an
 *  export waits for the outside, and without this nobody else would be answered until it has ended. */
const turnOfOthers = () => new Promise((resolve) => setTimeout(resolve, 0))

interface Page {
  submissions: ExportedSubmission[]
  /** What is left of the range; null at its end. */
  rest: ExportRange | null
}

const isLarge = ({ deletedAtMs, data, dataKey }: ExportRow): boolean =>
  deletedAtMs === null && data === null && dataKey !== null

const NO_FILES: readonly ExportedMedia[] = []

async function readLargeAnswers(blobs: R2Bucket, rows: ExportRow[]): Promise<Map<string, string>> {
  const keys = rows.flatMap((row) => (isLarge(row) ? [row.dataKey!] : []))
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
      const isReadable = this.#row.dataKind === 'json' && this.#row.deletedAtMs === null
      const parsed: unknown = isReadable ? JSON.parse(this.data) : null
      this.#answers = isObject(parsed) ? parsed : {}
    }
    return this.#answers
  }

  get id() {
    return this.#row.id
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
  get deletedAtMs() {
    return this.#row.deletedAtMs
  }
  get isErased() {
    return this.#row.erasedAtMs !== null
  }
}
