// Counts for the dashboard, in one D1 batch. Totals are kept by the writes; the rest is counted over small indexes.
import { and, eq, gte, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import { forms, quarantine, submissionCounts, submissions, webhooks } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export interface TenantFigures {
  submissions: number
  submissionsToday: number
  withIssues: number
  quarantineOpen: number
  /** Stopped by their receivers' failures. */
  webhooksStopped: number
}

/** Live submissions of forms that are not deleted. `sinceMs` is where today begins. */
export async function countForDashboard(db: TenantDb, sinceMs: number): Promise<TenantFigures> {
  const count = sql<number>`count(*)`
  const liveForms = sql`(SELECT id FROM ${forms} f WHERE f.tenant_id = ${db.tenantId} AND f.deleted_at_ms IS NULL)`
  const live = and(
    eq(submissions.tenantId, db.tenantId),
    eq(submissions.mode, 'live'),
    isNull(submissions.deletedAtMs),
    sql`${submissions.formId} IN ${liveForms}`,
  )
  const [[total], [today], [faulty], [open], [stopped]] = await db.orm.batch([
    db.orm
      .select({ n: sql<number>`coalesce(sum(${submissionCounts.total}), 0)` })
      .from(submissionCounts)
      .where(
        and(
          eq(submissionCounts.tenantId, db.tenantId),
          eq(submissionCounts.mode, 'live'),
          sql`${submissionCounts.formId} IN ${liveForms}`,
        ),
      ),
    db.orm
      .select({ n: count })
      .from(submissions)
      .where(and(live, gte(submissions.submittedAtMs, sinceMs))),
    db.orm
      .select({ n: count })
      .from(submissions)
      .where(and(live, isNotNull(submissions.issues))),
    db.orm
      .select({ n: count })
      .from(quarantine)
      .where(and(eq(quarantine.tenantId, db.tenantId), eq(quarantine.state, 'open'))),
    db.orm
      .select({ n: count })
      .from(webhooks)
      .where(
        and(
          eq(webhooks.tenantId, db.tenantId),
          inArray(webhooks.stoppedBy, ['breaker', 'gone']),
          isNull(webhooks.deletedAtMs),
        ),
      ),
  ])
  return {
    submissions: total?.n ?? 0,
    submissionsToday: today?.n ?? 0,
    withIssues: faulty?.n ?? 0,
    quarantineOpen: open?.n ?? 0,
    webhooksStopped: stopped?.n ?? 0,
  }
}
