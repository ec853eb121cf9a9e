// After a change has left a row in the outbox, the queue is told. The message is a hint: a lost one is made up for by the
// sweep.
import type { TenantId } from '../../lib/ids.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import type { Deps } from '../context.ts'

/** A tenant as far as the way to its data is concerned. */
export interface TenantPlace {
  id: TenantId
  shard: number
}

/** To be called once what the database handle was used for is done. Costs nothing where nobody listens. */
export function announceOutbox({ deps, tenant, db }: { deps: Deps; tenant: TenantPlace; db: TenantDb }): void {
  if (db.takeOutboxNote()) sendExpansion(deps, tenant)
}

/** Asks for the expansion of the tenant's outbox. Nobody waits for it, and nothing is lost when it fails. */
export function sendExpansion(deps: Deps, { id, shard }: TenantPlace): void {
  const sent = deps.sendJob({ kind: 'expand-outbox', tenantId: id, shard }).catch((error) => {
    deps.log({ level: 'warn', event: 'job_not_sent', job: 'expand-outbox', tenant: id, error: String(error) })
  })
  deps.waitUntil(sent)
}
