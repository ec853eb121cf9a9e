// Makes one volume of an export job: one queue message, within what one invocation may cost. A volume is written under a
// key of its own and belongs to the job when the job names it, so that it can be begun again from its beginning after a
// crash at any point, and two who make it at once do each other no harm.
import type { MediaId } from '../../lib/ids.ts'
import { deleteBlob, putBlob } from '../../storage/blobs.ts'
import {
  beginVolume,
  type ExportJobRow,
  exportKey,
  findExportJob,
  finishVolume,
  noteFailure,
  noteProgress,
  volumesOf,
} from '../../storage/export-jobs.ts'
import { findVolumeEnd } from '../../storage/exports.ts'
import { deleteMediaUpload, insertMediaUpload } from '../../storage/media.ts'
import { openTenantDb, type TenantDb } from '../../storage/tenant-db.ts'
import type { Deps } from '../context.ts'
import { AppError } from '../errors.ts'
import { FORMATS, type Format } from './formats.ts'
import { sendVolume, specIn, type VolumeJob } from './jobs.ts'
import { MAX_INLINE_BYTES, MAX_INLINE_FILES } from './limits.ts'
import type { ExportFormat, ExportPlan } from './model.ts'
import { planOf } from './plan.ts'
import { type ExportWindow, openSource, PAGE_BYTES, PAGE_ROWS, rangesOf } from './source.ts'

/** What is begun so often and never finished will not be finished. */
export const MAX_ATTEMPTS = 5
/** D1 queries of one volume: other work of the queue may run in the same invocation. */
const MAX_VOLUME_QUERIES = 600
/** A larger file is a burden to whoever opens it, and to whoever makes it again. */
const MAX_VOLUME_ROWS = 250_000
/** Files cost a look-up each while the end of a volume is sought. */
const MAX_VOLUME_ROWS_WITH_FILES = 50_000
/** So often a job says how far it is. */
const PROGRESS_EVERY_MS = 5_000

/** The job was cancelled, has expired, or is gone with its form. */
class Unwanted extends Error {}

