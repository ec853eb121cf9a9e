// Directory queries that authentication lives on: one read per credential, with everything the request needs to know.
import { and, eq, sql } from 'drizzle-orm'
import type { ApiKeyId, DeviceId, ProjectId, SessionId, UserId } from '../lib/ids.ts'
import type { Directory } from './directory.ts'
import { apiKeys, devices, memberships, type Role, sessions, tenants, users } from './directory-tables.ts'

/** All memberships of a user as a JSON object: project id ('' = the tenant itself) -> role. */
const rolesOf = (userId: typeof users.id) =>
  sql<string>`(SELECT json_group_object(m.project_id, m.role) FROM ${memberships} m WHERE m.user_id = ${userId})`

const tenantColumns = {
  id: tenants.id,
  slug: tenants.slug,
  name: tenants.name,
  shard: tenants.shard,
  dataEpoch: tenants.dataEpoch,
  status: tenants.status,
}

/** Splits the JSON of `rolesOf`. A user without a tenant membership counts as a field worker. */
export function parseRoles(json: string): { role: Role; projectRoles: Record<ProjectId, Role> } {
  const { '': role, ...projectRoles } = JSON.parse(json) as Record<string, Role>
  return { role: role ?? 'field_worker', projectRoles: projectRoles as Record<ProjectId, Role> }
}

/** A session with its user and tenant, whatever their states. */
export async function findSession(directory: Directory, sessionId: SessionId) {
  return directory
    .select({ session: sessions, user: users, tenant: tenantColumns, roles: rolesOf(users.id) })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .where(eq(sessions.id, sessionId))
    .get()
}

/** A device with its user and tenant, whatever their states. */
export async function findDeviceCredential(directory: Directory, deviceId: DeviceId) {
  return directory
    .select({ device: devices, user: users, tenant: tenantColumns, roles: rolesOf(users.id) })
    .from(devices)
    .innerJoin(users, eq(users.id, devices.userId))
    .innerJoin(tenants, eq(tenants.id, devices.tenantId))
    .where(eq(devices.id, deviceId))
    .get()
}

/** An API key with its tenant, whatever their states. */
export async function findKeyCredential(directory: Directory, keyId: ApiKeyId) {
  return directory
    .select({ key: apiKeys, tenant: tenantColumns })
    .from(apiKeys)
    .innerJoin(tenants, eq(tenants.id, apiKeys.tenantId))
    .where(eq(apiKeys.id, keyId))
    .get()
}

/** Which Intake objects hold a good check of something that belongs to this user. */
export async function listLiveDevicesOfUser(directory: Directory, userId: UserId) {
  return directory
    .select({ id: devices.id })
    .from(devices)
    .where(and(eq(devices.userId, userId), sql`${devices.revokedAtMs} IS NULL`))
}

/** Presence, written at most once a minute by the credential's Intake object. */
export async function touchDevice(directory: Directory, deviceId: DeviceId, atMs: number, appVersion: string | null) {
  await directory
    .update(devices)
    .set(appVersion === null ? { lastUsedAtMs: atMs } : { lastUsedAtMs: atMs, appVersion })
    .where(eq(devices.id, deviceId))
}

export async function touchKey(directory: Directory, keyId: ApiKeyId, atMs: number) {
  await directory.update(apiKeys).set({ lastUsedAtMs: atMs }).where(eq(apiKeys.id, keyId))
}
