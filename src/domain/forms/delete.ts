// Deleting a form: one write makes it and everything of it invisible, the purge (purge.ts) removes it afterwards.
import type { FormId } from '../../lib/ids.ts'
import { markFormDeleted } from '../../storage/form-changes.ts'
import { raiseDataEpoch } from '../../storage/tenants.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { requireForm } from './forms.ts'
import { forgetForms } from './versions.ts'

/** Its key is free again at once. Throws `form_not_found`, `forbidden`. */
export async function deleteForm(ctx: Ctx, formId: FormId): Promise<void> {
  const { deps, tenant } = ctx
  await requireForm(ctx, 'form.delete', formId)
  if (!(await markFormDeleted(ctx.db, formId, ctx.nowMs))) throw errors.formNotFound()
  forgetForms(ctx)
  await raiseDataEpoch(deps.directory, tenant.id)
  try {
    await deps.sendJob({ kind: 'purge-form', tenantId: tenant.id, shard: tenant.shard, formId })
  } catch (error) {
    // The form is deleted all the same; the sweep finds that its purge never began.
    deps.log({ level: 'error', event: 'job_not_sent', job: 'purge-form', form: formId, error: String(error) })
  }
}
