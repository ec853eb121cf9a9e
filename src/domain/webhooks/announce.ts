// After a change has left a row in the outbox, the queue is told. The message is a hint: a lost one is made up for by
// the sweep.
import type { TenantId } from '../../lib/ids.ts'
import { openTenantDb, type TenantDb } from '../../storage/tenant-db.ts'
import type { Deps } from '../context.ts'

/** A tenant as far as the way to its data is concerned. */
export interface TenantPlace {
  id: TenantId
  shard: number
}

/** Opens a tenant's data for changes that webhooks may listen to: each that leaves something in the outbox is told at
 *  once. Costs nothing where nobody listens. */
export const openChanging = (deps: Deps, tenant: TenantPlace, from?: string): TenantDb =>
  openTenantDb(deps.shard(tenant.shard), tenant.id, { from, onOutbox: () => sendExpansion(deps, tenant) })

/** Asks for the expansion of the tenant's outbox. Nobody waits for it, and nothing is lost when it fails. */
export function sendExpansion(deps: Deps, { id, shard }: TenantPlace): void {
  const sent = deps.sendJob({ kind: 'expand-outbox', tenantId: id, shard, askedAtMs: deps.clock() }).catch((error) => {
    deps.log({ level: 'warn', event: 'job_not_sent', job: 'expand-outbox', tenant: id, error: String(error) })
  })
  deps.waitUntil(sent)
}
