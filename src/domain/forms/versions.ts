// Form versions ready to read submissions with, remembered per isolate: the hot path of every submission.
// Nobody is asked for rights here; who may submit or read is the caller's question.
import { compileForm } from '../../forms/compile.ts'
import type { FormSchema } from '../../forms/schema.ts'
import type { FormId, FormVersionId } from '../../lib/ids.ts'
import { findLiveVersionHead, findVersion, findVersionHead, type VersionHead } from '../../storage/forms.ts'
import { type CachedForm, type CachedVersion, STALE_MS } from '../caches.ts'
import type { Ctx, EpochMs } from '../context.ts'

/** A version that was just unknown may be published the next moment, so "no" is remembered for less long. */
const UNKNOWN_MS = 1_000

/** The version, or null when it is unknown, another tenant's, or of a deleted form. Costs no D1 read when remembered. */
export async function loadVersion(ctx: Ctx, versionId: FormVersionId): Promise<CachedVersion | null> {
  const { versions } = ctx.deps.caches
  const key = `${ctx.tenant.id}/${versionId}`
  const known = versions.get(key, ctx.nowMs)
  if (known !== undefined) return known
  const head = await findVersionHead(ctx.db, versionId)
  const version = head ? await ready(ctx, head) : null
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
  const head = await findLiveVersionHead(ctx.db, formId)
  const version = head ? await ready(ctx, head) : null
  if (!version) {
    liveVersions.set(key, null, brieflyFrom(ctx.nowMs))
    return null
  }
  versions.set(`${ctx.tenant.id}/${version.id}`, version, ctx.nowMs)
  liveVersions.set(key, version.id, ctx.nowMs)
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

/** Null when the version went away meanwhile. */
async function ready(ctx: Ctx, head: VersionHead): Promise<CachedVersion | null> {
  const { id, formId, projectId, versionNum, publishedAtMs } = head
  const compiled = await compiledFor(ctx, head)
  return compiled && { id, formId, projectId, versionNum, published: publishedAtMs !== null, ...compiled }
}

/** The definition is read and compiled only where this isolate has not met it yet. */
async function compiledFor(ctx: Ctx, { id, schemaSha256 }: VersionHead): Promise<CachedForm | null> {
  const { compiled } = ctx.deps.caches
  const known = compiled.get(schemaSha256, ctx.nowMs)
  if (known !== undefined) return known
  const found = await findVersion(ctx.db, id)
  if (!found) return null
  // A draft may have changed since its head was read: the hash is that of the text at hand.
  const { schema, schemaSha256: hash } = found.version
  const made = { form: compileForm(JSON.parse(schema) as FormSchema), chars: schema.length }
  compiled.set(hash, made, ctx.nowMs)
  return made
}
