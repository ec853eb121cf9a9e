// How fast users and addresses may come. Counted per isolate, without a call: a brake on runaway clients, not a quota.
// Devices and keys are counted in their Intake object, logins in a Limiter object: those counts hold everywhere.
import type { UserId } from '../../lib/ids.ts'
import { type Bucket, takeToken } from '../../lib/token-bucket.ts'
import type { Rate } from '../config.ts'
import type { Deps, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import type { RateState } from '../submissions/intake-port.ts'

function take(deps: Deps, name: string, rate: Rate, nowMs: EpochMs): RateState {
  const bucket: Bucket = deps.caches.buckets.get(name, nowMs) ?? { tokens: rate.burst, atMs: nowMs }
  const taken = takeToken(bucket, rate.perSecond, rate.burst, nowMs)
  deps.caches.buckets.set(name, bucket, nowMs)
  if (!taken.ok) throw errors.rateLimited(Math.ceil(taken.waitMs / 1000))
  return { limit: rate.burst, remaining: taken.remaining, resetSeconds: Math.ceil(taken.fullInMs / 1000) }
}

/** Throws `rate_limited` (429). */
export const takeFromUser = (deps: Deps, userId: UserId, nowMs: EpochMs): RateState =>
  take(deps, `user:${userId}`, deps.config.rates.user, nowMs)

/** Throws `rate_limited` (429). */
export const takeFromAddress = (deps: Deps, address: string, nowMs: EpochMs): RateState =>
  take(deps, `address:${address}`, deps.config.rates.address, nowMs)

/** A guess at a password or pairing token. `names` are throttled each: the account, the address; `people` share what is
 *  named. Throws `rate_limited`. */
export async function takeGuess(deps: Deps, names: string[], nowMs: EpochMs, people = 1): Promise<void> {
  const perMinute = deps.config.loginsPerMinute * people
  const waits = await Promise.all(names.map((name) => deps.limiter(name).take(perMinute, perMinute / 60, nowMs)))
  const waitMs = Math.max(...waits.map((wait) => wait.waitMs))
  if (waitMs > 0) throw errors.rateLimited(Math.ceil(waitMs / 1000))
}
