// How forms look on the native wire: the documented names and those of the first clients side by side.
// Source: contracts/native.md, section 7.2.
import { z } from '@hono/zod-openapi'
import type { FormHead, PublishedVersion, VersionWithSchema } from '../../domain/forms/forms.ts'
import type { SheetFinding } from '../../forms/xlsform/findings.ts'
import { isoTime, isoTimeOrNull } from '../../lib/iso-time.ts'
import { Timestamp } from './params.ts'

/** Looser than the form language's own schema: what is wrong with a form is told by its check, all at once. */
export const SchemaInput = z
  .looseObject({})
  .meta({ description: 'The form definition: `{version: 1, title, fields: […]}`', example: { fields: [] } })

/** Kept as its author wrote it, so the keys are not listed here. */
export const SchemaBody = z.record(z.string(), z.unknown()).meta({
  id: 'FormDefinition',
  description: 'A form definition: `{version: 1, title, fields: […]}`, with whatever else its author wrote',
})

const formFields = {
  id: z.string(),
  name: z.string(),
  key: z.string().meta({ description: 'Name for other systems; unique in the tenant, never changes' }),
  project_id: z.string(),
  published: z.boolean().meta({ description: 'It has a live version' }),
  is_published: z.boolean().meta({ description: 'Same as `published`' }),
  has_draft: z.boolean(),
  archived: z.boolean().meta({ description: 'No longer offered; still takes what phones hold' }),
  version_num: z.number().int().nullable().meta({ description: "The draft's number, or else the live version's" }),
  current_version_id: z.string().nullable().meta({ description: 'The live version; before the first one, the draft' }),
  draft_version_id: z.string().nullable(),
  schema_sha256: z
    .string()
    .nullable()
    .meta({ description: "Of the draft's definition, or else the live one's; changes with it" }),
  created_at: Timestamp,
}

export const FormItem = z.object(formFields).meta({ id: 'FormItem' })

export const FormBody = z
  .object({ ...formFields, schema: SchemaBody, schema_json: SchemaBody.meta({ description: 'Same as `schema`' }) })
  .meta({ id: 'Form' })

export const formItemOf = (form: FormHead): z.infer<typeof FormItem> => ({
  id: form.id,
  name: form.name,
  key: form.key,
  project_id: form.projectId,
  published: form.currentVersionId !== null,
  is_published: form.currentVersionId !== null,
  has_draft: form.draftVersionId !== null,
  archived: form.archivedAtMs !== null,
  version_num: form.versionNum,
  current_version_id: form.currentVersionId ?? form.draftVersionId,
  draft_version_id: form.draftVersionId,
  schema_sha256: form.schemaSha256,
  created_at: isoTime(form.createdAtMs),
})

export const VersionItem = z
  .object({
    id: z.string(),
    version_num: z.number().int(),
    published_at: Timestamp,
    is_current: z.boolean(),
    is_draft: z.literal(false),
  })
  .meta({ id: 'FormVersionItem' })

export const versionItemOf = (version: PublishedVersion): z.infer<typeof VersionItem> => ({
  id: version.id,
  version_num: version.versionNum,
  published_at: isoTime(version.publishedAtMs),
  is_current: version.isCurrent,
  is_draft: false,
})

export const VersionBody = z
  .object({
    id: z.string(),
    form_id: z.string(),
    form_name: z.string(),
    version_num: z.number().int(),
    published_at: Timestamp.nullable(),
    is_current: z.boolean(),
    is_draft: z.boolean(),
    schema: SchemaBody,
    schema_json: SchemaBody,
  })
  .meta({ id: 'FormVersion' })

export const versionBodyOf = ({ version, form, schema }: VersionWithSchema): z.infer<typeof VersionBody> => ({
  id: version.id,
  form_id: form.id,
  form_name: form.name,
  version_num: version.versionNum,
  published_at: isoTimeOrNull(version.publishedAtMs),
  is_current: version.id === form.currentVersionId,
  is_draft: version.publishedAtMs === null,
  schema,
  schema_json: schema,
})

export const WorkbookWarning = z
  .object({
    sheet: z.string().nullable(),
    row: z.number().int().nullable().meta({ description: 'As a spreadsheet program counts: the header is row 1' }),
    column: z.string().nullable().meta({ description: 'Its header' }),
    cell: z.string().nullable().meta({ example: 'G12' }),
    message: z.string(),
  })
  .meta({ id: 'WorkbookWarning' })

export const ImportedForm = z
  .object({
    ...formFields,
    warnings: z.array(WorkbookWarning).meta({
      description: 'What is not as it was in the workbook, or looks amiss. Nothing is left out without being named',
    }),
  })
  .meta({ id: 'ImportedForm' })

export const importedFormOf = (form: FormHead, warnings: readonly SheetFinding[]): z.infer<typeof ImportedForm> => ({
  ...formItemOf(form),
  warnings: [...warnings],
})
