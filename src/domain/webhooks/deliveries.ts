// The deliveries of a webhook as people see them: what left, how it went, and once more.
import { deliveryIdOf, seqOfDeliveryId, type WebhookId } from '../../lib/ids.ts'
import {
  type DeliveryFilter,
  type DeliveryRow,
  findDelivery,
  insertTest,
  type ListedDelivery,
  listDeliveries,
  type StoredAttempt,
  sendAgain,
  sendFailedAgain,
} from '../../storage/webhook-deliveries.ts'
import { type Act, auditEntry } from '../audit/audit.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { BODY_VERSION } from './body.ts'
import { TEST_EVENT } from './events.ts'
import { requireWebhook } from './hooks.ts'
import { wakeCourier } from './wake.ts'

/** Of one request to send all failed ones again. */
export const MAX_SENT_AGAIN = 10_000

export interface Delivery extends ListedDelivery {
  id: string
}

export interface DeliveryDetail extends Delivery {
  attempts: StoredAttempt[]
}

const withId = <Row extends ListedDelivery>(webhookId: WebhookId, row: Row): Row & { id: string } => ({
  ...row,
  id: deliveryIdOf(webhookId, row.seq),
})

/** Newest first. Throws `webhook_not_found`, `forbidden`. */
export async function readDeliveries(
  ctx: Ctx,
  webhookId: WebhookId,
  { before, limit, ...filter }: DeliveryFilter & { before?: number; limit: number },
): Promise<{ items: Delivery[]; next: number | null }> {
  await requireWebhook(ctx, 'webhook.read', webhookId)
  const rows = await listDeliveries(ctx.db, webhookId, filter, { before, limit: limit + 1 })
  const items = rows.slice(0, limit).map((row) => withId(webhookId, row))
  return { items, next: rows.length > limit ? (items.at(-1)?.seq ?? null) : null }
}

/** Throws `webhook_not_found`, `delivery_not_found`, `forbidden`. */
export async function readDelivery(ctx: Ctx, webhookId: WebhookId, id: string): Promise<DeliveryDetail> {
  await requireWebhook(ctx, 'webhook.read', webhookId)
  return detailOf(webhookId, await requireDelivery(ctx, webhookId, id))
}

/**
 * Whatever became of it: with the same id and the same bytes, and with all attempts before it. Throws
 * `webhook_not_found`, `delivery_not_found`, `delivery_erased` (409), `forbidden`.
 */
export async function redeliver(ctx: Ctx, webhookId: WebhookId, id: string): Promise<DeliveryDetail> {
  await requireWebhook(ctx, 'webhook.write', webhookId)
  const { seq } = await requireDelivery(ctx, webhookId, id)
  const audit = act(ctx, 'redelivered', webhookId, { delivery_id: id })
  if (!(await sendAgain(ctx.db, webhookId, seq, ctx.nowMs, audit))) throw errors.deliveryErased()
  wakeCourier(ctx.deps, ctx.tenant, webhookId)
  return detailOf(webhookId, await requireDelivery(ctx, webhookId, id))
}

/** How many of those that failed, or will be tried again anyway, of events since a time: at most `MAX_SENT_AGAIN`, the
 *  oldest first. Throws `webhook_not_found`, `forbidden`. */
export async function redeliverFailed(ctx: Ctx, webhookId: WebhookId, sinceMs: EpochMs): Promise<number> {
  await requireWebhook(ctx, 'webhook.write', webhookId)
  const audit = act(ctx, 'failed_redelivered', webhookId, { since: new Date(sinceMs).toISOString() })
  const count = await sendFailedAgain(ctx.db, webhookId, { sinceMs, nowMs: ctx.nowMs, limit: MAX_SENT_AGAIN }, audit)
  wakeCourier(ctx.deps, ctx.tenant, webhookId)
  return count
}

/** Sends something that has not happened, once. Throws `webhook_not_found`, `webhook_stopped` (409), `forbidden`. */
export async function testWebhook(ctx: Ctx, webhookId: WebhookId): Promise<DeliveryDetail> {
  const hook = await requireWebhook(ctx, 'webhook.write', webhookId)
  if (!hook.isActive || hook.pausedAtMs !== null) throw errors.webhookStopped()
  const test = { event: TEST_EVENT, bodyVersion: BODY_VERSION, atMs: ctx.nowMs }
  const seq = await insertTest(ctx.db, webhookId, test, act(ctx, 'tested', webhookId))
  wakeCourier(ctx.deps, ctx.tenant, webhookId)
  return detailOf(webhookId, await requireDelivery(ctx, webhookId, deliveryIdOf(webhookId, seq)))
}

async function requireDelivery(ctx: Ctx, webhookId: WebhookId, id: string): Promise<DeliveryRow> {
  const seq = seqOfDeliveryId(webhookId, id)
  const row = seq === null ? undefined : await findDelivery(ctx.db, webhookId, seq)
  if (!row) throw errors.deliveryNotFound()
  return row
}

const detailOf = (webhookId: WebhookId, row: DeliveryRow): DeliveryDetail => ({
  ...withId(webhookId, row),
  attempts: JSON.parse(row.attempts) as StoredAttempt[],
})

const act = (ctx: Ctx, what: string, id: WebhookId, details?: Act['details']) =>
  auditEntry(ctx, { action: `webhook.${what}`, subjectKind: 'webhook', subjectId: id, details })
