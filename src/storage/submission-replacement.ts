// Whole records sent again, for sync protocols: what arrives last wins. New ids are stored as by submission-rows.ts; a
// known one takes the whole new record (only when it was collected stays as first told), and every state is kept as a
// revision. A record that was written ahead and comes in after a newer one becomes history.
//
// Two D1 batches: new rows, as most are, and what is known. In the second, whether a row is newer or late is asked of the database anew in each statement, and the two are settled
// in this order: late rows first, because settling the newer ones changes what they are compared with.
import { OUTBOX_OF_SUBMISSIONS } from './outbox.ts'
import { REVISION_COLUMNS } from './submission-changes.ts'
import {
  at,
  chunks,
  decodeRow,
  INSERT_ROWS,
  insertSubmissionRows,
  RAISE_COUNTER,
  type SharedColumns,
  sharedValues,
} from './submission-rows.ts'
import type { D1Handle } from './tenant-db.ts'

export type Replaced =
  | { kind: 'created' | 'updated'; seq: number }
  | { kind: 'unchanged' | 'duplicate' }
  | { kind: 'refused'; reason: string }

/** Known rows that the sender may replace: those of a project and, if it names one, of a user. */
export interface Within {
  projectId: string
  userId: string | null
}

// Parameters as in submission-rows.ts: ?1 rows, ?2 tenant, ?3 seq offset, ?4-?10 shared columns; ?11 project, ?12 user.
const SEQ = 'k.seq + ?3 + v.key'
const COUNTER = '(SELECT seq FROM tenant_counters WHERE tenant_id = ?2) AS k'
const field = (name: Parameters<typeof at>[0]) => `(v.${at(name)})`
/** Large answers are known by their object: each arrival has its own. */
const DIFFERS = `(s.data IS NOT ${field('data')} OR s.data_key IS NOT ${field('dataKey')}
  OR s.form_version_id IS NOT ${field('formVersionId')} OR s.form_id <> ${field('formId')}
  OR s.version_label IS NOT ${field('versionLabel')} OR s.extras IS NOT ${field('extras')}
  OR s.reported_device_id IS NOT ${field('reportedDeviceId')}
  OR (s.deleted_at_ms IS NOT NULL) <> coalesce(${field('deleted')}, 0))`
const WITHIN = `(?11 IS NULL OR s.form_id IN (SELECT f.id FROM forms AS f WHERE f.tenant_id = ?2 AND f.project_id = ?11))
  AND (?12 IS NULL OR s.user_id IS ?12)`
// CROSS JOIN: SQLite takes a tenant for ten rows and would read all of it rather than look up each item.
const NAMED = `json_each(?1) AS v CROSS JOIN submissions AS s
  ON s.tenant_id = ?2 AND s.id = ${field('id')} AND s.erased_at_ms IS NULL`
const KNOWN = `${NAMED} AND ${WITHIN}`
const NEWER = `${field('submittedAtMs')} >= s.updated_at_ms AND ${DIFFERS}`
/** Late, and not written down by an earlier attempt whose end was not seen. */
const LATE = `${field('submittedAtMs')} < s.updated_at_ms AND ${DIFFERS} AND NOT EXISTS (
  SELECT 1 FROM submission_revisions AS r WHERE r.tenant_id = s.tenant_id AND r.submission_id = s.id
    AND r.at_ms = ${field('submittedAtMs')} AND r.data IS ${field('data')} AND r.data_key IS ${field('dataKey')})`
const STATE = `iif(s.review_state IN ('received', 'has_issues'),
  iif(${field('issues')} IS NULL, 'received', 'has_issues'), s.review_state)`

/** The first change also writes down what was there before it. */
const KEEP_FIRST = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, 1, s.created_seq, 'create', s.form_version_id, s.data, s.data_key, s.issues, s.review_state,
  s.collected_at_ms, s.actor_kind, s.actor_id, s.user_id, s.device_id, s.protocol, s.submitted_at_ms,
  s.extras
FROM ${KNOWN}
WHERE s.revision = 1 AND ((${NEWER}) OR (${LATE}))
ON CONFLICT (tenant_id, submission_id, revision) DO NOTHING`

const CHANGE = `CASE WHEN ${field('deleted')} AND s.deleted_at_ms IS NULL THEN 'delete'
  WHEN ${field('deleted')} IS NULL AND s.deleted_at_ms IS NOT NULL THEN 'restore' ELSE 'edit' END`

const keepState = (condition: string, change = `'edit'`) => `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, s.revision + 1, ${SEQ}, ${change}, ${field('formVersionId')}, ${field('data')},
  ${field('dataKey')}, ${field('issues')}, ${STATE}, coalesce(s.collected_at_ms, ${field('collectedAtMs')}),
  ?4, ?5, ?6, ?7, ?8, ${field('submittedAtMs')}, ${field('extras')}
