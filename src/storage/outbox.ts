// The outbox: one row per committed batch of changes while the tenant has an active webhook, written in the batch that
// makes the changes. What becomes of a row is outbox-expansion.ts; that somebody looks at it soon is the domain's
// affair.
import { sql } from 'drizzle-orm'
import { outbox } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type OutboxKind = (typeof outbox.$inferSelect)['kind']

/** Acts of the audit log that are events, too: its row is in the act's transaction and never changes. */
export const AUDITED_EVENTS = ['form.published', 'device.paired', 'device.revoked'] as const

/** What changed in the range of seqs: the rows that carry them, and their number. */
const CHANGED: Record<OutboxKind, string> = {
  submissions: 'submissions t WHERE t.seq',
  media: 'media t WHERE t.seq',
  quarantine: 'quarantine t WHERE t.seq',
  audit: `audit_log t WHERE t.action IN (${AUDITED_EVENTS.map((name) => `'${name}'`).join(', ')}) AND t.id`,
}

/** SQL: whether the tenant has an active webhook. */
export const listensIn = (tenant: string): string =>
  `EXISTS (SELECT 1 FROM webhooks w WHERE w.tenant_id = ${tenant} AND w.is_active = 1)`

/**
 * Statement for an `orm.batch` that began with `takeSeq(db, count)`, after the change: the range of seqs taken there.
 * Without an active webhook, or when nothing was changed, it writes nothing; that is decided in SQL, because asking
 * first would cost a round trip. It returns the row it wrote: tell `db.noteOutbox`.
 */
export const outboxRow = (db: TenantDb, kind: OutboxKind, { atMs, count = 1 }: { atMs: number; count?: number }) =>
  db.orm
    .insert(outbox)
    .select(
      sql`SELECT c.tenant_id AS tenant_id, c.seq AS id, ${kind} AS kind, c.seq - ${count - 1} AS from_seq,
          c.seq AS to_seq, ${atMs} AS created_at_ms
        FROM tenant_counters c
        WHERE c.tenant_id = ${db.tenantId}
          AND ${sql.raw(listensIn('c.tenant_id'))}
          AND EXISTS (SELECT 1 FROM ${sql.raw(CHANGED[kind])} > c.seq - ${count} AND t.tenant_id = c.tenant_id)`,
    )
    .returning({ id: outbox.id })

/**
 * The same for the intake's hand-written batch; parameters: tenant, number of seqs taken, time. A batch of nothing but
 * replays changes nothing and leaves no row.
 */
export const OUTBOX_OF_SUBMISSIONS = `
INSERT INTO outbox (tenant_id, id, kind, from_seq, to_seq, created_at_ms)
SELECT c.tenant_id, c.seq, 'submissions', c.seq - ?2 + 1, c.seq, ?3
FROM tenant_counters c
WHERE c.tenant_id = ?1
  AND ${listensIn('c.tenant_id')}
  AND EXISTS (SELECT 1 FROM submissions s WHERE s.tenant_id = ?1 AND s.seq > c.seq - ?2)
RETURNING id`
