// Forms as they are filled in, on the preview's screen: every type of question, conditions, rows, languages, faults.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { createClient } from '../../src/client.ts'
import type { Field } from '../../src/forms/schema.ts'
import { readXlsform } from '../../src/forms/xlsform/read.ts'
import { readWorkbook } from '../../src/lib/workbook.ts'
import { expectAccessible, journey, type Stage } from './support/journey.ts'
import { PEOPLE } from './support/people.ts'

const samples = process.env.FIELDPOST_SAMPLES

/** A new form of the admin's, and where its preview is. */
async function previewOf({ url, seeded }: Stage, name: string, schema: Record<string, unknown>): Promise<string> {
  const { access_token: token } = await (await createClient(url).auth.login.$post({ json: PEOPLE.admin })).json()
  const made = await createClient(url, { token }).forms.$post({ json: { project_id: seeded.projectId, name, schema } })
  expect(made.status).toBe(201)
  return `/forms/${(await made.json()).id}/preview`
}

const options = (...values: string[]) =>
  values.map((value) => ({ value, label: value[0]!.toUpperCase() + value.slice(1) }))
const TOWNS = Array.from({ length: 300 }, (_, n) => ({
  value: `t${n}`,
  label: `Town ${n}`,
  region: n % 2 ? 'east' : 'west',
}))

const VISIT: Field[] = [
  { id: 'welcome', type: 'note', label: { en: '**Welcome**', ar: '**أهلا**' } },
  { id: 'name', type: 'text', label: { en: 'Name', ar: 'الاسم' }, required: true },
  {
    id: 'greeting',
    type: 'note',
    label: { en: 'Good morning, ${name}', ar: 'صباح الخير ${name}' },
    relevant: "name != ''",
  },
  {
    id: 'age',
    type: 'integer',
    label: 'Age',
    constraint: '. >= 0 and . < 120',
    constraint_message: 'Between 0 and 119',
  },
  { id: 'doubled', type: 'calculated', label: 'Twice the age', expression: 'age * 2' },
  { id: 'region', type: 'select_one', label: 'Region', options: options('east', 'west') },
  { id: 'town', type: 'select_one', label: 'Town', options: TOWNS, choice_filter: 'region = ${region}' },
  { id: 'foods', type: 'select_multiple', label: 'Foods', options: options('millet', 'fish', 'rice'), required: true },
  { id: 'water', type: 'select_one_other', label: 'Water', options: options('well', 'river') },
  { id: 'order', type: 'rank', label: 'Most needed first', options: options('road', 'school', 'pump') },
  { id: 'pain', type: 'range', label: 'Pain', parameters: { start: 0, end: 10, step: 1 } },
  { id: 'day', type: 'date', label: 'Day' },
  { id: 'hour', type: 'time', label: 'Hour' },
  { id: 'at', type: 'datetime', label: 'Both' },
  { id: 'story', type: 'text', appearance: 'multiline', label: 'Story' },
  { id: 'agreed', type: 'acknowledge', label: 'I have explained it' },
  { id: 'photo', type: 'photo', label: 'Photo' },
  { id: 'place', type: 'geopoint', label: 'Place' },
  { id: 'fence', type: 'geoshape', label: 'Fence' },
  {
    id: 'members',
    type: 'repeat',
    label: 'Members',
    max_count: 2,
    fields: [
      { id: 'm_name', type: 'text', label: 'Name of the member', required: true },
      { id: 'ills', type: 'repeat', label: 'Illnesses', fields: [{ id: 'ill', type: 'text', label: 'Illness' }] },
    ],
  },
]

const question = (page: Page, path: string) => page.locator(`[data-path="${path}"]`)
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest('[data-path]')?.getAttribute('data-path'))

