// The Limiter object: a token bucket that holds over all isolates, one object per name. For what must not be guessed
// (logins, pairing tokens); ordinary request rates are counted where the request already is.
import { DurableObject } from 'cloudflare:workers'
import type { LimiterPort } from '../domain/context.ts'
import { type Bucket, takeToken } from '../lib/token-bucket.ts'

export class Limiter extends DurableObject<Env> implements LimiterPort {
  async take(burst: number, perSecond: number, nowMs: number): Promise<{ waitMs: number }> {
    const { kv } = this.ctx.storage
    const bucket = kv.get<Bucket>('bucket') ?? { tokens: burst, atMs: nowMs }
    const { waitMs } = takeToken(bucket, perSecond, burst, nowMs)
    kv.put('bucket', bucket)
    // An object whose bucket is full again has nothing to remember.
    await this.ctx.storage.setAlarm(Date.now() + Math.ceil((burst / perSecond) * 1000) + 1_000)
    return { waitMs }
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll()
  }
}
