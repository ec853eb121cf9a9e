// Forms: made, changed, published, archived. Versions are form-versions.ts. Source: contracts/native.md, section 7; keys,
// the archive and what publishing says of changes are ours.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { deleteForm } from '../../../domain/forms/delete.ts'
import { FORM_KEY } from '../../../domain/forms/form-key.ts'
import { archiveForm, createForm, listForms, readForm, updateForm } from '../../../domain/forms/forms.ts'
import { publishForm } from '../../../domain/forms/publish.ts'
import type { FormId, ProjectId } from '../../../lib/ids.ts'
import { diffBodyOf, FormDiffBody } from '../form-diff.ts'
import { FormBody, FormItem, formItemOf, SchemaInput } from '../form-shapes.ts'
import { json, jsonRequest, operation, optionalJsonRequest, router } from '../operation.ts'
import { bodyId, pathId } from '../params.ts'

/** A definition of the largest size we keep, with room for the spaces that pretty-printers put between. */
const MAX_BODY_BYTES = 2 * 1024 * 1024

const Name = z.string().trim().min(1).max(200)
const params = z.object({ id: pathId<FormId>(errors.formNotFound) })
const tags = ['Forms']

const archive = (archived: boolean) =>
  operation('form.write', {
    method: 'post',
    path: archived ? '/forms/{id}/archive' : '/forms/{id}/unarchive',
    operationId: archived ? 'archiveForm' : 'unarchiveForm',
    summary: archived ? 'Offer the form no longer' : 'Offer the form again',
    description: 'An archived form can still be read, and takes the submissions that phones still hold.',
    tags,
    request: { params },
    responses: { 200: json(FormItem, 'The form as it is now') },
    fails: ['form_not_found'],
  })

