// The people of a tenant: who they are, what they may, whether they may at all. Changes hold from the moment the answer
// is given: roles are read on each request of a session, and the Intake objects of the user's devices are told to forget.
// Source: contracts/native.md, section 17; changing, reactivating and resetting are ours.
import type { ProjectId, UserId } from '../../lib/ids.ts'
import { listLiveDevicesOfUser, parseRoles } from '../../storage/access.ts'
import { ROLES, type Role, type SyncRole } from '../../storage/directory-tables.ts'
import { allProjectsExist } from '../../storage/project-ids.ts'
import {
  findUser,
  findUserByName,
  insertUser,
  listUsers as listUserRows,
  type ProjectMembership,
  type UserChange,
  updatePassword,
  updateUser,
} from '../../storage/users.ts'
import { type Act, audit } from '../audit/audit.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { authorize } from './authorize.ts'
import { forgetCredentials } from './credentials.ts'
import { parseEmail, parseUsername } from './names.ts'
import { endSessions, newPasswordHash } from './sessions.ts'

export interface UserAccount {
  id: UserId
  tenantId: string
  email: string | null
  username: string | null
  role: Role
  syncRole: SyncRole | null
  memberships: ProjectMembership[]
  isActive: boolean
  forcePasswordReset: boolean
  createdAtMs: EpochMs
  lastLoginAtMs: EpochMs | null
}

type UserRow = NonNullable<Awaited<ReturnType<typeof findUser>>>

function accountOf({ roles, ...row }: UserRow): UserAccount {
  const { role, projectRoles } = parseRoles(roles)
  const memberships = (Object.keys(projectRoles) as ProjectId[])
    .sort()
    .map((projectId) => ({ projectId, role: projectRoles[projectId]! }))
  return { ...row, role, memberships }
}

/** Throws `role_invalid` (400). */
function readRole(text: string): Role {
  const role = ROLES.find((known) => known === text)
  if (!role) throw errors.roleInvalid()
  return role
}

export interface MembershipInput {
  projectId: ProjectId
  role: string
}

/** Throws `role_invalid` (400), `project_not_found` (404). The last of two roles in one project counts. */
async function readMemberships(ctx: Ctx, given: MembershipInput[]): Promise<ProjectMembership[]> {
  const roles = new Map(given.map(({ projectId, role }) => [projectId, readRole(role)]))
  if (!(await allProjectsExist(ctx.db, [...roles.keys()]))) throw errors.projectNotFound()
  return [...roles].map(([projectId, role]) => ({ projectId, role }))
}

/** Role by project id, for the audit log. */
const membershipDetails = (memberships: ProjectMembership[]): Record<string, Role> =>
  Object.fromEntries(memberships.map(({ projectId, role }) => [projectId, role]))

/** Throws `user_not_found` (404), also for users of other tenants. */
async function findAccount(ctx: Ctx, userId: UserId): Promise<UserAccount> {
  const row = await findUser(ctx.deps.directory, ctx.tenant.id, userId)
  if (!row) throw errors.userNotFound()
  return accountOf(row)
}

/** Everybody, deactivated users too, oldest first. */
export async function listUsers(ctx: Ctx): Promise<UserAccount[]> {
  authorize(ctx, 'user.read')
  return (await listUserRows(ctx.deps.directory, ctx.tenant.id)).map(accountOf)
}

export interface CreateUserInput {
  /** Normalised (names.ts). One of e-mail and username is there. */
  email: string | null
  username: string | null
  password: string
  role: string
  /** For a field worker who uses a sync app. */
  syncRole?: SyncRole | null
  memberships: MembershipInput[]
}

/** The user is asked to choose a new password. Throws `role_invalid` (400), `project_not_found` (404),
 *  `email_taken`, `username_taken` (409), `password_too_short` (422). */
export async function createUser(ctx: Ctx, input: CreateUserInput): Promise<UserAccount> {
  authorize(ctx, 'user.write')
  const { deps } = ctx
  const role = readRole(input.role)
  const memberships = await readMemberships(ctx, input.memberships)
  const id = deps.newId<UserId>()
  const stored = await insertUser(deps.directory, {
    id,
    tenantId: ctx.tenant.id,
    email: input.email,
    username: input.username,
    passwordHash: await newPasswordHash(deps, input.password),
    forcePasswordReset: true,
    createdAtMs: ctx.nowMs,
    role,
    syncRole: input.syncRole ?? null,
    memberships,
  })
  if (stored === 'email_taken') throw errors.emailTaken()
  if (stored === 'username_taken') throw errors.usernameTaken()
  const { email, username } = input
  const details: Act['details'] = { email, username, role, memberships: membershipDetails(memberships) }
  if (input.syncRole) details.sync_role = input.syncRole
  await audit(ctx, { action: 'user.created', subjectKind: 'user', subjectId: id, details })
  return findAccount(ctx, id)
}

