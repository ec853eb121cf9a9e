// A test in the browser: a fresh profile, somebody signed in, and at its end the promises that hold on every page: no
// error in the console, nothing asked of another origin.
import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, expect, inject, test } from 'vitest'
import { PEOPLE, type Person } from './people.ts'
import type { Seeded } from './seed.ts'

const world = inject('world')

/** For one thing to appear; a journey's own limit is vitest's. */
const WAIT_MS = 15_000

let browser: Promise<Browser> | undefined
afterAll(async () => (await browser)?.close())

export interface Stage {
  page: Page
  context: BrowserContext
  url: string
  seeded: Seeded
  /** Opens an address of the dashboard and waits until its screen is there. */
  open: (path: string) => Promise<void>
  /** Console errors that the journey means to cause, e.g. a refused password. */
  expectErrors: (pattern: RegExp) => void
}

interface Options {
  /** Default: the admin. Null: nobody. */
  as?: Person | null
  width?: number
  timeoutMs?: number
}

/** Skipped, visibly, on a machine without Chromium. */
export function journey(name: string, walk: (stage: Stage) => Promise<void>, options: Options = {}): void {
  const { as = 'admin', width = 1280, timeoutMs } = options
  test.skipIf(!world)(name, { timeout: timeoutMs }, async () => {
    const { url, seeded, browser: endpoint } = world!
    browser ??= chromium.connect(endpoint)
    const context = await (await browser).newContext({
      baseURL: url,
      viewport: { width, height: 900 },
      locale: 'en-GB',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    context.setDefaultTimeout(WAIT_MS)
    try {
      const page = await context.newPage()
      const strange = watch(page, url)
      const meant: RegExp[] = []
      if (as) await signIn(context, PEOPLE[as])
      const open = async (path: string) => {
        await page.goto(path)
        await settled(page)
      }
      await walk({ page, context, url, seeded, open, expectErrors: (pattern) => meant.push(pattern) })
      expect(strange.filter((text) => !meant.some((pattern) => pattern.test(text)))).toEqual([])
    } catch (error) {
      // What somebody who watched would have seen.
      for (const page of context.pages()) console.error(`${page.url()} said:\n${await page.innerText('body')}`)
      throw error
    } finally {
      await context.close()
    }
  })
}

/** As the sign-in page does, without its page. */
export async function signIn(context: BrowserContext, person: { email: string; password: string }): Promise<void> {
  const answer = await context.request.post('/api/v1/auth/login', { data: { ...person, cookie: true } })
  expect(answer.status()).toBe(200)
  await context.addInitScript(() => localStorage.setItem('fieldpost.session', '1'))
}

/** The screen has a heading, and nothing of it is still on its way. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.loading'))
}

/** What a page must not do: complain, or ask anybody but its own server. */
export function watch(page: Page, url: string): string[] {
  const strange: string[] = []
  page.on('console', (message) => {
    // Chromium without a graphics card, on what it costs to photograph a map: no complaint of the page.
    if (message.text().includes('GL Driver Message')) return
    if (message.type() === 'error' || message.type() === 'warning')
      strange.push(`console ${message.type()}: ${message.text()} (${message.location().url})`)
  })
  page.on('pageerror', (error) => strange.push(`error: ${error.stack ?? error.message}`))
  page.on('request', (request) => {
    const target = request.url()
    if (!target.startsWith(`${url}/`) && !/^(data|blob):/.test(target)) strange.push(`request: ${target}`)
  })
  return strange
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** No fault by axe's rules, in light and in dark, which differ in their colours only. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // In the page itself, which has no frames, and without a report on all that is right: a third of the time.
    const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
    const { violations } = await (colorScheme === 'light'
      ? axe.withTags(RULES)
      : axe.withRules('color-contrast')
    ).analyze()
    const found = violations.map(({ id, nodes }) => ({
      id,
      at: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
    }))
    expect({ at: page.url(), colorScheme, found }).toEqual({ at: page.url(), colorScheme, found: [] })
  }
}
