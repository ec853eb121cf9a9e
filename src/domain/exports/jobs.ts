// Exports that are too large for one answer: made in the background as numbered volumes, kept for a week. Whoever creates
// a job gets what they could have downloaded at that moment; whoever reads it later must still be allowed to. Making the
// volumes is run-volume.ts.
import type { ProjectId } from '../../lib/ids.ts'
import {
  type ExportJobRow,
  type ExportVolume,
  findExportJob,
  insertExportJob,
  type JobPlace,
  listExportJobs,
  moveExportJob,
  volumesOf,
} from '../../storage/export-jobs.ts'
import { measureExport } from '../../storage/exports.ts'
import { countSubmissions } from '../../storage/submissions.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import { authorOf } from '../access/author.ts'
import { atLeast, authorize, readsAllSubmissions } from '../access/authorize.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx, Deps, EpochMs, Job } from '../context.ts'
import { errors, type Json } from '../errors.ts'
import { FORMATS } from './formats.ts'
import { wireFilters } from './inline.ts'
import type { ExportFormat, ExportPlan } from './model.ts'
import { type ExportInput, type ExportSpec, planOf, specOf } from './plan.ts'
import { rangesOf } from './source.ts'

const KEPT_MS = 7 * 24 * 3_600_000

/** Throws `form_not_found` (404), `forbidden`, `body_invalid` (422). */
export async function createExportJob(ctx: Ctx, input: ExportInput): Promise<ExportJobRow> {
  const spec = await specOf(ctx, input)
  const plan = await planOf(ctx.db, spec)
  const totalRows = await countRows(ctx.db, plan)
  const id = ctx.deps.newId<string>()
  const filters = wireFilters(input.filters)
  const { format, formId, labels, language = null, options } = input
  await insertExportJob(
    ctx.db,
    {
      id,
      formId,
      format,
      filters: JSON.stringify(filters),
      spec: JSON.stringify(spec),
      isOwn: spec.filter.ownOrInProjects !== undefined,
      state: 'queued',
      totalRows,
      untilSeq: spec.untilSeq,
      ...authorOf(ctx),
      createdAtMs: ctx.nowMs,
      updatedAtMs: ctx.nowMs,
      expiresAtMs: ctx.nowMs + KEPT_MS,
    },
    auditEntry(ctx, {
      action: 'submissions.exported',
      subjectKind: 'form',
      subjectId: formId,
      details: { format, rows: totalRows, filters, labels, language, ...options, since: spec.since, job: id },
    }),
  )
  await sendVolume(ctx.deps, volumeJob(ctx, id, 1))
  return (await findExportJob(ctx.db, id))!.job
}

const volumeJob = ({ tenant }: Ctx, jobId: string, volume: number): VolumeJob => ({
  kind: 'export-volume',
  tenantId: tenant.id,
  shard: tenant.shard,
  jobId,
  volume,
})

export type VolumeJob = Extract<Job, { kind: 'export-volume' }>

/** Does not fail: without its message, the sweep finds that the job stands still. */
export async function sendVolume(deps: Deps, job: VolumeJob): Promise<void> {
  try {
    await deps.sendJob(job)
  } catch (error) {
    deps.log({ level: 'error', event: 'job_not_sent', job: job.kind, export: job.jobId, error: String(error) })
  }
}

async function countRows(db: TenantDb, plan: ExportPlan): Promise<number> {
  if (plan.since === null) return countSubmissions(db, plan.filter)
  let rows = 0
  for (const range of rangesOf(plan, { after: 0, until: plan.untilSeq }))
    rows += (await measureExport(db, plan.filter, range, Number.MAX_SAFE_INTEGER)).rows
  return rows
}

/** Throws `export_not_found` (404), also for those whose submissions the actor may not read any more. */
export async function readExportJob(ctx: Ctx, id: string): Promise<ExportJobRow> {
  authorize(ctx, 'submission.export')
  const found = await findExportJob(ctx.db, id)
  if (!found || !mayRead(ctx, found.job, found.projectId)) throw errors.exportNotFound()
  return found.job
}

