// Form versions ready to read submissions with, remembered per isolate: the hot path of every submission.
// Nobody is asked for rights here; who may submit or read is the caller's question.
import { compileForm } from '../../forms/compile.ts'
import type { FormSchema } from '../../forms/schema.ts'
import type { FormId, FormVersionId, ProjectId } from '../../lib/ids.ts'
import { findLiveVersion, findVersion, type VersionOfForm } from '../../storage/forms.ts'
import { intakeNameOfCtx } from '../access/credentials.ts'
import { type CachedVersion, STALE_MS } from '../caches.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { reach, shardName } from '../reach.ts'

/** A version that was just unknown may be published the next moment, so "no" is remembered for less long. */
const UNKNOWN_MS = 1_000

/** The version, or null when it is unknown, another tenant's, or of a deleted form. Costs no D1 read when remembered. */
export async function loadVersion(ctx: Ctx, versionId: FormVersionId): Promise<CachedVersion | null> {
  const { versions } = ctx.deps.caches
  const key = `${ctx.tenant.id}/${versionId}`
  const known = versions.get(key, ctx.nowMs)
  if (known !== undefined) return known
  const read = await reach(ctx.deps, shardName(ctx.tenant.shard), () => findVersion(ctx.db, versionId))
  if (!read.reached) return recall(ctx, { versionId }, read.cause)
  const version = read.value ? cachedOf(read.value) : null
  versions.set(key, version, version ? ctx.nowMs : brieflyFrom(ctx.nowMs))
  return version
}

/** The published version that the form is filled in with now; null when there is none, and for unknown, foreign and
 *  deleted forms. Costs no D1 read when remembered. */
export async function liveVersionOf(ctx: Ctx, formId: FormId): Promise<CachedVersion | null> {
  const { liveVersions, versions } = ctx.deps.caches
  const key = `${ctx.tenant.id}/${formId}`
  const known = liveVersions.get(key, ctx.nowMs)
  if (known === null) return null
  if (known !== undefined) return loadVersion(ctx, known)
  const read = await reach(ctx.deps, shardName(ctx.tenant.shard), () => findLiveVersion(ctx.db, formId))
  if (!read.reached) return recall(ctx, { formId }, read.cause)
  const row = read.value
  if (!row) {
    liveVersions.set(key, null, brieflyFrom(ctx.nowMs))
    return null
  }
  const version = cachedOf(row)
  versions.set(`${ctx.tenant.id}/${version.id}`, version, ctx.nowMs)
  liveVersions.set(key, version.id, ctx.nowMs)
  return version
}

/**
 * While D1 is away the caller's Intake object knows the versions that it has used. One that it does not know may well
 * exist: throws `unavailable` (503), because "unknown" would be a lie.
 */
async function recall(
  ctx: Ctx,
  wanted: { versionId: FormVersionId } | { formId: FormId },
  cause: unknown,
): Promise<CachedVersion> {
  const { deps, tenant, nowMs } = ctx
  const known = await deps.intake(intakeNameOfCtx(ctx)).recallVersion(wanted)
  if (!known) throw errors.unavailable(cause)
  const version: CachedVersion = {
    id: known.id as FormVersionId,
    formId: known.formId as FormId,
    projectId: known.projectId as ProjectId,
    versionNum: known.versionNum,
    published: known.published,
    form: compileForm(JSON.parse(known.schema) as FormSchema),
  }
  deps.caches.versions.set(`${tenant.id}/${version.id}`, version, nowMs)
  if ('formId' in wanted) deps.caches.liveVersions.set(`${tenant.id}/${wanted.formId}`, version.id, nowMs)
  return version
}

/** What this isolate remembers of the tenant's forms is void: call after every change of forms or projects. */
export function forgetForms({ deps, tenant }: Pick<Ctx, 'deps' | 'tenant'>): void {
  const prefix = `${tenant.id}/`
  deps.caches.versions.deletePrefix(prefix)
  deps.caches.liveVersions.deletePrefix(prefix)
  deps.caches.offers.deletePrefix(prefix)
}

const brieflyFrom = (nowMs: EpochMs): EpochMs => nowMs - STALE_MS + UNKNOWN_MS

const cachedOf = ({ version, form }: VersionOfForm): CachedVersion => ({
  id: version.id,
  formId: form.id,
  projectId: form.projectId,
  versionNum: version.versionNum,
  published: version.publishedAtMs !== null,
  form: compileForm(JSON.parse(version.schema) as FormSchema),
})
