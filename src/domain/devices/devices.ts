// Paired devices: listed, renamed, handed over, revoked. Field workers deal with their own, managers with all.
// Source: contracts/native.md, section 16; handing over is ours.

import type { DeviceId, UserId } from '../../lib/ids.ts'
import { parseRoles } from '../../storage/access.ts'
import {
  findDevice,
  listDevices as listDeviceRows,
  revokeDevice as revokeDeviceRow,
  updateDevice,
} from '../../storage/devices.ts'
import { findUser } from '../../storage/users.ts'
import { atLeast, authorize } from '../access/authorize.ts'
import { forgetCredentials } from '../access/credentials.ts'
import type { Verb } from '../access/permissions.ts'
import { audit } from '../audit/audit.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'

export interface Device {
  id: DeviceId
  label: string | null
  userId: UserId
  userEmail: string | null
  mode: 'live' | 'test'
  hardwareId: string | null
  appVersion: string | null
  createdAtMs: EpochMs
  lastUsedAtMs: EpochMs | null
}

type DeviceRow = NonNullable<Awaited<ReturnType<typeof findDevice>>>

const deviceOf = ({ device, userEmail }: DeviceRow): Device => ({
  id: device.id,
  label: device.label,
  userId: device.userId,
  userEmail,
  mode: device.mode,
  hardwareId: device.hardwareId,
  appVersion: device.appVersion,
  createdAtMs: device.createdAtMs,
  lastUsedAtMs: device.lastUsedAtMs,
})

export const seesAllDevices = (ctx: Ctx): boolean => ctx.actor.kind === 'user' && atLeast(ctx.actor.role, 'manager')

/** Devices that are not revoked, newest first. */
export async function listDevices(ctx: Ctx): Promise<Device[]> {
  authorize(ctx, 'device.read')
  if (ctx.actor.kind !== 'user') throw errors.notAuthenticated()
  const owner = seesAllDevices(ctx) ? undefined : ctx.actor.userId
  return (await listDeviceRows(ctx.deps.directory, ctx.tenant.id, owner)).map(deviceOf)
}

export interface ChangeDeviceInput {
  label?: string | null
  /** The user that the device acts for from now on. */
  userId?: UserId
}

/** Throws `device_not_found` (404, also for revoked ones), `user_not_found` (404), `forbidden` (403). What a device that
 *  is handed over still holds will come in under the name of its new user. */
export async function changeDevice(ctx: Ctx, id: DeviceId, input: ChangeDeviceInput): Promise<Device> {
  const { deps } = ctx
  const row = await findWritable(ctx, id)
  if (row.device.revokedAtMs !== null) throw errors.deviceNotFound()
  if (input.userId !== undefined) await findDeviceUser(ctx, 'device.hand_over', input.userId)
  await updateDevice(deps.directory, ctx.tenant.id, id, input)
  if (input.userId !== undefined) await forgetCredentials(deps, ctx.tenant.id, [{ kind: 'device', id }])
  await audit(ctx, {
    action: input.userId === undefined ? 'device.changed' : 'device.handed_over',
    subjectKind: 'device',
    subjectId: id,
    details: {
      ...(input.label === undefined ? {} : { label: input.label }),
      ...(input.userId === undefined ? {} : { user_id: input.userId, user_id_before: row.device.userId }),
    },
  })
  const after = await findDevice(deps.directory, ctx.tenant.id, id)
  if (!after) throw errors.deviceNotFound()
  return deviceOf(after)
}

/** At once and for good; again is no fault. Throws `device_not_found` (404), `forbidden` (403). */
export async function revokeDevice(ctx: Ctx, id: DeviceId): Promise<void> {
  await findWritable(ctx, id)
  await revokeDeviceRow(ctx.deps.directory, ctx.tenant.id, id, ctx.nowMs)
  await forgetCredentials(ctx.deps, ctx.tenant.id, [{ kind: 'device', id }])
  await audit(ctx, { action: 'device.revoked', subjectKind: 'device', subjectId: id })
}

async function findWritable(ctx: Ctx, id: DeviceId): Promise<DeviceRow> {
  authorize(ctx, 'device.write')
  const row = await findDevice(ctx.deps.directory, ctx.tenant.id, id)
  if (!row) throw errors.deviceNotFound()
  const own = ctx.actor.kind === 'user' && ctx.actor.userId === row.device.userId
  if (!own && !seesAllDevices(ctx)) throw errors.forbidden('You can only manage your own devices')
  return row
}

/** The user for whom the caller lets a device act: never one with a higher role than the caller's. Throws
 *  `user_not_found` (404) for unknown and inactive users, `forbidden` (403). */
export async function findDeviceUser(ctx: Ctx, verb: Verb, userId: UserId) {
  authorize(ctx, verb)
  const user = await findUser(ctx.deps.directory, ctx.tenant.id, userId)
  if (!user?.isActive) throw errors.userNotFound()
  if (ctx.actor.kind !== 'user' || !atLeast(ctx.actor.role, parseRoles(user.roles).role))
    throw errors.forbidden('A device can only act for users up to your own role')
  return { id: user.id, email: user.email }
}
