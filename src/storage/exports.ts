// What exports read: pages of a form's submissions in the order of their arrival, cut by bytes, their files, and the
// versions of the form. The filter is the list's own (submissions.ts).
import { and, asc, eq, gt, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { DeviceId, FormId, FormVersionId, MediaId, SubmissionId, UserId } from '../lib/ids.ts'
import { filesOf } from './media.ts'
import { forms, formVersions, media, submissions } from './shard-tables.ts'
import { conditions, type SubmissionFilter } from './submissions.ts'
import type { TenantDb } from './tenant-db.ts'

export interface ExportRow {
  id: SubmissionId
  /** In the order that the window counts in. */
  position: number
  localUuid: string
  formVersionId: FormVersionId | null
  versionLabel: string | null
  mode: 'live' | 'test'
  dataKind: 'json' | 'encrypted' | 'opaque'
  /** JSON text, or null when it is in R2 under dataKey. */
  data: string | null
  dataKey: string | null
  collectedAtMs: number | null
  submittedAtMs: number
  updatedAtMs: number
  submittedByLabel: string | null
  userId: UserId | null
  deviceId: DeviceId | null
  reportedDeviceId: string | null
  protocol: string
  revision: number
  reviewState: 'received' | 'approved' | 'rejected' | 'has_issues'
  dataBytes: number
  deletedAtMs: number | null
  erasedAtMs: number | null
}

/**
 * Which submissions, and in which order: their `position`. By `created_seq`, which never changes, each that is there comes
 * exactly once. By `seq` come those that changed, the deleted ones too; one that changes again meanwhile leaves the range,
 * for a later one. `late_media` are those that did not change, but whose files arrived between `since` and `upTo`.
 */
export type ExportRange = {
  /** Position, exclusive. */
  after: number
  /** Position, inclusive. */
  until: number
} & ({ by: 'created_seq' | 'seq' } | { by: 'late_media'; since: number; upTo: number })

/** Rows are chosen, by number and by bytes, before their answers are touched: a page of large ones must not fill the
 *  memory of the reader. At least one row where there are any. */
export async function readExportRows(
  db: TenantDb,
  filter: SubmissionFilter,
  range: ExportRange,
  { maxRows, maxBytes }: { maxRows: number; maxBytes: number },
): Promise<ExportRow[]> {
  const rows = await db.orm.values<unknown[]>(sql`
    WITH chosen AS MATERIALIZED (
      SELECT seq, position, sum(data_bytes) OVER (ORDER BY position) - data_bytes AS bytes_before
      FROM (
        SELECT seq, ${columnOf(range)} AS position, data_bytes FROM ${sourceOf(db, filter, range)}
        WHERE ${within(db, filter, range)}
        ORDER BY ${columnOf(range)} LIMIT ${maxRows}
      )
    )
    SELECT s.id, chosen.position, s.local_uuid, s.form_version_id, s.version_label, s.mode, s.data_kind, s.data,
      s.data_key, s.collected_at_ms, s.submitted_at_ms, s.updated_at_ms, s.submitted_by_label, s.user_id, s.device_id,
      s.reported_device_id, s.protocol, s.revision, s.review_state, s.data_bytes,
      s.deleted_at_ms, s.erased_at_ms
    FROM chosen CROSS JOIN submissions s ON s.tenant_id = ${db.tenantId} AND s.seq = chosen.seq
    WHERE chosen.bytes_before < ${maxBytes}
    ORDER BY chosen.position`)
  return rows.map(rowOf)
}

/** In the order of the statement's columns. */
const rowOf = (values: unknown[]): ExportRow =>
  ({
    id: values[0],
    position: values[1],
    localUuid: values[2],
    formVersionId: values[3],
    versionLabel: values[4],
    mode: values[5],
    dataKind: values[6],
    data: values[7],
    dataKey: values[8],
    collectedAtMs: values[9],
    submittedAtMs: values[10],
    updatedAtMs: values[11],
    submittedByLabel: values[12],
    userId: values[13],
    deviceId: values[14],
    reportedDeviceId: values[15],
    protocol: values[16],
    revision: values[17],
    reviewState: values[18],
    dataBytes: values[19],
    deletedAtMs: values[20],
    erasedAtMs: values[21],
  }) as ExportRow

const columnOf = ({ by }: ExportRange) => (by === 'created_seq' ? submissions.createdSeq : submissions.seq)

function within(db: TenantDb, filter: SubmissionFilter, range: ExportRange): SQL | undefined {
  const column = columnOf(range)
  const between = and(eq(submissions.tenantId, db.tenantId), gt(column, range.after), lte(column, range.until))
  switch (range.by) {
    case 'created_seq':
      return and(between, conditions(db, filter))
    case 'seq':
      return and(between, or(conditions(db, filter), isTombstone(filter)))
    case 'late_media':
      return and(between, conditions(db, filter))
  }
}

/** What the rows of a range are looked for in. Few files arrive late: they lead to their submissions, one by one. Left to
 *  itself, SQLite would read all of the tenant's. */
const sourceOf = (db: TenantDb, filter: SubmissionFilter, range: ExportRange): SQL =>
  range.by === 'late_media'
    ? sql`(SELECT DISTINCT m.submission_id AS id FROM media m
        WHERE m.tenant_id = ${db.tenantId} AND m.form_id = ${filter.formId}
          AND m.seq > ${range.since} AND m.seq <= ${range.upTo}) AS late
        CROSS JOIN ${submissions} ON ${submissions.tenantId} = ${db.tenantId} AND ${submissions.id} = late.id`
    : sql`${submissions}`

/** What a deleted submission was like no longer matters: whoever may have a copy is told that it is gone. */
const isTombstone = ({ formId, mode, ownOrInProjects: own }: SubmissionFilter): SQL | undefined =>
  and(
    isNotNull(submissions.deletedAtMs),
    formId && eq(submissions.formId, formId),
    eq(submissions.mode, mode),
    own && eq(submissions.userId, own.userId),
  )

/** How many rows match, and their bytes. Both end where `maxRows` does. */
export async function measureExport(
  db: TenantDb,
  filter: SubmissionFilter,
  range: ExportRange,
  maxRows: number,
): Promise<{ rows: number; bytes: number }> {
  const [row] = await db.orm.values<[number, number]>(sql`
    SELECT count(*), coalesce(sum(data_bytes), 0) FROM (
      SELECT data_bytes FROM ${sourceOf(db, filter, range)} WHERE ${within(db, filter, range)} LIMIT ${maxRows})`)
  return { rows: row![0], bytes: row![1] }
}

export interface ExportMediaRow {
  id: MediaId
  submissionId: SubmissionId
  fieldId: string
  repeatPath: string
  filename: string
  contentType: string
  sizeBytes: number
  objectKey: string
  createdAtMs: number
}

/** The files of these submissions, in the order of their arrival. */
export async function listExportMedia(db: TenantDb, submissionIds: readonly SubmissionId[]): Promise<ExportMediaRow[]> {
  const rows = await db.orm
    .select({
      id: media.id,
      submissionId: media.submissionId,
      fieldId: media.fieldId,
      repeatPath: media.repeatPath,
      filename: media.filename,
      contentType: media.contentType,
      sizeBytes: media.sizeBytes,
      objectKey: media.objectKey,
      createdAtMs: media.createdAtMs,
    })
    .from(media)
    .where(filesOf(db, submissionIds))
    .orderBy(asc(media.seq))
  return rows as ExportMediaRow[]
}

/** Files of the submissions that match, and their bytes. Both end where `maxFiles` does. */
export async function measureExportMedia(
  db: TenantDb,
  filter: SubmissionFilter & { formId: FormId },
  range: ExportRange,
  maxFiles: number,
): Promise<{ files: number; bytes: number }> {
  const ofForm = sql`${media} CROSS JOIN ${submissions}
    ON ${submissions.tenantId} = ${media.tenantId} AND ${submissions.id} = ${media.submissionId}`
  const ofSubmissions = sql`${sourceOf(db, filter, range)} CROSS JOIN ${media}
    ON ${media.tenantId} = ${submissions.tenantId} AND ${media.submissionId} = ${submissions.id}`
  const [row] = await db.orm.values<[number, number]>(sql`
    SELECT count(*), coalesce(sum(size_bytes), 0) FROM (
      SELECT ${media.sizeBytes} AS size_bytes FROM ${range.by === 'created_seq' ? ofForm : ofSubmissions}
      WHERE ${media.tenantId} = ${db.tenantId} AND ${media.formId} = ${filter.formId} AND ${media.deletedAtMs} IS NULL
        AND ${submissions.deletedAtMs} IS NULL AND ${within(db, filter, range)}
      LIMIT ${maxFiles})`)
  return { files: row![0], bytes: row![1] }
}

/** The tenant's counter: everything that is there has a seq up to it. */
export async function readCounter({ d1, tenantId }: TenantDb): Promise<number> {
  const row = await d1
    .prepare('SELECT seq FROM tenant_counters WHERE tenant_id = ?1')
    .bind(tenantId)
    .first<number>('seq')
  return row ?? 0
}

export interface ExportVersionHead {
  id: FormVersionId
  versionNum: number
  isPublished: boolean
  /** Characters of the schema. */
  schemaLength: number
}

/** The versions of a form, newest first, without their schemas. */
export async function listExportVersions(db: TenantDb, formId: FormId): Promise<ExportVersionHead[]> {
  return db.orm
    .select({
      id: formVersions.id,
      versionNum: formVersions.versionNum,
      isPublished: sql<boolean>`${isNotNull(formVersions.publishedAtMs)}`.mapWith(Boolean),
      schemaLength: sql<number>`length(${formVersions.schema})`,
    })
    .from(formVersions)
    .innerJoin(forms, and(eq(forms.tenantId, formVersions.tenantId), eq(forms.id, formVersions.formId)))
    .where(and(eq(formVersions.tenantId, db.tenantId), eq(formVersions.formId, formId), isNull(forms.deletedAtMs)))
    .orderBy(sql`${formVersions.versionNum} DESC`)
}

/** Schemas as JSON text, by version. */
export async function readSchemas(db: TenantDb, ids: readonly FormVersionId[]): Promise<Map<FormVersionId, string>> {
  const rows = await db.orm
    .select({ id: formVersions.id, schema: formVersions.schema })
    .from(formVersions)
    .where(
      sql`(${formVersions.tenantId}, ${formVersions.id}) IN
        (SELECT ${db.tenantId}, value FROM json_each(${JSON.stringify(ids)}))`,
    )
  return new Map(rows.map(({ id, schema }) => [id, schema]))
}

/** What one volume may hold. */
export interface VolumeBudget {
  rows: number
  bytes: number
  /** Files and their bytes; null where the export holds none. */
  media: { files: number; bytes: number } | null
}

export interface VolumeEnd {
  /** Position of the last submission in it. */
  last: number | null
  rows: number
  bytes: number
  files: number
  fileBytes: number
  /** The range goes on behind it. */
  more: boolean
}

/** How far into a range one volume reaches; at least one submission, where there is any. */
export async function findVolumeEnd(
  db: TenantDb,
  filter: SubmissionFilter,
  range: ExportRange,
  { rows, bytes, media: budget }: VolumeBudget,
): Promise<VolumeEnd> {
  const ofSubmission = sql`FROM media m WHERE m.tenant_id = ${db.tenantId} AND m.submission_id = ${submissions.id}
    AND m.deleted_at_ms IS NULL`
  const files = budget ? sql`(SELECT count(*) ${ofSubmission})` : sql`0`
  const fileBytes = budget ? sql`(SELECT coalesce(sum(m.size_bytes), 0) ${ofSubmission})` : sql`0`
  const [row] = await db.orm.values<[number | null, number, number, number, number, number]>(sql`
    WITH picked AS MATERIALIZED (
      SELECT ${columnOf(range)} AS position, data_bytes, ${files} AS files, ${fileBytes} AS file_bytes
      FROM ${sourceOf(db, filter, range)} WHERE ${within(db, filter, range)}
      ORDER BY ${columnOf(range)} LIMIT ${rows + 1}
    ), summed AS (
      SELECT position, row_number() OVER w AS rows, sum(data_bytes) OVER w AS bytes, sum(files) OVER w AS files,
        sum(file_bytes) OVER w AS file_bytes
      FROM picked WINDOW w AS (ORDER BY position)
    )
    SELECT max(position), count(*), coalesce(max(bytes), 0), coalesce(max(files), 0), coalesce(max(file_bytes), 0),
      (SELECT count(*) FROM picked)
    FROM summed
    WHERE rows = 1 OR (rows <= ${rows} AND bytes <= ${bytes} AND files <= ${budget?.files ?? 0}
      AND file_bytes <= ${budget?.bytes ?? 0})`)
  const [last, taken, takenBytes, takenFiles, takenFileBytes, picked] = row!
  return { last, rows: taken, bytes: takenBytes, files: takenFiles, fileBytes: takenFileBytes, more: picked > taken }
}
