// Quarantine: payloads that a client handed over and that can't be stored as submissions, kept byte for byte until
// somebody looks. The same bytes from the same credential are kept once, however often they come.
import { createHash } from 'node:crypto'
import type { SubmissionId } from '../../lib/ids.ts'
import { putText, quarantineKey } from '../../storage/large-texts.ts'
import { insertQuarantined, type NewQuarantined } from '../../storage/quarantine.ts'
import type { Ctx } from '../context.ts'
import type { AppError } from '../errors.ts'
import { MAX_INLINE_BYTES } from './model.ts'

export const credentialNameOf = ({ actor }: Ctx): string => {
  switch (actor.kind) {
    case 'user':
      return `user:${actor.userId}`
    case 'device':
      return `device:${actor.deviceId}`
    case 'key':
      return `key:${actor.keyId}`
  }
}

export interface QuarantinePayload {
  raw: string
  error: AppError
  /** The submission that the payload names, where that could be read. */
  submissionId: SubmissionId | null
}

/** Must be awaited before the client hears that the payload was taken. */
export async function keepInQuarantine(ctx: Ctx, payloads: QuarantinePayload[]): Promise<void> {
  const { actor } = ctx
  const rows = await Promise.all(
    payloads.map(async ({ raw, error, submissionId }): Promise<NewQuarantined> => {
      const sizeBytes = Buffer.byteLength(raw, 'utf8')
      const id = ctx.deps.newId()
      const bodyKey = sizeBytes > MAX_INLINE_BYTES ? quarantineKey(ctx.tenant.id, id) : null
      if (bodyKey !== null) await putText(ctx.deps.blobs, bodyKey, raw)
      return {
        id,
        credential: credentialNameOf(ctx),
        sha256: createHash('sha256').update(raw, 'utf8').digest('hex'),
        protocol: ctx.protocol,
        contentType: 'application/json',
        body: bodyKey === null ? raw : null,
        bodyKey,
        sizeBytes,
        reason: error.code,
        message: error.message,
        userId: actor.kind === 'key' ? null : actor.userId,
        deviceId: actor.kind === 'device' ? actor.deviceId : null,
        keyId: actor.kind === 'key' ? actor.keyId : null,
        receivedAtMs: ctx.nowMs,
        submissionId,
      }
    }),
  )
  await insertQuarantined(ctx.db, rows)
}
