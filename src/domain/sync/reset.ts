// Beginning a repository anew: a bulk deletion of the default project's records, which can be undone for 30 days, and a
// new generation, which makes clients drop their copies. Other projects, users and bundles are untouched.
// Source: contracts/synkronus.md, section 5, and the decisions at its top.
import { beginGeneration } from '../../storage/repositories.ts'
import { authorize } from '../access/authorize.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { deleteForReset } from '../submissions/bulk-actions.ts'
import { raiseEpoch } from '../tenants/epoch.ts'
import { checkGeneration, openRepository } from './repository.ts'

export interface Reset {
  generation: number
  /** The bulk action that takes the deletion back. */
  actionId: string
}

/** Throws `repository_reset_required` (409) when somebody else has reset it meanwhile. */
export async function resetRepository(ctx: Ctx): Promise<Reset> {
  authorize(ctx, 'sync.reset')
  const { repository } = await openRepository(ctx)
  const { projectId, counter, generation } = repository
  const action = await deleteForReset(ctx, projectId, { untilSeq: counter, evenNothing: true })
  const { id: resetActionId, affected } = action!
  const act = { action: 'repository.reset', subjectKind: 'repository', subjectId: null } as const
  const entry = auditEntry(ctx, { ...act, details: { bulk_action_id: resetActionId, affected } })
  const next = await beginGeneration(ctx.db, { generation, resetActionId }, entry)
  if (next === null) checkGeneration((await openRepository(ctx)).repository, generation)
  // What was pushed while the deletion ran is of the old generation, too.
  const { resetSeq } = (await openRepository(ctx)).repository
  await deleteForReset(ctx, projectId, { untilSeq: resetSeq, evenNothing: false })
  await raiseEpoch(ctx.deps, ctx.tenant.id)
  return { generation: next ?? generation, actionId: resetActionId }
}
