// Queries on submissions. Lists page by keyset on created_seq (arrival order, which never changes); offsets exist only
// for the documented skip/limit of the native API.
import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  isNotNull,
  isNull,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { FormId, FormVersionId, ProjectId, SubmissionId, UserId } from '../lib/ids.ts'
import { forms, formVersions, submissionCounts, submissions } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type StoredSubmission = typeof submissions.$inferSelect

/** Which of these ids exist, deleted and erased ones included: a replay must not resurrect them. */
export const findKnownIds = (db: TenantDb, ids: SubmissionId[]): Promise<Set<SubmissionId>> => findIds(db, ids)

/** Which of these ids are erased. */
export const findErasedIds = (db: TenantDb, ids: SubmissionId[]): Promise<Set<SubmissionId>> =>
  findIds(db, ids, isNotNull(submissions.erasedAtMs))

async function findIds(db: TenantDb, ids: SubmissionId[], condition?: SQL): Promise<Set<SubmissionId>> {
  // As pairs: with the tenant by itself, SQLite would rather read all of it than look up each id.
  const named = sql`(${submissions.tenantId}, ${submissions.id}) IN
    (SELECT ${db.tenantId}, value FROM json_each(${JSON.stringify(ids)}))`
  const rows = await db.orm.select({ id: submissions.id }).from(submissions).where(and(named, condition))
  return new Set(rows.map(({ id }) => id))
}

export interface SubmissionFilter {
  mode: 'live' | 'test'
  formId?: FormId
  /** The user's own, or anything in these projects. */
  ownOrInProjects?: { userId: UserId; projectIds: ProjectId[] }
  /** Of those, only what is in the projects. */
  onlyInProjects?: boolean
  fromMs?: number
  /** Inclusive. */
  toMs?: number
  reviewState?: StoredSubmission['reviewState']
  hasIssues?: boolean
  /** Deleted and not erased, instead of live. */
  deleted?: boolean
  /** User id, or the name that the submission carries. */
  submitter?: string
  /** Id of a paired device, or what the client sent as its device id. */
  device?: string
  formVersionId?: FormVersionId
}

/** What a list goes by: arrival, when it was collected, or its last change. */
export interface SubmissionOrder {
  by: 'arrived' | 'collected' | 'updated'
  descending: boolean
}

/** A row's place in an order. */
export interface SubmissionPlace {
  value: number
  createdSeq: number
}

export interface SubmissionPage {
  order: SubmissionOrder
  /** Exclusive: the last row of the page before. */
  after?: SubmissionPlace
  skip: number
  limit: number
}

/** Forms that are not deleted: a deleted one's submissions are gone at once, whenever the purge comes by. */
const liveForms = (db: TenantDb) =>
  sql`(SELECT id FROM forms WHERE tenant_id = ${db.tenantId} AND deleted_at_ms IS NULL)`

export function conditions(db: TenantDb, filter: SubmissionFilter): SQL | undefined {
  const { formId, ownOrInProjects: own, reviewState } = filter
  return and(
    eq(submissions.tenantId, db.tenantId),
    filter.deleted
      ? and(isNotNull(submissions.deletedAtMs), isNull(submissions.erasedAtMs))
      : isNull(submissions.deletedAtMs),
    reviewState && eq(submissions.reviewState, reviewState),
    // Said as the index says it, which holds only these.
    reviewState && reviewState !== 'received' ? sql`${submissions.reviewState} <> 'received'` : undefined,
    filter.hasIssues ? isNotNull(submissions.issues) : undefined,
    eq(submissions.mode, filter.mode),
    formId ? eq(submissions.formId, formId) : undefined,
    // With one form in question, this is asked once, not for each row.
    formId ? sql`${formId} IN ${liveForms(db)}` : sql`${submissions.formId} IN ${liveForms(db)}`,
    filter.fromMs === undefined ? undefined : gte(submissions.occurredAtMs, filter.fromMs),
    filter.toMs === undefined ? undefined : lte(submissions.occurredAtMs, filter.toMs),
    filter.submitter === undefined
      ? undefined
      : sql`(${submissions.userId} = ${filter.submitter}
          OR ${submissions.submittedByLabel} = ${filter.submitter} COLLATE NOCASE)`,
    filter.device === undefined
      ? undefined
      : sql`(${submissions.deviceId} = ${filter.device} OR ${submissions.reportedDeviceId} = ${filter.device})`,
    filter.formVersionId && eq(submissions.formVersionId, filter.formVersionId),
    own && own.projectIds.length === 0 ? eq(submissions.userId, own.userId) : undefined,
    own && own.projectIds.length > 0
      ? sql`(${filter.onlyInProjects ? sql`false` : sql`${submissions.userId} = ${own.userId}`}
          OR ${submissions.formId} IN (SELECT id FROM forms
          WHERE tenant_id = ${db.tenantId}
            AND project_id IN (SELECT value FROM json_each(${JSON.stringify(own.projectIds)}))))`
      : undefined,
  )
}

