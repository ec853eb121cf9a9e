// `npm run build`: everything that is made from sources and not kept in git. dashboard/dist holds the static files,
// dist/worker the bundled Worker, dist/miniflare.json and dist/migrations.json what the local server needs of
// wrangler.toml and migrations/, so that it starts without loading wrangler. Does nothing when no input has changed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import type { V4ModuleDefinition } from 'miniflare'
import { HASHED_FILES, HASHED_FILES_CACHE, PAGE_HEADERS } from '../src/static-files.ts'
import { checkBudgets } from './local/budgets.ts'
import { OUTPUT, ROOT, toolEnv } from './local/paths.ts'

const INPUTS = [
  'src/**',
  'migrations/*.sql',
  'dashboard/public/**',
  'dashboard/src/**',
  'dashboard/index.html',
  'dashboard/vite.config.ts',
  'wrangler.toml',
  'package-lock.json',
  'scripts/build.ts',
  'scripts/local/budgets.ts',
]
const SWAGGER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js']

/** Makes what is missing or out of date, in a process of its own. Throws with the tool's own words when that fails. */
export function ensureBuilt(): void {
  if (isFresh()) return
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.ts')], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The build failed.\n${stdout}${stderr}`)
}

function isFresh(): boolean {
  const outputs = [OUTPUT.worker, OUTPUT.miniflare, OUTPUT.migrations, join(OUTPUT.assets, 'index.html')]
  if (!outputs.every((path) => existsSync(path)) || !existsSync(OUTPUT.inputsHash)) return false
  return readFileSync(OUTPUT.inputsHash, 'utf8') === inputsHash()
}

