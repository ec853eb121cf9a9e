// A form definition on its way into a version: refused with all its faults, completed, its fields given their
// identities, written as the text that is stored.
import { createHash } from 'node:crypto'
import { checkFormSchema, normaliseFormSchema } from '../../forms/check.ts'
import type { FormSchema } from '../../forms/schema.ts'
import { assignUids, everyField } from '../../forms/uids.ts'
import type { VersionContent } from '../../storage/form-changes.ts'
import type { FormVersionRow } from '../../storage/forms.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'

/** A D1 row ends at 2 MB: a definition leaves room for the rest of its row. */
export const MAX_SCHEMA_BYTES = 1_572_864

export const parseSchema = (version: Pick<FormVersionRow, 'schema'>): FormSchema =>
  JSON.parse(version.schema) as FormSchema

/** Throws `schema_invalid` with every fault. */
export function refuseFaults(schema: Record<string, unknown>): void {
  const faults = checkFormSchema(schema)
  if (faults.length > 0) throw errors.schemaInvalid(faults)
}

export interface DefinitionInput {
  schema: Record<string, unknown>
  formName: string
  /** The versions that the fields may be known from, the nearest first. */
  earlier: readonly FormSchema[]
  from?: Pick<VersionContent, 'versionLabel' | 'source'>
}

/** What is stored of a definition. Throws `schema_invalid`, `body_too_large`. */
export function contentOf(ctx: Ctx, { schema, formName, earlier, from }: DefinitionInput): VersionContent {
  refuseFaults(schema)
  const whole = normaliseFormSchema(schema, formName)
  const text = JSON.stringify(assignUids(whole, () => ctx.deps.newId(), lineage(earlier)))
  if (Buffer.byteLength(text) > MAX_SCHEMA_BYTES) throw errors.bodyTooLarge(MAX_SCHEMA_BYTES)
  const schemaSha256 = createHash('sha256').update(text).digest('hex')
  return { schema: text, schemaSha256, versionLabel: from?.versionLabel ?? null, source: from?.source ?? null }
}

/** One document with the fields of all of them. What a draft has left out and takes up again is the same field. */
function lineage([nearest, ...others]: readonly FormSchema[]): FormSchema | undefined {
  if (nearest === undefined) return undefined
  const fields = everyField(nearest.fields)
  for (const schema of others) {
    const ids = new Set(fields.map(({ id }) => id))
    const uids = new Set(fields.map(({ uid }) => uid))
    for (const field of everyField(schema.fields)) if (!ids.has(field.id) && !uids.has(field.uid)) fields.push(field)
  }
  return { ...nearest, fields: fields.map(({ fields: _, ...field }) => field) }
}
