// May this actor do this? The one place that reads the permission table.
import type { ProjectId } from '../../lib/ids.ts'
import { ROLES, type Role } from '../../storage/directory-tables.ts'
import type { Actor, Ctx, DeviceActor, UserActor } from '../context.ts'
import { errors } from '../errors.ts'
import { EXPLICIT_SCOPES, type KeyScope, type Permission, permissionOf, type Verb } from './permissions.ts'

const rank = (role: Role): number => ROLES.indexOf(role)

/** The thing acted on, as far as rights depend on it. Without a project the best role anywhere counts: that only opens
 *  the door, and the domain function asks again once it knows the project. */
export interface Thing {
  projectId?: ProjectId
}

/** The higher of the role in the tenant and the one in the project. */
export function roleIn(actor: Exclude<Actor, { kind: 'key' }>, projectId?: ProjectId): Role {
  const roles = projectId ? [actor.projectRoles[projectId]] : Object.values(actor.projectRoles)
  return roles.reduce<Role>((best, role) => (role && rank(role) > rank(best) ? role : best), actor.role)
}

export const atLeast = (role: Role, minimum: Role): boolean => rank(role) >= rank(minimum)

/** Throws `not_authenticated` (401) when this kind of credential never opens the verb, `forbidden` (403) when the role
 *  or scope is too low. A key limited to one project gets `project_not_found` for another: it can't see that one. */
export function authorize(ctx: Pick<Ctx, 'actor'>, verb: Verb, thing: Thing = {}): void {
  const permission = permissionOf(verb)
  const { actor } = ctx
  switch (actor.kind) {
    case 'user':
      if (!permission.user) throw errors.notAuthenticated()
      if (!atLeast(permission.tenantWide ? actor.role : roleIn(actor, thing.projectId), permission.user))
        throw errors.forbidden()
      refuseReader(actor, permission, thing)
      return
    case 'device':
      if (!permission.device) throw errors.notAuthenticated()
      refuseReader(actor, permission, thing)
      return
    case 'key':
      if (!permission.key) throw errors.notAuthenticated()
      if (!hasScope(actor.scopes, permission.key))
        throw errors.forbidden(`The API key lacks the scope ${permission.key}`)
      if (thing.projectId && actor.projectId && actor.projectId !== thing.projectId) throw errors.projectNotFound()
  }
}

/** Who was made to read only sends nothing, unless a higher role was given since. */
function refuseReader(actor: UserActor | DeviceActor, { sends }: Permission, { projectId }: Thing): void {
  if (sends && actor.syncRole === 'read-only' && !atLeast(roleIn(actor, projectId), 'manager')) throw errors.forbidden()
}

/** A key without scopes has all that need not be said. */
const hasScope = (scopes: string[], scope: KeyScope): boolean =>
  scopes.includes(scope) || (scopes.length === 0 && !EXPLICIT_SCOPES.includes(scope))

/** Managers and admins read every submission; field workers their own, except in projects they manage. */
export const readsAllSubmissions = (ctx: Pick<Ctx, 'actor'>, projectId: ProjectId): boolean =>
  ctx.actor.kind !== 'key' && atLeast(roleIn(ctx.actor, projectId), 'manager')

/** Whose records a sync app gets: everybody's, for managers and for those who were made for such an app. */
export const syncsAll = ({ actor }: Pick<Ctx, 'actor'>, projectId: ProjectId): boolean =>
  actor.kind === 'user' && (actor.syncRole !== null || atLeast(roleIn(actor, projectId), 'manager'))
