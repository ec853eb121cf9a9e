// Shard queries on forms and their versions: reads. What changes them is in form-changes.ts.
// A deleted form and everything of it is invisible here from the moment its row is marked.
import { and, asc, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { FormId, FormVersionId, ProjectId } from '../lib/ids.ts'
import { forms, formVersions, projects, submissionCounts } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type FormRow = typeof forms.$inferSelect
export type FormVersionRow = typeof formVersions.$inferSelect

/** A form, with the number and the schema's hash of the version that people see: the draft's, or else the live one's. */
export interface FormHead extends FormRow {
  versionNum: number | null
  schemaSha256: string | null
}

const shownVersionId = sql`coalesce(${forms.draftVersionId}, ${forms.currentVersionId})`

const isLive = (db: TenantDb) => and(eq(forms.tenantId, db.tenantId), isNull(forms.deletedAtMs))

const headColumns = {
  form: forms,
  versionNum: sql<number | null>`(SELECT v.version_num FROM form_versions v
    WHERE v.tenant_id = ${forms.tenantId} AND v.id = ${shownVersionId})`,
  schemaSha256: sql<string | null>`(SELECT v.schema_sha256 FROM form_versions v
    WHERE v.tenant_id = ${forms.tenantId} AND v.id = ${shownVersionId})`,
}

const headOf = ({ form, ...shown }: { form: FormRow } & Omit<FormHead, keyof FormRow>): FormHead => ({
  ...form,
  ...shown,
})

/** A form that is not deleted. */
export async function findForm(db: TenantDb, formId: FormId): Promise<FormHead | undefined> {
  const row = await db.orm
    .select(headColumns)
    .from(forms)
    .where(and(isLive(db), eq(forms.id, formId)))
    .get()
  return row && headOf(row)
}

/** Which of these forms are there and not deleted. */
export async function findLiveFormIds(db: TenantDb, formIds: FormId[]): Promise<Set<FormId>> {
  const rows = await db.orm
    .select({ id: forms.id })
    .from(forms)
    .where(and(isLive(db), sql`${forms.id} IN (SELECT value FROM json_each(${JSON.stringify(formIds)}))`))
  return new Set(rows.map(({ id }) => id))
}

export interface FormFilter {
  projectId?: ProjectId
  published?: boolean
  archived?: boolean
}

/** Forms that are not deleted, oldest first. */
export async function listForms(db: TenantDb, filter: FormFilter): Promise<FormHead[]> {
  const { projectId, published, archived } = filter
  const rows = await db.orm
    .select(headColumns)
    .from(forms)
    .where(
      and(
        isLive(db),
        projectId && eq(forms.projectId, projectId),
        published === undefined
          ? undefined
          : published
            ? isNotNull(forms.currentVersionId)
            : isNull(forms.currentVersionId),
        archived === undefined ? undefined : archived ? isNotNull(forms.archivedAtMs) : isNull(forms.archivedAtMs),
      ),
    )
    .orderBy(asc(forms.createdAtMs), asc(forms.id))
  return rows.map(headOf)
}

export interface VersionOfForm {
  version: FormVersionRow
  form: FormRow
}

/** A version of a form that is not deleted. */
export async function findVersion(db: TenantDb, versionId: FormVersionId): Promise<VersionOfForm | undefined> {
  return db.orm
    .select({ version: formVersions, form: forms })
    .from(formVersions)
    .innerJoin(forms, and(isLive(db), eq(forms.id, formVersions.formId)))
    .where(and(eq(formVersions.tenantId, db.tenantId), eq(formVersions.id, versionId)))
    .get()
}

/** A version without its schema: how it stands, and which schema it has. */
export interface VersionHead {
  id: FormVersionId
  formId: FormId
  projectId: ProjectId
  versionNum: number
  publishedAtMs: number | null
  schemaSha256: string
}

const versionHeadColumns = {
  id: formVersions.id,
  formId: forms.id,
  projectId: forms.projectId,
  versionNum: formVersions.versionNum,
  publishedAtMs: formVersions.publishedAtMs,
  schemaSha256: formVersions.schemaSha256,
}

/** As `findVersion`, without the schema. */
export async function findVersionHead(db: TenantDb, versionId: FormVersionId): Promise<VersionHead | undefined> {
  return db.orm
    .select(versionHeadColumns)
    .from(formVersions)
    .innerJoin(forms, and(isLive(db), eq(forms.id, formVersions.formId)))
    .where(and(eq(formVersions.tenantId, db.tenantId), eq(formVersions.id, versionId)))
    .get()
}

/** As `findLiveVersion`, without the schema. */
export async function findLiveVersionHead(db: TenantDb, formId: FormId): Promise<VersionHead | undefined> {
  return db.orm
    .select(versionHeadColumns)
    .from(forms)
    .innerJoin(formVersions, and(eq(formVersions.tenantId, db.tenantId), eq(formVersions.id, forms.currentVersionId)))
    .where(and(isLive(db), eq(forms.id, formId)))
    .get()
}

/** A version of a form by its number, draft or not. */
export async function findVersionByNum(
  db: TenantDb,
  formId: FormId,
  versionNum: number,
): Promise<FormVersionRow | undefined> {
  return db.orm
    .select()
    .from(formVersions)
    .where(
      and(
        eq(formVersions.tenantId, db.tenantId),
        eq(formVersions.formId, formId),
        eq(formVersions.versionNum, versionNum),
      ),
    )
    .get()
}

/** Whether anything but test data was ever sent to the form and not deleted since. */
export async function hasSubmissions(db: TenantDb, formId: FormId): Promise<boolean> {
  const row = await db.orm
    .select({ total: submissionCounts.total })
    .from(submissionCounts)
    .where(
      and(
        eq(submissionCounts.tenantId, db.tenantId),
        eq(submissionCounts.formId, formId),
        eq(submissionCounts.mode, 'live'),
      ),
    )
    .get()
  return (row?.total ?? 0) > 0
}

/** The published version that a form is filled in with now. */
export async function findLiveVersion(db: TenantDb, formId: FormId): Promise<VersionOfForm | undefined> {
  return db.orm
    .select({ version: formVersions, form: forms })
    .from(forms)
    .innerJoin(formVersions, and(eq(formVersions.tenantId, db.tenantId), eq(formVersions.id, forms.currentVersionId)))
    .where(and(isLive(db), eq(forms.id, formId)))
    .get()
}

/** Published versions without their schemas, newest first. */
export async function listPublishedVersions(db: TenantDb, formId: FormId) {
  return db.orm
    .select({
      id: formVersions.id,
      versionNum: formVersions.versionNum,
      publishedAtMs: sql<number>`${formVersions.publishedAtMs}`,
    })
    .from(formVersions)
    .where(
      and(
        eq(formVersions.tenantId, db.tenantId),
        eq(formVersions.formId, formId),
        isNotNull(formVersions.publishedAtMs),
      ),
    )
    .orderBy(desc(formVersions.versionNum))
}

export interface OfferFilter {
  /** Null: the forms of every project. Otherwise those of projects open to everyone, and of these. */
  memberOf: ProjectId[] | null
  /** Offer a form's draft, where it has one, in place of the live version. */
  drafts: boolean
}

/** What devices are offered: published (or draft) versions of forms that are neither archived nor deleted. */
export async function listOffers(db: TenantDb, { memberOf, drafts }: OfferFilter) {
  return db.orm
    .select({
      id: forms.id,
      name: forms.name,
      key: forms.key,
      projectId: projects.id,
      projectName: projects.name,
      versionId: formVersions.id,
      versionNum: formVersions.versionNum,
      schema: formVersions.schema,
      publishedAtMs: formVersions.publishedAtMs,
    })
    .from(forms)
    .innerJoin(projects, and(eq(projects.tenantId, db.tenantId), eq(projects.id, forms.projectId)))
    .innerJoin(
      formVersions,
      and(
        eq(formVersions.tenantId, db.tenantId),
        eq(formVersions.id, drafts ? shownVersionId : forms.currentVersionId),
      ),
    )
    .where(
      and(
        isLive(db),
        isNull(forms.archivedAtMs),
        memberOf === null
          ? undefined
          : sql`(${projects.formAccess} = 'everyone'
            OR ${projects.id} IN (SELECT value FROM json_each(${JSON.stringify(memberOf)})))`,
      ),
    )
    .orderBy(asc(forms.createdAtMs), asc(forms.id))
}

/** Forms with a live version, neither archived nor deleted, oldest first. */
export async function listLiveForms(db: TenantDb, projectId?: ProjectId) {
  return db.orm
    .select({
      id: forms.id,
      key: forms.key,
      name: forms.name,
      projectId: forms.projectId,
      versionNum: formVersions.versionNum,
    })
    .from(forms)
    .innerJoin(formVersions, and(eq(formVersions.tenantId, db.tenantId), eq(formVersions.id, forms.currentVersionId)))
    .where(and(isLive(db), isNull(forms.archivedAtMs), projectId && eq(forms.projectId, projectId)))
    .orderBy(asc(forms.createdAtMs), asc(forms.id))
}