FROM ${KNOWN}, ${COUNTER}
WHERE ${condition}`

const WITH_LATE = `${KNOWN} JOIN ${COUNTER} JOIN submission_revisions AS late
  ON late.tenant_id = ?2 AND late.submission_id = s.id AND late.revision = s.revision + 1 AND late.seq = ${SEQ}`

/** After a late state stands the latest one again, so that each revision is what its number says: the state after it. */
const RESTATE = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT r.tenant_id, r.submission_id, r.revision + 2, ${SEQ}, 'edit', r.form_version_id, r.data, r.data_key, r.issues,
  r.review_state, r.collected_at_ms, r.actor_kind, r.actor_id, r.user_id, r.device_id, r.protocol, r.at_ms,
  r.extras
FROM ${WITH_LATE} JOIN submission_revisions AS r
  ON r.tenant_id = ?2 AND r.submission_id = s.id AND r.revision = s.revision`

const COUNT_LATE = `
UPDATE submissions SET revision = submissions.revision + 2, seq = f.seq
FROM (SELECT s.tenant_id AS tenant_id, s.id AS id, ${SEQ} AS seq FROM ${WITH_LATE} LIMIT -1) AS f
WHERE submissions.tenant_id = f.tenant_id AND submissions.id = f.id
RETURNING id, seq`

const REPLACE = `
UPDATE submissions SET seq = f.new_seq, revision = submissions.revision + 1, updated_at_ms = f.at_ms,
  form_id = f.form_id, form_version_id = f.form_version_id, version_label = f.version_label, data = f.data,
  data_key = f.data_key, data_bytes = f.data_bytes, data_kind = f.data_kind, issues = f.issues, review_state = f.state,
  collected_at_ms = f.collected_at_ms, collected_offset_min = f.collected_offset_min,
  device_clock_ms = f.device_clock_ms, reported_device_id = f.reported_device_id, extras = f.extras,
  deleted_at_ms = f.deleted_at_ms, occurred_at_ms = coalesce(f.collected_at_ms, submissions.submitted_at_ms)
FROM (
  SELECT s.tenant_id AS tenant_id, s.id AS id, ${SEQ} AS new_seq, ${field('submittedAtMs')} AS at_ms,
    ${field('formId')} AS form_id, ${field('formVersionId')} AS form_version_id,
    ${field('versionLabel')} AS version_label, ${field('data')} AS data,
    ${field('dataKey')} AS data_key, ${field('dataBytes')} AS data_bytes,
    coalesce(${field('dataKind')}, 'json') AS data_kind, ${field('issues')} AS issues, ${STATE} AS state,
    coalesce(s.collected_at_ms, ${field('collectedAtMs')}) AS collected_at_ms,
    iif(s.collected_at_ms IS NULL, ${field('collectedOffsetMin')}, s.collected_offset_min) AS collected_offset_min,
    ${field('deviceClockMs')} AS device_clock_ms, ${field('reportedDeviceId')} AS reported_device_id,
    ${field('extras')} AS extras,
    iif(${field('deleted')}, coalesce(s.deleted_at_ms, ${field('submittedAtMs')}), NULL) AS deleted_at_ms
  FROM ${KNOWN}, ${COUNTER}
  WHERE ${NEWER}
  LIMIT -1
) AS f
WHERE submissions.tenant_id = f.tenant_id AND submissions.id = f.id
RETURNING id, seq`

// What is replaced may be deleted, restored, or another form's from now on: it is taken out of the counts before, and
// put in again after.
const LIVE = 's.deleted_at_ms IS NULL GROUP BY s.form_id, s.mode'
const UNCOUNT = `
UPDATE submission_counts SET total = total - d.n
FROM (SELECT s.tenant_id, s.form_id, s.mode, count(*) AS n FROM ${NAMED} WHERE ${LIVE}) AS d
WHERE submission_counts.tenant_id = d.tenant_id AND submission_counts.form_id = d.form_id
  AND submission_counts.mode = d.mode`
