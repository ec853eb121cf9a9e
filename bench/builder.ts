// The form builder with a form of 1,000 questions, as its author feels it: how long until it is there, and how long after a
// key until the letter is drawn, with the outline, the checks and the preview that follow. Needs a Chromium.
import type { Page } from 'playwright-core'
import type { LocalServer } from '../scripts/server.ts'
import { createClient } from './api.ts'
import { measure, signedIn, timed } from './dashboard.ts'

const GROUPS = 20
const IN_A_GROUP = 50
const KEYS = 80
/** A quick typist. */
const PAUSE_MS = 90

const LARGE_FORM = {
  title: { en: 'Census', es: 'Censo' },
  default_language: 'en',
  fields: Array.from({ length: GROUPS }, (_, group) => ({
    id: `part_${group}`,
    type: group % 5 === 4 ? 'repeat' : 'group',
    label: { en: `Part ${group}`, es: `Parte ${group}` },
    fields: Array.from({ length: IN_A_GROUP }, (__, n) => questionOf(group, n)),
  })),
}

function questionOf(group: number, n: number) {
  const id = `q_${group}_${n}`
  const label = { en: `Question ${n} of part ${group}`, es: `Pregunta ${n} de la parte ${group}` }
  const relevant = n > 0 && n % 3 === 0 ? `q_${group}_${n - 1} != ''` : undefined
  if (n % 4 !== 1) return { id, type: n % 4 === 2 ? 'integer' : 'text', label, relevant }
  const options = ['yes', 'no', 'unknown'].map((value) => ({ value, label: { en: value, es: value } }))
  return { id, type: 'select_one', label, relevant, options }
}

export async function runBuilderBench(server: LocalServer): Promise<void> {
  await signedIn(server, async (page, password) => {
    const api = createClient(server.url)
    await api.logIn('bench@example.org', password)
    const form = await api.publish(LARGE_FORM)
    const at = (GROUPS * IN_A_GROUP).toLocaleString('en')
    process.stdout.write('| questions | what | median ms | slowest ms |\n|---|---|---|---|\n')
    const open = async (view: string) => {
      await page.goto('about:blank')
      await page.goto(`/forms/${form.id}/build${view}`)
      await page.getByRole('treeitem').nth(10).waitFor()
    }
    await measure(at, 'the builder opened anew: questions on the screen', () => timed(() => open('')))
    for (const [what, view] of [
      ['a key pressed', ''],
      ['a key pressed, preview open', '?preview=true'],
    ] as const) {
      await open(view)
      const times = await typingTimes(page)
      const [median, slowest] = [times[Math.floor(times.length / 2)]!, times.at(-1)!]
      process.stdout.write(`| ${at} | ${what}: until it is drawn | ${Math.round(median)} | ${Math.round(slowest)} |\n`)
    }
    await open('')
    await measure(at, 'a question searched for', () =>
      timed(async () => {
        await page.getByLabel('Find a question').fill(`Question 7 of part ${Math.floor(Math.random() * GROUPS)}`)
        await page.getByRole('treeitem').nth(2).waitFor({ state: 'detached' })
        await page.getByLabel('Find a question').fill('')
        await page.getByRole('treeitem').nth(10).waitFor()
      }),
    )
    await measure(at, 'a question moved down by keyboard', () =>
      timed(async () => {
        const row = page.getByRole('treeitem').nth(3)
        const name = await row.textContent()
        await row.press('Alt+ArrowDown')
        await page.getByRole('treeitem').nth(4).getByText(name!.slice(0, 12)).first().waitFor()
      }),
    )
  })
}

/** In the page. The frame that shows the letter has been drawn when the task after it runs. */
const WATCH_KEYS = `
  globalThis.keyTimes = []
  addEventListener('keydown', () => {
    const startMs = performance.now()
    requestAnimationFrame(() => setTimeout(() => keyTimes.push(performance.now() - startMs)))
  }, { capture: true })`

/** From each key to the frame after it, sorted. */
async function typingTimes(page: Page): Promise<number[]> {
  await page.getByRole('treeitem', { name: 'Question 1 of part 0' }).first().click()
  const label = page.getByLabel('Question', { exact: true })
  await label.click()
  await page.evaluate(WATCH_KEYS)
  await page.keyboard.type('n'.repeat(KEYS), { delay: PAUSE_MS })
  const times = await page.evaluate<number[]>('keyTimes')
  return times.sort((a, b) => a - b)
}
