// The submissions from a manager's chair: finding, reading, correcting, reviewing, throwing away and bringing back.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { createClient } from '../../src/client.ts'
import { journey, type Stage } from './support/journey.ts'
import { PEOPLE } from './support/people.ts'

const rowOf = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text })
const toast = (page: Page, text: string | RegExp) => page.locator('.toast', { hasText: text })

journey('filters stand in the address, and the table, the count and the curl line follow them', async (stage) => {
  const { page, open, seeded } = stage
  await open(`/submissions?form=${seeded.formId}`)
  await page.getByText('64 submissions').waitFor()
  await page.getByLabel('Only').selectOption('issues')
  await page.getByText('4 submissions', { exact: true }).waitFor()
  expect(new URL(page.url()).searchParams.get('list')).toBe('issues')
  expect(await page.getByRole('row').count()).toBe(5)
  await page.getByRole('button', { name: 'Copy as curl' }).click()
  const line = await page.evaluate(() => navigator.clipboard.readText())
  expect(line).toContain(`/api/v1/submissions?form_id=${seeded.formId}&issues=true'`)

  // The view is its address: somebody else opens the same.
  await page.reload()
  await page.getByText('4 submissions', { exact: true }).waitFor()
  await page.getByLabel('Only').selectOption('missing')
  await page.getByText(/\d+ submissions so far/).waitFor()
})

journey('columns are chosen and sorted by', async ({ page, open, seeded }) => {
  await open(`/submissions?form=${seeded.formId}`)
  const heads = () => page.getByRole('columnheader').allTextContents()
  expect(await heads()).toContain('Village')
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByLabel('Find a column').fill('visit')
  await page.getByLabel('Day of the visit').check()
  await page.getByLabel('Find a column').fill('villa')
  await page.getByLabel('Village').uncheck()
  await page.getByRole('button', { name: 'Done' }).click()
  expect(await heads()).toContain('Day of the visit')
  expect(await heads()).not.toContain('Village')
  expect(new URL(page.url()).searchParams.get('columns')).toContain('a.visit')

  await page.getByRole('button', { name: 'Collected' }).click()
  expect(new URL(page.url()).searchParams.get('sort')).toBe('-collected')
  await page.getByRole('button', { name: 'Collected' }).click()
  await page.getByRole('columnheader', { name: 'Collected' }).and(page.locator('[aria-sort=ascending]')).waitFor()
})

