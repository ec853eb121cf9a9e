// Queries on deliveries: one event on its way to one webhook. Claiming, settling, reading, sending again; making them
// is outbox-expansion.ts, what they tell of is webhook-subjects.ts.
import { and, desc, eq, gte, isNull, lt, ne, or, sql } from 'drizzle-orm'
import type { WebhookId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import { takenSeq, takeSeq } from './seq.ts'
import { webhookDeliveries, webhooks } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'
import type { WebhookRow } from './webhooks.ts'

export type DeliveryRow = typeof webhookDeliveries.$inferSelect

/** As it is kept in `attempts`. */
export interface StoredAttempt {
  atMs: number
  /** Null: there was no answer. */
  status: number | null
  ms: number
  /** The first bytes of the answer as text; null: none, or removed with what it may have repeated. */
  answer: string | null
  error: string | null
}

/** Of a delivery that is sent again and again, the latest are kept. */
const MAX_KEPT_ATTEMPTS = 24

export interface Claimed {
  seq: number
  event: string
  subjectId: string
  revision: number
  bodyVersion: number
  body: string | null
  attemptCount: number
  createdAtMs: number
}

// ?1 tenant, ?2 hook. Of one order key the first open one goes, the others wait for it. The index is named because
// SQLite has no statistics here, and would rather read everything that the hook was ever sent.
const IS_FIRST = `NOT EXISTS (SELECT 1 FROM webhook_deliveries e INDEXED BY webhook_deliveries_order
  WHERE e.tenant_id = ?1 AND e.webhook_id = ?2 AND e.order_key = d.order_key AND e.seq < d.seq
    AND e.next_attempt_at_ms IS NOT NULL)`

// ?3 now, ?4 end of the lease, ?5 how many. A hook whose breaker is open lets one through, when its time has come.
const CLAIM = `
UPDATE webhook_deliveries SET leased_until_ms = ?4
WHERE tenant_id = ?1 AND webhook_id = ?2 AND seq IN (
  SELECT d.seq FROM webhook_deliveries d
  WHERE d.tenant_id = ?1 AND d.webhook_id = ?2 AND d.next_attempt_at_ms <= ?3
    AND (d.leased_until_ms IS NULL OR d.leased_until_ms <= ?3) AND ${IS_FIRST}
  ORDER BY d.next_attempt_at_ms, d.seq
  LIMIT coalesce((
    SELECT CASE WHEN w.is_active = 0 THEN 0 WHEN w.paused_at_ms IS NULL THEN ?5
      WHEN w.probe_at_ms <= ?3 THEN 1 ELSE 0 END
    FROM webhooks w WHERE w.tenant_id = ?1 AND w.id = ?2), 0)
)
RETURNING seq, event, subject_id AS subjectId, revision, body_version AS bodyVersion, body, attempt_count AS attemptCount,
  created_at_ms AS createdAtMs`

/** Takes deliveries that are due, oldest first, and the hook as it is now; undefined when it is gone. What is neither
 *  settled nor claimed again stays taken until the lease ends. */
export async function claimDeliveries(
  db: TenantDb,
  id: WebhookId,
  { nowMs, leaseUntilMs, limit }: { nowMs: number; leaseUntilMs: number; limit: number },
): Promise<{ hook: WebhookRow | undefined; claimed: Claimed[] }> {
  const { d1, tenantId } = db
  const hook = db.orm
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.tenantId, tenantId), eq(webhooks.id, id), isNull(webhooks.deletedAtMs)))
  const claim = d1.prepare(CLAIM).bind(tenantId, id, nowMs, leaseUntilMs, limit)
  const [row, { results }] = await Promise.all([hook.get(), claim.all<Claimed>()])
  return { hook: row, claimed: results.sort((a, b) => a.seq - b.seq) }
}

/** When the next delivery is due that waits for no other; null when nothing waits. */
export async function nextDueMs({ d1, tenantId }: TenantDb, id: WebhookId): Promise<number | null> {
  const { results } = await d1
    .prepare(
      `SELECT max(d.next_attempt_at_ms, coalesce(d.leased_until_ms, 0)) AS at FROM webhook_deliveries d
       WHERE d.tenant_id = ?1 AND d.webhook_id = ?2 AND d.next_attempt_at_ms IS NOT NULL AND ${IS_FIRST}
       ORDER BY d.next_attempt_at_ms LIMIT 1`,
    )
    .bind(tenantId, id)
    .all<{ at: number }>()
  return results[0]?.at ?? null
}

export interface Settlement {
  seq: number
  state: 'delivered' | 'failed' | 'dead'
  reason: DeliveryRow['reason']
  /** Null: never again. */
  nextAttemptAtMs: number | null
  /** Null: nothing was sent. */
  attempt: StoredAttempt | null
}