export const forms = router()
  .openapi(
    operation('form.read', {
      method: 'get',
      path: '/forms',
      operationId: 'listForms',
      summary: 'Forms of the tenant',
      tags,
      request: {
        query: z.object({
          project_id: bodyId<ProjectId>().optional(),
          status: z.enum(['draft', 'published']).optional().meta({ description: 'draft: without a live version' }),
          archived: z.enum(['true', 'false']).optional().meta({ description: 'Absent: both' }),
        }),
      },
      responses: { 200: json(z.array(FormItem), 'Oldest first') },
    }),
    async (c) => {
      const { project_id, status, archived } = c.req.valid('query')
      const list = await listForms(c.var.ctx, {
        projectId: project_id,
        published: status && status === 'published',
        archived: archived && archived === 'true',
      })
      return c.json(list.map(formItemOf), 200)
    },
  )
  .openapi(
    operation(
      'form.write',
      {
        method: 'post',
        path: '/forms',
        operationId: 'createForm',
        summary: 'Create a form',
        description: 'It starts as a draft, version 1. Without `title` it is titled by its name.',
        tags,
        request: {
          body: jsonRequest(
            z.object({
              project_id: bodyId<ProjectId>(),
              name: Name,
              schema: SchemaInput.optional(),
              schema_json: SchemaInput.optional().meta({ description: 'Alias of `schema`' }),
              key: z.string().regex(FORM_KEY).optional().meta({ description: 'Absent: made from the name' }),
            }),
          ),
        },
        responses: { 201: json(FormItem, 'Created') },
        fails: ['project_not_found', 'schema_invalid', 'form_key_taken'],
      },
      { maxBodyBytes: MAX_BODY_BYTES },
    ),
    async (c) => {
      const { project_id, name, schema, schema_json, key } = c.req.valid('json')
      const form = await createForm(c.var.ctx, {
        projectId: project_id,
        name,
        schema: schema ?? schema_json ?? {},
        key,
      })
      return c.json(formItemOf(form), 201)
    },
  )
  .openapi(
    operation('form.read', {
      method: 'get',
      path: '/forms/{id}',
      operationId: 'getForm',
      summary: 'A form with the definition that its authors see: the draft, or else the live version',
      tags,
      request: { params },
      responses: { 200: json(FormBody, 'The form') },
      fails: ['form_not_found'],
    }),
    async (c) => {
      const { form, schema } = await readForm(c.var.ctx, c.req.valid('param').id)
      return c.json({ ...formItemOf(form), schema, schema_json: schema }, 200)
    },
  )
  .openapi(
    operation(
      'form.write',
      {
        method: 'put',
        path: '/forms/{id}',
        operationId: 'updateForm',
        summary: 'Change the name or the definition',
        description:
          'A definition goes into the draft. When the form has only a live version, a draft is opened, and the live ' +
          'version stays in use until the draft is published.',
        tags,
        request: {
          params,
          body: jsonRequest(
            z
              .object({
                name: Name.optional(),
                schema: SchemaInput.optional(),
                schema_json: SchemaInput.optional().meta({ description: 'Alias of `schema`' }),
                base_sha256: z
                  .string()
                  .max(64)
                  .optional()
                  .meta({
                    description:
                      'The `schema_sha256` of the form that the definition was made from. When the form has another ' +
                      'one by now it is refused (409); absent, whatever is there is replaced',
                  }),
              })
              .refine((body) => (body.name ?? body.schema ?? body.schema_json) !== undefined, {
                path: ['schema'],
                message: 'Field required: name or schema',
              }),
          ),
        },
        responses: {
          200: json(
            FormItem.extend({ status: z.literal('updated') }).meta({ id: 'UpdatedForm' }),
            'The form as it is now',
          ),
        },
        fails: ['form_not_found', 'schema_invalid', 'form_changed'],
      },
      { maxBodyBytes: MAX_BODY_BYTES },
    ),
    async (c) => {
      const { name, schema, schema_json, base_sha256: baseSha256 } = c.req.valid('json')
      const change = { name, schema: schema ?? schema_json, baseSha256 }
      const form = await updateForm(c.var.ctx, c.req.valid('param').id, change)
      return c.json({ status: 'updated' as const, ...formItemOf(form) }, 200)
    },
  )
  .openapi(
    operation('form.delete', {
      method: 'delete',
      path: '/forms/{id}',
      operationId: 'deleteForm',
      summary: 'Delete a form with all its submissions and files',
      description: 'Everything of it answers 404 at once; the data is removed in the background.',
      tags,
      request: { params },
      responses: { 204: { description: 'Deleted' } },
      fails: ['form_not_found'],
    }),
    async (c) => {
      await deleteForm(c.var.ctx, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
  .openapi(
    operation('form.write', {
      method: 'post',
      path: '/forms/{id}/publish',
      operationId: 'publishForm',
      summary: 'Make the draft the live version',
      description:
        'When fields that have answers get another type, or move into or out of rows, it is refused until `force` is ' +
        'true: the answers stay as they are, and would be read differently.',
      tags,
      request: {
        params,
        body: optionalJsonRequest(
          z.object({ force: z.boolean().optional().meta({ description: 'Publish changes of type, too' }) }),
        ),
      },
      responses: {
        200: json(
          z
            .object({
              status: z.literal('published'),
              version_id: z.string(),
              version_num: z.number().int(),
              diff: FormDiffBody.nullable().meta({ description: 'Against the version before; null for the first' }),
              warnings: z.array(z.string()).meta({ description: 'What is admitted and still looks like a slip' }),
            })
            .meta({ id: 'PublishedForm' }),
          'Devices get this version from now on',
        ),
      },
      fails: ['form_not_found', 'nothing_to_publish', 'schema_invalid', 'force_needed'],
    }),
    async (c) => {
      const { force = false } = c.req.valid('json')
      const { versionId, versionNum, diff, warnings } = await publishForm(c.var.ctx, c.req.valid('param').id, { force })
      const published = { version_id: versionId, version_num: versionNum, diff: diff && diffBodyOf(diff), warnings }
      return c.json({ status: 'published' as const, ...published }, 200)
    },
  )
  .openapi(archive(true), async (c) =>
    c.json(formItemOf(await archiveForm(c.var.ctx, c.req.valid('param').id, true)), 200),
  )
  .openapi(archive(false), async (c) =>
    c.json(formItemOf(await archiveForm(c.var.ctx, c.req.valid('param').id, false)), 200),
  )
