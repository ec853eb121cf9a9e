// Photos and files going out again: case 73 of the native contract, ranges, caching, and signed links.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { API, type Caller, type Cast, expectStatus, makeCast, startApp, type User } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import { download, filePart, noise, upload } from '../support/media.ts'

const ORIGIN = 'http://fieldpost.test'
const UNKNOWN = '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11'
const photo = noise(1_000)

let cast: Cast
let form: PublishedForm
let localUuid: string
let id: string

async function submit(by: Caller): Promise<string> {
  const local_uuid = nextLocalUuid()
  expectStatus(201, await by.post('/submissions', submissionOf(form, { local_uuid, data: validAnswersS })))
  return local_uuid
}

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, fixtureS)
  localUuid = await submit(cast.amina)
  id = expectStatus(201, await upload(cast.amina, localUuid, filePart(photo))).body.id
})

const fetchMedia = (by: User, headers: Record<string, string> = {}, method = 'GET') =>
  download(cast, `${ORIGIN}${API}/media/${id}`, {
    method,
    headers: { authorization: `Bearer ${by.accessToken}`, ...headers },
  })

describe('downloading', () => {
  test('case 73: the same bytes come back, with the type they were sent with', async () => {
    const { status, headers, bytes } = await fetchMedia(cast.chiara)
    expect(status).toBe(200)
    expect(bytes).toEqual(photo)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': '1000',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-disposition': 'inline; filename="photo.jpg"',
      'content-security-policy': 'sandbox',
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    })
  })

  test('case 73: without credentials 401, for another tenant 404, unknown 404', async () => {
    expect((await cast.nobody.get(`/media/${id}`)).status).toBe(401)
    for (const answer of [
      await cast.dario.get(`/media/${id}`),
      await cast.chiara.get(`/media/${UNKNOWN}`),
      await cast.chiara.get('/media/not-a-uuid'),
    ]) {
      expect(answer.status).toBe(404)
      expect(answer.body.detail).toBe('Media file not found')
    }
  })

  test('field workers and devices read the files of their own submissions, managers and admins all', async () => {
    const brunos = await submit(cast.bruno)
    const other = expectStatus(201, await upload(cast.bruno, brunos, filePart('x'))).body.id
    const phone = await cast.pair(cast.bruno)
    expect((await cast.amina.get(`/media/${id}`)).status).toBe(200)
    expect((await cast.amina.get(`/media/${other}`)).status).toBe(404)
    expect((await cast.bruno.get(`/media/${id}`)).status).toBe(200)
    expect((await phone.get(`/media/${other}`)).status).toBe(200)
    expect((await phone.get(`/media/${id}`)).status).toBe(404)
  })

  test('a row whose bytes are gone says so', async () => {
    for (const { key } of (await env.MEDIA.list()).objects) await env.MEDIA.delete(key)
    const gone = await cast.chiara.get(`/media/${id}`)
    expect(gone.status).toBe(404)
    expect(gone.body.detail).toBe('File not found on storage')
    expect((await fetchMedia(cast.chiara, {}, 'HEAD')).status).toBe(404)
  })

  test('the files of a deleted form are not there', async () => {
    expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
    expect((await cast.chiara.get(`/media/${id}`)).status).toBe(404)
  })

  test('HEAD tells everything but the bytes', async () => {
    const { status, headers, bytes } = await fetchMedia(cast.chiara, {}, 'HEAD')
    expect(status).toBe(200)
    expect(bytes).toHaveLength(0)
    expect(headers.get('content-length')).toBe('1000')
    expect(headers.get('etag')).toBe((await fetchMedia(cast.chiara)).headers.get('etag'))
    expect((await fetchMedia(cast.chiara, { range: 'bytes=0-9' }, 'HEAD')).headers.get('content-length')).toBe('1000')
  })

  test.each([
    ['bytes=0-9', 206, 0, 10, 'bytes 0-9/1000'],
    ['bytes=990-', 206, 990, 1000, 'bytes 990-999/1000'],
    ['bytes=-5', 206, 995, 1000, 'bytes 995-999/1000'],
    ['bytes=-5000', 206, 0, 1000, 'bytes 0-999/1000'],
    ['bytes=999-2000', 206, 999, 1000, 'bytes 999-999/1000'],
    ['bytes=0-', 206, 0, 1000, 'bytes 0-999/1000'],
    ['bytes=5-4', 200, 0, 1000, null],
    ['bytes=0-1,5-6', 200, 0, 1000, null],
    ['pages=1-2', 200, 0, 1000, null],
    ['bytes=x', 200, 0, 1000, null],
  ])('Range: %s answers %i', async (range, status, from, to, contentRange) => {
    const answer = await fetchMedia(cast.chiara, { range })
    expect(answer.status).toBe(status)
    expect(answer.bytes).toEqual(photo.slice(from, to))
    expect(answer.headers.get('content-range')).toBe(contentRange)
    expect(answer.headers.get('content-length')).toBe(String(to - from))
  })

  test.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=-0'])('Range: %s is 416 and tells the size', async (range) => {
    const answer = await fetchMedia(cast.chiara, { range })
    expect(answer.status).toBe(416)
    expect(answer.headers.get('content-range')).toBe('bytes */1000')
  })

  test('an unchanged file is 304, even if a range is asked for', async () => {
    const etag = (await fetchMedia(cast.chiara)).headers.get('etag')!
    const conditions: Record<string, string>[] = [
      { 'if-none-match': etag },
      { 'if-none-match': `"other", W/${etag}` },
      { 'if-none-match': etag, range: 'bytes=0-9' },
    ]
    for (const headers of conditions) {
      const answer = await fetchMedia(cast.chiara, headers)
      expect(answer.status).toBe(304)
      expect(answer.bytes).toHaveLength(0)
      expect(answer.headers.get('etag')).toBe(etag)
    }
    expect((await fetchMedia(cast.chiara, { 'if-none-match': '"other"' })).status).toBe(200)
  })

  test('a download is resumed only if the file is still the one it began with', async () => {
    const etag = (await fetchMedia(cast.chiara)).headers.get('etag')!
    expect((await fetchMedia(cast.chiara, { range: 'bytes=500-', 'if-range': etag })).status).toBe(206)
    const other = await fetchMedia(cast.chiara, { range: 'bytes=500-', 'if-range': '"other"' })
    expect(other.status).toBe(200)
    expect(other.bytes).toEqual(photo)
  })

  test.each([
    ['page.html', 'text/html'],
    ['drawing.svg', 'image/svg+xml'],
    ['notes.pdf', 'application/pdf'],
    ['script.js', 'text/javascript'],
  ])('%s is a download, not a page', async (name, type) => {
    id = expectStatus(201, await upload(cast.amina, localUuid, filePart('<script>', name, type))).body.id
    const { headers } = await fetchMedia(cast.amina)
    expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}"`)
    expect(headers.get('content-type')).toBe(type)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toBe('sandbox')
  })

  test('a file of 0 bytes is downloaded, too', async () => {
    id = expectStatus(201, await upload(cast.amina, localUuid, filePart('', 'empty.txt', 'text/plain'))).body.id
    const whole = await fetchMedia(cast.amina)
    expect(whole.status).toBe(200)
    expect(whole.bytes).toHaveLength(0)
    expect((await fetchMedia(cast.amina, { range: 'bytes=0-0' })).status).toBe(416)
  })
})

