// The events that a webhook can ask for.

export const WEBHOOK_EVENTS = [
  'submission.created',
  'submission.updated',
  'submission.deleted',
  'submission.restored',
  'submission.reviewed',
  'media.uploaded',
  'form.published',
  'device.paired',
  'device.revoked',
  'quarantine.added',
] as const
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

/** What `POST …/test` sends. Nobody asks for it. */
export const TEST_EVENT = 'webhook.test'

/** What a hook gets that does not say: every new submission (contracts/native.md, section 13). */
export const DEFAULT_EVENTS: readonly WebhookEvent[] = ['submission.created']

/** About the tenant as a whole, whatever the form or project. */
const TENANT_EVENTS: readonly WebhookEvent[] = ['device.paired', 'device.revoked', 'quarantine.added']

export const isTenantEvent = (event: WebhookEvent): boolean => TENANT_EVENTS.includes(event)
