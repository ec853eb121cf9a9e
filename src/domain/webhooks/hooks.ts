// Webhooks as people manage them: on one form, or on all forms of a project.
// Source: contracts/native.md, section 13; all but creating, listing and deleting on a form is ours.
import { egressFault } from '../../lib/egress.ts'
import type { FormId, ProjectId, WebhookId } from '../../lib/ids.ts'
import { newWebhookSecret } from '../../lib/webhook-signature.ts'
import { findForm } from '../../storage/forms.ts'
import {
  deleteWebhook as deleteWebhookRow,
  findWebhook,
  insertWebhook,
  listAllWebhooks as listAllWebhookRows,
  listWebhooks as listWebhookRows,
  updateWebhook,
  type WebhookChange,
  type WebhookOwner,
  type WebhookRow,
} from '../../storage/webhooks.ts'
import { atLeast, authorize } from '../access/authorize.ts'
import type { Verb } from '../access/permissions.ts'
import { type Act, auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { requireForm } from '../forms/forms.ts'
import { readProject } from '../projects/projects.ts'
import { publicUrl } from '../tenants/settings.ts'
import { DEFAULT_EVENTS, isTenantEvent, type WebhookEvent } from './events.ts'
import { wakeCourier } from './wake.ts'

export type Webhook = WebhookRow
export type { WebhookOwner }

/** Each event is multiplied by them. */
export const MAX_WEBHOOKS_PER_OWNER = 50
export const MAX_SECRET_CHARS = 200
/** After a rotation deliveries are signed with both secrets for this long. */
export const SECRET_OVERLAP_MS = 24 * 3_600_000
const SECRET_BYTES = 32

export interface WebhookInput {
  url: string
  events?: WebhookEvent[]
  description?: string
  active?: boolean
}

export interface NewWebhookInput extends WebhookInput {
  /** Absent: deliveries are not signed. `generate`: we make one. */
  secret?: { text: string } | 'generate'
}

/** `secret` is the one that was generated: it is told this once. Throws `form_not_found`, `project_not_found`,
 *  `forbidden`, `body_invalid` (422) for addresses we do not send to, `too_many_webhooks` (409). */
export async function createWebhook(
  ctx: Ctx,
  owner: WebhookOwner,
  input: NewWebhookInput,
): Promise<{ hook: Webhook; secret: string | null }> {
  await requireOwner(ctx, 'webhook.write', owner)
  const { events = [...DEFAULT_EVENTS], description = '', active = true } = input
  requireEvents(ctx, owner, events)
  const url = await requireUrl(ctx, input.url, ctx.origin)
  if ((await listWebhookRows(ctx.db, owner)).length >= MAX_WEBHOOKS_PER_OWNER)
    throw errors.tooManyWebhooks(MAX_WEBHOOKS_PER_OWNER)
  const generated = input.secret === 'generate' ? newWebhookSecret(ctx.deps.randomBytes(SECRET_BYTES)) : null
  const given = typeof input.secret === 'object' ? input.secret.text : null
  const id = ctx.deps.newId<WebhookId>()
  const hook = await insertWebhook(
    ctx.db,
    {
      id,
      formId: 'formId' in owner ? owner.formId : null,
      projectId: 'projectId' in owner ? owner.projectId : null,
      url,
      events: JSON.stringify(events),
      description,
      secret: generated ?? given,
      isActive: active,
      createdAtMs: ctx.nowMs,
      origin: ctx.origin,
    },
    act(ctx, 'created', id, {
      ...('formId' in owner ? { form_id: owner.formId } : { project_id: owner.projectId }),
      host: hostOf(url),
      events,
    }),
  )
  return { hook, secret: generated }
}

/** Newest first. Throws `form_not_found`, `project_not_found`, `forbidden`. */
export async function listWebhooks(ctx: Ctx, owner: WebhookOwner): Promise<Webhook[]> {
  await requireOwner(ctx, 'webhook.read', owner)
  return listWebhookRows(ctx.db, owner)
}

/** Every webhook that the actor may see, newest first. `next` is where the next page begins. */
export async function listAllWebhooks(
  ctx: Ctx,
  { before, limit }: { before?: number; limit: number },
): Promise<{ items: Webhook[]; next: number | null }> {
  authorize(ctx, 'webhook.read')
  const { actor } = ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  const managed = Object.entries(actor.projectRoles).filter(([, role]) => atLeast(role, 'manager'))
  const projectIds = atLeast(actor.role, 'manager') ? null : managed.map(([id]) => id as ProjectId)
  const rows = await listAllWebhookRows(ctx.db, { projectIds, before, limit: limit + 1 })
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? (items.at(-1)?.createdSeq ?? null) : null }
}

/** With `formId`: only a hook of that form. Throws `webhook_not_found` (404), `forbidden`. */
export async function requireWebhook(ctx: Ctx, verb: Verb, id: WebhookId, formId?: FormId): Promise<Webhook> {
  const hook = await findWebhook(ctx.db, id)
  if (!hook || (formId && hook.formId !== formId)) throw errors.webhookNotFound()
  const projectId = hook.projectId ?? (hook.formId && (await findForm(ctx.db, hook.formId))?.projectId)
  // Its form was deleted: it goes the way of everything of it.
  if (!projectId) throw errors.webhookNotFound()
  authorize(ctx, verb, { projectId })
  return hook
}