journey('a form is tried out: every kind of question, conditions, rows, languages, faults', async (stage) => {
  const { page, open, context } = stage
  await context.grantPermissions(['geolocation'])
  await context.setGeolocation({ latitude: 14.35, longitude: -16.41, accuracy: 8 })
  await open(`${await previewOf(stage, 'Visit', { default_language: 'en', fields: VISIT })}?mode=page`)

  // Conditions, computed answers, and answers within texts.
  expect(await page.getByText('Good morning').count()).toBe(0)
  await page.getByLabel('Name', { exact: true }).fill('Awa')
  await page.getByText('Good morning, Awa').waitFor()
  await page.getByLabel('Age', { exact: true }).fill('130')
  await question(page, 'doubled').getByText('260').waitFor()
  // A fault is said when the question is left, and gone once it is mended.
  expect(await page.getByText('Between 0 and 119').count()).toBe(0)
  await page.keyboard.press('Tab')
  await page.getByText('Between 0 and 119').waitFor()
  expect(await page.getByLabel('Age', { exact: true }).getAttribute('aria-invalid')).toBe('true')
  await page.getByLabel('Age', { exact: true }).fill('41')
  await expect.poll(() => page.getByText('Between 0 and 119').count()).toBe(0)

  // What is offered hangs on another answer; of a long list that which is searched for.
  await page.getByRole('radio', { name: 'West' }).check()
  await question(page, 'town').getByText('50 of 150 shown').waitFor()
  await page.getByLabel('Find an option').fill('TOWN 12')
  await question(page, 'town').getByText('8 of 8 shown').waitFor()
  await page.getByRole('radio', { name: 'Town 124' }).check()

  await page.getByRole('radio', { name: 'Other' }).check()
  await question(page, 'water').getByRole('textbox', { name: 'Other' }).fill('rain')
  for (const name of ['Pump', 'Road']) await question(page, 'order').getByRole('button', { name }).click()
  await page.getByRole('button', { name: 'Move up: Road' }).click()
  await page.getByRole('slider', { name: 'Pain' }).fill('7')
  await page.getByLabel('Day', { exact: true }).fill('2026-03-17')
  await page.getByLabel('I have explained it').check()
  await page.getByLabel('Photo').setInputFiles({ name: 'hut.png', mimeType: 'image/png', buffer: PIXEL })
  await page.getByAltText('File 1').waitFor()
  await page.getByRole('button', { name: "Use this device's position" }).click()
  await page.getByText('accurate to 8 m').waitFor()
  await question(page, 'fence').getByRole('button', { name: 'Add a point' }).click()
  await page.getByLabel('1. Latitude').fill('14,5')
  await page.getByLabel('1. Longitude').fill('-16')

  // Rows within rows; the focus goes along, and no more can be added than there may be.
  await page.getByRole('button', { name: 'Add a row: Members' }).click()
  await expect.poll(() => focused(page)).toBe('members[0].m_name')
  await page.getByRole('button', { name: 'Add a row: Illnesses' }).click()
  await page.getByLabel('Illness', { exact: true }).fill('Malaria')
  await page.getByRole('button', { name: 'Add a row: Members' }).click()
  expect(await page.getByRole('button', { name: 'Add a row: Members' }).count()).toBe(0)
  await page.getByLabel('Name of the member').nth(1).fill('Ibra')
  await page.getByRole('button', { name: 'Remove row 1 of Members' }).click()
  await expect.poll(() => page.getByLabel('Name of the member').inputValue()).toBe('Ibra')
  await page.getByLabel('Name of the member').fill('')

  // Not done yet: everything that is missing is named, each with the way there.
  await page.getByRole('button', { name: 'Check and finish' }).click()
  await page.getByText('2 answers are missing').waitFor()
  expect(await page.evaluate(() => document.activeElement?.className)).toContain('fault-summary')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Foods' }).click()
  await expect.poll(() => focused(page)).toBe('foods')
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Name of the member, row 1' }).click()
  await expect.poll(() => focused(page)).toBe('members[0].m_name')
  await page.keyboard.type('Ibrahima')

  // Another language, read from right to left.
  await page.getByLabel('Language of the form').selectOption('ar')
  await page.getByText('صباح الخير Awa').waitFor()
  expect(await page.getByLabel('الاسم').inputValue()).toBe('Awa')

  await page.getByRole('button', { name: 'Check and finish' }).click()
  const sent = JSON.parse(
    await page.getByRole('region', { name: 'What a phone would send' }).locator('pre').innerText(),
  )
  expect(sent).toMatchObject({
    name: 'Awa',
    age: 41,
    doubled: 82,
    town: 't124',
    foods: ['millet'],
    water: { selection: '__other__', other_text: 'rain' },
    order: ['road', 'pump'],
    pain: 7,
    day: '2026-03-17',
    agreed: true,
    photo: expect.stringMatching(/\.png$/),
    place: { latitude: 14.35, longitude: -16.41, accuracy: 8 },
    fence: [{ latitude: 14.5, longitude: -16 }],
    members: [{ m_name: 'Ibrahima' }],
  })
})

journey(
  'question by question and by keyboard alone: what is missing is asked for before the next page',
  async (stage) => {
    const { page, open, seeded } = stage
    await open(`/forms/${seeded.formId}`)
    await page.getByRole('link', { name: 'Preview' }).click()
    const advance = async () => {
      await page.getByRole('button', { name: 'Next' }).focus()
      await page.keyboard.press('Enter')
    }
    await page.getByText(/^1 of \d+$/).waitFor()
    await advance()
    await page.getByText('Please answer this.').waitFor()
    await expect.poll(() => focused(page)).toBe('village')
    await page.keyboard.type('Diofior')
    await advance()
    await expect.poll(() => focused(page)).toBe('head')
    await page.keyboard.type('Moussa Faye')
    await advance()
    await expect.poll(() => focused(page)).toBe('water')
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowDown')
    expect(await page.getByRole('radio', { name: 'River' }).isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Back' }).focus()
    await page.keyboard.press('Enter')
    expect(await page.getByLabel('Head of the household').inputValue()).toBe('Moussa Faye')
  },
)

if (samples)
  journey('the WHO verbal autopsy questionnaire opens as a whole, and asks more as it learns more', async (stage) => {
    const { page, open } = stage
    const read = readXlsform(await readWorkbook(new Uint8Array(readFileSync(join(samples, 'who-va/form.xlsx')))))
    if (!read.ok) throw new Error('the workbook is not read')
    await open(`${await previewOf(stage, 'Verbal autopsy', read.form.schema)}?mode=page`)
    await page.getByLabel('Enter the file number of the notification form').waitFor()
    const asked = () => page.locator('.question').count()
    const before = await asked()
    await question(page, 'Id10013').getByRole('radio', { name: 'Yes' }).check()
    await expect.poll(asked).toBeGreaterThan(before + 5)
    await page.getByLabel('Language of the form').selectOption('Luo')
    await page.getByText('(Id10013)').waitFor()
  })

/** One red pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)
