// From the outbox to deliveries: for each event in a range of seqs one row per webhook that wants it. Pure SQL, because
// a bulk sync with three hooks makes thousands of them; the answers themselves are not touched.
//
// Rows are expanded in the order of their ids, and leave the outbox in the transaction that makes their deliveries: a
// delivery never appears after a later one of the same submission. Doing it twice, also at once, makes nothing twice.
import { asc, eq, lt } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import type { TenantId, WebhookId } from '../lib/ids.ts'
import { AUDITED_EVENTS, type OutboxKind } from './outbox.ts'
import { outbox } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

// Each SELECT gives: subject, seq, revision, event, order_key, form_id (null: of the tenant as a whole), at_ms.
// ?1 tenant, ?2 first seq, ?3 last seq.

/** Of a submission, s. In the order of their arrival, not its random id: new entries of the index are then neighbours,
 *  and making deliveries costs a third. */
const ORDER_KEY = `printf('%016d', s.created_seq)`

/** Test data is for testers only. A submission that was changed since has all its states in its revisions, so the union
 *  is what happened, whatever came later. Where two states share a seq (a late one and the latest after it), the latest
 *  tells all. */
const SUBMISSION_EVENTS = `
SELECT s.id AS subject, s.seq AS seq, 1 AS revision, 'submission.created' AS event, ${ORDER_KEY} AS order_key,
  s.form_id AS form_id, s.submitted_at_ms AS at_ms
FROM submissions s
WHERE s.tenant_id = ?1 AND s.seq BETWEEN ?2 AND ?3 AND s.revision = 1 AND s.mode = 'live'
UNION ALL
SELECT r.submission_id, r.seq, r.revision,
  'submission.' || CASE r.change WHEN 'create' THEN 'created' WHEN 'edit' THEN 'updated' WHEN 'restore' THEN 'restored'
    WHEN 'review' THEN 'reviewed' ELSE 'deleted' END,
  ${ORDER_KEY}, s.form_id, r.at_ms
FROM submission_revisions r CROSS JOIN submissions s ON s.tenant_id = r.tenant_id AND s.id = r.submission_id
WHERE r.tenant_id = ?1 AND r.seq BETWEEN ?2 AND ?3 AND s.revision > 1 AND s.mode = 'live'
  AND NOT EXISTS (SELECT 1 FROM submission_revisions n WHERE n.tenant_id = r.tenant_id
    AND n.submission_id = r.submission_id AND n.revision = r.revision + 1 AND n.seq = r.seq)`

/** In the order of their submission. A file without one is nobody's yet. */
const MEDIA_EVENTS = `
SELECT m.id AS subject, m.seq AS seq, 0 AS revision, 'media.uploaded' AS event, ${ORDER_KEY} AS order_key,
  s.form_id AS form_id, m.created_at_ms AS at_ms
FROM media m CROSS JOIN submissions s ON s.tenant_id = m.tenant_id AND s.id = m.submission_id
WHERE m.tenant_id = ?1 AND m.seq BETWEEN ?2 AND ?3 AND s.mode = 'live'`

const AUDIT_EVENTS = `
SELECT a.subject_id AS subject, a.id AS seq, 0 AS revision, a.action AS event, a.subject_id AS order_key,
  iif(a.subject_kind = 'form', a.subject_id, NULL) AS form_id, a.at_ms AS at_ms
FROM audit_log a
WHERE a.tenant_id = ?1 AND a.id BETWEEN ?2 AND ?3
  AND a.action IN (${AUDITED_EVENTS.map((name) => `'${name}'`).join(', ')})`

const QUARANTINE_EVENTS = `
SELECT q.id AS subject, q.seq AS seq, 0 AS revision, 'quarantine.added' AS event, q.id AS order_key, NULL AS form_id,
  q.received_at_ms AS at_ms
FROM quarantine q
WHERE q.tenant_id = ?1 AND q.seq BETWEEN ?2 AND ?3`

const EVENTS: Record<OutboxKind, string> = {
  submissions: SUBMISSION_EVENTS,
  media: MEDIA_EVENTS,
  audit: AUDIT_EVENTS,
  quarantine: QUARANTINE_EVENTS,
}

