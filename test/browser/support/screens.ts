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
  {
    name: 'submissions',
    path: ({ formId }) => `/submissions?form=${formId}`,
    title: 'Submissions',
    prepare: (page) => page.getByRole('row').nth(5).waitFor(),
  },
  {
    name: 'submission',
    path: ({ submissionIds }) => `/submissions/${submissionIds[0]}`,
    title: 'Submission: Households',
    prepare: (page) => page.locator('.thumb img').first().waitFor(),
  },
  {
    name: 'submission-edit',
    path: ({ submissionIds }) => `/submissions/${submissionIds[8]}?edit=1`,
    title: 'Submission: Households',
  },
  {
    name: 'quarantine',
    path: '/quarantine',
    title: 'Quarantine',
    prepare: async (page) => {
      await page.getByRole('row').nth(1).click()
      await page.getByRole('dialog').getByText('local_uuid').waitFor()
    },
  },
  { name: 'not-found', path: '/no/such/page', title: 'Page not found' },
]
