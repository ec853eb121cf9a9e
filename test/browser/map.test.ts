// The map: what is on it, how it follows filters and live data, by pointer and by keyboard. Nothing on it comes from
// another origin, which every journey watches.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { createClient } from '../../src/client.ts'
import { journey, type Stage } from './support/journey.ts'
import { PEOPLE, type Person } from './support/people.ts'
import { mapDrawn } from './support/screens.ts'
import { paintedHouse } from './support/seed.ts'

async function clientOf({ url }: Stage, person: Person) {
  const answer = await createClient(url).auth.login.$post({ json: PEOPLE[person] })
  const { access_token: token } = (await answer.json()) as { access_token: string }
  return createClient(url, { token })
}

type Spot = [longitude: number, latitude: number]

const at = ([longitude, latitude]: Spot) => ({ longitude, latitude, accuracy: 5 })

/** A form that no other test counts the submissions of. `send` sends one submission per spot. */
async function boatsForm(stage: Stage) {
  const api = await clientOf(stage, 'manager')
  const fields = [
    { id: 'name', type: 'text', label: 'Name', constraint: ". != 'Nobody'" },
    { id: 'place', type: 'geopoint', label: 'Mooring' },
    { id: 'area', type: 'geoshape', label: 'Fishing ground' },
    { id: 'trip', type: 'route', label: 'Trip' },
    { id: 'nets', type: 'repeat', label: 'Nets', fields: [{ id: 'net', type: 'geopoint', label: 'Net' }] },
  ]
  const json = { project_id: stage.seeded.projectId, name: 'Boats', schema: { fields } }
  const { id } = (await (await api.forms.$post({ json })).json()) as { id: string }
  const published = await api.forms[':id'].publish.$post({ param: { id }, json: {} })
  const { version_id } = (await published.json()) as { version_id: string }
  const sendAll = async (answers: Record<string, unknown>[]) => {
    const items = answers.map((data) => ({ form_version_id: version_id, local_uuid: randomUUID(), data }))
    const sent = await api.submissions.bulk.$post({ json: items } as never)
    expect(sent.status).toBe(200)
  }
  const send = (...spots: Spot[]) => sendAll(spots.map((spot) => ({ name: 'Sea Captain', place: at(spot) })))
  return { id, send, sendAll }
}

const pressMiddle = async (page: Page) => {
  const { width, height } = (await page.locator('.map').boundingBox())!
  await page.locator('.map').click({ position: { x: width / 2, y: height / 2 } })
}

const zoomOf = (page: Page): number => Number(new URL(page.url()).searchParams.get('at')?.split(',')[2])

journey('the filters of the table go along to the map, and points, lines, areas and rows are on it', async (stage) => {
  const { page, open } = stage
  const form = await boatsForm(stage)
  await form.sendAll([
    { name: 'Awa', place: at([-17, 14]) },
    {
      name: 'Nobody',
      place: at([-17.1, 14.1]),
      area: [at([-17.2, 14]), at([-17.3, 14]), at([-17.3, 14.1])],
      trip: { points: [at([-17, 14]), at([-17.1, 14.2]), at([-17.2, 14.1])] },
      nets: [{}, { net: at([-17.25, 14.05]) }],
    },
  ])
  const places = (count: number) => page.locator('.table-head', { hasText: `${count} places` })
  await open(`/submissions?form=${form.id}&list=issues`)
  await page.getByRole('navigation', { name: 'Shown as' }).getByRole('link', { name: 'Map' }).click()
  await mapDrawn(page)
  await places(4).waitFor()
  const list = page.getByRole('region', { name: 'In view' })
  for (const label of ['Mooring', 'Fishing ground', 'Trip', 'Net (nets[1])'])
    await list.getByRole('button', { name: label }).waitFor()
  await page.getByLabel('Only').selectOption('')
  await places(5).waitFor()
  await page.getByRole('navigation', { name: 'Shown as' }).getByRole('link', { name: 'Table' }).click()
  await page.getByText('2 submissions', { exact: true }).waitFor()
  expect(new URL(page.url()).search).toBe(`?form=${form.id}`)
})

