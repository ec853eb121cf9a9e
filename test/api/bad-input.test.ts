// What the world sends: each is a 4xx in the contract's envelope, stores nothing, and never shows a stack trace.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Answer, type Caller, type Cast, makeCast } from '../support/app.ts'
import { NOTE_FORM, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'

let cast: Cast
let form: PublishedForm

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
})

const stored = async () => (await env.DB.prepare('SELECT count(*) AS n FROM submissions').first<{ n: number }>())!.n
const send = (caller: Caller, method: string, path: string, body: BodyInit, type = 'application/json') =>
  caller.request(method, path, { body, headers: { 'content-type': type } })

function expectRefusal(answer: Answer, name: string): void {
  expect(answer.status, `${name}: ${answer.text.slice(0, 200)}`).toBeGreaterThanOrEqual(400)
  expect(answer.status, `${name}: ${answer.text.slice(0, 200)}`).toBeLessThan(500)
  expect(answer.body, name).toMatchObject({ code: expect.any(String), request_id: expect.any(String) })
  expect(answer.body.detail, name).toBeDefined()
  expect(answer.text, name).not.toMatch(/\n\s+at |\.ts:\d+|D1_ERROR|SQLITE|node_modules/)
}

const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

describe('bodies', () => {
  const withNote = (note: string) => () => `{"form_version_id":"${form.versionId}","data":{"note":${note}}}`
  const bodies: [string, () => string][] = [
    ['nothing', () => ''],
    ['half an object', () => '{"form_version_id":'],
    ['a text', () => '"hello"'],
    ['null', () => 'null'],
    ['a list', () => '[]'],
    ['a number', () => '1e999'],
    ['depth 100,000', () => deep(100_000)],
    ['data of depth 100,000', () => `{"form_version_id":"${form.versionId}","data":${deep(100_000)}}`],
    ['NUL in an answer', withNote('"a\\u0000b"')],
    ['half a character in an answer', withNote('"\\ud83d"')],
    ['half a character in a key', () => `{"form_version_id":"${form.versionId}","data":{"note":"x","\\udc00":1}}`],
    [
      "NUL in the client's id",
      () => `{"form_version_id":"${form.versionId}","local_uuid":"a\\u0000","data":{"note":"x"}}`,
    ],
    [
      '__proto__ among the answers',
      () => `{"form_version_id":"${form.versionId}","data":{"note":"x","__proto__":{"a":1}}}`,
    ],
    ['__proto__ in place of data', () => `{"form_version_id":"${form.versionId}","__proto__":{"data":{"note":"x"}}}`],
    ['data is a list', () => `{"form_version_id":"${form.versionId}","data":["note"]}`],
    ['data is null', () => `{"form_version_id":"${form.versionId}","data":null}`],
    ['a version that is no UUID', () => '{"form_version_id":"1","data":{"note":"x"}}'],
    ['a version that is a number', () => '{"form_version_id":1,"data":{"note":"x"}}'],
    [
      'a local_uuid of 256 characters',
      () => `{"form_version_id":"${form.versionId}","local_uuid":"${'x'.repeat(256)}","data":{"note":"x"}}`,
    ],
    [
      'a local_uuid that is a number',
      () => `{"form_version_id":"${form.versionId}","local_uuid":7,"data":{"note":"x"}}`,
    ],
  ]

  test.each(bodies)('POST /submissions with %s', async (name, body) => {
    expectRefusal(await send(cast.amina, 'POST', '/submissions', body()), name)
    expect(await stored()).toBe(0)
  })

  test('every endpoint that takes JSON refuses each of them', async () => {
    const endpoints = (await cast.nobody.get('/openapi.json')).body.paths
    const hostile = ['', '{', 'null', '[[]]', '"x"', deep(100_000), '{"a":"\\u0000"}', '{"__proto__":{}}', '\u0000']
    for (const [path, methods] of Object.entries<any>(endpoints)) {
      for (const [method, operation] of Object.entries<any>(methods)) {
        if (!operation.requestBody?.content['application/json']) continue
        const operator = cast.as({ authorization: 'Bearer platform-token-of-the-tests' })
        const key = await cast.addKey(cast.chiara)
        const caller = path.startsWith('/platform') ? operator : path.startsWith('/headless') ? key : cast.chiara
        for (const body of hostile) {
          const at = path.replace(/\{[^}]+\}/g, form.id)
          const answer = await send(caller, method.toUpperCase(), at.replace('/api/v1', ''), body)
          const name = `${method} ${path} with ${body.slice(0, 20)}`
          // A batch answers for each item on its own: an item that is no submission is in its `errors`.
          if (path.endsWith('/bulk') && answer.body?.errors?.length === 1) continue
          // `null` and nothing are fine where the body is optional.
          if (answer.status < 300 && (operation.requestBody.required !== true || path.endsWith('/refresh'))) continue
          expectRefusal(answer, name)
        }
      }
    }
  })

  test('other media types are 415', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
    ]) {
      const answer = await send(cast.amina, 'POST', '/submissions', JSON.stringify(submissionOf(form)), type)
      expect(answer.status, type).toBe(415)
      expectRefusal(answer, type)
    }
    const json = await send(
      cast.amina,
      'POST',
      '/submissions',
      JSON.stringify(submissionOf(form)),
      'application/json; charset=utf-8',
    )
    expect(json.status).toBe(201)
  })

  test('a body over its cap is 413, declared or not', async () => {
    const text = JSON.stringify({ name: 'x'.repeat(1_100_000) })
    const declared = await send(cast.bruno, 'POST', '/projects', text)
    expect(declared.status).toBe(413)
    expectRefusal(declared, 'declared')
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text))
        controller.close()
      },
    })
    const undeclared = await send(cast.bruno, 'POST', '/projects', chunks as any)
    expect(undeclared.status).toBe(413)
  })

  test('a body that breaks off is 4xx and leaves nothing; the next request is answered', async () => {
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(JSON.stringify(submissionOf(form)).slice(0, 40)))
        controller.error(new Error('Network connection lost.'))
      },
    })
    expectRefusal(await send(cast.amina, 'POST', '/submissions', broken as any), 'broken off')
    expect(await stored()).toBe(0)
    expect((await cast.amina.post('/submissions', submissionOf(form))).status).toBe(201)
  })

  test('text that is not UTF-8 is refused', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(submissionOf(form, { data: { note: 'X' } })))
    bytes[bytes.indexOf(0x58)] = 0xff
    expectRefusal(await send(cast.amina, 'POST', '/submissions', bytes), 'not UTF-8')
  })
})

