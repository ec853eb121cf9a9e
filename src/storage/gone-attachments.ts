// Files that go with the records that name them. Nothing but the answers says which record an attachment belongs to: when
// they are erased, or purged with their form, the files that they name become the submission's, whose files go with it.
// Their names are kept: clients that have such a file are told to delete it, and one that sends it late does not bring it
// back. A file stays that another standing record, or a payload in quarantine, of the same people names.
import type { SubmissionId, UserId } from '../lib/ids.ts'
import { forgetAt, isRandomName } from './random-names.ts'
import { RAISE_COUNTER } from './seq.ts'
import type { D1Handle, TenantDb } from './tenant-db.ts'

// In all statements: ?1 tenant, ?2 submission ids, ?3 the time. Each takes exactly the parameters that it names.

const textsOf = (text: string, path = '$') => `json_tree(iif(json_valid(${text}), ${text}, 'null'), '${path}') AS t`

/** Of the project that sync clients know: only there may a random name be one whose file is still to come. */
const MINE = `(
  SELECT s.id, s.user_id, s.data, EXISTS (
    SELECT 1 FROM forms AS f CROSS JOIN projects AS p ON p.tenant_id = ?1 AND p.id = f.project_id
    WHERE f.tenant_id = ?1 AND f.id = s.form_id AND p.is_default = 1) AS is_synced
  FROM submissions AS s WHERE (s.tenant_id, s.id) IN (SELECT ?1, value FROM json_each(?2))) AS mine`
const isFileName = (text: string) => `length(${text}) <= 255 AND ((mine.is_synced AND ${isRandomName(text)})
  OR EXISTS (SELECT 1 FROM attachments AS a WHERE a.tenant_id = ?1 AND a.name = ${text}))`

const NAMED_IN_ROWS = `
SELECT t.atom AS name, mine.id AS submission_id, mine.user_id FROM ${MINE} CROSS JOIN ${textsOf('mine.data')}
WHERE t.type = 'text' AND ${isFileName('t.atom')}
UNION ALL
SELECT t.atom, mine.id, r.user_id
FROM ${MINE} CROSS JOIN submission_revisions AS r ON r.tenant_id = ?1 AND r.submission_id = mine.id
  CROSS JOIN ${textsOf('r.data')}
WHERE t.type = 'text' AND ${isFileName('t.atom')}
UNION ALL
SELECT t.atom, mine.id, q.user_id
FROM ${MINE} CROSS JOIN quarantine AS q ON q.tenant_id = ?1 AND q.submission_id = mine.id
  CROSS JOIN ${textsOf('q.body', '$.data')}
WHERE t.type = 'text' AND ${isFileName('t.atom')}`

/** ?4: texts of one submission's answers. */
const NAMED_IN_LIST = `
SELECT t.value AS name, mine.id AS submission_id, mine.user_id FROM ${MINE} CROSS JOIN json_each(?4) AS t
WHERE ${isFileName('t.value')}`

const COUNTER = '(SELECT seq FROM tenant_counters WHERE tenant_id = ?1)'
const UPLOADER = `(SELECT m.user_id FROM attachments AS a CROSS JOIN media AS m ON m.tenant_id = ?1 AND m.id = a.media_id
  WHERE a.tenant_id = ?1 AND a.name = named.name)`

// `kept` is one pass over what the senders and the uploaders still have: there is no index of who names what, and a look
// for each name would take hours when a form with 100,000 photos goes.
const noteGone = (named: string) => `
WITH named AS MATERIALIZED (
  SELECT name, max(user_id) AS user_id FROM (${named}) GROUP BY name
),
people AS MATERIALIZED (SELECT user_id FROM named UNION SELECT ${UPLOADER} FROM named),
kept AS MATERIALIZED (
  SELECT t.atom AS name FROM submissions AS o INDEXED BY submissions_user CROSS JOIN ${textsOf('o.data')}
  WHERE o.tenant_id = ?1 AND o.user_id IN (SELECT user_id FROM people) AND o.deleted_at_ms IS NULL
    AND o.id NOT IN (SELECT value FROM json_each(?2))
    AND o.form_id IN (SELECT f.id FROM forms AS f WHERE f.tenant_id = ?1 AND f.deleted_at_ms IS NULL)
    AND t.type = 'text' AND t.atom IN (SELECT name FROM named)
  UNION
  SELECT t.atom FROM quarantine AS q CROSS JOIN ${textsOf('q.body', '$.data')}
  WHERE q.tenant_id = ?1 AND q.state = 'open' AND q.user_id IN (SELECT user_id FROM people)
    AND coalesce(q.submission_id, '') NOT IN (SELECT value FROM json_each(?2))
    AND t.type = 'text' AND t.atom IN (SELECT name FROM named)
)
INSERT INTO gone_attachments (tenant_id, name, seq, user_id, forget_at_ms)
SELECT ?1, named.name, ${COUNTER}, coalesce(${UPLOADER}, named.user_id), ${forgetAt('named.name', '?3')}
FROM named WHERE named.name NOT IN (SELECT name FROM kept)
ON CONFLICT (tenant_id, name) DO UPDATE
  SET seq = excluded.seq, user_id = excluded.user_id, forget_at_ms = excluded.forget_at_ms
  WHERE EXISTS (SELECT 1 FROM attachments AS a WHERE a.tenant_id = ?1 AND a.name = excluded.name)`

const JUST_GONE = `SELECT g.name FROM gone_attachments AS g WHERE g.tenant_id = ?1 AND g.seq = ${COUNTER}`

