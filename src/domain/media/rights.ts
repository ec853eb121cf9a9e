// Who may add files to a submission and see them. Everything refused looks as if it were not there.
import type { DeviceId, ProjectId, UserId } from '../../lib/ids.ts'
import { atLeast, readsAllSubmissions } from '../access/authorize.ts'
import type { Actor, Ctx } from '../context.ts'

/** The person and device that sent something, as far as they are known. */
export interface Sender {
  userId: UserId | null
  deviceId: DeviceId | null
}

/** A device works for the person who carries it: it reaches what that person sent and what it sent itself, whatever the
 *  person's role. Users reach their own; managers and admins everything in their projects. */
export function reachesSubmission(ctx: Pick<Ctx, 'actor'>, owner: Sender & { projectId: ProjectId }): boolean {
  return (ctx.actor.kind === 'user' && readsAllSubmissions(ctx, owner.projectId)) || isSender(ctx.actor, owner)
}

/** Files that belong to no submission have no project: managers of the tenant see them, and their senders. */
export function reachesLooseFile(ctx: Pick<Ctx, 'actor'>, sender: Sender): boolean {
  return (ctx.actor.kind === 'user' && atLeast(ctx.actor.role, 'manager')) || isSender(ctx.actor, sender)
}

function isSender(actor: Actor, { userId, deviceId }: Sender): boolean {
  if (actor.kind === 'key') return false
  return actor.userId === userId || (actor.kind === 'device' && actor.deviceId === deviceId)
}
