// Bringing a webhook what is due, in rounds: claim a few deliveries, send them at once, write down how it went.
// Only D1 says what is due; a round that is cut off is repeated when its lease has ended. One hook, one run: what is
// slow or dead here delays nobody else (background/courier.ts).
import { egressFault } from '../../lib/egress.ts'
import { deliveryIdOf } from '../../lib/ids.ts'
import { webhookHeaders } from '../../lib/webhook-signature.ts'
import { openTenantDb, type TenantDb } from '../../storage/tenant-db.ts'
import { findTenant } from '../../storage/tenants.ts'
import {
  type Claimed,
  claimDeliveries,
  nextDueMs,
  type Settlement,
  settleDeliveries,
} from '../../storage/webhook-deliveries.ts'
import type { WebhookRow } from '../../storage/webhooks.ts'
import type { Deps, EpochMs, Route } from '../context.ts'
import { readServerUrl } from '../tenants/settings.ts'
import { attempt, isSuccess, type Message, type Outcome, TIMEOUT_MS } from './attempt.ts'
import { TEST_EVENT } from './events.ts'
import { prepareBodies, type Rendered } from './render.ts'
import { MAX_ATTEMPTS, pauseAfter } from './schedule.ts'
import { noteDead, standAfter, take } from './standing.ts'

/** Deliveries of one hook under way at once. An invocation has six connections on Cloudflare. */
const MAX_AT_ONCE = 6
/** Deliveries of a round, which is claimed and written down as one: what that costs is shared by all of it. A receiver
 *  that did not take the last round well and quickly gets no more than can be under way at once. */
export const MAX_PER_ROUND = 24
const QUICK_MS = 500
/** Whoever claimed and is silent for this long has died over it. */
export const LEASE_MS = 3 * TIMEOUT_MS
/** Each costs about four D1 queries and a request for each delivery: an invocation has a thousand of each. */
export const ROUNDS_PER_RUN = 40

/**
 * Sends what is due, up to a bounded number of rounds. Returns when to come back: now if more is due, null if nothing
 * waits, or the hook may not send. Throws when D1 fails.
 */
export async function deliverDue(deps: Deps, route: Route, rounds = ROUNDS_PER_RUN): Promise<EpochMs | null> {
  const tenant = await findTenant(deps.directory, route.tenantId)
  if (tenant?.status !== 'active') return null
  const db = openTenantDb(deps.shard(route.shard), route.tenantId)
  const serverUrl = await readServerUrl(db)
  let limit = MAX_AT_ONCE
  for (let round = 0; round < rounds; round++) {
    const nowMs = deps.clock()
    const leaseUntilMs = nowMs + LEASE_MS
    const { hook, claimed } = await claimDeliveries(db, route.webhookId, { nowMs, leaseUntilMs, limit })
    if (!hook?.isActive) return null
    if (claimed.length === 0) return whenToReturn(db, hook)
    const render = await prepareBodies(deps, db, claimed, { route, base: serverUrl || hook.origin })
    const sentAtMs = deps.clock()
    const results = await sendAll(deps, claimed, async (delivery) =>
      send(deps, hook, delivery, await render(delivery), serverUrl),
    )
    const isWell = results.every(({ outcome }) => outcome === null || isSuccess(outcome))
    const isAll = claimed.length < limit
    limit = isWell && deps.clock() - sentAtMs < QUICK_MS ? MAX_PER_ROUND : MAX_AT_ONCE
    await settle(deps, db, hook, results, leaseUntilMs)
    if (!isAll) continue
    // Cheaper than a claim that finds nothing. What waited for one of these may be due now.
    const nextMs = await whenToReturn(db, hook)
    if (nextMs === null || nextMs > deps.clock()) return nextMs
  }
  return deps.clock()
}

async function whenToReturn(db: TenantDb, { id, pausedAtMs, probeAtMs }: WebhookRow): Promise<EpochMs | null> {
  const dueMs = await nextDueMs(db, id)
  if (dueMs === null || pausedAtMs === null) return dueMs
  return probeAtMs === null ? null : Math.max(dueMs, probeAtMs)
}

/** What became of one claimed delivery. */
interface Result {
  delivery: Claimed
  /** Null: there was nothing left to tell. */
  outcome: Outcome | null
}

/** In the order of the deliveries. What there was no time for is left out, and claimed again when its lease has ended:
 *  the last request ends well before that. */
