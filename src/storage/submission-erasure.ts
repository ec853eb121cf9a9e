// Erasing submissions for good: one D1 batch makes everything of them unreadable and notes in `erasures` what is still to
// be removed (objects, and the rows that name them); what remains afterwards is an id with its times.
import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import type { SubmissionId } from '../lib/ids.ts'
import type { NewAudit } from './audit.ts'
import { letGoOfNamesIn, letGoStatements, possibleNames } from './gone-attachments.ts'
import { answersPrefix, getText } from './large-texts.ts'
import { OUTBOX_OF_SUBMISSIONS } from './outbox.ts'
import { cutExportsOf, cutRemains } from './purge.ts'
import { RAISE_COUNTER } from './seq.ts'
import { erasures, submissions } from './shard-tables.ts'
import { type ActorColumns, auditStatement, KEEP_REVISION, REVISION_COLUMNS } from './submission-changes.ts'
import type { TenantDb } from './tenant-db.ts'
import { ERASE_DELIVERIES } from './webhook-deliveries.ts'

/** Shorter names could stand in a payload by chance. */
const MIN_TELLING_NAME_CHARS = 16

// In all statements: ?1 tenant, ?2 ids. Pairs of tenant and id are looked up one by one; for the tenant by itself
// SQLite's planner would rather read everything of it (submission-changes.ts).
const STILL_THERE = `(s.tenant_id, s.id) IN (SELECT ?1, value FROM json_each(?2)) AND s.erased_at_ms IS NULL`
const OF_THEM = `(tenant_id, submission_id) IN (SELECT s.tenant_id, s.id FROM submissions AS s WHERE ${STILL_THERE})`

const UNCOUNT = `
UPDATE submission_counts SET total = total - (
  SELECT count(*) FROM submissions AS s
  WHERE ${STILL_THERE} AND s.deleted_at_ms IS NULL
    AND s.form_id = submission_counts.form_id AND s.mode = submission_counts.mode)
WHERE tenant_id = ?1 AND form_id IN (SELECT s.form_id FROM submissions AS s WHERE ${STILL_THERE})`

const KEEP_FIRST = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, 1, s.created_seq, 'create', s.form_version_id, NULL, NULL, NULL, s.review_state,
  s.collected_at_ms, s.actor_kind, s.actor_id, s.user_id, s.device_id, s.protocol, s.submitted_at_ms,
  NULL
FROM submissions AS s WHERE ${STILL_THERE} AND s.revision = 1
ON CONFLICT (tenant_id, submission_id, revision) DO NOTHING`

/** Quarantined payloads that could not be read as submissions, but hold the name of one. */
const CLAIM_QUARANTINED = `
UPDATE quarantine SET submission_id = (
  SELECT s.id FROM submissions AS s
  WHERE ${STILL_THERE} AND length(s.local_uuid) >= ${MIN_TELLING_NAME_CHARS}
    AND instr(lower(quarantine.body), lower(s.local_uuid)) > 0 LIMIT 1)
WHERE tenant_id = ?1 AND submission_id IS NULL AND body IS NOT NULL`

const CLOSE_QUARANTINED = `
UPDATE quarantine SET body = NULL, state = 'discarded', settled_at_ms = ?3
WHERE ${OF_THEM}`

const NOTE_ERASURE = `
INSERT INTO erasures (tenant_id, submission_id, started_at_ms)
SELECT s.tenant_id, s.id, ?3 FROM submissions AS s WHERE ${STILL_THERE}
ON CONFLICT (tenant_id, submission_id) DO NOTHING`

const EMPTY_REVISIONS = `
UPDATE submission_revisions SET data = NULL, data_key = NULL, issues = NULL, extras = NULL
WHERE ${OF_THEM}`

const HIDE_MEDIA = `
UPDATE media SET deleted_at_ms = coalesce(deleted_at_ms, ?3)
WHERE ${OF_THEM}`

const dropRowsOf = (table: string) =>
  `DELETE FROM ${table}
WHERE ${OF_THEM}`

// A name that is a UUID tells nothing and lets phones recognise the tombstone; any other is replaced by the id.
// ?3 the time, ?4 how many ids.
const EMPTY = `
UPDATE submissions SET seq = k.seq - ?4 + 1 + c.key, revision = submissions.revision + 1, updated_at_ms = ?3,
  erased_at_ms = ?3, deleted_at_ms = coalesce(submissions.deleted_at_ms, ?3),
  data = NULL, data_key = NULL, data_bytes = 0, issues = NULL, submitted_by_label = NULL, reported_device_id = NULL,
  version_label = NULL, extras = NULL,
  local_uuid = iif(length(submissions.local_uuid) = 36
    AND replace(lower(submissions.local_uuid), '-', '') NOT GLOB '*[^0-9a-f]*', submissions.local_uuid, submissions.id)
FROM (SELECT ?1 AS tenant_id, key, value FROM json_each(?2) LIMIT -1) AS c,
  (SELECT seq FROM tenant_counters WHERE tenant_id = ?1) AS k
