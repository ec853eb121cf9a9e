// What an API key sees: projects and published forms, those of its own project only when it is limited to one.
// Source: contracts/native.md, section 14.
import type { FormSchema } from '../../forms/schema.ts'
import type { FormId, ProjectId } from '../../lib/ids.ts'
import { findLiveVersion, listLiveForms } from '../../storage/forms.ts'
import { listProjects } from '../../storage/projects.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import type { Project } from '../projects/projects.ts'
import { parseSchema } from './definition.ts'

const limitOf = ({ actor }: Ctx): ProjectId | null => (actor.kind === 'key' ? actor.projectId : null)

export async function listReachableProjects(ctx: Ctx): Promise<Project[]> {
  authorize(ctx, 'headless.forms')
  const limit = limitOf(ctx)
  const projects = await listProjects(ctx.db)
  return limit ? projects.filter((project) => project.id === limit) : projects
}

export interface LiveForm {
  id: FormId
  key: string
  name: string
  projectId: ProjectId
  versionNum: number
}

/** Neither drafts nor archived forms, oldest first. A project that the key can't see has no forms. */
export async function listPublishedForms(ctx: Ctx, filter: { projectId?: ProjectId }): Promise<LiveForm[]> {
  authorize(ctx, 'headless.forms')
  const limit = limitOf(ctx)
  if (limit && filter.projectId && filter.projectId !== limit) return []
  return listLiveForms(ctx.db, limit ?? filter.projectId)
}

export interface LiveSchema extends Pick<LiveForm, 'id' | 'name'> {
  versionNum: number
  schema: FormSchema
}

/** The live version, also of an archived form. Throws `form_not_published` (404). */
export async function readPublishedSchema(ctx: Ctx, formId: FormId): Promise<LiveSchema> {
  authorize(ctx, 'headless.forms')
  const found = await findLiveVersion(ctx.db, formId)
  const limit = limitOf(ctx)
  if (!found || (limit && found.form.projectId !== limit)) throw errors.formNotPublished()
  const { form, version } = found
  return { id: form.id, name: form.name, versionNum: version.versionNum, schema: parseSchema(version) }
}
