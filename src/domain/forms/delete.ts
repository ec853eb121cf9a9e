// Deleting a form: one write makes it and everything of it invisible, the purge (purge.ts) removes it afterwards.
import type { FormId } from '../../lib/ids.ts'
import { markFormDeleted } from '../../storage/form-changes.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { raiseEpoch } from '../tenants/epoch.ts'
import { actOn, requireForm } from './forms.ts'
import { forgetForms } from './versions.ts'

/** Its key is free again at once. Throws `form_not_found`, `forbidden`. */
export async function deleteForm(ctx: Ctx, formId: FormId): Promise<void> {
  const { deps, tenant } = ctx
  const { name, projectId } = await requireForm(ctx, 'form.delete', formId)
  const entry = auditEntry(ctx, actOn('deleted', formId, { name, project_id: projectId }))
  if (!(await markFormDeleted(ctx.db, formId, ctx.nowMs, entry))) throw errors.formNotFound()
  forgetForms(ctx)
  await raiseEpoch(deps, tenant.id)
  try {
    await deps.sendJob({ kind: 'purge-form', tenantId: tenant.id, shard: tenant.shard, formId })
  } catch (error) {
    // The form is deleted all the same; the sweep finds that its purge never began.
    deps.log({ level: 'error', event: 'job_not_sent', job: 'purge-form', form: formId, error: String(error) })
  }
}
