// The description of the API as it is served, and paths with a slash at their end.
import { beforeEach, describe, expect, test } from 'vitest'
import { type Cast, makeCast, startApp } from '../support/app.ts'

describe('GET /openapi.json', () => {
  test('needs no credential and describes every part of the API', async () => {
    const { nobody } = startApp()
    const { status, body, headers } = await nobody.get('/openapi.json')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(body).toMatchObject({ openapi: '3.1.0', info: { title: 'Fieldpost' }, servers: [{ url: '/api/v1' }] })
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/auth/login', '/submissions/bulk', '/openapi.json']),
    )
  })

  test('is the same text every time', async () => {
    const { nobody } = startApp()
    const first = await nobody.get('/openapi.json')
    expect((await nobody.get('/openapi.json')).text).toBe(first.text)
  })
})

describe('a slash at the end of a path', () => {
  let cast: Cast
  beforeEach(async () => {
    cast = await makeCast()
  })

  test('case 25: changes no answer of a list, and nothing is redirected', async () => {
    const { body: document } = await cast.nobody.get('/openapi.json')
    const lists = Object.entries(document.paths as Record<string, object>)
      .filter(([path, methods]) => 'get' in methods && !path.includes('{'))
      .map(([path]) => path)
    expect(lists).toEqual(expect.arrayContaining(['/projects', '/users']))
    for (const path of lists) {
      const [plain, slashed] = [await cast.chiara.get(path), await cast.chiara.get(`${path}/`)]
      expect([path, slashed.status]).toEqual([path, plain.status])
      // Error bodies differ in their request id.
      if (plain.status === 200) expect([path, slashed.body]).toEqual([path, plain.body])
    }
  })

  test('case 25: a body sent to such a path arrives', async () => {
    const made = await cast.chiara.post('/projects/', { name: 'Wells' })
    expect(made.status).toBe(201)
    const one = await cast.chiara.get(`/projects/${made.body.id}/`)
    expect([one.status, one.body.name]).toEqual([200, 'Wells'])
  })
})
