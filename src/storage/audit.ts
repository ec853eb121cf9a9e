// Queries on the audit log: its rows are written once, by the act they tell of, and read by admins.
// What is worth a row is the domain's decision (domain/audit/audit.ts).
import { and, desc, eq, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../lib/ids.ts'
import { outboxRow } from './outbox.ts'
import { takenSeq, takeSeq } from './seq.ts'
import { auditLog } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type AuditRow = typeof auditLog.$inferSelect
/** `details` is JSON text. */
export type NewAudit = Omit<AuditRow, 'tenantId' | 'id'>

/**
 * Statement: the row of an act, for the batch that commits the act. Its id is the counter as `takeSeq` left it, so the
 * batch takes a seq before, and one for each further audit row. With a `condition` the row is written only where that
 * holds when the statement's turn comes: an act that came to nothing leaves no trace.
 */
export const auditRow = (db: TenantDb, row: NewAudit, condition: SQL = sql`true`) =>
  db.orm.insert(auditLog).select(
    // In the order of the table's columns: that is the order in which drizzle names them.
    sql`SELECT ${db.tenantId}, ${takenSeq(db)}, ${row.action}, ${row.subjectKind}, ${row.subjectId}, ${row.details},
      ${row.actorKind}, ${row.actorId}, ${row.userId}, ${row.deviceId}, ${row.protocol}, ${row.requestId}, ${row.atMs}
      WHERE ${condition}`,
  )

/** A row of its own, for acts that were committed elsewhere (in the directory). */
export async function insertAudit(db: TenantDb, row: NewAudit): Promise<void> {
  const [, , left] = await db.orm.batch([takeSeq(db), auditRow(db, row), outboxRow(db, 'audit', row)])
  db.noteOutbox(left.length > 0)
}

/**
 * One more of what `row` tells of: within `withinMs` of the last row of the same action and subject, that row's
 * `details.count` rises and `details.last_at` moves; otherwise `row` is written, which has `count` 1 itself.
 */
export async function countAudit(db: TenantDb, row: NewAudit, withinMs: number): Promise<void> {
  const recent = sql`(SELECT max(id) FROM audit_log WHERE tenant_id = ${db.tenantId} AND action = ${row.action}
    AND subject_kind = ${row.subjectKind} AND subject_id = ${row.subjectId} AND at_ms > ${row.atMs - withinMs})`
  const count = sql`json_extract(${auditLog.details}, '$.count') + 1`
  await db.orm.batch([
    takeSeq(db),
    db.orm
      .update(auditLog)
      .set({
        details: sql`json_set(${auditLog.details}, '$.count', ${count}, '$.last_at', ${new Date(row.atMs).toISOString()})`,
      })
      .where(and(eq(auditLog.tenantId, db.tenantId), sql`${auditLog.id} = ${recent}`)),
    auditRow(db, row, sql`${recent} IS NULL`),
  ])
}

export interface AuditFilter {
  action?: string
  /** Of the credential that acted, or of the user behind it. */
  actorId?: string
  subjectId?: string
  fromMs?: number
  /** Inclusive. */
  toMs?: number
}

/** Newest first, after the row with the id `before` when given. */
export async function listAudit(
  db: TenantDb,
  { action, actorId, subjectId, fromMs, toMs }: AuditFilter,
  page: { before?: number; limit: number },
): Promise<AuditRow[]> {
  return db.orm
    .select()
    .from(auditLog)
    .where(
      and(
        eq(auditLog.tenantId, db.tenantId),
        page.before === undefined ? undefined : lt(auditLog.id, page.before),
        action === undefined ? undefined : eq(auditLog.action, action),
        actorId === undefined ? undefined : or(eq(auditLog.actorId, actorId), eq(auditLog.userId, actorId as UserId)),
        subjectId === undefined ? undefined : eq(auditLog.subjectId, subjectId),
        fromMs === undefined ? undefined : gte(auditLog.atMs, fromMs),
        toMs === undefined ? undefined : lte(auditLog.atMs, toMs),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(page.limit)
}
