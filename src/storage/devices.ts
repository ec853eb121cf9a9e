// Directory queries on paired devices and on the tokens that pair them; access.ts has the read that opens the door.
import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm'
import type { DeviceId, TenantId, UserId } from '../lib/ids.ts'
import type { Directory } from './directory.ts'
import { devices, pairingTokens, users } from './directory-tables.ts'

export async function insertPairingToken(
  directory: Directory,
  token: typeof pairingTokens.$inferInsert,
): Promise<void> {
  await directory.insert(pairingTokens).values(token)
}

export interface NewDevice {
  id: DeviceId
  secretHash: string
  /** Null: the one that was given when the token was made. */
  label: string | null
  hardwareId: string | null
  appVersion: string | null
}

/**
 * Spends the token and stores the device, both or neither: of several who try at once, one gets true. False when the
 * token is unknown, spent or expired, or its user or tenant inactive.
 */
export async function redeemPairingToken(
  { $client: d1 }: Directory,
  tokenHash: string,
  device: NewDevice,
  nowMs: number,
): Promise<boolean> {
  const [inserted] = await d1.batch([
    d1
      .prepare(
        `INSERT INTO devices (id, tenant_id, user_id, secret_hash, label, hardware_id, mode, app_version, created_at_ms)
         SELECT ?3, p.tenant_id, p.user_id, ?4, coalesce(?5, p.label), ?6, p.mode, ?7, ?2
         FROM pairing_tokens p JOIN users u ON u.id = p.user_id JOIN tenants t ON t.id = p.tenant_id
         WHERE p.token_hash = ?1 AND p.used_at_ms IS NULL AND p.expires_at_ms > ?2
           AND u.is_active = 1 AND t.status = 'active'
         RETURNING id`,
      )
      .bind(tokenHash, nowMs, device.id, device.secretHash, device.label, device.hardwareId, device.appVersion),
    d1
      .prepare(
        `UPDATE pairing_tokens SET used_at_ms = ?2
         WHERE token_hash = ?1 AND used_at_ms IS NULL AND EXISTS (SELECT 1 FROM devices WHERE id = ?3)`,
      )
      .bind(tokenHash, nowMs, device.id),
  ])
  return (inserted?.results.length ?? 0) > 0
}

export async function findPairingToken(directory: Directory, tokenHash: string) {
  return directory.select().from(pairingTokens).where(eq(pairingTokens.tokenHash, tokenHash)).get()
}

const selectDevices = (directory: Directory) =>
  directory
    .select({ device: devices, userEmail: users.email })
    .from(devices)
    .innerJoin(users, eq(users.id, devices.userId))

/** Devices that are not revoked, newest first; those of one user when `userId` is given. */
export async function listDevices(directory: Directory, tenantId: TenantId, userId?: UserId) {
  return selectDevices(directory)
    .where(
      and(
        eq(devices.tenantId, tenantId),
        isNull(devices.revokedAtMs),
        userId === undefined ? undefined : eq(devices.userId, userId),
      ),
    )
    .orderBy(desc(devices.createdAtMs), asc(devices.id))
}

/** Revoked or not. */
export async function findDevice(directory: Directory, tenantId: TenantId, id: DeviceId) {
  return selectDevices(directory)
    .where(and(eq(devices.tenantId, tenantId), eq(devices.id, id)))
    .get()
}

export async function updateDevice(
  directory: Directory,
  tenantId: TenantId,
  id: DeviceId,
  change: { label?: string | null; userId?: UserId },
): Promise<void> {
  await directory
    .update(devices)
    // Naming a column keeps an empty change a valid statement.
    .set({ id: sql`${devices.id}`, ...change })
    .where(and(eq(devices.tenantId, tenantId), eq(devices.id, id), isNull(devices.revokedAtMs)))
}

/** A device revoked earlier keeps its time. */
export async function revokeDevice(
  directory: Directory,
  tenantId: TenantId,
  id: DeviceId,
  atMs: number,
): Promise<void> {
  await directory
    .update(devices)
    .set({ revokedAtMs: sql`coalesce(${devices.revokedAtMs}, ${atMs})` })
    .where(and(eq(devices.tenantId, tenantId), eq(devices.id, id)))
}

/** Paired devices of the tenant that were heard of since. */
export async function countDevicesSeen(directory: Directory, tenantId: TenantId, sinceMs: number): Promise<number> {
  const row = await directory
    .select({ n: sql<number>`count(*)` })
    .from(devices)
    .where(and(eq(devices.tenantId, tenantId), sql`${devices.lastUsedAtMs} >= ${sinceMs}`))
    .get()
  return row?.n ?? 0
}
