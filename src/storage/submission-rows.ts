// The intake's write: any number of submissions in one statement over one JSON parameter, in one D1 batch with the
// counter, the counts and the outbox. A known id is left as it is, so a replay changes nothing (submission-replacement.ts
// is for protocols whose clients send the whole record again to change it).
import { OUTBOX_OF_SUBMISSIONS } from './outbox.ts'
import { RAISE_COUNTER } from './seq.ts'
import type { D1Handle } from './tenant-db.ts'

/** Positions in the JSON array of a row. Trailing nulls may be left out. */
export const ROW_FIELDS = [
  'id',
  'formId',
  'formVersionId',
  'localUuid',
  'submittedAtMs',
  'dataBytes',
  'data',
  'collectedAtMs',
  'collectedOffsetMin',
  'issues',
  'reportedDeviceId',
  'dataKey',
  'deviceClockMs',
  'versionLabel',
  'dataKind',
  'extras',
  'deleted',
] as const

export interface SubmissionRow {
  id: string
  formId: string
  formVersionId: string | null
  localUuid: string
  submittedAtMs: number
  dataBytes: number
  /** JSON text, or null when it is in R2 under dataKey. */
  data: string | null
  collectedAtMs: number | null
  collectedOffsetMin: number | null
  /** JSON text. */
  issues: string | null
  reportedDeviceId: string | null
  dataKey: string | null
  deviceClockMs: number | null
  versionLabel: string | null
  /** Null = json. */
  dataKind: 'encrypted' | 'opaque' | null
  /** JSON text. */
  extras: string | null
  /** 1: it arrives as a deleted one. */
  deleted: 1 | null
}

/** The row as the JSON text that `insertSubmissionRows` takes. */
export function encodeRow(row: SubmissionRow): string {
  let last = ROW_FIELDS.length - 1
  while (row[ROW_FIELDS[last]!] === null) last--
  const values: unknown[] = new Array(last + 1)
  for (let i = 0; i <= last; i++) values[i] = row[ROW_FIELDS[i]!]
  return JSON.stringify(values)
}

/** SQL: a field of the row that `json_each` calls `value`. */
export const at = (field: (typeof ROW_FIELDS)[number]) => `value ->> ${ROW_FIELDS.indexOf(field)}`

/** What `encodeRow` wrote. */
export function decodeRow(text: string): SubmissionRow {
  const values = JSON.parse(text) as unknown[]
  return Object.fromEntries(ROW_FIELDS.map((field, i) => [field, values[i] ?? null])) as unknown as SubmissionRow
}

// ?1 rows, ?2 tenant, ?3 seq offset from the counter, ?4-?10 the columns that all rows share.
// The conflict target is spelled out: without it every other uniqueness fault would be swallowed too.
export const INSERT_ROWS = `
INSERT INTO submissions (
  tenant_id, seq, created_seq, id, form_id, form_version_id, local_uuid, submitted_at_ms, updated_at_ms, occurred_at_ms,
  data_bytes, data,
  collected_at_ms, collected_offset_min, issues, reported_device_id, data_key, device_clock_ms, version_label, data_kind,
  extras, deleted_at_ms, actor_kind, actor_id, user_id, device_id, protocol, submitted_by_label, mode, review_state
)
SELECT ?2, c.seq + ?3 + key, c.seq + ?3 + key, ${at('id')}, ${at('formId')}, ${at('formVersionId')}, ${at('localUuid')},
  ${at('submittedAtMs')}, ${at('submittedAtMs')}, coalesce(${at('collectedAtMs')}, ${at('submittedAtMs')}),
  ${at('dataBytes')}, ${at('data')}, ${at('collectedAtMs')},
  ${at('collectedOffsetMin')}, ${at('issues')}, ${at('reportedDeviceId')}, ${at('dataKey')}, ${at('deviceClockMs')},
  ${at('versionLabel')}, coalesce(${at('dataKind')}, 'json'), ${at('extras')},
  iif(${at('deleted')}, ${at('submittedAtMs')}, NULL), ?4, ?5, ?6, ?7, ?8, ?9, ?10, iif(${at('issues')} IS NULL, 'received', 'has_issues')
FROM json_each(?1), (SELECT seq FROM tenant_counters WHERE tenant_id = ?2) AS c
WHERE true
ON CONFLICT (tenant_id, id) DO NOTHING
RETURNING id, seq`

