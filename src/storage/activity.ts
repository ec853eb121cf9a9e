// When submissions were collected, by whom and with which device: counts over the newest that match, in one statement.
import { desc, sql } from 'drizzle-orm'
import { submissions } from './shard-tables.ts'
import { conditions, type SubmissionFilter } from './submissions.ts'
import type { TenantDb } from './tenant-db.ts'

/** Every time zone is some of these away from UTC. */
export const SLOT_MS = 15 * 60_000

export interface ActivityCount {
  kind: 'slot' | 'worker' | 'device'
  /** A slot counts from 1970; a worker is a user's id, or else the name that the submission carries. */
  id: string | number | null
  name: string | null
  count: number
}

/** Of at most `maxRows` submissions; of workers and devices the `top` ones. */
export async function countActivity(
  db: TenantDb,
  filter: SubmissionFilter,
  { maxRows, top }: { maxRows: number; top: number },
): Promise<ActivityCount[]> {
  const rows = await db.orm.values<[ActivityCount['kind'], string | number | null, string | null, number]>(sql`
    WITH picked AS MATERIALIZED (
      SELECT occurred_at_ms / ${SLOT_MS} AS slot, coalesce(user_id, submitted_by_label) AS worker, submitted_by_label,
        coalesce(reported_device_id, device_id) AS device
      FROM ${submissions} WHERE ${conditions(db, filter)}
      ORDER BY ${desc(submissions.createdSeq)} LIMIT ${maxRows}
    )
    SELECT 'slot', slot, NULL, count(*) FROM picked GROUP BY slot
    UNION ALL SELECT * FROM (
      SELECT 'worker', worker, max(submitted_by_label), count(*) AS n FROM picked GROUP BY worker ORDER BY n DESC, worker
      LIMIT ${top})
    UNION ALL SELECT * FROM (
      SELECT 'device', device, NULL, count(*) AS n FROM picked GROUP BY device ORDER BY n DESC, device LIMIT ${top})`)
  return rows.map(([kind, id, name, count]) => ({ kind, id, name, count }))
}
