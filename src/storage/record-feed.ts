// The feed's submissions as sync clients hold them: whole records of one project, deleted ones with their answers, with
// the names of form and version that those clients know.
import type { FormId, ProjectId, UserId } from '../lib/ids.ts'
import { goneStatement, type RecordRows, withGone } from './gone-records.ts'
import { type RepositoryQuestion, type RepositoryState, readRepositoryOf, repositoryStatement } from './repositories.ts'
import type { TenantDb } from './tenant-db.ts'

export interface RecordFilter {
  projectId: ProjectId
  /** Null: of all users. */
  userId: UserId | null
  /** Null: of all forms. */
  formKeys: string[] | null
  /** What this bulk action deleted, of submissions created up to this seq, is not told. */
  hidden: { actionId: string; createdUntilSeq: number } | null
  /** The sync client's. */
  protocol: string
}

/** Only what a record shows. */
export interface RecordRow {
  seq: number
  localUuid: string
  formKey: string
  /** What the client called the version, or its number; '' where the form has none. */
  versionName: string
  /** Null where the answers are in R2 under `dataKey`, and of an erased one. */
  data: string | null
  /** JSON text. */
  extras: string | null
  /** When it was collected, or else when it came. */
  createdAtMs: number
  updatedAtMs: number
  reportedDeviceId: string | null
  /** Who sent it, where that was by another protocol than the sync client's. */
  sender: string | null
  dataKind: 'json' | 'encrypted' | 'opaque'
  dataKey: string | null
  deletedAtMs: number | null
  erasedAtMs: number | null
}

/** What most rows have alike. The others have it as JSON text. */
type Particulars = Pick<RecordRow, 'dataKind' | 'dataKey' | 'deletedAtMs' | 'erasedAtMs'>

const USUAL: Particulars = { dataKind: 'json', dataKey: null, deletedAtMs: null, erasedAtMs: null }

/** As it comes from the database: every column costs each of a page's rows, and one that is null costs half. */
type FoundRow = Omit<RecordRow, keyof Particulars> & { particulars: string | null }

const columnsFor = (protocol: string) => `s.seq, s.local_uuid AS localUuid,
  (SELECT f.key FROM forms AS f WHERE f.tenant_id = ?1 AND f.id = s.form_id) AS formKey,
  coalesce(s.version_label, (SELECT CAST(v.version_num AS TEXT) FROM form_versions AS v
    WHERE v.tenant_id = ?1 AND v.id = s.form_version_id), '') AS versionName,
  s.data, s.extras, coalesce(s.collected_at_ms, s.submitted_at_ms) AS createdAtMs, s.updated_at_ms AS updatedAtMs,
  s.reported_device_id AS reportedDeviceId, iif(s.protocol = ${protocol}, NULL, s.submitted_by_label) AS sender,
  iif(s.data_kind = 'json' AND s.data_key IS NULL AND s.deleted_at_ms IS NULL, NULL, json_object(
    'dataKind', s.data_kind, 'dataKey', s.data_key, 'deletedAtMs', s.deleted_at_ms, 'erasedAtMs', s.erased_at_ms
  )) AS particulars`

/** Spelled out: an object of a known form is made and read several times as fast as one that is put together. */
function recordOf(row: FoundRow): RecordRow {
  const { dataKind, dataKey, deletedAtMs, erasedAtMs } =
    row.particulars === null ? USUAL : (JSON.parse(row.particulars) as Particulars)
  return {
    seq: row.seq,
    localUuid: row.localUuid,
    formKey: row.formKey,
    versionName: row.versionName,
    data: row.data,
    extras: row.extras,
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
    reportedDeviceId: row.reportedDeviceId,
    sender: row.sender,
    dataKind,
    dataKey,
    deletedAtMs,
    erasedAtMs,
  }
}

