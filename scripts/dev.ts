// `npm run dev`: the Worker under `wrangler dev`, which reloads when a source file changes. For working on the code:
// it costs many times the CPU of `npm start`, so it is not for measuring. Its data is apart from that of `npm start`.
import { spawn } from 'node:child_process'
import { mkdirSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildAssets } from './build.ts'
import { ROOT, stateFolder, toolEnv } from './local/paths.ts'
import { openSecrets } from './local/secrets.ts'
import { SETTINGS } from './local/settings.ts'
import { databases, WRANGLER, wranglerUnasked } from './local/tools.ts'

const stateDir = join(stateFolder(), 'dev')
const port = process.env.PORT || '8787'
const host = process.env.HOST || '127.0.0.1'

mkdirSync(stateDir, { recursive: true, mode: 0o700 })
const defaults = { TOKEN_KEYS: openSecrets(stateDir).TOKEN_KEYS, ADMIN_PASSWORD: 'fieldpost-dev' }
const settings = SETTINGS.flatMap((name) => {
  const value = process.env[name] || (defaults as Record<string, string>)[name]
  return value ? [`${name}=${JSON.stringify(value)}\n`] : []
})
const envFile = join(stateDir, 'settings.env')
writeFileSync(envFile, settings.join(''), { mode: 0o600 })

buildAssets()
for (const binding of databases().bindings)
  wranglerUnasked('d1', 'migrations', 'apply', binding, '--local', '--persist-to', stateDir)

// Changed static files are copied at once; `wrangler dev` serves them from dashboard/dist.
let copying: NodeJS.Timeout | undefined
watch(join(ROOT, 'dashboard/public'), { recursive: true }, () => {
  // Editors write a file in several steps.
  clearTimeout(copying)
  copying = setTimeout(buildAssets, 100)
})

console.log(`Admin of a new data folder: ${process.env.ADMIN_EMAIL || 'admin@fieldpost.local'}, fieldpost-dev`)
const args = ['dev', '--ip', host, '--port', port, '--persist-to', stateDir, '--env-file', envFile]
const dev = spawn(process.execPath, [WRANGLER, ...args, '--test-scheduled', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  env: toolEnv(),
})
// wrangler gets Ctrl-C from the terminal itself, and has the last word.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => dev.kill(signal))
dev.on('exit', (code) => process.exit(code ?? 0))
