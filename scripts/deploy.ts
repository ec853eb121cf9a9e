// `npm run deploy`: static files, then the databases' migrations, then the Worker, so that no version of the code ever
// meets a table it doesn't know. `-- --dry-run` bundles everything and touches no account. Further arguments go to
// `wrangler deploy`. What the account needs beforehand: docs/deploy.md.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildAssets } from './build.ts'
import { OUTPUT } from './local/paths.ts'
import { databases, wrangler } from './local/tools.ts'

const args = process.argv.slice(2)
const dryRun = args.includes('--dry-run')
const { bindings, haveIds } = databases()

if (!dryRun && !haveIds) {
  console.error('wrangler.toml still has the placeholder for a database id. docs/deploy.md says how to fill it in.')
  process.exit(1)
}

await buildAssets()
if (dryRun) {
  const folder = join(OUTPUT.folder, 'deploy')
  rmSync(folder, { recursive: true, force: true })
  wrangler('deploy', ...args, ...(args.includes('--outdir') ? [] : ['--outdir', folder]))
} else {
  for (const binding of bindings) wrangler('d1', 'migrations', 'apply', binding, '--remote')
  wrangler('deploy', ...args)
}
