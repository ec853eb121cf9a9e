// Some answers of many submissions, newest first: for what draws or counts them all. Of each only what is asked for
// leaves the database; how answers are to be read is the domain's business.
import { desc, eq, lt, type SQL, sql } from 'drizzle-orm'
import type { FormVersionId, SubmissionId } from '../lib/ids.ts'
import { submissions } from './shard-tables.ts'
import { conditions, type SubmissionFilter } from './submissions.ts'
import type { TenantDb } from './tenant-db.ts'

export interface ScannedRow {
  id: SubmissionId
  createdSeq: number
  formVersionId: FormVersionId | null
  collectedAtMs: number | null
  /** JSON text: a list with the value of each key, or all answers where `keys` was null. Null: the object has them. */
  answers: string | null
  dataKey: string | null
}

export interface ScanOptions {
  /** Keys of the outermost level, at least two; null: all there is. */
  keys: readonly string[] | null
  /** Exclusive. */
  beforeCreatedSeq?: number
  maxRows: number
  /** Of answers that are looked through, but for the last row. */
  maxBytes: number
}

export interface ScannedPage {
  rows: ScannedRow[]
  bytes: number
  /** Older ones follow. */
  more: boolean
}

/** Submissions whose answers can be read. Rows are chosen, by number and by bytes, before their answers are touched. */
export async function scanAnswers(
  db: TenantDb,
  filter: SubmissionFilter,
  { keys, beforeCreatedSeq, maxRows, maxBytes }: ScanOptions,
): Promise<ScannedPage> {
  const matching = [conditions(db, filter), eq(submissions.dataKind, 'json')]
  if (beforeCreatedSeq !== undefined) matching.push(lt(submissions.createdSeq, beforeCreatedSeq))
  const rows = await db.orm.values<[SubmissionId, number, FormVersionId | null, number | null, ...unknown[]]>(sql`
    WITH chosen AS MATERIALIZED (
      SELECT seq, created_seq, sum(data_bytes) OVER (ORDER BY created_seq DESC) - data_bytes AS bytes_before
      FROM (
        SELECT seq, created_seq, data_bytes FROM ${submissions}
        WHERE ${sql.join(
          matching.filter((one) => one !== undefined),
          sql` AND `,
        )}
        ORDER BY ${desc(submissions.createdSeq)} LIMIT ${maxRows}
      )
    )
    SELECT s.id, chosen.created_seq, s.form_version_id, s.collected_at_ms, ${answersOf(keys)}, s.data_key, s.data_bytes
    FROM chosen CROSS JOIN submissions s ON s.tenant_id = ${db.tenantId} AND s.seq = chosen.seq
    WHERE chosen.bytes_before < ${maxBytes}
    ORDER BY chosen.created_seq DESC`)
  const bytes = rows.reduce((sum, row) => sum + (row[6] as number), 0)
  return { rows: rows.map(rowOf), bytes, more: rows.length === maxRows || (rows.length > 0 && bytes >= maxBytes) }
}

/** In the order of the statement's columns. */
const rowOf = ([id, createdSeq, formVersionId, collectedAtMs, answers, dataKey]: unknown[]): ScannedRow =>
  ({ id, createdSeq, formVersionId, collectedAtMs, answers, dataKey }) as ScannedRow

/** SQLite takes the values out of a document several times faster than it can be handed over as a whole. */
const answersOf = (keys: readonly string[] | null): SQL =>
  keys === null
    ? sql`s.data`
    : sql`json_extract(s.data, ${sql.join(
        keys.map((key) => sql`${`$."${key}"`}`),
        sql`, `,
      )})`
