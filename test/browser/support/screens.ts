// Every screen as somebody meets it: looked at by axe in both themes (screens.test.ts) and photographed by
// `npm run screenshots`. A new screen is a new line.
import type { Page } from 'playwright-core'
import type { Person } from './people.ts'
import type { Seeded } from './seed.ts'

export interface ScreenVisit {
  /** File name of its screenshot. */
  name: string
  path: string | ((seeded: Seeded) => string)
  /** Its title, so that no other screen is looked at in its place. */
  title: string
  /** Default: the admin. */
  as?: Person | null
  /** Brings the page into the state that is looked at. */
  prepare?: (page: Page) => Promise<void>
}

export const SCREENS: readonly ScreenVisit[] = [
  { name: 'sign-in', path: '/', title: 'Sign in', as: null },
  { name: 'new-password', path: '/', title: 'Choose your own password', as: 'newcomer' },
  { name: 'overview', path: '/', title: 'Overview' },
  { name: 'not-found', path: '/no/such/page', title: 'Page not found' },
]