// The rows of this batch are those above the counter's old value: nobody else writes between. New ones have kept the seq
// that they were created with. That they are not deleted is said so that SQLite does not take an index of live rows for
// it, which it would read from end to end.
export const COUNT_NEW_ROWS = `
INSERT INTO submission_counts (tenant_id, form_id, mode, total)
SELECT tenant_id, form_id, mode, count(*) FROM submissions
WHERE tenant_id = ?1 AND seq > (SELECT seq FROM tenant_counters WHERE tenant_id = ?1) - ?2 AND created_seq = seq
  AND coalesce(deleted_at_ms, 0) = 0
GROUP BY form_id, mode
ON CONFLICT (tenant_id, form_id, mode) DO UPDATE SET total = total + excluded.total`

export interface SharedColumns {
  actorKind: string
  actorId: string
  userId: string | null
  deviceId: string | null
  protocol: string
  submittedByLabel: string | null
  mode: 'live' | 'test'
}

/** In the order of the parameters ?4 to ?10. */
export const sharedValues = (shared: SharedColumns) => [
  shared.actorKind,
  shared.actorId,
  shared.userId,
  shared.deviceId,
  shared.protocol,
  shared.submittedByLabel,
  shared.mode,
]

/** One statement never carries more JSON than this: D1 takes 2 MB per parameter, in production only. */
export const MAX_STATEMENT_BYTES = 1_000_000

/**
 * Stores rows (texts of `encodeRow`) in order and returns id -> seq of those that were new, and whether there is a row in
 * the outbox. A row whose id is known is left out. `atMs` is the outbox row's time. All or nothing: throws D1's error, and
 * then no row is stored.
 */
export async function insertSubmissionRows(
  d1: D1Handle,
  tenantId: string,
  shared: SharedColumns,
  rows: string[],
  atMs: number,
): Promise<{ stored: Map<string, number>; outbox: boolean }> {
  const insert = d1.prepare(INSERT_ROWS)
  const statements: D1PreparedStatement[] = [d1.prepare(RAISE_COUNTER).bind(tenantId, rows.length)]
  for (const { from, to } of chunks(rows)) {
    statements.push(
      insert.bind(
        `[${rows.slice(from, to).join(',')}]`,
        tenantId,
        // Row `key` of this chunk gets: counter - all rows + rows before it + 1.
        from - rows.length + 1,
        ...sharedValues(shared),
      ),
    )
  }
  statements.push(d1.prepare(COUNT_NEW_ROWS).bind(tenantId, rows.length))
  statements.push(d1.prepare(OUTBOX_OF_SUBMISSIONS).bind(tenantId, rows.length, atMs))
  const results = await d1.batch<{ id: string; seq: number }>(statements)
  const stored = new Map<string, number>()
  for (const result of results.slice(1, -2)) for (const { id, seq } of result.results) stored.set(id, seq)
  return { stored, outbox: results.at(-1)!.results.length > 0 }
}

/** Ranges of rows that one statement can carry. */
export function chunks(rows: readonly string[]): { from: number; to: number }[] {
  const result: { from: number; to: number }[] = []
  let from = 0
  let bytes = 0
  for (let i = 0; i < rows.length; i++) {
    // UTF-8 is at most three bytes per UTF-16 unit.
    const size = rows[i]!.length * 3 + 1
    if (i > from && bytes + size > MAX_STATEMENT_BYTES) {
      result.push({ from, to: i })
      from = i
      bytes = 0
    }
    bytes += size
  }
  if (from < rows.length) result.push({ from, to: rows.length })
  return result
}
