// The dashboard on a large installation, as somebody in front of it sees it: from the click to the rows on the screen, in
// a real Chromium. Needs one at /usr/bin/chromium or CHROMIUM.
import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import type { LocalServer } from '../scripts/server.ts'
import { createClient } from './api.ts'
import { fillForm } from './fill.ts'
import type { BenchOptions } from './report.ts'
import { SURVEY } from './survey.ts'

const ROUNDS = 7
export const EMAIL = 'bench@example.org'
/** The first password has to be changed before anything is shown. */
export const PASSWORDS = ['bench-password', 'bench-password-2'] as const

/** Calls `use` with a page of somebody who is signed in, and the password. Says so where there is no Chromium. */
export async function signedIn(
  server: LocalServer,
  use: (page: Page, password: string) => Promise<void>,
): Promise<void> {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium'
  if (!existsSync(executablePath)) {
    process.stdout.write('No Chromium: skipped.\n')
    return
  }
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const context = await browser.newContext({ baseURL: server.url })
    const page = await context.newPage()
    // First: a new password ends all other sessions.
    await signIn(page)
    await use(page, PASSWORDS[1])
  } finally {
    await browser.close()
  }
}

export async function runDashboardBench(server: LocalServer, { fills }: BenchOptions): Promise<void> {
  await signedIn(server, async (page, password) => {
    const api = createClient(server.url)
    await api.logIn(EMAIL, password)
    const form = await api.publish(SURVEY)
    const devices = await Promise.all(Array.from({ length: 4 }, () => api.pair()))
    process.stdout.write('| submissions | what | median ms | slowest ms |\n|---|---|---|---|\n')
    for (const fill of fills) {
      const at = (await fillForm(server, api, form, devices, fill)).toLocaleString('en')
      const list = `/submissions?form=${form.id}`
      await measure(at, 'the page opened anew: first rows', async () => {
        await page.goto('about:blank')
        return timed(async () => {
          await page.goto(list)
          await rows(page)
        })
      })
      const answer = () => page.waitForResponse((response) => response.url().includes('/api/v1/submissions?'))
      const press = (act: () => Promise<unknown>) =>
        timed(async () => {
          await Promise.all([answer(), act()])
          await page.locator('.table-box, .empty').first().waitFor()
        })
      const filter = async (label: string, value: string) => {
        await page.goto(list)
        await rows(page)
        const field = page.getByLabel(label, { exact: true })
        return press(() => (value.includes('-') ? field.fill(value) : field.selectOption(value)))
      }
      await measure(at, 'review state chosen', () => filter('Review', 'approved'))
      await measure(at, 'only those with issues', () => filter('Only', 'issues'))
      await measure(at, 'collected from a date', () => filter('Collected from', '2026-01-01'))
      await measure(at, 'sorted by the time of collection', async () => {
        await page.goto(list)
        await rows(page)
        return press(() => page.getByRole('button', { name: 'Collected' }).click())
      })
      await measure(at, 'one submission opened', async () => {
        await page.goto(list)
        await rows(page)
        return timed(async () => {
          await page.getByRole('row').nth(3).getByRole('link').click()
          await page.getByRole('heading', { name: 'Answers' }).waitFor()
        })
      })
      const opened = (path: string, ready: string) => async () => {
        await page.goto('about:blank')
        return timed(async () => {
          await page.goto(`${path}?form=${form.id}`)
          await page.locator(ready).first().waitFor()
          if (path === '/map') await page.locator('.maplibregl-canvas').waitFor()
        })
      }
      await measure(at, 'the map opened anew: drawn, with the first places', opened('/map', '.place-list li'))
      await measure(at, 'the map opened anew: every place drawn', opened('/map', '.map[aria-busy=false]'))
      await measure(at, 'the charts opened anew', opened('/charts', '.time-chart canvas'))
    }
  })
}

export async function signIn(page: Page): Promise<void> {
  await page.goto('/')
  await page.getByLabel('E-mail').fill(EMAIL)
  await page.getByLabel('Password').fill(PASSWORDS[0])
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Current password').fill(PASSWORDS[0])
  await page.getByLabel('New password', { exact: true }).fill(PASSWORDS[1])
  await page.getByLabel('New password, again').fill(PASSWORDS[1])
  await page.getByRole('button', { name: 'Change the password' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

const rows = (page: Page): Promise<void> => page.getByRole('row').nth(5).waitFor()

export async function timed(act: () => Promise<void>): Promise<number> {
  const startMs = performance.now()
  await act()
  return performance.now() - startMs
}

export async function measure(at: string, what: string, once: () => Promise<number>): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) times.push(await once())
  times.sort((a, b) => a - b)
  const [median, slowest] = [times[Math.floor(ROUNDS / 2)]!, times.at(-1)!]
  process.stdout.write(`| ${at} | ${what} | ${Math.round(median)} | ${Math.round(slowest)} |\n`)
}
