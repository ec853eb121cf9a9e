// A deployment, up to the point where an account is needed.
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toolEnv } from '../../scripts/local/paths.ts'
import { databases } from '../../scripts/local/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'fieldpost-deploy-'))

test('a dry run of the deployment bundles the Worker with every binding that the code uses', () => {
  try {
    const run = spawnSync(process.execPath, ['scripts/deploy.ts', '--dry-run', '--outdir', folder], {
      encoding: 'utf8',
      env: toolEnv(),
    })
    expect(run.status, run.stdout + run.stderr).toBe(0)
    const bound = new Set([...run.stdout.matchAll(/\benv\.([A-Z0-9_]+)/g)].map(([, name]) => name!))
    const sources = [...globSync('src/background/*.ts'), 'src/worker.ts'].map((path) => readFileSync(path, 'utf8'))
    const used = new Set(sources.flatMap((text) => [...text.matchAll(/\benv\.([A-Z0-9_]+)/g)].map(([, name]) => name!)))
    expect(used.size).toBeGreaterThanOrEqual(6)
    expect([...used].filter((name) => !bound.has(name))).toEqual([])

    const bundle = join(folder, 'worker.js')
    const code = readFileSync(bundle, 'utf8')
    for (const name of ['Courier', 'Direct', 'Intake', 'Limiter', 'LiveRoom'])
      expect(code).toMatch(new RegExp(`\\b${name}\\b[^;]*export|export \\{[^}]*\\b${name}\\b`))
    // Cloudflare takes 10 MB compressed; staying far below keeps starts fast.
    expect(statSync(bundle).size).toBeLessThan(4_000_000)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const database = (binding: string, id: string) =>
  `[[d1_databases]]\nbinding = "${binding}"\ndatabase_name = "x"\ndatabase_id = "${id}"\n\n[triggers]\ncrons = []\n`
const placeholder = '00000000-0000-0000-0000-000000000000'

test('a database without an id is noticed before anything is deployed', () => {
  const missing = databases(database('DB', 'ad38e1b0-4d3c-4a3e-8f6c-2f6f6d1f0a11') + database('DB_1', placeholder))
  expect(missing).toEqual({ bindings: ['DB', 'DB_1'], haveIds: false })
  expect(databases(database('DB', 'ad38e1b0-4d3c-4a3e-8f6c-2f6f6d1f0a11'))).toEqual({ bindings: ['DB'], haveIds: true })
  expect(databases().bindings).toContain('DB')
})
