// Shard writes on forms and their versions. Each change is one D1 batch whose statements guard themselves: what the
// caller read before may have changed meanwhile, and then nothing happens and the caller is told. The row of the audit
// log is part of the batch, and guarded in the same way.
// No statement here touches the schema of a version that has been published.
import { and, eq, exists, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import type { FormId, FormVersionId, MediaId, ProjectId, UserId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import { outboxRow } from './outbox.ts'
import { takenSeq, takeSeq } from './seq.ts'
import { forms, formVersions, mediaUploads, projects } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

/** What a version says, and where it came from. */
export interface VersionContent {
  /** JSON text. */
  schema: string
  schemaSha256: string
  /** What another system calls the version. */
  versionLabel: string | null
  /** The object of the file that it was imported from, stored before under the name of an upload, which ends here. */
  source: { objectKey: string; uploadId: MediaId } | null
}

export interface NewForm extends VersionContent {
  id: FormId
  versionId: FormVersionId
  projectId: ProjectId
  name: string
  /** `exactly` is refused when it is taken; `like` gets the first free number appended. */
  key: { exactly: string } | { like: string }
  createdBy: UserId | null
  atMs: number
}

const isOurs = (db: TenantDb, formId: FormId) =>
  and(eq(forms.tenantId, db.tenantId), eq(forms.id, formId), isNull(forms.deletedAtMs))

/** The first of `base`, `base_2`, `base_3`, … that no form of the tenant has. Computed by the statement that takes it. */
const firstFreeKey = (db: TenantDb, base: string) => sql<string>`(
  WITH RECURSIVE candidate(n, key) AS (
    SELECT 1, ${base}
    UNION ALL
    SELECT n + 1, ${base} || '_' || (n + 1) FROM candidate
    WHERE EXISTS (SELECT 1 FROM forms f WHERE f.tenant_id = ${db.tenantId} AND f.key = candidate.key)
  )
  SELECT key FROM candidate ORDER BY n DESC LIMIT 1)`

/** True in the batch that has given the form its present seq, and in no other. */
const hasTakenSeq = (db: TenantDb, formId: FormId) =>
  sql`EXISTS (SELECT 1 FROM forms WHERE tenant_id = ${db.tenantId} AND id = ${formId} AND seq = ${takenSeq(db)})`

/** Stores a form with version 1 as its draft. False when its exact key is taken, or its project gone. */
export async function insertForm(db: TenantDb, form: NewForm, audit: NewAudit): Promise<boolean> {
  const { id, versionId, atMs } = form
  const draft: NewDraft = { ...form, id: versionId }
  const key = 'exactly' in form.key ? sql<string>`${form.key.exactly}` : firstFreeKey(db, form.key.like)
  const [, stored] = await db.orm.batch([
    takeSeq(db),
    db.orm
      .insert(forms)
      .select(
        db.orm
          .select({
            tenantId: projects.tenantId,
            id: sql<FormId>`${id}`.as('id'),
            projectId: projects.id,
            key: key.as('key'),
            name: sql<string>`${form.name}`.as('name'),
            kind: sql<'form'>`'form'`.as('kind'),
            currentVersionId: sql<null>`NULL`.as('current_version_id'),
            draftVersionId: sql<FormVersionId>`${versionId}`.as('draft_version_id'),
            seq: takenSeq(db).as('seq'),
            createdAtMs: sql<number>`${atMs}`.as('created_at_ms'),
            updatedAtMs: sql<number>`${atMs}`.as('updated_at_ms'),
            archivedAtMs: sql<null>`NULL`.as('archived_at_ms'),
            deletedAtMs: sql<null>`NULL`.as('deleted_at_ms'),
            purgedAtMs: sql<null>`NULL`.as('purged_at_ms'),
          })
          .from(projects)
          .where(and(eq(projects.tenantId, db.tenantId), eq(projects.id, form.projectId))),
      )
      .onConflictDoNothing({ target: [forms.tenantId, forms.key] })
      .returning({ id: forms.id }),
    insertDraft(db, id, draft, eq(forms.draftVersionId, versionId)),
    endUpload(db, id, draft),
    auditRow(db, audit, hasTakenSeq(db, id)),
  ])
  return stored.length > 0
}

/** Statement: the object belongs to the draft now, if that was written with it. */
const endUpload = (db: TenantDb, formId: FormId, { source }: NewDraft) =>
  db.orm.delete(mediaUploads).where(
    and(
      eq(mediaUploads.tenantId, db.tenantId),
      eq(mediaUploads.mediaId, sql`${source?.uploadId ?? null}`),
      exists(
        db.orm
          .select({ one: sql`1` })
          .from(formVersions)
          .where(and(isDraftOf(db, formId), eq(formVersions.sourceKey, sql`${source?.objectKey ?? null}`))),
      ),
    ),
  )

export interface NewDraft extends VersionContent {
  /** For a version that may have to be opened. */
  id: FormVersionId
  createdBy: UserId | null
  atMs: number
}

/** Statement: the next version of the form, if the form is there and `condition` holds. */
const insertDraft = (db: TenantDb, formId: FormId, draft: NewDraft, condition: SQL | undefined) =>
  db.orm.insert(formVersions).select(
    db.orm
      .select({
        tenantId: sql<typeof db.tenantId>`${db.tenantId}`.as('tenant_id'),
        id: sql<FormVersionId>`${draft.id}`.as('id'),
        formId: sql<FormId>`${formId}`.as('form_id'),
        versionNum: sql<number>`(SELECT coalesce(max(v.version_num), 0) + 1 FROM form_versions v
          WHERE v.tenant_id = ${db.tenantId} AND v.form_id = ${formId})`.as('version_num'),
        versionLabel: sql<string | null>`${draft.versionLabel}`.as('version_label'),
        schema: sql<string>`${draft.schema}`.as('schema'),
        schemaSha256: sql<string>`${draft.schemaSha256}`.as('schema_sha256'),
        sourceKey: sql<string | null>`${draft.source?.objectKey ?? null}`.as('source_key'),
        createdBy: sql<UserId | null>`${draft.createdBy}`.as('created_by'),
        createdAtMs: sql<number>`${draft.atMs}`.as('created_at_ms'),
        publishedAtMs: sql<null>`NULL`.as('published_at_ms'),
      })
      .from(forms)
      .where(and(isOurs(db, formId), condition)),
  )

/** The draft of the form, if it has one that is not published. */
const isDraftOf = (db: TenantDb, formId: FormId) =>
  and(
    eq(formVersions.tenantId, db.tenantId),
    eq(formVersions.id, sql`(SELECT draft_version_id FROM forms WHERE tenant_id = ${db.tenantId} AND id = ${formId})`),
    isNull(formVersions.publishedAtMs),
  )

/** An object that no version names any more, and the upload under whose name it waits to be deleted. */
export interface LooseObject {
  objectKey: string
  uploadId: MediaId
}

/** Statement's condition: the schema that authors see is `base`, or already the one that is to be written, so that it
 *  holds before and after the writing. Without `base` it always holds. */
function stillHas(db: TenantDb, formId: FormId, base: string | undefined, written: string) {
  if (base === undefined) return undefined
  return sql`EXISTS (SELECT 1 FROM forms f JOIN form_versions v
    ON v.tenant_id = f.tenant_id AND v.id = coalesce(f.draft_version_id, f.current_version_id)
    WHERE f.tenant_id = ${db.tenantId} AND f.id = ${formId} AND v.schema_sha256 IN (${base}, ${written}))`
}

/** Writes the draft's content, opening a draft where the form has none. `looseId` names the file that the draft was
 *  imported from until now. With `base`, the hash of a schema, only where that is what authors still see. Null when the
 *  form is gone, or says something else by now. */
export async function writeDraft(
  db: TenantDb,
  formId: FormId,
  draft: NewDraft,
  looseId: MediaId,
  audit: NewAudit,
  base?: string,
): Promise<{ loose: LooseObject | null } | null> {
  const { schema, schemaSha256, versionLabel, source } = draft
  const isBase = stillHas(db, formId, base, schemaSha256)
  const isDraft = and(isDraftOf(db, formId), isBase)
  const isFormWithoutDraft = and(isOurs(db, formId), isNull(forms.draftVersionId), isBase)
  const [, touched, loose] = await db.orm.batch([
    // For the audit row alone: a draft is nobody's business but its authors', so the form keeps its place in the feed.
    takeSeq(db),
    db.orm
      .update(forms)
      .set({ updatedAtMs: draft.atMs })
      .where(and(isOurs(db, formId), isBase))
      .returning({ id: forms.id }),
    db.orm
      .insert(mediaUploads)
      .select(
        db.orm
          .select({
            tenantId: formVersions.tenantId,
            mediaId: sql<MediaId>`${looseId}`.as('media_id'),
            objectKey: sql<string>`${formVersions.sourceKey}`.as('object_key'),
            startedAtMs: sql<number>`${draft.atMs}`.as('started_at_ms'),
          })
          .from(formVersions)
          .where(and(isDraft, isNotNull(formVersions.sourceKey))),
      )
      .returning({ objectKey: mediaUploads.objectKey, uploadId: mediaUploads.mediaId }),
    db.orm
      .update(formVersions)
      .set({ schema, schemaSha256, versionLabel, sourceKey: source?.objectKey ?? null })
      .where(isDraft),
    insertDraft(db, formId, draft, isFormWithoutDraft),
    db.orm.update(forms).set({ draftVersionId: draft.id }).where(isFormWithoutDraft),
    endUpload(db, formId, draft),
    auditRow(
      db,
      audit,
      exists(
        db.orm
          .select({ one: sql`1` })
          .from(forms)
          .where(and(isOurs(db, formId), isBase)),
      ),
    ),
  ])
  return touched.length > 0 ? { loose: loose[0] ?? null } : null
}

/** False when the form is gone. */
export async function renameForm(
  db: TenantDb,
  formId: FormId,
  name: string,
  atMs: number,
  audit: NewAudit,
): Promise<boolean> {
  return changeForm(db, formId, { name, updatedAtMs: atMs }, audit)
}

/** Archives (a time) or takes out of the archive (null). Repeating it changes nothing. False when the form is gone. */
export async function archiveForm(
  db: TenantDb,
  formId: FormId,
  archivedAtMs: number | null,
  atMs: number,
  audit: NewAudit,
): Promise<boolean> {
  const change = {
    archivedAtMs: archivedAtMs === null ? null : sql`coalesce(${forms.archivedAtMs}, ${archivedAtMs})`,
    updatedAtMs: atMs,
  }
  return changeForm(db, formId, change, audit)
}

async function changeForm(
  db: TenantDb,
  formId: FormId,
  change: Parameters<ReturnType<typeof db.orm.update<typeof forms>>['set']>[0],
  audit: NewAudit,
): Promise<boolean> {
  const [, changed] = await db.orm.batch([
    takeSeq(db),
    db.orm
      .update(forms)
      .set({ ...change, seq: takenSeq(db) })
      .where(isOurs(db, formId))
      .returning({ id: forms.id }),
    auditRow(db, audit, hasTakenSeq(db, formId)),
  ])
  return changed.length > 0
}

/**
 * Makes the draft the live version. `draft` names what the caller has checked: when the form's draft is another one
 * by now, or has another schema, nothing happens and the answer is false.
 */
export async function publishDraft(
  db: TenantDb,
  formId: FormId,
  draft: { id: FormVersionId; schemaSha256: string },
  atMs: number,
  audit: NewAudit,
): Promise<boolean> {
  const isDraft = and(isOurs(db, formId), eq(forms.draftVersionId, draft.id))
  const [, , published, , left] = await db.orm.batch([
    takeSeq(db),
    db.orm
      .update(formVersions)
      .set({ publishedAtMs: atMs })
      .where(
        and(
          eq(formVersions.tenantId, db.tenantId),
          eq(formVersions.id, draft.id),
          eq(formVersions.schemaSha256, draft.schemaSha256),
          isNull(formVersions.publishedAtMs),
          exists(db.orm.select({ one: sql`1` }).from(forms).where(isDraft)),
        ),
      ),
    db.orm
      .update(forms)
      .set({ kind: 'form', currentVersionId: draft.id, draftVersionId: null, seq: takenSeq(db), updatedAtMs: atMs })
      .where(
        and(
          isDraft,
          exists(
            db.orm
              .select({ one: sql`1` })
              .from(formVersions)
              .where(
                and(
                  eq(formVersions.tenantId, db.tenantId),
                  eq(formVersions.id, draft.id),
                  isNotNull(formVersions.publishedAtMs),
                ),
              ),
          ),
        ),
      )
      .returning({ id: forms.id }),
    auditRow(db, audit, hasTakenSeq(db, formId)),
    outboxRow(db, 'audit', { atMs }),
  ])
  db.noteOutbox(left.length > 0)
  return published.length > 0
}

/** Marks a form as deleted and frees its key. False when it is gone already. */
export async function markFormDeleted(db: TenantDb, formId: FormId, atMs: number, audit: NewAudit): Promise<boolean> {
  const key = sql`${forms.key} || '~' || ${forms.id}`
  return changeForm(db, formId, { deletedAtMs: atMs, updatedAtMs: atMs, key }, audit)
}
