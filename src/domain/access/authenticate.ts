// From a credential to a Ctx: whose request is this? User tokens are checked against the directory on every request;
// device tokens and API keys by their Intake object, which remembers its last good check.

import type { ApiKeyId, DeviceId } from '../../lib/ids.ts'
import { findSession, parseRoles } from '../../storage/access.ts'
import type { CredentialProof, Ctx, Deps, EpochMs, Tenant, UserActor } from '../context.ts'
import { errors } from '../errors.ts'
import { reach } from '../reach.ts'
import type { Grant, KnownSession, RateState } from '../submissions/intake-port.ts'
import { openChanging } from '../webhooks/announce.ts'
import { type TokenType, type VerifiedToken, verifyAccessToken } from './access-tokens.ts'
import { deviceProof, keyProof, looksLikeRefreshToken, readCredential, userIntakeName } from './credentials.ts'

/** What a request brings besides its credential. */
export interface Arrival {
  requestId: string
  origin: string
  protocol: string
  nowMs: EpochMs
  /** Bookmark of an earlier answer, or null. */
  bookmark: string | null
  appVersion: string | null
}

export interface Entry {
  ctx: Ctx
  rate: RateState | null
}

function makeCtx(
  deps: Deps,
  arrival: Arrival,
  tenant: Tenant,
  actor: Ctx['actor'],
  proof: CredentialProof | null,
  expiresAtMs: EpochMs | null,
): Ctx {
  return {
    deps,
    tenant,
    actor,
    proof,
    db: openChanging(deps, tenant, arrival.bookmark ?? undefined),
    requestId: arrival.requestId,
    origin: arrival.origin,
    protocol: arrival.protocol,
    nowMs: arrival.nowMs,
    expiresAtMs,
    appVersion: arrival.appVersion,
  }
}

/** A sync app pushes often, and its session is known to the Intake object that its push goes to: revocations reach that
 *  object at once, and the directory is read again after this long in case one could not. */
const SESSION_TRUST_MS = 10 * 60_000

/** A user's access token. Throws `token_invalid` (401) also for ended sessions, inactive users and suspended tenants;
 *  `unavailable` (503) when the directory is away, except for submissions of a session that was good a while ago. */
export async function enterAsUser(
  deps: Deps,
  token: string,
  arrival: Arrival,
  options: EnterOptions = {},
): Promise<Entry> {
  if (looksLikeRefreshToken(token)) throw errors.tokenInvalid('Invalid token type')
  const claims = await verifyAccessToken(deps, token, arrival.nowMs, options.tokenType)
  const remembered = isPush(options) ? deps.caches.sessions.get(claims.sessionId, arrival.nowMs) : undefined
  const session = remembered ?? (await findGrant(deps, claims, arrival.nowMs, options))
  const { tenant, actor } = session.grant
  const ctx = makeCtx(deps, arrival, tenant, actor, null, claims.expiresAtMs)
  if (session === remembered) ctx.unconfirmed = session.checkedAtMs
  else if ('vouched' in session) ctx.vouched = true
  return { ctx, rate: null }
}

/** Asks whether the session still stands that this isolate only remembers, and what it allows. Throws as `enterAsUser`. */
export async function confirmSession(ctx: Ctx): Promise<void> {
  const { deps, tenant, actor, nowMs } = ctx
  if (ctx.unconfirmed === undefined || actor.kind !== 'user') return
  deps.caches.sessions.delete(actor.sessionId)
  const asked = { tenantId: tenant.id, userId: actor.userId, sessionId: actor.sessionId }
  const session = await findGrant(deps, asked, nowMs, { checkedOnSubmit: true, tokenType: 'sync' })
  ctx.tenant = session.grant.tenant
  ctx.actor = session.grant.actor
  ctx.unconfirmed = undefined
  if ('vouched' in session) ctx.vouched = true
}

const isPush = ({ checkedOnSubmit, tokenType }: EnterOptions): boolean =>
  checkedOnSubmit === true && tokenType === 'sync'

