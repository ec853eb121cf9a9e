// Following the changes live: hints that the feed has grown, for as long as the credential stands. The hint is a position,
// never data: whoever hears it reads the feed from where it is, so there is one way to read and nothing to reconcile.
import { readCounter } from '../../storage/changes.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import { authorize } from '../access/authorize.ts'
import { listenerName } from '../access/credentials.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { AppError, errors } from '../errors.ts'
import { isDatabaseAway } from '../weather.ts'
import { endOf, type Position } from './changes.ts'
import { type Ears, QUIET_MS } from './live-port.ts'

/** How often a listener looks for itself: whether it still may listen, and whether a hint was lost. */
const LOOK_EVERY_MS = 20_000
/** An isolate may not ask without end for one request. Coming again costs a listener nothing. */
const MAX_LISTENING_MS = 15 * 60_000
const MAX_LOOKS = 200

/** `expired`: the credential's time is up; renew it. `revoked`: it is good no more, or not for this. `reconnect`: nothing is
 *  wrong; come again. */
export type EndReason = 'expired' | 'revoked' | 'reconnect'

export type LiveEvent =
  /** The feed now reaches to here, in this epoch of the data. */
  | { kind: 'position'; position: Position; epoch: number }
  /** Nothing has happened for a while. */
  | { kind: 'still' }
  /** The last one. */
  | { kind: 'end'; reason: EndReason }

export interface FollowInput {
  /** Where the caller is in the feed. */
  after: Position
  /** Enters once more with the credential that the caller came with. Throws its 401 or 403 when that is good no more. */
  reenter: () => Promise<Ctx>
}

export interface Following {
  events: AsyncGenerator<LiveEvent, void, undefined>
  /** Ends it from outside; `events` comes to its end. */
  stop(): void
}

/**
 * Tells at once where the feed ends if that is behind `after`, and then whenever it has grown. A hint may be lost (an
 * object that was moved, an isolate that was stopped); a listener finds what it missed by looking, at most LOOK_EVERY_MS
 * later. Throws `forbidden` (403), `too_many_streams` (429), `unavailable` (503).
 */
export async function followChanges(ctx: Ctx, { after, reenter }: FollowInput): Promise<Following> {
  authorize(ctx, 'changes.read')
  const ears = await listen(ctx)
  try {
    // Only now: what is committed from here on is heard of.
    const seq = await counterOf(ctx)
    return { events: listening(ctx, ears, { seq, after, reenter }), stop: () => ears.close() }
  } catch (error) {
    ears.close()
    throw error
  }
}

async function listen({ deps, tenant, actor }: Ctx): Promise<Ears> {
  const ears = await deps.live.listen(tenant.id, listenerName(actor)).catch((error) => {
    throw errors.unavailable(error)
  })
  if (!ears) throw errors.tooManyStreams()
  return ears
}

/** Of the primary: a replica that lags would hide what the hint was about. */
const counterOf = ({ deps, tenant }: Ctx): Promise<number> =>
  readCounter(openTenantDb(deps.shard(tenant.shard), tenant.id))

async function* listening(
  ctx: Ctx,
  ears: Ears,
  { seq, after, reenter }: FollowInput & { seq: number },
): Following['events'] {
  const { clock } = ctx.deps
  const endsAtMs = ctx.nowMs + MAX_LISTENING_MS
  let { epoch, expiresAtMs } = standingOf(ctx)
  let told = { position: after, epoch }
  // The first look finds what was committed by whoever still believes that nobody listens.
  let lookAtMs = clock() + QUIET_MS
  let looks = 0
  let hasLooked = false
  try {
    for (;;) {
      const isNews = isBehind(told.position, seq) || told.epoch !== epoch
      if (isNews) {
        told = { position: endOf(seq), epoch }
        yield { kind: 'position', ...told }
      } else if (hasLooked) yield { kind: 'still' }
      hasLooked = false
      const heard = await ears.next(Math.max(0, Math.min(lookAtMs, endsAtMs, expiresAtMs) - clock()))
      const nowMs = clock()
      if (nowMs >= expiresAtMs) return yield { kind: 'end', reason: 'expired' }
      if (heard.closed || nowMs >= endsAtMs || looks >= MAX_LOOKS) return yield { kind: 'end', reason: 'reconnect' }
      if (heard.seq !== null) seq = Math.max(seq, heard.seq)
      if (!heard.recheck && nowMs < lookAtMs) continue
      looks++
      lookAtMs = nowMs + LOOK_EVERY_MS
      const looked = await look(ctx, reenter)
      if (looked === 'revoked') return yield { kind: 'end', reason: 'revoked' }
      if (looked) {
        ;({ epoch, expiresAtMs } = standingOf(looked.ctx))
        seq = Math.max(seq, looked.seq)
      }
      hasLooked = true
    }
  } finally {
    ears.close()
  }
}

const isBehind = (told: Position, seq: number): boolean => {
  const end = endOf(seq)
  return told.seq < end.seq || (told.seq === end.seq && told.table < end.table)
}

const standingOf = ({ tenant, expiresAtMs }: Ctx): { epoch: number; expiresAtMs: EpochMs } => ({
  epoch: tenant.dataEpoch,
  expiresAtMs: expiresAtMs ?? Number.POSITIVE_INFINITY,
})

/** Null when nothing can be learned just now: the next look may. */
async function look(ctx: Ctx, reenter: FollowInput['reenter']): Promise<{ ctx: Ctx; seq: number } | 'revoked' | null> {
  try {
    const now = await reenter()
    return { ctx: now, seq: await counterOf(now) }
  } catch (error) {
    if (error instanceof AppError && (error.status === 401 || error.status === 403)) return 'revoked'
    if (!(error instanceof AppError) && !isDatabaseAway(error)) throw error
    ctx.deps.log({ level: 'warn', event: 'live_look_failed', tenant: ctx.tenant.id, error: String(error) })
    return null
  }
}
