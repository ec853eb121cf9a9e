// Directory queries on tenants.
import { eq } from 'drizzle-orm'
import type { TenantId, UserId } from '../lib/ids.ts'
import type { Directory } from './directory.ts'
import { tenants } from './directory-tables.ts'

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

/** All or nothing. When two isolates do it at once for one slug, the second changes nothing. */
export async function insertTenantWithAdmin({ $client: d1 }: Directory, { tenant, admin }: NewTenant): Promise<void> {
  // Everything hangs on the tenant row of this very id: if the slug was taken, nothing follows.
  const ours = 'EXISTS (SELECT 1 FROM tenants WHERE id = ?1)'
  await d1.batch([
    d1
      .prepare(
        `INSERT INTO tenants (id, slug, name, shard, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (slug) DO NOTHING`,
      )
      .bind(tenant.id, tenant.slug, tenant.name, tenant.shard ?? 0, tenant.createdAtMs),
    d1
      .prepare(
        `INSERT INTO users (id, tenant_id, email, password_hash, force_password_reset, created_at_ms)
         SELECT ?2, ?1, ?3, ?4, ?5, ?6 WHERE ${ours}`,
      )
      .bind(tenant.id, admin.id, admin.email, admin.passwordHash, admin.forcePasswordReset ? 1 : 0, tenant.createdAtMs),
    d1
      .prepare(
        `INSERT INTO memberships (user_id, project_id, tenant_id, role) SELECT ?2, '', ?1, 'admin' WHERE ${ours}`,
      )
      .bind(tenant.id, admin.id),
  ])
}
