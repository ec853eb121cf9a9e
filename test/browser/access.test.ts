// Phones, keys, people, and what is kept of their acts.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { createClient } from '../../src/client.ts'
import { journey, signIn } from './support/journey.ts'
import { PEOPLE } from './support/people.ts'

const toast = (page: Page, text: string | RegExp) => page.locator('.toast', { hasText: text })

journey('a phone is paired by its code, and the page notices; then it is renamed and revoked', async (stage) => {
  const { page, open, url } = stage
  await open('/devices?new=device')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('For whom').selectOption({ label: 'bruno@example.org' })
  await dialog.getByLabel('Name of the phone').fill("Bruno's phone")
  await dialog.getByRole('button', { name: 'Show the code' }).click()
  await dialog.getByText(/Good for (9:5\d|10:00) more/).waitFor()
  await dialog.getByRole('button', { name: 'Copy instead of scanning' }).click()
  const { pairing_token, server_url } = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))
  expect(server_url).toBe(url)
  const paired = await createClient(url).mobile.pair.$post({ json: { pairing_token } })
  expect(paired.status).toBe(200)
  await dialog.getByText("“Bruno's phone” is paired.").waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()

  await page.getByRole('link', { name: "Bruno's phone" }).click()
  await page.getByText('has not told what it holds').waitFor()
  await page.getByLabel('Name of the phone').fill('Spare phone')
  await page.getByLabel('Used by').selectOption({ label: 'amina@example.org' })
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Spare phone' }).waitFor()
  await page.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await toast(page, 'was revoked').waitFor()
  const { device_token } = (await paired.json()) as { device_token: string }
  expect((await createClient(url, { deviceToken: device_token }).mobile.forms.$get({})).status).toBe(401)
})

journey('a key is shown once, works, and stops when it is revoked', async ({ page, open, url }) => {
  await open('/keys?new=key')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Tide gauge')
  await dialog.getByLabel('Follow all changes').check()
  await dialog.getByRole('button', { name: 'Create' }).click()
  const key = (await dialog.locator('.secret').textContent()) ?? ''
  expect(key).toMatch(/^qb_/)
  const ask = async () => (await createClient(url, { apiKey: key }).changes.$get({ query: {} })).status
  expect(await ask()).toBe(200)
  await dialog.getByRole('button', { name: 'Done' }).click()
  expect(await page.getByText(key).count()).toBe(0)
  await page.getByRole('button', { name: 'Tide gauge', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Tide gauge 2')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Revoke Tide gauge 2' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await toast(page, 'was revoked').waitFor()
  expect(await ask()).toBe(401)
})

journey('a user is made with a password to pass on, made a manager, and deactivated', async ({ page, open, url }) => {
  const email = `omar-${Date.now()}@example.org`
  await open('/users?new=user')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('E-mail').fill(email)
  await dialog.getByRole('button', { name: 'Create' }).click()
  const password = (await dialog.locator('.secret').textContent()) ?? ''
  expect(password).toMatch(/^(\w{4}-){3}\w{4}$/)
  const login = () => createClient(url).auth.login.$post({ json: { email, password } })
  expect(await (await login()).json()).toMatchObject({ force_password_reset: true })
  await dialog.getByRole('button', { name: 'Done' }).click()

  await page.getByRole('link', { name: email }).click()
  await page.getByRole('combobox', { name: 'Role' }).selectOption('manager')
  await page.getByRole('button', { name: 'Save' }).click()
  await toast(page, 'Saved').waitFor()
  await page.getByRole('button', { name: /^Sign out:/ }).click()
  await toast(page, 'That session has ended').waitFor()
  await page.getByRole('button', { name: 'Deactivate' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click()
  await page.getByRole('button', { name: 'Reactivate' }).waitFor()
  expect((await login()).status).toBe(401)

  await page.getByRole('link', { name: 'What this user did' }).click()
  await page.getByRole('heading', { name: 'Audit log' }).waitFor()
  await open('/audit?action=user.created')
  await page.getByRole('row').nth(1).getByText(PEOPLE.admin.email).waitFor()
})

journey('nobody can take the own admin role away, and the page says who can', async ({ page, open, expectErrors }) => {
  expectErrors(/400/)
  await open('/users')
  await page.getByRole('link', { name: PEOPLE.admin.email }).click()
  await page.getByRole('combobox', { name: 'Role' }).selectOption('manager')
  await page.getByRole('button', { name: 'Save' }).click()
  expect(await page.getByRole('alert').textContent()).toMatch(/Ask another admin/)
})

journey('the organisation gets a name, which the navigation shows at once', async ({ page, open }) => {
  await open('/settings')
  await page.getByText('Well', { exact: true }).first().waitFor()
  await page.getByLabel('Name of the organisation').fill('Relief West')
  await page.getByRole('region', { name: 'Organisation' }).getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'Relief West' }).waitFor()
})

journey(
  'signing out everywhere ends every session, here too',
  async ({ page, context, open, url }) => {
    const other = await createClient(url).auth.login.$post({ json: PEOPLE.leaver })
    const { access_token } = (await other.json()) as { access_token: string }
    await signIn(context, PEOPLE.leaver)
    await open('/account')
    await page.getByText('This one').waitFor()
    await page.getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect((await createClient(url, { token: access_token }).auth.me.$get()).status).toBe(401)
  },
  { as: null },
)
