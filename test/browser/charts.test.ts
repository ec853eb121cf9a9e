// The charts: what they say is what there is, for the eye and for a screen reader.
import { expect } from 'vitest'
import { journey } from './support/journey.ts'

journey('each chart says its numbers as a table too, and follows the filters', async ({ page, open, seeded }) => {
  await open(`/charts?form=${seeded.formId}&from=2026-01-01`)
  const count = async () => Number.parseInt((await page.locator('.table-head p').textContent()) ?? '', 10)
  const sumOf = async (name: string) => {
    const cells = await page.getByRole('table', { name }).locator('td:nth-of-type(1)').allTextContents()
    return cells.reduce((sum, text) => sum + Number(text), 0)
  }
  const overTime = page.getByRole('region', { name: 'Over time' })
  await overTime.getByRole('img', { name: 'Over time' }).waitFor()
  expect(await overTime.locator('canvas').count()).toBe(1)
  await overTime.getByText('As a table').click()
  const all = await count()
  expect(await sumOf('Over time')).toBe(all)
  expect(await sumOf('By person')).toBe(all)
  expect(await sumOf('By phone')).toBe(all)
  await page.getByRole('table', { name: 'By phone' }).getByText("Amina's phone").waitFor()
  const water = page.getByRole('region', { name: 'Source of water' })
  await water.getByRole('row', { name: /^Well \d+ \d+%$/ }).waitFor()
  const people = page.getByRole('region', { name: 'People in the household' })
  await people.getByRole('img', { name: /From 2 to \d+/ }).waitFor()
  await page.getByRole('region', { name: 'Age' }).getByText('in the rows of members').waitFor()

  await page.getByLabel('Only').selectOption('issues')
  await expect.poll(count).toBeLessThan(all)
  expect(new URL(page.url()).searchParams.get('list')).toBe('issues')
  expect(await sumOf('By person')).toBe(await count())
})