const COUNT = `
INSERT INTO submission_counts (tenant_id, form_id, mode, total)
SELECT s.tenant_id, s.form_id, s.mode, count(*) FROM ${NAMED} WHERE ${LIVE}
ON CONFLICT (tenant_id, form_id, mode) DO UPDATE SET total = total + excluded.total`

const FOREIGN = `SELECT s.id FROM ${NAMED} AND NOT (${WITHIN})`
const FOREIGN_REASON = 'Its name belongs to a record of somebody else, or of another project.'

/** Erased ones stay as they are: they are known, and nothing is kept of what came. */
const ERASED = `
SELECT id FROM submissions WHERE (tenant_id, id) IN (SELECT ?2, ${at('id')} FROM json_each(?1))
  AND erased_at_ms IS NOT NULL`

/** Per chunk: its statements, and where the answers stand among them. */
const PER_CHUNK = [
  UNCOUNT,
  FOREIGN,
  ERASED,
  KEEP_FIRST,
  keepState(LATE),
  RESTATE,
  COUNT_LATE,
  keepState(NEWER, CHANGE),
  REPLACE,
  INSERT_ROWS,
  COUNT,
]
const [FOREIGN_AT, ERASED_AT, LATE_AT, REPLACED_AT, CREATED_AT] = [1, 2, 6, 8, 9]

interface Touched {
  id: string
  seq: number
}

/**
 * Stores or replaces rows (texts of `encodeRow`, whose `submittedAtMs` is the time of arrival) in order and tells what
 * became of each. An id that comes twice counts twice, in order. Throws D1's error; then the rows of this call are stored
 * up to some repetition of an id, and the same call again does the rest.
 */
export async function replaceSubmissionRows(
  d1: D1Handle,
  tenantId: string,
  shared: SharedColumns & { within?: Within },
  rows: string[],
  atMs: number,
): Promise<Replaced[]> {
  const ids = rows.map((row) => decodeRow(row).id)
  const outcomes: Replaced[] = []
  for (const { from, to } of withoutRepetition(ids)) {
    const [some, names] = [rows.slice(from, to), ids.slice(from, to)]
    const created = await insertSubmissionRows(d1, tenantId, shared, some, atMs)
    const known = names.flatMap((id, i) => (created.has(id) ? [] : some[i]!))
    const touched =
      known.length === 0 ? new Map<string, Replaced>() : await replaceKnown(d1, tenantId, shared, known, atMs)
    for (const id of names) {
      const seq = created.get(id)
      outcomes.push(seq === undefined ? (touched.get(id) ?? { kind: 'unchanged' }) : { kind: 'created', seq })
    }
  }
  return outcomes
}

async function replaceKnown(
  d1: D1Handle,
  tenantId: string,
  shared: SharedColumns & { within?: Within },
  rows: string[],
  atMs: number,
): Promise<Map<string, Replaced>> {
  const { projectId = null, userId = null } = shared.within ?? {}
  const statements: D1PreparedStatement[] = [d1.prepare(RAISE_COUNTER).bind(tenantId, rows.length)]
  const ranges = chunks(rows)
  for (const { from, to } of ranges) {
    const text = `[${rows.slice(from, to).join(',')}]`
    const values = [text, tenantId, from - rows.length + 1, ...sharedValues(shared), projectId, userId]
    // A statement takes exactly the parameters that it names.
    for (const sql of PER_CHUNK) statements.push(d1.prepare(sql).bind(...values.slice(0, highestParameter(sql))))
  }
  statements.push(d1.prepare(OUTBOX_OF_SUBMISSIONS).bind(tenantId, rows.length, atMs))
  const results = await d1.batch<Touched>(statements)
  const touched = new Map<string, Replaced>()
  for (const index of ranges.keys()) {
    const first = 1 + index * PER_CHUNK.length
    const foundAt = (place: number) => results[first + place]!.results
    for (const { id } of foundAt(FOREIGN_AT)) touched.set(id, { kind: 'refused', reason: FOREIGN_REASON })
    for (const { id } of foundAt(ERASED_AT)) touched.set(id, { kind: 'duplicate' })
    for (const { id, seq } of foundAt(LATE_AT)) touched.set(id, { kind: 'updated', seq })
    for (const { id, seq } of foundAt(REPLACED_AT)) touched.set(id, { kind: 'updated', seq })
    for (const { id, seq } of foundAt(CREATED_AT)) touched.set(id, { kind: 'created', seq })
  }
  return touched
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
