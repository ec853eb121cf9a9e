// Workbooks, as read-excel-file reads them.
import readExcelFile from 'read-excel-file/universal'
import { beforeEach, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'

let cast: Cast
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  phone = await cast.pair(cast.bruno)
})

async function send(form: PublishedForm, data: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const { body } = expectStatus(
    200,
    await phone.post('/submissions/bulk', [{ ...submissionOf(form, { data }), ...more }]),
  )
  return body.accepted[0].id as string
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

async function download(form: PublishedForm, query: Record<string, string> = {}): Promise<Response> {
  const params = new URLSearchParams({ form_id: form.id, ...query })
  const url = `http://fieldpost.test/api/v1/submissions/export/xlsx?${params}`
  return cast.app.request(url, { headers: { authorization: `Bearer ${cast.bruno.accessToken}` } })
}

/** Rows as objects by header, of each sheet. */
async function sheets(form: PublishedForm): Promise<Record<string, Record<string, unknown>[]>> {
  const response = await download(form)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, XLSX])
  const read = await readExcelFile(await response.blob(), { trim: false })
  return Object.fromEntries(
    read.map(({ sheet, data: [header, ...rows] }) => [
      sheet,
      rows.map((row) => Object.fromEntries(header!.map((name, index) => [name, toSecond(row[index])]))),
    ]),
  )
}

/** Workbooks count in days, and the reader cuts off the fraction of a millisecond that it is off. */
const toSecond = (cell: unknown) => (cell instanceof Date ? new Date(Math.round(cell.getTime() / 1000) * 1000) : cell)

test('a sheet per table, with numbers and dates as such', async () => {
  const form = await publishForm(cast.bruno, fixtureS, 'Household survey')
  const id = await send(form, validAnswersS, { collected_at: '2026-03-17T09:30:00Z' })
  expect((await download(form)).headers.get('content-disposition')).toBe(
    'attachment; filename="household_survey_submissions.xlsx"',
  )
  const workbook = await sheets(form)
  expect(Object.keys(workbook)).toEqual(['Household survey', 'Household members'])
  expect(workbook['Household survey']).toEqual([
    expect.objectContaining({
      submission_id: id,
      collected_at: new Date('2026-03-17T09:30:00Z'),
      form_version: 1,
      'Full name': 'Amina Diallo',
      Age: 34,
      Tags: 'a|c',
      Position_lat: 14.6937,
      Reason: null,
      Total: 35,
    }),
  ])
  expect(workbook['Household members']).toEqual([
    { submission_id: id, repeat_index: 0, Name: 'Moussa', 'Age of member': 12 },
    { submission_id: id, repeat_index: 1, Name: 'Awa', 'Age of member': 9 },
  ])
})

test('case 82: nothing is run as a formula, and nothing is changed to prevent it', async () => {
  const form = await publishForm(cast.bruno, {
    fields: [
      { id: 'a', type: 'text', label: 'A' },
      { id: 'n', type: 'number', label: 'N' },
      { id: 'd', type: 'date', label: 'D' },
    ],
  })
  const texts = ['=1+1', '+44 20', '@cmd', '-2+3', 'a,"b"\nc', ' æ調査\u{1f600} ', '_x0041_']
  for (const a of texts) await send(form, { a })
  await send(form, { n: '25', d: '2026-03-17' })
  await send(form, { n: 'about ten', d: 'in March' })
  const rows = Object.values(await sheets(form))[0]!
  expect(rows.slice(0, texts.length).map(({ A }) => A)).toEqual(texts)
  expect(rows.slice(texts.length).map(({ N, D }) => [N, D])).toEqual([
    [25, new Date('2026-03-17')],
    ['about ten', 'in March'],
  ])
})

test('no submissions make a workbook with headers', async () => {
  const form = await publishForm(cast.bruno, fixtureS, 'Empty: nothing/yet')
  expect(await sheets(form)).toEqual({ 'Empty  nothing yet': [], 'Household members': [] })
})

test('a form with more columns than a sheet holds is refused, unless its fields are named', async () => {
  const fields = Array.from({ length: 4100 }, (_, index) => ({
    id: `g${index}`,
    type: 'geopoint',
    label: `G ${index}`,
  }))
  const form = await publishForm(cast.bruno, { fields })
  const response = await download(form)
  expect(response.status).toBe(422)
  expect((await response.json<any>()).detail[0].msg).toContain('16405 columns and a sheet holds 16384')
  expect((await download(form, { fields: 'g0,g1' })).status).toBe(200)
})
