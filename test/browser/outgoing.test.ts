// What leaves the house: exports and webhooks.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { journey } from './support/journey.ts'

const toast = (page: Page, text: string | RegExp) => page.locator('.toast', { hasText: text })

journey(
  'the list is exported as it is filtered, followed until it is done, and downloaded',
  async ({ page, open, seeded }) => {
    await open(`/submissions?form=${seeded.formId}&state=has_issues&columns=arrived,a.head,a.place`)
    await page.getByRole('link', { name: 'Export' }).last().click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByLabel('Review').inputValue()).toBe('has_issues')
    await dialog.getByLabel('Format').selectOption('geojson')
    await dialog.getByText('Positions, traces and routes.').waitFor()
    await dialog.getByRole('button', { name: 'Start the export' }).click()
    const job = page.getByRole('listitem').filter({ hasText: 'GeoJSON' }).first()
    await job.getByText('Done').waitFor({ timeout: 20_000 })
    await job.getByText('review_state: has_issues').waitFor()
    await job.getByText('fields: head, place').waitFor()
    const started = page.waitForEvent('download')
    await job.getByRole('button', { name: /households.*geojson/i }).click()
    expect((await started).suggestedFilename()).toMatch(/\.geojson$/)
  },
)

journey('a webhook is made, tested, paused and deleted, and its log shows each attempt', async ({ page, open }) => {
  const answers = [500, 204]
  const receiver = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(answers.shift() ?? 204).end('so it goes'))
  })
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  const { port } = receiver.address() as AddressInfo
  try {
    await open('/webhooks?new=hook')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Address of the receiver').fill(`http://127.0.0.1:${port}/hook`)
    await dialog.getByLabel('Something went into quarantine').check()
    await dialog.getByRole('button', { name: 'Create' }).click()
    expect(await dialog.locator('.secret').textContent()).toMatch(/^whsec_/)
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByText('Nothing was sent yet').waitFor()

    await page.getByRole('button', { name: 'Send a test' }).click()
    await toast(page, 'The test is on its way').waitFor()
    await page.getByRole('button', { name: 'webhook.test' }).click()
    await dialog.getByText('500', { exact: true }).waitFor({ timeout: 15_000 })
    await dialog.getByText('so it goes').waitFor()
    await dialog.getByRole('button', { name: 'Send it again' }).click()
    await dialog.getByText('204', { exact: true }).waitFor({ timeout: 15_000 })
    await dialog.getByRole('button', { name: 'Close' }).click()

    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('Active', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await toast(page, 'The webhook was deleted').waitFor()
  } finally {
    receiver.close()
  }
})
