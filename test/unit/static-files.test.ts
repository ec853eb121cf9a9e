// Static pages: whatever the asset binding answers goes out with the headers that keep the page from being misused.
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { serveStatic } from '../../src/static-files.ts'

const asset =
  (status: number, headers: Record<string, string> = {}) =>
  async () =>
    new Response(status === 304 ? null : 'page', { status, headers })

test.each([200, 304, 404])('an answer %i carries the policy and keeps its own headers', async (status) => {
  const request = new Request('http://fieldpost.test/')
  const response = await serveStatic(request, asset(status, { etag: '"1"', 'content-type': 'text/html' }))
  expect(response.status).toBe(status)
  expect(response.headers.get('etag')).toBe('"1"')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  const policy = response.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
})

const files = (names: string[]) => async (request: Request) => {
  const { pathname } = new URL(request.url)
  return names.includes(pathname) ? new Response(pathname) : new Response('none', { status: 404 })
}

test("the dashboard's addresses all lead to its page, and nothing else does", async () => {
  const assets = files(['/', '/assets/shell-abc.js'])
  const ask = async (path: string, init: RequestInit = { headers: { accept: 'text/html,*/*' } }) => {
    const response = await serveStatic(new Request(`http://fieldpost.test${path}`, init), assets)
    return [response.status, await response.text()]
  }
  expect(await ask('/forms/7f?version=2')).toEqual([200, '/'])
  for (const path of ['/api/v1x', '/docs/none', '/assets/shell-old.js', '/favicon.ico'])
    expect([path, ...(await ask(path))]).toEqual([path, 404, 'none'])
  expect(await ask('/forms', { headers: { accept: 'application/json' } })).toEqual([404, 'none'])
  expect(await ask('/forms', { method: 'POST', headers: { accept: 'text/html' } })).toEqual([404, 'none'])
})

test('files whose names change with their content are kept for good, pages are not', async () => {
  const cacheOf = async (path: string) =>
    (await serveStatic(new Request(`http://fieldpost.test${path}`), files(['/', '/assets/a-1.js']))).headers.get(
      'cache-control',
    )
  expect(await cacheOf('/assets/a-1.js')).toBe('public, max-age=31536000, immutable')
  expect(await cacheOf('/assets/gone.js')).toBeNull()
  expect(await cacheOf('/')).toBeNull()
})

test('no page holds inline code or styles, or loads anything from elsewhere', () => {
  const pages = ['dashboard/index.html', ...globSync('dashboard/public/**/*.html')]
  expect(pages.length).toBeGreaterThanOrEqual(2)
  for (const page of pages) {
    const html = readFileSync(page, 'utf8')
    expect(html, page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/i)
    expect(html, page).not.toMatch(/\b(?:src|href)="(?:https?:)?\/\//i)
  }
})
