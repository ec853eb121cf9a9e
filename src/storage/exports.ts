// What exports read: pages of a form's submissions in the order of their arrival, cut by bytes, their files, and the
// versions of the form. The filter is the list's own (submissions.ts).
import { and, asc, eq, gt, isNotNull, isNull, lte, type SQL, sql } from 'drizzle-orm'
import type { DeviceId, FormId, FormVersionId, MediaId, SubmissionId, UserId } from '../lib/ids.ts'
import { forms, formVersions, media, submissions } from './shard-tables.ts'
import { conditions, type SubmissionFilter } from './submissions.ts'
import type { TenantDb } from './tenant-db.ts'

export interface ExportRow {
  id: SubmissionId
  createdSeq: number
  seq: number
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
}

export interface ExportWindow {
  /** `created_seq`, exclusive. */
  after: number
  /** `created_seq`, inclusive. */
  until: number
}

/** Rows are chosen, by number and by bytes, before their answers are touched: a page of large ones must not fill the
 *  memory of the reader. At least one row where there are any. */
export async function readExportRows(
  db: TenantDb,
  filter: SubmissionFilter,
  { after, until }: ExportWindow,
  { maxRows, maxBytes }: { maxRows: number; maxBytes: number },
): Promise<ExportRow[]> {
  const rows = await db.orm.values<unknown[]>(sql`
    WITH chosen AS MATERIALIZED (
      SELECT seq, created_seq, sum(data_bytes) OVER (ORDER BY created_seq) - data_bytes AS bytes_before
      FROM (
        SELECT seq, created_seq, data_bytes FROM ${submissions}
        WHERE ${within(db, filter, { after, until })}
        ORDER BY created_seq LIMIT ${maxRows}
      )
    )
    SELECT s.id, s.created_seq, s.seq, s.local_uuid, s.form_version_id, s.version_label, s.mode, s.data_kind, s.data,
      s.data_key, s.collected_at_ms, s.submitted_at_ms, s.updated_at_ms, s.submitted_by_label, s.user_id, s.device_id,
      s.reported_device_id, s.protocol, s.revision, s.review_state, s.data_bytes
    FROM chosen CROSS JOIN submissions s ON s.tenant_id = ${db.tenantId} AND s.seq = chosen.seq
    WHERE chosen.bytes_before < ${maxBytes}
    ORDER BY chosen.created_seq`)
  return rows.map(rowOf)
}

/** In the order of the statement's columns. */
const rowOf = (values: unknown[]): ExportRow =>
  ({
    id: values[0],
    createdSeq: values[1],
    seq: values[2],
    localUuid: values[3],
    formVersionId: values[4],
    versionLabel: values[5],
    mode: values[6],
    dataKind: values[7],
    data: values[8],
    dataKey: values[9],
    collectedAtMs: values[10],
    submittedAtMs: values[11],
    updatedAtMs: values[12],
    submittedByLabel: values[13],
    userId: values[14],
    deviceId: values[15],
    reportedDeviceId: values[16],
    protocol: values[17],
    revision: values[18],
    reviewState: values[19],
    dataBytes: values[20],
  }) as ExportRow

const within = (db: TenantDb, filter: SubmissionFilter, { after, until }: ExportWindow): SQL | undefined =>
  and(conditions(db, filter), gt(submissions.createdSeq, after), lte(submissions.createdSeq, until))

/** How many rows match, and their bytes. Both end where `maxRows` does. */
export async function measureExport(
  db: TenantDb,
  filter: SubmissionFilter,
  window: ExportWindow,
  maxRows: number,
): Promise<{ rows: number; bytes: number }> {
  const [row] = await db.orm.values<[number, number]>(sql`
    SELECT count(*), coalesce(sum(data_bytes), 0)
    FROM (SELECT data_bytes FROM ${submissions} WHERE ${within(db, filter, window)} LIMIT ${maxRows})`)
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
    .where(
      and(
        // As pairs, which are looked up one by one; for the tenant by itself all its files would be read.
        sql`(${media.tenantId}, ${media.submissionId}) IN
          (SELECT ${db.tenantId}, value FROM json_each(${JSON.stringify(submissionIds)}))`,
        isNull(media.deletedAtMs),
      ),
    )
    .orderBy(asc(media.seq))
  return rows as ExportMediaRow[]
}

/** Files of the submissions that match, and their bytes. Both end where `maxFiles` does. */
export async function measureExportMedia(
  db: TenantDb,
  filter: SubmissionFilter & { formId: FormId },
  window: ExportWindow,
  maxFiles: number,
): Promise<{ files: number; bytes: number }> {
  const [row] = await db.orm.values<[number, number]>(sql`
    SELECT count(*), coalesce(sum(size_bytes), 0) FROM (
      SELECT ${media.sizeBytes} AS size_bytes
      FROM ${media} CROSS JOIN ${submissions}
        ON ${submissions.tenantId} = ${media.tenantId} AND ${submissions.id} = ${media.submissionId}
      WHERE ${media.tenantId} = ${db.tenantId} AND ${media.formId} = ${filter.formId} AND ${media.deletedAtMs} IS NULL
        AND ${within(db, filter, window)}
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
