// Versions of forms: listed, read, compared, and as the files they came from. Source: contracts/native.md, section 7;
// comparisons and files are ours.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { compareVersions } from '../../../domain/forms/compare.ts'
import { listVersions, readVersion } from '../../../domain/forms/forms.ts'
import { readSource } from '../../../domain/forms/source.ts'
import type { FormId, FormVersionId } from '../../../lib/ids.ts'
import { fileResponses, sendFile } from '../download.ts'
import { diffBodyOf, FormDiffBody } from '../form-diff.ts'
import { VersionBody, VersionItem, versionBodyOf, versionItemOf } from '../form-shapes.ts'
import { json, operation, router } from '../operation.ts'
import { pathId } from '../params.ts'

const YEAR_SECONDS = 365 * 24 * 3600

const params = z.object({ id: pathId<FormId>(errors.formNotFound) })
const versionParams = params.extend({ version_id: pathId<FormVersionId>(errors.versionNotFound) })
const tags = ['Forms']

const Compared = z.object({ version_id: z.string(), version_num: z.number().int(), is_draft: z.boolean() })

export const formVersions = router()
  .openapi(
    operation('form.read', {
      method: 'get',
      path: '/forms/{id}/versions',
      operationId: 'listFormVersions',
      summary: 'Published versions, newest first',
      tags,
      request: { params },
      responses: { 200: json(z.array(VersionItem), 'Without drafts') },
      fails: ['form_not_found'],
    }),
    async (c) => c.json((await listVersions(c.var.ctx, c.req.valid('param').id)).map(versionItemOf), 200),
  )
  .openapi(
    operation('form.read', {
      method: 'get',
      path: '/forms/{id}/versions/{version_id}',
      operationId: 'getFormVersion',
      summary: 'A version with its definition',
      tags,
      request: { params: versionParams },
      responses: { 200: json(VersionBody, 'The version; a draft too') },
      fails: ['form_not_found', 'version_not_found'],
    }),
    async (c) => {
      const { id, version_id } = c.req.valid('param')
      return c.json(versionBodyOf(await readVersion(c.var.ctx, id, version_id)), 200)
    },
  )
  .openapi(
    operation('form.read', {
      method: 'get',
      path: '/forms/{id}/versions/{version_id}/source',
      operationId: 'getFormVersionSource',
      summary: 'The workbook that a version was imported from',
      description: 'Byte for byte as it was sent. A version whose definition was changed since has none.',
      tags,
      request: { params: versionParams },
      responses: fileResponses,
      fails: [
        'form_not_found',
        'version_not_found',
        'source_not_found',
        'media_object_missing',
        'range_not_satisfiable',
      ],
    }),
    async (c) => {
      const { id, version_id } = c.req.valid('param')
      return sendFile(c, await readSource(c.var.ctx, id, version_id), YEAR_SECONDS)
    },
  )
  .openapi(
    operation('form.read', {
      method: 'get',
      path: '/forms/{id}/diff',
      operationId: 'diffForm',
      summary: 'What changed between two versions',
      description:
        'Fields are the same when they have the same `uid`, whatever they are called. `from` and `to` are a version id, ' +
        'a version number, `live` or `draft`; without them, from the live version to the draft.',
      tags,
      request: {
        params,
        query: z.object({ from: z.string().max(36).optional(), to: z.string().max(36).optional() }),
      },
      responses: {
        200: json(
          z
            .object({
              from: Compared,
              to: Compared,
              unchanged: z.boolean().meta({ description: 'Both say the same of every answer' }),
              needs_force: z.boolean().meta({ description: 'Publishing `to` after `from` takes `force: true`' }),
              diff: FormDiffBody,
            })
            .meta({ id: 'FormComparison' }),
          'The changes',
        ),
      },
      fails: ['form_not_found', 'version_not_found'],
    }),
    async (c) => {
      const compared = await compareVersions(c.var.ctx, c.req.valid('param').id, c.req.valid('query'))
      const { from, to } = compared
      return c.json(
        {
          from: { version_id: from.id, version_num: from.versionNum, is_draft: from.publishedAtMs === null },
          to: { version_id: to.id, version_num: to.versionNum, is_draft: to.publishedAtMs === null },
          unchanged: compared.isUnchanged,
          needs_force: compared.needsForce,
          diff: diffBodyOf(compared.diff),
        },
        200,
      )
    },
  )
