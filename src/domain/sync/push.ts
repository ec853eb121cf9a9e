// Pushing: records of a sync client through the one way in, answered alike when they come again, with a version that the
// client may safely go on from. Source: contracts/synkronus.md, sections 5 and 10.
import { createHash } from 'node:crypto'
import { type ProjectId, type SubmissionId, submissionIdOf } from '../../lib/ids.ts'
import { type SettledPush, settlePush } from '../../storage/repositories.ts'
import { confirmSession } from '../access/authenticate.ts'
import { authorize } from '../access/authorize.ts'
import type { CachedRepository } from '../caches.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { reach, shardName } from '../reach.ts'
import type { IntakeItem, Outcome } from '../submissions/model.ts'
import { AssumptionWrong, submitMany } from '../submissions/submit.ts'
import { formsOf } from './record-forms.ts'
import { checkGeneration, openRepository, recordsOf, versionOf } from './repository.ts'

/** One record as it came, read as far as it can be. */
export type PushedRecord =
  | {
      kind: 'record'
      name: string
      formKey: string
      versionName: string
      data: Record<string, unknown>
      createdAt: string | null
      deviceId: string | null
      /** JSON object text. */
      extras: string | null
      deleted: boolean
    }
  | { kind: 'unreadable'; name: string | null; message: string }

export interface PushInput {
  clientId: string
  /** The client's own name for this request. */
  transmissionId: string
  generation: number | null
  records: PushedRecord[]
  /** The records' bytes as they came, all of them and one by one. */
  body: string
  rawOf: (index: number) => string
}

export interface PushedReply {
  generation: number
  currentVersion: number
  successCount: number
  failed: { index: number; error: string }[]
}

/** A reply as it is kept. One of an earlier generation is no answer any more: what it tells of was reset. */
interface KeptReply {
  generation: number
  version: number
  successCount: number
  failed: PushedReply['failed']
}

/** What a reading costs is felt by pushes of a few records only. */
const MAX_UNREAD_RECORDS = 10

/** Throws `repository_reset_required` (409), `unavailable`; of single records nothing but the reply tells. */
export async function pushRecords(ctx: Ctx, input: PushInput): Promise<PushedReply> {
  return (await pushUnread(ctx, input)) ?? pushAfterReading(ctx, input)
}

/**
 * A few records that are new, sent once, to the repository as it was seen last: that is what most pushes are, and their
 * batch checks it by itself. Null when this is another one, and nothing was written.
 */
async function pushUnread(ctx: Ctx, input: PushInput): Promise<PushedReply | null> {
  const { caches } = ctx.deps
  const repository = caches.repositories.get(ctx.tenant.id, ctx.nowMs)
  const isShort = input.records.length > 0 && input.records.length <= MAX_UNREAD_RECORDS
  if (!repository || !isShort || caches.away.get(shardName(ctx.tenant.shard), ctx.nowMs)) return null
  // Generations only rise: another one that the client names may be newer than what was seen here.
  if (input.generation !== null && input.generation !== repository.generation) return null
  authorize(ctx, 'sync.push', { projectId: repository.projectId })
  const sending = { repository, key: keyOf(ctx, input), knownIds: [], assumedGeneration: repository.generation }
  try {
    return await send(ctx, input, sending)
  } catch (error) {
    if (error instanceof AssumptionWrong) return null
    throw error
  }
}

async function pushAfterReading(ctx: Ctx, input: PushInput): Promise<PushedReply> {
  await confirmSession(ctx)
  const { clientId, generation, records } = input
  const key = keyOf(ctx, input)
  const opened = await reach(ctx.deps, shardName(ctx.tenant.shard), () =>
    openRepository(ctx, { clientId, transmission: key, ids: idsOf(ctx, records) }),
  )
  const repository: CachedRepository | undefined = opened.reached
    ? opened.value.repository
    : ctx.deps.caches.repositories.get(ctx.tenant.id, ctx.nowMs)
  if (!repository) throw errors.unavailable(opened.reached ? undefined : opened.cause)
  authorize(ctx, 'sync.push', { projectId: repository.projectId })
  checkGeneration(repository, generation)
  const told = opened.reached && opened.value.reply !== null ? (JSON.parse(opened.value.reply) as KeptReply) : null
  if (told?.generation === repository.generation) {
    const { version: currentVersion, successCount, failed } = told
    return { generation: told.generation, currentVersion, successCount, failed }
  }
  if (records.length === 0 && opened.reached) {
    const currentVersion = versionOf(repository, opened.value.repository.counter)
    return { generation: repository.generation, currentVersion, successCount: 0, failed: [] }
  }
  const knownIds = opened.reached ? opened.value.knownIds : []
  return send(ctx, input, { repository, key, knownIds, assumedGeneration: null })
}

