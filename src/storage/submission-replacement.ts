// Whole records sent again, for sync protocols: what arrives last wins. New ids are stored as by submission-rows.ts; a
// known one takes the whole new record (only when it was collected stays as first told), and every state is kept as a
// revision. A record that was written ahead and comes in after a newer one becomes history.
//
// One D1 batch. Whether a row is newer or late is asked of the database anew in each statement, and the two are settled
// in this order: late rows first, because settling the newer ones changes what they are compared with. Only the
// replacement itself reads the rows' JSON: the others go by a list of ids and times, which costs a tenth.
import type { SubmissionId } from '../lib/ids.ts'
import { ASSUMPTION_WRONG } from './d1-errors.ts'
import { letGoOfNamesIn, possibleNames } from './gone-attachments.ts'
import { OUTBOX_OF_SUBMISSIONS } from './outbox.ts'
import { cursorOf, type SettledPush, settleStatements } from './repositories.ts'
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

export type Replaced =
  | { kind: 'created' | 'updated'; seq: number }
  | { kind: 'unchanged' | 'duplicate' }
  | { kind: 'refused'; reason: string }

/** Known rows that the sender may replace: those of a project and, if it names one, of a user. */
export interface Within {
  projectId: string
  userId: string | null
}

// Parameters as in submission-rows.ts: ?1 rows, ?2 tenant, ?3 seq offset, ?4-?10 shared columns; ?11 project, ?12 user,
// ?13 id and time of arrival of each row.
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
const NAMED = `json_each(?13) AS w CROSS JOIN submissions AS s
  ON s.tenant_id = ?2 AND s.id = (w.value ->> 0) AND s.erased_at_ms IS NULL`
const KNOWN = `json_each(?1) AS v CROSS JOIN submissions AS s
  ON s.tenant_id = ?2 AND s.id = ${field('id')} AND s.erased_at_ms IS NULL AND ${WITHIN}`
const NEWER = `${field('submittedAtMs')} >= s.updated_at_ms AND ${DIFFERS}`
/** Late, and not written down by an earlier attempt whose end was not seen. */
const LATE = `${field('submittedAtMs')} < s.updated_at_ms AND ${DIFFERS} AND NOT EXISTS (
  SELECT 1 FROM submission_revisions AS r WHERE r.tenant_id = s.tenant_id AND r.submission_id = s.id
    AND r.at_ms = ${field('submittedAtMs')} AND r.data IS ${field('data')} AND r.data_key IS ${field('dataKey')})`
const STATE = `iif(s.review_state IN ('received', 'has_issues'),
  iif(${field('issues')} IS NULL, 'received', 'has_issues'), s.review_state)`

/** The first change also writes down what was there before it. Whether it is one shows later: see DROP_NEEDLESS. */
const KEEP_FIRST = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, 1, s.created_seq, 'create', s.form_version_id, s.data, s.data_key, s.issues, s.review_state,
  s.collected_at_ms, s.actor_kind, s.actor_id, s.user_id, s.device_id, s.protocol, s.submitted_at_ms,
  s.extras
FROM ${NAMED} AND ${WITHIN} AND s.revision = 1
WHERE true
ON CONFLICT (tenant_id, submission_id, revision) DO NOTHING`

/** What has not changed after all has no history. */
const DROP_NEEDLESS = `
DELETE FROM submission_revisions WHERE (tenant_id, submission_id, revision) IN (
  SELECT s.tenant_id, s.id, 1 FROM ${NAMED} AND s.revision = 1)`

/** The rows' JSON is looked at only if any of them is late. */
const KEEP_LATE = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, s.revision + 1, k.seq + ?3 + v.key, 'edit', ${field('formVersionId')}, ${field('data')},
  ${field('dataKey')}, ${field('issues')}, ${STATE}, coalesce(s.collected_at_ms, ${field('collectedAtMs')}),
  ?4, ?5, ?6, ?7, ?8, ${field('submittedAtMs')}, ${field('extras')}
FROM (SELECT 1 FROM ${NAMED} AND (w.value ->> 1) < s.updated_at_ms LIMIT 1) CROSS JOIN ${KNOWN} CROSS JOIN ${COUNTER}
WHERE ${LATE}`

