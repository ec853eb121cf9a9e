// Projects. Source: contracts/native.md, section 6; PATCH, form_access and time_zone are ours.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import {
  createProject,
  deleteProject,
  isZoneName,
  listProjects,
  type Project,
  readProject,
  updateProject,
} from '../../../domain/projects/projects.ts'
import type { ProjectId } from '../../../lib/ids.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { pathId, Timestamp } from '../params.ts'

const FormAccess = z
  .enum(['everyone', 'assigned'])
  .meta({ description: 'Whom the forms are offered to: every device, or those of members and managers' })
const TimeZone = z
  .string()
  .refine(isZoneName, 'Not a time zone of the IANA database')
  .meta({ description: 'IANA name; days are counted in it', example: 'Africa/Dakar' })
const Name = z.string().trim().min(1).max(200)
const Description = z.string().max(5_000).nullable()

const ProjectBody = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    tenant_id: z.string(),
    form_access: FormAccess,
    time_zone: z.string(),
    created_at: Timestamp,
  })
  .meta({ id: 'Project' })

const bodyOf = (project: Project, tenantId: string): z.infer<typeof ProjectBody> => ({
  id: project.id,
  name: project.name,
  description: project.description,
  tenant_id: tenantId,
  form_access: project.formAccess,
  time_zone: project.timeZone,
  created_at: isoTime(project.createdAtMs),
})

const params = z.object({ id: pathId<ProjectId>(errors.projectNotFound) })
const tags = ['Projects']

export const projects = router()
  .openapi(
    operation('project.read', {
      method: 'get',
      path: '/projects',
      operationId: 'listProjects',
      summary: 'All projects of the tenant',
      tags,
      responses: { 200: json(z.array(ProjectBody), 'Oldest first') },
    }),
    async (c) => {
      const { ctx } = c.var
      const list = await listProjects(ctx)
      return c.json(
        list.map((project) => bodyOf(project, ctx.tenant.id)),
        200,
      )
    },
  )
  .openapi(
    operation('project.create', {
      method: 'post',
      path: '/projects',
      operationId: 'createProject',
      summary: 'Create a project',
      tags,
      request: {
        body: jsonRequest(
          z.object({
            name: Name,
            description: Description.optional(),
            form_access: FormAccess.optional(),
            time_zone: TimeZone.optional(),
          }),
        ),
      },
      responses: { 201: json(ProjectBody, 'Created') },
    }),
    async (c) => {
      const { ctx } = c.var
      const { name, description, form_access, time_zone } = c.req.valid('json')
      const project = await createProject(ctx, { name, description, formAccess: form_access, timeZone: time_zone })
      return c.json(bodyOf(project, ctx.tenant.id), 201)
    },
  )
  .openapi(
    operation('project.read', {
      method: 'get',
      path: '/projects/{id}',
      operationId: 'getProject',
      summary: 'One project',
      tags,
      request: { params },
      responses: { 200: json(ProjectBody, 'The project') },
      fails: ['project_not_found'],
    }),
    async (c) => {
      const { ctx } = c.var
      return c.json(bodyOf(await readProject(ctx, c.req.valid('param').id), ctx.tenant.id), 200)
    },
  )
  .openapi(
    operation('project.update', {
      method: 'patch',
      path: '/projects/{id}',
      operationId: 'updateProject',
      summary: 'Change a project; what is left out stays',
      tags,
      request: {
        params,
        body: jsonRequest(
          z.object({ name: Name, description: Description, form_access: FormAccess, time_zone: TimeZone }).partial(),
        ),
      },
      responses: { 200: json(ProjectBody, 'The project as it is now') },
      fails: ['project_not_found'],
    }),
    async (c) => {
      const { ctx } = c.var
      const { name, description, form_access, time_zone } = c.req.valid('json')
      const project = await updateProject(ctx, c.req.valid('param').id, {
        name,
        description,
        formAccess: form_access,
        timeZone: time_zone,
      })
      return c.json(bodyOf(project, ctx.tenant.id), 200)
    },
  )
  .openapi(
    operation('project.delete', {
      method: 'delete',
      path: '/projects/{id}',
      operationId: 'deleteProject',
      summary: 'Delete a project that holds no forms',
      tags,
      request: { params },
      responses: { 204: { description: 'Deleted' } },
      fails: ['project_not_found', 'project_not_empty'],
    }),
    async (c) => {
      await deleteProject(c.var.ctx, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
