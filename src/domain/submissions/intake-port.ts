// What the domain asks of an Intake object (background/intake.ts), as values that travel over RPC. Methods answer
// `{ok: false}` instead of throwing, because an exception in an object surfaces as an unhandled rejection.
import type { FormId, FormVersionId, SessionId } from '../../lib/ids.ts'
import type { KnownVersion } from '../../storage/intake-versions.ts'
import type { SettledPush } from '../../storage/repositories.ts'
import type { Within } from '../../storage/submission-replacement.ts'
import type { CredentialProof, DeviceActor, EpochMs, KeyActor, Tenant, UserActor } from '../context.ts'

/** What a good device token or API key allows. */
export interface Grant {
  tenant: Tenant
  actor: DeviceActor | KeyActor
  /** When the credential ends by itself; null = never. */
  expiresAtMs: EpochMs | null
}

export interface RateState {
  limit: number
  remaining: number
  /** Seconds until the bucket is full again. */
  resetSeconds: number
}

export interface CredentialCheck {
  proof: CredentialProof
  nowMs: EpochMs
  /** What the device says of itself; kept with its presence. */
  appVersion: string | null
}

export type CredentialAnswer =
  | { ok: true; grant: Grant; stamp: string; rate: RateState }
  | { ok: false; code: 'invalid' | 'unavailable' }
  | { ok: false; code: 'rate_limited'; retryAfterSeconds: number; rate: RateState }

/** The columns that all rows of a request share. Requests with equal ones commit together. */
export interface RowHeader {
  tenantId: Tenant['id']
  shard: number
  actorKind: 'user' | 'device' | 'key' | 'system'
  actorId: string
  userId: string | null
  deviceId: string | null
  protocol: string
  submittedByLabel: string | null
  mode: 'live' | 'test'
  /**
   * What becomes of a row whose id is known. `ignore`: it is a duplicate. `replace`: clients of this protocol send the
   * whole record again to change it; the last arrival (the row's `submittedAtMs`) wins, and each state is kept.
   */
  onKnown: 'ignore' | 'replace'
  /** Of `replace`: the known rows that may be replaced; others are refused. Absent: all of the tenant. */
  within?: Within
}

/** A user's session that the Worker has just read from the directory, for when it can't. */
export interface SessionGrant {
  tenant: Tenant
  actor: UserActor
}

export interface KnownSession {
  grant: SessionGrant
  /** When the directory said so. */
  checkedAtMs: EpochMs
}

export interface IntakeRequest {
  /** Name of the object. */
  intakeName: string
  /** Null when the caller is a user, whose session the Worker has read. */
  check: (CredentialCheck & { stamp: string }) | null
  /** Present for users: what the Worker has read, or which reading it remembers and the object must know as well. Null
   *  when the object itself has vouched for the session just now. */
  session: KnownSession | { id: SessionId; checkedAtMs: EpochMs } | null
  header: RowHeader
  /** `tenants.data_epoch` as of the credential's check: settled requests of an older one are forgotten. */
  dataEpoch: number
  /** A name for this very request and all it holds, where the protocol has one; needed to recognise a replay of changes. */
  requestKey: string | null
  /** Ids that were there a moment ago: a hint. */
  expected: string[]
  /** What is to be written down of a sync client's push, with its rows. */
  settle: SettledPush | null
  /** Submission id per row. */
  ids: string[]
  /** One JSON array per row, in the order of `storage/submission-rows.ts`. */
  rows: string[]
  /** The form versions that were used, and the form that was meant where the sender named only that. */
  versions: { id: FormVersionId; liveOf: FormId | null }[]
}

export type IntakeAnswer =
  | {
      ok: true
      outcomes: RowOutcome[]
      bookmark: string | null
      /** The write has left a row in the outbox, and it is for this caller to say so. */
      outbox: boolean
      /** Where the sync client stands now, if that was settled with the rows. */
      cursorSeq: number | null
      /** The request was settled before: nothing of this one was written. */
      isReplay: boolean
      rate: RateState | null
    }
  /** The grant is another one than the Worker remembered: build the rows again with this one. */
  | { ok: false; code: 'stale_grant'; grant: Grant; stamp: string }
  | { ok: false; code: 'invalid' | 'unavailable' }
  /** The object does not know the session in the way that the Worker remembers it. */
  | { ok: false; code: 'stale_session' }
  /** Nothing was written, because something is not as `settle` assumes, or could not be checked. */
  | { ok: false; code: 'assumption_wrong' }
  | { ok: false; code: 'rate_limited'; retryAfterSeconds: number; rate: RateState }

/** `seq` is null while the row waits in the object for D1. `refused`: the database rejects this row and only this row
 *  (the others of its batch are stored). */
export type RowOutcome =
  | { kind: 'created' | 'updated'; seq: number | null }
  | { kind: 'duplicate' | 'unchanged' }
  | { kind: 'refused'; reason: string }

/** What a device says it still holds. */
export interface DeviceReport {
  pendingSubmissions: number
  pendingMedia: number
  oldestPendingAtMs: EpochMs | null
  /** Null: as it was. */
  appVersion: string | null
  reportedAtMs: EpochMs
}

export interface Presence {
  lastSeenAtMs: EpochMs | null
  appVersion: string | null
  report: DeviceReport | null
  /** Rows that were acknowledged and wait in the object for D1. */
  waitingHere: number
}

export interface IntakePort {
  authenticate(check: CredentialCheck): Promise<CredentialAnswer>
  submit(request: IntakeRequest): Promise<IntakeAnswer>
  /** Called after a revocation was written to the directory: what the object remembers of before is void. */
  forget(atMs: EpochMs): Promise<void>
  /** Moves what waits here to D1. Returns how many rows are left. */
  drain(): Promise<number>
  /** For when D1 is away: a form version that the credential has used, by its id or as the live one of a form. */
  recallVersion(wanted: { versionId: FormVersionId } | { formId: FormId }): Promise<KnownVersion | null>
  /** A session that was good a short while ago, for when the directory is away; or at most `maxAgeMs` ago. */
  recallSession(sessionId: SessionId, nowMs: EpochMs, maxAgeMs?: number): Promise<KnownSession | null>
  /** For when D1 is away: which of these ids wait here, or were settled here one by one. */
  knownIds(ids: string[], dataEpoch: number): Promise<string[]>
  /** Keeps what the device says it holds. Called after `authenticate`. */
  report(report: DeviceReport): Promise<void>
  presence(): Promise<Presence>
}