// ?1 tenant, ?2 hook, ?3 settlements, ?4 end of the lease under which they were claimed, ?5 now. The items come first,
// as in submission-changes.ts.
const SETTLE = `
UPDATE webhook_deliveries SET state = c.value ->> 'state', reason = c.value ->> 'reason',
  next_attempt_at_ms = c.value ->> 'nextAttemptAtMs', leased_until_ms = NULL,
  settled_at_ms = iif(c.value ->> 'nextAttemptAtMs' IS NULL, ?5, NULL),
  attempt_count = attempt_count + (c.value ->> 'attempt' IS NOT NULL),
  attempts = iif(c.value ->> 'attempt' IS NULL, attempts, json_insert(
    iif(json_array_length(attempts) >= ${MAX_KEPT_ATTEMPTS}, json_remove(attempts, '$[0]'), attempts),
    '$[#]', json(c.value -> 'attempt')))
FROM (SELECT ?1 AS tenant_id, ?2 AS webhook_id, value FROM json_each(?3) LIMIT -1) AS c
WHERE webhook_deliveries.tenant_id = c.tenant_id AND webhook_deliveries.webhook_id = c.webhook_id
  AND webhook_deliveries.seq = c.value ->> 'seq' AND webhook_deliveries.leased_until_ms = ?4
  AND webhook_deliveries.next_attempt_at_ms IS NOT NULL`

/** Writes down what became of claimed deliveries, and how many failures in a row the hook has now. */
export async function settleDeliveries(
  { d1, tenantId }: TenantDb,
  id: WebhookId,
  settled: Settlement[],
  { leaseUntilMs, nowMs, failureStreak }: { leaseUntilMs: number; nowMs: number; failureStreak: number },
): Promise<void> {
  await d1.batch([
    d1.prepare(SETTLE).bind(tenantId, id, JSON.stringify(settled), leaseUntilMs, nowMs),
    d1
      .prepare('UPDATE webhooks SET failure_streak = ?3 WHERE tenant_id = ?1 AND id = ?2 AND failure_streak <> ?3')
      .bind(tenantId, id, failureStreak),
  ])
}

const isThis = (db: TenantDb, id: WebhookId, seq: number) =>
  and(eq(webhookDeliveries.tenantId, db.tenantId), eq(webhookDeliveries.webhookId, id), eq(webhookDeliveries.seq, seq))

/** Keeps a body that can't be made again the same. */
export async function keepBody(db: TenantDb, id: WebhookId, seq: number, body: string): Promise<void> {
  await db.orm
    .update(webhookDeliveries)
    .set({ body })
    .where(isThis(db, id, seq))
}

export interface DeliveryFilter {
  state?: DeliveryRow['state']
  event?: string
  /** Of events since. */
  sinceMs?: number
}

const listed = {
  seq: webhookDeliveries.seq,
  event: webhookDeliveries.event,
  subjectId: webhookDeliveries.subjectId,
  revision: webhookDeliveries.revision,
  state: webhookDeliveries.state,
  reason: webhookDeliveries.reason,
  attemptCount: webhookDeliveries.attemptCount,
  nextAttemptAtMs: webhookDeliveries.nextAttemptAtMs,
  createdAtMs: webhookDeliveries.createdAtMs,
  settledAtMs: webhookDeliveries.settledAtMs,
}
export type ListedDelivery = Pick<DeliveryRow, keyof typeof listed>

/** The few that are failed or dead, by the index that has only them. Its condition is spelled here as it is there. */
const failedSeqs = (db: TenantDb, id: WebhookId) =>
  sql`SELECT f.seq FROM webhook_deliveries f INDEXED BY webhook_deliveries_failed
    WHERE f.tenant_id = ${db.tenantId} AND f.webhook_id = ${id} AND f.state IN ('failed', 'dead')`

/** Newest first, before the seq `before` when given. */
export async function listDeliveries(
  db: TenantDb,
  id: WebhookId,
  { state, event, sinceMs }: DeliveryFilter,
  page: { before?: number; limit: number },
): Promise<ListedDelivery[]> {
  const isFailed = state === 'failed' || state === 'dead'
  return db.orm
    .select(listed)
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.tenantId, db.tenantId),
        eq(webhookDeliveries.webhookId, id),
        isFailed ? sql`${webhookDeliveries.seq} IN (${failedSeqs(db, id)})` : undefined,
        state && eq(webhookDeliveries.state, state),
        event === undefined ? undefined : eq(webhookDeliveries.event, event),
        sinceMs === undefined ? undefined : gte(webhookDeliveries.createdAtMs, sinceMs),
        page.before === undefined ? undefined : lt(webhookDeliveries.seq, page.before),
      ),
    )
    .orderBy(desc(webhookDeliveries.seq))
    .limit(page.limit)
}

export async function findDelivery(db: TenantDb, id: WebhookId, seq: number): Promise<DeliveryRow | undefined> {
  return db.orm
    .select()
    .from(webhookDeliveries)
    .where(isThis(db, id, seq))
    .get()
}

/** As new, but for the log of its attempts; one that is under way stays so. */
const AGAIN = { state: 'pending', reason: null, attemptCount: 0, settledAtMs: null } as const

const hasSomething = or(isNull(webhookDeliveries.reason), ne(webhookDeliveries.reason, 'erased'))

