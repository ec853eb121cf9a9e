// The dashboard on Cloudflare Pages: its function builds, hands every request of the API to the Worker, and the pages
// carry the headers that the Worker would have set.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { OUTPUT, ROOT, toolEnv } from '../../scripts/local/paths.ts'
import { PAGE_HEADERS } from '../../src/static-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'fieldpost-pages-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the function hands requests of the API to the Worker', async () => {
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
  const script = join(folder, 'index.js')
  const args = [wrangler, 'pages', 'functions', 'build', 'functions', '--outdir', folder]
  args.push('--compatibility-date', '2026-10-01')
  execFileSync(process.execPath, args, { cwd: join(ROOT, 'dashboard'), env: toolEnv(), stdio: 'pipe' })
  const { default: pages } = (await import(pathToFileURL(script).href)) as {
    default: { fetch: (request: Request, env: unknown, context: unknown) => Promise<Response> }
  }
  const named = (name: string) => ({ fetch: async (request: Request) => new Response(`${name} ${request.url}`) })
  const env = { FIELDPOST: named('worker'), ASSETS: named('files') }
  const context = { waitUntil: () => {}, passThroughOnException: () => {} }
  const ask = async (path: string) =>
    (await pages.fetch(new Request(`https://field.example.org${path}`), env, context)).text()
  expect(await ask('/api/v1/forms/1?x=2')).toBe('worker https://field.example.org/api/v1/forms/1?x=2')
  expect(await ask('/forms/1')).toBe('files https://field.example.org/forms/1')
})

test('the headers of the Worker are there as a file', () => {
  const file = readFileSync(join(OUTPUT.assets, '_headers'), 'utf8')
  for (const [name, value] of Object.entries(PAGE_HEADERS)) expect(file).toContain(`  ${name}: ${value}\n`)
})
