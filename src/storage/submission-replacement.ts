// Whole records sent again, for sync protocols: what arrives last wins. New ids are stored as by submission-rows.ts; a
// known one takes the new answers, and every state is kept as a revision. A record that was written ahead and comes in
// after a newer one changes nothing of the latest state: it becomes history.
//
// One D1 batch. Whether a row is newer or late is asked of the database anew in each statement, and the two are settled
// in this order: late rows first, because settling the newer ones changes what they are compared with.
import { OUTBOX_OF_SUBMISSIONS } from './outbox.ts'
import { RAISE_COUNTER } from './seq.ts'
import { REVISION_COLUMNS } from './submission-changes.ts'
import {
  at,
  COUNT_NEW_ROWS,
  chunks,
  decodeRow,
  INSERT_ROWS,
  type SharedColumns,
  sharedValues,
} from './submission-rows.ts'
import type { D1Handle } from './tenant-db.ts'

export type Replaced = { kind: 'created' | 'updated'; seq: number } | { kind: 'unchanged' | 'duplicate' }

// Parameters as in submission-rows.ts: ?1 rows, ?2 tenant, ?3 seq offset, ?4-?10 shared columns.
const SEQ = 'k.seq + ?3 + v.key'
const COUNTER = '(SELECT seq FROM tenant_counters WHERE tenant_id = ?2) AS k'
const field = (name: Parameters<typeof at>[0]) => `(v.${at(name)})`
/** Large answers are compared by their size: their texts are in R2. */
const DIFFERS = `(s.data IS NOT ${field('data')} OR s.data_bytes <> ${field('dataBytes')}
  OR s.form_version_id IS NOT ${field('formVersionId')} OR s.collected_at_ms IS NOT ${field('collectedAtMs')})`
// CROSS JOIN: SQLite takes a tenant for ten rows and would read all of it rather than look up each item.
const KNOWN = `json_each(?1) AS v CROSS JOIN submissions AS s
  ON s.tenant_id = ?2 AND s.id = ${field('id')} AND s.erased_at_ms IS NULL`
const NEWER = `${field('submittedAtMs')} >= s.updated_at_ms AND ${DIFFERS}`
/** Late, and not written down by an earlier attempt whose end was not seen. */
const LATE = `${field('submittedAtMs')} < s.updated_at_ms AND ${DIFFERS} AND NOT EXISTS (
  SELECT 1 FROM submission_revisions AS r WHERE r.tenant_id = s.tenant_id AND r.submission_id = s.id
    AND r.at_ms = ${field('submittedAtMs')} AND r.data IS ${field('data')})`
const STATE = `iif(s.review_state IN ('received', 'has_issues'),
  iif(${field('issues')} IS NULL, 'received', 'has_issues'), s.review_state)`

/** The first change also writes down what was there before it. */
const KEEP_FIRST = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, 1, s.created_seq, 'create', s.form_version_id, s.data, s.data_key, s.issues, s.review_state,
  s.collected_at_ms, s.actor_kind, s.actor_id, s.user_id, s.device_id, s.protocol, s.submitted_at_ms
FROM ${KNOWN}
WHERE s.revision = 1 AND ((${NEWER}) OR (${LATE}))
ON CONFLICT (tenant_id, submission_id, revision) DO NOTHING`

const keepState = (condition: string) => `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, s.revision + 1, ${SEQ}, 'edit', ${field('formVersionId')}, ${field('data')},
  ${field('dataKey')}, ${field('issues')}, ${STATE}, ${field('collectedAtMs')}, ?4, ?5, ?6, ?7, ?8,
  ${field('submittedAtMs')}
FROM ${KNOWN}, ${COUNTER}
WHERE ${condition}`

const WITH_LATE = `${KNOWN} JOIN ${COUNTER} JOIN submission_revisions AS late
  ON late.tenant_id = ?2 AND late.submission_id = s.id AND late.revision = s.revision + 1 AND late.seq = ${SEQ}`

/** After a late state stands the latest one again, so that each revision is what its number says: the state after it. */
const RESTATE = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT r.tenant_id, r.submission_id, r.revision + 2, ${SEQ}, 'edit', r.form_version_id, r.data, r.data_key, r.issues,
  r.review_state, r.collected_at_ms, r.actor_kind, r.actor_id, r.user_id, r.device_id, r.protocol, r.at_ms
FROM ${WITH_LATE} JOIN submission_revisions AS r
  ON r.tenant_id = ?2 AND r.submission_id = s.id AND r.revision = s.revision`

const COUNT_LATE = `
UPDATE submissions SET revision = submissions.revision + 2, seq = f.seq
FROM (SELECT s.tenant_id AS tenant_id, s.id AS id, ${SEQ} AS seq FROM ${WITH_LATE} LIMIT -1) AS f
WHERE submissions.tenant_id = f.tenant_id AND submissions.id = f.id
RETURNING id, seq`

