// Webhooks on forms and projects. Source: contracts/native.md, section 13; all beyond creating, listing and deleting on
// a form is ours. What was sent is webhook-deliveries.ts.
import { z } from '@hono/zod-openapi'
import { errors } from '../../../domain/errors.ts'
import { WEBHOOK_EVENTS, type WebhookEvent } from '../../../domain/webhooks/events.ts'
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  listAllWebhooks,
  listWebhooks,
  MAX_SECRET_CHARS,
  pauseWebhook,
  requireWebhook,
  resumeWebhook,
  rotateSecret,
  type Webhook,
} from '../../../domain/webhooks/hooks.ts'
import { encodeCursor } from '../../../lib/cursor.ts'
import type { FormId, ProjectId, WebhookId } from '../../../lib/ids.ts'
import { isoTime, isoTimeOrNull } from '../../../lib/iso-time.ts'
import { json, jsonRequest, operation, optionalJsonRequest, router } from '../operation.ts'
import { cursorParam, intParam, pathId, seqOfCursor, Timestamp } from '../params.ts'

const formParams = z.object({ id: pathId<FormId>(errors.formNotFound) })
const projectParams = z.object({ id: pathId<ProjectId>(errors.projectNotFound) })
const params = z.object({ id: pathId<WebhookId>(errors.webhookNotFound) })
const tags = ['Webhooks']

const Url = z.string().max(2_048).meta({
  description: 'https, to a public host; anything else only for hosts in WEBHOOK_ALLOW_HOSTS',
  example: 'https://hooks.example.org/fieldpost',
})
const Events = z
  .array(z.enum(WEBHOOK_EVENTS))
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .refine((events) => new Set(events).size === events.length, 'An event is named twice')
  .meta({ description: 'What it is sent. Events of devices and quarantine: webhooks of projects only' })
const Description = z.string().max(500)
const Secret = z.string().min(1).max(MAX_SECRET_CHARS)

const NewWebhook = z
  .object({
    url: Url,
    secret: z
      .string()
      .max(MAX_SECRET_CHARS)
      .nullish()
      .meta({ description: 'Signs the deliveries; never shown again. Any text; none or empty: nothing is signed' }),
    generate_secret: z.boolean().optional().meta({ description: 'Make a secret, and show it in this answer only' }),
    events: Events.optional().meta({ description: 'Default: submission.created' }),
    description: Description.optional(),
    active: z.boolean().optional(),
  })
  .refine(({ secret, generate_secret }) => !(secret && generate_secret), {
    path: ['generate_secret'],
    message: 'There is a secret already',
  })
  .meta({ id: 'NewWebhook' })

const WebhookBody = z
  .object({
    id: z.string(),
    url: z.string(),
    is_active: z.boolean().meta({ description: 'What happens while it is inactive is not for it' }),
    created_at: Timestamp,
    form_id: z.string().nullable(),
    project_id: z.string().nullable().meta({ description: 'A webhook on all forms of a project' }),
    events: z.array(z.string()),
    description: z.string(),
    signed: z.boolean().meta({ description: 'It has a secret' }),
    previous_secret_until: Timestamp.nullable().meta({ description: 'Until then the secret before signs, too' }),
    paused_at: Timestamp.nullable().meta({ description: 'Deliveries are kept since, and wait' }),
    stopped_by: z.enum(['user', 'breaker', 'gone']).nullable().meta({
      description:
        'Why it is paused or inactive: `breaker` after 20 failures in a row, `gone` when the receiver answered 410',
    }),
    failures_in_a_row: z.number().int(),
  })
  .meta({ id: 'Webhook' })

const WithSecret = WebhookBody.extend({
  secret: z.string().optional().meta({ description: 'The one that was made: it is shown this once' }),
}).meta({ id: 'WebhookWithSecret' })

