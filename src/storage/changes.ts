// The query behind the feed: what changed after a point, from all tables that have a `seq`, in one D1 batch. Which kinds
// there are and who may follow them is the domain's business (domain/sync/changes.ts).
import type { DeviceId, FormId, FormVersionId, MediaId, ProjectId, SubmissionId, UserId } from '../lib/ids.ts'
import type { TenantDb } from './tenant-db.ts'

/** Rows of one table in the feed: those that stand, those that were deleted, or both. */
export interface Wanted {
  standing: boolean
  deleted: boolean
}

export interface FeedQuery {
  /** Per table: rows with a seq above `after`. A table without an entry is not read. */
  submissions?: Wanted & { after: number }
  media?: Wanted & { after: number }
  forms?: Wanted & { after: number }
  mode: 'live' | 'test'
  /** Null: all projects. */
  projectIds: ProjectId[] | null
  /** Rows per table. */
  limit: number
  /** Answers of one page, in bytes; the row that goes over it is the last. */
  maxBytes: number
}

export interface FeedSubmission {
  seq: number
  id: SubmissionId
  formId: FormId
  formVersionId: FormVersionId | null
  localUuid: string
  mode: 'live' | 'test'
  dataKind: 'json' | 'encrypted' | 'opaque'
  /** Null for deleted rows, and where the answers are in R2 under `dataKey`. */
  data: string | null
  dataKey: string | null
  /** JSON text. */
  issues: string | null
  collectedAtMs: number | null
  collectedOffsetMin: number | null
  submittedAtMs: number
  submittedByLabel: string | null
  userId: UserId | null
  deviceId: DeviceId | null
  reportedDeviceId: string | null
  protocol: string
  revision: number
  reviewState: 'received' | 'approved' | 'rejected' | 'has_issues'
  updatedAtMs: number
  deletedAtMs: number | null
  erasedAtMs: number | null
}

export interface FeedMedia {
  seq: number
  id: MediaId
  submissionId: SubmissionId | null
  formId: FormId | null
  fieldId: string
  repeatPath: string
  filename: string
  contentType: string
  sizeBytes: number
  sha256: string
  createdAtMs: number
  deletedAtMs: number | null
}

export interface FeedForm {
  seq: number
  id: FormId
  projectId: ProjectId
  key: string
  name: string
  /** The live version. */
  currentVersionId: FormVersionId | null
  versionNum: number | null
  updatedAtMs: number
  archivedAtMs: number | null
  deletedAtMs: number | null
}

export interface FeedTable<Row> {
  rows: Row[]
  /** There are further rows after these. */
  more: boolean
}

export interface FeedRows {
  submissions: FeedTable<FeedSubmission>
  media: FeedTable<FeedMedia>
  forms: FeedTable<FeedForm>
  /** The tenant's counter in the same snapshot: no later row will have a seq up to it. */
  counter: number
}

// In all statements: ?1 tenant, ?2 after, ?3 rows at most. Nothing of a deleted form is listed: its own tombstone tells.
const ofStandingForm = (column: string) => `${column} NOT IN (
  SELECT id FROM forms WHERE tenant_id = ?1 AND deleted_at_ms IS NOT NULL AND purged_at_ms IS NULL)`

const standing = (column: string, { standing, deleted }: Wanted): string =>
  standing && deleted ? 'true' : `${column} IS ${standing ? '' : 'NOT '}NULL`

// The rows are chosen, by number and by bytes, before their answers are touched: a page of large ones must not fill the
// memory of the reader. ?4 mode, ?5 projects, ?6 bytes.
const submissionsSql = (wanted: Wanted, limited: boolean) => `
WITH chosen AS MATERIALIZED (
  SELECT seq, sum(bytes) OVER (ORDER BY seq) - bytes AS bytes_before, count(*) OVER () AS rows_found
  FROM (
    SELECT seq, iif(deleted_at_ms IS NULL, data_bytes, 0) AS bytes FROM submissions
    WHERE tenant_id = ?1 AND seq > ?2 AND mode = ?4 AND ${standing('deleted_at_ms', wanted)}
      AND ${ofStandingForm('form_id')} AND ${limited ? ofProjects('form_id') : '?5 IS NULL'}
    ORDER BY seq LIMIT ?3
  )
)
SELECT s.seq, s.id, s.form_id AS formId, s.form_version_id AS formVersionId, s.local_uuid AS localUuid, s.mode,
  s.data_kind AS dataKind, iif(s.deleted_at_ms IS NULL, s.data, NULL) AS data, s.data_key AS dataKey, s.issues,
  s.collected_at_ms AS collectedAtMs, s.collected_offset_min AS collectedOffsetMin, s.submitted_at_ms AS submittedAtMs,
  s.submitted_by_label AS submittedByLabel, s.user_id AS userId, s.device_id AS deviceId,
  s.reported_device_id AS reportedDeviceId, s.protocol, s.revision, s.review_state AS reviewState,
  s.updated_at_ms AS updatedAtMs, s.deleted_at_ms AS deletedAtMs, s.erased_at_ms AS erasedAtMs, chosen.rows_found AS found
FROM chosen CROSS JOIN submissions s ON s.tenant_id = ?1 AND s.seq = chosen.seq
WHERE chosen.bytes_before < ?6
ORDER BY chosen.seq`

