// Removing for good what was deleted wholesale: rows in bounded cuts, and the objects they name before them, so that a
// purge can stop anywhere and go on later. Whether something may go is the domain's decision.
import { and, eq, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import { getTableConfig, type SQLiteColumn, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { FormId, SubmissionId, TenantId } from '../lib/ids.ts'
import type { Directory } from './directory.ts'
import { apiKeys, devices, memberships, pairingTokens, sessions, tenants, users } from './directory-tables.ts'
import { letGoOfAttachments, letGoOfNamesIn, possibleNames } from './gone-attachments.ts'
import { getText } from './large-texts.ts'
import * as tables from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

const { forms, submissions, webhooks } = tables

/** R2 deletes at most this many at once. */
const MAX_OBJECTS = 1_000

type ShardTable = SQLiteTable & { tenantId: SQLiteColumn }

/** Tables whose rows name objects, and the column that does. */
const OBJECT_COLUMNS = new Map<SQLiteTable, SQL>([
  [tables.media, sql`${tables.media.objectKey}`],
  [tables.mediaUploads, sql`${tables.mediaUploads.objectKey}`],
  [tables.submissions, sql`${tables.submissions.dataKey}`],
  [tables.submissionRevisions, sql`${tables.submissionRevisions.dataKey}`],
  [tables.quarantine, sql`${tables.quarantine.bodyKey}`],
  [tables.formVersions, sql`${tables.formVersions.sourceKey}`],
  [tables.appBundles, sql`${tables.appBundles.objectKey}`],
])

/** Each row of these belongs to one submission. */
const OF_SUBMISSIONS = [
  tables.media,
  tables.submissionRevisions,
  tables.submissionComments,
  tables.spatialAnswers,
  tables.submissionKeys,
] as const

/** Every shard table; the tenant's own purge forgets none that is added later. */
const ALL: ShardTable[] = Object.values(tables)

const inJson = (values: readonly string[]) => sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`

/** Primary key columns besides the tenant. */
function keysOf(table: ShardTable): SQLiteColumn[] {
  const { columns, primaryKeys } = getTableConfig(table)
  const keys = primaryKeys[0]?.columns ?? columns.filter((column) => column.primary)
  return keys.filter((column) => column.name !== 'tenant_id')
}

/** Removes at most `limit` rows that meet the condition, after the objects they name. Returns how many. */
async function cutRows(
  db: TenantDb,
  blobs: R2Bucket,
  table: ShardTable,
  limit: number,
  condition?: SQL,
): Promise<number> {
  const keys = keysOf(table)
  const ours = eq(table.tenantId, db.tenantId)
  const rows = await db.orm
    .select({
      key: sql<string>`json_array(${sql.join(keys, sql`, `)})`,
      object: sql<string | null>`${OBJECT_COLUMNS.get(table) ?? sql`NULL`}`,
    })
    .from(table)
    .where(and(ours, condition))
    .limit(limit)
  if (rows.length === 0) return 0
  const objects = rows.flatMap(({ object }) => object ?? [])
  if (objects.length > 0) await blobs.delete(objects)
  const list = sql`json_each(${`[${rows.map(({ key }) => key).join(',')}]`})`
  const values = sql.join(
    keys.map((_, index) => sql`value ->> ${sql.raw(String(index))}`),
    sql`, `,
  )
  // Keys are spelled bare: a DELETE has one table.
  const names = sql.join(
    keys.map(({ name }) => sql.identifier(name)),
    sql`, `,
  )
  await db.orm.delete(table).where(keys.length ? and(ours, sql`(${names}) IN (SELECT ${values} FROM ${list})`) : ours)
  return rows.length
}

/** Export jobs name their volumes' objects in a list: each `{objectKey}`. */
async function cutExportJobs(db: TenantDb, blobs: R2Bucket, limit: number, condition?: SQL): Promise<number> {
  const { exportJobs } = tables
  const [job] = await db.orm
    .select({ id: exportJobs.id, volumes: exportJobs.volumes })
    .from(exportJobs)
    .where(and(eq(exportJobs.tenantId, db.tenantId), condition))
    .limit(1)
  if (!job) return 0
  const keys = (JSON.parse(job.volumes) as { objectKey?: string }[]).flatMap(({ objectKey }) => objectKey ?? [])
  for (let at = 0; at < keys.length; at += limit) await blobs.delete(keys.slice(at, at + limit))
  return cutRows(db, blobs, exportJobs, 1, eq(exportJobs.id, job.id))
}

/** A few submissions of the form. Deleted ones have no index: they are looked for when no other is left. */
async function someSubmissions(db: TenantDb, formId: FormId, limit: number): Promise<SubmissionId[]> {
  const ours = and(eq(submissions.tenantId, db.tenantId), eq(submissions.formId, formId))
  for (const state of [isNull(submissions.deletedAtMs), isNotNull(submissions.deletedAtMs)]) {
    const rows = await db.orm.select({ id: submissions.id }).from(submissions).where(and(ours, state)).limit(limit)
    if (rows.length > 0) return rows.map(({ id }) => id)
  }
  return []
}

/** What webhooks of the form's project were told about these seqs. Its own webhooks go with all that they were told. */
async function cutDeliveries(db: TenantDb, formId: FormId, seqs: { seq: number }[]): Promise<void> {
  const { webhookDeliveries } = tables
  const hooks = sql`(SELECT w.id FROM webhooks w JOIN forms f ON f.tenant_id = w.tenant_id AND f.project_id = w.project_id
    WHERE w.tenant_id = ${db.tenantId} AND f.id = ${formId})`
  const list = sql`(SELECT value FROM json_each(${JSON.stringify(seqs.map(({ seq }) => seq))}))`
  await db.orm
    .delete(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.tenantId, db.tenantId),
        inArray(webhookDeliveries.webhookId, hooks),
        inArray(webhookDeliveries.seq, list),
      ),
    )
}

/** Seqs of all states of these submissions. */
async function seqsOf(db: TenantDb, ids: SubmissionId[]): Promise<{ seq: number }[]> {
  const { submissionRevisions } = tables
  const states = await db.orm
    .select({ seq: submissionRevisions.seq })
    .from(submissionRevisions)
    .where(and(eq(submissionRevisions.tenantId, db.tenantId), inArray(submissionRevisions.submissionId, inJson(ids))))
  const rows = await db.orm
    .select({ seq: submissions.seq })
    .from(submissions)
    .where(and(eq(submissions.tenantId, db.tenantId), inArray(submissions.id, inJson(ids))))
  return [...states, ...rows]
}

/** Attachments that the answers of these submissions name: they become theirs. */
async function claimAttachments(db: TenantDb, blobs: R2Bucket, ids: SubmissionId[], atMs: number): Promise<void> {
  await letGoOfAttachments(db, ids, atMs)
  const { results } = await db.d1
    .prepare(
      `SELECT s.id, s.data_key AS key FROM submissions AS s
       WHERE (s.tenant_id, s.id) IN (SELECT ?1, value FROM json_each(?2)) AND s.data_key IS NOT NULL
       UNION ALL
       SELECT r.submission_id, r.data_key FROM submission_revisions AS r
       WHERE (r.tenant_id, r.submission_id) IN (SELECT ?1, value FROM json_each(?2)) AND r.data_key IS NOT NULL`,
    )
    .bind(db.tenantId, JSON.stringify(ids))
    .all<{ id: SubmissionId; key: string }>()
  for (const { id, key } of results) {
    const text = await getText(blobs, key)
    if (text !== null) await letGoOfNamesIn(db, id, possibleNames(text), { atMs, isErased: false })
  }
}

/** Removes at most about `limit` rows of what belongs to a form, innermost first, and returns how many: 0 when only the
 *  form's own row is left. */
export async function cutForm(
  db: TenantDb,
  blobs: R2Bucket,
  formId: FormId,
  { limit, atMs }: { limit: number; atMs: number },
): Promise<number> {
  let left = limit
  const cut = async (table: ShardTable, condition: SQL | undefined): Promise<boolean> => {
    left -= await cutRows(db, blobs, table, left, condition)
    return left > 0
  }
  const done = async (): Promise<boolean> => {
    const files = await db.orm
      .select({ seq: tables.media.seq })
      .from(tables.media)
      .where(and(eq(tables.media.tenantId, db.tenantId), eq(tables.media.formId, formId)))
      .limit(left)
    await cutDeliveries(db, formId, files)
    const few = sql`(SELECT value FROM json_each(${JSON.stringify(files.map(({ seq }) => seq))}))`
    if (!(await cut(tables.media, inArray(tables.media.seq, few)))) return false
    for (;;) {
      const ids = await someSubmissions(db, formId, left)
      if (ids.length === 0) break
      await cutDeliveries(db, formId, await seqsOf(db, ids))
      await claimAttachments(db, blobs, ids, atMs)
      // A sync client may have sent one of them again meanwhile: then it is of another form, and stays.
      const theirs = sql`(SELECT s.id FROM submissions AS s WHERE s.form_id = ${formId}
        AND (s.tenant_id, s.id) IN (SELECT ${db.tenantId}, value FROM json_each(${JSON.stringify(ids)})))`
      for (const table of OF_SUBMISSIONS) {
        if (!(await cut(table, inArray(table.submissionId, theirs)))) return false
      }
      if (!(await cut(submissions, inArray(submissions.id, theirs)))) return false
    }
    const hooks = sql`(SELECT id FROM webhooks WHERE tenant_id = ${db.tenantId} AND form_id = ${formId})`
    if (!(await cut(tables.webhookDeliveries, inArray(tables.webhookDeliveries.webhookId, hooks)))) return false
    if (!(await cut(webhooks, eq(webhooks.formId, formId)))) return false
    while (left > 0) {
      const removed = await cutExportJobs(db, blobs, left, eq(tables.exportJobs.formId, formId))
      if (removed === 0) break
      left -= removed
    }
    if (left <= 0) return false
    if (!(await cut(tables.submissionCounts, eq(tables.submissionCounts.formId, formId)))) return false
    return cut(tables.formVersions, eq(tables.formVersions.formId, formId))
  }
  await done()
  return limit - left
}

/** Files and quarantined payloads of an erased submission, objects first. */
export async function cutRemains(db: TenantDb, blobs: R2Bucket, id: SubmissionId): Promise<void> {
  for (const table of [tables.media, tables.quarantine])
    while ((await cutRows(db, blobs, table, MAX_OBJECTS, eq(table.submissionId, id))) > 0);
}

/** Exports of a form, with their files: they may hold what was erased, and can be made again. */
export async function cutExportsOf(db: TenantDb, blobs: R2Bucket, formId: FormId): Promise<void> {
  while ((await cutExportJobs(db, blobs, MAX_OBJECTS, eq(tables.exportJobs.formId, formId))) > 0);
}

/** Removes at most about `limit` objects and rows of a tenant's data and returns how many: 0 when nothing is left. */
export async function cutTenant(db: TenantDb, blobs: R2Bucket, limit: number): Promise<number> {
  // Every object's key begins with its tenant. Listing also finds what no row names.
  const { objects } = await blobs.list({ prefix: `${db.tenantId}/`, limit })
  if (objects.length > 0) {
    await blobs.delete(objects.map(({ key }) => key))
    return objects.length
  }
  let left = limit
  for (const table of ALL) {
    left -= await cutRows(db, blobs, table, left)
    if (left <= 0) break
  }
  return limit - left
}

/** A form in whatever state. */
export async function findFormRow(db: TenantDb, formId: FormId) {
  return db.orm
    .select()
    .from(forms)
    .where(and(eq(forms.tenantId, db.tenantId), eq(forms.id, formId)))
    .get()
}

/** Notes that a form's purge is under way; the sweep starts one again that has been silent for a while. */
export async function notePurge(db: TenantDb, formId: FormId, atMs: number): Promise<void> {
  await db.orm
    .update(forms)
    .set({ updatedAtMs: atMs })
    .where(and(eq(forms.tenantId, db.tenantId), eq(forms.id, formId)))
}

export async function markFormPurged(db: TenantDb, formId: FormId, atMs: number): Promise<void> {
  await db.orm
    .update(forms)
    .set({ purgedAtMs: atMs, currentVersionId: null, draftVersionId: null })
    .where(and(eq(forms.tenantId, db.tenantId), eq(forms.id, formId), isNotNull(forms.deletedAtMs)))
}

/** A deleted tenant's time of deletion moves forward while its purge is under way. */
export async function noteTenantPurge(directory: Directory, tenantId: TenantId, atMs: number): Promise<void> {
  await directory
    .update(tenants)
    .set({ deletedAtMs: atMs })
    .where(and(eq(tenants.id, tenantId), eq(tenants.status, 'deleted')))
}

/** The last of a tenant: its people, credentials and its own row. */
export async function deleteDirectoryRows(directory: Directory, tenantId: TenantId): Promise<void> {
  await directory.batch([
    directory.delete(pairingTokens).where(eq(pairingTokens.tenantId, tenantId)),
    directory.delete(devices).where(eq(devices.tenantId, tenantId)),
    directory.delete(apiKeys).where(eq(apiKeys.tenantId, tenantId)),
    directory.delete(sessions).where(eq(sessions.tenantId, tenantId)),
    directory.delete(memberships).where(eq(memberships.tenantId, tenantId)),
    directory.delete(users).where(eq(users.tenantId, tenantId)),
    directory.delete(tenants).where(and(eq(tenants.id, tenantId), eq(tenants.status, 'deleted'))),
  ])
}
