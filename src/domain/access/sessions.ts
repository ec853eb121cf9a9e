// Logging in and staying logged in. A bearer session's refresh token never changes (the documented client keeps its
// first one) and slides for 7 days. A cookie session's token rotates on each use; its predecessor gives the same
// successor for a minute (two tabs), and any older one ends the session: somebody has a copy.
import type { SessionId, TenantId, UserId } from '../../lib/ids.ts'
import { sameSecret } from '../../lib/secret.ts'
import { findSession, parseRoles } from '../../storage/access.ts'
import {
  type Account,
  findAccountByEmail,
  insertSession,
  revokeSession,
  revokeSessionsOf,
  rotateSession,
  touchSession,
} from '../../storage/sessions.ts'
import { updatePassword } from '../../storage/users.ts'
import { audit, auditLoginFailure, type OutsideOccasion } from '../audit/audit.ts'
import type { Ctx, Deps, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { signAccessToken } from './access-tokens.ts'
import { forgetCredentials, mintCredential, readCredential } from './credentials.ts'
import { normaliseEmail } from './names.ts'
import { hashPassword, MIN_PASSWORD_CHARACTERS, verifyPassword } from './passwords.ts'
import { takeGuess } from './rate-limits.ts'
import type { Role } from './roles.ts'
import { firstToken, successorsOf, wasIssued } from './rotating-tokens.ts'

export const REFRESH_TOKEN_MS = 7 * 24 * 3_600_000
const ROTATION_GRACE_MS = 60_000

export interface TokenPair {
  accessToken: string
  refreshToken: string
  forcePasswordReset: boolean
}

export interface LoginInput {
  email: string
  password: string
  kind: 'bearer' | 'cookie'
  address: string
  userAgent: string
  /** For the audit log, should the password be wrong. */
  occasion: OutsideOccasion
}

/** Throws `credentials_invalid` (401), the same for unknown accounts, wrong passwords and inactive users; `rate_limited`. */
export async function logIn(deps: Deps, input: LoginInput): Promise<TokenPair> {
  const nowMs = deps.clock()
  const email = normaliseEmail(input.email)
  await takeGuess(deps, [`login:${email}`, `login-from:${input.address}`], nowMs)
  const account = await findAccountByEmail(deps.directory, email)
  const { user } = await checkPassword(deps, account, input)
  const { id, refreshToken, role } = await openSession(deps, user, input, nowMs)
  const claims = { userId: user.id, tenantId: user.tenantId, sessionId: id, role }
  const accessToken = await signAccessToken(deps.config, claims, nowMs)
  return { accessToken, refreshToken, forcePasswordReset: user.forcePasswordReset }
}

/** The account, if the password is its own and it may log in. Throws `credentials_invalid`. */
export async function checkPassword(
  deps: Deps,
  account: Account | undefined,
  { password, address, occasion }: Pick<LoginInput, 'password' | 'address' | 'occasion'>,
): Promise<Account> {
  // An unknown account costs as much time as a known one.
  const matches = await verifyPassword(password, account?.user.passwordHash ?? (await decoyHash(deps)))
  if (account && matches && account.user.isActive && account.tenant.status === 'active') return account
  if (account) auditLoginFailure(deps, account.tenant, occasion, { userId: account.user.id, address, how: 'login' })
  throw errors.credentialsInvalid()
}

/** Throws `credentials_invalid` when the user has gone meanwhile. */
export async function openSession(
  deps: Deps,
  user: Account['user'],
  { kind, userAgent }: Pick<LoginInput, 'kind' | 'userAgent'>,
  nowMs: EpochMs,
): Promise<{ id: SessionId; refreshToken: string; role: Role }> {
  const id = deps.newId<SessionId>()
  const { token, secretHash } = kind === 'cookie' ? firstToken(deps, id) : mintCredential(deps, 'refresh', id)
  await insertSession(
    deps.directory,
    {
      id,
      userId: user.id,
      tenantId: user.tenantId,
      kind,
      refreshHash: secretHash,
      userAgent: userAgent.slice(0, 300),
      createdAtMs: nowMs,
      lastUsedAtMs: nowMs,
      expiresAtMs: nowMs + REFRESH_TOKEN_MS,
    },
    nowMs,
  )
  const row = await findSession(deps.directory, id)
  if (!row) throw errors.credentialsInvalid()
  return { id, refreshToken: token, role: parseRoles(row.roles).role }
}

/** The session that a refresh token stands for. Throws `token_invalid` also for ended ones, inactive users, suspended
 *  tenants. Whether its secret is right is not looked at. */
export async function findRefreshed(deps: Deps, refreshToken: string, nowMs: EpochMs) {
  const credential = readCredential<SessionId>('refresh', refreshToken)
  if (!credential) throw errors.tokenInvalid()
  const row = await findSession(deps.directory, credential.id)
  if (!row || row.session.revokedAtMs !== null || row.session.expiresAtMs <= nowMs) throw errors.tokenInvalid()
  if (!row.user.isActive || row.tenant.status !== 'active') throw errors.tokenInvalid()
  return { ...row, secretHash: credential.secretHash }
}

/** A bearer session goes on with the token it has. Throws `token_invalid`. */
export async function slideSession(
  deps: Deps,
  { session, secretHash }: Pick<Awaited<ReturnType<typeof findRefreshed>>, 'session' | 'secretHash'>,
  nowMs: EpochMs,
): Promise<void> {
  if (!sameSecret(session.refreshHash, secretHash)) throw errors.tokenInvalid()
  await touchSession(deps.directory, session.id, nowMs, nowMs + REFRESH_TOKEN_MS)
}

/** Throws `token_invalid` (401). The refresh token in the answer is the one that came, except in cookie sessions. */
export async function refresh(deps: Deps, refreshToken: string): Promise<TokenPair> {
  const nowMs = deps.clock()
  const row = await findRefreshed(deps, refreshToken, nowMs)
  const { session } = row
  let next = refreshToken
  if (session.kind === 'cookie') next = await rotate(deps, session, row.secretHash, refreshToken, nowMs)
  else await slideSession(deps, row, nowMs)
  const { role } = parseRoles(row.roles)
  const claims = { userId: row.user.id, tenantId: row.tenant.id, sessionId: session.id, role }
  return {
    accessToken: await signAccessToken(deps.config, claims, nowMs),
    refreshToken: next,
    forcePasswordReset: row.user.forcePasswordReset,
  }
}

interface CookieSession {
  id: SessionId
  userId: UserId
  tenantId: TenantId
  refreshHash: string
  previousHash: string | null
  rotatedAtMs: number | null
}

async function rotate(
  deps: Deps,
  session: CookieSession,
  presentedHash: string,
  presented: string,
  nowMs: EpochMs,
): Promise<string> {
  const successors = successorsOf(deps.config, session.id, presented)
  if (sameSecret(session.refreshHash, presentedHash)) {
    const [next] = successors
    const rotated = { refreshHash: next.secretHash, atMs: nowMs, expiresAtMs: nowMs + REFRESH_TOKEN_MS }
    await rotateSession(deps.directory, session.id, presentedHash, rotated)
    return next.token
  }
  const isPrevious = session.previousHash !== null && sameSecret(session.previousHash, presentedHash)
  if (nowMs - (session.rotatedAtMs ?? 0) <= ROTATION_GRACE_MS) {
    const given = isPrevious && successors.find(({ secretHash }) => sameSecret(secretHash, session.refreshHash))
    if (given) return given.token
  } else if (isPrevious || wasIssued(deps.config, session.id, presented)) {
    await revokeSession(deps.directory, session.id, nowMs)
    await forgetCredentials(deps, session.tenantId, [{ kind: 'user', id: session.userId }])
  }
  throw errors.tokenInvalid()
}

/** Ends the session whose access token came with the request: both of its tokens are dead at once. */
export async function logOut(ctx: Ctx): Promise<void> {
  if (ctx.actor.kind !== 'user') throw errors.notAuthenticated()
  await revokeSession(ctx.deps.directory, ctx.actor.sessionId, ctx.nowMs)
  await forgetCredentials(ctx.deps, ctx.tenant.id, [{ kind: 'user', id: ctx.actor.userId }])
}

export interface ChangePasswordInput {
  currentPassword: string
  newPassword: string
  address: string
}

/** Ends every other session of the user. Throws `password_wrong` (400), `password_too_short` (422). */
export async function changePassword(ctx: Ctx, input: ChangePasswordInput): Promise<void> {
  const { deps, actor } = ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  await takeGuess(deps, [`password:${actor.userId}`], ctx.nowMs)
  const row = await findSession(deps.directory, actor.sessionId)
  if (!row || !(await verifyPassword(input.currentPassword, row.user.passwordHash))) {
    const { userId } = actor
    auditLoginFailure(deps, ctx.tenant, ctx, { userId, address: input.address, how: 'change-password' })
    throw errors.passwordWrong()
  }
  const passwordHash = await newPasswordHash(deps, input.newPassword, 'new_password')
  await updatePassword(deps.directory, actor.userId, { passwordHash, forcePasswordReset: false })
  await endSessions(ctx, actor.userId, actor.sessionId)
  await audit(ctx, { action: 'user.password_changed', subjectKind: 'user', subjectId: actor.userId })
}

export async function endSessions(ctx: Ctx, userId: UserId, except?: SessionId): Promise<void> {
  await revokeSessionsOf(ctx.deps.directory, userId, ctx.nowMs, except)
  await forgetCredentials(ctx.deps, ctx.tenant.id, [{ kind: 'user', id: userId }])
}

/** Throws `password_too_short` (422), naming `field` as the place in the body. */
export async function newPasswordHash(deps: Deps, password: string, field = 'password'): Promise<string> {
  if (password.length < MIN_PASSWORD_CHARACTERS) throw errors.passwordTooShort(field)
  return hashPassword(password, deps.randomBytes(16), deps.config.scryptLog2N)
}

let decoy: Promise<string> | undefined

const decoyHash = (deps: Deps): Promise<string> => {
  decoy ??= hashPassword('nobody has this password', deps.randomBytes(16), deps.config.scryptLog2N)
  return decoy
}
