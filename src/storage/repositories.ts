// How sync clients see a tenant, and where each of them stands: generation, reset, cursors, what they were answered.
// Cursors and replies are written in one batch with the question they depend on, so that they tell of one moment.
import { sql } from 'drizzle-orm'
import type { ProjectId, SubmissionId, UserId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import { ASSUMPTION_WRONG } from './d1-errors.ts'
import { listensIn } from './outbox.ts'
import { takeSeq } from './seq.ts'
import type { D1Handle, TenantDb } from './tenant-db.ts'

export interface RepositoryRow {
  generation: number
  resetSeq: number
  resetActionId: string | null
  /** That action was taken back. */
  resetUndone: boolean
  /** The app bundle that is handed out. */
  activeBundle: number | null
  /** The tenant's counter at the same moment. */
  counter: number
  /** Null: the tenant has no default project yet. */
  projectId: ProjectId | null
}

const REPOSITORY = `
SELECT coalesce(r.generation, 1) AS generation, coalesce(r.reset_seq, 0) AS resetSeq, r.reset_action_id AS resetActionId,
  EXISTS (SELECT 1 FROM bulk_actions AS a WHERE a.tenant_id = ?1 AND a.id = r.reset_action_id
    AND a.state IN ('undoing', 'undone')) AS resetUndone,
  r.active_bundle AS activeBundle,
  coalesce((SELECT seq FROM tenant_counters WHERE tenant_id = ?1), 0) AS counter,
  (SELECT id FROM projects WHERE tenant_id = ?1 AND is_default = 1 ORDER BY created_at_ms, id LIMIT 1) AS projectId,
  (SELECT cursor_seq FROM sync_clients WHERE tenant_id = ?1 AND client_id = ?2) AS cursorSeq,
  (SELECT last_seen_at_ms FROM sync_clients WHERE tenant_id = ?1 AND client_id = ?2) AS seenAtMs,
  (SELECT reply FROM transmissions WHERE tenant_id = ?1 AND key = ?3) AS reply,
  (SELECT json_group_array(id) FROM submissions
    WHERE (tenant_id, id) IN (SELECT ?1, value FROM json_each(?4))) AS knownIds
FROM (SELECT 1) LEFT JOIN repositories AS r ON r.tenant_id = ?1`

export interface RepositoryState {
  repository: RepositoryRow
  /** Where the client stands; null when it never was here. */
  cursorSeq: number | null
  /** When it was seen last. */
  seenAtMs: number | null
  /** What the request of this key was answered. */
  reply: string | null
  /** Which of the ids are there. */
  knownIds: SubmissionId[]
}

/** What else is to be read with the repository. */
export interface RepositoryQuestion {
  clientId?: string
  /** A transmission's key. */
  transmission?: string
  ids?: SubmissionId[]
}

export const repositoryStatement = (
  { d1, tenantId }: { d1: D1Handle; tenantId: string },
  { clientId, transmission, ids = [] }: RepositoryQuestion,
) => d1.prepare(REPOSITORY).bind(tenantId, clientId ?? null, transmission ?? null, JSON.stringify(ids))

/** What that statement answers. */
export function readRepositoryOf({ results }: D1Result<unknown>): RepositoryState {
  const row = results[0] as RepositoryRow & Omit<RepositoryState, 'repository' | 'knownIds'> & { knownIds: string }
  const { cursorSeq, seenAtMs, reply, knownIds, ...repository } = row
  return {
    // SQLite's booleans are numbers.
    repository: { ...repository, resetUndone: Boolean(repository.resetUndone) },
    cursorSeq,
    seenAtMs,
    reply,
    knownIds: JSON.parse(knownIds) as SubmissionId[],
  }
}

export const readRepository = async (db: TenantDb, asked: RepositoryQuestion = {}): Promise<RepositoryState> =>
  readRepositoryOf(await repositoryStatement(db, asked).all())

export interface SeenClient {
  clientId: string
  userId: UserId
  appVersion: string | null
  atMs: number
}

const UPSERT_CLIENT = `
INSERT INTO sync_clients (tenant_id, client_id, cursor_seq, user_id, app_version, last_seen_at_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (tenant_id, client_id) DO UPDATE SET cursor_seq = excluded.cursor_seq, user_id = excluded.user_id,
  app_version = coalesce(excluded.app_version, sync_clients.app_version), last_seen_at_ms = excluded.last_seen_at_ms`

/** The client stands at `cursorSeq` from now on. */
export async function writeCursor(
  { d1, tenantId }: TenantDb,
  { clientId, userId, appVersion, atMs }: SeenClient,
  cursorSeq: number,
): Promise<void> {
  await d1.prepare(UPSERT_CLIENT).bind(tenantId, clientId, cursorSeq, userId, appVersion, atMs).run()
}

export interface SettledPush extends SeenClient {
  /** The request's key, and its answer as JSON text, still without `version`. */
  transmission: string
  reply: string
  /** Submission ids that the push has written or found as they were. */
  ids: string[]
  projectId: ProjectId
  /** Null: the client sees the records of all users. */
  ofUser: UserId | null
  /** Where a client stands that was never here. */
  resetSeq: number
  /** The generation that the sender takes for the present one, without having read it. Null: it has. */
  assumedGeneration: number | null
}

const HAS_OLDER = `EXISTS (
  SELECT 1 FROM json_each(?12) AS v CROSS JOIN submissions AS s ON s.tenant_id = ?1 AND s.id = v.value
  WHERE s.created_seq <= (SELECT seq FROM tenant_counters WHERE tenant_id = ?1) - ?13)`

// For a push that was sent without reading first. Where the repository is another one, the request was answered before,
// a record is no new one, or somebody listens whom the batch leaves nothing for (?14), this fails, and the whole batch
// with it: its sender then reads, and pushes once more.
const IS_AS_ASSUMED = `(?10 IS NULL OR (
  coalesce((SELECT generation FROM repositories WHERE tenant_id = ?1), 1) = ?10
  AND (SELECT id FROM projects WHERE tenant_id = ?1 AND is_default = 1 ORDER BY created_at_ms, id LIMIT 1) IS ?8
  AND NOT EXISTS (SELECT 1 FROM transmissions WHERE tenant_id = ?1 AND key = ?11) AND NOT ${HAS_OLDER}
  AND NOT (?14 AND ${listensIn('?1')})))`

// Whether anything lies between the client's cursor and the counter that it has not written itself just now: then it
// stays where it is, and fetches that with its next pull.
const ADVANCE = `
INSERT INTO sync_clients (tenant_id, client_id, cursor_seq, user_id, app_version, last_seen_at_ms)
SELECT ?1, iif(${IS_AS_ASSUMED}, ?2, json_extract('{}', '${ASSUMPTION_WRONG}')), iif(EXISTS (
    SELECT 1 FROM submissions AS s
    WHERE s.tenant_id = ?1 AND s.seq > at.seq AND s.mode = 'live' AND (?9 IS NULL OR s.user_id = ?9)
      AND s.id NOT IN (SELECT value FROM json_each(?7))
      AND s.form_id IN (SELECT f.id FROM forms AS f WHERE f.tenant_id = ?1 AND f.project_id = ?8))
    OR EXISTS (
      SELECT 1 FROM gone_records AS g WHERE g.tenant_id = ?1 AND g.seq > at.seq AND (?9 IS NULL OR g.user_id = ?9)),
  at.seq, k.seq), ?3, ?4, ?5
FROM (SELECT max(?6, coalesce(
    (SELECT cursor_seq FROM sync_clients WHERE tenant_id = ?1 AND client_id = ?2), 0)) AS seq) AS at,
  (SELECT coalesce((SELECT seq FROM tenant_counters WHERE tenant_id = ?1), 0) AS seq) AS k
WHERE true
ON CONFLICT (tenant_id, client_id) DO UPDATE SET cursor_seq = excluded.cursor_seq, user_id = excluded.user_id,
  app_version = coalesce(excluded.app_version, sync_clients.app_version), last_seen_at_ms = excluded.last_seen_at_ms
RETURNING cursor_seq AS cursorSeq`

// Parameters as above; ?6 where an unknown client stands, ?14 the answer. Not where a row belongs to somebody else, and was
// refused: that one is to be put into quarantine first. And not where a row is still to be written, because it was taken
// for new and is known, or the other way round: were this process to end in between, the answer would stand for a record
// that nobody has.
const KEEP_REPLY = `
INSERT INTO transmissions (tenant_id, key, reply, at_ms)
SELECT ?1, ?11, json_set(?14, '$.version', c.cursor_seq - ?6 + 1), ?5
FROM sync_clients AS c WHERE c.tenant_id = ?1 AND c.client_id = ?2 AND NOT EXISTS (
  SELECT 1 FROM json_each(?7) AS v LEFT JOIN submissions AS s ON s.tenant_id = ?1 AND s.id = v.value
  WHERE s.id IS NULL OR s.form_id NOT IN (SELECT f.id FROM forms AS f WHERE f.tenant_id = ?1 AND f.project_id = ?8)
    OR (?9 IS NOT NULL AND s.user_id IS NOT ?9))
  AND NOT ${HAS_OLDER}
ON CONFLICT (tenant_id, key) DO UPDATE SET reply = excluded.reply
RETURNING 1`

/** Rows of the batch that settles: ids that it stores as new ones, and how many seqs it took. */
export interface SettledWith {
  fresh: string[]
  seqs: number
  /** It leaves nothing in the outbox. */
  unheard: boolean
}

/** Statements: move the client's cursor on as far as that is safe, and keep the answer for a replay. They fail where the
 *  push assumes something that is not so. */
export function settleStatements(
  { d1, tenantId }: { d1: D1Handle; tenantId: string },
  push: SettledPush,
  { fresh, seqs, unheard }: SettledWith,
) {
  const { clientId, userId, appVersion, atMs, transmission, reply, ids, projectId, ofUser, resetSeq } = push
  const values = [tenantId, clientId, userId, appVersion, atMs, resetSeq, JSON.stringify(ids), projectId, ofUser]
  const rows = [JSON.stringify(fresh), seqs]
  return [
    d1.prepare(ADVANCE).bind(...values, push.assumedGeneration, transmission, ...rows, unheard ? 1 : 0),
    d1.prepare(KEEP_REPLY).bind(...values, null, transmission, ...rows, reply),
  ]
}

/** Where the client stands now, by what those two answered; null where the answer was not kept. */
export const cursorOf = (advanced: D1Result<unknown>, kept: D1Result<unknown>): number | null =>
  kept.results.length === 0 ? null : (advanced.results[0] as { cursorSeq: number }).cursorSeq

/** Settles a push after its rows, and tells the cursor. */
export async function settlePush(db: TenantDb, push: SettledPush): Promise<number> {
  const [advanced] = await db.d1.batch<{ cursorSeq: number }>(
    settleStatements(db, push, { fresh: [], seqs: 0, unheard: false }),
  )
  return advanced!.results[0]!.cursorSeq
}

/** Begins the next generation, from the counter on. Returns it; null when somebody else was faster. */
export async function beginGeneration(
  db: TenantDb,
  { generation, resetActionId }: { generation: number; resetActionId: string },
  audit: NewAudit,
): Promise<number | null> {
  const { d1, tenantId } = db
  const counter = takeSeq(db).toSQL()
  const ours = sql`EXISTS (SELECT 1 FROM repositories WHERE tenant_id = ${tenantId} AND reset_action_id = ${resetActionId})`
  const entry = auditRow(db, audit, ours).toSQL()
  const results = await d1.batch<{ generation: number }>([
    d1.prepare(counter.sql).bind(...counter.params),
    d1.prepare('INSERT INTO repositories (tenant_id) VALUES (?1) ON CONFLICT (tenant_id) DO NOTHING').bind(tenantId),
    d1
      .prepare(
        `UPDATE repositories SET generation = generation + 1, reset_action_id = ?3,
           reset_seq = (SELECT seq FROM tenant_counters WHERE tenant_id = ?1)
         WHERE tenant_id = ?1 AND generation = ?2 RETURNING generation`,
      )
      .bind(tenantId, generation, resetActionId),
    d1.prepare(entry.sql).bind(...entry.params),
  ])
  return results[2]!.results[0]?.generation ?? null
}

export interface ListedClient {
  clientId: string
  userId: UserId
  cursorSeq: number
  appVersion: string | null
  lastSeenAtMs: number
}

/** The clients of each user, last seen first. */
export async function listSyncClients({ d1, tenantId }: TenantDb, limit: number): Promise<ListedClient[]> {
  const { results } = await d1
    .prepare(
      `SELECT client_id AS clientId, user_id AS userId, cursor_seq AS cursorSeq, app_version AS appVersion,
         last_seen_at_ms AS lastSeenAtMs
       FROM sync_clients WHERE tenant_id = ?1 ORDER BY last_seen_at_ms DESC LIMIT ?2`,
    )
    .bind(tenantId, limit)
    .all<ListedClient>()
  return results
}

/** The tenant's default project. Where none is marked, the oldest is from now on; where there is none at all, `fresh` is
 *  made. Of several that ask at once all get the same. */
export async function ensureDefaultProject(
  db: TenantDb,
  fresh: { id: ProjectId; name: string; atMs: number },
  audit: NewAudit,
): Promise<ProjectId> {
  const { d1, tenantId } = db
  const none = 'NOT EXISTS (SELECT 1 FROM projects WHERE tenant_id = ?1 AND is_default = 1)'
  const entry = auditRow(db, audit, isThere(db, fresh.id)).toSQL()
  const counter = takeSeq(db).toSQL()
  const results = await d1.batch<{ id: ProjectId }>([
    d1.prepare(counter.sql).bind(...counter.params),
    d1
      .prepare(
        `UPDATE projects SET is_default = 1 WHERE tenant_id = ?1 AND ${none}
           AND id = (SELECT id FROM projects WHERE tenant_id = ?1 ORDER BY created_at_ms, id LIMIT 1)`,
      )
      .bind(tenantId),
    d1
      .prepare(
        `INSERT INTO projects (tenant_id, id, name, is_default, created_at_ms) SELECT ?1, ?2, ?3, 1, ?4 WHERE ${none}`,
      )
      .bind(tenantId, fresh.id, fresh.name, fresh.atMs),
    d1.prepare(entry.sql).bind(...entry.params),
    d1
      .prepare('SELECT id FROM projects WHERE tenant_id = ?1 AND is_default = 1 ORDER BY created_at_ms, id LIMIT 1')
      .bind(tenantId),
  ])
  return results.at(-1)!.results[0]!.id
}

const isThere = (db: TenantDb, id: ProjectId) =>
  sql`EXISTS (SELECT 1 FROM projects WHERE tenant_id = ${db.tenantId} AND id = ${id})`
