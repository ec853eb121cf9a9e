// Asking D1 where somebody else can answer in its place: with a deadline, and without waiting for the same silence
// twice. Everything that has no stand-in asks D1 directly and fails with it.
import { withDeadline } from '../lib/deadline.ts'
import { isUnreachable } from '../storage/d1-errors.ts'
import type { Deps } from './context.ts'

export const D1_DEADLINE_MS = 3_000

export type Reached<T> = { reached: true; value: T } | { reached: false; cause: unknown }

/** `name` is the database: `directory` or `shard:<n>`. Throws what is not weather. */
export async function reach<T>(
  { caches, clock }: Pick<Deps, 'caches' | 'clock'>,
  name: string,
  ask: () => Promise<T>,
): Promise<Reached<T>> {
  if (caches.away.get(name, clock())) return { reached: false, cause: new Error(`${name} was away just now`) }
  try {
    return { reached: true, value: await withDeadline(ask(), D1_DEADLINE_MS) }
  } catch (error) {
    if (!isUnreachable(error)) throw error
    caches.away.set(name, true, clock())
    return { reached: false, cause: error }
  }
}

export const shardName = (shard: number): string => `shard:${shard}`
