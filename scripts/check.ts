// `npm run check`: what can be said about the code without running it: types, lint and format, printed docs, generated
// client. The steps run side by side; each that finds something shows its words.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { OUTPUT, ROOT, toolEnv } from './local/paths.ts'

const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name)
const node = (script: string): string[] => [process.execPath, join(ROOT, script)]

interface Step {
  name: string
  command: string[]
  needed?: () => boolean
}

const STEPS: Step[] = [
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

const [bindings, ...others] = STEPS
// The types of the code need those of the bindings.
const passed = (await run(bindings!)) && (await Promise.all(others.map(run))).every(Boolean)
if (!passed) process.exit(1)

async function run({ name, command, needed = () => true }: Step): Promise<boolean> {
  if (!needed()) return true
  const startMs = performance.now()
  const [program, ...args] = command
  const options = { cwd: ROOT, env: toolEnv(), maxBuffer: 64 * 1024 * 1024 }
  const [error, words] = await new Promise<[Error | null, string]>((resolve) => {
    execFile(program!, args, options, (error, stdout, stderr) => resolve([error, stdout + stderr]))
  })
  const took = `${name} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`
  if (error) console.error(`FAIL  ${took}\n${words || error.message}`)
  else console.log(`  ok  ${took}`)
  return error === null
}
