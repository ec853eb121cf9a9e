// Directory queries on users and their memberships. Whether a change may be made is the domain's question, with one
// exception: that a tenant keeps an active admin is part of the statements, because only there no race can undo it.
import { and, asc, eq, sql } from 'drizzle-orm'
import type { ProjectId, TenantId, UserId } from '../lib/ids.ts'
import { uniqueFaultOf } from './d1-errors.ts'
import type { Directory } from './directory.ts'
import { memberships, type Role, type SyncRole, users } from './directory-tables.ts'

export interface ProjectMembership {
  projectId: ProjectId
  role: Role
}

const userColumns = {
  id: users.id,
  tenantId: users.tenantId,
  email: users.email,
  username: users.username,
  syncRole: users.syncRole,
  isActive: users.isActive,
  forcePasswordReset: users.forcePasswordReset,
  createdAtMs: users.createdAtMs,
  lastLoginAtMs: users.lastLoginAtMs,
  /** JSON object: project id ('' = the tenant itself) -> role; `parseRoles` (access.ts) reads it. */
  roles: sql<string>`(SELECT json_group_object(m.project_id, m.role) FROM ${memberships} m WHERE m.user_id = ${users.id})`,
}

/** Everybody of the tenant, deactivated users too, oldest first. */
export async function listUsers(directory: Directory, tenantId: TenantId) {
  return directory
    .select(userColumns)
    .from(users)
    .where(eq(users.tenantId, tenantId))
    .orderBy(asc(users.createdAtMs), asc(users.id))
}

export async function findUser(directory: Directory, tenantId: TenantId, userId: UserId) {
  return directory
    .select(userColumns)
    .from(users)
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)))
    .get()
}

/** The account with this e-mail or username. */
export async function findUserByName(
  directory: Directory,
  tenantId: TenantId,
  { email, username }: { email: string | null; username: string | null },
) {
  const name = email === null ? eq(users.username, sql`${username}`) : eq(users.email, email)
  return directory
    .select(userColumns)
    .from(users)
    .where(and(eq(users.tenantId, tenantId), name))
    .get()
}

export interface NewUser {
  id: UserId
  tenantId: TenantId
  email: string | null
  username: string | null
  passwordHash: string
  forcePasswordReset: boolean
  createdAtMs: number
  role: Role
  syncRole: SyncRole | null
  memberships: ProjectMembership[]
}

const INSERT_MEMBERSHIPS = `INSERT INTO memberships (user_id, project_id, tenant_id, role)
  SELECT ?1, value ->> 0, ?2, value ->> 1 FROM json_each(?3) WHERE true`

const pairsOf = (list: { projectId: string; role: Role }[]): string =>
  JSON.stringify(list.map(({ projectId, role }) => [projectId, role]))

/** Stores a user with all memberships, or says which of their names somebody else has. */
export async function insertUser(
  { $client: d1 }: Directory,
  user: NewUser,
): Promise<'stored' | 'email_taken' | 'username_taken'> {
  const all = [{ projectId: '', role: user.role }, ...user.memberships]
  try {
    await d1.batch([
      d1
        .prepare(
          `INSERT INTO users (id, tenant_id, email, username, password_hash, force_password_reset, created_at_ms,
             sync_role) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
        )
        .bind(
          user.id,
          user.tenantId,
          user.email,
          user.username,
          user.passwordHash,
          user.forcePasswordReset ? 1 : 0,
          user.createdAtMs,
          user.syncRole,
        ),
      d1.prepare(INSERT_MEMBERSHIPS).bind(user.id, user.tenantId, pairsOf(all)),
    ])
    return 'stored'
  } catch (error) {
    const columns = uniqueFaultOf(error)
    if (columns?.includes('users.email')) return 'email_taken'
    if (columns?.includes('users.username')) return 'username_taken'
    throw error
  }
}

export interface UserChange {
  role?: Role
  isActive?: boolean
  /** Replaces the roles in projects. */
  memberships?: ProjectMembership[]
  /** Appends `~<id>` to e-mail and username, so that somebody else can have them. */
  freesNames?: true
}

/**
 * Applies all of the change, and ends the user's sessions when it deactivates them. False, with nothing changed, when
 * the tenant would be left without an active admin.
 */
export async function updateUser(
  { $client: d1 }: Directory,
  tenantId: TenantId,
  userId: UserId,
  change: UserChange,
  atMs: number,
): Promise<boolean> {
  const mayCostAnAdmin = change.isActive === false || (change.role !== undefined && change.role !== 'admin')
  // True or false for all statements alike: none of them touches another user.
  const allowed = mayCostAnAdmin
    ? `EXISTS (SELECT 1 FROM users u JOIN memberships m ON m.user_id = u.id AND m.project_id = ''
               WHERE u.tenant_id = ?2 AND u.id <> ?1 AND u.is_active = 1 AND m.role = 'admin')`
    : 'true'
  const active = change.isActive === undefined ? null : Number(change.isActive)
  const statements = [
    d1
      .prepare(
        `UPDATE users SET is_active = coalesce(?3, is_active) WHERE id = ?1 AND tenant_id = ?2 AND ${allowed}
         RETURNING id`,
      )
      .bind(userId, tenantId, active),
  ]
  if (change.role !== undefined)
    statements.push(
      d1
        .prepare(
          `INSERT INTO memberships (user_id, project_id, tenant_id, role) SELECT ?1, '', ?2, ?3 WHERE ${allowed}
           ON CONFLICT (user_id, project_id) DO UPDATE SET role = excluded.role`,
        )
        .bind(userId, tenantId, change.role),
    )
  if (change.memberships)
    statements.push(
      d1
        .prepare(`DELETE FROM memberships WHERE user_id = ?1 AND tenant_id = ?2 AND project_id <> '' AND ${allowed}`)
        .bind(userId, tenantId),
      d1.prepare(`${INSERT_MEMBERSHIPS} AND ${allowed}`).bind(userId, tenantId, pairsOf(change.memberships)),
    )
  if (change.freesNames)
    statements.push(
      d1
        .prepare(
          `UPDATE users SET email = email || '~' || id, username = username || '~' || id
           WHERE id = ?1 AND tenant_id = ?2 AND ${allowed}`,
        )
        .bind(userId, tenantId),
    )
  if (change.isActive === false)
    statements.push(
      d1
        .prepare(
          `UPDATE sessions SET revoked_at_ms = ?3
           WHERE user_id = ?1 AND tenant_id = ?2 AND revoked_at_ms IS NULL AND ${allowed}`,
        )
        .bind(userId, tenantId, atMs),
    )
  const [first] = await d1.batch(statements)
  return (first?.results.length ?? 0) > 0
}

export async function updatePassword(
  directory: Directory,
  userId: UserId,
  change: { passwordHash: string; forcePasswordReset: boolean },
): Promise<void> {
  await directory.update(users).set(change).where(eq(users.id, userId))
}
