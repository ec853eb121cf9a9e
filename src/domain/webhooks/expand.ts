// From the outbox to deliveries, and the word to the couriers that there are some. What the queue does about a change
// that somebody listens to.
import { expandRows, listDueWebhooks, listOutbox } from '../../storage/outbox-expansion.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import type { Deps, Job } from '../context.ts'
import { BODY_VERSION } from './body.ts'
import { wakeCourier } from './wake.ts'

/** Rows, and seqs, of one transaction. */
const MAX_ROWS = 40
const MAX_SEQS = 500
/** After a full transaction. Intake writes to the same database, which does one thing at a time: phones go first. What
 *  is made in between is still more than couriers can carry. */
const REST_MS = 250
/** What one message does before it sends itself on: two statements for each row, and an invocation has a thousand. */
const TRANSACTIONS_PER_JOB = 10

type ExpandOutbox = Extract<Job, { kind: 'expand-outbox' }>

/** Oldest first, so that the deliveries of one submission come into being in their order. Can be cut off, repeated and
 *  done twice at once. */
export async function expandOutbox(deps: Deps, job: ExpandOutbox): Promise<void> {
  const { tenantId, shard, askedAtMs } = job
  const beganAtMs = deps.clock()
  // A busy tenant sends a message for each request; one look answers all that were sent before it.
  if ((deps.caches.outboxLooks.get(tenantId, beganAtMs) ?? 0) > askedAtMs) return
  const db = openTenantDb(deps.shard(shard), tenantId)
  const wakeCouriers = async () => {
    for (const id of await listDueWebhooks(db, deps.clock())) wakeCourier(deps, { id: tenantId, shard }, id)
  }
  for (let transaction = 1; ; transaction++) {
    const rows = await listOutbox(db, MAX_ROWS)
    if (rows.length === 0) break
    const isAll = await expandRows(db, rows, { nowMs: deps.clock(), bodyVersion: BODY_VERSION, maxSeqs: MAX_SEQS })
    if (isAll && rows.length < MAX_ROWS) break
    await wakeCouriers()
    if (!isAll) await new Promise((rested) => setTimeout(rested, REST_MS))
    if (transaction === TRANSACTIONS_PER_JOB) {
      await deps.sendJob({ ...job, askedAtMs: deps.clock() })
      return
    }
  }
  deps.caches.outboxLooks.set(tenantId, beganAtMs, beganAtMs)
  await wakeCouriers()
}
