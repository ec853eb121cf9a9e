// Files that sync clients name themselves, one per name. Their rows are media rows without a submission: they arrive
// before the records that speak of them. The bytes are in R2 (blobs.ts).
import { isNull, sql } from 'drizzle-orm'
import type { MediaId, UserId } from '../lib/ids.ts'
import type { MediaRow } from './media.ts'
import { outboxRow } from './outbox.ts'
import { takenSeq, takeSeq } from './seq.ts'
import { attachments, goneAttachments, media, mediaUploads } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type NewAttachment = Omit<
  typeof media.$inferInsert,
  'tenantId' | 'seq' | 'submissionId' | 'formId' | 'fieldId' | 'repeatPath' | 'md5' | 'deletedAtMs'
>

/** Which attachments a caller sees. */
export interface AttachmentScope {
  /** Not those of before the last reset. */
  afterSeq: number
  /** Null: of all users. */
  userId: UserId | null
}

/**
 * Writes the row of a file whose bytes are stored, under a name that is free in the scope, and ends its upload. False,
 * with nothing written, when the name is taken or gone: the upload's record stays then, because its object is to be
 * deleted.
 */
export async function insertAttachment(
  db: TenantDb,
  name: string,
  file: NewAttachment,
  afterSeq: number,
): Promise<boolean> {
  const { tenantId } = db
  const holder = sql`(SELECT a.media_id FROM attachments AS a WHERE a.tenant_id = ${tenantId} AND a.name = ${name})`
  const isOurs = sql`${holder} = ${file.id}`
  const [, , written] = await db.orm.batch([
    takeSeq(db, 2),
    // What was there before the reset gives its name up.
    db.orm
      .update(media)
      .set({ deletedAtMs: file.createdAtMs, seq: sql`${takenSeq(db)} - 1` })
      .where(sql`${media.tenantId} = ${tenantId} AND ${media.id} = ${holder} AND ${media.seq} <= ${afterSeq}`),
    db.orm
      .insert(attachments)
      .select(
        sql`SELECT ${tenantId}, ${name}, ${file.id} WHERE NOT EXISTS (
          SELECT 1 FROM ${goneAttachments} AS g WHERE g.tenant_id = ${tenantId} AND g.name = ${name})`,
      )
      .onConflictDoUpdate({
        target: [attachments.tenantId, attachments.name],
        set: { mediaId: file.id },
        setWhere: sql`EXISTS (SELECT 1 FROM media AS m WHERE m.tenant_id = ${tenantId}
          AND m.id = attachments.media_id AND m.deleted_at_ms IS NOT NULL)`,
      })
      .returning({ mediaId: attachments.mediaId }),
    db.orm.insert(media).select(
      // In the order of the table's columns.
      sql`SELECT ${tenantId}, ${file.id}, ${takenSeq(db)}, NULL, NULL, '', '', ${file.filename}, ${file.contentType},
        ${file.sizeBytes}, ${file.sha256}, NULL, ${file.objectKey}, ${file.actorKind}, ${file.actorId ?? null},
        ${file.userId ?? null}, ${file.deviceId ?? null}, ${file.protocol}, ${file.createdAtMs}, NULL WHERE ${isOurs}`,
    ),
    db.orm
      .delete(mediaUploads)
      .where(sql`${mediaUploads.tenantId} = ${tenantId} AND ${mediaUploads.mediaId} = ${file.id} AND ${isOurs}`),
    outboxRow(db, 'media', { atMs: file.createdAtMs, count: 2 }),
  ])
  return written.some(({ mediaId }) => mediaId === file.id)
}

const inScope = (db: TenantDb, { afterSeq, userId }: AttachmentScope) =>
  sql`${media.tenantId} = ${db.tenantId} AND ${media.seq} > ${afterSeq} AND ${isNull(media.deletedAtMs)}
    AND (${userId} IS NULL OR ${media.userId} = ${userId})`

export async function findAttachment(
  db: TenantDb,
  name: string,
  scope: AttachmentScope,
): Promise<MediaRow | undefined> {
  const holder = sql`(SELECT a.media_id FROM attachments AS a WHERE a.tenant_id = ${db.tenantId} AND a.name = ${name})`
  return db.orm
    .select()
    .from(media)
    .where(sql`${inScope(db, scope)} AND ${media.id} = ${holder}`)
    .get()
}

export interface ListedAttachment {
  name: string
  id: MediaId
  seq: number
  contentType: string
  sizeBytes: number
  objectKey: string
  createdAtMs: number
}

/** In the order of their arrival, at most `limit`. */
export async function listAttachments(
  db: TenantDb,
  scope: AttachmentScope,
  limit: number,
): Promise<ListedAttachment[]> {
  return db.orm
    .select({
      name: attachments.name,
      id: media.id,
      seq: media.seq,
      contentType: media.contentType,
      sizeBytes: media.sizeBytes,
      objectKey: media.objectKey,
      createdAtMs: media.createdAtMs,
    })
    .from(media)
    .innerJoin(attachments, sql`${attachments.tenantId} = ${db.tenantId} AND ${attachments.mediaId} = ${media.id}`)
    .where(inScope(db, scope))
    .orderBy(media.seq)
    .limit(limit)
}
