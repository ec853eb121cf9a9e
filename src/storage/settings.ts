// A tenant's settings: small texts by key, in its shard. What a key means is the domain's business.
import { and, eq } from 'drizzle-orm'
import { auditRow, type NewAudit } from './audit.ts'
import { takeSeq } from './seq.ts'
import { tenantSettings } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export async function readSetting(db: TenantDb, key: string): Promise<string | null> {
  const row = await db.orm
    .select({ value: tenantSettings.value })
    .from(tenantSettings)
    .where(and(eq(tenantSettings.tenantId, db.tenantId), eq(tenantSettings.key, key)))
    .get()
  return row?.value ?? null
}

/** Commits settings (value by key) together with their row of the audit log. */
export async function writeSettings(
  db: TenantDb,
  values: Record<string, string>,
  atMs: number,
  audit: NewAudit,
): Promise<void> {
  const writes = Object.entries(values).map(([key, value]) =>
    db.orm
      .insert(tenantSettings)
      .values({ tenantId: db.tenantId, key, value, updatedAtMs: atMs })
      .onConflictDoUpdate({
        target: [tenantSettings.tenantId, tenantSettings.key],
        set: { value, updatedAtMs: atMs },
      }),
  )
  await db.orm.batch([takeSeq(db), ...writes, auditRow(db, audit)])
}
