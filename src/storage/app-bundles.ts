// Queries on app bundles: versions that are numbered on and never change. Their archives are objects (blobs.ts), noted as
// uploads before they have a row and after they have lost it, so that the sweep deletes what nobody names.
import { sql } from 'drizzle-orm'
import type { MediaId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import { takeSeq } from './seq.ts'
import { appBundles } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type AppBundleRow = typeof appBundles.$inferSelect
export type NewAppBundle = Omit<typeof appBundles.$inferInsert, 'tenantId' | 'version'>

const INSERT = `
INSERT INTO app_bundles (tenant_id, version, object_key, size_bytes, sha256, files, app_info, actor_kind, actor_id,
  user_id, device_id, protocol, created_at_ms)
SELECT ?1, coalesce((SELECT max(version) FROM app_bundles WHERE tenant_id = ?1), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
  ?10, ?11, ?12 RETURNING version`

// ?2: how many of the newest stay. The active one stays whatever its age.
const SPARE = `b.tenant_id = ?1 AND b.version <= (SELECT max(version) FROM app_bundles WHERE tenant_id = ?1) - ?2
  AND b.version IS NOT (SELECT active_bundle FROM repositories WHERE tenant_id = ?1)`

export interface Superseded {
  objectKey: string
  uploadId: MediaId
}

/** Stores the next version and ends its upload; the oldest give way. Returns its number and what lost its row. */
export async function insertAppBundle(
  db: TenantDb,
  bundle: NewAppBundle,
  { uploadId, keep, audit }: { uploadId: MediaId; keep: number; audit: NewAudit },
): Promise<{ version: number; superseded: Superseded[] }> {
  const { d1, tenantId } = db
  const counter = takeSeq(db).toSQL()
  const entry = auditRow(db, audit).toSQL()
  const { objectKey, sizeBytes, sha256, files, appInfo, actorKind, createdAtMs, protocol } = bundle
  const by = [actorKind, bundle.actorId ?? null, bundle.userId ?? null, bundle.deviceId ?? null, protocol]
  const results = await d1.batch<{ version: number } & Superseded>([
    d1.prepare(counter.sql).bind(...counter.params),
    d1.prepare(INSERT).bind(tenantId, objectKey, sizeBytes, sha256, files, appInfo, ...by, createdAtMs),
    d1.prepare('DELETE FROM media_uploads WHERE tenant_id = ?1 AND media_id = ?2').bind(tenantId, uploadId),
    d1
      .prepare(
        // The id that the object's key was made from is free again to name its deletion.
        `INSERT INTO media_uploads (tenant_id, media_id, object_key, started_at_ms)
         SELECT b.tenant_id, substr(b.object_key, -40, 36), b.object_key, ?3 FROM app_bundles AS b WHERE ${SPARE}
         RETURNING object_key AS objectKey, media_id AS uploadId`,
      )
      .bind(tenantId, keep, createdAtMs),
    d1.prepare(`DELETE FROM app_bundles AS b WHERE ${SPARE}`).bind(tenantId, keep),
    d1.prepare(entry.sql).bind(...entry.params),
  ])
  return { version: results[1]!.results[0]!.version, superseded: results[3]!.results }
}

/** Newest first. */
export async function listBundleVersions({ d1, tenantId }: TenantDb): Promise<{ version: number; active: boolean }[]> {
  const { results } = await d1
    .prepare(
      `SELECT version, version IS (SELECT active_bundle FROM repositories WHERE tenant_id = ?1) AS active
       FROM app_bundles WHERE tenant_id = ?1 ORDER BY version DESC`,
    )
    .bind(tenantId)
    .all<{ version: number; active: number }>()
  return results.map(({ version, active }) => ({ version, active: active === 1 }))
}

/** A version by its number, the newest one, or the one that is handed out. */
export async function findBundle(db: TenantDb, which: number | 'newest' | 'active'): Promise<AppBundleRow | undefined> {
  const version =
    which === 'newest'
      ? sql`(SELECT max(version) FROM app_bundles WHERE tenant_id = ${db.tenantId})`
      : which === 'active'
        ? sql`(SELECT active_bundle FROM repositories WHERE tenant_id = ${db.tenantId})`
        : sql`${which}`
  return db.orm
    .select()
    .from(appBundles)
    .where(sql`${appBundles.tenantId} = ${db.tenantId} AND ${appBundles.version} = ${version}`)
    .get()
}

/** False when there is no such version. */
export async function activateBundle(db: TenantDb, version: number, audit: NewAudit): Promise<boolean> {
  const { d1, tenantId } = db
  const counter = takeSeq(db).toSQL()
  const there = sql`EXISTS (SELECT 1 FROM app_bundles WHERE tenant_id = ${tenantId} AND version = ${version})`
  const entry = auditRow(db, audit, there).toSQL()
  const results = await d1.batch([
    d1.prepare(counter.sql).bind(...counter.params),
    d1
      .prepare(
        `INSERT INTO repositories (tenant_id, active_bundle) SELECT b.tenant_id, b.version FROM app_bundles AS b
         WHERE b.tenant_id = ?1 AND b.version = ?2
         ON CONFLICT (tenant_id) DO UPDATE SET active_bundle = excluded.active_bundle RETURNING active_bundle`,
      )
      .bind(tenantId, version),
    d1.prepare(entry.sql).bind(...entry.params),
  ])
  return results[1]!.results.length > 0
}