export interface ChangeUserInput {
  role?: string
  isActive?: boolean
  /** Replaces all roles in projects. */
  memberships?: MembershipInput[]
}

/** Throws `cannot_deactivate_self`, `role_invalid` (400), `user_not_found`, `project_not_found` (404), `last_admin` (409). */
export async function changeUser(ctx: Ctx, userId: UserId, input: ChangeUserInput): Promise<UserAccount> {
  authorize(ctx, 'user.write')
  const before = await findAccount(ctx, userId)
  const change: UserChange = { isActive: input.isActive }
  if (input.role !== undefined) change.role = readRole(input.role)
  if (input.memberships) change.memberships = await readMemberships(ctx, input.memberships)
  const demotesItself = change.role !== undefined && change.role !== before.role && isSelf(ctx, userId)
  if (demotesItself) throw errors.cannotDeactivateSelf()
  await applyChange(ctx, userId, change)
  const { role, isActive, memberships } = change
  const details = {
    ...(role === undefined ? {} : { role, role_before: before.role }),
    ...(isActive === undefined ? {} : { is_active: isActive }),
    ...(memberships ? { memberships: membershipDetails(memberships) } : {}),
  }
  const action = isActive === false && before.isActive ? 'user.deactivated' : 'user.changed'
  await audit(ctx, { action, subjectKind: 'user', subjectId: userId, details })
  return findAccount(ctx, userId)
}

/** Holds from the moment it returns. Throws `last_admin`, `cannot_deactivate_self`. */
async function applyChange(ctx: Ctx, userId: UserId, change: UserChange): Promise<void> {
  const { deps } = ctx
  if (isSelf(ctx, userId) && change.isActive === false) throw errors.cannotDeactivateSelf()
  if (!(await updateUser(deps.directory, ctx.tenant.id, userId, change, ctx.nowMs))) throw errors.lastAdmin()
  const devices = await listLiveDevicesOfUser(deps.directory, userId)
  await forgetCredentials(deps, ctx.tenant.id, [
    { kind: 'user', id: userId },
    ...devices.map(({ id }) => ({ kind: 'device' as const, id })),
  ])
}

/** The user stays in the list, inactive, and keeps the e-mail. Throws as `changeUser`. */
export async function deactivateUser(ctx: Ctx, userId: UserId): Promise<void> {
  await changeUser(ctx, userId, { isActive: false })
}

/** Somebody of the tenant who can log in under this name. Throws `user_not_found` (404). */
export async function findUserNamed(ctx: Ctx, name: string): Promise<UserAccount> {
  authorize(ctx, 'user.read')
  const names = { email: parseEmail(name), username: parseUsername(name) }
  const row = await findUserByName(ctx.deps.directory, ctx.tenant.id, names)
  if (!row?.isActive) throw errors.userNotFound()
  return accountOf(row)
}

/** Deactivated, and its names are free for somebody else; what it has sent stays. Throws as `changeUser`. */
export async function deleteUser(ctx: Ctx, userId: UserId): Promise<void> {
  authorize(ctx, 'user.write')
  const { email, username } = await findAccount(ctx, userId)
  await applyChange(ctx, userId, { isActive: false, freesNames: true })
  await audit(ctx, { action: 'user.deleted', subjectKind: 'user', subjectId: userId, details: { email, username } })
}

/** An admin chooses the password; the user chooses another after the next login, and is logged out everywhere.
 *  Throws `user_not_found` (404), `password_too_short` (422), `forbidden` (403) for the own account. */
export async function resetPassword(ctx: Ctx, userId: UserId, password: string): Promise<UserAccount> {
  authorize(ctx, 'user.write')
  await findAccount(ctx, userId)
  // The own one takes the current password: an access token alone must not be enough to keep an account.
  if (isSelf(ctx, userId)) throw errors.forbidden('Change your own password with /auth/change-password')
  const passwordHash = await newPasswordHash(ctx.deps, password)
  await updatePassword(ctx.deps.directory, userId, { passwordHash, forcePasswordReset: true })
  await endSessions(ctx, userId)
  await audit(ctx, { action: 'user.password_reset', subjectKind: 'user', subjectId: userId })
  return findAccount(ctx, userId)
}

const isSelf = (ctx: Ctx, userId: UserId): boolean => ctx.actor.kind === 'user' && ctx.actor.userId === userId