const bodyOf = (hook: Webhook): z.infer<typeof WebhookBody> => ({
  id: hook.id,
  url: hook.url,
  is_active: hook.isActive,
  created_at: isoTime(hook.createdAtMs),
  form_id: hook.formId,
  project_id: hook.projectId,
  events: JSON.parse(hook.events) as WebhookEvent[],
  description: hook.description,
  signed: hook.secret !== null,
  previous_secret_until: isoTimeOrNull(hook.previousSecretUntilMs),
  paused_at: isoTimeOrNull(hook.pausedAtMs),
  stopped_by: hook.stoppedBy,
  failures_in_a_row: hook.failureStreak,
})

const withSecret = ({ hook, secret }: { hook: Webhook; secret: string | null }): z.infer<typeof WithSecret> => ({
  ...bodyOf(hook),
  ...(secret !== null && { secret }),
})

function inputOf({ secret, generate_secret, ...input }: z.infer<typeof NewWebhook>) {
  return { ...input, secret: generate_secret ? ('generate' as const) : secret ? { text: secret } : undefined }
}

export const webhooks = router()
  .openapi(
    operation('webhook.write', {
      method: 'post',
      path: '/forms/{id}/webhooks',
      operationId: 'createFormWebhook',
      summary: 'Have events of a form sent somewhere',
      tags,
      request: { params: formParams, body: jsonRequest(NewWebhook) },
      responses: { 201: json(WithSecret, 'Created') },
      fails: ['form_not_found', 'too_many_webhooks'],
    }),
    async (c) => {
      const made = await createWebhook(c.var.ctx, { formId: c.req.valid('param').id }, inputOf(c.req.valid('json')))
      return c.json(withSecret(made), 201)
    },
  )
  .openapi(
    operation('webhook.read', {
      method: 'get',
      path: '/forms/{id}/webhooks',
      operationId: 'listFormWebhooks',
      summary: 'Webhooks of a form',
      tags,
      request: { params: formParams },
      responses: { 200: json(z.array(WebhookBody), 'Newest first; without those of its project') },
      fails: ['form_not_found'],
    }),
    async (c) => c.json((await listWebhooks(c.var.ctx, { formId: c.req.valid('param').id })).map(bodyOf), 200),
  )
  .openapi(
    operation('webhook.write', {
      method: 'delete',
      path: '/forms/{id}/webhooks/{webhook_id}',
      operationId: 'deleteFormWebhook',
      summary: 'Delete a webhook of a form',
      tags,
      request: { params: formParams.extend({ webhook_id: pathId<WebhookId>(errors.webhookNotFound) }) },
      responses: { 204: { description: 'Deleted; nothing that waits is sent any more' } },
      fails: ['webhook_not_found'],
    }),
    async (c) => {
      const { id, webhook_id } = c.req.valid('param')
      await deleteWebhook(c.var.ctx, webhook_id, id)
      return c.body(null, 204)
    },
  )
  .openapi(
    operation('webhook.write', {
      method: 'post',
      path: '/projects/{id}/webhooks',
      operationId: 'createProjectWebhook',
      summary: 'Have events of all forms of a project sent somewhere',
      tags,
      request: { params: projectParams, body: jsonRequest(NewWebhook) },
      responses: { 201: json(WithSecret, 'Created') },
      fails: ['project_not_found', 'too_many_webhooks'],
    }),
    async (c) => {
      const made = await createWebhook(c.var.ctx, { projectId: c.req.valid('param').id }, inputOf(c.req.valid('json')))
      return c.json(withSecret(made), 201)
    },
  )
  .openapi(
    operation('webhook.read', {
      method: 'get',
      path: '/projects/{id}/webhooks',
      operationId: 'listProjectWebhooks',
      summary: 'Webhooks of a project',
      tags,
      request: { params: projectParams },
      responses: { 200: json(z.array(WebhookBody), 'Newest first; without those of its forms') },
      fails: ['project_not_found'],
    }),
    async (c) => c.json((await listWebhooks(c.var.ctx, { projectId: c.req.valid('param').id })).map(bodyOf), 200),
  )
  .openapi(
    operation('webhook.read', {
      method: 'get',
      path: '/webhooks',
      operationId: 'listWebhooks',
      summary: 'Webhooks of all forms and projects, newest first',
      description: 'Managers of single projects see those of their projects.',
      tags,
      request: { query: z.object({ limit: intParam({ min: 1, max: 200, fallback: 50 }), cursor: cursorParam() }) },
      responses: {
        200: json(
          z
            .object({ items: z.array(WebhookBody), cursor: z.string().nullable(), has_more: z.boolean() })
            .meta({ id: 'WebhookPage' }),
          'A page',
        ),
      },
    }),
    async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const before = cursor === undefined ? undefined : seqOfCursor(cursor)
      const { items, next } = await listAllWebhooks(c.var.ctx, { before, limit })
      return c.json(
        { items: items.map(bodyOf), cursor: next === null ? null : encodeCursor([next]), has_more: next !== null },
        200,
      )
    },
  )
  .openapi(
    operation('webhook.read', {
      method: 'get',
      path: '/webhooks/{id}',
      operationId: 'getWebhook',
      summary: 'One webhook',
      tags,
      request: { params },
      responses: { 200: json(WebhookBody, 'The webhook') },
      fails: ['webhook_not_found'],
    }),
    async (c) => c.json(bodyOf(await requireWebhook(c.var.ctx, 'webhook.read', c.req.valid('param').id)), 200),
  )
  .openapi(
    operation('webhook.write', {
      method: 'patch',
      path: '/webhooks/{id}',
      operationId: 'updateWebhook',
      summary: 'Change a webhook; what is left out stays',
      tags,
      request: {
        params,
        body: jsonRequest(
          z.object({ url: Url, events: Events, description: Description, active: z.boolean() }).partial(),
        ),
      },
      responses: { 200: json(WebhookBody, 'The webhook as it is now') },
      fails: ['webhook_not_found'],
    }),
    async (c) => c.json(bodyOf(await changeWebhook(c.var.ctx, c.req.valid('param').id, c.req.valid('json'))), 200),
  )
  .openapi(
    operation('webhook.write', {
      method: 'delete',
      path: '/webhooks/{id}',
      operationId: 'deleteWebhook',
      summary: 'Delete a webhook',
      tags,
      request: { params },
      responses: { 204: { description: 'Deleted; nothing that waits is sent any more' } },
      fails: ['webhook_not_found'],
    }),
    async (c) => {
      await deleteWebhook(c.var.ctx, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
  .openapi(
    operation('webhook.write', {
      method: 'post',
      path: '/webhooks/{id}/rotate-secret',
      operationId: 'rotateWebhookSecret',
      summary: 'Sign with another secret',
      description: 'For 24 hours `webhook-signature` also holds the signature of the secret before.',
      tags,
      request: {
        params,
        body: optionalJsonRequest(
          z.object({
            secret: Secret.optional().meta({ description: 'Absent: one is made, and shown in this answer' }),
          }),
        ),
      },
      responses: { 200: json(WithSecret, 'The webhook as it is now') },
      fails: ['webhook_not_found'],
    }),
    async (c) => {
      const { secret } = c.req.valid('json')
      return c.json(withSecret(await rotateSecret(c.var.ctx, c.req.valid('param').id, secret)), 200)
    },
  )
  .openapi(
    operation('webhook.write', {
      method: 'post',
      path: '/webhooks/{id}/pause',
      operationId: 'pauseWebhook',
      summary: 'Keep deliveries back until the webhook is resumed',
      tags,
      request: { params },
      responses: { 200: json(WebhookBody, 'The webhook as it is now') },
      fails: ['webhook_not_found'],
    }),
    async (c) => c.json(bodyOf(await pauseWebhook(c.var.ctx, c.req.valid('param').id)), 200),
  )
  .openapi(
    operation('webhook.write', {
      method: 'post',
      path: '/webhooks/{id}/resume',
      operationId: 'resumeWebhook',
      summary: 'Go on, whatever stopped it',
      tags,
      request: { params },
      responses: { 200: json(WebhookBody, 'The webhook as it is now') },
      fails: ['webhook_not_found'],
    }),
    async (c) => c.json(bodyOf(await resumeWebhook(c.var.ctx, c.req.valid('param').id)), 200),
  )