const WITH_LATE = `${NAMED} CROSS JOIN ${COUNTER} CROSS JOIN submission_revisions AS late
  ON late.tenant_id = ?2 AND late.submission_id = s.id AND late.revision = s.revision + 1
    AND late.seq = k.seq + ?3 + w.key`

/** After a late state stands the latest one again, so that each revision is what its number says: the state after it. */
const RESTATE = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT r.tenant_id, r.submission_id, r.revision + 2, k.seq + ?3 + w.key, 'edit', r.form_version_id, r.data, r.data_key,
  r.issues, r.review_state, r.collected_at_ms, r.actor_kind, r.actor_id, r.user_id, r.device_id, r.protocol, r.at_ms,
  r.extras
FROM ${WITH_LATE} CROSS JOIN submission_revisions AS r
  ON r.tenant_id = ?2 AND r.submission_id = s.id AND r.revision = s.revision`

const COUNT_LATE = `
UPDATE submissions SET revision = submissions.revision + 2, seq = f.seq
FROM (SELECT s.tenant_id AS tenant_id, s.id AS id, k.seq + ?3 + w.key AS seq FROM ${WITH_LATE} LIMIT -1) AS f
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
  SELECT s.tenant_id AS tenant_id, s.id AS id, k.seq + ?3 + v.key AS new_seq, ${field('submittedAtMs')} AS at_ms,
    ${field('formId')} AS form_id, ${field('formVersionId')} AS form_version_id,
    ${field('versionLabel')} AS version_label, ${field('data')} AS data,
    ${field('dataKey')} AS data_key, ${field('dataBytes')} AS data_bytes,
    coalesce(${field('dataKind')}, 'json') AS data_kind, ${field('issues')} AS issues, ${STATE} AS state,
    coalesce(s.collected_at_ms, ${field('collectedAtMs')}) AS collected_at_ms,
    iif(s.collected_at_ms IS NULL, ${field('collectedOffsetMin')}, s.collected_offset_min) AS collected_offset_min,
    ${field('deviceClockMs')} AS device_clock_ms, ${field('reportedDeviceId')} AS reported_device_id,
    ${field('extras')} AS extras,
    iif(${field('deleted')}, coalesce(s.deleted_at_ms, ${field('submittedAtMs')}), NULL) AS deleted_at_ms
  FROM ${KNOWN} CROSS JOIN ${COUNTER}
  WHERE ${NEWER}
  LIMIT -1
) AS f
WHERE submissions.tenant_id = f.tenant_id AND submissions.id = f.id
RETURNING id, seq`

// The rows of this batch are those above the counter's old value; new ones still have the seq that they were created
// with. ?1 tenant, ?2 how many seqs were taken, ?3-?7 the actor. A late state has written its revisions already.
const KEEP_REVISION = `
INSERT INTO submission_revisions (${REVISION_COLUMNS})
SELECT s.tenant_id, s.id, s.revision, s.seq,
  CASE WHEN s.deleted_at_ms = s.updated_at_ms THEN 'delete'
    WHEN s.deleted_at_ms IS NULL AND (
      SELECT r.change FROM submission_revisions AS r
      WHERE r.tenant_id = ?1 AND r.submission_id = s.id AND r.change IN ('delete', 'restore')
      ORDER BY r.revision DESC LIMIT 1) = 'delete' THEN 'restore'
    ELSE 'edit' END,
  s.form_version_id, s.data, s.data_key, s.issues, s.review_state, s.collected_at_ms, ?3, ?4, ?5, ?6, ?7,
  s.updated_at_ms, s.extras
