// The printed docs say what the code says, and every endpoint is described in full.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openApi, staleDocs } from '../../scripts/docs.ts'
import { SETTINGS } from '../../scripts/local/settings.ts'
import { PERMISSIONS, permissionOf, type Verb } from '../../src/domain/access/permissions.ts'
import { CATALOGUE } from '../../src/domain/errors.ts'

interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  security?: Record<string, string[]>[]
  'x-permission'?: string
  responses: Record<string, { description: string; content?: Record<string, { schema: { $ref?: string } }> }>
}

const document = openApi()
const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Operation>).map(
    ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
  ),
)

test('docs/openapi.json, docs/errors.md and docs/permissions.md are what the code says (npm run docs)', () => {
  expect(staleDocs()).toEqual([])
})

describe('the OpenAPI document', () => {
  test('is 3.1 and names every credential', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.components?.securitySchemes ?? {})).toEqual([
      'accessToken',
      'deviceToken',
      'apiKey',
      'platformToken',
    ])
  })

  test('no two operations share an id', () => {
    const ids = operations.map(([, { operationId }]) => operationId)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  test('every tag is explained', () => {
    const used = new Set(operations.flatMap(([, { tags }]) => tags ?? []))
    expect([...used].sort()).toEqual(document.tags.map(({ name }) => name).sort())
  })

  test('every reference leads somewhere', () => {
    const text = JSON.stringify(document)
    const names = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!))
    const known = Object.keys(document.components?.schemas ?? {})
    expect([...names].filter((name) => !known.includes(name))).toEqual([])
  })

  test.each(operations)('%s is described in full', (_, operation) => {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z0-9]+$/)
    expect(operation.summary).toBeTruthy()
    expect(operation.tags).toHaveLength(1)
    expect(Object.keys(PERMISSIONS)).toContain(operation['x-permission'])
    const permission = permissionOf(operation['x-permission'] as Verb)
    expect(operation.security).toHaveLength(
      [permission.user, permission.device, permission.key, permission.platform].filter(Boolean).length,
    )
    expect(Object.keys(operation.responses).some((status) => /^[23]/.test(status))).toBe(true)
    for (const [status, response] of Object.entries(operation.responses)) {
      const codes = [...response.description.matchAll(/`(\w+)`/g)].map(([, code]) => code!)
      if (!/^[45]/.test(status) || codes.length === 0) continue
      const name = response.content?.['application/json']?.schema.$ref?.split('/').at(-1) ?? ''
      // The envelope, or one that says more in it.
      const { required } = (document.components?.schemas?.[name] ?? {}) as { required?: string[] }
      expect(required).toEqual(expect.arrayContaining(['detail', 'code', 'request_id']))
      for (const code of codes) expect(CATALOGUE).toHaveProperty([code, 'status'], Number(status))
    }
  })
})

describe('settings', () => {
  const config = readFileSync('src/domain/config.ts', 'utf8')
  const variables = [...config.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name]) => name!)

  test('every variable that the Worker reads reaches it from the environment of a local server', () => {
    expect(variables).toContain('TOKEN_KEYS')
    expect(variables.filter((name) => !SETTINGS.some((setting) => setting === name))).toEqual([])
  })

  test('every variable has a line in docs/configuration.md', () => {
    const page = readFileSync('docs/configuration.md', 'utf8')
    const local = ['HOST', 'PORT', 'FIELDPOST_STATE']
    expect([...variables, ...local].filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
  })
})
