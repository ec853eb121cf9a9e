// Reading submissions back: one, or a page of a list. Field workers see their own; managers see their projects'.
import type { FormId, FormVersionId, ProjectId, SubmissionId } from '../../lib/ids.ts'
import { parseIsoTime } from '../../lib/iso-time.ts'
import { DAY_MS, dayStartMs } from '../../lib/zoned-day.ts'
import { findForm, findVersionByNum } from '../../storage/forms.ts'
import { getText } from '../../storage/large-texts.ts'
import { listMediaOf } from '../../storage/media.ts'
import { findProject } from '../../storage/projects.ts'
import {
  findSubmission,
  type ListedSubmission,
  listSubmissions,
  placeOf,
  type StoredSubmission,
  type SubmissionFilter,
  type SubmissionOrder,
  type SubmissionPlace,
} from '../../storage/submissions.ts'
import { atLeast, readsAllSubmissions } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { missingMediaOf } from './missing-media.ts'
import type { Issue } from './model.ts'

/** A stored submission with its answers as JSON text, wherever they are kept. */
export interface Submission extends Omit<ListedSubmission, 'data' | 'issues'> {
  data: string
  issues: Issue[]
}

/** A date or time as a filter bound, as the client wrote it. */
export interface DateBounds {
  from?: string
  to?: string
}

/** What a list or a bulk action picks. */
export interface PickInput extends DateBounds {
  formId?: FormId
  mode: 'live' | 'test'
  reviewState?: SubmissionFilter['reviewState']
  /** Only those with issues. */
  hasIssues?: boolean
  /** The trash instead of what is live. */
  deleted?: boolean
  /** User id or e-mail. */
  submitter?: string
  /** Id of a paired device, or what the client sent as its device id. */
  device?: string
  /** Version number; means nothing without a form. */
  version?: number
}

export interface ListInput extends PickInput {
  order: SubmissionOrder
  skip: number
  limit: number
  /** The last row of the page before. */
  after?: SubmissionPlace
}

export interface ListResult {
  items: Submission[]
  total: number
  /** For the next page; null at the end. */
  next: SubmissionPlace | null
}

/** A page in the order that is asked for. A form that isn't there has no submissions: the list is empty, not an error. */
export async function readSubmissions(ctx: Ctx, input: ListInput): Promise<ListResult> {
  const filter = await filterOf(ctx, input)
  if (!filter) return { items: [], total: 0, next: null }
  const { order, after, skip, limit } = input
  const { rows, total } = await listSubmissions(ctx.db, filter, { order, after, skip, limit: limit + 1 })
  const shown = rows.slice(0, limit)
  const items = await Promise.all(shown.map((row) => withAnswers(ctx, row)))
  const last = shown.at(-1)
  return { items, total, next: last && rows.length > limit ? placeOf(last, order) : null }
}

/** The filter with the actor's rights and the time bounds in it; null when there is no such form. Throws `body_invalid`
 *  (422) for bounds that are no dates and versions that the form does not have. */
export async function filterOf(ctx: Ctx, input: PickInput): Promise<SubmissionFilter | null> {
  const projectId = await projectOf(ctx, input)
  if (projectId === null) return null
  const { mode, formId, reviewState, hasIssues, deleted, submitter, device } = input
  return {
    submitter,
    device,
    formVersionId: await versionIdOf(ctx, input),
    mode,
    formId,
    reviewState,
    hasIssues,
    deleted,
    ...(await boundsOf(ctx, input, projectId)),
    ...visibleTo(ctx, projectId),
  }
}

async function versionIdOf(ctx: Ctx, { formId, version }: PickInput): Promise<FormVersionId | undefined> {
  if (version === undefined) return undefined
  if (!formId) throw errors.valueInvalid(['query', 'version'], 'Versions are of a form: name it in form_id.')
  const found = await findVersionByNum(ctx.db, formId, version)
  if (!found) throw errors.valueInvalid(['query', 'version'], `The form has no version ${version}.`)
  return found.id
}

/** The form's project, where rights or time zone depend on it; null when there is no such form. */
async function projectOf(ctx: Ctx, input: PickInput): Promise<ProjectId | undefined | null> {
  const { actor } = ctx
  const matters =
    input.from !== undefined || input.to !== undefined || actor.kind === 'key' || !atLeast(actor.role, 'manager')
  if (!input.formId || !matters) return undefined
  return (await findForm(ctx.db, input.formId))?.projectId ?? null
}

