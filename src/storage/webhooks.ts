// Queries on webhooks: where events go. What goes there, and how it went, is webhook-deliveries.ts.
import { and, asc, desc, eq, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import type { FormId, ProjectId, TenantId, WebhookId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import { takenSeq, takeSeq } from './seq.ts'
import { webhookDeliveries, webhooks } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type WebhookRow = typeof webhooks.$inferSelect
export type NewWebhook = Pick<
  WebhookRow,
  'id' | 'formId' | 'projectId' | 'url' | 'events' | 'description' | 'secret' | 'isActive' | 'createdAtMs' | 'origin'
>
export type WebhookChange = Partial<Omit<WebhookRow, 'tenantId' | 'id' | 'formId' | 'projectId' | 'createdSeq'>>

/** Whose a hook is. */
export type WebhookOwner = { formId: FormId } | { projectId: ProjectId }

const isThis = (db: TenantDb, id: WebhookId) =>
  and(eq(webhooks.tenantId, db.tenantId), eq(webhooks.id, id), isNull(webhooks.deletedAtMs))

const belongsTo = (db: TenantDb, owner: WebhookOwner) =>
  and(
    eq(webhooks.tenantId, db.tenantId),
    'formId' in owner ? eq(webhooks.formId, owner.formId) : eq(webhooks.projectId, owner.projectId),
    isNull(webhooks.deletedAtMs),
  )

export async function insertWebhook(db: TenantDb, hook: NewWebhook, audit: NewAudit): Promise<WebhookRow> {
  const [, [row]] = await db.orm.batch([
    takeSeq(db),
    db.orm
      .insert(webhooks)
      .values({ ...hook, tenantId: db.tenantId, createdSeq: takenSeq(db) })
      .returning(),
    auditRow(db, audit),
  ])
  return row!
}

export async function findWebhook(db: TenantDb, id: WebhookId): Promise<WebhookRow | undefined> {
  return db.orm.select().from(webhooks).where(isThis(db, id)).get()
}

/** Newest first. */
export async function listWebhooks(db: TenantDb, owner: WebhookOwner): Promise<WebhookRow[]> {
  return db.orm.select().from(webhooks).where(belongsTo(db, owner)).orderBy(desc(webhooks.createdSeq), asc(webhooks.id))
}

/** Of all forms and projects, or (with `projectIds`) of these projects and their forms; newest first, below `before`.
 *  Without those of deleted forms. */
export async function listAllWebhooks(
  db: TenantDb,
  { projectIds, before, limit }: { projectIds: ProjectId[] | null; before?: number; limit: number },
): Promise<WebhookRow[]> {
  const projectOf = sql`coalesce(${webhooks.projectId},
    (SELECT project_id FROM forms WHERE tenant_id = ${db.tenantId} AND id = ${webhooks.formId} AND deleted_at_ms IS NULL))`
  return db.orm
    .select()
    .from(webhooks)
    .where(
      and(
        eq(webhooks.tenantId, db.tenantId),
        isNull(webhooks.deletedAtMs),
        projectIds
          ? sql`${projectOf} IN (SELECT value FROM json_each(${JSON.stringify(projectIds)}))`
          : sql`${projectOf} IS NOT NULL`,
        before === undefined ? undefined : lt(webhooks.createdSeq, before),
      ),
    )
    .orderBy(desc(webhooks.createdSeq))
    .limit(limit)
}

/** Running: it is sent what is due. Broken: its breaker has paused it. */
export type WebhookState = 'active' | 'running' | 'broken'

const IS: Record<WebhookState, SQL | undefined> = {
  active: eq(webhooks.isActive, true),
  running: and(eq(webhooks.isActive, true), isNull(webhooks.pausedAtMs)),
  broken: eq(webhooks.stoppedBy, 'breaker'),
}

/**
 * The hook as it is now; undefined when it is gone. With `from`, the change and its row in the audit log are made only
 * while that is its state; the answer is undefined, too, when it is not.
 */
export async function updateWebhook(
  db: TenantDb,
  id: WebhookId,
  change: WebhookChange,
  audit: NewAudit | null,
  from?: WebhookState,
): Promise<WebhookRow | undefined> {
  const condition = and(isThis(db, id), from && IS[from])
  const update = db.orm.update(webhooks).set(change).where(condition).returning()
  if (!audit) return (await update)[0]
  const [, , [row]] = await db.orm.batch([
    takeSeq(db),
    auditRow(db, audit, sql`EXISTS (SELECT 1 FROM ${webhooks} WHERE ${condition})`),
    update,
  ])
  return row
}

/** From here on it is nobody's; its deliveries are removed afterwards (`cutWebhook`). False when it is gone already. */
export async function deleteWebhook(db: TenantDb, id: WebhookId, atMs: number, audit: NewAudit): Promise<boolean> {
  const change = { deletedAtMs: atMs, isActive: false, secret: null, previousSecret: null }
  return (await updateWebhook(db, id, change, audit)) !== undefined
}

/** Deleted ones of all tenants of a shard whose deliveries are still there. For the sweep. */
export async function listDeletedWebhooks(
  shard: D1Database,
  limit: number,
): Promise<{ tenantId: TenantId; id: WebhookId }[]> {
  return drizzle(shard)
    .select({ tenantId: webhooks.tenantId, id: webhooks.id })
    .from(webhooks)
    .where(isNotNull(webhooks.deletedAtMs))
    .limit(limit)
}

/** Removes deliveries of a deleted hook, and with the last of them the hook. */
export async function cutWebhook(db: TenantDb, id: WebhookId, limit: number): Promise<void> {
  const ofHook = and(eq(webhookDeliveries.tenantId, db.tenantId), eq(webhookDeliveries.webhookId, id))
  const some = db.orm.select({ seq: webhookDeliveries.seq }).from(webhookDeliveries).where(ofHook).limit(limit)
  await db.orm.batch([
    db.orm.delete(webhookDeliveries).where(and(ofHook, sql`${webhookDeliveries.seq} IN ${some}`)),
    db.orm
      .delete(webhooks)
      .where(
        and(
          eq(webhooks.tenantId, db.tenantId),
          eq(webhooks.id, id),
          isNotNull(webhooks.deletedAtMs),
          sql`NOT EXISTS (SELECT 1 FROM ${webhookDeliveries} WHERE ${ofHook})`,
        ),
      ),
  ])
}
