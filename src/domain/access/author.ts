// Who acts, as rows and revisions tell it.
import type { ActorColumns } from '../../storage/submission-changes.ts'
import type { Ctx } from '../context.ts'

export function authorOf({ actor, protocol }: Pick<Ctx, 'actor' | 'protocol'>): ActorColumns {
  switch (actor.kind) {
    case 'user':
      return { actorKind: 'user', actorId: actor.userId, userId: actor.userId, deviceId: null, protocol }
    case 'device':
      return {
        actorKind: 'device',
        actorId: actor.deviceId,
        userId: actor.userId,
        deviceId: actor.deviceId,
        protocol,
      }
    case 'key':
      return { actorKind: 'key', actorId: actor.keyId, userId: null, deviceId: null, protocol }
  }
}

/** The installation itself: what the clock does. */
export const SYSTEM: ActorColumns = {
  actorKind: 'system',
  actorId: null,
  userId: null,
  deviceId: null,
  protocol: 'system',
}
