// Sessions of sync apps: logged in by username or e-mail, with access tokens that last a day in the field. They are the
// same sessions as any other: listed, revoked and ended with the user. Their refresh token never changes, because an app
// that lost the answer with its successor would be locked out where nobody can log in again.
import type { SessionId, TenantId, UserId } from '../../lib/ids.ts'
import { parseRoles } from '../../storage/access.ts'
import type { Role, SyncRole } from '../../storage/directory-tables.ts'
import { findAccountByEmail, findAccountByUsername } from '../../storage/sessions.ts'
import type { OutsideOccasion } from '../audit/audit.ts'
import type { Deps, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { DEFAULT_TENANT_SLUG } from '../tenants/bootstrap.ts'
import { SYNC_TOKEN_SECONDS, signSyncToken } from './access-tokens.ts'
import { normaliseEmail } from './names.ts'
import { takeGuess } from './rate-limits.ts'
import { checkPassword, findRefreshed, openSession, slideSession } from './sessions.ts'

/** Apps that may be behind one router: one who guesses there does not lock out the others. */
const TEAM = 10

/** Whose session it is. */
export interface SyncIdentity {
  userId: UserId
  /** What the user is called: the username, or else the e-mail. */
  name: string
  role: Role
  syncRole: SyncRole | null
}

export interface SyncTokens {
  accessToken: string
  refreshToken: string
  expiresAtMs: EpochMs
}

/** The claims that the app reads in its token. */
type ShownClaims = (identity: SyncIdentity) => Record<string, string>

export interface SyncLoginInput {
  /** Username or e-mail. */
  name: string
  password: string
  /** The tenant that the address names; null: e-mails of all tenants, usernames of the default one. */
  tenantSlug: string | null
  address: string
  userAgent: string
  occasion: OutsideOccasion
}

/** Throws `credentials_invalid` (401), `rate_limited`. */
export async function logInToSync(deps: Deps, input: SyncLoginInput, shown: ShownClaims): Promise<SyncTokens> {
  const nowMs = deps.clock()
  const { tenantSlug, address } = input
  const isEmail = input.name.includes('@')
  const name = isEmail ? normaliseEmail(input.name) : input.name.trim()
  const place = tenantSlug ?? DEFAULT_TENANT_SLUG
  await takeGuess(deps, [`login:${isEmail ? '' : `${place}/`}${name}`], nowMs)
  await takeGuess(deps, [`sync-login-from:${address}`], nowMs, TEAM)
  const named = isEmail
    ? await findAccountByEmail(deps.directory, name)
    : await findAccountByUsername(deps.directory, place, name)
  const elsewhere = named && tenantSlug !== null && named.tenant.slug !== tenantSlug
  const { user } = await checkPassword(deps, elsewhere ? undefined : named, input)
  const session = await openSession(deps, user, { kind: 'bearer', userAgent: input.userAgent }, nowMs)
  const claims = { userId: user.id, tenantId: user.tenantId, sessionId: session.id }
  const identity = {
    userId: user.id,
    name: user.username ?? user.email ?? '',
    role: session.role,
    syncRole: user.syncRole,
  }
  return tokensOf(deps, claims, shown(identity), session.refreshToken, nowMs)
}

/** Throws `token_invalid` (401). Names and roles in the new token are those of now. */
export async function refreshSync(
  deps: Deps,
  { refreshToken, tenantSlug }: { refreshToken: string; tenantSlug: string | null },
  shown: ShownClaims,
): Promise<SyncTokens> {
  const nowMs = deps.clock()
  const found = await findRefreshed(deps, refreshToken, nowMs)
  const { session, user, tenant, roles } = found
  if (session.kind !== 'bearer' || (tenantSlug !== null && tenant.slug !== tenantSlug)) throw errors.tokenInvalid()
  await slideSession(deps, found, nowMs)
  const claims = { userId: user.id, tenantId: tenant.id, sessionId: session.id }
  const { role } = parseRoles(roles)
  const identity = { userId: user.id, name: user.username ?? user.email ?? '', role, syncRole: user.syncRole }
  return tokensOf(deps, claims, shown(identity), refreshToken, nowMs)
}

async function tokensOf(
  deps: Deps,
  claims: { userId: UserId; tenantId: TenantId; sessionId: SessionId },
  shown: Record<string, string>,
  refreshToken: string,
  nowMs: EpochMs,
): Promise<SyncTokens> {
  const accessToken = await signSyncToken(deps.config, claims, shown, nowMs)
  return { accessToken, refreshToken, expiresAtMs: nowMs + SYNC_TOKEN_SECONDS * 1000 }
}
