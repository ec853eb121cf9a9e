// Reading the life of a submission: its row in whatever state, its revisions, its comments. Writing is in
// submission-changes.ts; only a comment by itself, which changes nothing else, is written here.
import { and, asc, desc, eq, getTableColumns, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import type { ProjectId, SubmissionId } from '../lib/ids.ts'
import { forms, submissionComments, submissionRevisions, submissions } from './shard-tables.ts'
import type { StoredSubmission } from './submissions.ts'
import type { TenantDb } from './tenant-db.ts'

export type StoredRevision = typeof submissionRevisions.$inferSelect
export type StoredComment = typeof submissionComments.$inferSelect

/** A submission in whatever state, deleted and erased ones too; undefined when its form was deleted. */
export async function findAnySubmission(
  db: TenantDb,
  id: SubmissionId,
): Promise<{ submission: StoredSubmission; projectId: ProjectId } | undefined> {
  return db.orm
    .select({ submission: getTableColumns(submissions), projectId: forms.projectId })
    .from(submissions)
    .innerJoin(forms, and(eq(forms.tenantId, submissions.tenantId), eq(forms.id, submissions.formId)))
    .where(and(eq(submissions.tenantId, db.tenantId), eq(submissions.id, id), isNull(forms.deletedAtMs)))
    .get()
}

/** The keys of large answers that any state of these submissions names. */
export async function findAnswerKeys(db: TenantDb, ids: readonly SubmissionId[]): Promise<Set<string>> {
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`
  const { tenantId } = db
  const [heads, revisions] = await db.orm.batch([
    db.orm
      .select({ key: submissions.dataKey })
      .from(submissions)
      .where(and(eq(submissions.tenantId, tenantId), inArray(submissions.id, wanted), isNotNull(submissions.dataKey))),
    db.orm
      .select({ key: submissionRevisions.dataKey })
      .from(submissionRevisions)
      .where(
        and(
          eq(submissionRevisions.tenantId, tenantId),
          inArray(submissionRevisions.submissionId, wanted),
          isNotNull(submissionRevisions.dataKey),
        ),
      ),
  ])
  return new Set([...heads, ...revisions].map(({ key }) => key!))
}

const ofSubmission = (db: TenantDb, id: SubmissionId) =>
  and(eq(submissionRevisions.tenantId, db.tenantId), eq(submissionRevisions.submissionId, id))

/** Newest first, below `before`. */
export async function listRevisions(
  db: TenantDb,
  id: SubmissionId,
  { before, limit }: { before?: number; limit: number },
): Promise<StoredRevision[]> {
  return db.orm
    .select()
    .from(submissionRevisions)
    .where(and(ofSubmission(db, id), before === undefined ? undefined : lt(submissionRevisions.revision, before)))
    .orderBy(desc(submissionRevisions.revision))
    .limit(limit)
}

export async function findRevision(
  db: TenantDb,
  id: SubmissionId,
  revision: number,
): Promise<StoredRevision | undefined> {
  return db.orm
    .select()
    .from(submissionRevisions)
    .where(and(ofSubmission(db, id), eq(submissionRevisions.revision, revision)))
    .get()
}

/** The object with the answers of one state, where they are too large for a row. Null: there is none, or the submission
 *  was erased, or its form deleted. */
export async function findLargeAnswers(db: TenantDb, id: SubmissionId, revision: number): Promise<string | null> {
  const found = await findAnySubmission(db, id)
  if (!found) return null
  const state = await findRevision(db, id, revision)
  if (state) return state.dataKey
  return found.submission.revision === revision ? found.submission.dataKey : null
}

/** Oldest first, at most `limit`. */
export async function listComments(db: TenantDb, id: SubmissionId, limit: number): Promise<StoredComment[]> {
  return db.orm
    .select()
    .from(submissionComments)
    .where(and(eq(submissionComments.tenantId, db.tenantId), eq(submissionComments.submissionId, id)))
    .orderBy(asc(submissionComments.createdAtMs), asc(submissionComments.id))
    .limit(limit)
}

/** False when the submission was deleted or erased meanwhile. */
export async function insertComment(db: TenantDb, comment: Omit<StoredComment, 'tenantId'>): Promise<boolean> {
  const { id, submissionId, body, actorKind, actorId, userId, deviceId, protocol, createdAtMs } = comment
  const { meta } = await db.d1
    .prepare(
      `INSERT INTO submission_comments (tenant_id, id, submission_id, body, actor_kind, actor_id, user_id, device_id,
         protocol, created_at_ms)
       SELECT ?1, ?2, s.id, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM submissions AS s
       WHERE s.tenant_id = ?1 AND s.id = ?3 AND s.deleted_at_ms IS NULL`,
    )
    .bind(db.tenantId, id, submissionId, body, actorKind, actorId, userId, deviceId, protocol, createdAtMs)
    .run()
  return meta.changes > 0
}