describe('paths and queries', () => {
  test('an unknown path, and a method that a path does not have, are 404 in the envelope', async () => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['DELETE', '/submissions'],
      ['PATCH', '/auth/login'],
      ['GET', '/submissions/../../etc/passwd'],
    ] as const) {
      const answer = await cast.chiara.request(method, path)
      expect(answer.status, path).toBe(404)
      if (!path.includes('..')) expectRefusal(answer, path)
    }
  })

  test('hostile query values are 422 or an empty list', async () => {
    for (const value of ['%00', "'%20OR%201=1--", '../..', '😀', 'x'.repeat(5_000), '[object Object]']) {
      for (const name of ['form_id', 'start_date', 'cursor', 'limit', 'skip', 'mode']) {
        const answer = await cast.chiara.get(`/submissions?${name}=${encodeURIComponent(value)}`)
        expectRefusal(answer, `${name}=${value.slice(0, 20)}`)
      }
    }
  })

  test('hostile headers are no trouble', async () => {
    const answer = await cast.chiara.get('/submissions', {
      'x-d1-bookmark': "'; DROP TABLE submissions",
      'x-request-id': 'ü\t',
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    for (const authorization of [
      'Bearer',
      'Bearer  ',
      'Basic YTpi',
      'Bearer a.b.c',
      `Bearer ${'x'.repeat(10_000)}`,
      'Bearer fpd_x_y',
      'fpd',
    ])
      expect((await cast.as({ authorization }).get('/submissions')).status, authorization.slice(0, 20)).toBe(401)
  })
})
