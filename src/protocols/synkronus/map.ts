// Between this wire's words and ours: the only file that speaks both.
import type { Role, SyncRole } from '../../domain/access/roles.ts'

/** One table for both ways. Our managers, and field workers who were not made for a sync app, may read and write: the
 *  latter their own records (domain/access/authorize.ts, `syncsAll`). */
const ROLES: Record<string, { role: Role; syncRole: SyncRole | null }> = {
  'read-only': { role: 'field_worker', syncRole: 'read-only' },
  'read-write': { role: 'field_worker', syncRole: 'read-write' },
  admin: { role: 'admin', syncRole: null },
}

/** Null when this wire has no such role. */
export const roleOfWire = (text: string): { role: Role; syncRole: SyncRole | null } | null =>
  Object.hasOwn(ROLES, text) ? ROLES[text]! : null

export function wireRoleOf({ role, syncRole }: { role: Role; syncRole: SyncRole | null }): string {
  if (role === 'admin') return 'admin'
  return role === 'field_worker' && syncRole === 'read-only' ? 'read-only' : 'read-write'
}

/** As the reference writes times: whole seconds without a fraction, others with milliseconds, always in UTC. */
export const wireTime = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
