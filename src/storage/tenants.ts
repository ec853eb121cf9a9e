// Directory queries on tenants.
import { and, asc, eq, isNull, ne, sql } from 'drizzle-orm'
import type { ApiKeyId, DeviceId, TenantId, UserId } from '../lib/ids.ts'
import { uniqueFaultOf } from './d1-errors.ts'
import type { Directory } from './directory.ts'
import { apiKeys, devices, sessions, tenants } from './directory-tables.ts'

export type TenantRow = typeof tenants.$inferSelect

export async function anyTenantExists(directory: Directory): Promise<boolean> {
  return (await directory.select({ id: tenants.id }).from(tenants).limit(1).get()) !== undefined
}

export async function findTenantBySlug(directory: Directory, slug: string): Promise<TenantRow | undefined> {
  return directory.select().from(tenants).where(eq(tenants.slug, slug)).get()
}

export interface NewTenant {
  tenant: { id: TenantId; slug: string; name: string; shard?: number; createdAtMs: number }
  admin: { id: UserId; email: string; passwordHash: string; forcePasswordReset: boolean }
}

/**
 * All or nothing. Says which name was taken; `slug_taken` is also what the slower of two isolates hears that bootstrap
 * at once.
 */
export async function insertTenantWithAdmin(
  { $client: d1 }: Directory,
  { tenant, admin }: NewTenant,
): Promise<'stored' | 'slug_taken' | 'email_taken'> {
  // Everything hangs on the tenant row of this very id: if the slug was taken, nothing follows.
  const ours = 'EXISTS (SELECT 1 FROM tenants WHERE id = ?1)'
  try {
    const [inserted] = await d1.batch([
      d1
        .prepare(
          `INSERT INTO tenants (id, slug, name, shard, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT (slug) DO NOTHING RETURNING id`,
        )
        .bind(tenant.id, tenant.slug, tenant.name, tenant.shard ?? 0, tenant.createdAtMs),
      d1
        .prepare(
          `INSERT INTO users (id, tenant_id, email, password_hash, force_password_reset, created_at_ms)
           SELECT ?2, ?1, ?3, ?4, ?5, ?6 WHERE ${ours}`,
        )
        .bind(
          tenant.id,
          admin.id,
          admin.email,
          admin.passwordHash,
          admin.forcePasswordReset ? 1 : 0,
          tenant.createdAtMs,
        ),
      d1
        .prepare(
          `INSERT INTO memberships (user_id, project_id, tenant_id, role) SELECT ?2, '', ?1, 'admin' WHERE ${ours}`,
        )
        .bind(tenant.id, admin.id),
    ])
    return inserted?.results.length ? 'stored' : 'slug_taken'
  } catch (error) {
    if (uniqueFaultOf(error)?.includes('users.email')) return 'email_taken'
    throw error
  }
}

/** All tenants that are not deleted, oldest first. */
export async function listTenants(directory: Directory): Promise<TenantRow[]> {
  return directory
    .select()
    .from(tenants)
    .where(ne(tenants.status, 'deleted'))
    .orderBy(asc(tenants.createdAtMs), asc(tenants.id))
}

export async function findTenant(directory: Directory, id: TenantId): Promise<TenantRow | undefined> {
  return directory.select().from(tenants).where(eq(tenants.id, id)).get()
}

/** The row as it is now; undefined when there is no such tenant or it is deleted. */
export async function updateTenant(
  directory: Directory,
  id: TenantId,
  { name, status }: { name?: string; status?: 'active' | 'suspended' },
): Promise<TenantRow | undefined> {
  if (name === undefined && status === undefined) {
    const row = await findTenant(directory, id)
    return row?.status === 'deleted' ? undefined : row
  }
  const [row] = await directory
    .update(tenants)
    .set({ name, status })
    .where(and(eq(tenants.id, id), ne(tenants.status, 'deleted')))
    .returning()
  return row
}

/**
 * Marks a tenant deleted, which voids all its credentials, and frees its slug and its users' e-mails by appending
 * `~<id>` to them. Done again it changes nothing.
 */
export async function markTenantDeleted({ $client: d1 }: Directory, id: TenantId, atMs: number): Promise<void> {
  await d1.batch([
    d1
      .prepare(
        `UPDATE users SET email = email || '~' || id
         WHERE tenant_id = ?1 AND EXISTS (SELECT 1 FROM tenants WHERE id = ?1 AND status <> 'deleted')`,
      )
      .bind(id),
    d1
      .prepare(
        `UPDATE tenants SET status = 'deleted', deleted_at_ms = ?2, slug = slug || '~' || id
         WHERE id = ?1 AND status <> 'deleted'`,
      )
      .bind(id, atMs),
  ])
}

/** The devices and keys of a tenant that are not revoked, and the users with a session that was not ended. */
export async function listLiveCredentials(
  directory: Directory,
  tenantId: TenantId,
): Promise<({ kind: 'device'; id: DeviceId } | { kind: 'key'; id: ApiKeyId } | { kind: 'user'; id: UserId })[]> {
  const [deviceRows, keyRows, userRows] = await directory.batch([
    directory
      .select({ id: devices.id })
      .from(devices)
      .where(and(eq(devices.tenantId, tenantId), isNull(devices.revokedAtMs))),
    directory
      .select({ id: apiKeys.id })
      .from(apiKeys)
      .where(and(eq(apiKeys.tenantId, tenantId), isNull(apiKeys.revokedAtMs))),
    directory
      .selectDistinct({ id: sessions.userId })
      .from(sessions)
      .where(and(eq(sessions.tenantId, tenantId), isNull(sessions.revokedAtMs))),
  ])
  return [
    ...deviceRows.map(({ id }) => ({ kind: 'device' as const, id })),
    ...keyRows.map(({ id }) => ({ kind: 'key' as const, id })),
    ...userRows.map(({ id }) => ({ kind: 'user' as const, id })),
  ]
}

/** Ledgers and caches of the epoch before are void. */
export async function raiseDataEpoch(directory: Directory, tenantId: TenantId): Promise<void> {
  await directory
    .update(tenants)
    .set({ dataEpoch: sql`${tenants.dataEpoch} + 1` })
    .where(eq(tenants.id, tenantId))
}