const mayRead = (ctx: Ctx, { isOwn, userId }: ExportJobRow, projectId: ProjectId): boolean =>
  readsAllSubmissions(ctx, projectId) || (ctx.actor.kind === 'user' && isOwn && userId === ctx.actor.userId)

/** Those that `readExportJob` shows, newest first. */
export async function readExportJobs(ctx: Ctx, page: { before: JobPlace | null; limit: number }) {
  authorize(ctx, 'submission.export')
  const { actor } = ctx
  if (actor.kind === 'key') throw errors.forbidden()
  const managed = Object.entries(actor.projectRoles).filter(([, role]) => atLeast(role, 'manager'))
  const reach = atLeast(actor.role, 'manager')
    ? null
    : { userId: actor.userId, projectIds: managed.map(([id]) => id as ProjectId) }
  const rows = await listExportJobs(ctx.db, reach, { ...page, limit: page.limit + 1 })
  return { items: rows.slice(0, page.limit), hasMore: rows.length > page.limit }
}

/** What was finished stays finished. Throws `export_not_found`, `export_state_conflict` (409). */
export async function retryExportJob(ctx: Ctx, id: string): Promise<ExportJobRow> {
  const job = await readExportJob(ctx, id)
  if (job.expiresAtMs <= ctx.nowMs) throw errors.exportStateConflict('expired')
  await move(ctx, job, 'retried', { from: ['failed', 'cancelled'], to: 'queued', atMs: ctx.nowMs })
  await sendVolume(ctx.deps, volumeJob(ctx, id, volumesOf(job).length + 1))
  return readExportJob(ctx, id)
}

/** Throws `export_not_found`, `export_state_conflict` (409). */
export async function cancelExportJob(ctx: Ctx, id: string): Promise<ExportJobRow> {
  const job = await readExportJob(ctx, id)
  await move(ctx, job, 'cancelled', { from: ['queued', 'running'], to: 'cancelled', atMs: ctx.nowMs })
  return readExportJob(ctx, id)
}

async function move(ctx: Ctx, job: ExportJobRow, done: string, change: Parameters<typeof moveExportJob>[2]) {
  const details: Record<string, Json> = { format: job.format, job: job.id }
  const act = { action: `export.${done}` as const, subjectKind: 'form', subjectId: job.formId, details }
  if (await moveExportJob(ctx.db, job.id, change, auditEntry(ctx, act))) return
  throw errors.exportStateConflict((await readExportJob(ctx, job.id)).state)
}

/** A finished volume as a file. */
export interface VolumeFile {
  filename: string
  contentType: string
  sizeBytes: number
  sha256: string
  objectKey: string
}

/** Throws `export_not_found` (404), also for a number that no volume has, and `export_not_ready` (409). */
export async function getVolume(ctx: Ctx, id: string, number: number): Promise<VolumeFile> {
  const job = await readExportJob(ctx, id)
  if (!hasFiles(job, ctx.nowMs)) throw errors.exportNotReady(job.expiresAtMs <= ctx.nowMs ? 'expired' : job.state)
  const file = volumeFileOf(job, number, ctx.nowMs)
  if (!file) throw errors.exportNotFound()
  return file
}

const hasFiles = ({ state, expiresAtMs }: ExportJobRow, nowMs: EpochMs): boolean =>
  state === 'done' && expiresAtMs > nowMs

/** Undefined where there is none to download. */
export function volumeFileOf(job: ExportJobRow, number: number, nowMs: EpochMs): VolumeFile | undefined {
  const volume = hasFiles(job, nowMs) ? volumesOf(job)[number - 1] : undefined
  if (!volume) return undefined
  const { contentType } = FORMATS[job.format as ExportFormat]
  const { fileName: filename, bytes: sizeBytes, sha256, objectKey } = volume
  return { filename, contentType, sizeBytes, sha256, objectKey }
}

export const volumesIn = (job: ExportJobRow): ExportVolume[] => volumesOf(job)

export const specIn = ({ spec }: ExportJobRow): ExportSpec => JSON.parse(spec) as ExportSpec

export type { ExportJobRow }
