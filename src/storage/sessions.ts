// Directory queries on users' sessions.
import { and, desc, eq, gt, isNull, lt, ne, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../lib/ids.ts'
import type { Directory } from './directory.ts'
import { sessions, tenants, users } from './directory-tables.ts'

export type SessionRow = typeof sessions.$inferSelect
export type NewSession = typeof sessions.$inferInsert

const accounts = (directory: Directory) =>
  directory
    .select({
      user: users,
      tenant: { id: tenants.id, slug: tenants.slug, shard: tenants.shard, status: tenants.status },
    })
    .from(users)
    .innerJoin(tenants, eq(tenants.id, users.tenantId))

/** Somebody who may log in, with their tenant. */
export type Account = NonNullable<Awaited<ReturnType<typeof findAccountByEmail>>>

/** The account that an e-mail logs in to, whatever its state. */
export async function findAccountByEmail(directory: Directory, email: string) {
  return accounts(directory).where(eq(users.email, email)).get()
}

/** The account that a username logs in to in this tenant, whatever its state. */
export async function findAccountByUsername(directory: Directory, tenantSlug: string, username: string) {
  return accounts(directory)
    .where(and(eq(tenants.slug, tenantSlug), eq(users.username, username)))
    .get()
}

export async function insertSession(directory: Directory, session: NewSession, atMs: number): Promise<void> {
  await directory.batch([
    directory.insert(sessions).values(session),
    directory.update(users).set({ lastLoginAtMs: atMs }).where(eq(users.id, session.userId)),
  ])
}

/** Slides the expiry. */
export async function touchSession(directory: Directory, id: SessionId, atMs: number, expiresAtMs: number) {
  await directory.update(sessions).set({ lastUsedAtMs: atMs, expiresAtMs }).where(eq(sessions.id, id))
}

/** Replaces a cookie session's secret if it still is `currentHash`; false when somebody else was faster. */
export async function rotateSession(
  directory: Directory,
  id: SessionId,
  currentHash: string,
  next: { refreshHash: string; atMs: number; expiresAtMs: number },
): Promise<boolean> {
  const rows = await directory
    .update(sessions)
    .set({
      refreshHash: next.refreshHash,
      previousHash: currentHash,
      rotatedAtMs: next.atMs,
      lastUsedAtMs: next.atMs,
      expiresAtMs: next.expiresAtMs,
    })
    .where(and(eq(sessions.id, id), eq(sessions.refreshHash, currentHash), isNull(sessions.revokedAtMs)))
    .returning({ id: sessions.id })
  return rows.length > 0
}

export async function revokeSession(directory: Directory, id: SessionId, atMs: number): Promise<void> {
  await directory
    .update(sessions)
    .set({ revokedAtMs: sql`coalesce(${sessions.revokedAtMs}, ${atMs})` })
    .where(eq(sessions.id, id))
}

/** Ends one session of this user; false when the user has no such live session. */
export async function revokeSessionOf(directory: Directory, userId: UserId, id: SessionId, atMs: number) {
  const rows = await directory
    .update(sessions)
    .set({ revokedAtMs: atMs })
    .where(
      and(
        eq(sessions.id, id),
        eq(sessions.userId, userId),
        isNull(sessions.revokedAtMs),
        gt(sessions.expiresAtMs, atMs),
      ),
    )
    .returning({ id: sessions.id })
  return rows.length > 0
}

/** Ends every session of a user, except perhaps one. */
export async function revokeSessionsOf(directory: Directory, userId: UserId, atMs: number, except?: SessionId) {
  await directory
    .update(sessions)
    .set({ revokedAtMs: atMs })
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAtMs), except ? ne(sessions.id, except) : undefined))
}

/** Live sessions, newest first. */
export async function listSessionsOf(directory: Directory, userId: UserId, nowMs: number): Promise<SessionRow[]> {
  return directory
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), isNull(sessions.revokedAtMs), gt(sessions.expiresAtMs, nowMs)))
    .orderBy(desc(sessions.createdAtMs))
}

/** Sweep: rows of sessions that ended before `beforeMs`. */
export async function deleteEndedSessions(directory: Directory, beforeMs: number): Promise<void> {
  await directory.delete(sessions).where(lt(sessions.expiresAtMs, beforeMs))
}
