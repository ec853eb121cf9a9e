// Once for all browser tests: the built server on an empty folder, believable data through the public API, and one
// Chromium that every file connects to.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { startServer } from '../../../scripts/server.ts'
import { PEOPLE } from './people.ts'
import { type Seeded, seed } from './seed.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null: this machine has no Chromium, and the tests are skipped. */
    world: { url: string; browser: string; seeded: Seeded } | null
  }
}

/** Headless, and silent: no updates, no look-ups. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The Chromium of the machine, or of the environment variable CHROMIUM. */
export function findChromium(): string | null {
  const { CHROMIUM } = process.env
  if (CHROMIUM && !existsSync(CHROMIUM)) throw new Error(`CHROMIUM names a file that does not exist: ${CHROMIUM}`)
  return CHROMIUM || ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)) || null
}

export interface World {
  url: string
  seeded: Seeded
  stop: () => Promise<void>
}

/** A server with the data of the tests. */
export async function startWorld(): Promise<World> {
  const stateDir = mkdtempSync(join(tmpdir(), 'fieldpost-browser-'))
  const server = await startServer({
    port: 0,
    stateDir,
    env: {
      ADMIN_EMAIL: PEOPLE.admin.email,
      ADMIN_PASSWORD: PEOPLE.admin.password,
      SCRYPT_LOG2_N: '4',
      LOGIN_PER_MINUTE: '1000',
      RATE_USER_BURST: '100000',
      RATE_ADDRESS_BURST: '100000',
      WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
    },
    onLine: (line) => {
      if (line.includes('"level":"error"')) process.stderr.write(`${line}\n`)
    },
  })
  const stop = async () => {
    await server.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
  try {
    return { url: server.url, seeded: await seed(server.url), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export default async function start(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const executablePath = findChromium()
  if (!executablePath) {
    console.warn('No Chromium at /usr/bin/chromium or CHROMIUM: the browser tests are skipped.')
    project.provide('world', null)
    return undefined
  }
  const [world, browser] = await Promise.all([
    startWorld(),
    chromium.launchServer({ executablePath, headless: true, args: CHROMIUM_ARGS }),
  ])
  project.provide('world', { url: world.url, browser: browser.wsEndpoint(), seeded: world.seeded })
  return async () => {
    await browser.close()
    await world.stop()
  }
}
