// `npm run screenshots`: a picture of every screen, in docs/screenshots, with the data of the browser tests.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { PEOPLE } from '../test/browser/support/people.ts'
import { SCREENS } from '../test/browser/support/screens.ts'
import { CHROMIUM_ARGS, findChromium, startWorld } from '../test/browser/support/start.ts'
import { ROOT } from './local/paths.ts'

const executablePath = findChromium()
if (!executablePath) {
  console.error('The pictures need Chromium at /usr/bin/chromium, or wherever CHROMIUM says.')
  process.exit(1)
}
const only = process.argv.slice(2)
const folder = join(ROOT, 'docs/screenshots')
mkdirSync(folder, { recursive: true })
const world = await startWorld()
const browser = await chromium.launch({ executablePath, headless: true, args: CHROMIUM_ARGS })
try {
  for (const { name, path, as = 'admin', prepare } of SCREENS) {
    if (only.length > 0 && !only.includes(name)) continue
    const context = await browser.newContext({
      baseURL: world.url,
      viewport: { width: 1280, height: 860 },
      locale: 'en-GB',
      timezoneId: 'Africa/Dakar',
    })
    if (as) {
      await context.request.post('/api/v1/auth/login', { data: { ...PEOPLE[as], cookie: true } })
      await context.addInitScript(() => localStorage.setItem('fieldpost.session', '1'))
    }
    const page = await context.newPage()
    await page.goto(typeof path === 'string' ? path : path(world.seeded))
    await page.locator('h1').first().waitFor()
    await page.waitForFunction(() => !document.querySelector('.loading'))
    await prepare?.(page)
    await page.screenshot({ path: join(folder, `${name}.png`) })
    console.log(`  ${name}`)
    await context.close()
  }
} finally {
  await browser.close()
  await world.stop()
}
