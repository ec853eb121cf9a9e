// What Lighthouse says of the dashboard's main pages, on its mobile preset: a slow phone on a slow line. Lighthouse comes
// from the npm registry when it is asked for: as a dependency it would bring more packages than everything else together.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import type { LocalServer } from '../scripts/server.ts'
import { createClient } from './api.ts'
import { EMAIL, PASSWORDS, signIn } from './dashboard.ts'
import { fillForm } from './fill.ts'
import type { BenchOptions } from './report.ts'
import { SURVEY } from './survey.ts'

const LIGHTHOUSE = 'lighthouse@13.5.0'
const ROUNDS = 3
const SUBMISSIONS = 1_000

const run = promisify(execFile)

interface Report {
  runtimeError?: { message: string }
  categories: Record<'performance' | 'accessibility', { score: number | null }>
  audits: Record<string, { numericValue?: number; score: number | null; title: string; scoreDisplayMode: string }>
}

export async function runLighthouseBench(server: LocalServer, _: BenchOptions): Promise<void> {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium'
  if (!existsSync(executablePath)) {
    process.stdout.write('No Chromium: skipped.\n')
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'fieldpost-lighthouse-'))
  const debugPort = await freePort()
  // One profile, so that Lighthouse's tabs are signed in as ours is.
  const browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath,
    baseURL: server.url,
    args: ['--no-sandbox', '--disable-gpu', `--remote-debugging-port=${debugPort}`],
  })
  const audit = async (what: string, path: string) => {
    for (let round = 1; round <= ROUNDS; round++) {
      const file = join(folder, 'report.json')
      await run('npx', [
        '--yes',
        LIGHTHOUSE,
        `${server.url}${path}`,
        `--port=${debugPort}`,
        '--disable-storage-reset',
        '--only-categories=performance,accessibility',
        '--output=json',
        `--output-path=${file}`,
        '--quiet',
      ])
      const { categories, audits, runtimeError } = JSON.parse(readFileSync(file, 'utf8')) as Report
      if (runtimeError) throw new Error(`${what}: ${runtimeError.message}`)
      const percent = ({ score }: { score: number | null }) => Math.round((score ?? 0) * 100)
      const seconds = (name: string) => ((audits[name]?.numericValue ?? 0) / 1000).toFixed(1)
      const blocked = Math.round(audits['total-blocking-time']?.numericValue ?? 0)
      process.stdout.write(
        `| ${what}, round ${round} | ${percent(categories.performance)} | ${percent(categories.accessibility)} | ` +
          `${seconds('first-contentful-paint')} | ${seconds('largest-contentful-paint')} | ${blocked} |\n`,
      )
      for (const { score, scoreDisplayMode, title } of Object.values(audits))
        if (score === 0 && scoreDisplayMode === 'binary') process.stdout.write(`  ${title}\n`)
    }
  }
  try {
    process.stdout.write('| page | performance | accessibility | first paint s | largest paint s | blocked ms |\n')
    process.stdout.write('|---|---|---|---|---|---|\n')
    await audit('sign-in', '/')
    await signIn(await browser.newPage())
    const api = createClient(server.url)
    await api.logIn(EMAIL, PASSWORDS[1])
    const form = await api.publish(SURVEY)
    await fillForm(server, api, form, [await api.pair()], SUBMISSIONS)
    await audit('forms', '/forms')
    await audit('submissions', `/submissions?form=${form.id}`)
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