WHERE submissions.tenant_id = c.tenant_id AND submissions.id = c.value AND submissions.erased_at_ms IS NULL
RETURNING id`

/** Returns those that were not erased before. What is left of them is in `erasures`. */
export async function eraseSubmissions(
  db: TenantDb,
  by: ActorColumns & { atMs: number },
  ids: SubmissionId[],
  audit?: NewAudit,
): Promise<SubmissionId[]> {
  const { d1, tenantId } = db
  const list = JSON.stringify(ids)
  const actor = [by.actorKind, by.actorId, by.userId, by.deviceId, by.protocol, by.atMs]
  // The emptied row comes last: the statements before it look for submissions that are not erased yet.
  const before = [
    d1.prepare(RAISE_COUNTER).bind(tenantId, ids.length),
    ...[UNCOUNT, KEEP_FIRST, CLAIM_QUARANTINED].map((text) => d1.prepare(text).bind(tenantId, list)),
    ...letGoStatements(db, ids, by.atMs),
    ...[CLOSE_QUARANTINED, NOTE_ERASURE, HIDE_MEDIA].map((text) => d1.prepare(text).bind(tenantId, list, by.atMs)),
    ...[EMPTY_REVISIONS, dropRowsOf('submission_comments'), dropRowsOf('spatial_answers')].map((text) =>
      d1.prepare(text).bind(tenantId, list),
    ),
  ]
  const results = await d1.batch<{ id: SubmissionId }>([
    ...before,
    d1.prepare(EMPTY).bind(tenantId, list, by.atMs, ids.length),
    d1.prepare(KEEP_REVISION).bind(tenantId, ids.length, 'erase', ...actor),
    ...(audit ? [auditStatement(db, audit, ids.length)] : []),
    d1.prepare(ERASE_DELIVERIES).bind(tenantId, list, by.atMs),
    d1.prepare(OUTBOX_OF_SUBMISSIONS).bind(tenantId, ids.length, by.atMs),
  ])
  db.noteOutbox(results.at(-1)!.results.length > 0)
  return results[before.length]!.results.map(({ id }) => id)
}

/** Objects, and the rows that name them, of submissions that are erased already. Can be repeated and stopped anywhere. */
export async function removeRemains(db: TenantDb, blobs: R2Bucket, id: SubmissionId, atMs: number): Promise<void> {
  // Every object with answers of this submission, also those that no row names: a change may have been cut off.
  const prefix = answersPrefix(db.tenantId, id)
  for (;;) {
    const { objects } = await blobs.list({ prefix })
    if (objects.length === 0) break
    for (const { key } of objects) {
      const text = await getText(blobs, key)
      if (text !== null) await letGoOfNamesIn(db, id, possibleNames(text), { atMs, isErased: true })
    }
    await blobs.delete(objects.map(({ key }) => key))
  }
  for (const key of await largePayloadsOf(db, id)) {
    const text = await getText(blobs, key)
    if (text !== null) await letGoOfNamesIn(db, id, possibleNames(text, 'data'), { atMs, isErased: true })
  }
  await cutRemains(db, blobs, id)
  const row = await db.orm
    .select({ formId: submissions.formId })
    .from(submissions)
    .where(and(eq(submissions.tenantId, db.tenantId), eq(submissions.id, id)))
    .get()
  if (row) await cutExportsOf(db, blobs, row.formId)
}

/** Objects of quarantined payloads that are this submission's. */
async function largePayloadsOf({ d1, tenantId }: TenantDb, id: SubmissionId): Promise<string[]> {
  const { results } = await d1
    .prepare(
      'SELECT body_key AS key FROM quarantine WHERE tenant_id = ?1 AND submission_id = ?2 AND body_key IS NOT NULL',
    )
    .bind(tenantId, id)
    .all<{ key: string }>()
  return results.map(({ key }) => key)
}

/** Nothing is left of them. */
export async function endErasures(db: TenantDb, ids: SubmissionId[]): Promise<void> {
  await db.orm
    .delete(erasures)
    .where(
      and(
        eq(erasures.tenantId, db.tenantId),
        inArray(erasures.submissionId, sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`),
      ),
    )
}

/** Erasures of all tenants of a shard that began before `beforeMs` and did not end. For the sweep. */
export async function listOpenErasures(shard: D1Database, beforeMs: number, limit: number) {
  return drizzle(shard)
    .select({ tenantId: erasures.tenantId, submissionId: erasures.submissionId })
    .from(erasures)
    .where(sql`${erasures.startedAtMs} < ${beforeMs}`)
    .orderBy(asc(erasures.tenantId), asc(erasures.startedAtMs))
    .limit(limit)
}

/** Submissions of all tenants of a shard that were deleted before `beforeMs`. For the sweep. */
export async function listExpiredTrash(shard: D1Database, beforeMs: number, limit: number) {
  return drizzle(shard)
    .select({ tenantId: submissions.tenantId, id: submissions.id })
    .from(submissions)
    .where(
      sql`${submissions.deletedAtMs} IS NOT NULL AND ${submissions.erasedAtMs} IS NULL
        AND ${submissions.deletedAtMs} < ${beforeMs}`,
    )
    .orderBy(asc(submissions.tenantId))
    .limit(limit)
}
