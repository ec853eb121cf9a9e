// What integrations read with an API key. Source: contracts/native.md, section 14.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { listPublishedForms, listReachableProjects, readPublishedSchema } from '../../../domain/forms/published.ts'
import type { FormId, ProjectId } from '../../../lib/ids.ts'
import { SchemaBody } from '../form-shapes.ts'
import { json, operation, router } from '../operation.ts'
import { bodyId, pathId } from '../params.ts'

const tags = ['Headless']

const KeyProject = z
  .object({ id: z.string(), name: z.string(), description: z.string().nullable() })
  .meta({ id: 'HeadlessProject' })

const KeyForm = z
  .object({
    id: z.string(),
    name: z.string(),
    key: z.string(),
    project_id: z.string(),
    version_num: z.number().int(),
  })
  .meta({ id: 'HeadlessForm' })

const KeySchema = z
  .object({ id: z.string(), name: z.string(), version_num: z.number().int(), schema: SchemaBody })
  .meta({ id: 'HeadlessSchema' })

export const headlessForms = router()
  .openapi(
    operation('headless.forms', {
      method: 'get',
      path: '/headless/projects',
      operationId: 'listHeadlessProjects',
      summary: 'Projects that the key reaches',
      tags,
      responses: { 200: json(z.array(KeyProject), 'Oldest first') },
    }),
    async (c) => {
      const list = await listReachableProjects(c.var.ctx)
      return c.json(
        list.map(({ id, name, description }) => ({ id, name, description })),
        200,
      )
    },
  )
  .openapi(
    operation('headless.forms', {
      method: 'get',
      path: '/headless/forms',
      operationId: 'listHeadlessForms',
      summary: 'Published forms that the key reaches',
      tags,
      request: { query: z.object({ project_id: bodyId<ProjectId>().optional() }) },
      responses: { 200: json(z.array(KeyForm), 'Oldest first') },
    }),
    async (c) => {
      const list = await listPublishedForms(c.var.ctx, { projectId: c.req.valid('query').project_id })
      return c.json(
        list.map(({ id, name, key, projectId, versionNum }) => ({
          id,
          name,
          key,
          project_id: projectId,
          version_num: versionNum,
        })),
        200,
      )
    },
  )
  .openapi(
    operation('headless.forms', {
      method: 'get',
      path: '/headless/forms/{id}/schema',
      operationId: 'getHeadlessSchema',
      summary: 'The live definition of a form',
      tags,
      request: { params: z.object({ id: pathId<FormId>(errors.formNotPublished) }) },
      responses: { 200: json(KeySchema, 'The live version') },
      fails: ['form_not_published'],
    }),
    async (c) => {
      const { id, name, versionNum, schema } = await readPublishedSchema(c.var.ctx, c.req.valid('param').id)
      return c.json({ id, name, version_num: versionNum, schema }, 200)
    },
  )
