// Form versions ready to read submissions with, remembered per isolate: the hot path of every submission.
// Nobody is asked for rights here; who may submit or read is the caller's question.
import { createHash } from 'node:crypto'
import { compileForm } from '../../forms/compile.ts'
import type { FormSchema } from '../../forms/schema.ts'
import type { FormId, FormVersionId, ProjectId } from '../../lib/ids.ts'
import {
  findLiveVersionHead,
  findVersion,
  findVersionByNum,
  findVersionHead,
  type VersionHead,
} from '../../storage/forms.ts'
import { intakeNameOfCtx } from '../access/credentials.ts'
import { type CachedForm, type CachedVersion, STALE_MS } from '../caches.ts'
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
  const read = await reach(ctx.deps, shardName(ctx.tenant.shard), async () =>
    ready(ctx, await findVersionHead(ctx.db, versionId)),
  )
  if (!read.reached) return recall(ctx, { versionId }, read.cause)
  const version = read.value
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
  const read = await reach(ctx.deps, shardName(ctx.tenant.shard), async () =>
    ready(ctx, await findLiveVersionHead(ctx.db, formId)),
  )
  if (!read.reached) return recall(ctx, { formId }, read.cause)
  const version = read.value
  if (!version) {
    liveVersions.set(key, null, brieflyFrom(ctx.nowMs))
    return null
  }
  versions.set(`${ctx.tenant.id}/${version.id}`, version, ctx.nowMs)
  liveVersions.set(key, version.id, ctx.nowMs)
  return version
}

/**
 * The published version with this number, or else the live one; null when the form has neither. For clients that name
 * versions by words of their own. Costs no D1 read when remembered.
 */
export async function versionNamed(ctx: Ctx, formId: FormId, label: string): Promise<CachedVersion | null> {
  const live = await liveVersionOf(ctx, formId)
  if (!live || !VERSION_NUMBER.test(label) || Number(label) >= live.versionNum) return live
  const { liveVersions } = ctx.deps.caches
  const key = `${ctx.tenant.id}/${formId}#${label}`
  const known = liveVersions.get(key, ctx.nowMs)
  if (known !== undefined) return (known && (await loadVersion(ctx, known))) || live
  const read = await reach(ctx.deps, shardName(ctx.tenant.shard), () => findVersionByNum(ctx.db, formId, Number(label)))
  if (!read.reached) return live
  const id = read.value?.publishedAtMs ? read.value.id : null
  liveVersions.set(key, id, ctx.nowMs)
  return (id && (await loadVersion(ctx, id))) || live
}

/** As a client spells one of our numbers. */
const VERSION_NUMBER = /^[1-9]\d{0,8}$/

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
    ...compiledFrom(ctx, known.schema, createHash('sha256').update(known.schema).digest('hex')),
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
  deps.caches.formsByKey.deletePrefix(prefix)
}

const brieflyFrom = (nowMs: EpochMs): EpochMs => nowMs - STALE_MS + UNKNOWN_MS

/** Null when there is no such version, or it went away meanwhile. */
async function ready(ctx: Ctx, head: VersionHead | undefined): Promise<CachedVersion | null> {
  if (!head) return null
  const { id, formId, projectId, versionNum, publishedAtMs } = head
  const compiled = await compiledFor(ctx, head)
  return compiled && { id, formId, projectId, versionNum, published: publishedAtMs !== null, ...compiled }
}

/** The definition is read only where this isolate has not met it yet. */
async function compiledFor(ctx: Ctx, { id, schemaSha256 }: VersionHead): Promise<CachedForm | null> {
  const known = ctx.deps.caches.compiled.get(schemaSha256, ctx.nowMs)
  if (known !== undefined) return known
  const found = await findVersion(ctx.db, id)
  // A draft may have changed since its head was read: the hash is that of the text at hand.
  return found ? compiledFrom(ctx, found.version.schema, found.version.schemaSha256) : null
}

function compiledFrom({ deps, nowMs }: Ctx, schema: string, sha256: string): CachedForm {
  const known = deps.caches.compiled.get(sha256, nowMs)
  if (known !== undefined) return known
  const made = { form: compileForm(JSON.parse(schema) as FormSchema), chars: schema.length }
  deps.caches.compiled.set(sha256, made, nowMs)
  return made
}