/** Throws `submission_not_found` (404), also for those that the actor may not read. */
export async function readSubmission(ctx: Ctx, id: SubmissionId) {
  const found = await findSubmission(ctx.db, id)
  if (!found || !maySee(ctx, found.submission, found.projectId)) throw errors.submissionNotFound()
  const [submission, media] = await Promise.all([withAnswers(ctx, found.submission), listMediaOf(ctx.db, [id])])
  const { formName, versionNum, schema } = found
  const missing = await missingMediaOf(ctx, submission, media)
  return { submission, formName, versionNum, schema, media, missing }
}

/** Whether the actor may read this submission: its own, or any where it is a manager. */
export function maySee(ctx: Ctx, submission: Pick<StoredSubmission, 'userId'>, projectId: ProjectId): boolean {
  if (ctx.actor.kind === 'key') return false
  return readsAllSubmissions(ctx, projectId) || submission.userId === ctx.actor.userId
}

function visibleTo(ctx: Ctx, projectId?: ProjectId): Pick<SubmissionFilter, 'ownOrInProjects'> {
  const { actor } = ctx
  if (actor.kind === 'key') throw errors.forbidden()
  if (projectId ? readsAllSubmissions(ctx, projectId) : atLeast(actor.role, 'manager')) return {}
  const managed = projectId ? [] : Object.entries(actor.projectRoles).filter(([, role]) => atLeast(role, 'manager'))
  return { ownOrInProjects: { userId: actor.userId, projectIds: managed.map(([id]) => id as ProjectId) } }
}

/** Date-only bounds count whole days in the project's time zone; both bounds are inclusive. Throws `body_invalid` (422). */
async function boundsOf(
  ctx: Ctx,
  { from, to }: DateBounds,
  projectId?: ProjectId,
): Promise<{ fromMs?: number; toMs?: number }> {
  if (from === undefined && to === undefined) return {}
  const project = projectId ? await findProject(ctx.db, projectId) : undefined
  const timeZone = project?.timeZone ?? 'UTC'
  const fromMs = from === undefined ? undefined : boundMs('from', from, timeZone, 'first')
  const toMs = to === undefined ? undefined : boundMs('to', to, timeZone, 'last')
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs)
    throw errors.valueInvalid(['query', 'from'], 'The range ends before it begins.')
  return { fromMs, toMs }
}

function boundMs(name: string, text: string, timeZone: string, end: 'first' | 'last'): number {
  const time = parseIsoTime(text)
  if (!time) throw errors.valueInvalid(['query', name], `Not a date or time (ISO 8601): ${text.slice(0, 40)}`)
  if (!time.dateOnly) return time.ms
  return end === 'first' ? dayStartMs(time.ms, timeZone) : dayStartMs(time.ms + DAY_MS, timeZone) - 1
}

/** The row with its answers. Not for erased ones: they have none. */
export async function withAnswers(ctx: Ctx, row: ListedSubmission): Promise<Submission> {
  const data = await readText(ctx, row.data, row.dataKey)
  return { ...row, data, issues: row.issues === null ? [] : (JSON.parse(row.issues) as Issue[]) }
}

/** Answers as JSON text, from the row or from the object that the row names. */
export async function readText(ctx: Ctx, data: string | null, dataKey: string | null): Promise<string> {
  const text = data ?? (dataKey === null ? null : await getText(ctx.deps.blobs, dataKey))
  if (text === null) throw new Error(`Answers are gone: no row text and no object ${dataKey}`)
  return text
}

interface StoredText {
  seq: number
  data: string | null
  dataKey: string | null
  erasedAtMs: number | null
}

/**
 * The same of a page's rows, of which few are large; '{}' of erased ones. Null: an object vanished between row and
 * reading, because its row was replaced or erased meanwhile. The page is to be read anew.
 */
export async function readTexts(ctx: Ctx, rows: StoredText[]): Promise<string[] | null> {
  const keys = rows.flatMap(({ data, dataKey }) => (data === null && dataKey !== null ? dataKey : []))
  const large = new Map<string, string>()
  await Promise.all(
    keys.map(async (key) => {
      const text = await getText(ctx.deps.blobs, key)
      if (text !== null) large.set(key, text)
    }),
  )
  if (large.size < keys.length) return null
  return rows.map(({ seq, data, dataKey, erasedAtMs }) => {
    const text = data ?? (dataKey === null ? (erasedAtMs === null ? null : '{}') : large.get(dataKey)!)
    if (text === null) throw new Error(`The submission at ${seq} has neither answers nor the key of any`)
    return text
  })
}
