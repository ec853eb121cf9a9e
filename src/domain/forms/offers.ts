// Which forms a device is offered, as the finished answer: phones ask on every sync, so the text and its ETag are
// remembered per tenant and visible set. Offering limits nothing that a device sends later.
import { createHash } from 'node:crypto'
import type { ProjectId } from '../../lib/ids.ts'
import { listOffers } from '../../storage/forms.ts'
import { atLeast, authorize } from '../access/authorize.ts'
import type { CachedOffer } from '../caches.ts'
import type { Ctx, DeviceActor } from '../context.ts'
import { errors } from '../errors.ts'

export type Offer = Awaited<ReturnType<typeof listOffers>>[number] & { draft: boolean }

/**
 * `render` writes one form as JSON text, in the words of the protocol that asks (`ctx.protocol` is part of what is
 * remembered). Devices in test mode get a form's draft in place of its live version. The ETag is strong and quoted.
 */
export async function readOffers(ctx: Ctx, render: (offer: Offer) => string): Promise<CachedOffer> {
  authorize(ctx, 'offer.read')
  const { actor, deps } = ctx
  if (actor.kind !== 'device') throw errors.notAuthenticated('Device token required')
  const memberOf = membershipsOf(actor)
  const drafts = actor.mode === 'test'
  const key = `${ctx.tenant.id}/${ctx.protocol}/${actor.mode}/${memberOf?.join(',') ?? 'all'}`
  const known = deps.caches.offers.get(key, ctx.nowMs)
  if (known) return known
  const rows = await listOffers(ctx.db, { memberOf, drafts })
  const body = `[${rows.map((row) => render({ ...row, draft: row.publishedAtMs === null })).join(',')}]`
  const offer = { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` }
  deps.caches.offers.set(key, offer, ctx.nowMs)
  return offer
}

/** Null = every project: managers and admins of the tenant. */
const membershipsOf = (actor: DeviceActor): ProjectId[] | null =>
  atLeast(actor.role, 'manager') ? null : (Object.keys(actor.projectRoles).sort() as ProjectId[])
