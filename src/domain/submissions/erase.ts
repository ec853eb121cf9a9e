// Erasing: the right of the person that answers are about. One transaction makes everything of the submission unreadable;
// what is in the object storage goes right after it, and the sweep comes back until nothing is left. An id with its times
// stays, so that a phone's retry is a duplicate and can't bring the answers back.
import type { SubmissionId, TenantId } from '../../lib/ids.ts'
import { endErasures, eraseSubmissions, removeRemains } from '../../storage/submission-erasure.ts'
import { openTenantDb, type TenantDb } from '../../storage/tenant-db.ts'
import { authorOf, SYSTEM } from '../access/author.ts'
import type { Ctx, Deps, EpochMs } from '../context.ts'
import { raiseEpoch } from '../tenants/epoch.ts'
import { openChanging } from '../webhooks/announce.ts'
import { findStanding, submissionAct } from './stand.ts'

/** Again is no fault. Throws `submission_not_found`, `forbidden`. */
export async function eraseSubmission(ctx: Ctx, id: SubmissionId, reason: string | undefined): Promise<void> {
  await findStanding(ctx, 'submission.erase', id)
  const audit = submissionAct(ctx, 'erased', id, reason === undefined ? {} : { reason })
  const erased = await eraseSubmissions(ctx.db, { ...authorOf(ctx), atMs: ctx.nowMs }, [id], audit)
  if (erased.length === 0) return
  try {
    await finishErasure(ctx.deps, ctx.db, ctx.tenant.id, [id])
  } catch (error) {
    // Nothing of it can be read any more; the sweep removes the rest.
    ctx.deps.log({ level: 'error', event: 'erasure_not_finished', submission: id, error: String(error) })
  }
}

/** Removes what is left of erased submissions. Can be repeated and stopped anywhere. */
export async function finishErasure(deps: Deps, db: TenantDb, tenantId: TenantId, ids: SubmissionId[]): Promise<void> {
  for (const id of ids) await removeRemains(db, deps.blobs, id, deps.clock())
  await raiseEpoch(deps, tenantId)
  await endErasures(db, ids)
}

/** What has been in the trash for its time is erased by the installation itself; see `TRASH_MS` (trash.ts). */
export async function expireTrash(deps: Deps, shard: number, tenantId: TenantId, ids: SubmissionId[], nowMs: EpochMs) {
  const db = openChanging(deps, { id: tenantId, shard })
  const erased = await eraseSubmissions(db, { ...SYSTEM, atMs: nowMs }, ids)
  if (erased.length > 0) await finishErasure(deps, db, tenantId, erased)
}

/** Goes on with erasures that were cut off. */
export async function resumeErasures(deps: Deps, shard: number, tenantId: TenantId, ids: SubmissionId[]) {
  await finishErasure(deps, openTenantDb(deps.shard(shard), tenantId), tenantId, ids)
}
