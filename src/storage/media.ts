// Queries on photos and files: their rows, and the uploads that have begun (the record of half-written objects).
// The bytes are in R2 (blobs.ts); who may see them is the domain's decision.
import { and, asc, eq, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { DeviceId, MediaId, ProjectId, SubmissionId, UserId } from '../lib/ids.ts'
import { outboxRow } from './outbox.ts'
import { takenSeq, takeSeq } from './seq.ts'
import { forms, media, mediaUploads, submissions } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

/** A submission's file as its detail shows it. */
export interface MediaSummary {
  id: MediaId
  submissionId: SubmissionId
  fieldId: string
  /** Row of the repeat that the field stands in (`hh[1]`, `hh[1].kids[0]`); '' outside repeats. */
  repeatPath: string
  filename: string
  contentType: string
  sizeBytes: number
  sha256: string
}

/** Condition: the files of these submissions. */
export const filesOf = (db: TenantDb, submissionIds: readonly SubmissionId[]): SQL | undefined =>
  and(
    // As pairs, which are looked up one by one; for the tenant by itself all its files would be read.
    sql`(${media.tenantId}, ${media.submissionId}) IN
      (SELECT ${db.tenantId}, value FROM json_each(${JSON.stringify(submissionIds)}))`,
    isNull(media.deletedAtMs),
  )

/** The files of these submissions, in the order of their arrival. */
export async function listMediaOf(db: TenantDb, submissionIds: readonly SubmissionId[]): Promise<MediaSummary[]> {
  if (submissionIds.length === 0) return []
  const rows = await db.orm
    .select({
      id: media.id,
      submissionId: media.submissionId,
      fieldId: media.fieldId,
      repeatPath: media.repeatPath,
      filename: media.filename,
      contentType: media.contentType,
      sizeBytes: media.sizeBytes,
      sha256: media.sha256,
    })
    .from(media)
    .where(filesOf(db, submissionIds))
    .orderBy(asc(media.seq))
  return rows as MediaSummary[]
}

export type MediaRow = typeof media.$inferSelect
export type NewMedia = Omit<typeof media.$inferInsert, 'tenantId' | 'seq' | 'formId' | 'md5' | 'deletedAtMs'> & {
  submissionId: SubmissionId
}

/** Whose a submission is: what rights on its files depend on. */
export interface SubmissionOwner {
  projectId: ProjectId
  userId: UserId | null
  deviceId: DeviceId | null
}

const ownerColumns = {
  projectId: forms.projectId,
  userId: submissions.userId,
  deviceId: submissions.deviceId,
}

/** Neither the submission nor its form was deleted or erased. */
const submissionStands = and(isNull(submissions.deletedAtMs), isNull(submissions.erasedAtMs), isNull(forms.deletedAtMs))

const formOfSubmission = and(eq(forms.tenantId, submissions.tenantId), eq(forms.id, submissions.formId))

/** The owner of a submission that stands. */
export async function findSubmissionOwner(db: TenantDb, id: SubmissionId): Promise<SubmissionOwner | undefined> {
  return db.orm
    .select(ownerColumns)
    .from(submissions)
    .innerJoin(forms, formOfSubmission)
    .where(and(eq(submissions.tenantId, db.tenantId), eq(submissions.id, id), submissionStands))
    .get()
}

/** A file that was not deleted, with the owner of its submission. Files without a submission have a null owner; files of
 *  a deleted submission or form are not there. */
export async function findMedia(
  db: TenantDb,
  id: MediaId,
): Promise<{ file: MediaRow; owner: SubmissionOwner | null } | undefined> {
  const row = await db.orm
    .select({ file: media, ...ownerColumns })
    .from(media)
    .leftJoin(submissions, and(eq(submissions.tenantId, media.tenantId), eq(submissions.id, media.submissionId)))
    .leftJoin(forms, formOfSubmission)
    .where(
      and(
        eq(media.tenantId, db.tenantId),
        eq(media.id, id),
        isNull(media.deletedAtMs),
        or(isNull(media.submissionId), isNotNull(forms.id)),
        submissionStands,
      ),
    )
    .get()
  if (!row) return undefined
  const { file, projectId, userId, deviceId } = row
  return { file, owner: projectId === null ? null : { projectId, userId, deviceId } }
}

/** Writes down that bytes are about to go to `objectKey`. */
export async function insertMediaUpload(
  db: TenantDb,
  upload: { mediaId: MediaId; objectKey: string; startedAtMs: number },
): Promise<void> {
  await db.orm.insert(mediaUploads).values({ tenantId: db.tenantId, ...upload })
}

/** The object of this upload is gone. */
export async function deleteMediaUpload(db: TenantDb, mediaId: MediaId): Promise<void> {
  await db.orm
    .delete(mediaUploads)
    .where(and(eq(mediaUploads.tenantId, db.tenantId), eq(mediaUploads.mediaId, mediaId)))
}

/**
 * Writes the row of a file whose bytes are stored, and ends its upload, in one transaction. False when nothing was
 * written: the same file is there already (`findSameMedia`), or the submission has gone meanwhile. The upload's
 * record then stays, because its object is still to be deleted.
 */
export async function insertMedia(db: TenantDb, file: NewMedia): Promise<boolean> {
  const value = <T>(of: T, name: string) => sql<T>`${of}`.as(name)
  const row = db.orm
    .select({
      tenantId: value(db.tenantId, 'tenant_id'),
      id: value(file.id, 'id'),
      seq: takenSeq(db).as('seq'),
      submissionId: submissions.id,
      formId: submissions.formId,
      fieldId: value(file.fieldId, 'field_id'),
      repeatPath: value(file.repeatPath, 'repeat_path'),
      filename: value(file.filename, 'filename'),
      contentType: value(file.contentType, 'content_type'),
      sizeBytes: value(file.sizeBytes, 'size_bytes'),
      sha256: value(file.sha256, 'sha256'),
      md5: sql<string | null>`NULL`.as('md5'),
      objectKey: value(file.objectKey, 'object_key'),
      actorKind: value(file.actorKind, 'actor_kind'),
      actorId: value(file.actorId ?? null, 'actor_id'),
      userId: value(file.userId ?? null, 'user_id'),
      deviceId: value(file.deviceId ?? null, 'device_id'),
      protocol: value(file.protocol, 'protocol'),
      createdAtMs: value(file.createdAtMs, 'created_at_ms'),
      deletedAtMs: sql<number | null>`NULL`.as('deleted_at_ms'),
    })
    .from(submissions)
    .innerJoin(forms, formOfSubmission)
    .where(and(eq(submissions.tenantId, db.tenantId), eq(submissions.id, file.submissionId), submissionStands))
  const identity = [media.tenantId, media.submissionId, media.fieldId, media.repeatPath, media.filename, media.sha256]
  const [, written, , left] = await db.orm.batch([
    takeSeq(db),
    db.orm.insert(media).select(row).onConflictDoNothing({ target: identity }).returning({ id: media.id }),
    db.orm
      .delete(mediaUploads)
      .where(
        and(
          eq(mediaUploads.tenantId, db.tenantId),
          eq(mediaUploads.mediaId, file.id),
          sql`EXISTS (SELECT 1 FROM ${media} m WHERE m.tenant_id = ${db.tenantId} AND m.id = ${file.id})`,
        ),
      ),
    outboxRow(db, 'media', { atMs: file.createdAtMs }),
  ])
  db.noteOutbox(left.length > 0)
  return written.length > 0
}

/** The row that this very file already has, even if it was deleted since: a retry must not bring it back. */
export async function findSameMedia(
  db: TenantDb,
  file: Pick<NewMedia, 'submissionId' | 'fieldId' | 'repeatPath' | 'filename' | 'sha256'>,
): Promise<MediaRow | undefined> {
  return db.orm
    .select()
    .from(media)
    .where(
      and(
        eq(media.tenantId, db.tenantId),
        eq(media.submissionId, file.submissionId),
        eq(media.fieldId, file.fieldId),
        eq(media.repeatPath, file.repeatPath),
        eq(media.filename, file.filename),
        eq(media.sha256, file.sha256),
      ),
    )
    .get()
}
