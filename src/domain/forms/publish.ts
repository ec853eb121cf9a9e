// Making the draft the live version.
import { examineFormSchema } from '../../forms/check.ts'
import { diffSchemas, type FormDiff } from '../../forms/diff.ts'
import type { FormId, FormVersionId } from '../../lib/ids.ts'
import { publishDraft } from '../../storage/form-changes.ts'
import { findVersion } from '../../storage/forms.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { changesAnswers } from './compare.ts'
import { parseSchema } from './definition.ts'
import { actOn, requireForm } from './forms.ts'
import { forgetForms } from './versions.ts'

const PUBLISH_ATTEMPTS = 5

export interface Published {
  versionId: FormVersionId
  versionNum: number
  /** Against the version that was live before; null for the first one. */
  diff: FormDiff | null
  /** What is admitted and still looks like a slip, or is left to the device. */
  warnings: string[]
}

/**
 * Of parallel calls one does it. Throws `form_not_found`, `forbidden`, `schema_invalid`, `nothing_to_publish` (400)
 * without a draft or when it equals the live version, and `force_needed` (409) when answers that are there would be
 * read as another type, or would no longer be found, and `force` was not given.
 */
export async function publishForm(ctx: Ctx, formId: FormId, { force }: { force: boolean }): Promise<Published> {
  for (let attempt = 0; attempt < PUBLISH_ATTEMPTS; attempt++) {
    const form = await requireForm(ctx, 'form.write', formId)
    const draft = form.draftVersionId && (await findVersion(ctx.db, form.draftVersionId))?.version
    if (!draft) throw errors.nothingToPublish()
    const live = form.currentVersionId && (await findVersion(ctx.db, form.currentVersionId))?.version
    if (live && live.schemaSha256 === draft.schemaSha256) throw errors.nothingToPublish()
    const schema = parseSchema(draft)
    const { faults, hints } = examineFormSchema(schema)
    if (faults.length > 0) throw errors.schemaInvalid(faults)
    const diff = live ? diffSchemas(parseSchema(live), schema) : null
    if (diff && !force && (await changesAnswers(ctx, formId, diff))) throw errors.forceNeeded(diff)
    const details = { version_id: draft.id, version_num: draft.versionNum, ...(force && { force }) }
    const act = actOn('published', formId, details)
    if (await publishDraft(ctx.db, formId, draft, ctx.nowMs, auditEntry(ctx, act))) {
      forgetForms(ctx)
      return { versionId: draft.id, versionNum: draft.versionNum, diff, warnings: hints }
    }
    // Somebody published or changed the draft since it was read: look again.
  }
  throw errors.unavailable()
}
