// What the clock does every minute: finds work whose message was lost, and clears away what has had its time.
// Each chore is bounded and stands alone: when one fails, the others are still done.
import type { Deps, EpochMs } from '../domain/context.ts'
import { expireExports, resumeExports } from '../domain/exports/upkeep.ts'
import { expireTrash, resumeErasures } from '../domain/submissions/erase.ts'
import { TRASH_MS } from '../domain/submissions/trash.ts'
import { sendExpansion } from '../domain/webhooks/announce.ts'
import { wakeCourier } from '../domain/webhooks/wake.ts'
import type { SubmissionId, TenantId } from '../lib/ids.ts'
import { deleteOldBulkActions, listStalledBulkActions } from '../storage/bulk-actions.ts'
import { listDueWebhooksOfShard, listTenantsWithOutbox } from '../storage/outbox-expansion.ts'
import { deleteEndedSessions } from '../storage/sessions.ts'
import { listExpiredTrash, listOpenErasures } from '../storage/submission-erasure.ts'
import {
  deleteExpiredPairingTokens,
  deleteOldSyncState,
  deleteUploads,
  listHalfUploads,
  listShards,
  listStalledPurges,
  listStalledTenantPurges,
} from '../storage/sweep.ts'
import { openTenantDb } from '../storage/tenant-db.ts'
import { forgetOldDeliveries } from '../storage/webhook-deliveries.ts'
import { cutWebhook, listDeletedWebhooks } from '../storage/webhooks.ts'

/** A purge that has said nothing for this long has lost its message. */
const PURGE_SILENCE_MS = 2 * 60_000
const ERASURE_SILENCE_MS = 60_000
/** Each costs several calls to the object storage. */
const MAX_ERASED_PER_CHORE = 50
/** A message takes about a second to the queue's consumer. */
const OUTBOX_SILENCE_MS = 10_000
/** Each is a call or two, of which an invocation has a thousand. */
const MAX_WOKEN_PER_CHORE = 200
const MAX_WEBHOOKS_CUT_PER_CHORE = 50
const DELIVERIES_KEPT_MS = 30 * 24 * 3_600_000
const DAY_MS = 24 * 3_600_000
const MAX_PER_CHORE = 500
/** As long as the ledgers of Intake objects remember. */
const REPLAY_MS = 30 * DAY_MS
const CLIENT_MEMORY_MS = 365 * DAY_MS

export async function sweep(deps: Deps): Promise<void> {
  const nowMs = deps.clock()
  await chore(deps, 'sessions', () => deleteEndedSessions(deps.directory, nowMs - DAY_MS))
  // For a day a phone hears that its token has expired, afterwards that it is unknown.
  await chore(deps, 'pairing tokens', () => deleteExpiredPairingTokens(deps.directory, nowMs - DAY_MS))
  await chore(deps, 'tenant purges', () => resumeTenantPurges(deps, nowMs))
  await chore(deps, 'shards', async () => {
    for (const shard of await listShards(deps.directory)) {
      await chore(deps, `form purges of shard ${shard}`, () => resumeFormPurges(deps, shard, nowMs))
      await chore(deps, `bulk actions of shard ${shard}`, () => resumeBulkActions(deps, shard, nowMs))
      await chore(deps, `exports of shard ${shard}`, () => resumeExports(deps, shard, nowMs))
      await chore(deps, `expired exports of shard ${shard}`, () => expireExports(deps, shard, nowMs))
      await chore(deps, `erasures of shard ${shard}`, () => finishErasures(deps, shard, nowMs))
      await chore(deps, `trash of shard ${shard}`, () => emptyTrash(deps, shard, nowMs))
      await chore(deps, `answers to sync clients of shard ${shard}`, () => forgetSyncState(deps, shard, nowMs))
      await chore(deps, `half-written uploads of shard ${shard}`, () => clearUploads(deps, shard, nowMs))
      await chore(deps, `webhooks of shard ${shard}`, () => resumeWebhooks(deps, shard, nowMs))
      await chore(deps, `old deliveries of shard ${shard}`, () => forgetDeliveries(deps, shard, nowMs))
    }
  })
}

