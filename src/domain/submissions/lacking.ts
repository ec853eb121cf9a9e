// Submissions that lack photos or files which their answers name: looked for page by page, because no index knows them.
import type { MediaAnswer } from '../../forms/media-answers.ts'
import { listMediaOf } from '../../storage/media.ts'
import { type StoredSubmission, scanSubmissions } from '../../storage/submissions.ts'
import type { Ctx } from '../context.ts'
import { loadVersion } from '../forms/versions.ts'
import { mediaAnswersOf, without } from './missing-media.ts'
import { filterOf, type PickInput, type Submission, withAnswers } from './read.ts'

const SCAN_ROWS = 200
/** A page ends after so many submissions, even if few or none of them lack anything. */
const MAX_SCANNED = 2_000

export interface Lacking {
  submission: Submission
  missing: MediaAnswer[]
}

export interface LackingPage {
  items: Lacking[]
  /** `created_seq` where the next page begins; null at the end. */
  next: number | null
}

export interface LackingInput extends PickInput {
  limit: number
  /** `created_seq` of the last row of the page before. */
  before?: number
}

/** Submissions that lack files, newest first. A page may be shorter than `limit`, even empty, and still have a next. */
export async function readLacking(ctx: Ctx, input: LackingInput): Promise<LackingPage> {
  const filter = await filterOf(ctx, input)
  const items: Lacking[] = []
  if (!filter) return { items, next: null }
  let before = input.before
  for (let scanned = 0; scanned < MAX_SCANNED; ) {
    const rows = await scanSubmissions(ctx.db, filter, { beforeCreatedSeq: before, limit: SCAN_ROWS })
    for (const lacking of await lackingAmong(ctx, rows)) {
      items.push(lacking)
      if (items.length === input.limit) return { items, next: lacking.submission.createdSeq }
    }
    scanned += rows.length
    if (rows.length < SCAN_ROWS) return { items, next: null }
    before = rows.at(-1)!.createdSeq
  }
  return { items, next: before ?? null }
}

async function lackingAmong(ctx: Ctx, rows: StoredSubmission[]): Promise<Lacking[]> {
  const naming: { submission: Submission; answers: MediaAnswer[] }[] = []
  for (const row of rows) {
    // Most forms have no media at all: their answers need not be looked at.
    if (!(await hasMediaFields(ctx, row))) continue
    const submission = await withAnswers(ctx, row)
    const answers = await mediaAnswersOf(ctx, submission)
    if (answers.length > 0) naming.push({ submission, answers })
  }
  const files = await listMediaOf(
    ctx.db,
    naming.map(({ submission }) => submission.id),
  )
  const bySubmission = Map.groupBy(files, ({ submissionId }) => submissionId)
  return naming.flatMap(({ submission, answers }) => {
    const missing = without(answers, bySubmission.get(submission.id) ?? [])
    return missing.length > 0 ? [{ submission, missing }] : []
  })
}

async function hasMediaFields(ctx: Ctx, { formVersionId, dataKind }: StoredSubmission): Promise<boolean> {
  if (formVersionId === null || dataKind !== 'json') return false
  return ((await loadVersion(ctx, formVersionId))?.form.mediaFields.length ?? 0) > 0
}
