// What the queue does about a deleted form: removes a bounded piece, sends itself on, and marks the form when nothing is
// left. Every step can be repeated, stopped or run twice at once; the rows decide what remains to be done.
import type { FormId } from '../../lib/ids.ts'
import { tellGoneRecords } from '../../storage/gone-records.ts'
import { cutForm, findFormRow, markFormPurged, notePurge } from '../../storage/purge.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import type { Deps, Job } from '../context.ts'
import { raiseEpoch } from '../tenants/epoch.ts'

/** Rows, and objects, that one step removes. */
export const PURGE_STEP_ROWS = 500
/** Records that one step tells sync clients of, before anything is removed. */
const TOLD_STEP_ROWS = 5_000
/** For this long another isolate may still take submissions to what was just deleted: until then no purge is the last. */
export const SETTLE_MS = 60_000

type PurgeForm = Extract<Job, { kind: 'purge-form' }>

export async function purgeForm(
  deps: Deps,
  job: PurgeForm,
  maxRows = PURGE_STEP_ROWS,
  maxTold = TOLD_STEP_ROWS,
): Promise<void> {
  const nowMs = deps.clock()
  const formId = job.formId as FormId
  const db = openTenantDb(deps.shard(job.shard), job.tenantId)
  const form = await findFormRow(db, formId)
  if (!form || form.deletedAtMs === null || form.purgedAtMs !== null) return
  const told = await tellGoneRecords(db, form, maxTold, nowMs)
  const removed = told < maxTold ? await cutForm(db, deps.blobs, formId, { limit: maxRows, atMs: nowMs }) : 0
  if (told >= maxTold || removed >= maxRows) {
    await notePurge(db, formId, nowMs)
    await deps.sendJob(job)
    return
  }
  if (removed > 0) await raiseEpoch(deps, job.tenantId)
  if (nowMs - form.deletedAtMs >= SETTLE_MS) await markFormPurged(db, formId, nowMs)
  // Otherwise the sweep comes back to it.
  else await notePurge(db, formId, nowMs)
}
