// Maintenance queries of the clock's sweep: the only ones that look at all tenants of a shard at once. They find work,
// they show nothing to anybody.
import { and, asc, eq, inArray, isNotNull, isNull, lt, notExists, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import type { Directory } from './directory.ts'
import { pairingTokens, tenants } from './directory-tables.ts'
import { forms, media, mediaUploads } from './shard-tables.ts'

/** Shards that hold any tenant. */
export async function listShards(directory: Directory): Promise<number[]> {
  const rows = await directory.selectDistinct({ shard: tenants.shard }).from(tenants).orderBy(asc(tenants.shard))
  return rows.map(({ shard }) => shard)
}

/** Deleted forms that are not purged and whose purge has been silent since `silentSinceMs`. */
export async function listStalledPurges(shard: D1Database, silentSinceMs: number, limit: number) {
  return drizzle(shard)
    .select({ tenantId: forms.tenantId, formId: forms.id })
    .from(forms)
    .where(and(isNotNull(forms.deletedAtMs), isNull(forms.purgedAtMs), lt(forms.updatedAtMs, silentSinceMs)))
    .limit(limit)
}

/** Uploads that began before `beforeMs` and never became a media row. */
export async function listHalfUploads(shard: D1Database, beforeMs: number, limit: number) {
  const orm = drizzle(shard)
  const row = orm
    .select({ one: sql`1` })
    .from(media)
    .where(and(eq(media.tenantId, mediaUploads.tenantId), eq(media.id, mediaUploads.mediaId)))
  return orm
    .select({ tenantId: mediaUploads.tenantId, mediaId: mediaUploads.mediaId, objectKey: mediaUploads.objectKey })
    .from(mediaUploads)
    .where(and(lt(mediaUploads.startedAtMs, beforeMs), notExists(row)))
    .limit(limit)
}

/** Forgets uploads: those named, and all old ones that did become a media row. */
export async function deleteUploads(shard: D1Database, mediaIds: string[], beforeMs: number): Promise<void> {
  const orm = drizzle(shard)
  const finished = sql`EXISTS (SELECT 1 FROM media m WHERE m.tenant_id = media_uploads.tenant_id
    AND m.id = media_uploads.media_id)`
  await orm.batch([
    orm
      .delete(mediaUploads)
      .where(inArray(mediaUploads.mediaId, sql`(SELECT value FROM json_each(${JSON.stringify(mediaIds)}))`)),
    orm.delete(mediaUploads).where(and(lt(mediaUploads.startedAtMs, beforeMs), finished)),
  ])
}

export async function deleteExpiredPairingTokens(directory: Directory, beforeMs: number): Promise<void> {
  await directory.delete(pairingTokens).where(lt(pairingTokens.expiresAtMs, beforeMs))
}

/** Deleted tenants whose purge has been silent since `silentSinceMs`. */
export async function listStalledTenantPurges(directory: Directory, silentSinceMs: number, limit: number) {
  return directory
    .select({ id: tenants.id })
    .from(tenants)
    .where(and(eq(tenants.status, 'deleted'), lt(tenants.deletedAtMs, silentSinceMs)))
    .limit(limit)
}

/** Forgets what sync clients were answered before `beforeMs`, where clients stood that were not seen since
 *  `unseenSinceMs` (one that comes back all the same is told a version from which it misses nothing), and names of what is
 *  gone whose time is over. */
export async function deleteOldSyncState(
  shard: D1Database,
  { nowMs, beforeMs, unseenSinceMs, limit }: { nowMs: number; beforeMs: number; unseenSinceMs: number; limit: number },
): Promise<void> {
  const old = (table: string, key: string, time: string) =>
    `DELETE FROM ${table} WHERE (tenant_id, ${key}) IN (
       SELECT tenant_id, ${key} FROM ${table} WHERE tenant_id IN (SELECT tenant_id FROM tenant_counters) AND ${time} < ?1
       LIMIT ?2)`
  await shard.batch([
    shard.prepare(old('transmissions', 'key', 'at_ms')).bind(beforeMs, limit),
    shard.prepare(old('sync_clients', 'client_id', 'last_seen_at_ms')).bind(unseenSinceMs, limit),
    shard.prepare(old('gone_records', 'submission_id', 'forget_at_ms')).bind(nowMs, limit),
    shard.prepare(old('gone_attachments', 'name', 'forget_at_ms')).bind(nowMs, limit),
  ])
}
