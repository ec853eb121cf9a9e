// What authors do with forms: make, change, publish, archive, read. A form has at most one draft; published versions
// never change. Deleting is delete.ts, what devices and keys are shown is offers.ts and published.ts.
// Source: contracts/native.md, section 7.
import { normaliseFormSchema } from '../../forms/check.ts'
import type { FormSchema } from '../../forms/schema.ts'
import type { FormId, FormVersionId, MediaId, ProjectId } from '../../lib/ids.ts'
import {
  archiveForm as archiveFormRow,
  insertForm,
  renameForm,
  type VersionContent,
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
import { contentOf, parseSchema } from './definition.ts'
import { formKeyOf } from './form-key.ts'
import { dropLoose } from './source.ts'
import { forgetForms } from './versions.ts'

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
  /** Where the definition was imported from. */
  from?: Pick<VersionContent, 'versionLabel' | 'source'>
}

/** Throws `project_not_found`, `forbidden`, `schema_invalid`, `body_too_large`, `form_key_taken`. */
export async function createForm(ctx: Ctx, input: NewFormInput): Promise<FormHead> {
  const { projectId, name, from } = input
  if (!(await findProject(ctx.db, projectId))) throw errors.projectNotFound()
  authorize(ctx, 'form.write', { projectId })
  const id = ctx.deps.newId<FormId>()
  // A new form may come without fields; a change of an existing one may not.
  const schema = { fields: [], ...input.schema }
  const row = {
    id,
    versionId: ctx.deps.newId<FormVersionId>(),
    projectId,
    name,
    key: input.key === undefined ? { like: formKeyOf(name, id) } : { exactly: input.key },
    ...contentOf(ctx, { schema, formName: name, earlier: [], from }),
    createdBy: userOf(ctx),
    atMs: ctx.nowMs,
  }
  const act = actOn('created', id, { name, project_id: projectId, ...(from && { imported: true }) })
  const stored = await insertForm(ctx.db, row, auditEntry(ctx, act))
  if (!stored && input.key !== undefined && (await findProject(ctx.db, projectId))) throw errors.formKeyTaken(input.key)
  if (!stored) throw errors.projectNotFound()
  return requireForm(ctx, 'form.write', id)
}

export interface FormChange {
  name?: string
  schema?: Record<string, unknown>
  /** The hash of the schema that the change was made from. Absent: whatever is there is replaced. */
  baseSha256?: string
  /** Where the schema was imported from. A schema from elsewhere makes the version forget the file it came from. */
  from?: Pick<VersionContent, 'versionLabel' | 'source'>
}

/**
 * The schema goes into the draft, and opens one when the form has only a published version. Of parallel changes the
 * last one counts, unless it says what it was made from: then `form_changed` (409) where that is no longer there. Throws
 * `form_not_found`, `forbidden`, `schema_invalid`, `body_too_large`, too.
 */
export async function updateForm(ctx: Ctx, formId: FormId, change: FormChange): Promise<FormHead> {
  const form = await requireForm(ctx, 'form.write', formId)
  const { name = form.name, schema, baseSha256, from } = change
  if (schema) {
    const draft = {
      id: ctx.deps.newId<FormVersionId>(),
      ...contentOf(ctx, { schema, formName: name, earlier: await earlierOf(ctx, form), from }),
      createdBy: userOf(ctx),
      atMs: ctx.nowMs,
    }
    const details = { schema_sha256: draft.schemaSha256, ...(from && { imported: true }) }
    const entry = auditEntry(ctx, actOn('draft_saved', formId, details))
    const written = await writeDraft(ctx.db, formId, draft, ctx.deps.newId<MediaId>(), entry, baseSha256)
    if (!written) {
      await requireForm(ctx, 'form.write', formId)
      throw errors.formChanged()
    }
    if (written.loose) await dropLoose(ctx, written.loose)
  }
  if (name !== form.name) {
    const entry = auditEntry(ctx, actOn('renamed', formId, { name, name_before: form.name }))
    if (!(await renameForm(ctx.db, formId, name, ctx.nowMs, entry))) throw errors.formNotFound()
  }
  forgetForms(ctx)
  return requireForm(ctx, 'form.write', formId)
}

/** The draft and the live version of a form, as far as it has them. */
async function earlierOf(ctx: Ctx, { draftVersionId, currentVersionId }: FormHead): Promise<FormSchema[]> {
  const ids = [draftVersionId, currentVersionId].filter((id) => id !== null)
  const found = await Promise.all(ids.map((id) => findVersion(ctx.db, id)))
  return found.flatMap((one) => (one ? [parseSchema(one.version)] : []))
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

const userOf = ({ actor }: Ctx) => (actor.kind === 'key' ? null : actor.userId)

/** What is done to a form, for the audit log. */
export const actOn = (what: string, formId: FormId, details?: Act['details']): Act => ({
  action: `form.${what}`,
  subjectKind: 'form',
  subjectId: formId,
  details,
})
