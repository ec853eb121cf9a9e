// The tenant's counter. A `seq` is given out inside the transaction (D1 batch) that writes the row: a shard has one
// writer, so commit order is seq order and a reader of the feed can't skip a late writer. Both ways to raise it answer
// for whom it was raised: by that commits.ts knows a batch of changes from any other.
import { sql } from 'drizzle-orm'
import type { TenantId } from '../lib/ids.ts'
import { tenantCounters } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

/** Statement: raise the counter by `count`. Must come first in the batch. */
export const takeSeq = (db: TenantDb, count = 1) =>
  db.orm
    .insert(tenantCounters)
    .values({ tenantId: db.tenantId, seq: count })
    .onConflictDoUpdate({ target: tenantCounters.tenantId, set: { seq: sql`${tenantCounters.seq} + ${count}` } })
    .returning({ raisedFor: sql<TenantId>`tenant_id`.as('raised_for'), seq: tenantCounters.seq })

/** The same for hand-written batches; parameters: tenant, count. */
export const RAISE_COUNTER = `
INSERT INTO tenant_counters (tenant_id, seq) VALUES (?1, ?2)
ON CONFLICT (tenant_id) DO UPDATE SET seq = seq + excluded.seq
RETURNING tenant_id AS raised_for, seq`

/** Value: the counter as `takeSeq` left it, for the row written by a later statement of the same batch. */
export const takenSeq = (db: TenantDb) =>
  sql<number>`(SELECT seq FROM tenant_counters WHERE tenant_id = ${db.tenantId})`
