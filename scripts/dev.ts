// `npm run dev`: the Worker under `wrangler dev` and the dashboard under Vite, one port further; both reload when a
// source file changes. For working on the code: it costs many times the CPU of `npm start`, so it is not for measuring.
// Its data is apart from that of `npm start`.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'vite'
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

await buildAssets()
for (const binding of databases().bindings)
  wranglerUnasked('d1', 'migrations', 'apply', binding, '--local', '--persist-to', stateDir)

const pages = await createServer({
  configFile: join(ROOT, 'dashboard/vite.config.ts'),
  server: {
    host,
    port: Number(port) + 1,
    strictPort: true,
    proxy: { '^/(api|docs)/': `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}` },
  },
})
await pages.listen()

console.log(`Dashboard, with reload: http://${host}:${Number(port) + 1}`)
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
