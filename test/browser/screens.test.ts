// Every screen, by axe's rules for WCAG 2.2 AA, in light and in dark. Some at a time share a signed-in page.
import { expectAccessible, journey, settled } from './support/journey.ts'
import type { Person } from './support/people.ts'
import { SCREENS, type ScreenVisit } from './support/screens.ts'

const AT_A_TIME = 6

const byPerson = Map.groupBy(SCREENS, ({ as = 'admin' }) => as)

for (const [as, screens] of byPerson)
  for (let from = 0; from < screens.length; from += AT_A_TIME) walkThrough(as, screens.slice(from, from + AT_A_TIME))

function walkThrough(as: Person | null, screens: readonly ScreenVisit[]): void {
  const names = screens.map(({ name }) => name).join(', ')
  journey(
    `no accessibility fault for ${as ?? 'visitors'}: ${names}`,
    async ({ page, seeded }) => {
      for (const { path, title, prepare } of screens) {
        await page.goto(typeof path === 'string' ? path : path(seeded))
        await settled(page)
        await page.getByRole('heading', { name: title, level: 1 }).waitFor()
        await prepare?.(page)
        await expectAccessible(page)
      }
    },
    { as, timeoutMs: 120_000 },
  )
}