// ?4 the time, ?5 the version of bodies. What is nobody's form is for the hooks of projects that ask for it.
const insertDeliveries = (events: string) => `
INSERT INTO webhook_deliveries (tenant_id, webhook_id, seq, event, subject_id, revision, order_key, body_version, state,
  next_attempt_at_ms, created_at_ms)
SELECT ?1, w.id, e.seq, e.event, e.subject, e.revision, e.order_key, ?5, 'pending', ?4, e.at_ms
FROM (${events}) AS e
  LEFT JOIN forms f ON f.tenant_id = ?1 AND f.id = e.form_id
  CROSS JOIN webhooks w ON w.tenant_id = ?1
WHERE w.is_active = 1 AND w.created_seq < e.seq AND instr(w.events, '"' || e.event || '"') > 0
  AND iif(e.form_id IS NULL, w.project_id IS NOT NULL, f.deleted_at_ms IS NULL
    AND (w.form_id = e.form_id OR w.project_id = f.project_id))
ON CONFLICT (tenant_id, webhook_id, seq) DO NOTHING`

export interface OutboxRow {
  id: number
  kind: OutboxKind
  fromSeq: number
  toSeq: number
}

/** The oldest rows. */
export async function listOutbox(db: TenantDb, limit: number): Promise<OutboxRow[]> {
  return db.orm
    .select({ id: outbox.id, kind: outbox.kind, fromSeq: outbox.fromSeq, toSeq: outbox.toSeq })
    .from(outbox)
    .where(eq(outbox.tenantId, db.tenantId))
    .orderBy(asc(outbox.id))
    .limit(limit)
}

/**
 * Makes the deliveries of the first `maxSeqs` seqs or so of these rows (oldest first, without gaps), in one
 * transaction. Returns whether that was all of them.
 */
export async function expandRows(
  { d1, tenantId }: TenantDb,
  rows: OutboxRow[],
  { nowMs, bodyVersion, maxSeqs }: { nowMs: number; bodyVersion: number; maxSeqs: number },
): Promise<boolean> {
  const statements: D1PreparedStatement[] = []
  let left = maxSeqs
  let isAll = true
  for (const { id, kind, fromSeq, toSeq } of rows) {
    if (left <= 0) {
      isAll = false
      break
    }
    const lastSeq = Math.min(toSeq, fromSeq + left - 1)
    left -= lastSeq - fromSeq + 1
    statements.push(d1.prepare(insertDeliveries(EVENTS[kind])).bind(tenantId, fromSeq, lastSeq, nowMs, bodyVersion))
    if (lastSeq === toSeq) statements.push(d1.prepare(DONE).bind(tenantId, id))
    else {
      // Somebody else may be further already.
      statements.push(d1.prepare(GO_ON).bind(tenantId, id, lastSeq + 1))
      isAll = false
    }
  }
  await d1.batch(statements)
  return isAll
}

const DONE = 'DELETE FROM outbox WHERE tenant_id = ?1 AND id = ?2'
const GO_ON = 'UPDATE outbox SET from_seq = max(from_seq, ?3) WHERE tenant_id = ?1 AND id = ?2'

// A hook that waits for nobody: neither paused nor inactive. A breaker lets one delivery through from time to time.
const MAY_SEND = `w.is_active = 1 AND (w.paused_at_ms IS NULL OR w.probe_at_ms <= ?1)`
const HAS_DUE = `EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id
  AND d.next_attempt_at_ms <= ?1)`

/** Webhooks of the tenant that have something to send. */
export async function listDueWebhooks({ d1, tenantId }: TenantDb, nowMs: number): Promise<WebhookId[]> {
  const { results } = await d1
    .prepare(`SELECT w.id FROM webhooks w WHERE w.tenant_id = ?2 AND ${MAY_SEND} AND ${HAS_DUE}`)
    .bind(nowMs, tenantId)
    .all<{ id: WebhookId }>()
  return results.map(({ id }) => id)
}

/** The same of all tenants of a shard, in any order: where there are more than `limit`, all have their turn. For the
 *  sweep. */
export async function listDueWebhooksOfShard(
  shard: D1Database,
  nowMs: number,
  limit: number,
): Promise<{ tenantId: TenantId; id: WebhookId }[]> {
  const { results } = await shard
    .prepare(
      `SELECT w.tenant_id AS tenantId, w.id FROM webhooks w WHERE ${MAY_SEND} AND ${HAS_DUE} ORDER BY random() LIMIT ?2`,
    )
    .bind(nowMs, limit)
    .all<{ tenantId: TenantId; id: WebhookId }>()
  return results
}

/** Tenants of a shard whose outbox holds something that is older than `beforeMs`. For the sweep. */
export async function listTenantsWithOutbox(shard: D1Database, beforeMs: number, limit: number): Promise<TenantId[]> {
  const rows = await drizzle(shard)
    .selectDistinct({ tenantId: outbox.tenantId })
    .from(outbox)
    .where(lt(outbox.createdAtMs, beforeMs))
    .limit(limit)
  return rows.map(({ tenantId }) => tenantId)
}
