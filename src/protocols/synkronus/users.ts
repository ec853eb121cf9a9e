// The people of the tenant, as the app's admins see them. Both spellings of each path that clients use are served.
// Source: contracts/synkronus.md, section 9.
import { type Context, Hono } from 'hono'
import { parseEmail, parseUsername } from '../../domain/access/names.ts'
import { changePassword } from '../../domain/access/sessions.ts'
import {
  createUser,
  deleteUser,
  findUserNamed,
  listUsers,
  resetPassword,
  type UserAccount,
} from '../../domain/access/users.ts'
import { errors } from '../../domain/errors.ts'
import { clientsByUser, type SyncClient } from '../../domain/sync/clients.ts'
import { isoTime } from '../../lib/iso-time.ts'
import { addressOf, guard } from './auth.ts'
import type { SynkronusEnv } from './env.ts'
import { reply } from './errors.ts'
import { roleOfWire, wireRoleOf } from './map.ts'
import { ChangePassword, NewUser, ResetPassword, readWire } from './wire.ts'

type C = Context<SynkronusEnv>

const nameOf = ({ username, email }: UserAccount): string => username ?? email ?? ''

async function create(c: C): Promise<Response> {
  const { username: name, password, role } = await readWire(c, NewUser)
  const ours = roleOfWire(role)
  if (!ours) throw errors.roleInvalid()
  const email = parseEmail(name)
  const username = email === null ? parseUsername(name) : null
  if (email === null && username === null)
    throw errors.bodyMalformed('A username is an e-mail, or 1 to 100 characters without spaces, @ and /')
  const account = await createUser(c.var.ctx, { email, username, password, ...ours, memberships: [] })
  const createdAt = isoTime(account.createdAtMs)
  return reply(c, { username: nameOf(account), role: wireRoleOf(account), createdAt }, 201)
}

async function remove(c: C): Promise<Response> {
  const { id } = await findUserNamed(c.var.ctx, c.req.param('username') ?? '')
  await deleteUser(c.var.ctx, id)
  return reply(c, { message: 'User deleted successfully' })
}

/** Absent for those whose app was never seen. */
function presenceOf(clients: SyncClient[] | undefined) {
  const [last] = clients ?? []
  if (!clients || !last) return {}
  const seen = clients.map(({ clientId, lastSeenAtMs, dataVersion, appVersion }) => ({
    clientId,
    lastSeenAt: isoTime(lastSeenAtMs),
    lastDataVersion: dataVersion,
    ...(appVersion !== null && { lastOdeVersion: appVersion }),
  }))
  return { presence: { lastSeenAt: isoTime(last.lastSeenAtMs), clientCount: seen.length, clients: seen } }
}

export const users = new Hono<SynkronusEnv>()
  .get('/users', guard('user.read'), async (c) => {
    const accounts = (await listUsers(c.var.ctx)).filter(({ isActive }) => isActive)
    const clients = await clientsByUser(c.var.ctx)
    return reply(
      c,
      accounts.map((account) => ({
        id: account.id,
        username: nameOf(account),
        role: wireRoleOf(account),
        createdAt: isoTime(account.createdAtMs),
        updatedAt: isoTime(account.createdAtMs),
        ...presenceOf(clients.get(account.id)),
      })),
    )
  })
  .post('/users', guard('user.write'), create)
  .post('/users/create', guard('user.write'), create)
  .post('/users/reset-password', guard('user.write'), async (c) => {
    const { username, newPassword } = await readWire(c, ResetPassword)
    const { id } = await findUserNamed(c.var.ctx, username)
    await resetPassword(c.var.ctx, id, newPassword)
    return reply(c, { message: 'Password reset successfully' })
  })
  .post('/users/change-password', guard('self.update'), async (c) => {
    const passwords = await readWire(c, ChangePassword)
    await changePassword(c.var.ctx, { ...passwords, address: addressOf(c) })
    return reply(c, { message: 'Password changed successfully' })
  })
  .delete('/users/delete/:username', guard('user.write'), remove)
  .delete('/users/:username', guard('user.write'), remove)
