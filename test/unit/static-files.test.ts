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

test('no page holds inline code or styles, or loads anything from elsewhere', () => {
  const pages = globSync('dashboard/public/**/*.html')
  expect(pages.length).toBeGreaterThanOrEqual(2)
  for (const page of pages) {
    const html = readFileSync(page, 'utf8')
    expect(html, page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/i)
    expect(html, page).not.toMatch(/\b(?:src|href)="(?:https?:)?\/\//i)
  }
})
