// The feed's submissions as sync clients hold them: whole records of one project, deleted ones with their answers, with
// the names of form and version that those clients know.
import type { FormId, ProjectId, UserId } from '../lib/ids.ts'
import type { FeedSubmission } from './changes.ts'
import type { TenantDb } from './tenant-db.ts'

export interface RecordFilter {
  projectId: ProjectId
  /** Null: of all users. */
  userId: UserId | null
  /** Null: of all forms. */
  formKeys: string[] | null
  /** What this bulk action deleted, of submissions created up to this seq, is not told. */
  hidden: { actionId: string; createdUntilSeq: number } | null
}

export interface RecordColumns {
  formKey: string
  /** What the client called the version, or its number; '' where the form has none. */
  versionName: string
  /** JSON text. */
  extras: string | null
}

/** Takes the columns of a record out of a row as the statement below returns it. */
export const recordColumnsOf = ({ formKey, versionName, extras }: object & Partial<RecordColumns>): RecordColumns => ({
  formKey: formKey ?? '',
  versionName: versionName ?? '',
  extras: extras ?? null,
})

const COLUMNS = `s.seq, s.id, s.form_id AS formId, s.form_version_id AS formVersionId, s.local_uuid AS localUuid, s.mode,
  s.data_kind AS dataKind, s.data, s.data_key AS dataKey, s.issues, s.collected_at_ms AS collectedAtMs,
  s.collected_offset_min AS collectedOffsetMin, s.submitted_at_ms AS submittedAtMs,
  s.submitted_by_label AS submittedByLabel, s.user_id AS userId, s.device_id AS deviceId,
  s.reported_device_id AS reportedDeviceId, s.protocol, s.revision, s.review_state AS reviewState,
  s.updated_at_ms AS updatedAtMs, s.deleted_at_ms AS deletedAtMs, s.erased_at_ms AS erasedAtMs,
  s.extras,
  (SELECT f.key FROM forms AS f WHERE f.tenant_id = ?1 AND f.id = s.form_id) AS formKey,
  coalesce(s.version_label, (SELECT CAST(v.version_num AS TEXT) FROM form_versions AS v
    WHERE v.tenant_id = ?1 AND v.id = s.form_version_id), '') AS versionName`

// As the feed's own statement, rows are chosen by number and by bytes before their answers are touched. ?1 tenant,
// ?2 after, ?3 rows at most, ?4 mode, ?5 project, ?6 bytes, ?7 user, ?8 form keys, ?9 hidden action, ?10 its last seq.
const RECORDS = `
WITH asked AS MATERIALIZED (
  SELECT id FROM forms
  WHERE tenant_id = ?1 AND project_id = ?5 AND deleted_at_ms IS NULL
    AND (?8 IS NULL OR key IN (SELECT value FROM json_each(?8)))
),
chosen AS MATERIALIZED (
  SELECT seq, sum(data_bytes) OVER (ORDER BY seq) - data_bytes AS bytes_before, count(*) OVER () AS rows_found
  FROM (
    SELECT s.seq, s.data_bytes FROM submissions AS s
    WHERE s.tenant_id = ?1 AND s.seq > ?2 AND s.mode = ?4 AND s.form_id IN (SELECT id FROM asked)
      AND (?7 IS NULL OR s.user_id = ?7)
      AND NOT (s.deleted_at_ms IS NOT NULL AND s.created_seq <= ?10 AND EXISTS (
        SELECT 1 FROM bulk_action_rows AS b WHERE b.tenant_id = ?1 AND b.action_id = ?9 AND b.submission_id = s.id
          AND b.revision = s.revision))
    ORDER BY s.seq LIMIT ?3
  )
)
SELECT chosen.rows_found AS found, ${COLUMNS}
FROM chosen CROSS JOIN submissions AS s ON s.tenant_id = ?1 AND s.seq = chosen.seq
WHERE chosen.bytes_before < ?6
ORDER BY chosen.seq`

export const recordsStatement = (
  { d1, tenantId }: Pick<TenantDb, 'd1' | 'tenantId'>,
  { projectId, userId, formKeys, hidden }: RecordFilter,
  { after, most, mode, maxBytes }: { after: number; most: number; mode: string; maxBytes: number },
): D1PreparedStatement =>
  d1
    .prepare(RECORDS)
    .bind(
      tenantId,
      after,
      most,
      mode,
      projectId,
      maxBytes,
      userId,
      formKeys && JSON.stringify(formKeys),
      hidden?.actionId ?? null,
      hidden?.createdUntilSeq ?? -1,
    )

