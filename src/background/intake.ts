// The Intake object: one per credential. It (1) authenticates the credential and remembers its last good check,
// (2) serialises that credential's writes and (3) commits everything that waits in one D1 batch. It decides nothing
// about answers: the Worker has validated them and computed their ids.
import { DurableObject } from 'cloudflare:workers'
import { readGrant } from '../domain/access/grants.ts'
import type { CredentialProof, Deps, EpochMs } from '../domain/context.ts'
import type {
  CredentialAnswer,
  CredentialCheck,
  Grant,
  IntakeAnswer,
  IntakeRequest,
  RateState,
  RowHeader,
  RowOutcome,
} from '../domain/submissions/intake-port.ts'
import { type Bucket, takeToken } from '../lib/token-bucket.ts'
import { touchDevice, touchKey } from '../storage/access.ts'
import { isDataFault } from '../storage/d1-errors.ts'
import { insertSubmissionRows } from '../storage/submission-rows.ts'
import { depsOf } from './deps.ts'

/** A good check is read again from the directory after this long, in case a revocation could not reach the object. */
const RECHECK_MS = 10 * 60_000
/** `last_used_at` is written at most this often. */
const PRESENCE_MS = 60_000
/** With several callers waiting, this much patience makes groups three times as large (docs/performance.md). */
const GATHER_MS = 2
const CROWD_MEMORY_MS = 20
const MAX_GROUP_ROWS = 2_000
const MAX_GROUP_CHARS = 4_000_000

interface KeptCheck {
  secretHash: string
  grant: Grant
  /** Changes with the grant: a Worker that remembers another stamp remembers another grant. */
  stamp: string
  checkedAtMs: EpochMs
}

interface Waiting {
  request: IntakeRequest
  chars: number
  resolve: (result: WriteResult) => void
}

type WriteResult = { ok: true; outcomes: RowOutcome[]; bookmark: string | null } | { ok: false }