journey('the table works by keyboard alone: arrows move, Space marks, Enter opens', async ({ page, open, seeded }) => {
  await open(`/submissions?form=${seeded.formId}`)
  await page.getByRole('row').nth(1).waitFor()
  await page.getByRole('button', { name: 'Arrived' }).focus()
  // Over the other sortable heads into the rows, of which one takes the focus.
  for (let tab = 0; tab < 5 && !(await inRow(page)); tab++) await page.keyboard.press('Tab')
  expect(await focusedRow(page)).toBe(0)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => focusedRow(page)).toBe(2)
  await page.keyboard.press('Space')
  await page.keyboard.press('End')
  await expect.poll(() => focusedRow(page)).toBe(63)
  await page.keyboard.press('Space')
  await page.getByText('2 marked:').waitFor()
  await page.keyboard.press('Home')
  await expect.poll(() => focusedRow(page)).toBe(0)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/submissions/${seeded.submissionIds[0]}`)
})

const inRow = (page: Page) => page.evaluate(() => document.activeElement?.tagName === 'TR')
const focusedRow = (page: Page) =>
  page.evaluate(() => Number((document.activeElement as HTMLElement | null)?.dataset.index ?? -1))

journey('rows within rows, the photo, the history and the comments are on one page', async ({ page, open, seeded }) => {
  await open(`/submissions/${seeded.submissionIds[0]}`)
  const answers = page.getByRole('region', { name: 'Answers' })
  await answers.getByText('Malaria').waitFor()
  await answers.getByRole('button', { name: /Open house/ }).click()
  const viewed = page.getByRole('dialog').getByRole('img')
  await viewed.waitFor()
  await expect.poll(() => viewed.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(240)
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  const history = page.getByRole('region', { name: 'History' })
  await history.getByText('Awa Diouf-Sarr').waitFor()
  await page.getByLabel('New comment').fill('Seen at the well, too.')
  await page.getByRole('button', { name: 'Comment', exact: true }).click()
  await page.getByRole('region', { name: 'Comments' }).getByRole('listitem').getByText('Seen at the well').waitFor()
})

journey(
  'an edit that breaks a rule is refused at its question, then mended',
  async ({ page, open, seeded, expectErrors }) => {
    expectErrors(/422/)
    await open(`/submissions/${seeded.submissionIds[20]}`)
    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('People in the household').fill('77')
    await page.getByLabel('Age', { exact: true }).first().fill('minus one')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').waitFor()
    const age = page.getByLabel('Age', { exact: true }).first()
    expect(await age.getAttribute('aria-invalid')).toBe('true')
    await age.fill('41')
    await page.getByLabel('Name', { exact: true }).first().fill('Aïssatou Sarr')
    await page.getByLabel('People in the household').fill('5')
    await page.getByRole('button', { name: 'Add a row: Members' }).click()
    await page.getByLabel('Name', { exact: true }).last().fill('Baby')
    await page.getByLabel('Why').fill('Counted again.')
    await page.getByRole('button', { name: 'Save' }).click()
    await toast(page, 'Saved').waitFor()
    const answers = page.getByRole('region', { name: 'Answers' })
    await answers.getByText('Aïssatou Sarr').waitFor()
    await answers.getByText('Members (3)').waitFor()
    await page.getByText('Counted again.').waitFor()
  },
)

journey('two edits of the same answer meet: both sides are shown, and one press goes on', async (stage) => {
  const { page, open, seeded, expectErrors, url } = stage
  expectErrors(/409/)
  const id = seeded.submissionIds[22]!
  await open(`/submissions/${id}?edit=1`)
  const { access_token } = await (await createClient(url).auth.login.$post({ json: PEOPLE.manager })).json()
  const edited = await createClient(url, { token: access_token }).submissions[':id'].$patch({
    param: { id },
    json: { base_revision: 1, changes: { set: { village: 'Sagne', notes: 'Far away.' } } },
  })
  expect(edited.status).toBe(200)
  await page.getByLabel('Village').fill('Sagne-Bambara')
  await page.getByRole('button', { name: 'Save' }).click()
  const notice = page.getByRole('alert')
  await notice.getByRole('cell', { name: 'Sagne-Bambara' }).waitFor()
  await notice.getByRole('cell', { name: 'Sagne', exact: true }).waitFor()
  await notice.getByRole('button', { name: 'Go on with mine' }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  const answers = page.getByRole('region', { name: 'Answers' })
  await answers.getByText('Sagne-Bambara').waitFor()
  // What only the other one changed is there, too.
  await answers.getByText('Far away.').waitFor()
})

journey(
  'what a phone sends appears by itself, in the table and on the overview',
  async ({ page, open, url, seeded, context }) => {
    await open(`/submissions?form=${seeded.formId}`)
    const count = page.locator('.table-head p')
    const before = Number.parseInt((await count.textContent()) ?? '', 10)
    const overview = await context.newPage()
    await overview.goto('/')
    const figure = overview.getByRole('link', { name: /submissions$/ }).locator('.figure')
    const shown = Number(await figure.textContent())
    const { access_token } = await (await createClient(url).auth.login.$post({ json: PEOPLE.manager })).json()
    const sent = await createClient(url, { token: access_token }).submissions.$post({
      json: { form_version_id: seeded.versionId, data: { village: 'Loul Sessène', head: 'Coumba Thior' } },
    })
    expect(sent.status).toBe(201)
    await page.getByRole('cell', { name: 'Loul Sessène' }).waitFor()
    expect(Number.parseInt((await count.textContent()) ?? '', 10)).toBe(before + 1)
    await expect.poll(async () => Number(await figure.textContent()), { timeout: 8_000 }).toBeGreaterThan(shown)
  },
)

journey(
  'a manager approves with a word about it',
  async ({ page, open, seeded }) => {
    await open(`/submissions/${seeded.submissionIds[21]}`)
    await page.getByLabel('Comment (optional)').fill('All clear.')
    await page.getByRole('button', { name: 'Approve' }).click()
    await toast(page, 'Approved').waitFor()
    await page.getByText('All clear.').waitFor()
  },
  { as: 'manager' },
)

/** The only submission of a form of its own: an erasure takes all exports of its form along, which others look at. */
async function loneSubmission({ url, seeded }: Stage): Promise<string> {
  const { access_token: token } = await (await createClient(url).auth.login.$post({ json: PEOPLE.admin })).json()
  const client = createClient(url, { token })
  const schema = { fields: [{ id: 'name', type: 'text', label: 'Name' }] }
  const form = await (
    await client.forms.$post({ json: { project_id: seeded.projectId, name: 'Visitors', schema } })
  ).json()
  const { version_id } = await (await client.forms[':id'].publish.$post({ param: { id: form.id }, json: {} })).json()
  const sent = { form_version_id: version_id, local_uuid: crypto.randomUUID(), data: { name: 'Awa' } }
  const made = await client.submissions.$post({ json: sent })
  expect(made.status).toBe(201)
  return (await made.json()).id
}

journey('what was deleted is brought back, and what was erased is gone', async (stage) => {
  const { page, open, expectErrors } = stage
  // Opening what is in the trash is a 404 of the API, and Chromium says so.
  expectErrors(/404/)
  const id = await loneSubmission(stage)
  await open(`/submissions/${id}`)
  await page.getByRole('button', { name: 'Delete' }).click()
  await toast(page, 'In the trash').getByRole('button', { name: 'Undo' }).click()
  await toast(page, 'Restored').waitFor()

  await open(`/submissions/${id}`)
  await page.getByRole('button', { name: 'Delete' }).click()
  await toast(page, 'In the trash').waitFor()
  await open(`/submissions/${id}`)
  await page.getByText('This submission is in the trash').waitFor()
  await page.getByRole('button', { name: 'Restore' }).click()
  await page.getByRole('heading', { name: 'Submission: Visitors' }).waitFor()

  await page.getByRole('button', { name: 'Erase for good' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('Asked for by the household')
  await page.getByRole('dialog').getByRole('button', { name: 'Erase for good' }).click()
  await toast(page, 'Erased').waitFor()
  await open(`/submissions/${id}`)
  await page.getByText('This submission was erased').waitFor()
})

journey('many are reviewed at once, and it is taken back', async ({ page, open, seeded }) => {
  await open(`/submissions?form=${seeded.formId}&state=has_issues`)
  const before = Number(/^(\d+) submission/.exec((await page.getByText(/^\d+ submissions?$/).textContent()) ?? '')?.[1])
  await page.getByLabel('Mark all rows shown').check()
  await page.getByRole('button', { name: 'Reject' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click()
  await toast(page, `${before} submissions changed`).waitFor()
  await page.getByText('Nothing matches').waitFor()

  await open(`/submissions?form=${seeded.formId}&state=rejected`)
  await page.getByRole('row').nth(1).getByRole('checkbox').check()
  await page.getByRole('button', { name: /^Take all/ }).click()
  await page.getByRole('button', { name: 'Mark as having issues' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Mark as having issues' }).click()
  await toast(page, `${before} submissions changed`).getByRole('button', { name: 'Undo' }).click()
  await toast(page, `${before} submissions changed back`).waitFor()
  await page.getByText(new RegExp(`^${before} submissions$`)).waitFor()
})

journey(
  'a payload in quarantine is read, refused again, and stored as another version',
  async ({ page, open, seeded }) => {
    await open('/quarantine?state=open')
    await rowOf(page, 'Open').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('"village"').waitFor()
    await dialog.getByRole('button', { name: 'Send it through again' }).click()
    await dialog.getByText('It still cannot be stored').waitFor()
    await dialog.getByLabel('Read it as').selectOption(seeded.versionId)
    await dialog.getByRole('button', { name: 'Send it through again' }).click()
    await toast(page, 'Stored as a submission').waitFor()
  },
)

journey(
  'a field worker finds her own, and no buttons that would be refused',
  async ({ page, open, seeded }) => {
    await open('/submissions')
    await page.getByRole('row').nth(1).waitFor()
    expect(await page.getByRole('checkbox').count()).toBe(0)
    expect(await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link').allTextContents()).toEqual(
      ['Overview', 'Submissions', 'Map', 'Charts', 'Forms', 'Projects', 'Exports', 'Phones'],
    )
    await open(`/submissions/${seeded.submissionIds[5]}`)
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Erase for good' }).count()).toBe(0)
    await open('/users')
    await page.getByText('Your role does not open this page').waitFor()
  },
  { as: 'worker' },
)
