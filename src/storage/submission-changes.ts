// Changes of stored submissions: edit, delete, restore, review. One D1 batch each, over any number of submissions: a new
// seq, the latest state in `submissions`, every state in `submission_revisions`, the counts. A change that comes too late
// (another revision, gone meanwhile) leaves its submission as it is. Erasing is in submission-erasure.ts.
import { sql } from 'drizzle-orm'
import type { DeviceId, MediaId, SubmissionId, UserId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import { OUTBOX_OF_SUBMISSIONS } from './outbox.ts'
import { RAISE_COUNTER } from './seq.ts'
import type { submissions } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type ReviewState = (typeof submissions.$inferSelect)['reviewState']
export type ChangeKind = 'edit' | 'delete' | 'restore' | 'review'

/** Who does it, as every row and revision tells. */
export interface ActorColumns {
  actorKind: 'user' | 'device' | 'key' | 'system'
  actorId: string | null
  userId: UserId | null
  deviceId: DeviceId | null
  protocol: string
}

export interface Change extends ActorColumns {
  kind: ChangeKind
  atMs: number
}

export interface ChangeItem {
  id: SubmissionId
  /** The revision that is changed: with any other the item is left out. Null: whatever it is. */
  revision: number | null
  /** Edits: the answers as they are from now on. */
  content?: { data: string | null; dataKey: string | null; dataBytes: number; issues: string | null }
  /** Absent: as it was. */
  reviewState?: ReviewState
}

export interface ChangeExtras {
  /** Written only if its submission was changed. */
  comment?: { id: string; submissionId: SubmissionId; body: string }
  /** Note of the object that large answers were put into: it ends with the row that names the object. */
  upload?: MediaId
  /** The act, recorded if anything was changed. */
  audit?: NewAudit
  /** Further statements of the same transaction, after the change; `changedRows` tells them what it was. */
  statements?: D1PreparedStatement[]
}

export interface Changed {
  id: SubmissionId
  seq: number
  revision: number
}

/** Condition on `s` (submissions): one of the rows that this batch has changed. Nobody else writes between. */
export const changedRows = (tenant: string, count: string): string =>
  `s.tenant_id = ${tenant} AND s.seq > (SELECT seq FROM tenant_counters WHERE tenant_id = ${tenant}) - ${count}`

export const REVISION_COLUMNS = `tenant_id, submission_id, revision, seq, change, form_version_id, data, data_key, issues, review_state,
  collected_at_ms, actor_kind, actor_id, user_id, device_id, protocol, at_ms, extras`

// A tenant of unknown size looks small to SQLite's planner, and it would rather read all of it than look up each item.
// Where the tenant comes from the items, too, and these are put first (LIMIT materialises them), it looks them up.
const ITEMS = '(SELECT ?1 AS tenant_id, key, value FROM json_each(?2) LIMIT -1) AS c'

// ?1 tenant, ?2 items, ?3 whether they must be deleted now.
const fits = (s: string) => `${s}.tenant_id = c.tenant_id AND ${s}.id = c.value ->> 'id' AND ${s}.erased_at_ms IS NULL
  AND (c.value ->> 'revision' IS NULL OR ${s}.revision = c.value ->> 'revision')
  AND (${s}.deleted_at_ms IS NOT NULL) = ?3`

/** The first change also writes down what was there before it. */
const KEEP_FIRST = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, 1, s.created_seq, 'create', s.form_version_id, s.data, s.data_key, s.issues, s.review_state,
  s.collected_at_ms, s.actor_kind, s.actor_id, s.user_id, s.device_id, s.protocol, s.submitted_at_ms,
  s.extras
FROM ${ITEMS} CROSS JOIN submissions AS s ON ${fits('s')}
WHERE s.revision = 1
ON CONFLICT (tenant_id, submission_id, revision) DO NOTHING`

// ?4 how many items, ?5 the time.
const change = (assignments: string) => `
UPDATE submissions SET seq = k.seq - ?4 + 1 + c.key, revision = submissions.revision + 1, updated_at_ms = ?5,
  review_state = coalesce(c.value ->> 'reviewState', submissions.review_state)${assignments}
FROM ${ITEMS}, (SELECT seq FROM tenant_counters WHERE tenant_id = ?1) AS k
WHERE ${fits('submissions')}
RETURNING id, seq, revision`

const CHANGE: Record<ChangeKind, string> = {
  edit: change(`, data = c.value ->> '$.content.data', data_key = c.value ->> '$.content.dataKey',
  data_bytes = c.value ->> '$.content.dataBytes', issues = c.value ->> '$.content.issues'`),
  delete: change(', deleted_at_ms = ?5'),
  restore: change(', deleted_at_ms = NULL'),
  review: change(''),
}

// ?1 tenant, ?2 how many items, ?3 change, ?4-?8 the actor, ?9 the time.
export const KEEP_REVISION = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, s.revision, s.seq, ?3, s.form_version_id, s.data, s.data_key, s.issues, s.review_state,
  s.collected_at_ms, ?4, ?5, ?6, ?7, ?8, ?9, s.extras
FROM submissions AS s WHERE ${changedRows('?1', '?2')}`

// ?3: 1 or -1.
const COUNT = `
UPDATE submission_counts SET total = total + ?3 * (
  SELECT count(*) FROM submissions AS s
  WHERE ${changedRows('?1', '?2')} AND s.form_id = submission_counts.form_id AND s.mode = submission_counts.mode)
WHERE tenant_id = ?1 AND form_id IN (SELECT s.form_id FROM submissions AS s WHERE ${changedRows('?1', '?2')})`

const COMMENT = `
INSERT INTO submission_comments (tenant_id, id, submission_id, body, actor_kind, actor_id, user_id, device_id, protocol,
  created_at_ms)
SELECT ?1, ?10, s.id, ?11, ?4, ?5, ?6, ?7, ?8, ?9 FROM submissions AS s
WHERE ${changedRows('?1', '?2')} AND s.id = ?3`

const END_UPLOAD = `
DELETE FROM media_uploads WHERE tenant_id = ?1 AND media_id = ?3
  AND EXISTS (SELECT 1 FROM submissions AS s WHERE ${changedRows('?1', '?2')})`

/** Records an act in a batch that changes `count` submissions, if it changed any. */
export function auditStatement(db: TenantDb, entry: NewAudit, count: number): D1PreparedStatement {
  const changed = sql`EXISTS (SELECT 1 FROM submissions AS s WHERE s.tenant_id = ${db.tenantId}
    AND s.seq > (SELECT seq FROM tenant_counters WHERE tenant_id = ${db.tenantId}) - ${count})`
  const { sql: text, params } = auditRow(db, entry, changed).toSQL()
  return db.d1.prepare(text).bind(...params)
}

/** The rows that were changed; those that are not among them did not fit. All or nothing: throws D1's error. */
export async function changeSubmissions(
  db: TenantDb,
  by: Change,
  items: ChangeItem[],
  { comment, upload, audit, statements = [] }: ChangeExtras = {},
): Promise<Changed[]> {
  const { d1, tenantId } = db
  const list = JSON.stringify(items)
  const count = items.length
  const mustBeDeleted = by.kind === 'restore' ? 1 : 0
  const actor = [by.actorKind, by.actorId, by.userId, by.deviceId, by.protocol, by.atMs]
  const batch = [
    d1.prepare(RAISE_COUNTER).bind(tenantId, count),
    d1.prepare(KEEP_FIRST).bind(tenantId, list, mustBeDeleted),
    d1.prepare(CHANGE[by.kind]).bind(tenantId, list, mustBeDeleted, count, by.atMs),
    d1.prepare(KEEP_REVISION).bind(tenantId, count, by.kind, ...actor),
  ]
  if (by.kind === 'delete' || by.kind === 'restore')
    batch.push(d1.prepare(COUNT).bind(tenantId, count, by.kind === 'delete' ? -1 : 1))
  if (comment)
    batch.push(d1.prepare(COMMENT).bind(tenantId, count, comment.submissionId, ...actor, comment.id, comment.body))
  if (upload) batch.push(d1.prepare(END_UPLOAD).bind(tenantId, count, upload))
  if (audit) batch.push(auditStatement(db, audit, count))
  batch.push(d1.prepare(OUTBOX_OF_SUBMISSIONS).bind(tenantId, count, by.atMs))
  const results = await d1.batch<Changed>([...batch, ...statements])
  db.noteOutbox(results[batch.length - 1]!.results.length > 0)
  return results[2]!.results
}