/** False when there is nothing left to send. */
export async function sendAgain(
  db: TenantDb,
  id: WebhookId,
  seq: number,
  nowMs: number,
  audit: NewAudit,
): Promise<boolean> {
  const condition = and(isThis(db, id, seq), hasSomething)
  const [, , changed] = await db.orm.batch([
    takeSeq(db),
    auditRow(db, audit, sql`EXISTS (SELECT 1 FROM ${webhookDeliveries} WHERE ${condition})`),
    db.orm
      .update(webhookDeliveries)
      .set({ ...AGAIN, nextAttemptAtMs: nowMs })
      .where(condition)
      .returning({ seq: webhookDeliveries.seq }),
  ])
  return changed.length > 0
}

/** All that failed, of events since a time: the oldest `limit`. Returns how many. */
export async function sendFailedAgain(
  db: TenantDb,
  id: WebhookId,
  { sinceMs, nowMs, limit }: { sinceMs: number; nowMs: number; limit: number },
  audit: NewAudit,
): Promise<number> {
  const ofHook = and(eq(webhookDeliveries.tenantId, db.tenantId), eq(webhookDeliveries.webhookId, id))
  const failed = sql`${failedSeqs(db, id)} AND f.reason IS NOT 'erased' AND f.created_at_ms >= ${sinceMs}
    ORDER BY f.seq LIMIT ${limit}`
  const [, , changed] = await db.orm.batch([
    takeSeq(db),
    auditRow(db, audit),
    db.orm
      .update(webhookDeliveries)
      .set({ ...AGAIN, nextAttemptAtMs: nowMs })
      .where(and(ofHook, sql`${webhookDeliveries.seq} IN (${failed})`)),
  ])
  return changed.meta.changes
}

/** A delivery about nothing but itself, first in the queue; returns its seq. */
export async function insertTest(
  db: TenantDb,
  id: WebhookId,
  test: { event: string; bodyVersion: number; atMs: number },
  audit: NewAudit,
): Promise<number> {
  const [[counter]] = await db.orm.batch([
    takeSeq(db),
    db.orm.insert(webhookDeliveries).values({
      tenantId: db.tenantId,
      webhookId: id,
      seq: takenSeq(db),
      event: test.event,
      subjectId: id,
      revision: 0,
      orderKey: sql`'test:' || ${takenSeq(db)}`,
      bodyVersion: test.bodyVersion,
      state: 'pending',
      nextAttemptAtMs: 0,
      createdAtMs: test.atMs,
    }),
    auditRow(db, audit),
  ])
  return counter!.seq
}

/** Forgets settled deliveries of events before `beforeMs`, if they are among the hook's oldest. For the sweep. */
export async function forgetOldDeliveries(shard: D1Database, beforeMs: number, perHook: number): Promise<void> {
  await shard
    .prepare(
      `DELETE FROM webhook_deliveries WHERE (tenant_id, webhook_id, seq) IN (
         SELECT d.tenant_id, d.webhook_id, d.seq FROM webhooks w CROSS JOIN webhook_deliveries d
           ON d.tenant_id = w.tenant_id AND d.webhook_id = w.id
         WHERE d.created_at_ms < ?1 AND d.next_attempt_at_ms IS NULL AND d.seq <= coalesce(
           (SELECT o.seq FROM webhook_deliveries o WHERE o.tenant_id = w.tenant_id AND o.webhook_id = w.id
            ORDER BY o.seq LIMIT 1 OFFSET ?2), 9e15))`,
    )
    .bind(beforeMs, perHook)
    .run()
}

/**
 * For the batch that erases submissions, after every state of theirs is among the revisions: nothing of them is sent
 * any more, and what was kept of it goes. Deliveries that tell of a deletion hold nothing and still leave. Parameters:
 * tenant, ids, time.
 */
export const ERASE_DELIVERIES = `
UPDATE webhook_deliveries SET body = NULL,
  attempts = (SELECT json_group_array(json_set(value, '$.answer', NULL)) FROM json_each(webhook_deliveries.attempts)),
  state = iif(event <> 'submission.deleted' AND state <> 'delivered', 'dead', state),
  reason = iif(event <> 'submission.deleted', 'erased', reason),
  settled_at_ms = iif(event <> 'submission.deleted', coalesce(settled_at_ms, ?3), settled_at_ms),
  next_attempt_at_ms = iif(event <> 'submission.deleted', NULL, next_attempt_at_ms)
WHERE (tenant_id, webhook_id, seq) IN (
  SELECT w.tenant_id, w.id, told.seq
  FROM (
    SELECT r.seq AS seq FROM submission_revisions AS r
    WHERE (r.tenant_id, r.submission_id) IN (SELECT ?1, value FROM json_each(?2))
    UNION
    SELECT m.seq FROM media AS m WHERE (m.tenant_id, m.submission_id) IN (SELECT ?1, value FROM json_each(?2))
  ) AS told CROSS JOIN webhooks AS w ON w.tenant_id = ?1
)`