/** What a list shows of a submission: every column costs each page fifty times. */
const listColumns = {
  id: submissions.id,
  seq: submissions.seq,
  createdSeq: submissions.createdSeq,
  occurredAtMs: submissions.occurredAtMs,
  formId: submissions.formId,
  formVersionId: submissions.formVersionId,
  localUuid: submissions.localUuid,
  mode: submissions.mode,
  dataKind: submissions.dataKind,
  data: submissions.data,
  dataKey: submissions.dataKey,
  issues: submissions.issues,
  collectedAtMs: submissions.collectedAtMs,
  collectedOffsetMin: submissions.collectedOffsetMin,
  submittedAtMs: submissions.submittedAtMs,
  submittedByLabel: submissions.submittedByLabel,
  userId: submissions.userId,
  deviceId: submissions.deviceId,
  reportedDeviceId: submissions.reportedDeviceId,
  protocol: submissions.protocol,
  revision: submissions.revision,
  reviewState: submissions.reviewState,
  updatedAtMs: submissions.updatedAtMs,
  deletedAtMs: submissions.deletedAtMs,
}

export type ListedSubmission = Pick<StoredSubmission, keyof typeof listColumns>

/** How many match. Not counted one by one where the number is kept. */
export async function countSubmissions(db: TenantDb, filter: SubmissionFilter): Promise<number> {
  const [row] = await (isCounted(filter) ? sumOfCounts(db, filter) : countRows(db, conditions(db, filter)))
  return row?.total ?? 0
}

const orderColumns = {
  arrived: submissions.createdSeq,
  collected: submissions.occurredAtMs,
  updated: submissions.seq,
}

export const placeOf = (row: ListedSubmission, { by }: SubmissionOrder): SubmissionPlace => ({
  value: by === 'arrived' ? row.createdSeq : by === 'collected' ? row.occurredAtMs : row.seq,
  createdSeq: row.createdSeq,
})

/** A page, and how many match in all. Submissions of deleted forms are not there. */
export async function listSubmissions(
  db: TenantDb,
  filter: SubmissionFilter,
  { order, after, skip, limit }: SubmissionPage,
): Promise<{ rows: ListedSubmission[]; total: number }> {
  const matching = conditions(db, filter)
  const column = orderColumns[order.by]
  const [beyond, direction] = order.descending ? [lt, desc] : [gt, asc]
  const rest =
    after &&
    (order.by === 'collected'
      ? or(beyond(column, after.value), and(eq(column, after.value), beyond(submissions.createdSeq, after.createdSeq)))
      : beyond(column, after.value))
  const places = db.orm
    .select({ seq: submissions.seq })
    .from(submissions)
    .where(and(matching, rest))
    .orderBy(direction(column), direction(submissions.createdSeq))
    .limit(limit)
    .offset(skip)
  const [rows, [count]] = await db.orm.batch([
    db.orm
      .select(listColumns)
      .from(submissions)
      .where(
        order.by === 'collected'
          ? // No index is in this order. What is sorted are entries of the one that the filter uses, not whole rows.
            and(eq(submissions.tenantId, db.tenantId), sql`${submissions.seq} IN ${places}`)
          : and(matching, rest),
      )
      .orderBy(direction(column), direction(submissions.createdSeq))
      .limit(limit)
      .offset(order.by === 'collected' ? 0 : skip),
    isCounted(filter) ? sumOfCounts(db, filter) : countRows(db, matching),
  ])
  return { rows, total: count?.total ?? 0 }
}

/** Rows that match, newest arrival first, without counting them. */
export async function scanSubmissions(
  db: TenantDb,
  filter: SubmissionFilter,
  { beforeCreatedSeq, limit }: { beforeCreatedSeq?: number; limit: number },
): Promise<StoredSubmission[]> {
  const older = beforeCreatedSeq === undefined ? undefined : lt(submissions.createdSeq, beforeCreatedSeq)
  return db.orm
    .select()
    .from(submissions)
    .where(and(conditions(db, filter), older))
    .orderBy(desc(submissions.createdSeq))
    .limit(limit)
}

/** Without other filters than form and mode, the number is kept, not counted. */
const isCounted = ({ mode: _mode, formId: _formId, ...further }: SubmissionFilter): boolean =>
  Object.values(further).every((value) => value === undefined || value === false)

const sumOfCounts = (db: TenantDb, { mode, formId }: SubmissionFilter) =>
  db.orm
    .select({ total: sql<number>`coalesce(sum(${submissionCounts.total}), 0)` })
    .from(submissionCounts)
    .where(
      and(
        eq(submissionCounts.tenantId, db.tenantId),
        eq(submissionCounts.mode, mode),
        formId ? eq(submissionCounts.formId, formId) : undefined,
        sql`${submissionCounts.formId} IN ${liveForms(db)}`,
      ),
    )

const countRows = (db: TenantDb, matching: SQL | undefined) =>
  db.orm.select({ total: sql<number>`count(*)` }).from(submissions).where(matching)

/** A submission with its form and version; undefined for deleted ones and those of deleted forms. */
export async function findSubmission(db: TenantDb, id: SubmissionId) {
  return db.orm
    .select({
      submission: getTableColumns(submissions),
      formName: forms.name,
      projectId: forms.projectId,
      versionNum: formVersions.versionNum,
      schema: formVersions.schema,
    })
    .from(submissions)
    .innerJoin(forms, and(eq(forms.tenantId, submissions.tenantId), eq(forms.id, submissions.formId)))
    .leftJoin(
      formVersions,
      and(eq(formVersions.tenantId, submissions.tenantId), eq(formVersions.id, submissions.formVersionId)),
    )
    .where(
      and(
        eq(submissions.tenantId, db.tenantId),
        eq(submissions.id, id),
        isNull(submissions.deletedAtMs),
        isNull(forms.deletedAtMs),
      ),
    )
    .get()
}
