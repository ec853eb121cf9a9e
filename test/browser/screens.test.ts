// Every screen, by axe's rules for WCAG 2.2 AA, in light and in dark.
import { expectAccessible, journey } from './support/journey.ts'
import { SCREENS } from './support/screens.ts'

for (const { name, path, title, as, prepare } of SCREENS)
  journey(
    `the screen "${name}" has no accessibility fault`,
    async ({ page, open, seeded }) => {
      await open(typeof path === 'string' ? path : path(seeded))
      await page.getByRole('heading', { name: title, level: 1 }).waitFor()
      await prepare?.(page)
      await expectAccessible(page)
    },
    { as },
  )