FROM submissions AS s
WHERE s.tenant_id = ?1 AND s.seq > (SELECT seq FROM tenant_counters WHERE tenant_id = ?1) - ?2 AND s.created_seq <> s.seq
ON CONFLICT (tenant_id, submission_id, revision) DO NOTHING`

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

/** Erased ones stay as they are: they are known, and nothing is kept of what came, nor of the files that it names. */
const ERASED = `
SELECT id FROM submissions WHERE (tenant_id, id) IN (SELECT ?2, value ->> 0 FROM json_each(?13))
  AND erased_at_ms IS NOT NULL`
const FOUND = `SELECT s.id FROM ${NAMED}`

/** Per chunk of known rows: its statements, and where the answers stand among them. */
const PER_CHUNK = [
  UNCOUNT,
  FOUND,
  FOREIGN,
  ERASED,
  KEEP_FIRST,
  KEEP_LATE,
  RESTATE,
  COUNT_LATE,
  REPLACE,
  DROP_NEEDLESS,
  COUNT,
].map((sql) => ({ sql, parameters: Math.max(...[...sql.matchAll(/\?(\d+)/g)].map(([, n]) => Number(n))) }))
const [FOUND_AT, FOREIGN_AT, ERASED_AT, LATE_AT, REPLACED_AT] = [1, 2, 3, 7, 8]
/** What is taken for new may be known by the time it is written, and the other way round. */
const MAX_ROUNDS = 4

interface Touched {
  id: string
  seq: number
}

/** A row on its way: the text of `encodeRow`, and what is in it that says where it goes. */
interface RowToPlace {
  id: string
  atMs: number
  text: string
}

export interface Replacing {
  /** The outbox row's time. */
  atMs: number
  /** Ids that were there a moment ago: a hint, which saves looking for new rows among them. */
  expected: ReadonlySet<string>
  settles: (SettledPush | null)[]
  /** Whether somebody listened to the last change. Otherwise pushes that assume things also assume that nobody does. */
  isHeard: boolean
}

/**
 * Stores or replaces rows (texts of `encodeRow`, whose `submittedAtMs` is the time of arrival) and tells what became of
 * each, and whether there is a row in the outbox. An id that comes twice counts twice, in order. Throws D1's error; then
 * the rows of this call are stored in part at most, and the same call again does the rest.
 */
export async function replaceSubmissionRows(
  d1: D1Handle,
  tenantId: string,
  shared: SharedColumns & { within?: Within },
  texts: string[],
  { atMs, expected, settles, isHeard }: Replacing,
): Promise<{ outcomes: Replaced[]; outbox: boolean; cursors: (number | null)[] }> {
  const rows = texts.map((text): RowToPlace => {
    const { id, submittedAtMs } = decodeRow(text)
    return { id, atMs: submittedAtMs, text }
  })
  const known = new Set(expected)
  const outcomes: Replaced[] = []
  let outbox = false
  let cursors: (number | null)[] | undefined
  const pieces = withoutRepetition(rows)
  // What a push assumes is checked where it is settled.
  if (pieces.length > 1 && settles.some((push) => push && push.assumedGeneration !== null))
    throw new Error(ASSUMPTION_WRONG)
  for (const some of pieces) {
    const settled = new Map<string, Replaced>()
    let left = some
    for (let round = 1; left.length > 0; round++) {
      if (round > MAX_ROUNDS) throw new Error(`${left.length} rows are neither new nor known`)
      // Nothing is settled while further rows are to come: whoever asked for it does so afterwards.
      const placing = {
        rows: left,
        known,
        settled,
        atMs,
        settles: pieces.length > 1 || cursors ? [] : settles,
        isHeard,
      }
      const placed = await place(d1, tenantId, shared, placing)
      cursors ??= placed.cursors
      outbox ||= placed.outbox
      left = left.filter(({ id }) => !settled.has(id))
    }
    for (const { id } of some) {
      known.add(id)
      outcomes.push(settled.get(id)!)
    }
  }
  return { outcomes, outbox, cursors: cursors ?? [] }
}

interface Placing {
  rows: RowToPlace[]
  /** Ids that are taken for known; corrected where that turns out wrong. */
  known: Set<string>
  /** What became of each row that this call has settled. */
  settled: Map<string, Replaced>
  atMs: number
  settles: (SettledPush | null)[]
  isHeard: boolean
}

async function place(
  d1: D1Handle,
  tenantId: string,
  shared: SharedColumns & { within?: Within },
  { rows, known, settled, atMs, settles, isHeard }: Placing,
): Promise<{ outbox: boolean; cursors: (number | null)[] }> {
  const { projectId = null, userId = null } = shared.within ?? {}
  const count = rows.length
  // Fresh rows take the first seqs, in their order, replaced ones those behind them.
  const groups = Map.groupBy(rows, ({ id }) => (known.has(id) ? 'old' : 'fresh'))
  const [fresh, old] = [groups.get('fresh') ?? [], groups.get('old') ?? []]
  const valuesOf = (some: RowToPlace[], before: number) => {
    const times = JSON.stringify(some.map((row) => [row.id, row.atMs]))
    const text = `[${some.map((row) => row.text).join(',')}]`
    return [text, tenantId, before - count + 1, ...sharedValues(shared), projectId, userId, times]
  }
  const statements = [d1.prepare(RAISE_COUNTER).bind(tenantId, count)]
  const add = (...more: D1PreparedStatement[]): number => statements.push(...more) - more.length
  const insertedAt = chunksOf(fresh).map(({ some, from }) =>
    add(d1.prepare(INSERT_ROWS).bind(...valuesOf(some, from).slice(0, 10))),
  )
  if (fresh.length > 0) add(d1.prepare(COUNT_NEW_ROWS).bind(tenantId, count))
  const replacedAt = chunksOf(old).map(({ some, from }) => {
    const values = valuesOf(some, fresh.length + from)
    // A statement takes exactly the parameters that it names.
    return add(...PER_CHUNK.map(({ sql, parameters }) => d1.prepare(sql).bind(...values.slice(0, parameters))))
  })
  if (old.length > 0) add(d1.prepare(KEEP_REVISION).bind(tenantId, count, ...sharedValues(shared).slice(0, 5)))
  const unheard = !isHeard && settles.length > 0 && settles.every((push) => push && push.assumedGeneration !== null)
  const outboxAt = unheard ? null : add(d1.prepare(OUTBOX_OF_SUBMISSIONS).bind(tenantId, count, atMs))
  const settledWith = { fresh: fresh.map(({ id }) => id), seqs: count, unheard }
  const settledAt = settles.map((push) => (push ? add(...settleStatements({ d1, tenantId }, push, settledWith)) : null))

  const results = await d1.batch<Touched>(statements)
  for (const position of insertedAt)
    for (const { id, seq } of results[position]!.results) settled.set(id, { kind: 'created', seq })
  for (const { id } of fresh) if (!settled.has(id)) known.add(id)
  const found = new Set<string>()
  for (const first of replacedAt) {
    const rowsOf = (statement: number) => results[first + statement]!.results
    for (const { id } of rowsOf(FOUND_AT)) found.add(id)
    for (const { id } of rowsOf(FOREIGN_AT)) settled.set(id, { kind: 'refused', reason: FOREIGN_REASON })
    for (const { id } of rowsOf(ERASED_AT)) {
      settled.set(id, { kind: 'duplicate' })
      const { data } = decodeRow(old.find((row) => row.id === id)!.text)
      const names = data === null ? [] : possibleNames(data)
      await letGoOfNamesIn({ d1, tenantId }, id as SubmissionId, names, { atMs, isErased: true })
    }
    for (const statement of [LATE_AT, REPLACED_AT])
      for (const { id, seq } of rowsOf(statement)) settled.set(id, { kind: 'updated', seq })
  }
  for (const { id } of old) {
    if (settled.has(id)) continue
    if (found.has(id)) settled.set(id, { kind: 'unchanged' })
    else known.delete(id)
  }
  return {
    outbox: outboxAt !== null && results[outboxAt]!.results.length > 0,
    cursors: settledAt.map((first) => (first === null ? null : cursorOf(results[first]!, results[first + 1]!))),
  }
}

const chunksOf = (rows: RowToPlace[]): { some: RowToPlace[]; from: number }[] =>
  chunks(rows.map(({ text }) => text)).map(({ from, to }) => ({ some: rows.slice(from, to), from }))

/** Pieces in which no id comes twice. */
function withoutRepetition(rows: readonly RowToPlace[]): RowToPlace[][] {
  const pieces: RowToPlace[][] = []
  let seen = new Set<string>()
  for (const row of rows) {
    if (pieces.length === 0 || seen.has(row.id)) {
      pieces.push([])
      seen = new Set()
    }
    seen.add(row.id)
    pieces.at(-1)!.push(row)
  }
  return pieces
}