async function sendAll(
  deps: Deps,
  claimed: Claimed[],
  sendOne: (delivery: Claimed) => Promise<Result | null>,
): Promise<Result[]> {
  const stopAtMs = deps.clock() + TIMEOUT_MS
  const results: (Result | null)[] = claimed.map(() => null)
  let next = 0
  const lane = async () => {
    while (next < claimed.length && deps.clock() < stopAtMs) {
      const i = next++
      results[i] = await sendOne(claimed[i]!)
    }
  }
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, lane))
  return results.filter((result) => result !== null)
}

/** Null when our own storage failed: the delivery is claimed again when its lease has ended. */
async function send(
  deps: Deps,
  hook: WebhookRow,
  delivery: Claimed,
  rendered: Rendered,
  serverUrl: string,
): Promise<Result | null> {
  switch (rendered.kind) {
    case 'gone':
      return { delivery, outcome: null }
    case 'unsent': {
      const { tenantId: tenant, id: webhook } = hook
      const error = String(rendered.error)
      deps.log({ level: 'error', event: 'webhook_not_rendered', tenant, webhook, seq: delivery.seq, error })
      return null
    }
    case 'body':
      return { delivery, outcome: await sendBody(deps, hook, delivery, rendered.text, serverUrl) }
  }
}

async function sendBody(
  deps: Deps,
  hook: WebhookRow,
  delivery: Claimed,
  body: string,
  serverUrl: string,
): Promise<Outcome> {
  const atMs = deps.clock()
  const ownHosts = [hook.origin, serverUrl].filter((url) => url !== '').map((url) => new URL(url).host)
  const fault = egressFault(hook.url, { allowHosts: deps.config.webhookAllowHosts, ownHosts })
  if (fault) return { atMs, status: null, ms: 0, answer: null, error: fault.message, retryAfterMs: null }
  const headers = webhookHeaders({
    id: deliveryIdOf(hook.id, delivery.seq),
    timestampSec: Math.floor(atMs / 1000),
    body,
    secrets: secretsOf(hook, atMs),
    event: delivery.event,
  })
  const message: Message = { url: new URL(hook.url).href, headers, body }
  return attempt(deps, message)
}

function secretsOf({ secret, previousSecret, previousSecretUntilMs }: WebhookRow, nowMs: EpochMs): string[] {
  const overlaps = previousSecret !== null && (previousSecretUntilMs ?? 0) > nowMs
  return [...(secret === null ? [] : [secret]), ...(overlaps ? [previousSecret] : [])]
}

async function settle(deps: Deps, db: TenantDb, hook: WebhookRow, results: Result[], leaseUntilMs: EpochMs) {
  const nowMs = deps.clock()
  const settled = results.map((result) => settlementOf(deps, result, nowMs))
  const outcomes = results.flatMap(({ outcome }) => outcome ?? [])
  const standing = standAfter(hook, outcomes)
  await settleDeliveries(db, hook.id, settled, { leaseUntilMs, nowMs, failureStreak: standing.failureStreak })
  await take(deps, db, hook, standing)
  for (const [i, { reason }] of settled.entries())
    if (reason === 'attempts' && results[i]!.delivery.event !== TEST_EVENT) await noteDead(deps, db, hook)
}

function settlementOf(deps: Deps, { delivery, outcome }: Result, nowMs: EpochMs): Settlement {
  const { seq } = delivery
  if (outcome === null) return { seq, state: 'dead', reason: 'erased', nextAttemptAtMs: null, attempt: null }
  const { retryAfterMs, ...attempt } = outcome
  if (isSuccess(outcome)) return { seq, state: 'delivered', reason: null, nextAttemptAtMs: null, attempt }
  if (outcome.status === 410) return { seq, state: 'dead', reason: 'gone', nextAttemptAtMs: null, attempt }
  const attempts = delivery.event === TEST_EVENT ? MAX_ATTEMPTS : delivery.attemptCount + 1
  const pause = pauseAfter(attempts, deps.randomBytes(1)[0]! / 255, retryAfterMs)
  if (pause === null) return { seq, state: 'dead', reason: 'attempts', nextAttemptAtMs: null, attempt }
  return { seq, state: 'failed', reason: null, nextAttemptAtMs: nowMs + pause, attempt }
}
