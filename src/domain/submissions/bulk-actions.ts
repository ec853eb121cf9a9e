// Changing many submissions at once, by filter, with undo. The work goes in chunks: at once while it is little, through
// the queue when it is much. What arrives after the beginning is not meant, and what was changed since is not undone.

import type { ProjectId } from '../../lib/ids.ts'
import {
  type BulkAction,
  type BulkPick,
  beginUndo,
  countPicked,
  endBulkAction,
  findBulkAction,
  insertBulkAction,
  listBulkRows,
  listPicked,
  runChunk,
  undoChunk,
} from '../../storage/bulk-actions.ts'
import type { Change, ChangeKind, ReviewState } from '../../storage/submission-changes.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import { authorOf } from '../access/author.ts'
import { authorize } from '../access/authorize.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx, Deps, EpochMs, Job } from '../context.ts'
import { errors, type Json } from '../errors.ts'
import { requireForm } from '../forms/forms.ts'
import { openChanging } from '../webhooks/announce.ts'
import { filterOf, type PickInput } from './read.ts'
import { TRASH_MS } from './trash.ts'

export type { BulkAction }

export const CHUNK_ROWS = 200
/** More than this is done by the queue. */
export const MAX_AT_ONCE = 500
/** A reset is rare, and its caller waits for an empty repository: 25 chunks of a dozen statements. */
const MAX_RESET_ROWS = 5_000
/** What one message of the queue does before it sends itself on. */
const CHUNKS_PER_JOB = 10

export interface BulkInput {
  action: BulkAction['action']
  /** What `review` sets. */
  state?: ReviewState
  pick: PickInput
  /** What the caller believes to be changing. */
  expectedCount?: number
}

/** Throws `forbidden`, `form_not_found`, `bulk_count_changed` (409). */
export async function startBulkAction(ctx: Ctx, input: BulkInput): Promise<BulkAction> {
  const { action, state, expectedCount } = input
  const pick = await pickOf(ctx, input)
  const { matched, untilSeq } = await countPicked(ctx.db, pick)
  if (expectedCount !== undefined && expectedCount !== matched) throw errors.bulkCountChanged(matched)
  const id = ctx.deps.newId<string>()
  await insertBulkAction(
    ctx.db,
    newAction(ctx, { id, action, state: state ?? null, pick, matched, untilSeq }),
    act(ctx, 'started', id, {
      action,
      state: state ?? null,
      matched,
      filter: { ...input.pick } as Record<string, Json>,
    }),
  )
  return carryOut(ctx, id, matched)
}

/**
 * Deletes what a repository's reset takes away: everything of a project that has not changed since `untilSeq`. At once
 * while it is at most MAX_RESET_ROWS, through the queue when it is more. Undone as any other action. Null when
 * there is nothing to delete, unless an action is wanted even so.
 */
export async function deleteForReset(
  ctx: Ctx,
  projectId: ProjectId,
  { untilSeq, evenNothing }: { untilSeq: number; evenNothing: boolean },
): Promise<BulkAction | null> {
  const { actor } = ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  const ownOrInProjects = { userId: actor.userId, projectIds: [projectId] }
  const pick: BulkPick = { mode: 'live', ownOrInProjects, onlyInProjects: true, changedUntilSeq: untilSeq }
  const { matched } = await countPicked(ctx.db, pick)
  if (matched === 0 && !evenNothing) return null
  const id = ctx.deps.newId<string>()
  const filter = { project_id: projectId }
  await insertBulkAction(
    ctx.db,
    newAction(ctx, { id, action: 'delete', state: null, pick, matched, untilSeq }),
    act(ctx, 'started', id, { action: 'delete', state: null, matched, filter }),
  )
  return carryOut(ctx, id, matched, MAX_RESET_ROWS)
}

function newAction(
  ctx: Ctx,
  { id, action, state, pick, matched, untilSeq }: NewAction,
): Parameters<typeof insertBulkAction>[1] {
  const filter = JSON.stringify(pick)
  const times = { createdAtMs: ctx.nowMs, updatedAtMs: ctx.nowMs }
  return { id, action, reviewState: state, filter, state: 'running', matched, untilSeq, ...authorOf(ctx), ...times }
}

interface NewAction {
  id: string
  action: BulkAction['action']
  state: ReviewState | null
  pick: BulkPick
  matched: number
  untilSeq: number
}

/** Throws `bulk_action_not_found`. */
export async function readBulkAction(ctx: Ctx, id: string): Promise<BulkAction> {
  authorize(ctx, 'submission.bulk')
  const found = await findBulkAction(ctx.db, id)
  if (!found || !mayUse(ctx, found)) throw errors.bulkActionNotFound()
  return found
}

