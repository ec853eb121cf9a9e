// The audit log: who did what to whom, for every administrative act. Arriving submissions and files, and reading, are
// no such acts. Secrets and answers never go into a row.
//
// Where an act is a write of the shard, its row is in the same D1 batch (`auditEntry` and storage's `auditRow`): both or
// neither. Where the act is a write of the directory, which may be another database, the row follows it (`audit`). If
// that second write fails, the act stands, an error line in the log holds what the row would have said, and the request
// fails with 503, so that whoever acted knows that it was not recorded (docs/decisions/0008-audit-log.md).
import type { DeviceId, TenantId, UserId } from '../../lib/ids.ts'
import { countAudit, insertAudit, type NewAudit } from '../../storage/audit.ts'
import type { ActorColumns } from '../../storage/submission-changes.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import { authorOf, SYSTEM } from '../access/author.ts'
import type { Ctx, Deps, EpochMs } from '../context.ts'
import { errors, type Json } from '../errors.ts'
import { openChanging } from '../webhooks/announce.ts'

export interface Act {
  /** Subject and past participle: `form.published`. */
  action: `${string}.${string}`
  subjectKind: string
  subjectId: string | null
  /** What changed, as far as it is neither a secret nor an answer. */
  details?: Record<string, Json>
}

interface Occasion {
  requestId: string
  atMs: EpochMs
}

const rowOf = ({ action, subjectKind, subjectId, details = {} }: Act, by: ActorColumns, on: Occasion): NewAudit => ({
  action,
  subjectKind,
  subjectId,
  details: JSON.stringify(details),
  ...by,
  ...on,
})

/** The row of an act, for `auditRow` in the batch that commits it. */
export const auditEntry = (ctx: Ctx, act: Act): NewAudit =>
  rowOf(act, authorOf(ctx), { requestId: ctx.requestId, atMs: ctx.nowMs })

/** The same for what the installation does by itself. */
export const systemEntry = (act: Act, on: Occasion): NewAudit => rowOf(act, SYSTEM, on)

/** Records an act that has been committed in the directory. Throws `unavailable` (503) when that fails. */
export async function audit(ctx: Ctx, act: Act): Promise<void> {
  await record(ctx.deps, ctx.tenant.id, auditEntry(ctx, act), (row) => insertAudit(ctx.db, row))
}

/** A tenant as far as its audit log is concerned. */
export interface AuditedTenant {
  id: TenantId
  shard: number
}

/** Something that happens to a tenant without one of its credentials. */
export interface OutsideOccasion {
  requestId: string
  protocol: string
}

/** Records what the platform's operator did, in the log of the tenant it was done to. Throws as `audit`. */
export async function auditOperator(
  deps: Deps,
  tenant: AuditedTenant,
  { requestId, protocol }: OutsideOccasion,
  act: Act,
): Promise<void> {
  const row = rowOf(act, { ...SYSTEM, actorId: 'platform', protocol }, { requestId, atMs: deps.clock() })
  await record(deps, tenant.id, row, (entry) => insertAudit(dbOf(deps, tenant), entry))
}

/**
 * Records that a device was paired. It doesn't fail: the pairing token is spent, and a phone that never hears its own
 * token would have to be paired once more.
 */
export async function auditPairing(
  deps: Deps,
  tenant: AuditedTenant,
  { requestId, protocol }: OutsideOccasion,
  device: { id: DeviceId; userId: UserId; label: string | null },
): Promise<void> {
  const { id, userId, label } = device
  const row = rowOf(
    { action: 'device.paired', subjectKind: 'device', subjectId: id, details: { label } },
    { actorKind: 'device', actorId: id, userId, deviceId: id, protocol },
    { requestId, atMs: deps.clock() },
  )
  await insertAudit(openChanging(deps, tenant), row).catch((error) => logUnwritten(deps, tenant.id, row, error))
}

/** Wrong passwords of one account within this time share a row: nobody can fill the table by guessing. */
const FAILURES_SHARE_MS = 60_000

/**
 * Records a wrong password for an account that exists. Neither fails nor delays the answer, which would tell the guesser
 * that the account does exist. Of unknown e-mails nothing is kept: they belong to no tenant.
 */
export function auditLoginFailure(
  deps: Deps,
  tenant: AuditedTenant,
  { requestId, protocol }: OutsideOccasion,
  attempt: { userId: UserId; address: string; how: 'login' | 'change-password' },
): void {
  const row = rowOf(
    {
      action: 'login.failed',
      subjectKind: 'user',
      subjectId: attempt.userId,
      details: { how: attempt.how, address: attempt.address, count: 1 },
    },
    { ...SYSTEM, protocol },
    { requestId, atMs: deps.clock() },
  )
  deps.waitUntil(
    countAudit(dbOf(deps, tenant), row, FAILURES_SHARE_MS).catch((error) => logUnwritten(deps, tenant.id, row, error)),
  )
}

const dbOf = (deps: Deps, tenant: AuditedTenant) => openTenantDb(deps.shard(tenant.shard), tenant.id)

async function record(deps: Deps, tenantId: TenantId, row: NewAudit, write: (row: NewAudit) => Promise<void>) {
  try {
    await write(row)
  } catch (error) {
    logUnwritten(deps, tenantId, row, error)
    throw errors.notRecorded(error)
  }
}

function logUnwritten(deps: Deps, tenantId: TenantId, row: NewAudit, error: unknown): void {
  deps.log({ level: 'error', event: 'audit_not_written', tenant: tenantId, row: { ...row }, error: String(error) })
}