async function chore(deps: Deps, name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    deps.log({ level: 'error', event: 'sweep_failed', chore: name, error: String(error) })
  }
}

async function resumeTenantPurges(deps: Deps, nowMs: EpochMs): Promise<void> {
  const stalled = await listStalledTenantPurges(deps.directory, nowMs - PURGE_SILENCE_MS, MAX_PER_CHORE)
  for (const { id } of stalled) await deps.sendJob({ kind: 'purge-tenant', tenantId: id })
}

async function resumeFormPurges(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  const stalled = await listStalledPurges(deps.shard(shard), nowMs - PURGE_SILENCE_MS, MAX_PER_CHORE)
  for (const { tenantId, formId } of stalled) await deps.sendJob({ kind: 'purge-form', tenantId, shard, formId })
}

async function resumeBulkActions(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  const database = deps.shard(shard)
  for (const { tenantId, id } of await listStalledBulkActions(database, nowMs - PURGE_SILENCE_MS, MAX_PER_CHORE))
    await deps.sendJob({ kind: 'bulk-action', tenantId, shard, actionId: id })
  await deleteOldBulkActions(database, nowMs - TRASH_MS - DAY_MS, MAX_PER_CHORE)
}

async function finishErasures(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  // Younger ones may still be under way in the request that began them.
  const open = await listOpenErasures(deps.shard(shard), nowMs - ERASURE_SILENCE_MS, MAX_ERASED_PER_CHORE)
  for (const [tenantId, ids] of byTenant(open.map((row) => ({ ...row, id: row.submissionId }))))
    await resumeErasures(deps, shard, tenantId, ids)
}

async function emptyTrash(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  const expired = await listExpiredTrash(deps.shard(shard), nowMs - TRASH_MS, MAX_ERASED_PER_CHORE)
  for (const [tenantId, ids] of byTenant(expired)) await expireTrash(deps, shard, tenantId, ids, nowMs)
}

function byTenant(rows: { tenantId: TenantId; id: SubmissionId }[]): [TenantId, SubmissionId[]][] {
  return [...Map.groupBy(rows, ({ tenantId }) => tenantId)].map(([tenantId, some]) => [
    tenantId,
    some.map(({ id }) => id),
  ])
}

async function forgetSyncState(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  const times = { nowMs, beforeMs: nowMs - REPLAY_MS, unseenSinceMs: nowMs - CLIENT_MEMORY_MS }
  await deleteOldSyncState(deps.shard(shard), { ...times, limit: MAX_PER_CHORE })
}

async function clearUploads(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  const beforeMs = nowMs - DAY_MS
  const database = deps.shard(shard)
  const half = await listHalfUploads(database, beforeMs, MAX_PER_CHORE)
  if (half.length > 0) await deps.blobs.delete(half.map(({ objectKey }) => objectKey))
  await deleteUploads(
    database,
    half.map(({ mediaId }) => mediaId),
    beforeMs,
  )
}

/** What no message told: outbox rows that nobody expanded, deliveries that nobody came for. */
async function resumeWebhooks(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  const database = deps.shard(shard)
  for (const id of await listTenantsWithOutbox(database, nowMs - OUTBOX_SILENCE_MS, MAX_WOKEN_PER_CHORE))
    sendExpansion(deps, { id, shard })
  for (const { tenantId, id } of await listDueWebhooksOfShard(database, nowMs, MAX_WOKEN_PER_CHORE))
    wakeCourier(deps, { id: tenantId, shard }, id)
}

async function forgetDeliveries(deps: Deps, shard: number, nowMs: EpochMs): Promise<void> {
  const database = deps.shard(shard)
  await forgetOldDeliveries(database, nowMs - DELIVERIES_KEPT_MS, MAX_PER_CHORE)
  for (const { tenantId, id } of await listDeletedWebhooks(database, MAX_WEBHOOKS_CUT_PER_CHORE))
    await cutWebhook(openTenantDb(database, tenantId), id, MAX_PER_CHORE)
}
