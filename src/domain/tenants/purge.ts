// What the queue does about a deleted tenant: objects, rows of its shard, and at last its people and itself.
// Like a form's purge it goes in bounded pieces and can stop anywhere.
import { cutTenant, deleteDirectoryRows, noteTenantPurge } from '../../storage/purge.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import { findTenant } from '../../storage/tenants.ts'
import type { Deps, Job } from '../context.ts'
import { PURGE_STEP_ROWS, SETTLE_MS } from '../forms/purge.ts'

type PurgeTenant = Extract<Job, { kind: 'purge-tenant' }>

export async function purgeTenant(deps: Deps, job: PurgeTenant, maxRows = PURGE_STEP_ROWS): Promise<void> {
  const nowMs = deps.clock()
  const tenant = await findTenant(deps.directory, job.tenantId)
  if (tenant?.status !== 'deleted') return
  const db = openTenantDb(deps.shard(tenant.shard), tenant.id)
  const removed = await cutTenant(db, deps.blobs, maxRows)
  if (removed > 0) {
    await noteTenantPurge(deps.directory, tenant.id, nowMs)
    await deps.sendJob(job)
    return
  }
  // Somebody may still be writing: the sweep comes back when it has been quiet for a while.
  if (nowMs - (tenant.deletedAtMs ?? 0) >= SETTLE_MS) await deleteDirectoryRows(deps.directory, tenant.id)
}
