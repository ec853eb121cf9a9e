// The Intake object: one per credential (`device:<id>`, `key:<id>`, `user:<id>`). It authenticates the credential,
// serialises its writes and commits everything that waits in one D1 batch; it answers replays from its ledger, and while
// D1 is away it keeps what came in its own SQLite and drains it later. It decides nothing about answers: the Worker has
// validated them and computed their ids. The parts are in intake/; docs/reliability.md says what holds when one fails.

import { DurableObject } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import type { Deps, EpochMs } from '../domain/context.ts'
import { D1_DEADLINE_MS } from '../domain/reach.ts'
import type {
  CredentialAnswer,
  CredentialCheck,
  DeviceReport,
  IntakeAnswer,
  IntakePort,
  IntakeRequest,
  KnownSession,
  Presence,
  RateState,
  RowHeader,
  RowOutcome,
} from '../domain/submissions/intake-port.ts'
import { withDeadline } from '../lib/deadline.ts'
import type { FormId, FormVersionId, SessionId } from '../lib/ids.ts'
import { isWrongAssumption } from '../storage/d1-errors.ts'
import { findVersion } from '../storage/forms.ts'
import { type Appendable, Backlog } from '../storage/intake-backlog.ts'
import { Ledger } from '../storage/intake-ledger.ts'
import { prepareIntakeTables } from '../storage/intake-tables.ts'
import { type KnownVersion, KnownVersions } from '../storage/intake-versions.ts'
import { openTenantDb } from '../storage/tenant-db.ts'
import { depsOf } from './deps.ts'
import { CredentialMemory } from './intake/credential-memory.ts'
import { Drain } from './intake/drain.ts'
import { GroupCommit, type WriteResult } from './intake/group-commit.ts'
import { PresenceMemory } from './intake/presence.ts'
import { writeRows } from './intake/write-rows.ts'

const FIRST_DRAIN_MS = 1_000
const MAX_DRAIN_PAUSE_MS = 30_000
/** The ledger is written for many requests at once, and while none of them waits for it. */
const FLUSH_MS = 50
const PRUNE_EVERY_MS = 24 * 3_600_000

