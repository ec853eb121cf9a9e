// What the domain asks of an Intake object (background/intake.ts), as values that travel over RPC. Methods answer
// `{ok: false}` instead of throwing, because an exception in an object surfaces as an unhandled rejection.
import type { CredentialProof, DeviceActor, EpochMs, KeyActor, Tenant } from '../context.ts'

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
  actorKind: 'user' | 'device' | 'key'
  actorId: string
  userId: string | null
  deviceId: string | null
  protocol: string
  submittedByLabel: string | null
  mode: 'live' | 'test'
}

export interface IntakeRequest {
  /** Null when the caller is a user, whose session the Worker has just read from the directory. */
  check: (CredentialCheck & { stamp: string }) | null
  header: RowHeader
  /** Submission id per row. */
  ids: string[]
  /** One JSON array per row, in the order of `storage/submission-rows.ts`. */
  rows: string[]
}

export type IntakeAnswer =
  | { ok: true; outcomes: RowOutcome[]; bookmark: string | null; rate: RateState | null }
  /** The grant is another one than the Worker remembered: build the rows again with this one. */
  | { ok: false; code: 'stale_grant'; grant: Grant; stamp: string }
  | { ok: false; code: 'invalid' | 'unavailable' }
  | { ok: false; code: 'rate_limited'; retryAfterSeconds: number; rate: RateState }

/** `refused`: the database rejects this row and only this row (the others of its batch are stored). */
export type RowOutcome = { kind: 'created'; seq: number } | { kind: 'duplicate' } | { kind: 'refused'; reason: string }

export interface IntakePort {
  authenticate(check: CredentialCheck): Promise<CredentialAnswer>
  submit(request: IntakeRequest): Promise<IntakeAnswer>
  /** Called after a revocation was written to the directory: the next request reads the directory again. */
  forget(): Promise<void>
}
