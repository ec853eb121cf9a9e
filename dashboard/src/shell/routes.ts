// Every screen: its address, its file, and where it stands in the navigation. A screen is a file in screens/ whose
// default export is a component; its path parameters come as props.
import type { ComponentType } from 'preact'
import type { TextKey } from '../i18n/i18n.ts'
import type { Role } from './me.ts'

export interface Route {
  /** As wouter reads it: `/forms/:id`. */
  path: string
  // Each screen names its own parameters; wouter fills them in by name.
  load: () => Promise<{ default: ComponentType<Record<string, string>> }>
  /** Absent: not in the navigation. */
  nav?: { label: TextKey; icon: string; group: 'data' | 'access' | 'system' }
  /** Who has something to see there; default: everybody. */
  needs?: Role
  /** The role may also be one in a single project. */
  inProjects?: true
}

export const ROUTES: readonly Route[] = [
  {
    path: '/',
    load: () => import('../screens/overview/overview.tsx'),
    nav: { label: 'nav.overview', icon: 'home', group: 'data' },
  },
]
