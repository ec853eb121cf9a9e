// Running Cloudflare's command line tool with its words on our console.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, toolEnv } from './paths.ts'

export const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')

/** Runs wrangler, which may ask on the console. Ends this process with its exit code when it fails. */
export function wrangler(...args: string[]): void {
  run(args, 'inherit')
}

/** The same without asking anybody: every question gets its default answer. */
export function wranglerUnasked(...args: string[]): void {
  run(args, 'ignore')
}

function run(args: string[], stdin: 'inherit' | 'ignore'): void {
  const { status } = spawnSync(process.execPath, [WRANGLER, ...args], {
    cwd: ROOT,
    stdio: [stdin, 'inherit', 'inherit'],
    env: toolEnv(),
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** Binding names of the D1 databases in wrangler.toml, and whether all of them have been given an id. */
export function databases(toml = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')): {
  bindings: string[]
  haveIds: boolean
} {
  const tables = toml.split(/^(?=\[)/m).filter((table) => table.startsWith('[[d1_databases]]'))
  return {
    bindings: tables.flatMap((table) => /^binding *= *"(\w+)"/m.exec(table)?.[1] ?? []),
    haveIds: !tables.some((table) => table.includes('00000000-0000-0000-0000-000000000000')),
  }
}
