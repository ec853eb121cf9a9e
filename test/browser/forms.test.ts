// Forms and projects: made, imported, published with a look at what changes, archived, deleted.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { createClient } from '../../src/client.ts'
import { writeWorkbook } from '../../src/lib/workbook.ts'
import { journey, type Stage } from './support/journey.ts'
import { PEOPLE } from './support/people.ts'
import { HOUSEHOLD_FORM } from './support/seed.ts'

const toast = (page: Page, text: string | RegExp) => page.locator('.toast', { hasText: text })

/** A workbook as a file for an input. */
async function workbook(survey: string[][]) {
  const bytes = await writeWorkbook([
    { name: 'survey', rows: [['type', 'name', 'label'], ...survey] },
    {
      name: 'settings',
      rows: [
        ['form_title', 'form_id'],
        ['Pumps', 'pumps'],
      ],
    },
  ])
  const mimeType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  return { name: 'pumps.xlsx', mimeType, buffer: Buffer.from(bytes) }
}

journey('from nothing to a live form: new project, new form, questions, publish', async ({ page, open }) => {
  await open('/forms')
  await page.getByRole('button', { name: 'New form' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Latrines')
  await dialog.getByLabel('Project').selectOption({ label: 'New project' })
  await dialog.getByLabel('Name of the project').fill('Sanitation')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await page.getByText('Add the first question').waitFor()
  await page.getByRole('navigation', { name: 'Where this is' }).getByRole('link', { name: 'Latrines' }).click()
  await page.getByText('Nobody can fill this form yet').waitFor()

  await page.getByRole('button', { name: 'As JSON' }).click()
  await dialog.getByLabel('Form document').fill('{"fields":[{"id":"a b","type":"text"}')
  await dialog.getByRole('button', { name: 'Save the draft' }).click()
  await dialog.getByText('This is not JSON').waitFor()
  await dialog
    .getByLabel('Form document')
    .fill('{"fields":[{"id":"clean","type":"acknowledge","label":"Is it clean?"}]}')
  await dialog.getByRole('button', { name: 'Save the draft' }).click()
  await page.getByText('Is it clean?').waitFor()

  await page.getByRole('button', { name: 'Publish' }).click()
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await toast(page, 'Version 1 is live').waitFor()
  await expect.poll(() => page.getByRole('button', { name: 'Publish' }).count()).toBe(0)
})

/** A live form with answers, which no other journey looks at. */
async function ownForm({ url, seeded }: Stage): Promise<string> {
  const { access_token: token } = await (await createClient(url).auth.login.$post({ json: PEOPLE.admin })).json()
  const api = createClient(url, { token })
  const json = { project_id: seeded.projectId, name: 'Households once more', schema: HOUSEHOLD_FORM }
  const { id } = await (await api.forms.$post({ json })).json()
  const { version_id } = await (await api.forms[':id'].publish.$post({ param: { id }, json: {} })).json()
  const data = { village: 'Fatick', head: 'Awa Diouf', water: 'well' }
  expect((await api.submissions.$post({ json: { form_version_id: version_id, data } })).status).toBe(201)
  return id
}

journey('a change that answers would not survive is published only when it is meant', async (stage) => {
  const { page, open } = stage
  await open(`/forms/${await ownForm(stage)}`)
  await page.getByRole('button', { name: 'As JSON' }).click()
  const document = page.getByRole('dialog').getByLabel('Form document')
  const schema = JSON.parse(await document.inputValue())
  schema.fields = schema.fields.filter(({ id }: { id: string }) => id !== 'notes')
  schema.fields.find(({ id }: { id: string }) => id === 'water').type = 'text'
  await document.fill(JSON.stringify(schema))
  await page.getByRole('button', { name: 'Save the draft' }).click()
  await toast(page, 'Saved as a draft').waitFor()

  await page.getByRole('button', { name: 'Publish' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Other type').waitFor()
  await dialog.getByText('Removed').waitFor()
  expect(await dialog.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true)
  await dialog.getByLabel(/Publish all the same/).check()
  expect(await dialog.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(false)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

journey('two versions are compared, and one is downloaded as a workbook', async ({ page, open, seeded }) => {
  await open(`/forms/${seeded.formId}`)
  await page.getByRole('region', { name: 'Versions' }).getByLabel('From').selectOption('1')
  await page.getByRole('region', { name: 'Versions' }).getByLabel('To').selectOption('2')
  await page.getByRole('region', { name: 'Versions' }).getByText('visit').waitFor()
  const started = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download as XLSForm: 2' }).click()
  const download = await started
  expect(download.suggestedFilename()).toBe('households-2.xlsx')
  // The browser may be on another machine as far as Playwright knows: the file is fetched from it.
  const file = join(mkdtempSync(join(tmpdir(), 'fieldpost-download-')), 'form.xlsx')
  await download.saveAs(file)
  expect(readFileSync(file).subarray(0, 2).toString()).toBe('PK')
  rmSync(dirname(file), { recursive: true })
})

journey(
  'a faulty workbook is refused by its rows, a mended one becomes a form',
  async ({ page, open, expectErrors }) => {
    expectErrors(/422/)
    await open('/forms?new=import')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Workbook (.xlsx)').setInputFiles(
      await workbook([
        ['txt', 'village', 'Village'],
        ['integer', 'depth', 'Depth'],
        ['integer', 'depth', 'Depth again'],
      ]),
    )
    await dialog.getByRole('button', { name: 'Import' }).click()
    await dialog.getByText(/The workbook has \d faults/).waitFor()
    const rows = await dialog.getByRole('row').allTextContents()
    expect(rows.some((text) => /survey\s*2/.test(text))).toBe(true)
    expect(rows.some((text) => /survey\s*4/.test(text))).toBe(true)
    await dialog.getByLabel('Workbook (.xlsx)').setInputFiles(
      await workbook([
        ['text', 'village', 'Village'],
        ['integer', 'depth', 'Depth'],
      ]),
    )
    await dialog.getByRole('button', { name: 'Import' }).click()
    await page.getByRole('heading', { name: 'Pumps', level: 1 }).waitFor()
  },
)

journey('a draft is tried on a phone, and what the phone sends is shown as a test', async (stage) => {
  const { page, open, url, seeded } = stage
  await open(`/forms/${seeded.draftFormId}`)
  await page.getByRole('button', { name: 'Try it on a phone' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Pair a phone for tests' }).click()
  await dialog.getByRole('img', { name: 'QR code for pairing' }).waitFor()
  await dialog.getByRole('button', { name: 'Copy instead of scanning' }).click()
  const { pairing_token } = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))
  const paired = await createClient(url).mobile.pair.$post({ json: { pairing_token, label: 'Trial phone' } })
  const { device_token } = (await paired.json()) as { device_token: string }
  await dialog.getByText('“Trial phone” is paired.').waitFor()

  const phone = createClient(url, { deviceToken: device_token })
  const offers = (await (await phone.mobile.forms.$get({})).json()) as {
    id: string
    draft: boolean
    version_id: string
  }[]
  const { version_id, draft } = offers.find(({ id }) => id === seeded.draftFormId)!
  expect(draft).toBe(true)
  const local_uuid = crypto.randomUUID()
  const sent = await phone.submissions.bulk.$post({ json: [{ form_version_id: version_id, local_uuid, data: {} }] })
  expect(sent.status).toBe(200)
  await dialog.getByRole('link', { name: 'See what it sends' }).click()
  await page.getByRole('row').nth(1).waitFor()
  expect(new URL(page.url()).searchParams.get('mode')).toBe('test')
})

journey('a form is archived, offered again, and deleted by its name', async ({ page, open, seeded }) => {
  await open(`/forms/${seeded.draftFormId}`)
  await page.getByRole('button', { name: 'Archive' }).click()
  await page.getByText('Archived: the form is no longer offered').waitFor()
  await page.getByRole('button', { name: 'Offer it again' }).click()
  await toast(page, 'offered the form again').waitFor()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill('Old wells')
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Old wells', level: 1 }).waitFor()

  await page.getByRole('button', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/to delete it/).fill('old wells')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByText('That is not the name').waitFor()
  await dialog.getByLabel(/to delete it/).fill('Old wells')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await toast(page, 'was deleted').waitFor()
  expect(await page.getByText('Old wells', { exact: true }).count()).toBe(0)
})

journey(
  'a project says whom its forms are offered to, and who belongs to it',
  async ({ page, open, expectErrors, seeded }) => {
    expectErrors(/409/)
    await open(`/projects/${seeded.projectId}`)
    await page.getByLabel('Forms are offered to').selectOption('assigned')
    await page.getByRole('button', { name: 'Save' }).click()
    await toast(page, 'Saved').waitFor()
    await page.getByLabel('Role of nadia@example.org in this project').selectOption('manager')
    await toast(page, 'Role changed').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('alert').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.getByLabel('Role of nadia@example.org in this project').selectOption('')
    await page.getByLabel('Forms are offered to').selectOption('everyone')
    await page.getByRole('button', { name: 'Save' }).click()
  },
)
