// From the outbox to deliveries, and the word to the couriers that there are some. What the queue does about a change that
// somebody listens to.
import { expandRows, listDueWebhooks, listOutbox } from '../../storage/outbox-expansion.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import type { Deps, Job } from '../context.ts'
import { BODY_VERSION } from './body.ts'
import { wakeCourier } from './wake.ts'

/** Rows, and seqs, of one transaction. */
const MAX_ROWS = 40
const MAX_SEQS = 1_000
/** What one message does before it sends itself on. */
const TRANSACTIONS_PER_JOB = 20

type ExpandOutbox = Extract<Job, { kind: 'expand-outbox' }>

/** Oldest first, so that the deliveries of one submission come into being in their order. Can be cut off, repeated and
 *  done twice at once. */
export async function expandOutbox(deps: Deps, job: ExpandOutbox): Promise<void> {
  const { tenantId, shard } = job
  const db = openTenantDb(deps.shard(shard), tenantId)
  for (let transaction = 0; ; transaction++) {
    const rows = await listOutbox(db, MAX_ROWS)
    if (rows.length === 0) break
    if (transaction === TRANSACTIONS_PER_JOB) {
      await deps.sendJob(job)
      break
    }
    await expandRows(db, rows, { nowMs: deps.clock(), bodyVersion: BODY_VERSION, maxSeqs: MAX_SEQS })
  }
  for (const id of await listDueWebhooks(db, deps.clock())) wakeCourier(deps, { id: tenantId, shard }, id)
}
