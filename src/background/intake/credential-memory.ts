// What an Intake object knows of its credential: the last good check of a device token or API key, the sessions of a
// user that were good a short while ago, and how fast the credential may come. Survives eviction; `forget` voids it.
import { readGrant } from '../../domain/access/grants.ts'
import type { CredentialProof, Deps, EpochMs } from '../../domain/context.ts'
import { D1_DEADLINE_MS } from '../../domain/reach.ts'
import type { Grant, KnownSession, RateState, SessionGrant } from '../../domain/submissions/intake-port.ts'
import { withDeadline } from '../../lib/deadline.ts'
import { type Bucket, takeToken } from '../../lib/token-bucket.ts'

/** A good check is read again from the directory after this long, in case a revocation could not reach the object. */
const RECHECK_MS = 10 * 60_000
/** While the directory is away it is asked at most this often. */
const ASK_AGAIN_MS = 5_000
/** Access tokens live for 15 minutes and can't be had anew without the directory: what is older is of no use. */
const SESSION_MEMORY_MS = 30 * 60_000
const SESSION_REFRESH_MS = 60_000
const MAX_SESSIONS = 20

export interface KeptCheck {
  secretHash: string
  grant: Grant
  /** Changes with the grant: a Worker that remembers another stamp remembers another grant. */
  stamp: string
  checkedAtMs: EpochMs
}

export class CredentialMemory {
  readonly #deps: Deps
  readonly #storage: DurableObjectStorage
  #kept: KeptCheck | null
  /** Counts `forget()`: what was being read meanwhile may be older than the revocation, and is read again. */
  #forgotten = 0
  #forgottenAtMs: EpochMs
  #askAgainAtMs = 0
  #bucket: Bucket | null = null
  /** Session id -> its grant as text and when it was noted. */
  readonly #sessions = new Map<string, { text: string; checkedAtMs: EpochMs }>()

  constructor(deps: Deps, storage: DurableObjectStorage) {
    this.#deps = deps
    this.#storage = storage
    this.#kept = storage.kv.get<KeptCheck>('check') ?? null
    this.#forgottenAtMs = storage.kv.get<EpochMs>('forgottenAtMs') ?? 0
    const rows = storage.sql.exec<{ id: string; grant_json: string; checked_at_ms: number }>(
      'SELECT id, grant_json, checked_at_ms FROM known_sessions ORDER BY checked_at_ms',
    )
    for (const { id, grant_json, checked_at_ms } of rows)
      this.#sessions.set(id, { text: grant_json, checkedAtMs: checked_at_ms })
  }

  /** The good check, read anew when it is due. `unavailable`: the directory is away, and this secret is not known here. */
  async check(proof: CredentialProof, nowMs: EpochMs): Promise<KeptCheck | 'invalid' | 'unavailable'> {
    const kept = this.#kept
    const known = kept?.secretHash === proof.secretHash
    const live = known && (kept.grant.expiresAtMs === null || kept.grant.expiresAtMs > nowMs)
    if (live && nowMs - kept.checkedAtMs < RECHECK_MS) return kept
    if (live && nowMs < this.#askAgainAtMs) return kept
    const forgotten = this.#forgotten
    let grant: Grant | null
    try {
      grant = await withDeadline(readGrant(this.#deps, proof, nowMs), D1_DEADLINE_MS)
    } catch (error) {
      this.#deps.log({ level: 'error', event: 'directory_unavailable', object: proof.intakeName, error: String(error) })
      this.#askAgainAtMs = nowMs + ASK_AGAIN_MS
      // A credential that was good keeps working while the directory is away.
      return live && forgotten === this.#forgotten ? kept : 'unavailable'
    }
    if (forgotten !== this.#forgotten) return this.check(proof, nowMs)
    if (!grant) {
      // Somebody else's wrong secret must not make this object forget the right one.
      if (known) this.#drop()
      return 'invalid'
    }
    const stamp = JSON.stringify(grant) === JSON.stringify(kept?.grant) ? kept!.stamp : this.#deps.newId<string>()
    this.#kept = { secretHash: proof.secretHash, grant, stamp, checkedAtMs: nowMs }
    this.#storage.kv.put('check', this.#kept)
    return this.#kept
  }

  takeToken(grant: Grant, nowMs: EpochMs): { rate: RateState; retryAfterSeconds: number } {
    const { perSecond, burst } = this.#deps.config.rates[grant.actor.kind]
    this.#bucket ??= { tokens: burst, atMs: nowMs }
    const taken = takeToken(this.#bucket, perSecond, burst, nowMs)
    const rate = { limit: burst, remaining: taken.remaining, resetSeconds: Math.ceil(taken.fullInMs / 1000) }
    return { rate, retryAfterSeconds: Math.ceil(taken.waitMs / 1000) }
  }

  /** A session that the Worker read from the directory at `checkedAtMs`. Written when it tells something new. */
  noteSession(grant: SessionGrant, checkedAtMs: EpochMs): void {
    // Read before a revocation, arrived after it.
    if (checkedAtMs <= this.#forgottenAtMs) return
    const id = grant.actor.sessionId
    const known = this.#sessions.get(id)
    const text = JSON.stringify(grant)
    if (known && known.text === text && checkedAtMs - known.checkedAtMs < SESSION_REFRESH_MS) return
    this.#sessions.delete(id)
    this.#sessions.set(id, { text, checkedAtMs })
    this.#storage.sql.exec('INSERT OR REPLACE INTO known_sessions VALUES (?, ?, ?)', id, text, checkedAtMs)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) {
      this.#sessions.delete(oldest)
      this.#storage.sql.exec('DELETE FROM known_sessions WHERE id = ?', oldest)
    }
  }

  recallSession(sessionId: string, nowMs: EpochMs, maxAgeMs = SESSION_MEMORY_MS): KnownSession | null {
    const known = this.#sessions.get(sessionId)
    if (!known || nowMs - known.checkedAtMs > maxAgeMs) return null
    return { grant: JSON.parse(known.text) as SessionGrant, checkedAtMs: known.checkedAtMs }
  }

  /** Whether the session is known, by the reading of that time and not by a later one. */
  knowsSession(sessionId: string, checkedAtMs: EpochMs): boolean {
    return this.#sessions.get(sessionId)?.checkedAtMs === checkedAtMs
  }

  forget(atMs: EpochMs): void {
    this.#forgottenAtMs = atMs
    this.#storage.kv.put('forgottenAtMs', atMs)
    this.#sessions.clear()
    this.#storage.sql.exec('DELETE FROM known_sessions')
    this.#drop()
  }

  #drop(): void {
    this.#forgotten++
    this.#kept = null
    this.#storage.kv.delete('check')
  }
}
