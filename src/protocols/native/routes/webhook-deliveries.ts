// What webhooks were sent, attempt by attempt, and sending it again.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import {
  type Delivery,
  type DeliveryDetail,
  readDeliveries,
  readDelivery,
  redeliver,
  redeliverFailed,
  testWebhook,
} from '../../../domain/webhooks/deliveries.ts'
import { TEST_EVENT, WEBHOOK_EVENTS } from '../../../domain/webhooks/events.ts'
import { encodeCursor } from '../../../lib/cursor.ts'
import type { WebhookId } from '../../../lib/ids.ts'
import { isoTime, isoTimeOrNull, parseIsoTime } from '../../../lib/iso-time.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { cursorParam, intParam, isoTimeParam, pathId, seqOfCursor, Timestamp } from '../params.ts'

const params = z.object({ id: pathId<WebhookId>(errors.webhookNotFound) })
const deliveryParams = params.extend({ delivery_id: pathId<string>(errors.deliveryNotFound) })
const tags = ['Webhooks']

const State = z.enum(['pending', 'delivered', 'failed', 'dead']).meta({
  description: '`failed`: the last attempt failed, and there will be another; `dead`: there will be none',
})

const DeliveryItem = z
  .object({
    id: z.string().meta({ description: 'The same at every attempt: `webhook-id`' }),
    event: z.string(),
    state: State,
    reason: z
      .enum(['attempts', 'gone', 'erased'])
      .nullable()
      .meta({
        description:
          'Why it is dead: all attempts failed, the receiver answered 410, or what it told of was erased (then it cannot ' +
          'be sent again, even if it was delivered)',
      }),
    subject_id: z.string().meta({ description: 'The submission, file, form, device or quarantined payload' }),
    revision: z.number().int().nullable().meta({ description: 'Of the submission' }),
    seq: z.number().int(),
    attempts_made: z.number().int().meta({ description: 'Since it was made, or sent again by hand' }),
    next_attempt_at: Timestamp.nullable(),
    created_at: Timestamp.meta({ description: 'When it happened' }),
    settled_at: Timestamp.nullable(),
  })
  .meta({ id: 'WebhookDelivery' })

const Attempt = z
  .object({
    at: Timestamp,
    status: z.number().int().nullable().meta({ description: 'Null: there was no answer' }),
    ms: z.number().int(),
    answer: z.string().nullable().meta({ description: 'Its first kilobyte' }),
    error: z.string().nullable(),
  })
  .meta({ id: 'WebhookAttempt' })

const DeliveryBody = DeliveryItem.extend({ attempts: z.array(Attempt) }).meta({ id: 'WebhookDeliveryDetail' })

const itemOf = (delivery: Delivery): z.infer<typeof DeliveryItem> => ({
  id: delivery.id,
  event: delivery.event,
  state: delivery.state,
  reason: delivery.reason,
  subject_id: delivery.subjectId,
  revision: delivery.revision === 0 ? null : delivery.revision,
  seq: delivery.seq,
  attempts_made: delivery.attemptCount,
  next_attempt_at: isoTimeOrNull(delivery.nextAttemptAtMs),
  created_at: isoTime(delivery.createdAtMs),
  settled_at: isoTimeOrNull(delivery.settledAtMs),
})

const detailOf = (delivery: DeliveryDetail): z.infer<typeof DeliveryBody> => ({
  ...itemOf(delivery),
  attempts: delivery.attempts.map(({ atMs, ...attempt }) => ({ at: isoTime(atMs), ...attempt })),
})

