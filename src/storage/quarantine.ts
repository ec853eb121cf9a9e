// Queries on quarantined payloads.
import { and, desc, eq, getTableColumns, lt, sql } from 'drizzle-orm'
import type { DeviceId, SubmissionId, UserId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import { outboxRow } from './outbox.ts'
import { takenSeq, takeSeq } from './seq.ts'
import { quarantine } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type NewQuarantined = Omit<
  typeof quarantine.$inferInsert,
  'tenantId' | 'seq' | 'state' | 'arrivals' | 'settledAtMs' | 'settledBy' | 'settledNote'
>

export type Quarantined = typeof quarantine.$inferSelect
/** Without its bytes. */
export type QuarantinedMeta = Omit<Quarantined, 'body'>

/** Bytes that are there already (same credential, same sha256) only count one arrival more. */
export async function insertQuarantined(db: TenantDb, rows: NewQuarantined[]): Promise<void> {
  const inserts = rows.map((row, i) =>
    db.orm
      .insert(quarantine)
      .values({ ...row, tenantId: db.tenantId, seq: sql`${takenSeq(db)} - ${rows.length - 1 - i}` })
      .onConflictDoUpdate({
        target: [quarantine.tenantId, quarantine.credential, quarantine.sha256],
        set: { arrivals: sql`${quarantine.arrivals} + 1` },
      }),
  )
  const event = outboxRow(db, 'quarantine', { atMs: rows[0]!.receivedAtMs, count: rows.length })
  const results = await db.orm.batch([takeSeq(db, rows.length), ...inserts, event])
  db.noteOutbox((results.at(-1) as unknown[]).length > 0)
}

export interface QuarantineFilter {
  state?: Quarantined['state']
  reason?: string
  deviceId?: DeviceId
}

const { body: _, ...META } = getTableColumns(quarantine)

/** Newest first, after the row with the seq `before` when given. */
export async function listQuarantined(
  db: TenantDb,
  { state, reason, deviceId }: QuarantineFilter,
  page: { before?: number; limit: number },
): Promise<QuarantinedMeta[]> {
  return db.orm
    .select(META)
    .from(quarantine)
    .where(
      and(
        eq(quarantine.tenantId, db.tenantId),
        state && eq(quarantine.state, state),
        reason === undefined ? undefined : eq(quarantine.reason, reason),
        deviceId && eq(quarantine.deviceId, deviceId),
        page.before === undefined ? undefined : lt(quarantine.seq, page.before),
      ),
    )
    .orderBy(desc(quarantine.seq))
    .limit(page.limit)
}

export async function findQuarantined(db: TenantDb, id: string): Promise<Quarantined | undefined> {
  return db.orm
    .select()
    .from(quarantine)
    .where(and(eq(quarantine.tenantId, db.tenantId), eq(quarantine.id, id)))
    .get()
}

export interface Settlement {
  state: 'replayed' | 'discarded'
  settledAtMs: number
  settledBy: UserId | null
  settledNote?: string
  submissionId?: SubmissionId
}

/** False when it was settled before. */
export async function settleQuarantined(
  db: TenantDb,
  id: string,
  settlement: Settlement,
  audit: NewAudit,
): Promise<boolean> {
  const ours = and(eq(quarantine.tenantId, db.tenantId), eq(quarantine.id, id), eq(quarantine.state, 'open'))
  const open = sql`EXISTS (SELECT 1 FROM quarantine WHERE tenant_id = ${db.tenantId} AND id = ${id} AND state = 'open')`
  const [, , rows] = await db.orm.batch([
    takeSeq(db),
    auditRow(db, audit, open),
    db.orm.update(quarantine).set(settlement).where(ours).returning({ id: quarantine.id }),
  ])
  return rows.length > 0
}
