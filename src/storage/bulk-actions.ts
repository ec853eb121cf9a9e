// Queries on bulk actions: their record, the submissions they changed, and the chunks in which they do their work. A chunk
// is one D1 batch with its progress, so that one that is cut off, or done twice at once, counts once.
import { and, asc, desc, eq, gt, lt, lte, ne, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import type { SubmissionId } from '../lib/ids.ts'
import type { NewAudit } from './audit.ts'
import { auditRow } from './audit.ts'
import { takeSeq } from './seq.ts'
import { bulkActionRows, bulkActions, submissions } from './shard-tables.ts'
import { type Change, type ChangeItem, changedRows, changeSubmissions, type ReviewState } from './submission-changes.ts'
import { conditions, type SubmissionFilter } from './submissions.ts'
import type { TenantDb } from './tenant-db.ts'

export type BulkAction = typeof bulkActions.$inferSelect
export type BulkState = BulkAction['state']

/** What an action picks: the list's filter, and which of those it would change at all. */
export interface BulkPick extends SubmissionFilter {
  /** Reviews: not those that are in this state already. */
  notReviewState?: ReviewState
  /** Restores: deleted at this time or later. */
  deletedSinceMs?: number
  /** Not those that were changed after this seq. */
  changedUntilSeq?: number
}

const picked = (db: TenantDb, pick: BulkPick) =>
  and(
    conditions(db, pick),
    pick.notReviewState && ne(submissions.reviewState, pick.notReviewState),
    pick.deletedSinceMs === undefined ? undefined : sql`${submissions.deletedAtMs} >= ${pick.deletedSinceMs}`,
    pick.changedUntilSeq === undefined ? undefined : lte(submissions.seq, pick.changedUntilSeq),
  )

/** How many match, and the newest `created_seq` of the tenant. */
export async function countPicked(db: TenantDb, pick: BulkPick): Promise<{ matched: number; untilSeq: number }> {
  const row = await db.orm
    .select({ matched: sql<number>`count(*)`, untilSeq: sql<number>`coalesce(max(${submissions.createdSeq}), 0)` })
    .from(submissions)
    .where(picked(db, pick))
    .get()
  return row ?? { matched: 0, untilSeq: 0 }
}

export interface PickedSubmission {
  id: SubmissionId
  createdSeq: number
  reviewState: ReviewState
}

/** Newest first, below `beforeSeq`, among those that were there when the action began. */
export async function listPicked(
  db: TenantDb,
  pick: BulkPick,
  { untilSeq, beforeSeq, limit }: { untilSeq: number; beforeSeq: number | null; limit: number },
): Promise<PickedSubmission[]> {
  return db.orm
    .select({ id: submissions.id, createdSeq: submissions.createdSeq, reviewState: submissions.reviewState })
    .from(submissions)
    .where(
      and(
        picked(db, pick),
        lte(submissions.createdSeq, untilSeq),
        beforeSeq === null ? undefined : lt(submissions.createdSeq, beforeSeq),
      ),
    )
    .orderBy(desc(submissions.createdSeq))
    .limit(limit)
}

export async function insertBulkAction(
  db: TenantDb,
  action: Omit<BulkAction, 'tenantId' | 'affected' | 'undone' | 'position'>,
  audit: NewAudit,
): Promise<void> {
  await db.orm.batch([
    takeSeq(db),
    db.orm.insert(bulkActions).values({ tenantId: db.tenantId, ...action }),
    auditRow(db, audit),
  ])
}

const ofAction = (db: TenantDb, id: string) => and(eq(bulkActions.tenantId, db.tenantId), eq(bulkActions.id, id))

export async function findBulkAction(db: TenantDb, id: string): Promise<BulkAction | undefined> {
  return db.orm.select().from(bulkActions).where(ofAction(db, id)).get()
}

/** Of several who try at once, one gets true. */
export async function beginUndo(db: TenantDb, id: string, atMs: number, audit: NewAudit): Promise<boolean> {
  const begun = sql`EXISTS (SELECT 1 FROM bulk_actions WHERE tenant_id = ${db.tenantId} AND id = ${id}
    AND state = 'undoing' AND position IS NULL AND undone = 0)`
  const [, rows] = await db.orm.batch([
    takeSeq(db),
    db.orm
      .update(bulkActions)
      .set({ state: 'undoing', position: null, updatedAtMs: atMs })
      .where(and(ofAction(db, id), eq(bulkActions.state, 'done')))
      .returning({ id: bulkActions.id }),
    auditRow(db, audit, begun),
  ])
  return rows.length > 0
}

export async function endBulkAction(db: TenantDb, id: string, from: BulkState, to: BulkState, atMs: number) {
  await db.orm
    .update(bulkActions)
    .set({ state: to, updatedAtMs: atMs })
    .where(and(ofAction(db, id), eq(bulkActions.state, from)))
}

// ?1 tenant, ?2 how many items, ?3 action, ?4 the review states before, as JSON by submission.
const KEEP_ROWS = `
INSERT INTO bulk_action_rows (tenant_id, action_id, submission_id, revision, previous_review_state)
SELECT s.tenant_id, ?3, s.id, s.revision, json_extract(?4, '$."' || s.id || '"')
FROM submissions AS s WHERE ${changedRows('?1', '?2')}
ON CONFLICT (tenant_id, action_id, submission_id) DO UPDATE SET revision = excluded.revision`

// ?3 action, ?4 position, ?5 the time.
const progress = (counter: 'affected' | 'undone', state: BulkState) => `
UPDATE bulk_actions SET ${counter} = ${counter} + (SELECT count(*) FROM submissions AS s WHERE ${changedRows('?1', '?2')}),
  position = ?4, updated_at_ms = ?5
WHERE tenant_id = ?1 AND id = ?3 AND state = '${state}'`

/** Changes a chunk of what an action picked. */
export async function runChunk(
  db: TenantDb,
  action: BulkAction,
  by: Change,
  chunk: PickedSubmission[],
  reviewState?: ReviewState,
): Promise<void> {
  const items = chunk.map(({ id }): ChangeItem => ({ id, revision: null, reviewState }))
  const before = JSON.stringify(Object.fromEntries(chunk.map((row) => [row.id, row.reviewState])))
  const position = String(chunk.at(-1)!.createdSeq)
  await changeSubmissions(db, by, items, {
    statements: [
      db.d1.prepare(KEEP_ROWS).bind(db.tenantId, items.length, action.id, before),
      db.d1.prepare(progress('affected', 'running')).bind(db.tenantId, items.length, action.id, position, by.atMs),
    ],
  })
}

export type BulkRow = typeof bulkActionRows.$inferSelect

/** What an action changed, by submission id. */
export async function listBulkRows(
  db: TenantDb,
  id: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<BulkRow[]> {
  return db.orm
    .select()
    .from(bulkActionRows)
    .where(
      and(
        eq(bulkActionRows.tenantId, db.tenantId),
        eq(bulkActionRows.actionId, id),
        after === null ? undefined : gt(bulkActionRows.submissionId, after as SubmissionId),
      ),
    )
    .orderBy(asc(bulkActionRows.submissionId))
    .limit(limit)
}

/** Takes a chunk back, except what was changed since. */
export async function undoChunk(db: TenantDb, action: BulkAction, by: Change, rows: BulkRow[]): Promise<void> {
  const items = rows.map(
    ({ submissionId, revision, previousReviewState }): ChangeItem => ({
      id: submissionId,
      revision,
      reviewState: by.kind === 'review' ? previousReviewState : undefined,
    }),
  )
  const position = rows.at(-1)!.submissionId
  const statement = db.d1.prepare(progress('undone', 'undoing'))
  await changeSubmissions(db, by, items, {
    statements: [statement.bind(db.tenantId, items.length, action.id, position, by.atMs)],
  })
}

/** Actions of all tenants of a shard that have been silent since `silentSinceMs`. For the sweep. */
export async function listStalledBulkActions(shard: D1Database, silentSinceMs: number, limit: number) {
  return drizzle(shard)
    .select({ tenantId: bulkActions.tenantId, id: bulkActions.id })
    .from(bulkActions)
    .where(and(sql`${bulkActions.state} IN ('running', 'undoing')`, lt(bulkActions.updatedAtMs, silentSinceMs)))
    .limit(limit)
}

/** Forgets up to `limit` rows of actions that can't be undone any more, and the actions that have none left. For the
 *  sweep. */
export async function deleteOldBulkActions(shard: D1Database, beforeMs: number, limit: number): Promise<void> {
  const old = `SELECT a.tenant_id, a.id FROM bulk_actions AS a WHERE a.created_at_ms < ?1`
  await shard.batch([
    shard
      .prepare(
        `DELETE FROM bulk_action_rows WHERE (tenant_id, action_id, submission_id) IN (
           SELECT r.tenant_id, r.action_id, r.submission_id FROM bulk_action_rows AS r
           WHERE (r.tenant_id, r.action_id) IN (${old}) LIMIT ?2)`,
      )
      .bind(beforeMs, limit),
    shard
      .prepare(
        `DELETE FROM bulk_actions WHERE (tenant_id, id) IN (${old}) AND NOT EXISTS (SELECT 1 FROM bulk_action_rows AS r
           WHERE r.tenant_id = bulk_actions.tenant_id AND r.action_id = bulk_actions.id)`,
      )
      .bind(beforeMs),
  ])
}