// As the feed's own statement, rows are chosen by number and by bytes before their answers are touched. ?1 tenant,
// ?2 after, ?3 rows at most, ?4 project, ?5 bytes, ?6 user, ?7 form keys, ?8 hidden action, ?9 its last seq, ?10 the
// sync client's protocol.
const RECORDS = `
WITH asked AS MATERIALIZED (
  SELECT id FROM forms
  WHERE tenant_id = ?1 AND project_id = ?4 AND deleted_at_ms IS NULL
    AND (?7 IS NULL OR key IN (SELECT value FROM json_each(?7)))
),
chosen AS MATERIALIZED (
  SELECT seq, sum(data_bytes) OVER (ORDER BY seq) - data_bytes AS bytes_before, count(*) OVER () AS rows_found
  FROM (
    SELECT s.seq, s.data_bytes FROM submissions AS s
    WHERE s.tenant_id = ?1 AND s.seq > ?2 AND s.mode = 'live' AND s.form_id IN (SELECT id FROM asked)
      AND (?6 IS NULL OR s.user_id = ?6)
      AND NOT (s.deleted_at_ms IS NOT NULL AND s.created_seq <= ?9 AND EXISTS (
        SELECT 1 FROM bulk_action_rows AS b WHERE b.tenant_id = ?1 AND b.action_id = ?8 AND b.submission_id = s.id
          AND b.revision = s.revision))
    ORDER BY s.seq LIMIT ?3
  )
)
SELECT iif(chosen.bytes_before = 0, chosen.rows_found, NULL) AS found, ${columnsFor('?10')}
FROM chosen CROSS JOIN submissions AS s ON s.tenant_id = ?1 AND s.seq = chosen.seq
WHERE chosen.bytes_before < ?5
ORDER BY chosen.seq`

export interface RecordsPage {
  filter: RecordFilter
  afterSeq: number
  limit: number
  /** Answers, in bytes; the row that goes over it is the last. */
  maxBytes: number
}

/** Records in the order of their seq, those that went with their form among them, and the repository at the same moment. */
export async function readRecords(
  db: TenantDb,
  { filter, afterSeq, limit, maxBytes }: RecordsPage,
  asked: RepositoryQuestion,
): Promise<RepositoryState & RecordRows> {
  const { d1, tenantId } = db
  const { projectId, userId, formKeys, hidden, protocol } = filter
  const [state, page, gone] = await d1.batch([
    repositoryStatement({ d1, tenantId }, asked),
    d1.prepare(RECORDS).bind(
      tenantId,
      afterSeq,
      // One row more than asked for tells whether there are further ones.
      limit + 1,
      projectId,
      maxBytes,
      userId,
      formKeys && JSON.stringify(formKeys),
      hidden?.actionId ?? null,
      hidden?.createdUntilSeq ?? -1,
      protocol,
    ),
    goneStatement(db, filter, { afterSeq, limit: limit + 1 }),
  ])
  const found = page!.results as (FoundRow & { found: number | null })[]
  const rows = found.slice(0, limit).map(recordOf)
  const standing = { rows, hasMore: rows.length < (found[0]?.found ?? 0) }
  return { ...readRepositoryOf(state!), ...withGone(standing, (gone!.results as FoundRow[]).map(recordOf), limit) }
}

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
SELECT ${columnsFor('?9')}, chosen.occurred_at_ms AS occurredAtMs, chosen.created_seq AS createdSeq
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
  /** The sync client's. */
  protocol: string
}

/** Live records of a form in the order of their making. */
export async function listRecordsByTime(
  { d1, tenantId }: TenantDb,
  { formId, userId, untilSeq, after, limit, maxBytes, protocol }: RecordPage,
): Promise<(RecordRow & RecordPlace)[]> {
  const place = after ? [after.occurredAtMs, after.createdSeq] : [Number.MIN_SAFE_INTEGER, 0]
  const { results } = await d1
    .prepare(BY_TIME)
    .bind(tenantId, formId, untilSeq, userId, ...place, limit, maxBytes, protocol)
    .all<FoundRow & RecordPlace>()
  return results.map((row) => {
    const { occurredAtMs, createdSeq } = row
    return { ...recordOf(row), occurredAtMs, createdSeq }
  })
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