// A submission may name the same bytes twice, which no place has twice: the name is the place.
const claim = (named: string) => `
UPDATE media SET submission_id = mine.submission_id, field_id = mine.name
FROM (
  SELECT a.media_id, a.name, min(named.submission_id) AS submission_id
  FROM (${named}) AS named CROSS JOIN attachments AS a ON a.tenant_id = ?1 AND a.name = named.name
  WHERE named.name IN (${JUST_GONE}) GROUP BY a.media_id
) AS mine
WHERE media.tenant_id = ?1 AND media.id = mine.media_id AND media.submission_id IS NULL`

const FREE_NAMES = `DELETE FROM attachments WHERE tenant_id = ?1 AND name IN (${JUST_GONE})`

/** For a batch that has raised the counter: the names of these submissions are gone, and their files are theirs. */
export const LET_GO_OF_ATTACHMENTS = [noteGone(NAMED_IN_ROWS), claim(NAMED_IN_ROWS), FREE_NAMES]

const HIDE = `
UPDATE media SET deleted_at_ms = ?3
WHERE (tenant_id, submission_id) IN (SELECT ?1, value FROM json_each(?2)) AND deleted_at_ms IS NULL`

/** Whoever removes what is left of erasures comes for the files. */
const NOTE_REMAINS = `
INSERT INTO erasures (tenant_id, submission_id, started_at_ms)
SELECT ?1, value, ?3 FROM json_each(?2) WHERE true
ON CONFLICT (tenant_id, submission_id) DO NOTHING`

interface Handle {
  d1: D1Handle
  tenantId: string
}

/** A statement takes exactly the parameters that it names. */
function prepared({ d1, tenantId }: Handle, sql: string, ids: SubmissionId[], atMs: number, names = '') {
  const values = [tenantId, JSON.stringify(ids), atMs, names]
  const used = Math.max(...[...sql.matchAll(/\?(\d)/g)].map(([, n]) => Number(n)))
  return d1.prepare(sql).bind(...values.slice(0, used))
}

export const letGoStatements = (handle: Handle, ids: SubmissionId[], atMs: number) =>
  LET_GO_OF_ATTACHMENTS.map((sql) => prepared(handle, sql, ids, atMs))

/** The same by itself, for submissions that are purged. */
export async function letGoOfAttachments(handle: Handle, ids: SubmissionId[], atMs: number): Promise<void> {
  const { d1, tenantId } = handle
  const any = `SELECT EXISTS (${NAMED_IN_ROWS}) AS found`
  if (!(await prepared(handle, any, ids, atMs).first<number>('found'))) return
  await d1.batch([
    d1.prepare(RAISE_COUNTER).bind(tenantId, 1),
    ...letGoStatements(handle, ids, atMs),
    prepared(handle, HIDE, ids, atMs),
  ])
}

/** The same of answers that stand in no row: too large for one, or refused because their submission is erased. */
export async function letGoOfNamesIn(
  handle: Handle,
  id: SubmissionId,
  texts: string[],
  { atMs, isErased }: { atMs: number; isErased: boolean },
): Promise<void> {
  const { d1, tenantId } = handle
  for (let from = 0; from < texts.length; from += NAMES_AT_ONCE) {
    const names = JSON.stringify(texts.slice(from, from + NAMES_AT_ONCE))
    const run = (sql: string) => prepared(handle, sql, [id], atMs, names)
    if (!(await run(`SELECT EXISTS (${NAMED_IN_LIST}) AS found`).first<number>('found'))) continue
    await d1.batch([
      d1.prepare(RAISE_COUNTER).bind(tenantId, 1),
      ...[noteGone(NAMED_IN_LIST), claim(NAMED_IN_LIST), FREE_NAMES, HIDE].map(run),
      ...(isErased ? [run(NOTE_REMAINS)] : []),
    ])
  }
}

const MAX_NAME_CHARS = 255
const NAMES_AT_ONCE = 2_000

/** What could be names in answers, or in those of a whole record (`of`). Nothing in what is no JSON, encrypted answers for
 *  one: they name nothing that could be read here. */
export function possibleNames(json: string, of?: 'data'): string[] {
  try {
    const value = JSON.parse(json) as Record<string, unknown> | null
    return textsIn(of ? value?.[of] : value)
  } catch {
    return []
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length <= MAX_NAME_CHARS ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** Whether the name went with a record, and if so, whether it is a random one. */
export async function findGoneAttachment(
  { d1, tenantId }: TenantDb,
  name: string,
): Promise<{ isRandom: boolean } | null> {
  const row = await d1
    .prepare('SELECT forget_at_ms IS NULL AS isRandom FROM gone_attachments WHERE tenant_id = ?1 AND name = ?2')
    .bind(tenantId, name)
    .first<{ isRandom: number }>()
  return row && { isRandom: row.isRandom === 1 }
}

export interface GoneAttachment {
  name: string
  seq: number
}

/** In the order of their going, behind `after`, at most `limit`. Several may have the same seq. */
export async function listGoneAttachments(
  { d1, tenantId }: TenantDb,
  userId: UserId | null,
  after: GoneAttachment,
  limit: number,
): Promise<GoneAttachment[]> {
  const { results } = await d1
    .prepare(
      `SELECT name, seq FROM gone_attachments
       WHERE tenant_id = ?1 AND (seq, name) > (?2, ?3) AND (?4 IS NULL OR user_id = ?4) ORDER BY seq, name LIMIT ?5`,
    )
    .bind(tenantId, after.seq, after.name, userId, limit)
    .all<GoneAttachment>()
  return results
}
