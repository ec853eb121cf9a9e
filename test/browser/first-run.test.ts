// The first minute: an empty installation, from its first sign-in to its first form. And the dashboard on a small screen,
// and from right to left.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { startServer } from '../../scripts/server.ts'
import { expectAccessible, journey, settled, watch } from './support/journey.ts'

journey(
  'an empty installation explains itself, and the first form is three presses away',
  async ({ context }) => {
    const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-first-'))
    const admin: { email: string; password: string | null }[] = []
    const server = await startServer({
      port: 0,
      stateDir,
      env: { SCRYPT_LOG2_N: '4' },
      onLine: () => {},
      onFirstAdmin: (one) => admin.push(one),
    })
    try {
      const page = await context.newPage()
      const strange = watch(page, server.url)
      await page.goto(server.url)
      await settled(page)
      await page.getByText('First time here').click()
      await page.getByText('prints the admin').waitFor()
      const { email, password } = admin[0]!
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password').fill(password!)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByLabel('Current password').fill(password!)
      await page.getByLabel('New password', { exact: true }).fill('nobody-knows-it')
      await page.getByLabel('New password, again').fill('nobody-knows-it')
      await page.getByRole('button', { name: 'Change the password' }).click()

      await page.getByText('Nothing here yet').waitFor()
      for (const name of ['Make a form', 'Pair a phone', 'Create an API key', 'Or all of it from a terminal'])
        await page.getByRole('heading', { name }).waitFor()
      expect(await page.locator('pre').textContent()).toContain(`URL=${server.url}/api/v1`)
      await expectAccessible(page)
      await page.getByRole('link', { name: 'New form' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Name', { exact: true }).fill('Wells')
      await dialog.getByLabel('Name of the project').fill('Water')
      await dialog.getByRole('button', { name: 'Create' }).click()
      await page.getByRole('heading', { name: 'Wells', level: 1 }).waitFor()
      expect(strange).toEqual([])
    } finally {
      await server.stop()
      rmSync(stateDir, { recursive: true, force: true })
    }
  },
  { as: null, timeoutMs: 60_000 },
)

journey(
  'on a phone the navigation is a drawer, and no screen is wider than it',
  async ({ page, open, seeded }) => {
    await open('/')
    await page.getByRole('button', { name: 'Open the navigation' }).click()
    await page.getByRole('dialog').getByRole('link', { name: 'Submissions' }).click()
    await page.getByRole('heading', { name: 'Submissions' }).waitFor()
    const paths = ['/', '/submissions', `/submissions/${seeded.submissionIds[0]}`, `/forms/${seeded.formId}`, '/audit']
    for (const path of paths) {
      await open(path)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect([path, wide]).toEqual([path, 0])
    }
  },
  { width: 360 },
)

journey('from right to left everything is mirrored, and nothing sticks out', async ({ page, open, seeded }) => {
  for (const path of ['/', `/submissions?form=${seeded.formId}`, `/submissions/${seeded.submissionIds[0]}`]) {
    await open(path)
    await page.evaluate(() => {
      document.documentElement.dir = 'rtl'
    })
    const { side, wide } = await page.evaluate(() => ({
      side: Math.round(document.querySelector('.side')!.getBoundingClientRect().right) === innerWidth,
      wide: document.documentElement.scrollWidth - innerWidth,
    }))
    expect([path, side, wide]).toEqual([path, true, 0])
  }
})
