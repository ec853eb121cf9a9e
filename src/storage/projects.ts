// Shard queries on projects.
import { and, asc, eq, exists, notExists, sql } from 'drizzle-orm'
import type { ProjectId } from '../lib/ids.ts'
import { auditRow, type NewAudit } from './audit.ts'
import type { Directory } from './directory.ts'
import { memberships } from './directory-tables.ts'
import { takeSeq } from './seq.ts'
import { forms, projects, webhooks } from './shard-tables.ts'
import type { TenantDb } from './tenant-db.ts'

export type ProjectRow = typeof projects.$inferSelect
export type NewProject = Omit<typeof projects.$inferInsert, 'tenantId'>
export type ProjectChange = Partial<Pick<ProjectRow, 'name' | 'description' | 'formAccess' | 'timeZone'>>

const isThis = (db: TenantDb, id: ProjectId) => and(eq(projects.tenantId, db.tenantId), eq(projects.id, id))

/** All projects of the tenant, oldest first. */
export async function listProjects(db: TenantDb): Promise<ProjectRow[]> {
  return db.orm
    .select()
    .from(projects)
    .where(eq(projects.tenantId, db.tenantId))
    .orderBy(asc(projects.createdAtMs), asc(projects.id))
}

export async function findProject(db: TenantDb, id: ProjectId): Promise<ProjectRow | undefined> {
  return db.orm.select().from(projects).where(isThis(db, id)).get()
}

// The three changes below commit together with their row of the audit log, which is only there when something changed.

export async function insertProject(db: TenantDb, project: NewProject, audit: NewAudit): Promise<ProjectRow> {
  const [, [row]] = await db.orm.batch([
    takeSeq(db),
    db.orm
      .insert(projects)
      .values({ ...project, tenantId: db.tenantId })
      .returning(),
    auditRow(db, audit),
  ])
  return row!
}

/** The project as it is now; undefined when it is gone. */
export async function updateProject(
  db: TenantDb,
  id: ProjectId,
  change: ProjectChange,
  audit: NewAudit,
): Promise<ProjectRow | undefined> {
  const [, [row]] = await db.orm.batch([
    takeSeq(db),
    db.orm.update(projects).set(change).where(isThis(db, id)).returning(),
    auditRow(db, audit, exists(db.orm.select({ one: sql`1` }).from(projects).where(isThis(db, id)))),
  ])
  return row
}

/** Deletes a project that holds no form, with its webhooks. False when it holds one, or is gone. */
export async function deleteEmptyProject(db: TenantDb, id: ProjectId, audit: NewAudit): Promise<boolean> {
  const formsOf = db.orm
    .select({ one: sql`1` })
    .from(forms)
    .where(and(eq(forms.tenantId, db.tenantId), eq(forms.projectId, id), sql`${forms.deletedAtMs} IS NULL`))
  const still = db.orm.select({ one: sql`1` }).from(projects).where(isThis(db, id))
  const [, , deleted] = await db.orm.batch([
    takeSeq(db),
    // Before the project goes: afterwards nothing would tell whether this batch deleted it.
    auditRow(db, audit, and(exists(still), notExists(formsOf))),
    db.orm
      .delete(projects)
      .where(and(isThis(db, id), notExists(formsOf)))
      .returning({ id: projects.id }),
    db.orm
      .update(webhooks)
      .set({ deletedAtMs: audit.atMs, isActive: false, secret: null, previousSecret: null })
      .where(and(eq(webhooks.tenantId, db.tenantId), eq(webhooks.projectId, id), notExists(still))),
  ])
  return deleted.length > 0
}

/** Nobody has a role in a project that is gone. */
export async function deleteProjectMemberships(directory: Directory, tenantId: TenantDb['tenantId'], id: ProjectId) {
  await directory.delete(memberships).where(and(eq(memberships.tenantId, tenantId), eq(memberships.projectId, id)))
}
