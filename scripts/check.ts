// `npm run check`: what can be said about the code without running it: types, lint and format, printed docs, generated
// client. Stops at the first step that finds something, and shows that step's words.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { OUTPUT, ROOT, toolEnv } from './local/paths.ts'

const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name)
const node = (script: string): string[] => [process.execPath, join(ROOT, script)]

const STEPS: { name: string; command: string[]; needed?: () => boolean }[] = [
  { name: 'types of the bindings', command: [bin('wrangler'), 'types'], needed: bindingTypesAreStale },
  { name: 'types', command: [bin('tsc')] },
  { name: 'types of the dashboard', command: [bin('tsc'), '-p', 'dashboard'] },
  { name: 'lint and format', command: [bin('biome'), 'ci', '--error-on-warnings'] },
  { name: 'printed docs', command: [...node('scripts/docs.ts'), '--check'] },
  { name: 'generated client', command: [...node('scripts/synkronus-client.ts'), '--check'] },
]

/** worker-configuration.d.ts is generated from wrangler.toml and not kept in git. */
function bindingTypesAreStale(): boolean {
  const types = join(ROOT, 'worker-configuration.d.ts')
  if (!existsSync(types)) return true
  const sources = [join(ROOT, 'wrangler.toml'), join(ROOT, 'node_modules/wrangler/package.json')]
  return sources.some((source) => statSync(source).mtimeMs > statSync(types).mtimeMs)
}

// wrangler.toml names it, and tools that read wrangler.toml want it to exist.
mkdirSync(OUTPUT.assets, { recursive: true })

for (const { name, command, needed = () => true } of STEPS) {
  if (!needed()) continue
  const startMs = performance.now()
  const [program, ...args] = command
  const { status, stdout, stderr, error } = spawnSync(program!, args, { cwd: ROOT, encoding: 'utf8', env: toolEnv() })
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  if (status === 0) console.log(`  ok  ${name} (${seconds} s)`)
  else {
    console.error(`FAIL  ${name} (${seconds} s)\n${stdout ?? ''}${stderr ?? ''}${error ? error.message : ''}`)
    process.exit(1)
  }
}