/** A form that has records, and how many. */
export interface RecordType {
  formId: FormId
  formKey: string
  total: number
}

/** The project's forms with live records, of one user or of all, by key. */
export async function listRecordTypes(
  { d1, tenantId }: TenantDb,
  projectId: ProjectId,
  userId: UserId | null,
): Promise<RecordType[]> {
  const { results } = await d1
    .prepare(
      `SELECT f.id AS formId, f.key AS formKey, count(*) AS total
       FROM forms AS f CROSS JOIN submissions AS s ON s.tenant_id = ?1 AND s.form_id = f.id AND s.mode = 'live'
         AND s.deleted_at_ms IS NULL AND (?3 IS NULL OR s.user_id = ?3)
       WHERE f.tenant_id = ?1 AND f.project_id = ?2 AND f.deleted_at_ms IS NULL
       GROUP BY f.id ORDER BY f.key`,
    )
    .bind(tenantId, projectId, userId)
    .all<RecordType>()
  return results
}

/** A place among a form's records in the order of their making. */
export interface RecordPlace {
  occurredAtMs: number
  createdSeq: number
}

const BY_TIME = `
WITH chosen AS MATERIALIZED (
  SELECT seq, occurred_at_ms, created_seq,
    sum(data_bytes) OVER (ORDER BY occurred_at_ms, created_seq) - data_bytes AS bytes_before
  FROM (
    SELECT seq, occurred_at_ms, created_seq, data_bytes FROM submissions
    WHERE tenant_id = ?1 AND form_id = ?2 AND mode = 'live' AND deleted_at_ms IS NULL AND created_seq <= ?3
      AND (?4 IS NULL OR user_id = ?4) AND (occurred_at_ms, created_seq) > (?5, ?6)
    ORDER BY occurred_at_ms, created_seq LIMIT ?7
  )
)
SELECT ${COLUMNS}, chosen.occurred_at_ms AS occurredAtMs, chosen.created_seq AS createdSeq
FROM chosen CROSS JOIN submissions AS s ON s.tenant_id = ?1 AND s.seq = chosen.seq
WHERE chosen.bytes_before < ?8
ORDER BY chosen.occurred_at_ms, chosen.created_seq`

export interface RecordPage {
  formId: FormId
  userId: UserId | null
  /** Only what was there when the reading began. */
  untilSeq: number
  after: RecordPlace | null
  limit: number
  maxBytes: number
}

/** Live records of a form in the order of their making. */
export async function listRecordsByTime(
  { d1, tenantId }: TenantDb,
  { formId, userId, untilSeq, after, limit, maxBytes }: RecordPage,
): Promise<(FeedSubmission & RecordPlace)[]> {
  const place = after ? [after.occurredAtMs, after.createdSeq] : [Number.MIN_SAFE_INTEGER, 0]
  const { results } = await d1
    .prepare(BY_TIME)
    .bind(tenantId, formId, untilSeq, userId, ...place, limit, maxBytes)
    .all<FeedSubmission & RecordPlace>()
  for (const row of results) row.record = recordColumnsOf(row)
  return results
}

/** How many live records of each form were made on each day (days since 1970, UTC). */
export async function countRecordsByDay(
  { d1, tenantId }: TenantDb,
  projectId: ProjectId,
  userId: UserId | null,
): Promise<{ formKey: string; day: number; total: number }[]> {
  const { results } = await d1
    .prepare(
      `SELECT f.key AS formKey, (s.occurred_at_ms - ((s.occurred_at_ms % ${DAY_MS}) + ${DAY_MS}) % ${DAY_MS}) / ${DAY_MS} AS day,
         count(*) AS total
       FROM forms AS f CROSS JOIN submissions AS s ON s.tenant_id = ?1 AND s.form_id = f.id AND s.mode = 'live'
         AND s.deleted_at_ms IS NULL AND (?3 IS NULL OR s.user_id = ?3)
       WHERE f.tenant_id = ?1 AND f.project_id = ?2 AND f.deleted_at_ms IS NULL
       GROUP BY f.id, day`,
    )
    .bind(tenantId, projectId, userId)
    .all<{ formKey: string; day: number; total: number }>()
  return results
}

const DAY_MS = 86_400_000
