// Signing in and out, in one tab and in several; what the session leaves behind in the browser.
import { expect } from 'vitest'
import { createClient } from '../../src/client.ts'
import { journey, settled, signIn } from './support/journey.ts'
import { PEOPLE } from './support/people.ts'

journey(
  'a wrong password is told, the right one opens the dashboard, and a reload keeps it open',
  async ({ page, open, expectErrors, context }) => {
    expectErrors(/401/)
    await open('/')
    await page.getByLabel('E-mail').fill(PEOPLE.admin.email)
    await page.getByLabel('Password').fill('not-this-one')
    await page.getByRole('button', { name: 'Sign in' }).click()
    expect(await page.getByRole('alert').textContent()).toMatch(/e-mail or the password/i)
    await page.getByLabel('Password').fill(PEOPLE.admin.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()

    // The credential is in no place that a script can read.
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    )
    expect(JSON.parse(kept)).toEqual([{ 'fieldpost.session': expect.stringMatching(/^\d+$/) }, {}, ''])
    const [cookie] = await context.cookies(`${new URL(page.url()).origin}/api/v1/auth`)
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/api/v1/auth' })
  },
  { as: null },
)

journey('signing out in one tab signs out the other', async ({ page, open, context }) => {
  await open('/')
  const other = await context.newPage()
  await other.goto('/')
  await settled(other)
  await page.locator('summary', { hasText: PEOPLE.admin.email }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await other.getByRole('heading', { name: 'Sign in' }).waitFor()
})

journey('signing in as somebody else in one tab shows nothing of the one before in the other', async (stage) => {
  const { page, open, context } = stage
  await open('/users')
  await page.getByRole('heading', { name: 'Users' }).waitFor()
  const other = await context.newPage()
  await other.goto('/')
  await settled(other)
  await other.locator('summary', { hasText: PEOPLE.admin.email }).click()
  await other.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await other.getByLabel('E-mail').fill(PEOPLE.worker.email)
  await other.getByLabel('Password').fill(PEOPLE.worker.password)
  await other.getByRole('button', { name: 'Sign in' }).click()
  // The first tab follows, as the other person.
  await page.getByText('Your role does not open this page').waitFor()
  await page.locator('summary', { hasText: PEOPLE.worker.email }).waitFor()
})

journey(
  'whoever was given a password chooses another one before anything else',
  async ({ page, open, context, url }) => {
    const nadia = { email: `nadia-${Date.now()}@example.org`, password: 'from-the-admin' }
    await makeUser(url, nadia)
    await signIn(context, nadia)
    await open('/')
    await page.getByRole('heading', { name: 'Choose your own password' }).waitFor()
    await page.getByLabel('Current password').fill(nadia.password)
    await page.getByLabel('New password', { exact: true }).fill('nadia-knows-it')
    await page.getByLabel('New password, again').fill('nadia-forgets-it')
    await page.getByRole('button', { name: 'Change the password' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('differ')
    await page.getByLabel('New password, again').fill('nadia-knows-it')
    await page.getByRole('button', { name: 'Change the password' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
  },
  { as: null },
)

journey('the language and the appearance change at once and stay', async ({ page, open }) => {
  await open('/')
  await page.locator('summary', { hasText: PEOPLE.admin.email }).click()
  await page.getByLabel('Appearance').selectOption('dark')
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  await page.getByLabel('Language').selectOption('es')
  await page.getByRole('heading', { name: 'Resumen' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Resumen' }).waitFor()
  expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual([
    'es',
    'dark',
  ])
})

journey('the skip link leads past the navigation, and a new screen takes the focus', async ({ page, open }) => {
  await open('/')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
})

/** By the API, as an admin does it. */
async function makeUser(url: string, user: { email: string; password: string }): Promise<void> {
  const { access_token } = await (await createClient(url).auth.login.$post({ json: PEOPLE.admin })).json()
  const made = await createClient(url, { token: access_token }).users.$post({ json: { ...user, role: 'manager' } })
  expect(made.status).toBe(201)
}
