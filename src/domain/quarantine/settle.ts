// What becomes of a quarantined payload: it is sent through the front door once more, for the one who sent it first, or
// it is discarded. Its bytes stay in either case; both are in the audit log.
import type { FormVersionId, SubmissionId } from '../../lib/ids.ts'
import { findDeviceCredential, findKeyCredential } from '../../storage/access.ts'
import { type Quarantined, settleQuarantined } from '../../storage/quarantine.ts'
import { findUser } from '../../storage/users.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { type AppError, errors, type Json } from '../errors.ts'
import type { IntakeItem } from '../submissions/model.ts'
import { type SubmissionAuthor, submitMany } from '../submissions/submit.ts'
import { readPayload, requireQuarantined } from './read.ts'

export interface ReplayInput {
  /** Instead of the version that the payload names. */
  versionId?: FormVersionId
  /** Reads the payload as the protocol does that it came in on; null when it has no reader here. */
  read: (payload: { protocol: string; contentType: string; text: string }) => IntakeItem | null
}

export type ReplayResult =
  | { kind: 'created' | 'duplicate'; submissionId: SubmissionId }
  /** It still can't be stored, and stays open. */
  | { kind: 'rejected'; error: AppError }

/** Throws `quarantined_not_found`, `quarantined_settled` (409). */
export async function replayQuarantined(ctx: Ctx, id: string, input: ReplayInput): Promise<ReplayResult> {
  const payload = await requireOpen(ctx, id)
  const item = itemOf(payload, await readPayload(ctx, payload), input)
  const { outcomes } = await submitMany(ctx, [item], {
    verb: 'quarantine.settle',
    onFaults: 'flag',
    rawOf: null,
    author: await authorOf(ctx, payload),
  })
  const outcome = outcomes[0]!
  if (outcome.kind === 'rejected' || outcome.kind === 'quarantined') return { kind: 'rejected', error: outcome.error }
  const settlement = { state: 'replayed' as const, ...settledBy(ctx), submissionId: outcome.id }
  await settle(ctx, id, settlement, { submission_id: outcome.id, outcome: outcome.kind })
  return { kind: outcome.kind === 'created' ? 'created' : 'duplicate', submissionId: outcome.id }
}

/** Throws `quarantined_not_found`, `quarantined_settled` (409). */
export async function discardQuarantined(ctx: Ctx, id: string, reason: string): Promise<void> {
  await requireOpen(ctx, id)
  const settlement = { state: 'discarded' as const, ...settledBy(ctx), settledNote: reason }
  if (!(await settle(ctx, id, settlement, { reason }))) throw errors.quarantinedSettled('settled')
}

async function requireOpen(ctx: Ctx, id: string): Promise<Quarantined> {
  const payload = await requireQuarantined(ctx, 'quarantine.settle', id)
  if (payload.state !== 'open') throw errors.quarantinedSettled(payload.state)
  return payload
}

function itemOf(
  { id, protocol, contentType }: Quarantined,
  text: string,
  { versionId, read }: ReplayInput,
): IntakeItem {
  const item = read({ protocol, contentType, text })
  if (!item)
    return {
      kind: 'unreadable',
      localUuid: null,
      message: `Payloads of the protocol ${protocol} can't be read again here`,
    }
  if (item.kind === 'unreadable') return item
  return {
    ...item,
    // A payload without a name gets that of its quarantine: a replay that is cut off and made again is a duplicate.
    localUuid: item.localUuid ?? id,
    target: versionId ? { versionId, formId: null } : item.target,
  }
}

const settledBy = ({ actor, nowMs }: Ctx) => ({
  settledAtMs: nowMs,
  settledBy: actor.kind === 'key' ? null : actor.userId,
})

const settle = (
  ctx: Ctx,
  id: string,
  settlement: Parameters<typeof settleQuarantined>[2],
  details: Record<string, Json>,
): Promise<boolean> =>
  settleQuarantined(
    ctx.db,
    id,
    settlement,
    auditEntry(ctx, { action: `quarantine.${settlement.state}`, subjectKind: 'quarantine', subjectId: id, details }),
  )

/** Whoever sent it first, as far as the directory still knows them: revoked and inactive ones count, too. */
async function authorOf(ctx: Ctx, payload: Quarantined): Promise<SubmissionAuthor> {
  const { deps, tenant } = ctx
  const { protocol } = payload
  if (payload.deviceId !== null) {
    const found = await findDeviceCredential(deps.directory, payload.deviceId)
    if (found?.tenant.id === tenant.id)
      return {
        actorKind: 'device',
        actorId: found.device.id,
        userId: found.user.id,
        deviceId: found.device.id,
        submittedByLabel: found.user.email,
        mode: found.device.mode,
        protocol,
      }
  } else if (payload.keyId !== null) {
    const found = await findKeyCredential(deps.directory, payload.keyId)
    if (found?.tenant.id === tenant.id) return { ...NOBODY, actorKind: 'key', actorId: found.key.id, protocol }
  } else if (payload.userId !== null) {
    const found = await findUser(deps.directory, tenant.id, payload.userId)
    if (found)
      return {
        ...NOBODY,
        actorKind: 'user',
        actorId: found.id,
        userId: found.id,
        submittedByLabel: found.email,
        protocol,
      }
  }
  return { ...NOBODY, protocol }
}

const NOBODY = {
  actorKind: 'system',
  actorId: 'quarantine',
  userId: null,
  deviceId: null,
  submittedByLabel: null,
  mode: 'live',
} as const
