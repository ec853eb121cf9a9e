// The form builder: a form from nothing to live by keyboard alone, dragging, two who work on one form, and a dead line.
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { type Client, createClient } from '../../src/client.ts'
import { journey, type Stage } from './support/journey.ts'
import { PEOPLE } from './support/people.ts'

const FIELDS = [
  { id: 'a', type: 'text', label: 'Apple' },
  { id: 'b', type: 'integer', label: 'Banana' },
  { id: 'g', type: 'group', label: 'Garden', fields: [{ id: 'c', type: 'text', label: 'Cherry' }] },
]

interface Stored {
  id: string
  label: unknown
  [key: string]: unknown
}

async function clientOf(url: string): Promise<Client> {
  const response = await createClient(url).auth.login.$post({ json: PEOPLE.admin })
  return createClient(url, { token: ((await response.json()) as { access_token: string }).access_token })
}

/** A draft of its own for a journey. */
async function draftOf({ url, seeded }: Stage, name: string) {
  const client = await clientOf(url)
  const json = { project_id: seeded.projectId, name, schema: { fields: FIELDS } }
  const { id } = (await (await client.forms.$post({ json })).json()) as { id: string }
  const stored = async () => {
    const response = await client.forms[':id'].$get({ param: { id } })
    return ((await response.json()) as unknown as { schema: { fields: Stored[] } }).schema
  }
  return { id, stored }
}

/** The builder waits until the typing rests. */
const SAVED_MS = 10_000

const row = (page: Page, label: string) => page.getByRole('treeitem', { name: new RegExp(`^${label}`) })
const saved = (page: Page) => page.getByText('Saved', { exact: true }).waitFor()
const labels = (page: Page) =>
  page.getByRole('treeitem').evaluateAll((rows) => rows.map((one) => one.querySelector('.outline-label')?.textContent))

/** Tab, or Shift+Tab, until the focus is there: whoever has no mouse gets nowhere else. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await target.waitFor()
  for (let presses = 0; presses < 150; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press(key)
  }
  throw new Error(`Tab does not lead to ${target}`)
}

async function press(page: Page, target: Locator, key?: 'Tab' | 'Shift+Tab'): Promise<void> {
  await tabTo(page, target, key)
  await page.keyboard.press('Enter')
}

/** Leaves the focus in the label of the new question, which it types. */
async function addByKeys(page: Page, type: string, label: string): Promise<void> {
  await press(page, page.getByRole('button', { name: 'Add a question' }), 'Shift+Tab')
  await press(page, page.getByRole('dialog').getByRole('button', { name: type, exact: true }), 'Shift+Tab')
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('label')
  await page.keyboard.type(label)
  await page.keyboard.press('Tab')
}

/** The chosen question in the tree, by Alt with an arrow. */
async function moveByKeys(page: Page, label: string, ...arrows: string[]): Promise<void> {
  await tabTo(page, row(page, label), 'Shift+Tab')
  for (const arrow of arrows) await page.keyboard.press(`Alt+Arrow${arrow}`)
}

const OWNER = {
  id: 'who_owns_it',
  type: 'select_one',
  options: [
    { value: 'the_village', label: 'The village' },
    { value: 'a_family', label: 'A family' },
  ],
}

journey('by keyboard alone: from a new form to a live one', async ({ page, open, url }) => {
  await open('/forms?new=form')
  await tabTo(page, page.getByRole('dialog').getByLabel('Name', { exact: true }))
  await page.keyboard.type('Wells by keys')
  await page.keyboard.press('Enter')
  await page.getByText('Add the first question').waitFor()

  await addByKeys(page, 'Group', 'The household')
  await addByKeys(page, 'Text', 'Head of the household')
  await addByKeys(page, 'Whole number', 'Number of wells')
  // Out of the group, and before it.
  await moveByKeys(page, 'Number of wells', 'Left', 'Up')
  await expect.poll(() => labels(page)).toEqual(['Number of wells', 'The household', 'Head of the household'])
  await addByKeys(page, 'Repeat', 'Wells')
  await moveByKeys(page, 'Wells', 'Down')
  await addByKeys(page, 'Decimal number', 'Depth')
  await expect
    .poll(() => labels(page))
    .toEqual(['Number of wells', 'The household', 'Head of the household', 'Wells', 'Depth'])

  // Choices: the next one by Enter, their values from their labels.
  await addByKeys(page, 'One choice', 'Who owns it?')
  await tabTo(page, page.getByLabel('Label of option 1'))
  await page.keyboard.type('The village')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toContain('option 2')
  await page.keyboard.type('A family')
  await page.keyboard.press('Tab')

  // A rule in rows: the wells are asked when there are any.
  await tabTo(page, row(page, 'Who owns it'), 'Shift+Tab')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  await press(page, page.getByText('Rules', { exact: true }))
  const rule = page.getByRole('group', { name: 'Asked when' })
  await press(page, rule.getByRole('button', { name: 'Add a condition' }))
  await tabTo(page, rule.getByRole('combobox').first(), 'Shift+Tab')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.type('Number')
  await page.keyboard.press('Enter')
  await tabTo(page, rule.getByRole('combobox').nth(1))
  await page.keyboard.type('is more')
  await tabTo(page, rule.getByLabel('Value', { exact: true }))
  await page.keyboard.type('0')
  await press(page, rule.getByRole('button', { name: 'As text' }), 'Shift+Tab')
  expect(await rule.getByRole('textbox').first().inputValue()).toBe('number_of_wells > 0')

  // Another language: what it lacks is counted, and written beside the first.
  await press(page, page.getByRole('link', { name: 'Languages' }), 'Shift+Tab')
  await press(page, page.getByRole('button', { name: 'Add a language' }))
  await tabTo(page, page.getByLabel('New language'))
  await page.keyboard.type('es')
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByLabel('Question number_of_wells: Spanish (es)'))
  await page.keyboard.type('Número de pozos')
  await page.getByText(/\d+ of \d+ missing/).waitFor()
  await page.keyboard.press('Control+z')
  await expect.poll(() => page.getByLabel('Question number_of_wells: Spanish (es)').inputValue()).toBe('')
  await page.keyboard.press('Control+Shift+z')

  await saved(page)
  await press(page, page.getByRole('button', { name: 'Publish' }), 'Shift+Tab')
  const dialog = page.getByRole('dialog')
  await press(page, dialog.getByRole('button', { name: 'Publish' }))
  await page.locator('.toast', { hasText: 'Version 1 is live' }).waitFor()

  const client = await clientOf(url)
  const [, id = ''] = /forms\/([^/]+)\/build/.exec(page.url()) ?? []
  const response = await client.forms[':id'].$get({ param: { id } })
  const { schema } = (await response.json()) as unknown as { schema: { fields: Stored[] } }
  expect(schema.fields).toMatchObject([
    { id: 'number_of_wells', type: 'integer', label: { en: 'Number of wells', es: 'Número de pozos' } },
    { id: 'the_household', type: 'group', fields: [{ id: 'head_of_the_household', type: 'text' }] },
    { id: 'wells', type: 'repeat', relevant: 'number_of_wells > 0', fields: [{ id: 'depth', type: 'decimal' }, OWNER] },
  ])
})