journey('by keyboard alone: from the list of what is in view to the submission and its own map', async (stage) => {
  const { page, open, seeded } = stage
  await open(`/map?form=${seeded.formId}`)
  await mapDrawn(page)
  await page.getByRole('region', { name: 'In view' }).getByRole('button', { name: 'Plot' }).first().focus()
  await page.keyboard.press('Enter')
  const beside = page.getByRole('region', { name: 'The submission' })
  await beside.getByText('Village').waitFor()
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Back to the list')
  // What is open stands in the address, too.
  await page.reload()
  await mapDrawn(page)
  await beside.getByText('Village').waitFor()
  await beside.getByRole('link', { name: 'Open the submission' }).press('Enter')
  await page.waitForURL('**/submissions/*')
  await page.getByRole('region', { name: "Map of this submission's places" }).waitFor()
  await mapDrawn(page)
})

journey('a cluster comes apart, a spot with several is a list, and the view stays when data arrives', async (stage) => {
  const { page, open } = stage
  const { id, send } = await boatsForm(stage)
  // Three near one another, one alone, and two on the same spot, where nothing else is.
  await send([-30.001, -10.001], [-30, -10], [-29.999, -9.999], [-50, -10], [-40, -10], [-40, -10])
  await open(`/map?form=${id}&at=-10,-30,6`)
  await mapDrawn(page)
  await page.getByText('3 places', { exact: true }).waitFor()
  await pressMiddle(page)
  await expect.poll(() => zoomOf(page), { timeout: 8_000 }).toBeGreaterThan(9)

  await open(`/map?form=${id}&at=-10,-50,12`)
  await mapDrawn(page)
  await pressMiddle(page)
  await page.getByRole('region', { name: 'The submission' }).getByText('Sea Captain').waitFor()
  await page.getByRole('button', { name: 'Back to the list' }).click()

  const address = page.url()
  await send([-50.0001, -10.0001])
  await page.locator('.table-head', { hasText: '7 places' }).waitFor()
  await mapDrawn(page)
  expect(page.url()).toBe(address)

  await open(`/map?form=${id}&at=-10,-40,17.5`)
  await mapDrawn(page)
  await pressMiddle(page)
  const spot = page.getByRole('region', { name: 'At this spot' })
  await spot.getByText('2 places').waitFor()
  await spot.getByRole('button', { name: 'Mooring' }).first().click()
  await page.getByRole('region', { name: 'The submission' }).getByText('Sea Captain').waitFor()
})

journey(
  'an admin names a tile server; its tiles come through the server, and it is nobody else who asks',
  async (stage) => {
    const { page, open, seeded, expectErrors } = stage
    expectErrors(/422/)
    const asked: string[] = []
    const tiles = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.setHeader('content-type', 'image/png')
      response.end(paintedHouse())
    })
    await new Promise<void>((resolve) => tiles.listen(0, '127.0.0.1', resolve))
    try {
      await open('/settings')
      const form = page.getByRole('region', { name: 'Map' })
      const address = form.getByLabel('Address of the tiles')
      await address.fill('https://10.0.0.7/{z}/{x}/{y}.png')
      await form.getByRole('button', { name: 'Save' }).click()
      await form.getByText('not a public address').first().waitFor()
      expect(await address.getAttribute('aria-invalid')).toBe('true')
      await address.fill(`http://127.0.0.1:${(tiles.address() as AddressInfo).port}/{z}/{x}/{y}.png`)
      await form.getByLabel('Who made the tiles').fill('© Somebody')
      await form.getByRole('button', { name: 'Save' }).click()
      await page.locator('.toast', { hasText: 'Saved' }).waitFor()
      await open(`/map?form=${seeded.formId}`)
      await mapDrawn(page)
      await page.getByText('© Somebody').waitFor()
      await expect.poll(() => asked.length).toBeGreaterThan(0)
      expect(asked[0]).toMatch(/^\/\d+\/\d+\/\d+\.png$/)
    } finally {
      const api = await clientOf(stage, 'admin')
      await api.settings.map.$put({ json: { tile_url: '', attribution: '' } })
      await new Promise((resolve) => tiles.close(resolve))
    }
  },
)

journey('a map ends with its place on the page, before another frame is drawn', async ({ page, open, seeded }) => {
  await open(`/map?form=${seeded.formId}`)
  await mapDrawn(page)
  const left = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const map = document.querySelector('.map')!
        // Told of what has left the page when the change is done, and before any timer or frame.
        const watch = new MutationObserver(() => {
          if (map.isConnected) return
          watch.disconnect()
          resolve(map.querySelectorAll('canvas').length)
        })
        watch.observe(document.body, { childList: true, subtree: true })
      }),
  )
  await page.getByRole('link', { name: 'Audit log' }).click()
  expect(await left).toBe(0)
})