describe('signed links', () => {
  const linkTo = async (by: Caller, media_file_id = id) =>
    expectStatus(200, await by.post('/links', { media_file_id })).body as { url: string; expires_at: string }
  const tokenOf = (url: string) => url.slice(url.lastIndexOf('/') + 1)
  const follow = (token: string) => cast.nobody.get(`/links/${token}`)

  test('a link downloads without a credential, in part and by HEAD, too', async () => {
    const { url, expires_at } = await linkTo(cast.amina)
    expect(url).toMatch(/^http:\/\/fieldpost\.test\/api\/v1\/links\/[A-Za-z0-9_-]{80,120}$/)
    expect(expires_at).toBe('2026-11-23T08:05:00Z')
    const whole = await download(cast, url)
    expect(whole.status).toBe(200)
    expect(whole.bytes).toEqual(photo)
    const part = await download(cast, url, { headers: { range: 'bytes=10-19' } })
    expect(part.status).toBe(206)
    expect(part.bytes).toEqual(photo.slice(10, 20))
    const head = await download(cast, url, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe('1000')
    expect(head.headers.get('cache-control')).toBe('private, max-age=300, immutable')
  })

  test('a link starts with the server URL that the tenant has set', async () => {
    expectStatus(200, await cast.chiara.put('/settings/mobile/server-url', { server_url: 'https://data.example.org/' }))
    expect((await linkTo(cast.amina)).url).toMatch(/^https:\/\/data\.example\.org\/api\/v1\/links\//)
  })

  test('a link ends after five minutes', async () => {
    const { url } = await linkTo(cast.amina)
    cast.advance(5 * 60_000 - 1)
    expect((await download(cast, url)).status).toBe(200)
    cast.advance(1)
    const ended = await follow(tokenOf(url))
    expect(ended.status).toBe(404)
    expect(ended.body.code).toBe('link_invalid')
  })

  test('a changed link leads nowhere, whatever character was changed', async () => {
    const token = tokenOf((await linkTo(cast.amina)).url)
    for (let i = 0; i < token.length; i += 3) {
      const forged = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1)
      expect((await follow(forged)).status).toBe(404)
    }
    for (const wrong of [`${token}=`, `${token}A`, token.slice(1), 'x', '%00', 'A'.repeat(5_000)]) {
      expect((await follow(wrong)).body.code).toBe('link_invalid')
    }
  })

  test('links can be made to readable files only', async () => {
    const brunos = await submit(cast.bruno)
    const other = expectStatus(201, await upload(cast.bruno, brunos, filePart('x'))).body.id
    expect((await cast.amina.post('/links', { media_file_id: other })).status).toBe(404)
    expect((await cast.dario.post('/links', { media_file_id: id })).status).toBe(404)
    expect((await cast.amina.post('/links', { media_file_id: 'x' })).status).toBe(422)
    expect((await cast.nobody.post('/links', { media_file_id: id })).status).toBe(401)
    const phone = await cast.pair(cast.bruno)
    expect((await phone.post('/links', { media_file_id: other })).status).toBe(401)
  })

  test('a link survives a change of the signing key, as long as the old key is in the ring', async () => {
    const token = tokenOf((await linkTo(cast.amina)).url)
    const old = cast.deps.config.tokenKeys[0]!
    const ring = (keys: string) => startApp({ settings: { TOKEN_KEYS: keys } }).nobody.get(`/links/${token}`)
    const fresh = 'fresh:ffffffffffffffffffffffffffffffffffffffff'
    expect((await ring(`${fresh},${old.kid}:${old.secret}`)).status).toBe(200)
    expect((await ring(fresh)).status).toBe(404)
  })

  test('a link dies with its file, form or tenant', async () => {
    const { url } = await linkTo(cast.amina)
    const theirs = await publishForm(cast.dario, fixtureS)
    const local_uuid = nextLocalUuid()
    expectStatus(201, await cast.dario.post('/submissions', submissionOf(theirs, { local_uuid, data: validAnswersS })))
    const file = expectStatus(201, await upload(cast.dario, local_uuid, filePart('x'))).body.id
    const other = await linkTo(cast.dario, file)
    expect((await download(cast, other.url)).status).toBe(200)
    expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
    expect((await follow(tokenOf(url))).body.code).toBe('link_invalid')
    await env.DB.prepare("UPDATE tenants SET status = 'suspended' WHERE slug = 'other'").run()
    expect((await follow(tokenOf(other.url))).body.code).toBe('link_invalid')
  })

  test('a link is nowhere in the log', async () => {
    const token = tokenOf((await linkTo(cast.amina)).url)
    await follow(token)
    await follow(`${token}x`)
    expect(JSON.stringify(cast.lines)).not.toContain(token)
  })
})
