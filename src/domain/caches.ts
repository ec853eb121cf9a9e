// What an isolate remembers between requests. Everything here can be forgotten at any time; entries that describe
// mutable rows live for at most a few seconds, so that another isolate's change is seen soon.
import type { CompiledForm } from '../forms/compile.ts'
import type { FormId, FormVersionId, ProjectId } from '../lib/ids.ts'
import { TimedCache } from '../lib/timed-cache.ts'
import type { Bucket } from '../lib/token-bucket.ts'
import type { VerifiedToken } from './access/access-tokens.ts'
import type { Grant, KnownSession } from './submissions/intake-port.ts'

export interface CachedVersion {
  id: FormVersionId
  formId: FormId
  projectId: ProjectId
  versionNum: number
  published: boolean
  form: CompiledForm
  /** Characters of its definition: what it weighs in a cache. */
  chars: number
}

/** A definition made ready. Never changes: it is known by the hash of its text. */
export interface CachedForm {
  form: CompiledForm
  chars: number
}

/** A form, as it stood at `checkedAtMs`. */
export interface CachedFormRef {
  id: FormId
  projectId: ProjectId
  /** It has no version, so nothing is said about its answers. */
  untyped: boolean
  checkedAtMs: number
}

export interface CachedRepository {
  generation: number
  projectId: ProjectId
  resetSeq: number
  resetActionId: string | null
}

export interface CachedOffer {
  etag: string
  body: string
}

export interface Caches {
  /** `tenant/versionId`; null = there is no such version (remembered for a second only). */
  versions: TimedCache<CachedVersion | null>
  /** SHA-256 of a definition -> what was made of it. Outlives `versions`, which only says how matters stand: a form of
   *  600 questions is not compiled anew every two seconds. */
  compiled: TimedCache<CachedForm>
  /** `tenant/formId` -> live version, for headless submissions. */
  liveVersions: TimedCache<FormVersionId | null>
  /** `tenant/access set` -> what `GET /mobile/forms` answers. */
  offers: TimedCache<CachedOffer>
  /** Access token -> what it says. Its signature was good, and stays so. */
  tokens: TimedCache<VerifiedToken>
  /** Secret hash -> the last good answer of the credential's Intake object. A hint: the object is asked on each write. */
  grants: TimedCache<{ grant: Grant; stamp: string }>
  /** Session id -> the same of a user's session. */
  sessions: TimedCache<KnownSession>
  /** D1 databases that did not answer just now: `directory`, `shard:<n>`. Nobody waits for the same silence twice. */
  away: TimedCache<true>
  /** `tenant/form key` -> the form that sync clients mean by it. Keys never change. */
  formsByKey: TimedCache<CachedFormRef>
  /** Tenant -> how its sync repository stood when it was last read: for when D1 is away, and as a guess that the next
   *  reading confirms. */
  repositories: TimedCache<CachedRepository>
  /** `tenant/client` -> the version that a sync client was last told, for when D1 is away. */
  syncVersions: TimedCache<number>
  /** Tenant -> when the last complete look at its outbox began. */
  outboxLooks: TimedCache<number>
  /** Request rates of users and addresses. */
  buckets: TimedCache<Bucket>
}

/** How long a change made in another isolate may stay unseen. */
export const STALE_MS = 2_000

/** How long a database that did not answer is left alone where somebody else can answer in its place. */
const AWAY_MS = 2_000

/** An isolate has 128 MB: forms and offers of many tenants may not fill it. A compiled form takes up to five bytes for
 *  each character of its definition. */
const MAX_FORM_CHARS = 6_000_000
const MAX_OFFER_CHARS = 16_000_000
const COMPILED_MS = 3_600_000
const TOKEN_MS = 10 * 60_000
/** What is asked anew while D1 is there, and stands in for it while it is not. */
const REMEMBERED_MS = 24 * 3_600_000

export const createCaches = (): Caches => ({
  versions: new TimedCache(2_000, STALE_MS, { maxWeight: MAX_FORM_CHARS, weigh: (version) => version?.chars ?? 0 }),
  compiled: new TimedCache(2_000, COMPILED_MS, { maxWeight: MAX_FORM_CHARS, weigh: ({ chars }) => chars }),
  liveVersions: new TimedCache(2_000, STALE_MS),
  offers: new TimedCache(500, STALE_MS, { maxWeight: MAX_OFFER_CHARS, weigh: ({ body }) => body.length }),
  tokens: new TimedCache(2_000, TOKEN_MS),
  grants: new TimedCache(10_000, 60_000),
  sessions: new TimedCache(10_000, STALE_MS),
  away: new TimedCache(1_000, AWAY_MS),
  formsByKey: new TimedCache(5_000, REMEMBERED_MS),
  repositories: new TimedCache(1_000, REMEMBERED_MS),
  syncVersions: new TimedCache(10_000, REMEMBERED_MS),
  outboxLooks: new TimedCache(1_000, 60_000),
  buckets: new TimedCache(10_000, 60_000),
})
