// A token bucket: `burst` tokens, refilled at `perSecond`. Time is passed in.

export interface Bucket {
  tokens: number
  atMs: number
}

export interface Taken {
  ok: boolean
  remaining: number
  /** Milliseconds until the next token; 0 when one was taken. */
  waitMs: number
  /** Milliseconds until the bucket is full. */
  fullInMs: number
}

/** Takes one token, changing the bucket in place. */
export function takeToken(bucket: Bucket, perSecond: number, burst: number, nowMs: number): Taken {
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs * perSecond) / 1000)
  bucket.atMs = nowMs
  const ok = bucket.tokens >= 1
  if (ok) bucket.tokens -= 1
  return {
    ok,
    remaining: Math.floor(bucket.tokens),
    waitMs: ok ? 0 : Math.ceil(((1 - bucket.tokens) * 1000) / perSecond),
    fullInMs: Math.ceil(((burst - bucket.tokens) * 1000) / perSecond),
  }
}
