// What the domain works with: the installation's dependencies (Deps) and one request's view of them (Ctx).
// Nothing below the door reads the clock, mints ids or reaches the network except through here.

import type { ApiKeyId, DeviceId, ProjectId, SessionId, TenantId, UserId, WebhookId } from '../lib/ids.ts'
import type { Directory } from '../storage/directory.ts'
import type { Role, SyncRole } from '../storage/directory-tables.ts'
import type { TenantDb } from '../storage/tenant-db.ts'
import type { Caches } from './caches.ts'
import type { Config } from './config.ts'
import type { IntakePort } from './submissions/intake-port.ts'
import type { LivePort } from './sync/live-port.ts'

export type EpochMs = number

/** Work for the queue. The rows in D1 are the truth: a lost message is found again by the sweep. */
export type Job =
  | { kind: 'purge-form'; tenantId: TenantId; shard: number; formId: string }
  | { kind: 'purge-tenant'; tenantId: TenantId }
  | { kind: 'bulk-action'; tenantId: TenantId; shard: number; actionId: string }
  /** `volume` counts from 1. */
  | { kind: 'export-volume'; tenantId: TenantId; shard: number; jobId: string; volume: number }
  | { kind: 'drain-intake'; tenantId: TenantId; intakeName: string }
  /** What was committed before `askedAtMs` shall be looked at. */
  | { kind: 'expand-outbox'; tenantId: TenantId; shard: number; askedAtMs: EpochMs }

export interface Deps {
  /** The binding `DB`: tenants, users, sessions, keys, devices. */
  directory: Directory
  /** The D1 database of a shard, by `tenants.shard`. Whoever listens is told of what is committed through it. */
  shard: (shard: number) => D1Database
  /** The shards that have a binding, ascending. */
  shards: number[]
  blobs: R2Bucket
  sendJob: (job: Job) => Promise<void>
  /** The Intake object of a credential: `device:<id>`, `key:<id>`, `user:<id>`. */
  intake: (name: string) => IntakePort
  limiter: (name: string) => LimiterPort
  /** Hearing that something has changed. Writers need nothing of it: `shard` tells of their commits. */
  live: LivePort
  /** The Courier object of a webhook. */
  courier: (webhookId: WebhookId) => CourierPort
  clock: () => EpochMs
  /** A random UUID v4. */
  newId: <Id extends string>() => Id
  randomBytes: (count: number) => Uint8Array
  fetch: typeof fetch
  log: (line: Record<string, unknown>) => void
  /** Lets work outlive the response. */
  waitUntil: (work: Promise<unknown>) => void
  config: Config
  caches: Caches
}

/** A counter that holds over all isolates, for what must not be guessed: logins and pairing. */
export interface LimiterPort {
  /** Takes one of `burst` tokens that refill at `perSecond`; `waitMs` 0 means granted. */
  take(burst: number, perSecond: number, nowMs: EpochMs): Promise<{ waitMs: number }>
}

/** What brings a webhook its deliveries. D1 says which; the object is only told that there are some. */
export interface CourierPort {
  wake(route: Route): Promise<void>
}

/** Where a webhook and its deliveries are. */
export interface Route {
  tenantId: TenantId
  shard: number
  webhookId: WebhookId
}

export interface Tenant {
  id: TenantId
  slug: string
  name: string
  shard: number
  dataEpoch: number
}

interface Member {
  userId: UserId
  email: string | null
  username: string | null
  /** Role in the tenant itself. */
  role: Role
  /** Of a field worker made for a sync app: holds a copy of all records, and may or may not send any. */
  syncRole: SyncRole | null
  /** Further roles, by project. */
  projectRoles: Record<ProjectId, Role>
}

export interface UserActor extends Member {
  kind: 'user'
  sessionId: SessionId
  forcePasswordReset: boolean
}

/** A paired device acts for its user. */
export interface DeviceActor extends Member {
  kind: 'device'
  deviceId: DeviceId
  mode: 'live' | 'test'
}

export interface KeyActor {
  kind: 'key'
  keyId: ApiKeyId
  name: string
  scopes: string[]
  projectId: ProjectId | null
  lanes: number
}

export type Actor = UserActor | DeviceActor | KeyActor

export interface Ctx {
  deps: Deps
  tenant: Tenant
  actor: Actor
  db: TenantDb
  requestId: string
  /** For links in answers: where the client reached us, as `https://host`. */
  origin: string
  nowMs: EpochMs
  /** When the credential ends by itself; null: never. */
  expiresAtMs: EpochMs | null
  /** What the client says of itself (`X-App-Version`). */
  appVersion: string | null
  /** Wire that the request came in on: native, headless, synkronus, … */
  protocol: string
  /** The directory was away: the user's Intake object remembered the session. Good for submissions only. */
  vouched?: true
  /**
   * This isolate remembers that session from a moment ago, and when it had been read. It may have ended since: the
   * object has the last word when something is submitted; before anything else comes of it, call `confirmSession`.
   */
  unconfirmed?: EpochMs
  /** Present for devices and keys: proves the credential to its Intake object, which has the last word. */
  proof: CredentialProof | null
}

export interface CredentialProof {
  /** Name of the Intake object. */
  intakeName: string
  credential: { kind: 'device'; id: DeviceId } | { kind: 'key'; id: ApiKeyId }
  secretHash: string
}
