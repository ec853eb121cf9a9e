// Who is signed in, for screens that offer less to some than to others. The server decides; this only spares people
// buttons that would be refused.
import { createContext } from 'preact'
import { useContext } from 'react'

export type Role = 'field_worker' | 'manager' | 'admin'

export interface Me {
  id: string
  email: string | null
  role: Role
  tenant_id: string
  tenant_slug: string
  tenant_name: string
  /** Further roles, by project id. */
  project_roles: Record<string, Role>
}

export const MeContext = createContext<Me | null>(null)

export function useMe(): Me {
  const me = useContext(MeContext)
  if (!me) throw new Error('useMe belongs to pages of people who are signed in')
  return me
}

const RANK: Record<Role, number> = { field_worker: 0, manager: 1, admin: 2 }

/** Whether the role reaches `needed` in the tenant, or (with a project) there. */
export function atLeast({ role, project_roles }: Me, needed: Role, projectId?: string): boolean {
  const there = projectId === undefined ? undefined : project_roles[projectId]
  return Math.max(RANK[role], there === undefined ? 0 : RANK[there]) >= RANK[needed]
}

/** Whether the role reaches `needed` in the tenant or in any project. */
export const somewhere = (me: Me, needed: Role): boolean =>
  atLeast(me, needed) || Object.keys(me.project_roles).some((id) => atLeast(me, needed, id))
