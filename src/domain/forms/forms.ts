// What authors do with forms: make, change, publish, archive, read. A form has at most one draft; published versions
// never change. Deleting is delete.ts, what devices and keys are shown is offers.ts and published.ts.
// Source: contracts/native.md, section 7.
import { createHash } from 'node:crypto'
import { checkFormSchema, normaliseFormSchema } from '../../forms/check.ts'
import type { FormSchema } from '../../forms/schema.ts'
import type { FormId, FormVersionId, ProjectId } from '../../lib/ids.ts'
import {
  archiveForm as archiveFormRow,
  insertForm,
  publishDraft,
  renameForm,
  type SchemaText,
  writeDraft,
} from '../../storage/form-changes.ts'
import {
  type FormFilter,
  type FormHead,
  type FormVersionRow,
  findForm,
  findVersion,
  listForms as listFormRows,
  listPublishedVersions,
} from '../../storage/forms.ts'
import { findProject } from '../../storage/projects.ts'
import { authorize } from '../access/authorize.ts'
import type { Verb } from '../access/permissions.ts'
import { type Act, auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { formKeyOf } from './form-key.ts'
import { forgetForms } from './versions.ts'

/** A D1 row ends at 2 MB: a definition leaves room for the rest of its row. */
export const MAX_SCHEMA_BYTES = 1_572_864
const PUBLISH_ATTEMPTS = 5

export type { FormFilter, FormHead }

/** A form with the version that its authors see: the draft, or else the live one. */
export interface FormWithSchema {
  form: FormHead
  schema: FormSchema
}

/** The form, once the actor may do `verb` with it. Throws `form_not_found` (404), `forbidden`. */
export async function requireForm(ctx: Ctx, verb: Verb, formId: FormId): Promise<FormHead> {
  const form = await findForm(ctx.db, formId)
  if (!form) throw errors.formNotFound()
  authorize(ctx, verb, { projectId: form.projectId })
  return form
}

/** Without schemas, oldest first. An unknown project has none. */
export async function listForms(ctx: Ctx, filter: FormFilter): Promise<FormHead[]> {
  authorize(ctx, 'form.read', { projectId: filter.projectId })
  return listFormRows(ctx.db, filter)
}

/** Throws `form_not_found`. */
export async function readForm(ctx: Ctx, formId: FormId): Promise<FormWithSchema> {
  const form = await requireForm(ctx, 'form.read', formId)
  const shown = form.draftVersionId ?? form.currentVersionId
  const found = shown && (await findVersion(ctx.db, shown))
  // A form without any version is one that another system named and nobody has described yet.
  const schema = found ? parseSchema(found.version) : normaliseFormSchema({}, form.name)
  return { form, schema }
}

export interface NewFormInput {
  projectId: ProjectId
  name: string
  schema: Record<string, unknown>
  /** Absent: made from the name. */
  key?: string
}

/** Throws `project_not_found`, `forbidden`, `schema_invalid`, `body_too_large`, `form_key_taken`. */
export async function createForm(ctx: Ctx, input: NewFormInput): Promise<FormHead> {
  const { projectId, name } = input
  if (!(await findProject(ctx.db, projectId))) throw errors.projectNotFound()
  authorize(ctx, 'form.write', { projectId })
  const id = ctx.deps.newId<FormId>()
  const row = {
    id,
    versionId: ctx.deps.newId<FormVersionId>(),
    projectId,
    name,
    key: input.key === undefined ? { like: formKeyOf(name, id) } : { exactly: input.key },
    // A new form may come without fields; a change of an existing one may not.
    ...schemaTextOf({ fields: [], ...input.schema }, name),
    createdBy: userOf(ctx),
    atMs: ctx.nowMs,
  }
  const act = actOn('created', id, { name, project_id: projectId })
  const stored = await insertForm(ctx.db, row, auditEntry(ctx, act))
  if (!stored && input.key !== undefined && (await findProject(ctx.db, projectId))) throw errors.formKeyTaken(input.key)
  if (!stored) throw errors.projectNotFound()
  return requireForm(ctx, 'form.write', id)
}

export interface FormChange {
  name?: string
  schema?: Record<string, unknown>
}

/**
 * The schema goes into the draft, and opens one when the form has only a published version. Of parallel changes the
 * last one counts. Throws `form_not_found`, `forbidden`, `schema_invalid`, `body_too_large`.
 */
export async function updateForm(ctx: Ctx, formId: FormId, change: FormChange): Promise<FormHead> {
  const form = await requireForm(ctx, 'form.write', formId)
  const { name = form.name, schema } = change
  if (schema) {
    const draft = {
      id: ctx.deps.newId<FormVersionId>(),
      ...schemaTextOf(schema, name),
      createdBy: userOf(ctx),
      atMs: ctx.nowMs,
    }
    const entry = auditEntry(ctx, actOn('draft_saved', formId, { schema_sha256: draft.schemaSha256 }))
    if (!(await writeDraft(ctx.db, formId, draft, entry))) throw errors.formNotFound()
  }
  if (name !== form.name) {
    const entry = auditEntry(ctx, actOn('renamed', formId, { name, name_before: form.name }))
    if (!(await renameForm(ctx.db, formId, name, ctx.nowMs, entry))) throw errors.formNotFound()
  }
  forgetForms(ctx)
  return requireForm(ctx, 'form.write', formId)
}

export interface Published {
  versionId: FormVersionId
  versionNum: number
}

/**
 * Makes the draft the live version; of parallel calls one does it. Throws `form_not_found`, `forbidden`,
 * `schema_invalid`, and `nothing_to_publish` (400) without a draft or when it equals the live version.
 */
export async function publishForm(ctx: Ctx, formId: FormId): Promise<Published> {
  for (let attempt = 0; attempt < PUBLISH_ATTEMPTS; attempt++) {
    const form = await requireForm(ctx, 'form.write', formId)
    const draft = form.draftVersionId && (await findVersion(ctx.db, form.draftVersionId))?.version
    if (!draft) throw errors.nothingToPublish()
    const live = form.currentVersionId && (await findVersion(ctx.db, form.currentVersionId))?.version
    if (live && live.schemaSha256 === draft.schemaSha256) throw errors.nothingToPublish()
    refuseFaults(parseSchema(draft))
    const act = actOn('published', formId, { version_id: draft.id, version_num: draft.versionNum })
    if (await publishDraft(ctx.db, formId, draft, ctx.nowMs, auditEntry(ctx, act))) {
      forgetForms(ctx)
      return { versionId: draft.id, versionNum: draft.versionNum }
    }
    // Somebody published or changed the draft since it was read: look again.
  }
  throw errors.unavailable()
}

/** An archived form is no longer offered; it can still be read, and takes what phones still hold. Idempotent.
 *  Throws `form_not_found`, `forbidden`. */
export async function archiveForm(ctx: Ctx, formId: FormId, archived: boolean): Promise<FormHead> {
  const form = await requireForm(ctx, 'form.write', formId)
  if (archived === (form.archivedAtMs !== null)) return form
  const entry = auditEntry(ctx, actOn(archived ? 'archived' : 'unarchived', formId))
  const stands = await archiveFormRow(ctx.db, formId, archived ? ctx.nowMs : null, ctx.nowMs, entry)
  if (!stands) throw errors.formNotFound()
  forgetForms(ctx)
  return requireForm(ctx, 'form.write', formId)
}

export interface PublishedVersion {
  id: FormVersionId
  versionNum: number
  publishedAtMs: number
  isCurrent: boolean
}

/** Newest first, without drafts. Throws `form_not_found`. */
export async function listVersions(ctx: Ctx, formId: FormId): Promise<PublishedVersion[]> {
  const form = await requireForm(ctx, 'form.read', formId)
  const versions = await listPublishedVersions(ctx.db, formId)
  return versions.map((version) => ({ ...version, isCurrent: version.id === form.currentVersionId }))
}

export interface VersionWithSchema {
  version: FormVersionRow
  form: FormHead
  schema: FormSchema
}

/** Published or draft. Throws `form_not_found`, `version_not_found`. */
export async function readVersion(ctx: Ctx, formId: FormId, versionId: FormVersionId): Promise<VersionWithSchema> {
  const form = await requireForm(ctx, 'form.read', formId)
  const found = await findVersion(ctx.db, versionId)
  if (!found || found.version.formId !== formId) throw errors.versionNotFound()
  return { version: found.version, form, schema: parseSchema(found.version) }
}

export const parseSchema = (version: Pick<FormVersionRow, 'schema'>): FormSchema =>
  JSON.parse(version.schema) as FormSchema

function refuseFaults(schema: Record<string, unknown>): void {
  const faults = checkFormSchema(schema)
  if (faults.length > 0) throw errors.schemaInvalid(faults)
}

function schemaTextOf(schema: Record<string, unknown>, formName: string): SchemaText {
  refuseFaults(schema)
  const text = JSON.stringify(normaliseFormSchema(schema, formName))
  if (Buffer.byteLength(text) > MAX_SCHEMA_BYTES) throw errors.bodyTooLarge(MAX_SCHEMA_BYTES)
  return { schema: text, schemaSha256: createHash('sha256').update(text).digest('hex') }
}

const userOf = ({ actor }: Ctx) => (actor.kind === 'key' ? null : actor.userId)

/** What is done to a form, for the audit log. */
export const actOn = (what: string, formId: FormId, details?: Act['details']): Act => ({
  action: `form.${what}`,
  subjectKind: 'form',
  subjectId: formId,
  details,
})
