// Projects: what holds forms, says whom they are offered to, and in which time zone days are counted.
// Source: contracts/native.md, section 6; form_access and time_zone are ours.
import type { ProjectId } from '../../lib/ids.ts'
import { isTimeZone } from '../../lib/zoned-day.ts'
import {
  deleteEmptyProject,
  deleteProjectMemberships,
  findProject,
  insertProject,
  listProjects as listProjectRows,
  type ProjectRow,
  updateProject as updateProjectRow,
} from '../../storage/projects.ts'
import { authorize } from '../access/authorize.ts'
import { type Act, auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { forgetForms } from '../forms/versions.ts'

export type Project = Omit<ProjectRow, 'tenantId'>
export type FormAccess = ProjectRow['formAccess']

/** True for names of the IANA database; offsets like `+02:00` are none, they know no summer. */
export const isZoneName = (name: string): boolean => /^[A-Za-z]/.test(name) && isTimeZone(name)

/** Every project of the tenant, whatever the role. */
export async function listProjects(ctx: Ctx): Promise<Project[]> {
  authorize(ctx, 'project.read')
  return listProjectRows(ctx.db)
}

/** Throws `project_not_found` (404). */
export async function readProject(ctx: Ctx, projectId: ProjectId): Promise<Project> {
  authorize(ctx, 'project.read', { projectId })
  const project = await findProject(ctx.db, projectId)
  if (!project) throw errors.projectNotFound()
  return project
}

export interface ProjectInput {
  name: string
  description?: string | null
  formAccess?: FormAccess
  timeZone?: string
}

/** Throws `forbidden`. */
export async function createProject(ctx: Ctx, input: ProjectInput): Promise<Project> {
  authorize(ctx, 'project.create')
  const id = ctx.deps.newId<ProjectId>()
  const entry = auditEntry(ctx, actOn('created', id, { name: input.name }))
  return insertProject(ctx.db, { id, ...input, createdAtMs: ctx.nowMs }, entry)
}

/** Throws `project_not_found`, `forbidden`. */
export async function updateProject(ctx: Ctx, projectId: ProjectId, change: Partial<ProjectInput>): Promise<Project> {
  const before = await readProject(ctx, projectId)
  authorize(ctx, 'project.update', { projectId })
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  if (given.length === 0) return before
  const entry = auditEntry(ctx, actOn('changed', projectId, Object.fromEntries(given)))
  const project = await updateProjectRow(ctx.db, projectId, Object.fromEntries(given), entry)
  if (!project) throw errors.projectNotFound()
  forgetForms(ctx)
  return project
}

/** Throws `project_not_found`, `forbidden`, `project_not_empty` (409) while it holds a form that is not deleted. */
export async function deleteProject(ctx: Ctx, projectId: ProjectId): Promise<void> {
  const { name } = await readProject(ctx, projectId)
  authorize(ctx, 'project.delete', { projectId })
  const entry = auditEntry(ctx, actOn('deleted', projectId, { name }))
  if (!(await deleteEmptyProject(ctx.db, projectId, entry))) throw errors.projectNotEmpty()
  await deleteProjectMemberships(ctx.deps.directory, ctx.tenant.id, projectId)
}

const actOn = (what: string, projectId: ProjectId, details: Act['details']): Act => ({
  action: `project.${what}`,
  subjectKind: 'project',
  subjectId: projectId,
  details,
})
