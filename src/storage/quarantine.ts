// Queries on quarantined payloads.
import { sql } from 'drizzle-orm'
import { takenSeq, takeSeq } from './seq.ts'
import { quarantine } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type NewQuarantined = Omit<
  typeof quarantine.$inferInsert,
  'tenantId' | 'seq' | 'state' | 'arrivals' | 'settledAtMs'
>

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
  await db.orm.batch([takeSeq(db, rows.length), ...inserts])
}
