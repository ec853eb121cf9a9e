// `npm run docs`: writes the pages that are printed from the code: docs/openapi.json, docs/errors.md,
// docs/permissions.md. With `--check` it writes nothing and names the pages that are not what the code says.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXPLICIT_SCOPES, PERMISSIONS, type Permission } from '../src/domain/access/permissions.ts'
import type { Deps } from '../src/domain/context.ts'
import { CATALOGUE } from '../src/domain/errors.ts'
import { native } from '../src/protocols/native/app.ts'
import { openApiDocument } from '../src/protocols/native/docs.ts'
import { ROOT } from './local/paths.ts'

/** The routes are declared without touching any dependency; this makes sure that it stays so. */
const noDeps = new Proxy({} as Deps, {
  get: (_, name) => {
    throw new Error(`The routes read deps.${String(name)} while they are declared.`)
  },
})

const NOTE = '<!-- Printed from the code by `npm run docs`; changes made here are lost. -->'

export function openApi(): ReturnType<typeof openApiDocument> {
  const app = native(noDeps)
  return openApiDocument(app as unknown as Parameters<typeof openApiDocument>[0])
}

function errorsPage(): string {
  const rows = Object.entries(CATALOGUE).map(([code, { status, about }]) => `| \`${code}\` | ${status} | ${about} |`)
  return [
    '# Errors',
    '',
    NOTE,
    '',
    'The native API answers every failure with `{"detail", "code", "request_id"}`. `code` is stable and listed here;',
    '`detail` is for people: a sentence, a list of sentences, or a list of `{type, loc, msg}` with the place of each',
    'fault. The status is what the native API answers; other protocols may use the one that their clients expect.',
    '',
    '| code | status | when, and what to do |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function permissionsPage(): string {
  const rows = Object.entries(PERMISSIONS).map(([verb, permission]: [string, Permission]) => {
    const user = permission.user ? `${permission.user}${permission.user === 'admin' ? '' : ' and up'}` : ''
    const others = [permission.public && 'anybody', permission.platform && 'the platform operator']
    return `| \`${verb}\` | ${permission.about} | ${[user, ...others].filter(Boolean).join(', ')} | ${
      permission.device ? 'yes' : ''
    } | ${permission.key ? `\`${permission.key}\`` : ''} |`
  })
  return [
    '# Permissions',
    '',
    NOTE,
    '',
    'Roles: admin > manager > field_worker, in the whole tenant or in single projects. Every endpoint of every protocol',
    'opens with one of these verbs (`x-permission` in docs/openapi.json). API keys without scopes have all of them,',
    `except ${EXPLICIT_SCOPES.map((scope) => `\`${scope}\``).join(', ')}: what opens everybody's answers must be named.`,
    'Whatever belongs to another tenant is not forbidden but not found (404).',
    '',
    '| verb | what | people | devices | API keys with |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

/** File name in docs/ -> what the code says its text is. */
export function printedDocs(): Record<string, string> {
  return {
    'openapi.json': `${JSON.stringify(openApi(), null, 2)}\n`,
    'errors.md': errorsPage(),
    'permissions.md': permissionsPage(),
  }
}

/** Names of the pages that are missing or not what the code says. */
export const staleDocs = (): string[] =>
  Object.entries(printedDocs())
    .filter(([name, text]) => textOf(join(ROOT, 'docs', name)) !== text)
    .map(([name]) => `docs/${name}`)

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

if (import.meta.main) {
  const stale = staleDocs()
  if (process.argv.includes('--check')) {
    if (stale.length > 0) {
      console.error(`Out of date: ${stale.join(', ')}. Run \`npm run docs\` and look at the difference.`)
      process.exit(1)
    }
  } else {
    const pages = printedDocs()
    for (const path of stale) writeFileSync(join(ROOT, path), pages[path.slice('docs/'.length)]!)
    console.log(stale.length > 0 ? `Written: ${stale.join(', ')}` : 'Nothing has changed.')
  }
}
