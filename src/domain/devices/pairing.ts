// How a phone gets its credential: somebody shows a short-lived token (as a QR code), the phone spends it, once.
// Source: contracts/native.md, section 16.
import type { DeviceId, UserId } from '../../lib/ids.ts'
import { hashSecret, spellSecret } from '../../lib/secret.ts'
import { findDeviceCredential } from '../../storage/access.ts'
import { findPairingToken, insertPairingToken, redeemPairingToken } from '../../storage/devices.ts'
import { mintCredential } from '../access/credentials.ts'
import { takeGuess } from '../access/rate-limits.ts'
import { audit, auditPairing, type OutsideOccasion } from '../audit/audit.ts'
import type { Ctx, Deps, EpochMs } from '../context.ts'
import { errors } from '../errors.ts'
import { publicUrl } from '../tenants/settings.ts'
import { findDeviceUser } from './devices.ts'

export const PAIRING_TOKEN_MS = 10 * 60_000

export interface CreatePairingTokenInput {
  /** What the device will be called unless it brings a name. */
  label: string | null
  /** For whom the device will act; absent = the caller. */
  userId?: UserId
  mode: 'live' | 'test'
}

export interface PairingToken {
  token: string
  expiresAtMs: EpochMs
  userId: UserId
  userEmail: string | null
  /** Where the device reaches this server, without `/api/v1`. */
  serverUrl: string
}

/** Throws `user_not_found` (404) for unknown and inactive users, `forbidden` (403) for users above the caller. */
export async function createPairingToken(ctx: Ctx, input: CreatePairingTokenInput): Promise<PairingToken> {
  const { deps, actor } = ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  const user =
    input.userId === undefined || input.userId === actor.userId
      ? { id: actor.userId, email: actor.email }
      : await findDeviceUser(ctx, 'pairing.create', input.userId)
  const token = spellSecret(deps.randomBytes(32))
  const expiresAtMs = ctx.nowMs + PAIRING_TOKEN_MS
  await insertPairingToken(deps.directory, {
    tokenHash: hashSecret(token),
    tenantId: ctx.tenant.id,
    userId: user.id,
    label: input.label,
    mode: input.mode,
    createdAtMs: ctx.nowMs,
    expiresAtMs,
  })
  const details = { mode: input.mode, label: input.label }
  await audit(ctx, { action: 'pairing.created', subjectKind: 'user', subjectId: user.id, details })
  return { token, expiresAtMs, userId: user.id, userEmail: user.email, serverUrl: await publicUrl(ctx) }
}

export interface PairInput {
  token: string
  label: string | null
  hardwareId: string | null
  appVersion: string | null
  /** Where the guess comes from. */
  address: string
  occasion: OutsideOccasion
}

export interface Pairing {
  deviceToken: string
  deviceId: DeviceId
  userId: UserId
  userEmail: string | null
  tenantId: string
  mode: 'live' | 'test'
}

/** Each pairing makes a new device; `hardwareId` says which of them are one phone. Throws `pairing_token_invalid` (401),
 *  `rate_limited`. */
export async function pair(deps: Deps, input: PairInput): Promise<Pairing> {
  const nowMs = deps.clock()
  await takeGuess(deps, [`pair-from:${input.address}`], nowMs)
  const id = deps.newId<DeviceId>()
  const { token: deviceToken, secretHash } = mintCredential(deps, 'device', id)
  const tokenHash = hashSecret(input.token)
  const { label, hardwareId, appVersion } = input
  const device = { id, secretHash, label, hardwareId, appVersion }
  if (!(await redeemPairingToken(deps.directory, tokenHash, device, nowMs))) {
    const known = await findPairingToken(deps.directory, tokenHash)
    if (known && known.usedAtMs === null && known.expiresAtMs <= nowMs) throw errors.pairingTokenExpired()
    throw errors.pairingTokenInvalid()
  }
  const paired = await findDeviceCredential(deps.directory, id)
  if (!paired) throw errors.pairingTokenInvalid()
  await auditPairing(deps, paired.tenant, input.occasion, paired.device)
  return {
    deviceToken,
    deviceId: id,
    userId: paired.user.id,
    userEmail: paired.user.email,
    tenantId: paired.tenant.id,
    mode: paired.device.mode,
  }
}
