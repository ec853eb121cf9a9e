// What a device says it still holds, beside what the server has from it: the answer to "is everything there?".

import type { DeviceId } from '../../lib/ids.ts'
import { countOfDevice, type DeviceCounts } from '../../storage/device-counts.ts'
import { findDevice } from '../../storage/devices.ts'
import { authorize } from '../access/authorize.ts'
import { deviceProof } from '../access/credentials.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import type { DeviceReport } from '../submissions/intake-port.ts'
import { seesAllDevices } from './devices.ts'

/** Kept in the device's Intake object: it works while D1 is away, which is when it matters. */
export async function reportDevice(ctx: Ctx, report: Omit<DeviceReport, 'reportedAtMs'>): Promise<void> {
  authorize(ctx, 'device.report')
  if (!ctx.proof) throw errors.notAuthenticated('Device token required')
  await ctx.deps.intake(ctx.proof.intakeName).report({ ...report, reportedAtMs: ctx.nowMs })
}

export interface DeviceStatus {
  lastSeenAtMs: EpochMs | null
  appVersion: string | null
  server: DeviceCounts
  /** Null: it never said. */
  device: DeviceReport | null
  /** Acknowledged, and still on the way to the database. */
  waitingHere: number
}

/** Throws `device_not_found` (404), also for devices of others where the caller sees only the own ones. */
export async function readDeviceStatus(ctx: Ctx, id: DeviceId): Promise<DeviceStatus> {
  authorize(ctx, 'device.read')
  const { actor, deps } = ctx
  const row = await findDevice(deps.directory, ctx.tenant.id, id)
  const own = actor.kind === 'user' && row?.device.userId === actor.userId
  if (!row || !(own || seesAllDevices(ctx))) throw errors.deviceNotFound()
  const [server, presence] = await Promise.all([
    countOfDevice(ctx.db, id),
    deps.intake(deviceProof(id, row.device.secretHash).intakeName).presence(),
  ])
  const { lastUsedAtMs, appVersion } = row.device
  return {
    lastSeenAtMs: presence.lastSeenAtMs ?? lastUsedAtMs,
    appVersion: presence.appVersion ?? appVersion,
    server,
    device: presence.report,
    waitingHere: presence.waitingHere,
  }
}
