// Forms as XLSForm workbooks: in and out. What maps to what stands in docs/forms.md.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { exportXlsform } from '../../../domain/forms/import.ts'
import { XLSX_TYPE } from '../../../domain/forms/source.ts'
import { contentDisposition } from '../../../lib/file-name.ts'
import type { FormId } from '../../../lib/ids.ts'
import { ImportedForm, importedFormOf } from '../form-shapes.ts'
import { readImport } from '../import-form.ts'
import { json, operation, router } from '../operation.ts'
import { pathId } from '../params.ts'

const tags = ['Forms']
const text = (description: string) => ({ type: 'string' as const, description })

// Not a zod schema: the router would validate one, and for that read the whole form into memory.
const importBody = {
  type: 'object' as const,
  required: ['file'],
  properties: {
    project_id: text('The project of a new form'),
    form_id: text('Instead: a form that gets the workbook as its draft'),
    file: { type: 'string' as const, format: 'binary', description: 'An .xlsx workbook of at most 10 MB' },
  },
}

export const formWorkbooks = router()
  .openapi(
    operation(
      'form.write',
      {
        method: 'post',
        path: '/forms/import',
        operationId: 'importForm',
        summary: 'Import an XLSForm workbook',
        description:
          'Makes a form, or a new draft of the one that `form_id` names. Every fault is told at once, with sheet, row ' +
          'and column, and then nothing is stored. The key of a new form is the form_id of its settings sheet.',
        tags,
        request: { body: { required: true, content: { 'multipart/form-data': { schema: importBody } } } },
        responses: { 201: json(ImportedForm, 'The form, with its new draft') },
        fails: ['project_not_found', 'form_not_found', 'xlsform_invalid', 'form_key_taken'],
      },
      { ownBody: true },
    ),
    async (c) => {
      const { form, warnings } = await readImport(c.var.ctx, c.req.raw)
      return c.json(importedFormOf(form, warnings), 201)
    },
  )
  .openapi(
    operation('form.read', {
      method: 'get',
      path: '/forms/{id}/xlsform',
      operationId: 'exportXlsform',
      summary: 'Export a form as an XLSForm workbook',
      description:
        'Importing the workbook again gives the same form. The column `fieldpost` holds what XLSForm has no column for, ' +
        'the identity of each field among it, so that fields renamed in the workbook are known again.',
      tags,
      request: {
        params: z.object({ id: pathId<FormId>(errors.formNotFound) }),
        query: z.object({
          version: z.string().max(36).optional().meta({
            description: 'A version id, a version number, `live` or `draft`. Without it the draft, or the live version',
          }),
        }),
      },
      responses: {
        200: {
          description: 'The workbook',
          content: { [XLSX_TYPE]: { schema: { type: 'string', format: 'binary' } } },
        },
      },
      fails: ['form_not_found', 'version_not_found', 'xlsform_unwritable'],
    }),
    async (c) => {
      const { filename, bytes } = await exportXlsform(c.var.ctx, c.req.valid('param').id, c.req.valid('query').version)
      const headers = {
        'Content-Type': XLSX_TYPE,
        'Content-Disposition': contentDisposition('attachment', filename),
        'Content-Length': String(bytes.length),
        'X-Content-Type-Options': 'nosniff',
      }
      return new Response(bytes as Uint8Array<ArrayBuffer>, { status: 200, headers })
    },
  )