const REPLACE = `
UPDATE submissions SET seq = f.new_seq, revision = submissions.revision + 1, updated_at_ms = f.at_ms,
  form_version_id = f.form_version_id, version_label = f.version_label, data = f.data, data_key = f.data_key,
  data_bytes = f.data_bytes, data_kind = f.data_kind, issues = f.issues, review_state = f.state,
  collected_at_ms = f.collected_at_ms, collected_offset_min = f.collected_offset_min,
  device_clock_ms = f.device_clock_ms, occurred_at_ms = coalesce(f.collected_at_ms, submissions.submitted_at_ms)
FROM (
  SELECT s.tenant_id AS tenant_id, s.id AS id, ${SEQ} AS new_seq, ${field('submittedAtMs')} AS at_ms,
    ${field('formVersionId')} AS form_version_id, ${field('versionLabel')} AS version_label, ${field('data')} AS data,
    ${field('dataKey')} AS data_key, ${field('dataBytes')} AS data_bytes,
    coalesce(${field('dataKind')}, 'json') AS data_kind, ${field('issues')} AS issues, ${STATE} AS state,
    ${field('collectedAtMs')} AS collected_at_ms, ${field('collectedOffsetMin')} AS collected_offset_min,
    ${field('deviceClockMs')} AS device_clock_ms
  FROM ${KNOWN}, ${COUNTER}
  WHERE ${NEWER}
  LIMIT -1
) AS f
WHERE submissions.tenant_id = f.tenant_id AND submissions.id = f.id
RETURNING id, seq`

/** Erased ones stay as they are: they are known, and nothing is kept of what came. */
const ERASED = `
SELECT id FROM submissions WHERE (tenant_id, id) IN (SELECT ?2, ${at('id')} FROM json_each(?1))
  AND erased_at_ms IS NOT NULL`

/** Per chunk: its statements, and where the answers stand among them. */
const PER_CHUNK = [KEEP_FIRST, keepState(LATE), RESTATE, COUNT_LATE, keepState(NEWER), REPLACE, INSERT_ROWS]
const [LATE_AT, REPLACED_AT, CREATED_AT] = [3, 5, 6]

interface Touched {
  id: string
  seq: number
}

/**
 * Stores or replaces rows (texts of `encodeRow`, whose `submittedAtMs` is the time of arrival) in order and tells what
 * became of each, and whether there is a row in the outbox. An id that comes twice counts twice, in order. Throws D1's error; then the rows of this call are stored
 * up to some repetition of an id, and the same call again does the rest.
 */
export async function replaceSubmissionRows(
  d1: D1Handle,
  tenantId: string,
  shared: SharedColumns,
  rows: string[],
  atMs: number,
): Promise<{ outcomes: Replaced[]; outbox: boolean }> {
  const ids = rows.map((row) => decodeRow(row).id)
  const outcomes: Replaced[] = []
  let outbox = false
  for (const { from, to } of withoutRepetition(ids)) {
    const part = await replaceOnce(d1, tenantId, shared, rows.slice(from, to), ids.slice(from, to), atMs)
    outcomes.push(...part.outcomes)
    outbox ||= part.outbox
  }
  return { outcomes, outbox }
}

async function replaceOnce(
  d1: D1Handle,
  tenantId: string,
  shared: SharedColumns,
  rows: string[],
  ids: string[],
  atMs: number,
): Promise<{ outcomes: Replaced[]; outbox: boolean }> {
  const statements: D1PreparedStatement[] = [d1.prepare(RAISE_COUNTER).bind(tenantId, rows.length)]
  const ranges = chunks(rows)
  for (const { from, to } of ranges) {
    const text = `[${rows.slice(from, to).join(',')}]`
    const values = [text, tenantId, from - rows.length + 1, ...sharedValues(shared)]
    // A statement takes exactly the parameters that it names.
    for (const sql of PER_CHUNK) statements.push(d1.prepare(sql).bind(...values.slice(0, highestParameter(sql))))
    statements.push(d1.prepare(ERASED).bind(text, tenantId))
  }
  statements.push(d1.prepare(COUNT_NEW_ROWS).bind(tenantId, rows.length))
  statements.push(d1.prepare(OUTBOX_OF_SUBMISSIONS).bind(tenantId, rows.length, atMs))
  const results = await d1.batch<Touched>(statements)
  const touched = new Map<string, Replaced>()
  for (const index of ranges.keys()) {
    const first = 1 + index * (PER_CHUNK.length + 1)
    for (const { id } of results[first + PER_CHUNK.length]!.results) touched.set(id, { kind: 'duplicate' })
    for (const { id, seq } of results[first + LATE_AT]!.results) touched.set(id, { kind: 'updated', seq })
    for (const { id, seq } of results[first + REPLACED_AT]!.results) touched.set(id, { kind: 'updated', seq })
    for (const { id, seq } of results[first + CREATED_AT]!.results) touched.set(id, { kind: 'created', seq })
  }
  const outcomes = ids.map((id) => touched.get(id) ?? { kind: 'unchanged' as const })
  return { outcomes, outbox: results.at(-1)!.results.length > 0 }
}

const highestParameter = (sql: string): number =>
  Math.max(...[...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)))

/** Ranges in which no id comes twice. */
function withoutRepetition(ids: readonly string[]): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = []
  let seen = new Set<string>()
  let from = 0
  for (const [i, id] of ids.entries()) {
    if (seen.has(id)) {
      ranges.push({ from, to: i })
      seen = new Set()
      from = i
    }
    seen.add(id)
  }
  if (from < ids.length) ranges.push({ from, to: ids.length })
  return ranges
}