const ofProjects = (column: string) => `${column} IN (
  SELECT id FROM forms WHERE tenant_id = ?1 AND project_id IN (SELECT value FROM json_each(?5)))`

// A file's mode is its submission's. ?4 mode, ?5 projects.
const mediaSql = (wanted: Wanted, limited: boolean) => `
SELECT m.seq, m.id, m.submission_id AS submissionId, m.form_id AS formId, m.field_id AS fieldId,
  m.repeat_path AS repeatPath, m.filename, m.content_type AS contentType, m.size_bytes AS sizeBytes, m.sha256,
  m.created_at_ms AS createdAtMs, m.deleted_at_ms AS deletedAtMs
FROM media m LEFT JOIN submissions s ON s.tenant_id = m.tenant_id AND s.id = m.submission_id
WHERE m.tenant_id = ?1 AND m.seq > ?2 AND coalesce(s.mode, 'live') = ?4 AND ${standing('m.deleted_at_ms', wanted)}
  AND (m.form_id IS NULL OR ${ofStandingForm('m.form_id')}) AND ${limited ? ofProjects('m.form_id') : '?5 IS NULL'}
ORDER BY m.seq LIMIT ?3`

// ?4 projects.
const formsSql = (wanted: Wanted, limited: boolean) => `
SELECT f.seq, f.id, f.project_id AS projectId, f.key, f.name, f.current_version_id AS currentVersionId,
  v.version_num AS versionNum, f.updated_at_ms AS updatedAtMs, f.archived_at_ms AS archivedAtMs,
  f.deleted_at_ms AS deletedAtMs
FROM forms f LEFT JOIN form_versions v ON v.tenant_id = f.tenant_id AND v.id = f.current_version_id
WHERE f.tenant_id = ?1 AND f.seq > ?2 AND ${standing('f.deleted_at_ms', wanted)}
  AND ${limited ? 'f.project_id IN (SELECT value FROM json_each(?4))' : '?4 IS NULL'}
ORDER BY f.seq LIMIT ?3`

const COUNTER = 'SELECT seq FROM tenant_counters WHERE tenant_id = ?1'

/** The last seq that was given out; 0 before the first. */
export async function readCounter({ d1, tenantId }: TenantDb): Promise<number> {
  return (await d1.prepare(COUNTER).bind(tenantId).first<number>('seq')) ?? 0
}

/**
 * The rows of each table in the order of their seq. All statements run in one batch, so they see the same moment: read
 * one after the other, the second could show a row that was committed after the first had been read, and a reader who
 * goes on behind that row would never see what the first one missed.
 */
export async function readFeed({ d1, tenantId }: TenantDb, query: FeedQuery): Promise<FeedRows> {
  const { mode, limit, maxBytes, submissions, media, forms } = query
  const limited = query.projectIds !== null
  const projects = query.projectIds && JSON.stringify(query.projectIds)
  // One row more than asked for tells whether there are further ones.
  const most = limit + 1
  const statements = [d1.prepare(COUNTER).bind(tenantId)]
  const add = (statement: D1PreparedStatement): number => statements.push(statement) - 1
  const at = {
    submissions:
      submissions &&
      add(
        d1
          .prepare(submissionsSql(submissions, limited))
          .bind(tenantId, submissions.after, most, mode, projects, maxBytes),
      ),
    media: media && add(d1.prepare(mediaSql(media, limited)).bind(tenantId, media.after, most, mode, projects)),
    forms: forms && add(d1.prepare(formsSql(forms, limited)).bind(tenantId, forms.after, most, projects)),
  }
  const results = await d1.batch(statements)
  const rowsOf = <Row>(position: number | undefined): Row[] =>
    position === undefined ? [] : (results[position]!.results as Row[])
  const submissionRows = rowsOf<FeedSubmission & { found: number }>(at.submissions)
  return {
    submissions: cut(submissionRows, limit, submissionRows[0]?.found),
    media: cut(rowsOf<FeedMedia>(at.media), limit),
    forms: cut(rowsOf<FeedForm>(at.forms), limit),
    counter: rowsOf<{ seq: number }>(0)[0]?.seq ?? 0,
  }
}

const cut = <Row>(rows: Row[], limit: number, found = rows.length): FeedTable<Row> => ({
  rows: rows.length > limit ? rows.slice(0, limit) : rows,
  more: rows.length > limit || found > rows.length,
})
