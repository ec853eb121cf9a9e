// Records that went with their form. The feed has one tombstone for a form and all that was of it; sync clients know
// records only, and are told of each. Rows are written before the purge removes what they tell of (purge.ts).
import type { FormId, ProjectId, SubmissionId } from '../lib/ids.ts'
import { forgetAt } from './random-names.ts'
import type { RecordFilter, RecordRow } from './record-feed.ts'
import { RAISE_COUNTER } from './seq.ts'
import type { TenantDb } from './tenant-db.ts'

// Not those that have been told since their last change, nor those that a reset has deleted: no client has them.
// ?1 tenant, ?2 form, ?3 rows at most.
const UNTOLD = `NOT EXISTS (
  SELECT 1 FROM gone_records AS g WHERE g.tenant_id = ?1 AND g.submission_id = s.id AND g.seq > s.seq)`
const untold = (state: string) => `
SELECT s.id FROM submissions AS s
WHERE s.tenant_id = ?1 AND s.form_id = ?2 AND s.mode = 'live' AND s.deleted_at_ms IS ${state} AND ${UNTOLD}
  AND NOT (s.deleted_at_ms IS NOT NULL AND EXISTS (
    SELECT 1 FROM repositories AS r WHERE r.tenant_id = ?1 AND s.created_seq <= r.reset_seq AND NOT EXISTS (
      SELECT 1 FROM bulk_actions AS a
      WHERE a.tenant_id = ?1 AND a.id = r.reset_action_id AND a.state IN ('undoing', 'undone'))))
LIMIT ?3`

// The key of a deleted form ends with its id (form-changes.ts). ?1 tenant, ?2 form, ?3 ids, ?4 how many, ?5 the time.
const TELL = `
INSERT INTO gone_records
  (tenant_id, submission_id, seq, local_uuid, form_key, user_id, occurred_at_ms, gone_at_ms, forget_at_ms)
SELECT ?1, s.id, k.seq - ?4 + 1 + c.key, s.local_uuid, substr(f.key, 1, length(f.key) - length('~' || f.id)), s.user_id,
  s.occurred_at_ms, ?5, ${forgetAt('s.local_uuid', '?5')}
FROM json_each(?3) AS c CROSS JOIN submissions AS s ON s.tenant_id = ?1 AND s.id = c.value AND s.form_id = ?2
  CROSS JOIN forms AS f ON f.tenant_id = ?1 AND f.id = ?2
  CROSS JOIN (SELECT seq FROM tenant_counters WHERE tenant_id = ?1) AS k
WHERE ${UNTOLD}
ON CONFLICT (tenant_id, submission_id) DO UPDATE SET seq = excluded.seq, local_uuid = excluded.local_uuid,
  form_key = excluded.form_key, user_id = excluded.user_id, occurred_at_ms = excluded.occurred_at_ms,
  gone_at_ms = excluded.gone_at_ms, forget_at_ms = excluded.forget_at_ms`

/** Tells sync clients of at most `limit` records of a deleted form, in the order of their making as far as they stood,
 *  and returns of how many: less than `limit` when all are told. Only of the project that these clients know. */
export async function tellGoneRecords(
  { d1, tenantId }: TenantDb,
  form: { id: FormId; projectId: ProjectId },
  limit: number,
  atMs: number,
): Promise<number> {
  const known = d1.prepare('SELECT 1 FROM projects WHERE tenant_id = ?1 AND id = ?2 AND is_default = 1')
  if ((await known.bind(tenantId, form.projectId).first()) === null) return 0
  const ids: SubmissionId[] = []
  for (const state of ['NULL', 'NOT NULL']) {
    if (ids.length === limit) break
    const statement = d1.prepare(untold(state)).bind(tenantId, form.id, limit - ids.length)
    ids.push(...(await statement.all<{ id: SubmissionId }>()).results.map(({ id }) => id))
  }
  if (ids.length > 0)
    await d1.batch([
      d1.prepare(RAISE_COUNTER).bind(tenantId, ids.length),
      d1.prepare(TELL).bind(tenantId, form.id, JSON.stringify(ids), ids.length, atMs),
    ])
  return ids.length
}

// Not where the record is there again: somebody has sent it once more, and its form is a new one by now.
// ?1 tenant, ?2 after, ?3 rows at most, ?4 project, ?5 user, ?6 form keys.
const GONE = `
SELECT g.seq, g.local_uuid AS localUuid, g.form_key AS formKey, '' AS versionName, NULL AS data, NULL AS extras,
  g.occurred_at_ms AS createdAtMs, g.gone_at_ms AS updatedAtMs, NULL AS reportedDeviceId, NULL AS sender,
  json_object('dataKind', 'json', 'dataKey', NULL, 'deletedAtMs', g.gone_at_ms, 'erasedAtMs', g.gone_at_ms)
    AS particulars
FROM gone_records AS g
WHERE g.tenant_id = ?1 AND g.seq > ?2 AND (?5 IS NULL OR g.user_id = ?5)
  AND (?6 IS NULL OR g.form_key IN (SELECT value FROM json_each(?6)))
  AND NOT EXISTS (
    SELECT 1 FROM submissions AS s CROSS JOIN forms AS f ON f.tenant_id = ?1 AND f.id = s.form_id
      AND f.project_id = ?4 AND f.deleted_at_ms IS NULL
    WHERE s.tenant_id = ?1 AND s.id = g.submission_id)
ORDER BY g.seq LIMIT ?3`

/** Statement: deleted records without answers, in the order of their seq. */
export const goneStatement = (
  { d1, tenantId }: TenantDb,
  { projectId, userId, formKeys }: RecordFilter,
  { afterSeq, limit }: { afterSeq: number; limit: number },
) => d1.prepare(GONE).bind(tenantId, afterSeq, limit, projectId, userId, formKeys && JSON.stringify(formKeys))

export interface RecordRows {
  /** In the order of their seq. */
  rows: RecordRow[]
  /** Further ones follow behind the last row. */
  hasMore: boolean
}

/** The first `limit` of both lists together. `gone` may hold one more. */
export function withGone({ rows, hasMore }: RecordRows, gone: RecordRow[], limit: number): RecordRows {
  if (gone.length === 0) return { rows, hasMore }
  // Behind the last row of a list that goes on, that list is unknown: there the page must end.
  const end = hasMore ? (rows.at(-1)?.seq ?? 0) : Number.POSITIVE_INFINITY
  const all = [...rows, ...gone.filter(({ seq }) => seq <= end)].sort((a, b) => a.seq - b.seq)
  const page = all.slice(0, limit)
  return { rows: page, hasMore: hasMore || page.length < rows.length + gone.length }
}