export class Intake extends DurableObject<Env> implements IntakePort {
  readonly #deps: Deps
  readonly #credential: CredentialMemory
  readonly #presence: PresenceMemory
  readonly #ledger: Ledger
  readonly #backlog: Backlog<RowHeader>
  readonly #versions: KnownVersions
  readonly #commits: GroupCommit
  readonly #drain: Drain
  /** The last change has left something in the outbox. */
  #isHeard = false
  /** Drains that came to nothing, in a row. */
  #failures = 0
  #pruningIsPlanned = false
  #flushTimer: ReturnType<typeof setTimeout> | undefined

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    const deps = depsOf(env)
    this.#deps = deps
    prepareIntakeTables(state.storage.sql)
    this.#credential = new CredentialMemory(deps, state.storage)
    this.#presence = new PresenceMemory(deps, state)
    this.#ledger = new Ledger(state.storage.sql)
    this.#backlog = new Backlog(state.storage)
    this.#versions = new KnownVersions(state.storage.sql)
    this.#drain = new Drain(deps, this.#backlog, this.#ledger)
    this.#commits = new GroupCommit(deps.clock, (group) => this.#write(group))
  }

  // --- What the Worker asks

  async authenticate(check: CredentialCheck): Promise<CredentialAnswer> {
    const kept = await this.#credential.check(check.proof, check.nowMs)
    if (typeof kept === 'string') return { ok: false, code: kept }
    const { rate, retryAfterSeconds } = this.#credential.takeToken(kept.grant, check.nowMs)
    if (retryAfterSeconds > 0) return { ok: false, code: 'rate_limited', retryAfterSeconds, rate }
    this.#presence.note(check)
    return { ok: true, grant: kept.grant, stamp: kept.stamp, rate }
  }

  async submit(request: IntakeRequest): Promise<IntakeAnswer> {
    let rate: RateState | null = null
    const { check, session } = request
    if (check) {
      const kept = await this.#credential.check(check.proof, check.nowMs)
      if (typeof kept === 'string') return { ok: false, code: kept }
      const taken = this.#credential.takeToken(kept.grant, check.nowMs)
      rate = taken.rate
      if (taken.retryAfterSeconds > 0)
        return { ok: false, code: 'rate_limited', retryAfterSeconds: taken.retryAfterSeconds, rate }
      if (kept.stamp !== check.stamp) return { ok: false, code: 'stale_grant', grant: kept.grant, stamp: kept.stamp }
      this.#presence.note(check)
    }
    if (session && 'grant' in session) this.#credential.noteSession(session.grant, session.checkedAtMs)
    else if (session && !this.#credential.knowsSession(session.id, session.checkedAtMs)) return STALE_SESSION
    const key = ledgerKeyOf(request)
    const settled = key === null ? undefined : this.#ledger.recall(key, request.dataEpoch)
    // What it was answered then is not known here.
    if (settled && isAssuming(request)) return WRONG
    if (settled)
      return {
        ok: true,
        outcomes: replayOf(request, settled.outcomes),
        bookmark: null,
        outbox: false,
        cursorSeq: null,
        isReplay: true,
        rate,
      }
    const [result] = await Promise.all([this.#commits.add(request), this.#learnVersions(request)])
    return result.ok ? { ...result, isReplay: false, rate } : result
  }

  async forget(atMs: EpochMs): Promise<void> {
    this.#credential.forget(atMs)
  }

  async recallVersion(wanted: { versionId: FormVersionId } | { formId: FormId }): Promise<KnownVersion | null> {
    return this.#versions.find(wanted)
  }

  async recallSession(sessionId: SessionId, nowMs: EpochMs, maxAgeMs?: number): Promise<KnownSession | null> {
    return this.#credential.recallSession(sessionId, nowMs, maxAgeMs)
  }

  async knownIds(ids: string[], dataEpoch: number): Promise<string[]> {
    const waiting = this.#backlog.knownIds(ids)
    return ids.filter((id) => waiting.has(id) || this.#ledger.recall(id, dataEpoch) !== undefined)
  }

  async report(report: DeviceReport): Promise<void> {
    this.#presence.keepReport(report)
  }

  async presence(): Promise<Presence> {
    return this.#presence.tell(this.#backlog.rowCount)
  }

  // --- Writing

  /** One result per request. While anything waits in the log, what is newer queues behind it. */
  async #write(group: IntakeRequest[]): Promise<WriteResult[]> {
    if (this.#backlog.rowCount > 0) return this.#writeAhead(group)
    const { header } = group[0]!
    const ids = group.flatMap((request) => request.ids)
    const rows = group.flatMap((request) => request.rows)
    try {
      const session = this.#deps.shard(header.shard).withSession('first-primary')
      const expected = new Set(group.flatMap((request) => request.expected))
      const settles = group.map((request) => request.settle)
      const nowMs = this.#deps.clock()
      const writing = { header, ids, rows, expected, settles, isHeard: this.#isHeard }
      const { outcomes, outbox, cursors } = await writeRows(session, writing, nowMs)
      if (outcomes.some(({ kind }) => kind === 'created' || kind === 'updated')) this.#isHeard = outbox
      const bookmark = session.getBookmark()
      let from = 0
      return group.map((request, i) => {
        const own = outcomes.slice(from, from + request.ids.length)
        from += request.ids.length
        this.#settle(request, own)
        return { ok: true, outcomes: own, bookmark, outbox: outbox && i === 0, cursorSeq: cursors[i] ?? null }
      })
    } catch (error) {
      if (isWrongAssumption(error)) return group.length === 1 ? [WRONG] : this.#writeEach(group)
      this.#deps.log({ level: 'error', event: 'written_ahead', tenant: header.tenantId, error: String(error) })
      return this.#writeAhead(group)
    }
  }

  /** Together they would all fail with the one whose assumption is wrong. */
  async #writeEach(group: IntakeRequest[]): Promise<WriteResult[]> {
    const results: WriteResult[] = []
    for (const request of group) results.push(...(await this.#write([request])))
    return results
  }

  #settle(request: IntakeRequest, outcomes: RowOutcome[]): void {
    const key = ledgerKeyOf(request)
    // A refused row may be right the next time it comes.
    if (key === null || outcomes.some(({ kind }) => kind === 'refused')) return
    const kinds = request.requestKey === null ? null : outcomes.map(({ kind }) => kind)
    this.#ledger.note(key, { epoch: request.dataEpoch, outcomes: kinds }, this.#deps.clock())
    this.#flushTimer ??= setTimeout(() => this.#flushLedger(), FLUSH_MS)
  }

  /** Into the object's own SQLite. The answer leaves the object only when that is durable. */
  #writeAhead(group: IntakeRequest[]): WriteResult[] {
    // An assumption is checked by D1 alone.
    if (group.some(isAssuming)) return group.flatMap((one) => (isAssuming(one) ? WRONG : this.#writeAhead([one])))
    const wasEmpty = this.#backlog.rowCount === 0
    const waiting = this.#backlog.knownIds(group.flatMap((request) => request.ids))
    const { header } = group[0]!
    const taken: Appendable<RowHeader> = { header, epoch: epochOf(group), keys: [], ids: [], rows: [] }
    const results = group.map((request): WriteResult => {
      const outcomes = request.ids.map((id, i): RowOutcome => {
        const known = waiting.has(id)
        if (known && header.onKnown === 'ignore') return { kind: 'duplicate' }
        waiting.add(id)
        taken.ids.push(id)
        taken.rows.push(request.rows[i]!)
        return { kind: known ? 'updated' : 'created', seq: null }
      })
      const key = ledgerKeyOf(request)
      if (key !== null) taken.keys.push(key)
      return { ok: true, outcomes, bookmark: null, outbox: false, cursorSeq: null }
    })
    if (taken.rows.length === 0) return results
    try {
      if (this.#backlog.isFull) throw new Error('The write-ahead log of this credential is full.')
      this.#backlog.append(taken)
    } catch (error) {
      this.#deps.log({ level: 'error', event: 'write_ahead_failed', error: String(error) })
      return group.map(() => ({ ok: false, code: 'unavailable' }))
    }
    if (wasEmpty) this.#planDrain(group[0]!)
    return results
  }

  /** An alarm, and a message in case the alarm is lost. */
  #planDrain({ intakeName, header }: IntakeRequest): void {
    this.#failures = 0
    void this.ctx.storage.setAlarm(this.#deps.clock() + FIRST_DRAIN_MS)
    const { tenantId } = header
    this.ctx.waitUntil(
      this.#deps
        .sendJob({ kind: 'drain-intake', tenantId, intakeName })
        .catch((error) => this.#deps.log({ level: 'warn', event: 'job_not_sent', error: String(error) })),
    )
  }

  // --- Draining and pruning

  async drain(): Promise<number> {
    const left = await this.#drain.run()
    this.#failures = left === 0 ? 0 : this.#failures + 1
    this.#flushLedger()
    return left
  }

  override async alarm(): Promise<void> {
    try {
      const nowMs = this.#deps.clock()
      // First of all: an alarm that throws is tried six times and then lost.
      await this.ctx.storage.setAlarm(nowMs + this.#pauseMs())
      if (this.#backlog.rowCount > 0) await this.drain()
      if (this.#backlog.rowCount > 0) return
      if (this.#ledger.prune(nowMs)) void this.ctx.storage.setAlarm(nowMs + PRUNE_EVERY_MS)
      else void this.ctx.storage.deleteAlarm()
    } catch (error) {
      this.#deps.log({ level: 'error', event: 'alarm_failed', error: String(error) })
    }
  }

  /** Doubles with each failure; objects that were cut off together must not come back together. */
  #pauseMs(): number {
    const pause = Math.min(FIRST_DRAIN_MS * 2 ** this.#failures, MAX_DRAIN_PAUSE_MS)
    return Math.round(pause * (0.75 + this.#deps.randomBytes(1)[0]! / 512))
  }

  #flushLedger(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    try {
      if (!this.#ledger.hasPending) return
      this.#ledger.flush()
      if (this.#pruningIsPlanned) return
      this.#pruningIsPlanned = true
      this.ctx.waitUntil(this.#planPruning())
    } catch (error) {
      // A memory that can't be written is only slower: D1 knows.
      this.#deps.log({ level: 'error', event: 'ledger_not_written', error: String(error) })
    }
  }

  async #planPruning(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(this.#deps.clock() + PRUNE_EVERY_MS)
  }

  // --- Form versions, for when D1 is away

  /** Reads what the request used and this object has not seen yet. In vain while D1 is away: then it is seen later. */
  async #learnVersions({ header, versions }: IntakeRequest): Promise<void> {
    const nowMs = this.#deps.clock()
    for (const { id, liveOf } of versions) {
      if (liveOf !== null) this.#versions.noteLive(liveOf, id)
      if (this.#versions.isKnown(id, nowMs) || this.#backlog.rowCount > 0) continue
      try {
        const db = openTenantDb(this.#deps.shard(header.shard), header.tenantId)
        const found = await withDeadline(findVersion(db, id), D1_DEADLINE_MS)
        if (!found) this.#versions.unlearn(id)
        else {
          const { version, form } = found
          const { projectId } = form
          const published = version.publishedAtMs !== null
          const { versionNum, schema } = version
          this.#versions.learn({ id, formId: form.id, projectId, versionNum, published, schema }, nowMs)
        }
      } catch (error) {
        this.#deps.log({ level: 'warn', event: 'version_not_learned', version: id, error: String(error) })
      }
    }
  }
}

const STALE_SESSION = { ok: false, code: 'stale_session' } as const
const WRONG = { ok: false, code: 'assumption_wrong' } as const

const isAssuming = ({ settle }: IntakeRequest): boolean => settle !== null && settle.assumedGeneration !== null

/**
 * How the ledger calls a request, or null when its replay can't be told from a new request. Where known ids are ignored,
 * the ids say everything: whatever comes under them is a duplicate. A change may be undone by sending the old answers
 * again, so there only the sender's own name for the request makes it a replay.
 */
function ledgerKeyOf({ header, requestKey, ids }: IntakeRequest): string | null {
  if (header.onKnown === 'ignore') return ids.length === 1 ? ids[0]! : digest(ids)
  if (requestKey === null) return null
  // A digest costs a tenth of a millisecond, and most pushes are of one record.
  return ids.length === 1 ? `${requestKey}/${ids[0]}` : digest([requestKey, ...ids])
}

/** The oldest: an entry in the ledger must not outlive the epoch that its request was judged in. */
const epochOf = (group: IntakeRequest[]): number => Math.min(...group.map(({ dataEpoch }) => dataEpoch))

const digest = (parts: string[]): string => createHash('sha256').update(parts.join('\n')).digest('base64url')

function replayOf({ ids }: IntakeRequest, kinds: string[] | null): RowOutcome[] {
  return ids.map((_, i): RowOutcome => {
    const kind = kinds?.[i]
    if (kind === 'created' || kind === 'updated') return { kind, seq: null }
    return { kind: kind === 'unchanged' ? 'unchanged' : 'duplicate' }
  })
}