/** Throws what made it fail while there are further attempts, so that the queue comes back. */
export async function runExportVolume(deps: Deps, job: VolumeJob): Promise<void> {
  const db = openTenantDb(deps.shard(job.shard), job.tenantId)
  const found = await findExportJob(db, job.jobId)
  // A message that came twice, or late: its volume is there, and whoever made it has sent for the next.
  if (!found || volumesOf(found.job).length !== job.volume - 1) return
  const begun = await beginVolume(db, job.jobId, deps.clock())
  if (!begun) return
  try {
    if (begun.attempts > MAX_ATTEMPTS) throw new Error(`Volume ${job.volume} was begun ${MAX_ATTEMPTS} times in vain.`)
    const hasMore = await makeVolume(deps, db, begun, job)
    if (hasMore) await sendVolume(deps, { ...job, volume: job.volume + 1 })
  } catch (error) {
    if (error instanceof Unwanted) return
    // What the request was refused for now, it will be refused for later.
    const isFinal = error instanceof AppError || begun.attempts >= MAX_ATTEMPTS
    await noteFailure(db, job.jobId, reasonOf(error), { state: isFinal ? 'failed' : 'running', atMs: deps.clock() })
    if (!isFinal) throw error
    deps.log({ level: 'error', event: 'export_failed', export: job.jobId, volume: job.volume, error: String(error) })
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 1000)

/** True when there are more volumes to make. */
async function makeVolume(
  deps: Deps,
  db: TenantDb,
  job: ExportJobRow,
  { volume: number, shard }: VolumeJob,
): Promise<boolean> {
  const plan = await planOf(db, specIn(job))
  const format = FORMATS[job.format as ExportFormat]
  const after = volumesOf(job).at(-1)?.lastSeq ?? 0
  const { until, rows, isLast } = await sizeOf(db, plan, format, after)
  const objectId = deps.newId<MediaId>()
  const objectKey = exportKey(db.tenantId, job.id, objectId)
  await insertMediaUpload(db, { mediaId: objectId, objectKey, startedAtMs: deps.clock() })
  const reading = openTenantDb(deps.shard(shard), db.tenantId, { from: db.bookmark() ?? undefined })
  const source = openSource(deps, reading, plan, {
    window: { after, until },
    onWork: progressOf(deps, db, job, format, plan, rows),
  })
  const put = await putBlob(deps.blobs, objectKey, format.write(plan, source), {
    contentType: format.contentType,
    maxBytes: Number.POSITIVE_INFINITY,
  }).catch(async (error: unknown) => {
    await discard(deps, db, objectId, objectKey)
    throw error
  })
  if (!put.ok) throw new Error('The volume is larger than any volume may be.')
  const written = {
    number,
    objectKey,
    fileName: volumeName(format.fileName(plan), number, isLast),
    bytes: put.sizeBytes,
    sha256: put.sha256,
    rows,
    lastSeq: until,
  }
  const percent = isLast ? 100 : percentOf(job.rowCount + rows, job.totalRows)
  const state = isLast ? ('done' as const) : ('running' as const)
  // When this throws, nobody knows whether it was done: the object is the job's, or still on the list of begun uploads.
  const isKept = await finishVolume(db, job.id, written, { objectId, state, percent, atMs: deps.clock() })
  if (isKept) return !isLast
  await discard(deps, db, objectId, objectKey)
  throw new Unwanted()
}

/** Fails in silence but for the log: why the volume failed matters more, and the sweep takes what is left. */
async function discard(deps: Deps, db: TenantDb, objectId: MediaId, objectKey: string): Promise<void> {
  try {
    await deleteBlob(deps.blobs, objectKey)
    await deleteMediaUpload(db, objectId)
  } catch (error) {
    deps.log({ level: 'error', event: 'volume_not_discarded', object: objectKey, error: String(error) })
  }
}

/** Only one volume: the plain name. */
const volumeName = (name: string, number: number, isLast: boolean): string =>
  number === 1 && isLast ? name : name.replace(/(?=\.[^.]+$)/, `.part-${number}`)

interface VolumeSize extends Pick<ExportWindow, 'until'> {
  rows: number
  isLast: boolean
}

/** How far the volume that begins behind `after` reaches. */
async function sizeOf(db: TenantDb, plan: ExportPlan, format: Format, after: number): Promise<VolumeSize> {
  const { plain, withMedia } = format.reads(plan)
  // Half of them for many small submissions, half for few large ones: `pagesOf` (limits.ts).
  const pages = Math.max(1, Math.floor(MAX_VOLUME_QUERIES / (plain + 2 * withMedia) / 2))
  const most = Math.min(format.sendsFiles ? MAX_VOLUME_ROWS_WITH_FILES : MAX_VOLUME_ROWS, format.maxRows ?? Infinity)
  const left = {
    rows: Math.min(most, pages * PAGE_ROWS),
    bytes: pages * PAGE_BYTES,
    media: format.sendsFiles ? { files: MAX_INLINE_FILES, bytes: MAX_INLINE_BYTES } : null,
  }
  let rows = 0
  for (const range of rangesOf(plan, { after, until: plan.untilSeq })) {
    const end = await findVolumeEnd(db, plan.filter, range, left)
    rows += end.rows
    if (end.more) return { until: end.last!, rows, isLast: false }
    left.rows -= end.rows
    left.bytes -= end.bytes
    if (left.media) {
      left.media.files -= end.files
      left.media.bytes -= end.fileBytes
    }
  }
  return { until: plan.untilSeq, rows, isLast: true }
}

const percentOf = (rows: number, total: number): number => Math.min(99, Math.floor((100 * rows) / Math.max(1, total)))

/** What the source calls as it works. Throws `Unwanted` once the job is. */
function progressOf(deps: Deps, db: TenantDb, job: ExportJobRow, format: Format, plan: ExportPlan, rows: number) {
  const { plain, withMedia } = format.reads(plan)
  let read = 0
  let saidAtMs = deps.clock()
  return async (pageRows: number): Promise<void> => {
    read += pageRows
    if (deps.clock() - saidAtMs < PROGRESS_EVERY_MS) return
    saidAtMs = deps.clock()
    const share = Math.min(rows, read / (plain + withMedia))
    if (!(await noteProgress(db, job.id, percentOf(job.rowCount + share, job.totalRows), saidAtMs)))
      throw new Unwanted()
  }
}