/** Undone already is no fault. Throws `bulk_action_not_found`, `bulk_action_busy` (409). */
export async function undoBulkAction(ctx: Ctx, id: string): Promise<BulkAction> {
  const action = await readBulkAction(ctx, id)
  if (action.state === 'undoing' || action.state === 'undone') return action
  const begun = await beginUndo(ctx.db, id, ctx.nowMs, act(ctx, 'undone', id, { affected: action.affected }))
  if (!begun) throw errors.bulkActionBusy()
  return carryOut(ctx, id, action.affected)
}

/** One step of a large action: a bounded number of chunks, then on through the queue. */
export async function runBulkAction(deps: Deps, job: Extract<Job, { kind: 'bulk-action' }>): Promise<void> {
  const db = openChanging(deps, { id: job.tenantId, shard: job.shard })
  if (!(await runChunks(db, job.actionId, deps.clock(), CHUNKS_PER_JOB))) await deps.sendJob(job)
}

async function pickOf(ctx: Ctx, { action, state, pick }: BulkInput): Promise<BulkPick> {
  if (pick.formId) await requireForm(ctx, 'submission.bulk', pick.formId)
  const filter = await filterOf(ctx, { ...pick, deleted: action === 'restore' })
  if (!filter) throw errors.formNotFound()
  return {
    ...filter,
    // Managers of single projects act there; what they have sent elsewhere is not theirs to manage.
    onlyInProjects: filter.ownOrInProjects !== undefined,
    notReviewState: action === 'review' ? state : undefined,
    deletedSinceMs: action === 'restore' ? ctx.nowMs - TRASH_MS : undefined,
  }
}

/** Managers of the whole tenant see all actions, others their own. */
const mayUse = (ctx: Ctx, { userId }: BulkAction): boolean =>
  ctx.actor.kind === 'user' && (ctx.actor.role !== 'field_worker' || ctx.actor.userId === userId)

async function carryOut(ctx: Ctx, id: string, rows: number, maxAtOnce = MAX_AT_ONCE): Promise<BulkAction> {
  const { deps, tenant } = ctx
  if (rows <= maxAtOnce) {
    await runChunks(ctx.db, id, ctx.nowMs, Number.POSITIVE_INFINITY)
  } else {
    try {
      await deps.sendJob({ kind: 'bulk-action', tenantId: tenant.id, shard: tenant.shard, actionId: id })
    } catch (error) {
      // It has begun all the same; the sweep finds that it stands still.
      deps.log({ level: 'error', event: 'job_not_sent', job: 'bulk-action', action: id, error: String(error) })
    }
  }
  return (await findBulkAction(ctx.db, id))!
}

/** True when nothing is left to do. */
async function runChunks(db: TenantDb, id: string, nowMs: EpochMs, maxChunks: number): Promise<boolean> {
  for (let chunk = 0; chunk < maxChunks; chunk++) {
    const action = await findBulkAction(db, id)
    if (action?.state === 'running') await runNext(db, action, nowMs)
    else if (action?.state === 'undoing') await undoNext(db, action, nowMs)
    else return true
  }
  return false
}

async function runNext(db: TenantDb, action: BulkAction, nowMs: EpochMs): Promise<void> {
  const beforeSeq = action.position === null ? null : Number(action.position)
  const pick = JSON.parse(action.filter) as BulkPick
  const rows = await listPicked(db, pick, { untilSeq: action.untilSeq, beforeSeq, limit: CHUNK_ROWS })
  if (rows.length > 0)
    await runChunk(db, action, changeOf(action, action.action, nowMs), rows, action.reviewState ?? undefined)
  if (rows.length < CHUNK_ROWS) await endBulkAction(db, action.id, 'running', 'done', nowMs)
}

const OPPOSITE: Record<BulkAction['action'], ChangeKind> = { delete: 'restore', restore: 'delete', review: 'review' }

async function undoNext(db: TenantDb, action: BulkAction, nowMs: EpochMs): Promise<void> {
  const rows = await listBulkRows(db, action.id, { after: action.position, limit: CHUNK_ROWS })
  if (rows.length > 0) await undoChunk(db, action, changeOf(action, OPPOSITE[action.action], nowMs), rows)
  if (rows.length < CHUNK_ROWS) await endBulkAction(db, action.id, 'undoing', 'undone', nowMs)
}

/** In the history, each submission was changed by whoever started the action. */
function changeOf(action: BulkAction, kind: ChangeKind, atMs: EpochMs): Change {
  const { actorKind, actorId, userId, deviceId, protocol } = action
  return { kind, actorKind, actorId, userId, deviceId, protocol, atMs }
}

const act = (ctx: Ctx, done: string, id: string, details: Record<string, Json>) =>
  auditEntry(ctx, { action: `bulk_action.${done}`, subjectKind: 'bulk_action', subjectId: id, details })
