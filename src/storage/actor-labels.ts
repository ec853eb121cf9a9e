// What actors are called, for histories and comments: rows keep ids, and names live in the directory.
import { and, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../lib/ids.ts'
import type { Directory } from './directory.ts'
import { apiKeys, devices, users } from './directory-tables.ts'

/** Id of a user, device or key -> e-mail or username, label, name. Unknown ids and nameless things are left out. */
export async function findActorLabels(
  directory: Directory,
  tenantId: TenantId,
  ids: string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const among = (column: typeof users.id | typeof devices.id | typeof apiKeys.id) =>
    sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`
  const results = await directory.batch([
    directory
      .select({ id: sql<string>`${users.id}`, label: sql<string | null>`coalesce(${users.email}, ${users.username})` })
      .from(users)
      .where(and(eq(users.tenantId, tenantId), among(users.id))),
    directory
      .select({ id: sql<string>`${devices.id}`, label: sql<string | null>`${devices.label}` })
      .from(devices)
      .where(and(eq(devices.tenantId, tenantId), among(devices.id))),
    directory
      .select({ id: sql<string>`${apiKeys.id}`, label: sql<string | null>`${apiKeys.name}` })
      .from(apiKeys)
      .where(and(eq(apiKeys.tenantId, tenantId), among(apiKeys.id))),
  ])
  return new Map(results.flat().flatMap(({ id, label }) => (label ? [[id, label] as const] : [])))
}
