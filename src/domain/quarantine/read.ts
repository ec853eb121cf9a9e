// What could not be stored, as those see it who sort it out.
import type { DeviceId } from '../../lib/ids.ts'
import { getText } from '../../storage/large-texts.ts'
import {
  findQuarantined,
  listQuarantined,
  type Quarantined,
  type QuarantinedMeta,
  type QuarantineFilter,
} from '../../storage/quarantine.ts'
import { authorize } from '../access/authorize.ts'
import type { Verb } from '../access/permissions.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'

export type { QuarantinedMeta }

export interface QuarantineInput extends QuarantineFilter {
  deviceId?: DeviceId
  /** The seq of the last row of the page before. */
  before?: number
  limit: number
}

/** Newest first; `next` is null at the end. */
export async function readQuarantine(
  ctx: Ctx,
  { before, limit, ...filter }: QuarantineInput,
): Promise<{ items: QuarantinedMeta[]; next: number | null }> {
  authorize(ctx, 'quarantine.read')
  const rows = await listQuarantined(ctx.db, filter, { before, limit: limit + 1 })
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? (items.at(-1)?.seq ?? null) : null }
}

/** Throws `quarantined_not_found` (404). */
export async function requireQuarantined(ctx: Ctx, verb: Verb, id: string): Promise<Quarantined> {
  authorize(ctx, verb)
  const found = await findQuarantined(ctx.db, id)
  if (!found) throw errors.quarantinedNotFound()
  return found
}

/** The payload as it came. Throws `quarantined_not_found` (404), also when it was erased. */
export async function readPayload(ctx: Ctx, { body, bodyKey }: Quarantined): Promise<string> {
  const text = body ?? (bodyKey === null ? null : await getText(ctx.deps.blobs, bodyKey))
  if (text === null) throw errors.quarantinedNotFound()
  return text
}
