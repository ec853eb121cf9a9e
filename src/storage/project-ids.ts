// Whether projects exist, for directory rows that name them: no foreign key reaches from the directory into a shard.
import { and, eq, inArray } from 'drizzle-orm'
import type { ProjectId } from '../lib/ids.ts'
import { projects } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

/** Below D1's 100 parameters per statement. */
const IDS_PER_QUERY = 90

export async function allProjectsExist(db: TenantDb, ids: ProjectId[]): Promise<boolean> {
  const wanted = [...new Set(ids)]
  for (let from = 0; from < wanted.length; from += IDS_PER_QUERY) {
    const some = wanted.slice(from, from + IDS_PER_QUERY)
    const found = await db.orm
      .select({ id: projects.id })
      .from(projects)
      .where(and(eq(projects.tenantId, db.tenantId), inArray(projects.id, some)))
    if (found.length < some.length) return false
  }
  return true
}