journey('a question is dragged into a group, and undone', async (stage) => {
  const { page, open } = stage
  const { id, stored } = await draftOf(stage, 'Dragged')
  await open(`/forms/${id}/build`)
  await row(page, 'Apple').dragTo(row(page, 'Garden'))
  await expect.poll(() => labels(page)).toEqual(['Banana', 'Garden', 'Cherry', 'Apple'])
  await expect.poll(async () => (await stored()).fields.map((one) => one.id), { timeout: SAVED_MS }).toEqual(['b', 'g'])
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => labels(page)).toEqual(['Apple', 'Banana', 'Garden', 'Cherry'])
  await page.keyboard.press('Control+Shift+Z')
  await expect.poll(() => labels(page)).toEqual(['Banana', 'Garden', 'Cherry', 'Apple'])
})

async function rename(page: Page, from: string, to: string): Promise<void> {
  await row(page, from).click()
  await page.getByLabel('Question', { exact: true }).fill(to)
}

const otherTab = async (context: BrowserContext, path: string): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(path)
  await row(page, 'Apple').waitFor()
  return page
}

journey('when two change one form nobody’s work is overwritten unseen', async (stage) => {
  const { page, open, context, expectErrors } = stage
  expectErrors(/409/)
  const { id, stored } = await draftOf(stage, 'Contested')
  const path = `/forms/${id}/build`
  const other = await otherTab(context, path)
  await open(path)
  await rename(other, 'Banana', 'Blueberry')
  await expect.poll(async () => (await stored()).fields[1]!.label, { timeout: SAVED_MS }).toBe('Blueberry')
  await rename(page, 'Apple', 'Apricot')

  const dialog = page.getByRole('dialog')
  await dialog.getByText('Somebody else has changed this form').waitFor()
  await dialog.getByText('2 questions differ').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('Not saved: somebody else has saved').waitFor()
  expect((await stored()).fields.map((one) => one.label)).toEqual(['Apple', 'Blueberry', 'Garden'])
  // Their version goes on here, and mine is one step back.
  await page.getByRole('button', { name: 'Decide' }).click()
  await dialog.getByRole('button', { name: 'Go on with theirs' }).click()
  await expect.poll(() => labels(page)).toEqual(['Apple', 'Blueberry', 'Garden', 'Cherry'])
  await saved(page)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => labels(page)).toEqual(['Apricot', 'Banana', 'Garden', 'Cherry'])
  await expect.poll(async () => (await stored()).fields[0]!.label, { timeout: SAVED_MS }).toBe('Apricot')
  await other.close()
})

journey('a dead line and a closed tab lose nothing', async (stage) => {
  const { page, open, context, expectErrors } = stage
  expectErrors(/ERR_INTERNET_DISCONNECTED|Failed to fetch/)
  const { id, stored } = await draftOf(stage, 'Offline')
  await open(`/forms/${id}/build`)
  // The checks are fetched with the first screen, before the line dies.
  await rename(page, 'Apple', 'Almond')
  await expect.poll(async () => (await stored()).fields[0]!.label, { timeout: SAVED_MS }).toBe('Almond')

  await context.setOffline(true)
  await rename(page, 'Banana', 'Blackberry')
  await page.getByText('Not saved', { exact: true }).waitFor()
  await page.getByText('Kept in this browser until then').waitFor()
  // The line is back for reading only, and the tab goes before anything could be saved.
  page.on('dialog', (asked) => void asked.accept())
  await page.route('**/api/v1/forms/*', (route) =>
    route.request().method() === 'PUT' ? route.abort('internetdisconnected') : route.continue(),
  )
  await context.setOffline(false)
  await page.reload()
  await page.locator('.toast', { hasText: 'taken up again' }).waitFor()
  await row(page, 'Blackberry').waitFor()
  await page.unroute('**/api/v1/forms/*')
  await saved(page)
  await expect
    .poll(async () => (await stored()).fields.map((one) => one.label), { timeout: SAVED_MS })
    .toEqual(['Almond', 'Blackberry', 'Garden'])
})