interface Sending extends Pick<SettledPush, 'assumedGeneration'> {
  repository: CachedRepository
  key: string
  /** Records that were there a moment ago. */
  knownIds: SubmissionId[]
}

/** Throws `AssumptionWrong`. */
async function send(ctx: Ctx, input: PushInput, sending: Sending): Promise<PushedReply> {
  const { clientId, records } = input
  const { repository, key, knownIds, assumedGeneration } = sending
  const { projectId } = repository
  const items = await itemsOf(ctx, projectId, records)
  const ofUser = recordsOf(ctx, projectId)
  const settlement = (reply: Pick<PushedReply, 'successCount' | 'failed'>, ids: SubmissionId[]) =>
    settlementOf(ctx, repository, { clientId, key, ids, reply })
  const { outcomes, cursorSeq } = await submitMany(ctx, items, {
    verb: 'sync.push',
    onFaults: 'flag',
    rawOf: input.rawOf,
    onKnown: 'replace',
    within: { projectId, userId: ofUser },
    requestKey: key,
    expected: knownIds,
    settle: { ...settlement({ successCount: records.length, failed: [] }, idsOf(ctx, records)), assumedGeneration },
  })
  const reply = replyOf(outcomes)
  const ids = outcomes.flatMap((outcome): SubmissionId[] => ('id' in outcome ? [outcome.id] : []))
  const settled = reply.failed.length === 0 ? cursorSeq : null
  const currentVersion = await versionAfter(ctx, repository, settled, settlement(reply, ids))
  return { generation: repository.generation, currentVersion, ...reply }
}

/** Everything that makes two requests the same one. */
function keyOf(ctx: Ctx, { clientId, transmissionId, generation, body }: PushInput): string {
  if (ctx.actor.kind !== 'user') throw errors.notAuthenticated()
  const parts = [ctx.actor.userId, clientId, transmissionId, String(generation), body]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

const idsOf = (ctx: Ctx, records: PushedRecord[]): SubmissionId[] =>
  records.flatMap(({ name }) => (name === null ? [] : submissionIdOf(ctx.tenant.id, name)))

async function itemsOf(ctx: Ctx, projectId: ProjectId, records: PushedRecord[]): Promise<IntakeItem[]> {
  const keys = records.flatMap((record) => (record.kind === 'record' ? record.formKey : []))
  const forms = await formsOf(ctx, projectId, keys)
  return records.map((record): IntakeItem => {
    if (record.kind === 'unreadable') return { kind: 'unreadable', localUuid: record.name, message: record.message }
    const form = forms.get(record.formKey)
    if (form?.projectId !== projectId) {
      const message = `The form '${record.formKey.slice(0, 100)}' belongs to another project`
      return { kind: 'unreadable', localUuid: record.name, message }
    }
    return {
      kind: 'submission',
      target: { formId: form.id, versionLabel: record.versionName, untyped: form.untyped },
      localUuid: record.name,
      data: record.data,
      collectedAt: record.createdAt,
      reportedDeviceId: record.deviceId,
      extras: record.extras,
      deleted: record.deleted,
    }
  })
}

function replyOf(outcomes: Outcome[]): Pick<PushedReply, 'successCount' | 'failed'> {
  const failed = outcomes.flatMap((outcome, index) =>
    'error' in outcome ? { index, error: outcome.error.message } : [],
  )
  return { successCount: outcomes.length - failed.length, failed }
}

interface Settlement {
  clientId: string
  key: string
  ids: SubmissionId[]
  reply: Pick<PushedReply, 'successCount' | 'failed'>
}

function settlementOf(ctx: Ctx, repository: CachedRepository, { clientId, key, ids, reply }: Settlement): SettledPush {
  const { nowMs, actor, appVersion } = ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  const { projectId, resetSeq, generation } = repository
  const seen = { clientId, userId: actor.userId, appVersion, atMs: nowMs }
  const kept = { transmission: key, reply: JSON.stringify({ generation, ...reply }) }
  return { ...seen, ...kept, ids, projectId, ofUser: recordsOf(ctx, projectId), resetSeq, assumedGeneration: null }
}

/** The version to answer. `cursorSeq` is null where the push is still to be settled. While D1 is away it is the version that
 *  the client was told last: from there it misses nothing. */
async function versionAfter(
  ctx: Ctx,
  repository: CachedRepository,
  cursorSeq: number | null,
  push: SettledPush,
): Promise<number> {
  const { deps, tenant, nowMs } = ctx
  const { syncVersions } = deps.caches
  const cacheKey = `${tenant.id}/${push.clientId}`
  let seq = cursorSeq
  if (seq === null) {
    const settled = await reach(deps, shardName(tenant.shard), () => settlePush(ctx.db, push))
    if (!settled.reached) return syncVersions.get(cacheKey, nowMs) ?? 1
    seq = settled.value
  }
  const version = versionOf(repository, seq)
  syncVersions.set(cacheKey, version, nowMs)
  return version
}
