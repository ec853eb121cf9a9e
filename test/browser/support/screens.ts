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

/** All places are on the map, and nothing of it moves. */
export const mapDrawn = (page: Page): Promise<void> => page.locator('.map[aria-busy=false]').waitFor()

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
    prepare: async (page) => {
      await page.locator('.thumb img').first().waitFor()
      await mapDrawn(page)
    },
  },
  {
    name: 'submission-edit',
    path: ({ submissionIds }) => `/submissions/${submissionIds[8]}?edit=1`,
    title: 'Submission: Households',
  },
  { name: 'map', path: ({ formId }) => `/map?form=${formId}`, title: 'Map', prepare: mapDrawn },
  {
    name: 'charts',
    path: ({ formId }) => `/charts?form=${formId}`,
    title: 'Charts',
    prepare: (page) => page.locator('.time-chart canvas').first().waitFor(),
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
  { name: 'forms', path: '/forms', title: 'Forms' },
  { name: 'form-new', path: '/forms?new=form', title: 'Forms', prepare: (page) => page.getByRole('dialog').waitFor() },
  { name: 'form', path: ({ formId }) => `/forms/${formId}`, title: 'Households' },
  {
    name: 'form-publish',
    path: ({ formId }) => `/forms/${formId}`,
    title: 'Households',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Publish' }).click()
      await page.getByRole('dialog').getByText('Removed').waitFor()
    },
  },
  {
    name: 'builder',
    path: ({ formId }) => `/forms/${formId}/build?preview=true`,
    title: 'Households',
    prepare: async (page) => {
      await page.getByRole('treeitem', { name: 'Source of water' }).click()
      await page.getByRole('heading', { name: 'Preview' }).waitFor()
      await page.getByText('More', { exact: true }).click()
    },
  },
  {
    name: 'builder-rules',
    path: ({ formId }) => `/forms/${formId}/build`,
    title: 'Households',
    prepare: async (page) => {
      await page.getByRole('treeitem', { name: 'People in the household' }).click()
      await page.getByRole('combobox', { name: 'Operator' }).first().waitFor()
    },
  },
  {
    name: 'builder-languages',
    path: ({ formId }) => `/forms/${formId}/build?view=translations`,
    title: 'Households',
    prepare: (page) => page.getByRole('button', { name: 'Add a language' }).waitFor(),
  },
  {
    name: 'builder-types',
    path: ({ formId }) => `/forms/${formId}/build`,
    title: 'Households',
    prepare: (page) => page.getByRole('button', { name: 'Add a question' }).click(),
  },
  { name: 'form-preview', path: ({ formId }) => `/forms/${formId}/preview?mode=page`, title: 'Preview: Households' },
  { name: 'projects', path: '/projects', title: 'Projects' },
  { name: 'project', path: ({ projectId }) => `/projects/${projectId}`, title: 'Water and health' },
  {
    name: 'exports',
    path: '/exports',
    title: 'Exports',
    prepare: (page) => page.getByText('Done').first().waitFor({ timeout: 30_000 }),
  },
  {
    name: 'export-new',
    path: '/exports?new=export',
    title: 'Exports',
    prepare: (page) => page.getByRole('dialog').waitFor(),
  },
  { name: 'webhooks', path: '/webhooks', title: 'Webhooks' },
  {
    name: 'webhook',
    path: ({ webhookId }) => `/webhooks/${webhookId}`,
    title: 'Data warehouse',
    prepare: (page) => page.getByRole('button', { name: 'webhook.test' }).waitFor(),
  },
  { name: 'devices', path: '/devices', title: 'Phones' },
  {
    name: 'pairing',
    path: '/devices?new=device',
    title: 'Phones',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Show the code' }).click()
      await page.getByRole('img', { name: 'QR code for pairing' }).waitFor()
    },
  },
  { name: 'device', path: ({ deviceId }) => `/devices/${deviceId}`, title: "Amina's phone" },
  { name: 'users', path: '/users', title: 'Users' },
  {
    name: 'user',
    path: '/users',
    title: 'Users',
    prepare: async (page) => {
      await page.getByRole('link', { name: 'bruno@example.org' }).click()
      await page.getByRole('heading', { name: 'Sessions' }).waitFor()
    },
  },
  { name: 'keys', path: '/keys', title: 'API keys' },
  { name: 'audit', path: '/audit', title: 'Audit log' },
  { name: 'settings', path: '/settings', title: 'Settings' },
  { name: 'account', path: '/account', title: 'Your account' },
  { name: 'worker', path: '/submissions', title: 'Submissions', as: 'worker' },
  { name: 'not-found', path: '/no/such/page', title: 'Page not found' },
]
