// How a webhook stands after what it was sent: the breaker that pauses one whose receiver fails and fails, the probe
// that finds it well again, the end of one whose receiver says that it is gone. Each is told in the audit log.
import { countAudit } from '../../storage/audit.ts'
import type { TenantDb } from '../../storage/tenant-db.ts'
import { updateWebhook, type WebhookChange, type WebhookRow, type WebhookState } from '../../storage/webhooks.ts'
import { systemEntry } from '../audit/audit.ts'
import type { Deps, EpochMs } from '../context.ts'
import { isSuccess, type Outcome } from './attempt.ts'
import { hostOf } from './hooks.ts'

/** Failures in a row that open the breaker. */
export const MAX_FAILURES = 20
/** While it is open, one delivery tries whether the receiver is back. */
export const PROBE_EVERY_MS = 10 * 60_000
/** Deliveries that die within this time are one notice with a count. */
const NOTICE_MS = 3_600_000

type Hook = Pick<WebhookRow, 'failureStreak' | 'stoppedBy'>

export interface Standing {
  failureStreak: number
  turn: 'gone' | 'paused' | 'resumed' | 'still_failing' | null
}

/** Pure. `outcomes` in the order of the deliveries. */
export function standAfter(hook: Hook, outcomes: Pick<Outcome, 'status'>[]): Standing {
  const lastSuccess = outcomes.findLastIndex(isSuccess)
  const failures = outcomes.length - 1 - lastSuccess
  const failureStreak = lastSuccess < 0 ? hook.failureStreak + failures : failures
  const isBroken = hook.stoppedBy === 'breaker'
  if (outcomes.some(({ status }) => status === 410)) return { failureStreak, turn: 'gone' }
  if (isBroken && outcomes.length > 0) return { failureStreak, turn: lastSuccess < 0 ? 'still_failing' : 'resumed' }
  return { failureStreak, turn: !isBroken && failureStreak >= MAX_FAILURES ? 'paused' : null }
}

interface Turn {
  /** What it must be, so that nobody's word is overruled that came meanwhile. */
  from: WebhookState
  change: (nowMs: EpochMs) => WebhookChange
}

const TURNS: Record<NonNullable<Standing['turn']>, Turn> = {
  gone: { from: 'active', change: () => ({ isActive: false, stoppedBy: 'gone', pausedAtMs: null, probeAtMs: null }) },
  paused: {
    from: 'running',
    change: (nowMs) => ({ pausedAtMs: nowMs, stoppedBy: 'breaker', probeAtMs: nowMs + PROBE_EVERY_MS }),
  },
  resumed: { from: 'broken', change: () => ({ pausedAtMs: null, stoppedBy: null, probeAtMs: null }) },
  still_failing: { from: 'broken', change: (nowMs) => ({ probeAtMs: nowMs + PROBE_EVERY_MS }) },
}

/** Does what `standAfter` found, and tells it. */
export async function take(deps: Deps, db: TenantDb, hook: WebhookRow, { turn, failureStreak }: Standing) {
  if (turn === null) return
  const nowMs = deps.clock()
  const { from, change } = TURNS[turn]
  const details = { host: hostOf(hook.url), failures: failureStreak }
  // A probe that fails is no news.
  const notice = turn === 'still_failing' ? null : noticeOf(deps, hook, turn === 'gone' ? 'disabled' : turn, details)
  await updateWebhook(db, hook.id, change(nowMs), notice, from)
  const { tenantId: tenant, id: webhook } = hook
  if (notice) deps.log({ level: 'warn', event: `webhook_${turn}`, tenant, webhook })
}

/** Deliveries that nobody will try again. */
export async function noteDead(deps: Deps, db: TenantDb, hook: WebhookRow): Promise<void> {
  await countAudit(db, noticeOf(deps, hook, 'delivery_dead', { host: hostOf(hook.url), count: 1 }), NOTICE_MS)
}

const noticeOf = (deps: Deps, hook: WebhookRow, what: string, details: Record<string, string | number>) =>
  systemEntry(
    { action: `webhook.${what}`, subjectKind: 'webhook', subjectId: hook.id, details },
    { requestId: deps.newId(), atMs: deps.clock() },
  )