/** What is left out stays. Throws `webhook_not_found`, `forbidden`, `body_invalid` (422). */
export async function changeWebhook(ctx: Ctx, id: WebhookId, input: Partial<WebhookInput>): Promise<Webhook> {
  const hook = await requireWebhook(ctx, 'webhook.write', id)
  const change: WebhookChange = {}
  if (input.url !== undefined) change.url = await requireUrl(ctx, input.url, hook.origin)
  if (input.events !== undefined) {
    requireEvents(ctx, ownerOf(hook), input.events)
    change.events = JSON.stringify(input.events)
  }
  if (input.description !== undefined) change.description = input.description
  if (input.active !== undefined && input.active !== hook.isActive)
    // Whoever paused it has not taken that back.
    Object.assign(change, { isActive: input.active, stoppedBy: hook.stoppedBy === 'gone' ? null : hook.stoppedBy })
  if (Object.keys(change).length === 0) return hook
  const { events, description, active } = input
  const given = Object.entries({ host: change.url && hostOf(change.url), events, description, active })
  const details = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Act['details']
  return done(ctx, await updateWebhook(ctx.db, id, change, act(ctx, 'changed', id, details)))
}

/** Again is 404, as the contract has it. Throws `webhook_not_found`, `forbidden`. */
export async function deleteWebhook(ctx: Ctx, id: WebhookId, formId?: FormId): Promise<void> {
  const { url } = await requireWebhook(ctx, 'webhook.write', id, formId)
  if (!(await deleteWebhookRow(ctx.db, id, ctx.nowMs, act(ctx, 'deleted', id, { host: hostOf(url) }))))
    throw errors.webhookNotFound()
}

export interface Rotated {
  hook: Webhook
  /** The new secret, if it was generated: it is told this once. */
  secret: string | null
}

/** From now on the new secret signs; for a day the one before it signs, too. Throws `webhook_not_found`,
 *  `forbidden`. */
export async function rotateSecret(ctx: Ctx, id: WebhookId, given: string | undefined): Promise<Rotated> {
  const before = await requireWebhook(ctx, 'webhook.write', id)
  const generated = given === undefined ? newWebhookSecret(ctx.deps.randomBytes(SECRET_BYTES)) : null
  const change: WebhookChange = {
    secret: generated ?? given,
    previousSecret: before.secret,
    previousSecretUntilMs: before.secret === null ? null : ctx.nowMs + SECRET_OVERLAP_MS,
  }
  const hook = await done(ctx, await updateWebhook(ctx.db, id, change, act(ctx, 'secret_rotated', id)))
  return { hook, secret: generated }
}

/** Paused already is no fault. Throws `webhook_not_found`, `forbidden`. */
export async function pauseWebhook(ctx: Ctx, id: WebhookId): Promise<Webhook> {
  const hook = await requireWebhook(ctx, 'webhook.write', id)
  if (hook.stoppedBy === 'user') return hook
  const change: WebhookChange = { pausedAtMs: hook.pausedAtMs ?? ctx.nowMs, stoppedBy: 'user', probeAtMs: null }
  return done(ctx, await updateWebhook(ctx.db, id, change, act(ctx, 'paused', id)))
}

/** Whoever paused it, or found it gone. What waited is sent now. Throws `webhook_not_found`, `forbidden`. */
export async function resumeWebhook(ctx: Ctx, id: WebhookId): Promise<Webhook> {
  const hook = await requireWebhook(ctx, 'webhook.write', id)
  if (hook.isActive && hook.pausedAtMs === null) return hook
  const change: WebhookChange = { isActive: true, pausedAtMs: null, stoppedBy: null, probeAtMs: null, failureStreak: 0 }
  return done(ctx, await updateWebhook(ctx.db, id, change, act(ctx, 'resumed', id)))
}

async function done(ctx: Ctx, hook: Webhook | undefined): Promise<Webhook> {
  if (!hook) throw errors.webhookNotFound()
  // It may have become free to send what waits.
  wakeCourier(ctx.deps, ctx.tenant, hook.id)
  return hook
}

/** What the audit log tells of an address: the rest of it may be a secret. */
export const hostOf = (url: string): string => new URL(url).host

const ownerOf = ({ formId, projectId }: Webhook): WebhookOwner =>
  formId === null ? { projectId: projectId as ProjectId } : { formId }

async function requireOwner(ctx: Ctx, verb: Verb, owner: WebhookOwner): Promise<void> {
  if ('formId' in owner) await requireForm(ctx, verb, owner.formId)
  else {
    await readProject(ctx, owner.projectId)
    authorize(ctx, verb, { projectId: owner.projectId })
  }
}

/** What concerns the tenant as a whole is for hooks of projects, and for those who may see it. */
function requireEvents(ctx: Ctx, owner: WebhookOwner, events: WebhookEvent[]): void {
  const [first] = events.filter(isTenantEvent)
  if (first === undefined) return
  if ('formId' in owner)
    throw errors.valueInvalid(
      ['body', 'events'],
      `'${first}' is about no form: ask for it with a webhook of a project.`,
    )
  authorize(ctx, 'quarantine.read')
}

/** The address in the spelling that was judged. */
async function requireUrl(ctx: Ctx, url: string, origin: string): Promise<string> {
  const fault = egressFault(url, await egressOptions(ctx, origin))
  if (fault) throw errors.valueInvalid(['body', 'url'], fault.message)
  return new URL(url).href
}

async function egressOptions(ctx: Ctx, origin: string) {
  const ownHosts = [origin, ctx.origin, await publicUrl(ctx)].map((url) => new URL(url).host)
  return { allowHosts: ctx.deps.config.webhookAllowHosts, ownHosts }
}

const act = (ctx: Ctx, what: string, id: WebhookId, details?: Act['details']) =>
  auditEntry(ctx, { action: `webhook.${what}`, subjectKind: 'webhook', subjectId: id, details })