function inputsHash(): string {
  const hash = createHash('sha256')
  const files = globSync(INPUTS, { cwd: ROOT, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
  for (const path of paths.sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0')
  return hash.digest('hex')
}

/** dashboard/dist: the dashboard and, under /docs, the API reference. Throws when a part of it is over its budget. */
export async function buildAssets(): Promise<void> {
  const made = `${OUTPUT.assets}.${process.pid}`
  rmSync(made, { recursive: true, force: true })
  try {
    await bundleDashboard(made)
    for (const file of SWAGGER_FILES) cpSync(join(ROOT, 'node_modules/swagger-ui-dist', file), join(made, 'docs', file))
    cpSync(join(ROOT, 'node_modules/swagger-ui-dist/LICENSE'), join(made, 'docs/swagger-ui-LICENSE.txt'))
    writeFileSync(join(made, '_headers'), headersFile())
    // A running server serves this folder: the folder itself stays, and each file that has changed is replaced at once.
    const wanted = filesUnder(made)
    for (const path of wanted) {
      const [from, to] = [join(made, path), join(OUTPUT.assets, path)]
      if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue
      mkdirSync(dirname(to), { recursive: true })
      renameSync(from, to)
    }
    for (const path of filesUnder(OUTPUT.assets)) if (!wanted.includes(path)) rmSync(join(OUTPUT.assets, path))
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

async function bundleDashboard(folder: string): Promise<void> {
  const { build } = await import('vite')
  // Whoever asks for the build: a test's environment would give other files, with checks of the libraries in them.
  process.env.NODE_ENV = 'production'
  const result = await build({
    configFile: join(ROOT, 'dashboard/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true },
  })
  if (!('output' in result)) throw new Error('Vite was asked for one build and made another thing.')
  checkBudgets(result.output)
}

/** On Pages no Worker stands before the files: the same headers as a file. */
function headersFile(): string {
  const lines = Object.entries(PAGE_HEADERS).map(([name, value]) => `  ${name}: ${value}`)
  return ['/*', ...lines, `${HASHED_FILES}*`, `  cache-control: ${HASHED_FILES_CACHE}`, ''].join('\n')
}

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))

/** Bundles the Worker exactly as a deployment does, without deploying it. */
function bundleWorker(folder: string): void {
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [wrangler, 'deploy', '--dry-run', '--outdir', folder],
    { cwd: ROOT, encoding: 'utf8', env: toolEnv() },
  )
  if (status !== 0) throw new Error(`wrangler could not bundle the Worker.\n${stdout}${stderr}`)
}

const MODULE_TYPES: Record<string, V4ModuleDefinition['type']> = {
  '.js': 'ESModule',
  '.mjs': 'ESModule',
  '.wasm': 'CompiledWasm',
  '.bin': 'Data',
  '.txt': 'Text',
  '.html': 'Text',
  '.sql': 'Text',
}

/** What we read of wrangler.toml; wrangler's own type leans on packages that it doesn't install. */
interface WranglerConfig {
  name?: string
  d1_databases: { binding: string; migrations_dir?: string }[]
  r2_buckets: { binding: string }[]
}

/** The Worker's options for the Miniflare class, as wrangler.toml has them. Paths are relative to the project. */
async function describeWorker(workerFolder: string): Promise<{ miniflare: object; migrations: object }> {
  const wrangler = await import('wrangler')
  const configPath = join(ROOT, 'wrangler.toml')
  const config: WranglerConfig = wrangler.unstable_readConfig({ config: configPath })
  const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(configPath)
  const { rootPath: _, modulesRules: __, ...options } = workerOptions
  const modules = filesUnder(workerFolder).flatMap((path) => {
    const type = MODULE_TYPES[extname(path)]
    return type ? [{ type, path: join(relative(ROOT, OUTPUT.workerFolder), path) }] : []
  })
  // The main module comes first.
  modules.sort((a, b) => Number(b.path.endsWith('worker.js')) - Number(a.path.endsWith('worker.js')))
  return {
    miniflare: {
      ...options,
      name: config.name,
      modules,
      modulesRoot: relative(ROOT, OUTPUT.workerFolder),
      assets: { ...(options.assets as object), directory: relative(ROOT, OUTPUT.assets) },
      // Local data is found by the binding's name: filling in the ids of an account must not make it disappear.
      d1Databases: Object.fromEntries(config.d1_databases.map(({ binding }) => [binding, { id: binding }])),
      r2Buckets: Object.fromEntries(config.r2_buckets.map(({ binding }) => [binding, { id: binding.toLowerCase() }])),
    },
    migrations: Object.fromEntries(
      config.d1_databases.map(({ binding, migrations_dir }) => {
        const folder = join(ROOT, migrations_dir ?? 'migrations')
        const names = readdirSync(folder)
          .filter((name) => name.endsWith('.sql'))
          .sort()
        const files = names.map((name) => ({
          name,
          statements: wrangler.unstable_splitSqlQuery(readFileSync(join(folder, name), 'utf8')),
        }))
        return [binding, files]
      }),
    ),
  }
}

async function buildAll(): Promise<void> {
  // Taken first: a file that changes while we build makes the next build run again.
  const hash = inputsHash()
  mkdirSync(OUTPUT.folder, { recursive: true })
  const workerFolder = `${OUTPUT.workerFolder}.${process.pid}`
  await buildAssets()
  try {
    bundleWorker(workerFolder)
    const { miniflare, migrations } = await describeWorker(workerFolder)
    rmSync(OUTPUT.workerFolder, { recursive: true, force: true })
    renameSync(workerFolder, OUTPUT.workerFolder)
    writeFileSync(OUTPUT.miniflare, `${JSON.stringify(miniflare, null, 2)}\n`)
    writeFileSync(OUTPUT.migrations, `${JSON.stringify(migrations, null, 2)}\n`)
    writeFileSync(OUTPUT.inputsHash, hash)
  } finally {
    rmSync(workerFolder, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const startMs = performance.now()
  if (isFresh()) console.log('Nothing to build: no input has changed.')
  else {
    await buildAll()
    console.log(`Built the Worker and the static files in ${((performance.now() - startMs) / 1000).toFixed(1)} s.`)
  }
}
