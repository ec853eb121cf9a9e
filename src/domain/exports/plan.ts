// Decides what an export holds before its first byte: who may have it, which submissions, which tables and columns.
// What is asked for in vain (an unknown form, version, field, a date that is none) is refused here.
// Source: contracts/native.md, section 12.
import type { FormSchema } from '../../forms/schema.ts'
import type { FormId, FormVersionId } from '../../lib/ids.ts'
import { slugOf } from '../../lib/slug.ts'
import { listExportVersions, readCounter, readSchemas } from '../../storage/exports.ts'
import { type FormHead, findForm } from '../../storage/forms.ts'
import type { SubmissionFilter } from '../../storage/submissions.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { requireForm } from '../forms/forms.ts'
import { filterOf } from '../submissions/read.ts'
import { ColumnUnion, type ExportedVersion } from './columns.ts'
import type { ExportFilters, ExportFormat, ExportPlan, WriteOptions } from './model.ts'

export interface ExportInput {
  formId: FormId
  format: ExportFormat
  filters: ExportFilters
  /** Labels of options instead of their values. */
  labels: boolean
  /** Of labels, where the form has several languages. */
  language?: string
  /** A `seq`: only what was changed or deleted after it. */
  since?: number
  options: WriteOptions
}

/** An export with the actor's rights and the time bounds resolved: enough to write it later, and nothing but JSON. */
export interface ExportSpec extends Pick<ExportInput, 'labels' | 'language' | 'options'> {
  filter: SubmissionFilter & { formId: FormId }
  untilSeq: number
  since: number | null
  fields?: readonly string[]
  atMs: EpochMs
}

/** Throws `form_not_found` (404), `forbidden`, `body_invalid` (422). */
export async function specOf(ctx: Ctx, { formId, filters, since, ...how }: ExportInput): Promise<ExportSpec> {
  await requireForm(ctx, 'submission.export', formId)
  const { fields, ...pick } = filters
  const filter = await filterOf(ctx, { formId, ...pick })
  if (!filter) throw errors.formNotFound()
  const { labels, language, options } = how
  return {
    filter: { ...filter, formId },
    untilSeq: await readCounter(ctx.db),
    since: since ?? null,
    fields,
    labels,
    language,
    options,
    atMs: ctx.nowMs,
  }
}

/** Throws `form_not_found` (404), and `body_invalid` (422) for fields that the form does not have. */
export async function planOf(db: TenantDb, spec: ExportSpec): Promise<ExportPlan> {
  const { filter, untilSeq, since, atMs, options, labels, language, fields } = spec
  const form = await findForm(db, filter.formId)
  if (!form) throw errors.formNotFound()
  const union = new ColumnUnion({ labels, language, fields, tombstones: since !== null })
  for await (const version of versionsOf(db, form, filter)) union.add(version)
  const { unknownFields, ...columns } = union.finish()
  if (unknownFields.length > 0)
    throw errors.valueInvalid(['query', 'fields'], `The form has no field ${unknownFields.map(quoted).join(', ')}.`)
  return {
    form: { id: form.id, name: form.name },
    slug: slugOf(form.name, 'form'),
    filter,
    untilSeq,
    since,
    atMs,
    options,
    ...columns,
  }
}

const quoted = (id: string): string => `'${id.slice(0, 60)}'`

/** Schemas are read in portions, and none is kept longer than it takes to read its columns. */
const MAX_SCHEMA_CHARS = 4_000_000

/**
 * The current version, then those that were published before it, the newest first. Drafts count where test data is
 * exported, and where nothing was ever published. The columns of an export depend on the form and not on which rows a
 * filter picks, so that two files of one form fit together (docs/decisions/0014-exports.md).
 */
export async function* versionsOf(
  db: TenantDb,
  form: FormHead,
  { mode, formVersionId }: SubmissionFilter,
): AsyncGenerator<ExportedVersion, void, undefined> {
  const all = await listExportVersions(db, form.id)
  const drafts = mode === 'test' || form.currentVersionId === null
  const wanted = all.filter(({ isPublished, id }) => isPublished || drafts || id === formVersionId)
  wanted.sort((a, b) => Number(b.id === form.currentVersionId) - Number(a.id === form.currentVersionId))
  while (wanted.length > 0) {
    let [count, chars] = [1, wanted[0]!.schemaLength]
    while (count < wanted.length && chars + wanted[count]!.schemaLength <= MAX_SCHEMA_CHARS)
      chars += wanted[count++]!.schemaLength
    const portion = wanted.splice(0, count)
    const ids = portion.map(({ id }) => id)
    const schemas = await readSchemas(db, ids)
    for (const { id, versionNum } of portion) yield { id, versionNum, schema: parse(schemas, id) }
  }
}

function parse(schemas: Map<FormVersionId, string>, id: FormVersionId): FormSchema {
  const text = schemas.get(id)
  if (text === undefined) throw errors.formNotFound()
  return JSON.parse(text) as FormSchema
}
