// Which form a record belongs to whose client only says its type. A type that nobody has described becomes a form of its
// own, unpublished and without a version, so that nothing is refused; a bundle or an author may describe it later.
import type { FormId, ProjectId } from '../../lib/ids.ts'
import { findFormsByKey, insertUntypedForms, type KeyedForm } from '../../storage/untyped-forms.ts'
import { confirmSession } from '../access/authenticate.ts'
import { auditEntry } from '../audit/audit.ts'
import { type CachedFormRef, STALE_MS } from '../caches.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { actOn } from '../forms/forms.ts'
import { forgetForms } from '../forms/versions.ts'
import { reach, shardName } from '../reach.ts'

/** How people find the form of records that name no type. */
const NAMELESS = '(no form type)'

/**
 * The form of each key. While D1 is away those that this isolate has met before stand; throws `unavailable` (503) for
 * any other.
 */
export async function formsOf(ctx: Ctx, projectId: ProjectId, keys: string[]): Promise<Map<string, CachedFormRef>> {
  const { deps, nowMs } = ctx
  const found = new Map<string, CachedFormRef>()
  const stale: string[] = []
  for (const key of new Set(keys)) {
    const known = deps.caches.formsByKey.get(cacheKey(ctx, key), nowMs)
    if (known) found.set(key, known)
    if (!known || nowMs - known.checkedAtMs >= STALE_MS) stale.push(key)
  }
  if (stale.length === 0) return found
  const read = await reach(deps, shardName(ctx.tenant.shard), () => findOrMake(ctx, projectId, stale))
  if (read.reached) for (const form of read.value) found.set(form.key, remember(ctx, form))
  else if (stale.some((key) => !found.has(key))) throw errors.unavailable(read.cause)
  return found
}

async function findOrMake(ctx: Ctx, projectId: ProjectId, keys: string[]): Promise<KeyedForm[]> {
  const found = await findFormsByKey(ctx.db, keys)
  const known = new Set(found.map(({ key }) => key))
  const missing = keys.filter((key) => !known.has(key))
  if (missing.length === 0) return found
  await confirmSession(ctx)
  const fresh = missing.map((key) => {
    const id = ctx.deps.newId<FormId>()
    const name = key.trim() === '' ? NAMELESS : key
    return {
      id,
      key,
      name,
      audit: auditEntry(ctx, actOn('created', id, { name, project_id: projectId, untyped: true })),
    }
  })
  await insertUntypedForms(ctx.db, projectId, fresh, ctx.nowMs)
  forgetForms(ctx)
  // Read, not assumed: somebody else may have made one of them at the same moment.
  return findFormsByKey(ctx.db, keys)
}

function remember(ctx: Ctx, { id, key, projectId, currentVersionId }: KeyedForm): CachedFormRef {
  const ref = { id, projectId, untyped: currentVersionId === null, checkedAtMs: ctx.nowMs }
  ctx.deps.caches.formsByKey.set(cacheKey(ctx, key), ref, ctx.nowMs)
  return ref
}

const cacheKey = (ctx: Ctx, key: string): string => `${ctx.tenant.id}/${key}`
