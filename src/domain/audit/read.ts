// Reading the audit log: for the tenant's admins, newest first.
import { findActorLabels } from '../../storage/actor-labels.ts'
import { type AuditFilter, type AuditRow, listAudit } from '../../storage/audit.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import type { Json } from '../errors.ts'

export interface AuditRecord extends Omit<AuditRow, 'tenantId' | 'details'> {
  details: Record<string, Json>
  /** What the credential that acted is called now: e-mail, device label, name of the key. Null for nameless ones. */
  actorLabel: string | null
  /** E-mail of the user who acted, or behind whose device it was; null for others. */
  userLabel: string | null
}

export interface AuditInput extends AuditFilter {
  /** Id of the last record of the page before. */
  before?: number
  limit: number
}

export interface AuditPage {
  items: AuditRecord[]
  /** Id to continue before; null at the end. */
  next: number | null
}

/** Throws `forbidden` (403) for all but admins. */
export async function readAudit(ctx: Ctx, { before, limit, ...filter }: AuditInput): Promise<AuditPage> {
  authorize(ctx, 'audit.read')
  const rows = await listAudit(ctx.db, filter, { before, limit: limit + 1 })
  const page = rows.slice(0, limit)
  const ids = new Set(page.flatMap(({ actorId, userId }) => [actorId ?? [], userId ?? []].flat()))
  const labels = await findActorLabels(ctx.deps.directory, ctx.tenant.id, [...ids])
  const labelOf = (id: string | null) => (id === null ? null : (labels.get(id) ?? null))
  return {
    items: page.map(({ tenantId: _, details, ...row }) => ({
      ...row,
      details: JSON.parse(details) as Record<string, Json>,
      actorLabel: labelOf(row.actorId),
      userLabel: labelOf(row.userId),
    })),
    next: rows.length > limit ? page.at(-1)!.id : null,
  }
}
