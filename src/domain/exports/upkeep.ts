// What the clock does for export jobs: goes on with those whose message was lost, and takes the files away when their
// time is over.
import type { TenantId } from '../../lib/ids.ts'
import { deleteBlob } from '../../storage/blobs.ts'
import {
  deleteOldExportJobs,
  expireExportJob,
  listEndedExportJobs,
  listStalledExportJobs,
  volumesOf,
} from '../../storage/export-jobs.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import type { Deps, EpochMs } from '../context.ts'

/** A job at work says so every few seconds. */
const SILENCE_MS = 2 * 60_000
/** So long an expired job is still listed. */
const REMEMBERED_MS = 30 * 24 * 3_600_000
const MAX_PER_RUN = 100

export async function resumeExports(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  for (const job of await listStalledExportJobs(deps.shard(shard), nowMs - SILENCE_MS, MAX_PER_RUN)) {
    const volume = volumesOf(job).length + 1
    await deps.sendJob({ kind: 'export-volume', tenantId: job.tenantId, shard, jobId: job.id, volume })
  }
}

/** The files go first: no object is ever left without a name. */
export async function expireExports(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  const database = deps.shard(shard)
  for (const job of await listEndedExportJobs(database, nowMs, MAX_PER_RUN)) {
    for (const { objectKey } of volumesOf(job)) await deleteBlob(deps.blobs, objectKey)
    await expireExportJob(openTenantDb(database, job.tenantId as TenantId), job.id, nowMs)
  }
  await deleteOldExportJobs(database, nowMs - REMEMBERED_MS)
}
