// The outbox: one row per committed batch of changes while the tenant has an active webhook, written in the batch that
// makes the changes. Who reads it, and what becomes of a row, is not decided here.
import { sql } from 'drizzle-orm'
import { forms, media, outbox, submissions } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

/** What changed in the range of seqs: the table whose rows carry them. */
const CHANGED = { submissions, media, forms }
export type OutboxKind = keyof typeof CHANGED

/**
 * Statement for an `orm.batch` that began with `takeSeq(db, count)`, after the change: the range of seqs taken there.
 * Without an active webhook, or when nothing was changed, it writes nothing; that is decided in SQL, because asking first
 * would cost a round trip.
 */
export const outboxRow = (db: TenantDb, kind: OutboxKind, { atMs, count = 1 }: { atMs: number; count?: number }) =>
  db.orm.insert(outbox).select(
    sql`SELECT c.tenant_id AS tenant_id, c.seq AS id, ${kind} AS kind, c.seq - ${count - 1} AS from_seq,
          c.seq AS to_seq, ${atMs} AS created_at_ms, NULL AS expanded_at_ms
        FROM tenant_counters c
        WHERE c.tenant_id = ${db.tenantId}
          AND EXISTS (SELECT 1 FROM webhooks w WHERE w.tenant_id = ${db.tenantId} AND w.is_active = 1)
          AND EXISTS (SELECT 1 FROM ${CHANGED[kind]} t WHERE t.tenant_id = ${db.tenantId} AND t.seq > c.seq - ${count})`,
  )

/**
 * The same for the intake's hand-written batch; parameters: tenant, number of seqs taken, time. A batch of nothing but
 * replays changes nothing and leaves no row.
 */
export const OUTBOX_OF_SUBMISSIONS = `
INSERT INTO outbox (tenant_id, id, kind, from_seq, to_seq, created_at_ms)
SELECT c.tenant_id, c.seq, 'submissions', c.seq - ?2 + 1, c.seq, ?3
FROM tenant_counters c
WHERE c.tenant_id = ?1
  AND EXISTS (SELECT 1 FROM webhooks w WHERE w.tenant_id = ?1 AND w.is_active = 1)
  AND EXISTS (SELECT 1 FROM submissions s WHERE s.tenant_id = ?1 AND s.seq > c.seq - ?2)`
