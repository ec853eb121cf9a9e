// Forms that sync clients name before anybody has described them: found by key, and made without a version.
import { sql } from 'drizzle-orm'
import type { FormId, FormVersionId, ProjectId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import { takeSeq } from './seq.ts'
import { forms } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export interface KeyedForm {
  id: FormId
  key: string
  projectId: ProjectId
  /** Null: nobody has described it, so nothing is said about its answers. */
  currentVersionId: FormVersionId | null
}

/** Those of the keys that a form has which is not deleted. */
export async function findFormsByKey({ d1, tenantId }: TenantDb, keys: string[]): Promise<KeyedForm[]> {
  const { results } = await d1
    .prepare(
      `SELECT id, key, project_id AS projectId, current_version_id AS currentVersionId FROM forms
       WHERE tenant_id = ?1 AND key IN (SELECT value FROM json_each(?2)) AND deleted_at_ms IS NULL`,
    )
    .bind(tenantId, JSON.stringify(keys))
    .all<KeyedForm>()
  return results
}

/** Makes forms without a version. A key that has one by now is left out. */
export async function insertUntypedForms(
  db: TenantDb,
  projectId: ProjectId,
  fresh: { id: FormId; key: string; name: string; audit: NewAudit }[],
  atMs: number,
): Promise<void> {
  const { d1, tenantId } = db
  const count = fresh.length
  const counter = takeSeq(db, count).toSQL()
  const audits = fresh.flatMap(({ id, audit }) => {
    const one = takeSeq(db).toSQL()
    const entry = auditRow(db, audit, sql`EXISTS (SELECT 1 FROM ${forms} WHERE tenant_id = ${tenantId} AND id = ${id})`)
    const row = entry.toSQL()
    return [d1.prepare(one.sql).bind(...one.params), d1.prepare(row.sql).bind(...row.params)]
  })
  await d1.batch([
    d1.prepare(counter.sql).bind(...counter.params),
    d1
      .prepare(
        `INSERT INTO forms (tenant_id, id, project_id, key, name, kind, seq, created_at_ms, updated_at_ms)
         SELECT ?1, value ->> 0, ?3, value ->> 1, value ->> 2, 'untyped', k.seq - ?4 + 1 + j.key, ?5, ?5
         FROM json_each(?2) AS j, (SELECT seq FROM tenant_counters WHERE tenant_id = ?1) AS k WHERE true
         ON CONFLICT (tenant_id, key) DO NOTHING`,
      )
      .bind(tenantId, JSON.stringify(fresh.map(({ id, key, name }) => [id, key, name])), projectId, count, atMs),
    ...audits,
  ])
}