/** What a session allows, by the directory or, for submissions, by its Intake object, which then has vouched for it. */
async function findGrant(
  deps: Deps,
  { tenantId, userId, sessionId }: Pick<VerifiedToken, 'tenantId' | 'userId' | 'sessionId'>,
  nowMs: EpochMs,
  options: EnterOptions,
): Promise<KnownSession | (KnownSession & { vouched: true })> {
  const recall = async (maxAgeMs?: number) => {
    const known = await deps.intake(userIntakeName(userId)).recallSession(sessionId, nowMs, maxAgeMs)
    return known?.grant.tenant.id === tenantId ? { ...known, vouched: true as const } : null
  }
  const known = isPush(options) ? await recall(SESSION_TRUST_MS) : null
  if (known) {
    deps.caches.sessions.set(sessionId, known, nowMs)
    return known
  }
  const read = await reach(deps, 'directory', () => findSession(deps.directory, sessionId))
  if (!read.reached) {
    const stand = options.checkedOnSubmit ? await recall() : null
    if (!stand) throw errors.unavailable(read.cause)
    return stand
  }
  const row = read.value
  if (!row || row.session.userId !== userId || row.session.revokedAtMs !== null) throw errors.tokenInvalid()
  if (row.tenant.id !== tenantId || row.tenant.status !== 'active') throw errors.tokenInvalid()
  if (!row.user.isActive) throw errors.tokenInvalid('User not found')
  const { status: _, ...tenant } = row.tenant
  const actor: UserActor = {
    kind: 'user',
    userId: row.user.id,
    email: row.user.email,
    username: row.user.username,
    syncRole: row.user.syncRole,
    sessionId: row.session.id,
    forcePasswordReset: row.user.forcePasswordReset,
    ...parseRoles(row.roles),
  }
  return { grant: { tenant, actor }, checkedAtMs: nowMs }
}

export interface EnterOptions {
  /**
   * The request ends in `IntakePort.submit`, which checks the credential itself: trust what this isolate remembers of
   * it and save a call. Whoever refuses such a request before that must call `confirmGrant` first.
   */
  checkedOnSubmit?: boolean
  /** Of users: the door that their token must be for; the native API's if absent. */
  tokenType?: TokenType
}

/** A device token. Throws `device_token_invalid` (401), `rate_limited`, `unavailable`. */
export async function enterAsDevice(
  deps: Deps,
  token: string,
  arrival: Arrival,
  options?: EnterOptions,
): Promise<Entry> {
  const credential = readCredential<DeviceId>('device', token)
  if (!credential) throw errors.deviceTokenInvalid()
  return enterWithProof(deps, deviceProof(credential.id, credential.secretHash), arrival, options)
}

/** An API key. Throws `api_key_invalid` (401), `rate_limited`, `unavailable`. */
export async function enterAsKey(deps: Deps, key: string, arrival: Arrival, options?: EnterOptions): Promise<Entry> {
  const credential = readCredential<ApiKeyId>('key', key)
  if (!credential) throw errors.apiKeyInvalid()
  const proof = keyProof(credential.id, credential.secretHash)
  const remembered = deps.caches.grants.get(credential.secretHash, arrival.nowMs)
  if (remembered?.grant.actor.kind === 'key' && remembered.grant.actor.lanes > 1) {
    const lane = deps.randomBytes(1)[0]! % remembered.grant.actor.lanes
    return enterWithProof(deps, keyProof(credential.id, credential.secretHash, lane), arrival, options)
  }
  return enterWithProof(deps, proof, arrival, options)
}

async function enterWithProof(
  deps: Deps,
  proof: CredentialProof,
  arrival: Arrival,
  options: EnterOptions = {},
): Promise<Entry> {
  if (options.checkedOnSubmit) {
    const remembered = deps.caches.grants.get(proof.secretHash, arrival.nowMs)
    if (remembered) {
      const { grant } = remembered
      return { ctx: makeCtx(deps, arrival, grant.tenant, grant.actor, proof, grant.expiresAtMs), rate: null }
    }
  }
  const { grant, rate } = await confirmGrant(deps, proof, arrival)
  return { ctx: makeCtx(deps, arrival, grant.tenant, grant.actor, proof, grant.expiresAtMs), rate }
}

/** Asks the credential's Intake object. Throws the 401 of its kind, `rate_limited` or `unavailable`. */
export async function confirmGrant(
  deps: Deps,
  proof: CredentialProof,
  arrival: Pick<Arrival, 'nowMs' | 'appVersion'>,
): Promise<{ grant: Grant; rate: RateState }> {
  const answer = await deps
    .intake(proof.intakeName)
    .authenticate({ proof, nowMs: arrival.nowMs, appVersion: arrival.appVersion })
  if (answer.ok) {
    rememberGrant(deps, proof, answer.grant, answer.stamp, arrival.nowMs)
    return { grant: answer.grant, rate: answer.rate }
  }
  deps.caches.grants.delete(proof.secretHash)
  throw refusalOf(proof, answer)
}

export function rememberGrant(deps: Deps, proof: CredentialProof, grant: Grant, stamp: string, nowMs: EpochMs): void {
  deps.caches.grants.set(proof.secretHash, { grant, stamp }, nowMs)
}

/** The error for what an Intake object said no to. */
export function refusalOf(
  proof: CredentialProof,
  answer: { code: 'invalid' | 'unavailable' } | { code: 'rate_limited'; retryAfterSeconds: number },
) {
  if (answer.code === 'rate_limited') return errors.rateLimited(answer.retryAfterSeconds)
  if (answer.code === 'unavailable') return errors.unavailable()
  return proof.credential.kind === 'device' ? errors.deviceTokenInvalid() : errors.apiKeyInvalid()
}