export class Intake extends DurableObject<Env> {
  readonly #deps: Deps
  #kept: KeptCheck | null
  /** Counts `forget()`: what was being read meanwhile may be older than the revocation, and is read again. */
  #forgotten = 0
  #bucket: Bucket | null = null
  #presenceAtMs = 0
  #queue: Waiting[] = []
  #writing = false
  /** When the last commit that served several callers ended: they will be back at about the same time. */
  #crowdedAtMs = 0

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    this.#deps = depsOf(env)
    this.#kept = state.storage.kv.get<KeptCheck>('check') ?? null
  }

  async authenticate(check: CredentialCheck): Promise<CredentialAnswer> {
    const kept = await this.#check(check.proof, check.nowMs)
    if (typeof kept === 'string') return { ok: false, code: kept }
    const { rate, retryAfterSeconds } = this.#takeToken(kept.grant, check.nowMs)
    if (retryAfterSeconds > 0) return { ok: false, code: 'rate_limited', retryAfterSeconds, rate }
    this.#notePresence(check)
    return { ok: true, grant: kept.grant, stamp: kept.stamp, rate }
  }

  async submit(request: IntakeRequest): Promise<IntakeAnswer> {
    let rate: RateState | null = null
    if (request.check) {
      const kept = await this.#check(request.check.proof, request.check.nowMs)
      if (typeof kept === 'string') return { ok: false, code: kept }
      const taken = this.#takeToken(kept.grant, request.check.nowMs)
      rate = taken.rate
      if (taken.retryAfterSeconds > 0)
        return { ok: false, code: 'rate_limited', retryAfterSeconds: taken.retryAfterSeconds, rate }
      if (kept.stamp !== request.check.stamp)
        return { ok: false, code: 'stale_grant', grant: kept.grant, stamp: kept.stamp }
      this.#notePresence(request.check)
    }
    const result = await this.#enqueue(request)
    return result.ok ? { ...result, rate } : { ok: false, code: 'unavailable' }
  }

  async forget(): Promise<void> {
    this.#forgotten++
    this.#kept = null
    this.ctx.storage.kv.delete('check')
  }

  // --- 1. The credential

  async #check(proof: CredentialProof, nowMs: EpochMs): Promise<KeptCheck | 'invalid' | 'unavailable'> {
    const kept = this.#kept
    const known = kept?.secretHash === proof.secretHash
    const live = known && (kept.grant.expiresAtMs === null || kept.grant.expiresAtMs > nowMs)
    if (live && nowMs - kept.checkedAtMs < RECHECK_MS) return kept
    const forgotten = this.#forgotten
    let grant: Grant | null
    try {
      grant = await readGrant(this.#deps, proof, nowMs)
    } catch (error) {
      this.#deps.log({ level: 'error', event: 'directory_unavailable', object: proof.intakeName, error: String(error) })
      // A credential that was good keeps working while the directory is away.
      return live && forgotten === this.#forgotten ? kept : 'unavailable'
    }
    if (forgotten !== this.#forgotten) return this.#check(proof, nowMs)
    if (!grant) {
      // Somebody else's wrong secret must not make this object forget the right one.
      if (known) await this.forget()
      return 'invalid'
    }
    const stamp = JSON.stringify(grant) === JSON.stringify(kept?.grant) ? kept!.stamp : this.#deps.newId()
    this.#kept = { secretHash: proof.secretHash, grant, stamp, checkedAtMs: nowMs }
    this.ctx.storage.kv.put('check', this.#kept)
    return this.#kept
  }

  #takeToken(grant: Grant, nowMs: EpochMs): { rate: RateState; retryAfterSeconds: number } {
    const { perSecond, burst } = this.#deps.config.rates[grant.actor.kind]
    this.#bucket ??= { tokens: burst, atMs: nowMs }
    const taken = takeToken(this.#bucket, perSecond, burst, nowMs)
    const rate = { limit: burst, remaining: taken.remaining, resetSeconds: Math.ceil(taken.fullInMs / 1000) }
    return { rate, retryAfterSeconds: Math.ceil(taken.waitMs / 1000) }
  }

  #notePresence({ proof, nowMs, appVersion }: CredentialCheck): void {
    if (nowMs - this.#presenceAtMs < PRESENCE_MS) return
    this.#presenceAtMs = nowMs
    const { credential } = proof
    const write =
      credential.kind === 'device'
        ? touchDevice(this.#deps.directory, credential.id, nowMs, appVersion)
        : touchKey(this.#deps.directory, credential.id, nowMs)
    // Presence is a courtesy: it must not fail or delay the request that told of it.
    this.ctx.waitUntil(
      write.catch((error) => this.#deps.log({ level: 'warn', event: 'presence_not_written', error: String(error) })),
    )
  }

  // --- 2 and 3. One write at a time, everything that waits in one commit

  #enqueue(request: IntakeRequest): Promise<WriteResult> {
    return new Promise((resolve) => {
      let chars = 0
      for (const row of request.rows) chars += row.length
      this.#queue.push({ request, chars, resolve })
      if (!this.#writing) {
        this.#writing = true
        // Input gates don't hold across an await on D1: this loop is what keeps writes one at a time.
        void this.#writeAll()
      }
    })
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const crowded = this.#queue.length > 1 || this.#deps.clock() - this.#crowdedAtMs < CROWD_MEMORY_MS
      if (crowded) await new Promise((resolve) => setTimeout(resolve, GATHER_MS))
      const group = this.#takeGroup()
      await this.#writeGroup(group)
      if (group.length > 1) this.#crowdedAtMs = this.#deps.clock()
    }
    this.#writing = false
  }

  /** The oldest requests that fit one commit and share their columns. */
  #takeGroup(): Waiting[] {
    const [first] = this.#queue
    if (!first) return []
    let rows = 0
    let chars = 0
    let count = 0
    for (const { request, chars: more } of this.#queue) {
      const fits = rows + request.rows.length <= MAX_GROUP_ROWS && chars + more <= MAX_GROUP_CHARS
      if (count > 0 && !(fits && sameHeader(request.header, first.request.header))) break
      rows += request.rows.length
      chars += more
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #writeGroup(group: Waiting[]): Promise<void> {
    const { header } = group[0]!.request
    const rows = group.flatMap(({ request }) => request.rows)
    try {
      const session = this.#deps.shard(header.shard).withSession('first-primary')
      const { stored, refused } = await writeRows(session, header, rows, 0)
      const bookmark = session.getBookmark()
      let position = 0
      for (const { request, resolve } of group) {
        const outcomes = request.ids.map((id): RowOutcome => {
          const reason = refused.get(position++)
          if (reason !== undefined) return { kind: 'refused', reason }
          const seq = stored.get(id)
          if (seq === undefined) return { kind: 'duplicate' }
          // The first of two equal ids in a group is the one that was stored.
          stored.delete(id)
          return { kind: 'created', seq }
        })
        resolve({ ok: true, outcomes, bookmark })
      }
    } catch (error) {
      this.#deps.log({ level: 'error', event: 'intake_write_failed', tenant: header.tenantId, error: String(error) })
      for (const { resolve } of group) resolve({ ok: false })
    }
  }
}

interface Written {
  stored: Map<string, number>
  /** Position in the group -> what the database said. */
  refused: Map<number, string>
}

/**
 * Stores rows; when one breaks a rule of the database, the batch is halved until that row is alone, so that all others
 * are stored. Throws when the database itself is at fault.
 */
async function writeRows(
  session: D1DatabaseSession,
  header: RowHeader,
  rows: string[],
  offset: number,
): Promise<Written> {
  try {
    return { stored: await insertSubmissionRows(session, header.tenantId, header, rows), refused: new Map() }
  } catch (error) {
    if (!isDataFault(error)) throw error
    if (rows.length === 1) return { stored: new Map(), refused: new Map([[offset, (error as Error).message]]) }
    const half = rows.length >> 1
    const left = await writeRows(session, header, rows.slice(0, half), offset)
    const right = await writeRows(session, header, rows.slice(half), offset + half)
    return {
      stored: new Map([...left.stored, ...right.stored]),
      refused: new Map([...left.refused, ...right.refused]),
    }
  }
}

const sameHeader = (a: RowHeader, b: RowHeader): boolean =>
  a.tenantId === b.tenantId &&
  a.shard === b.shard &&
  a.mode === b.mode &&
  a.protocol === b.protocol &&
  a.actorId === b.actorId &&
  a.actorKind === b.actorKind &&
  a.userId === b.userId &&
  a.deviceId === b.deviceId &&
  a.submittedByLabel === b.submittedByLabel
