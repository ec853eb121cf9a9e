// Where people are logged in, and ending that: for oneself, and for an admin.
import type { SessionId, UserId } from '../../lib/ids.ts'
import { listSessionsOf, revokeSessionOf, type SessionRow } from '../../storage/sessions.ts'
import { findUser } from '../../storage/users.ts'
import { audit } from '../audit/audit.ts'
import type { Ctx, UserActor } from '../context.ts'
import { errors } from '../errors.ts'
import { authorize } from './authorize.ts'
import { forgetCredentials } from './credentials.ts'
import { endSessions } from './sessions.ts'

function self(ctx: Ctx): UserActor {
  if (ctx.actor.kind !== 'user') throw errors.notAuthenticated()
  return ctx.actor
}

/** The caller's live sessions, newest first. */
export async function listOwnSessions(ctx: Ctx): Promise<SessionRow[]> {
  return listSessionsOf(ctx.deps.directory, self(ctx).userId, ctx.nowMs)
}

/** Throws `session_not_found` (404). */
export async function endOwnSession(ctx: Ctx, sessionId: SessionId): Promise<void> {
  const { userId } = self(ctx)
  if (!(await revokeSessionOf(ctx.deps.directory, userId, sessionId, ctx.nowMs))) throw errors.sessionNotFound()
  await forgetCredentials(ctx.deps, ctx.tenant.id, [{ kind: 'user', id: userId }])
}

/** Ends all sessions of the caller, this one too. Paired devices stay paired. */
export async function logOutEverywhere(ctx: Ctx): Promise<void> {
  await endSessions(ctx, self(ctx).userId)
}

/** Live sessions of a user of the tenant, newest first. Throws `user_not_found` (404). */
export async function listSessionsOfUser(ctx: Ctx, userId: UserId): Promise<SessionRow[]> {
  authorize(ctx, 'user.read')
  await requireUser(ctx, userId)
  return listSessionsOf(ctx.deps.directory, userId, ctx.nowMs)
}

/** Throws `user_not_found`, `session_not_found` (404). */
export async function endSessionOfUser(ctx: Ctx, userId: UserId, sessionId: SessionId): Promise<void> {
  authorize(ctx, 'user.write')
  await requireUser(ctx, userId)
  if (!(await revokeSessionOf(ctx.deps.directory, userId, sessionId, ctx.nowMs))) throw errors.sessionNotFound()
  await forgetCredentials(ctx.deps, ctx.tenant.id, [{ kind: 'user', id: userId }])
  const details = { session_id: sessionId }
  await audit(ctx, { action: 'user.session_ended', subjectKind: 'user', subjectId: userId, details })
}

async function requireUser(ctx: Ctx, userId: UserId): Promise<void> {
  if (!(await findUser(ctx.deps.directory, ctx.tenant.id, userId))) throw errors.userNotFound()
}
