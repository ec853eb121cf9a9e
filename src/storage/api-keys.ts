// Directory queries on API keys, for their administration; access.ts has the read that opens the door.
import { and, asc, desc, eq, sql } from 'drizzle-orm'
import type { ApiKeyId, TenantId } from '../lib/ids.ts'
import type { Directory } from './directory.ts'
import { apiKeys } from './directory-tables.ts'

export type ApiKeyRow = typeof apiKeys.$inferSelect
export type NewApiKey = typeof apiKeys.$inferInsert

export async function insertApiKey(directory: Directory, key: NewApiKey): Promise<void> {
  await directory.insert(apiKeys).values(key)
}

/** Revoked ones too, newest first. */
export async function listApiKeys(directory: Directory, tenantId: TenantId): Promise<ApiKeyRow[]> {
  return directory
    .select()
    .from(apiKeys)
    .where(eq(apiKeys.tenantId, tenantId))
    .orderBy(desc(apiKeys.createdAtMs), asc(apiKeys.id))
}

export type ApiKeyChange = Partial<Pick<ApiKeyRow, 'name' | 'scopes' | 'expiresAtMs' | 'lanes'>>

/** The row as it is now; undefined when the tenant has no such key. */
export async function updateApiKey(
  directory: Directory,
  tenantId: TenantId,
  id: ApiKeyId,
  change: ApiKeyChange,
): Promise<ApiKeyRow | undefined> {
  const [row] = await directory
    .update(apiKeys)
    // Naming a column keeps an empty change a valid statement.
    .set({ id: sql`${apiKeys.id}`, ...change })
    .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, id)))
    .returning()
  return row
}

/** False when the tenant has no such key. A key revoked earlier keeps its time. */
export async function revokeApiKey(
  directory: Directory,
  tenantId: TenantId,
  id: ApiKeyId,
  atMs: number,
): Promise<boolean> {
  const rows = await directory
    .update(apiKeys)
    .set({ revokedAtMs: sql`coalesce(${apiKeys.revokedAtMs}, ${atMs})` })
    .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, id)))
    .returning({ id: apiKeys.id })
  return rows.length > 0
}