export const webhookDeliveries = router()
  .openapi(
    operation('webhook.read', {
      method: 'get',
      path: '/webhooks/{id}/deliveries',
      operationId: 'listWebhookDeliveries',
      summary: 'What a webhook was sent, newest first',
      description: 'Deliveries are kept for 30 days.',
      tags,
      request: {
        params,
        query: z.object({
          state: State.optional(),
          event: z.enum([...WEBHOOK_EVENTS, TEST_EVENT]).optional(),
          since: isoTimeParam().optional().meta({ description: 'Of events at or after this time' }),
          limit: intParam({ min: 1, max: 500, fallback: 50 }),
          cursor: cursorParam(),
        }),
      },
      responses: {
        200: json(
          z
            .object({ items: z.array(DeliveryItem), cursor: z.string().nullable(), has_more: z.boolean() })
            .meta({ id: 'WebhookDeliveryPage' }),
          'A page',
        ),
      },
      fails: ['webhook_not_found'],
    }),
    async (c) => {
      const { state, event, since, limit, cursor } = c.req.valid('query')
      const { items, next } = await readDeliveries(c.var.ctx, c.req.valid('param').id, {
        state,
        event,
        sinceMs: since === undefined ? undefined : msOf(since),
        before: cursor === undefined ? undefined : seqOfCursor(cursor),
        limit,
      })
      return c.json(
        { items: items.map(itemOf), cursor: next === null ? null : encodeCursor([next]), has_more: next !== null },
        200,
      )
    },
  )
  .openapi(
    operation('webhook.read', {
      method: 'get',
      path: '/webhooks/{id}/deliveries/{delivery_id}',
      operationId: 'getWebhookDelivery',
      summary: 'One delivery with its attempts',
      tags,
      request: { params: deliveryParams },
      responses: { 200: json(DeliveryBody, 'The delivery') },
      fails: ['webhook_not_found', 'delivery_not_found'],
    }),
    async (c) => {
      const { id, delivery_id } = c.req.valid('param')
      return c.json(detailOf(await readDelivery(c.var.ctx, id, delivery_id)), 200)
    },
  )
  .openapi(
    operation('webhook.write', {
      method: 'post',
      path: '/webhooks/{id}/deliveries/{delivery_id}/redeliver',
      operationId: 'redeliverWebhookDelivery',
      summary: 'Send a delivery again',
      description: 'With the same `webhook-id` and the same bytes, also when it was delivered before.',
      tags,
      request: { params: deliveryParams },
      responses: { 202: json(DeliveryBody, 'It will be sent') },
      fails: ['webhook_not_found', 'delivery_not_found', 'delivery_erased'],
    }),
    async (c) => {
      const { id, delivery_id } = c.req.valid('param')
      return c.json(detailOf(await redeliver(c.var.ctx, id, delivery_id)), 202)
    },
  )
  .openapi(
    operation('webhook.write', {
      method: 'post',
      path: '/webhooks/{id}/redeliver-failed',
      operationId: 'redeliverFailedWebhookDeliveries',
      summary: 'Send everything again that failed since a time',
      description: 'At most 10,000 deliveries, the oldest first: repeat until `count` is 0.',
      tags,
      request: { params, body: jsonRequest(z.object({ since: isoTimeParam() })) },
      responses: { 202: json(z.object({ count: z.number().int() }), 'How many will be sent') },
      fails: ['webhook_not_found'],
    }),
    async (c) => {
      const { since } = c.req.valid('json')
      return c.json({ count: await redeliverFailed(c.var.ctx, c.req.valid('param').id, msOf(since)) }, 202)
    },
  )
  .openapi(
    operation('webhook.write', {
      method: 'post',
      path: '/webhooks/{id}/test',
      operationId: 'testWebhook',
      summary: 'Send a test',
      description:
        'One attempt of an event `webhook.test`, before all that waits. Read the delivery to see how it went.',
      tags,
      request: { params },
      responses: { 202: json(DeliveryBody, 'It will be sent') },
      fails: ['webhook_not_found', 'webhook_stopped'],
    }),
    async (c) => c.json(detailOf(await testWebhook(c.var.ctx, c.req.valid('param').id)), 202),
  )

/** `isoTimeParam` has seen that it can be read. */
const msOf = (text: string): number => parseIsoTime(text)!.ms
