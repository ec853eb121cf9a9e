// Telling a webhook's courier that there may be something to bring. A hint: the sweep finds what nobody was told of.
import type { WebhookId } from '../../lib/ids.ts'
import type { Deps } from '../context.ts'
import type { TenantPlace } from './announce.ts'

export function wakeCourier(deps: Deps, { id, shard }: TenantPlace, webhookId: WebhookId): void {
  const woken = deps
    .courier(webhookId)
    .wake({ tenantId: id, shard, webhookId })
    .catch((error: unknown) => {
      deps.log({ level: 'warn', event: 'courier_not_woken', webhook: webhookId, error: String(error) })
    })
  deps.waitUntil(woken)
}
