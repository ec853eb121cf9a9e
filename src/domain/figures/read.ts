// What the submissions of a form come to: how many came when, from whom and from which device, and what was answered to
// each question that can be counted. As many as fit into about a second are looked at, the newest ones, and it says so.
import { readAnswer } from '../../forms/canonical.ts'
import type { FormId } from '../../lib/ids.ts'
import { zonedDays } from '../../lib/zoned-day.ts'
import { countActivity, SLOT_MS } from '../../storage/activity.ts'
import { findActorLabels } from '../../storage/actor-labels.ts'
import { findProject } from '../../storage/projects.ts'
import { countSubmissions } from '../../storage/submissions.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { eachRepeatRow } from '../exports/rows.ts'
import { requireForm } from '../forms/forms.ts'
import { type ProjectedPage, projectionOf, readProjected } from '../submissions/projection.ts'
import { filterOf, type PickInput } from '../submissions/read.ts'
import { isCounted, type QuestionFigures, QuestionTally } from './questions.ts'
import { DayTally, type DayUnit } from './tally.ts'

/** Submissions whose time, worker and device are counted. */
const MAX_COUNTED = 250_000
/** Submissions whose answers are counted, and the bytes of these. */
const MAX_ANSWERS = 50_000
const MAX_ANSWER_BYTES = 40_000_000
const PAGE_ROWS = 10_000
const PAGE_BYTES = 8_000_000
/** Workers and devices that are named. */
const TOP = 20

export interface FiguresInput extends PickInput {
  formId: FormId
  language?: string
}

export interface Share {
  id: string | null
  name: string | null
  count: number
}

export interface Figures {
  /** Submissions that match. */
  total: number
  /** Of these, the newest that `overTime`, `workers` and `devices` are of. */
  counted: number
  /** Of these, the newest that `questions` are of. */
  answersOf: number
  timeZone: string
  /** By the day of collection in the time zone of the project. */
  overTime: { unit: DayUnit; days: { day: string; count: number }[] }
  /** The most active ones. */
  workers: Share[]
  devices: Share[]
  /** In the order of the form. */
  questions: QuestionFigures[]
}

/** Throws `form_not_found` (404), and `body_invalid` (422) for dates and versions that are none. */
export async function readFigures(ctx: Ctx, { language, ...pick }: FiguresInput): Promise<Figures> {
  const form = await requireForm(ctx, 'submission.read', pick.formId)
  const filter = await filterOf(ctx, pick)
  if (!filter) throw errors.formNotFound()
  const project = await findProject(ctx.db, form.projectId)
  const timeZone = project?.timeZone ?? 'UTC'
  const dayOf = zonedDays(timeZone)
  const [total, activity, projection] = await Promise.all([
    countSubmissions(ctx.db, filter),
    countActivity(ctx.db, filter, { maxRows: MAX_COUNTED, top: TOP }),
    projectionOf(ctx, form, filter, isCounted),
  ])
  const overTime = new DayTally()
  for (const { kind, id, count } of activity) if (kind === 'slot') overTime.add(dayOf(Number(id) * SLOT_MS), count)

  const tallies = projection.fields.map((field) => new QuestionTally(field, { language, dayOf }))
  let [answersOf, bytes] = [0, 0]
  const pageBefore = (before?: number) =>
    readProjected(ctx, filter, projection, { before, maxRows: PAGE_ROWS, maxBytes: PAGE_BYTES })
  let next = tallies.length === 0 ? null : pageBefore()
  while (next !== null) {
    const page: ProjectedPage = await next
    answersOf += page.rows
    bytes += page.bytes
    const isEnough = answersOf >= MAX_ANSWERS || bytes >= MAX_ANSWER_BYTES
    // Read while this one is counted.
    next = page.next === null || isEnough ? null : pageBefore(page.next)
    next?.catch(() => undefined)
    for await (const { answers, readers } of page.submissions)
      for (const { index, place, repeats } of readers)
        eachRepeatRow(repeats, { answers }, (row) => tallies[index]!.add(readAnswer(row, place)))
  }

  const shares = (wanted: 'worker' | 'device'): Share[] =>
    activity.flatMap(({ kind, id, name, count }) =>
      kind === wanted ? [{ id: id === null ? null : String(id), name, count }] : [],
    )
  const devices = shares('device')
  const labels = await findActorLabels(
    ctx.deps.directory,
    ctx.tenant.id,
    devices.flatMap(({ id }) => id ?? []),
  )
  return {
    total,
    counted: Math.min(total, MAX_COUNTED),
    answersOf,
    timeZone,
    overTime: overTime.result(),
    workers: shares('worker'),
    devices: devices.map((share) => ({ ...share, name: (share.id && labels.get(share.id)) || null })),
    questions: tallies.flatMap((tally) => tally.result() ?? []),
  }
}
