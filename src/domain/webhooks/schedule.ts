// When a delivery that failed is tried again. Pure.

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** After the first attempt, the second, … */
const PAUSES_MS = [
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  HOUR_MS,
  6 * HOUR_MS,
  24 * HOUR_MS,
  48 * HOUR_MS,
] as const
export const MAX_ATTEMPTS = PAUSES_MS.length + 1

/** What failed together must not come back together. */
const JITTER = 0.1
/** A receiver can ask for patience, not for oblivion. */
const MAX_RETRY_AFTER_MS = PAUSES_MS.at(-1)!

/**
 * Milliseconds until the next attempt, or null after the last. `chance` is a number from 0 to 1; `retryAfterMs` what
 * the receiver asked for: it makes the pause longer, never shorter.
 */
export function pauseAfter(attempts: number, chance: number, retryAfterMs: number | null): number | null {
  const planned = PAUSES_MS[attempts - 1]
  if (planned === undefined) return null
  const asked = Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS)
  return Math.round(Math.max(planned, asked) * (1 + JITTER * chance))
}

/** The header in milliseconds from now; null when it is absent or says nothing. Source: RFC 9110, section 10.2.3. */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND_MS
  const atMs = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}
