// Every screen: its address, its file, and where it stands in the navigation. A screen is a file in screens/ whose
// default export is a component; its path parameters come as props.
import type { ComponentType } from 'preact'
import type { TextKey } from '../i18n/i18n.ts'
import type { Role } from './me.ts'

/** The parameters that paths may have. */
export interface ScreenProps {
  id?: string
  /** What of it is shown: a tab of the screen. */
  tab?: string
}

export interface Route {
  /** As wouter reads it: `/forms/:id`. */
  path: string
  load: () => Promise<{ default: ComponentType<ScreenProps> }>
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
  {
    path: '/submissions',
    load: () => import('../screens/submissions/list.tsx'),
    nav: { label: 'nav.submissions', icon: 'list', group: 'data' },
  },
  { path: '/submissions/:id', load: () => import('../screens/submissions/detail.tsx') },
  {
    path: '/map',
    load: () => import('../screens/map/map.tsx'),
    nav: { label: 'nav.map', icon: 'map', group: 'data' },
  },
  {
    path: '/charts',
    load: () => import('../screens/charts/charts.tsx'),
    nav: { label: 'nav.charts', icon: 'chart', group: 'data' },
  },
  {
    path: '/forms',
    load: () => import('../screens/forms/list.tsx'),
    nav: { label: 'nav.forms', icon: 'forms', group: 'data' },
  },
  { path: '/forms/:id/preview', load: () => import('../screens/forms/preview.tsx') },
  { path: '/forms/:id', load: () => import('../screens/forms/detail.tsx') },
  {
    path: '/forms/:id/build',
    load: () => import('../screens/builder/builder.tsx'),
    needs: 'manager',
    inProjects: true,
  },
  {
    path: '/projects',
    load: () => import('../screens/projects/list.tsx'),
    nav: { label: 'nav.projects', icon: 'project', group: 'data' },
  },
  { path: '/projects/:id', load: () => import('../screens/projects/detail.tsx') },
  {
    path: '/quarantine',
    load: () => import('../screens/quarantine/quarantine.tsx'),
    nav: { label: 'nav.quarantine', icon: 'alert', group: 'data' },
    needs: 'manager',
  },
  {
    path: '/exports',
    load: () => import('../screens/exports/list.tsx'),
    nav: { label: 'nav.exports', icon: 'download', group: 'data' },
  },
  {
    path: '/webhooks',
    load: () => import('../screens/webhooks/list.tsx'),
    nav: { label: 'nav.webhooks', icon: 'hook', group: 'system' },
    needs: 'manager',
    inProjects: true,
  },
  {
    path: '/webhooks/:id',
    load: () => import('../screens/webhooks/detail.tsx'),
    needs: 'manager',
    inProjects: true,
  },
  {
    path: '/devices',
    load: () => import('../screens/devices/list.tsx'),
    nav: { label: 'nav.devices', icon: 'device', group: 'access' },
  },
  { path: '/devices/:id', load: () => import('../screens/devices/detail.tsx') },
  {
    path: '/users',
    load: () => import('../screens/users/list.tsx'),
    nav: { label: 'nav.users', icon: 'people', group: 'access' },
    needs: 'admin',
  },
  { path: '/users/:id', load: () => import('../screens/users/detail.tsx'), needs: 'admin' },
  {
    path: '/keys',
    load: () => import('../screens/keys/keys.tsx'),
    nav: { label: 'nav.keys', icon: 'key', group: 'access' },
    needs: 'admin',
  },
  {
    path: '/audit',
    load: () => import('../screens/audit/audit.tsx'),
    nav: { label: 'nav.audit', icon: 'log', group: 'system' },
    needs: 'admin',
  },
  {
    path: '/settings',
    load: () => import('../screens/settings/settings.tsx'),
    nav: { label: 'nav.settings', icon: 'gear', group: 'system' },
    needs: 'admin',
  },
  { path: '/account', load: () => import('../screens/account/account.tsx') },
]
