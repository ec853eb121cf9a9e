// Typing into a large form, as somebody at its preview feels it: from the key to the picture, in a real Chromium. Needs one
// at /usr/bin/chromium or CHROMIUM; with FIELDPOST_SAMPLES also the WHO questionnaire.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { LocalServer } from '../scripts/server.ts'
import type { Field } from '../src/forms/schema.ts'
import { readXlsform } from '../src/forms/xlsform/read.ts'
import { readWorkbook } from '../src/lib/workbook.ts'
import { createClient } from './api.ts'
import { signedIn } from './dashboard.ts'

const QUESTIONS = 1000
const KEYS = 60

export async function runFillingBench(server: LocalServer): Promise<void> {
  await signedIn(server, async (page, password) => {
    const api = createClient(server.url)
    await api.logIn('bench@example.org', password)
    process.stdout.write(
      '| form | questions on the page | open ms | a key: median ms | slowest ms |\n|---|---|---|---|---|\n',
    )
    const made = await api.publish({ fields: Array.from({ length: QUESTIONS }, (_, n) => questionOf(n)) })
    await measure(page, `${QUESTIONS} questions`, made.id, 'q600')
    const samples = process.env.FIELDPOST_SAMPLES
    if (!samples) return
    const read = readXlsform(await readWorkbook(new Uint8Array(readFileSync(join(samples, 'who-va/form.xlsx')))))
    if (!read.ok) throw new Error('The WHO questionnaire is not read.')
    const who = await api.publish(read.form.schema)
    await measure(page, 'WHO verbal autopsy, consented', who.id, 'Id10007', async () => {
      await page.locator('[data-path="Id10013"]').getByRole('radio', { name: 'Yes' }).check()
    })
  })
}

/** Texts, choices and numbers; a quarter hangs on an answer before it. */
function questionOf(n: number): Field {
  const common = { id: `q${n}`, label: `Question ${n}`, hint: 'What is meant by it', required: n % 2 === 0 }
  const condition = n > 3 && n % 4 === 0 ? { relevant: `q${n - 4} != 'no'` } : {}
  if (n % 3 === 0) return { ...common, ...condition, type: 'text' }
  if (n % 3 === 1) return { ...common, ...condition, type: 'integer', constraint: '. >= 0 and . < 120' }
  const options = ['a', 'b', 'c', 'd', 'e'].map((value) => ({ value, label: `Option ${value}` }))
  return { ...common, ...condition, type: 'select_one', options }
}

async function measure(page: Page, name: string, id: string, path: string, prepare = async () => {}): Promise<void> {
  const startMs = performance.now()
  await page.goto(`/forms/${id}/preview?mode=page`)
  await page.locator('.question').first().waitFor()
  const openMs = Math.round(performance.now() - startMs)
  await prepare()
  const input = page.locator(`[data-path="${path}"] input`)
  await input.focus()
  const times: number[] = await input.evaluate(typeKeys, KEYS)
  times.sort((a, b) => a - b)
  const [median, slowest] = [times[Math.floor(KEYS / 2)]!, times.at(-1)!]
  const asked = await page.locator('.question').count()
  process.stdout.write(`| ${name} | ${asked} | ${openMs} | ${median.toFixed(1)} | ${slowest.toFixed(1)} |\n`)
}

/** Runs in the page: from each key until the picture that follows it is done, the wait for the frame included. */
async function typeKeys(_input: unknown, keys: number): Promise<number[]> {
  const { document, performance, requestAnimationFrame } = globalThis as never as {
    document: { execCommand: (command: string, isShown: boolean, text: string) => void }
    performance: { now: () => number }
    requestAnimationFrame: (run: () => void) => void
  }
  const times: number[] = []
  for (let key = 0; key < keys; key++) {
    await new Promise((resolve) => setTimeout(resolve, 40))
    const startMs = performance.now()
    document.execCommand('insertText', false, 'x')
    await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    times.push(performance.now() - startMs)
  }
  return times
}
