// Queries on export jobs: their record, and the volumes that are finished. A volume is there when the job names it: until
// then its object stands in `media_uploads`, as every object does that nothing names yet.
import { and, desc, eq, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import type { MediaId, ProjectId, TenantId, UserId } from '../lib/ids.ts'
import type { NewAudit } from './audit.ts'
import { auditRow } from './audit.ts'
import { takeSeq } from './seq.ts'
import { exportJobs, forms, mediaUploads } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type ExportJobRow = typeof exportJobs.$inferSelect
export type ExportState = ExportJobRow['state']

/** A finished part of an export: a file that is complete in itself. */
export interface ExportVolume {
  number: number
  objectKey: string
  fileName: string
  bytes: number
  sha256: string
  rows: number
  /** Position of its last submission: where the next volume begins. */
  lastSeq: number
}

export const exportKey = (tenantId: TenantId, jobId: string, objectId: string): string =>
  `${tenantId}/exports/${jobId}/${objectId}`

export const volumesOf = ({ volumes }: Pick<ExportJobRow, 'volumes'>): ExportVolume[] =>
  JSON.parse(volumes) as ExportVolume[]

const OPEN = ['queued', 'running'] as const

const ofJob = (db: TenantDb, id: string) => and(eq(exportJobs.tenantId, db.tenantId), eq(exportJobs.id, id))

export async function insertExportJob(
  db: TenantDb,
  job: Omit<typeof exportJobs.$inferInsert, 'tenantId'>,
  audit: NewAudit,
): Promise<void> {
  await db.orm.batch([
    takeSeq(db),
    db.orm.insert(exportJobs).values({ tenantId: db.tenantId, ...job }),
    auditRow(db, audit),
  ])
}

/** A job of a form that is not deleted. */
export async function findExportJob(
  db: TenantDb,
  id: string,
): Promise<{ job: ExportJobRow; projectId: ProjectId } | undefined> {
  return db.orm
    .select({ job: exportJobs, projectId: forms.projectId })
    .from(exportJobs)
    .innerJoin(forms, and(eq(forms.tenantId, exportJobs.tenantId), eq(forms.id, exportJobs.formId)))
    .where(and(ofJob(db, id), sql`${forms.deletedAtMs} IS NULL`))
    .get()
}

/** The own ones that hold nothing but own submissions, and all of forms in these projects. */
export interface JobReach {
  userId: UserId
  projectIds: ProjectId[]
}

export interface JobPlace {
  createdAtMs: number
  id: string
}

/** Newest first, after the one at `before`. `reach` null: all. */
export async function listExportJobs(
  db: TenantDb,
  reach: JobReach | null,
  { before, limit }: { before: JobPlace | null; limit: number },
): Promise<ExportJobRow[]> {
  const formsWhere = (condition: SQL) => sql`(SELECT id FROM forms WHERE tenant_id = ${db.tenantId} AND ${condition})`
  const reached =
    reach &&
    or(
      and(eq(exportJobs.userId, reach.userId), eq(exportJobs.isOwn, true)),
      inArray(
        exportJobs.formId,
        formsWhere(sql`project_id IN (SELECT value FROM json_each(${JSON.stringify(reach.projectIds)}))`),
      ),
    )
  return db.orm
    .select()
    .from(exportJobs)
    .where(
      and(
        eq(exportJobs.tenantId, db.tenantId),
        inArray(exportJobs.formId, formsWhere(sql`deleted_at_ms IS NULL`)),
        before === null
          ? undefined
          : sql`(${exportJobs.createdAtMs}, ${exportJobs.id}) < (${before.createdAtMs}, ${before.id})`,
        reached ?? undefined,
      ),
    )
    .orderBy(desc(exportJobs.createdAtMs), desc(exportJobs.id))
    .limit(limit)
}

/** Counts one more attempt at the present volume. Undefined when there is nothing to do any more. */
export async function beginVolume(db: TenantDb, id: string, atMs: number): Promise<ExportJobRow | undefined> {
  return db.orm
    .update(exportJobs)
    .set({ state: 'running', attempts: sql`${exportJobs.attempts} + 1`, updatedAtMs: atMs })
    .where(and(ofJob(db, id), inArray(exportJobs.state, OPEN)))
    .returning()
    .get()
}

/** Says that a job is alive, and how far. False when it is no longer wanted. */
export async function noteProgress(db: TenantDb, id: string, percent: number, atMs: number): Promise<boolean> {
  const rows = await db.orm
    .update(exportJobs)
    .set({ percent, updatedAtMs: atMs })
    .where(and(ofJob(db, id), inArray(exportJobs.state, OPEN)))
    .returning({ id: exportJobs.id })
  return rows.length > 0
}

/** Of several who finish one volume, one gets true, and only while the job is wanted. Its object then belongs to the
 *  job; any other still stands in `media_uploads`. */
export async function finishVolume(
  db: TenantDb,
  id: string,
  volume: ExportVolume,
  { objectId, state, percent, atMs }: { objectId: MediaId; state: 'running' | 'done'; percent: number; atMs: number },
): Promise<boolean> {
  const [rows] = await db.orm.batch([
    db.orm
      .update(exportJobs)
      .set({
        volumes: sql`json_insert(${exportJobs.volumes}, '$[#]', json(${JSON.stringify(volume)}))`,
        rowCount: sql`${exportJobs.rowCount} + ${volume.rows}`,
        attempts: 0,
        error: null,
        percent,
        state,
        updatedAtMs: atMs,
      })
      .where(
        and(
          ofJob(db, id),
          inArray(exportJobs.state, OPEN),
          sql`json_array_length(${exportJobs.volumes}) = ${volume.number - 1}`,
        ),
      )
      .returning({ id: exportJobs.id }),
    db.orm.delete(mediaUploads).where(
      and(
        eq(mediaUploads.tenantId, db.tenantId),
        eq(mediaUploads.mediaId, objectId),
        sql`EXISTS (SELECT 1 FROM export_jobs j, json_each(j.volumes) v WHERE j.tenant_id = ${db.tenantId}
          AND j.id = ${id} AND v.value ->> 'objectKey' = ${volume.objectKey})`,
      ),
    ),
  ])
  return rows.length > 0
}

/** Why the present attempt failed, and whether there will be another. */
export async function noteFailure(
  db: TenantDb,
  id: string,
  error: string,
  { state, atMs }: { state: 'running' | 'failed'; atMs: number },
): Promise<void> {
  await db.orm
    .update(exportJobs)
    .set({ error, state, updatedAtMs: atMs })
    .where(and(ofJob(db, id), inArray(exportJobs.state, OPEN)))
}

/** Of several who try at once, one gets true. The audit row is written with the change. */
export async function moveExportJob(
  db: TenantDb,
  id: string,
  { from, to, atMs }: { from: readonly ExportState[]; to: 'queued' | 'cancelled'; atMs: number },
  audit: NewAudit,
): Promise<boolean> {
  const [, rows] = await db.orm.batch([
    takeSeq(db),
    db.orm
      .update(exportJobs)
      .set({ state: to, updatedAtMs: atMs, attempts: 0, error: null })
      .where(and(ofJob(db, id), inArray(exportJobs.state, from)))
      .returning({ id: exportJobs.id }),
    auditRow(db, audit, sql`changes() > 0`),
  ])
  return rows.length > 0
}

/** Jobs of all tenants of a shard that have been silent since `silentSinceMs`. For the sweep. */
export async function listStalledExportJobs(shard: D1Database, silentSinceMs: number, limit: number) {
  return drizzle(shard)
    .select({ tenantId: exportJobs.tenantId, id: exportJobs.id, volumes: exportJobs.volumes })
    .from(exportJobs)
    .where(and(sql`${exportJobs.state} IN ('queued', 'running')`, lt(exportJobs.updatedAtMs, silentSinceMs)))
    .limit(limit)
}

/** Jobs of all tenants of a shard whose time is over, and whose files are still there. For the sweep. */
export async function listEndedExportJobs(shard: D1Database, nowMs: number, limit: number) {
  return drizzle(shard)
    .select({ tenantId: exportJobs.tenantId, id: exportJobs.id, volumes: exportJobs.volumes })
    .from(exportJobs)
    .where(and(sql`${exportJobs.state} <> 'expired'`, lt(exportJobs.expiresAtMs, nowMs)))
    .limit(limit)
}

/** The job has no files any more. */
export async function expireExportJob(db: TenantDb, id: string, atMs: number): Promise<void> {
  await db.orm.update(exportJobs).set({ state: 'expired', volumes: '[]', updatedAtMs: atMs }).where(ofJob(db, id))
}

/** Forgets jobs of all tenants of a shard that expired before `beforeMs`. For the sweep. */
export async function deleteOldExportJobs(shard: D1Database, beforeMs: number): Promise<void> {
  await drizzle(shard)
    .delete(exportJobs)
    .where(and(eq(exportJobs.state, 'expired'), lt(exportJobs.expiresAtMs, beforeMs)))
}
