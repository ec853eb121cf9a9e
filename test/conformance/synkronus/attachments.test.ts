// Attachments: cases 54 to 63 of the Synkronus contract, section 6; ranges and validators are ours on top.
import { env } from 'cloudflare:workers'
import { unzipSync } from 'fflate'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectStatus, startApp } from '../../support/app.ts'
import { arriving, counted, FORM_TYPE, formBody, noise } from '../../support/media.ts'
import {
  faultOf,
  MOUNTS,
  ORIGIN,
  observation,
  pull,
  push,
  putAttachment,
  type Repository,
  sendParts,
  startRepository,
  type Wire,
  wireOf,
} from '../../support/synkronus.ts'

const PHOTO = '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11.jpg'

const manifest = (by: Wire, since_version?: number, client_id = 'tablet-2') =>
  by.post('/attachments/manifest', { client_id, since_version })

describe.each(MOUNTS)('$path', (mount) => {
  let repository: Repository

  beforeEach(async () => {
    repository = await startRepository(mount)
  })

  test('case 54: what is put is got, byte for byte', async () => {
    const { writer, reader } = repository
    const bytes = noise(70_000)
    const put = await putAttachment(writer, PHOTO, bytes)
    expect(put).toMatchObject({ status: 200, body: { status: 'success' } })
    const got = await reader.get(`/attachments/${PHOTO}`)
    expect(got.status).toBe(200)
    expect(Buffer.from(got.bytes).equals(bytes)).toBe(true)
    expect(got.headers.get('content-disposition')).toContain(PHOTO)
    expect(got.headers.get('content-length')).toBe('70000')
    const head = await reader.send('HEAD', `/attachments/${PHOTO}`)
    expect({ status: head.status, bytes: head.bytes.length }).toEqual({ status: 200, bytes: 0 })
  })

  test.each([
    ['short', ''],
    ['long', 'x'.repeat(400_000)],
  ])('an erased record takes the attachments along that its answers name, %s ones, and no others', async (_, more) => {
    const { writer, reader, server } = repository
    const photos = ['before.jpg', 'now.jpg', 'of-another.jpg']
    for (const name of photos) await putAttachment(writer, name, `light of ${name}`)
    const answersOf = (filename: string) => ({ more, people: [{ photo: { type: 'image', filename } }] })
    await push(writer, [observation('x', { data: answersOf('before.jpg') })])
    await push(writer, [
      observation('x', { data: answersOf('now.jpg') }),
      observation('y', { data: answersOf('of-another.jpg') }),
    ])
    const chiara = await server.logIn('chiara@example.org', 'chiara-owns-it')
    const { body: found } = await chiara.get('/submissions')
    const { id } = found.find((item: { local_uuid: string }) => item.local_uuid === 'x')
    expectStatus(200, await chiara.post(`/submissions/${id}/erase`, { confirm: true }))
    const statuses = await Promise.all(photos.map(async (name) => (await reader.get(`/attachments/${name}`)).status))
    expect(statuses).toEqual([404, 404, 200])
    const { objects } = await env.MEDIA.list()
    const texts = await Promise.all(objects.map(async ({ key }) => (await env.MEDIA.get(key))!.text()))
    expect(texts.filter((text) => text.startsWith('light of '))).toEqual(['light of of-another.jpg'])
  })

  test('the wish for the original is granted: there is no other', async () => {
    const { writer, reader } = repository
    await putAttachment(writer, PHOTO, 'light')
    for (const value of ['true', '1', 'yes', 'no'])
      expect((await reader.get(`/attachments/${PHOTO}?original=${value}`)).text).toBe('light')
  })

  test('case 55: what is not there is 404', async () => {
    const { reader } = repository
    const got = await reader.get('/attachments/nothing.jpg')
    expect(got.status).toBe(404)
    expect(faultOf(got).message).toBe('Attachment not found')
    const head = await reader.send('HEAD', '/attachments/nothing.jpg')
    expect({ status: head.status, bytes: head.bytes.length }).toEqual({ status: 404, bytes: 0 })
  })

  test('case 56: the same bytes again are fine, others are a conflict', async () => {
    const { writer, reader } = repository
    await putAttachment(writer, PHOTO, 'light')
    const before = await manifest(reader, 0)
    expect((await putAttachment(writer, PHOTO, 'light')).status).toBe(200)
    expect((await manifest(reader, 0)).body).toEqual(before.body)
    const other = await putAttachment(writer, PHOTO, 'other')
    expect(other.status).toBe(409)
    expect(faultOf(other).message).toBe('Attachment already exists')
    expect((await reader.get(`/attachments/${PHOTO}`)).text).toBe('light')
  })

  test('two that put the same name at once: one set of bytes is there, and its sender was told so', async () => {
    const { writer, admin, reader } = repository
    const replies = await Promise.all([putAttachment(writer, PHOTO, 'light'), putAttachment(admin, PHOTO, 'other')])
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409])
    const kept = replies[0].status === 200 ? 'light' : 'other'
    expect((await reader.get(`/attachments/${PHOTO}`)).text).toBe(kept)
  })

  const file = { name: 'file', content: 'light', filename: PHOTO }
  test.each([
    ['without the field file', [{ name: 'other', content: 'light', filename: PHOTO }]],
    ['without any field', []],
    ['with two files', [file, file]],
    ['with a text field beside it', [file, { name: 'note', content: 'x' }]],
    ['with a text field before it', [{ name: 'note', content: 'x' }, file]],
  ])('case 57: a form %s is refused', async (_, parts) => {
    const { writer, reader } = repository
    const reply = await sendParts(writer, 'PUT', `/attachments/${PHOTO}`, parts)
    expect(reply.status).toBe(400)
    faultOf(reply)
    expect((await reader.get(`/attachments/${PHOTO}`)).status).toBe(404)
  })

  test('case 57: a body of another type is no form', async () => {
    for (const type of ['image/jpeg', 'application/json', 'multipart/form-data']) {
      const headers = { 'content-type': type }
      const reply = await repository.writer.send('PUT', `/attachments/${PHOTO}`, { body: 'light', headers })
      expect({ type, status: reply.status }).toEqual({ type, status: 400 })
      faultOf(reply)
    }
  })

  test('case 58: what is no flat name is none', async () => {
    const { writer, reader } = repository
    for (const id of ['..%2Fx', 'a%2Fb', '%2e', '', 'x'.repeat(300), 'a%00b', 'a%5Cb', '%20']) {
      const put = await sendParts(writer, 'PUT', `/attachments/${id}`, [file])
      const got = await reader.get(`/attachments/${id}`)
      for (const { status } of [put, got])
        expect({ id, status }).toEqual({ id, status: expect.toSatisfy((code) => [400, 404, 405].includes(code)) })
    }
    // The URL itself takes it for the address of the mount, which tells its health.
    expect((await sendParts(writer, 'PUT', '/attachments/%2e%2e', [file])).status).toBe(405)
    expect((await reader.get('/attachments/%2e%2e')).body).toMatchObject({ status: 'ok' })
    // The address of the archive of all: under it, no file could be fetched.
    expect((await putAttachment(writer, 'export-zip', 'light')).status).toBe(400)
    expect((await manifest(reader, 0)).body.operations ?? []).toEqual([])
  })

  test.each(['a b.jpg', 'ünïcödé.jpg', 'a+b&c=d.jpg', '100%.jpg'])('the name %s is one', async (id) => {
    const { writer, reader } = repository
    expect((await putAttachment(writer, id, 'light')).status).toBe(200)
    expect((await reader.get(`/attachments/${encodeURIComponent(id)}`)).text).toBe('light')
    const [operation] = (await manifest(reader, 0)).body.operations
    expect(operation.attachment_id).toBe(id)
    expect((await reader.get(operation.download_url)).text).toBe('light')
  })

  test('case 59: what is too large is refused', async () => {
    const narrow = startApp({ settings: { MAX_UPLOAD_MB: '1' } })
    const writer = wireOf(narrow, mount, { authorization: `Bearer ${repository.writer.token}` })
    const { reader } = repository
    expect((await putAttachment(writer, 'fits.bin', noise(1_000_000))).status).toBe(200)
    const reply = await putAttachment(writer, 'large.bin', noise(1_048_577))
    expect(reply.status).toBe(413)
    expect((await reader.get('/attachments/large.bin')).status).toBe(404)
  })

  test('whoever is refused is heard out first: a client that is cut off sends the same again', async () => {
    const bytes = formBody([{ ...file, content: noise(3_000_000) }])
    const late = wireOf(repository.server, mount, { authorization: 'Bearer expired' })
    const refusals: [number, Wire, string, Record<string, string>][] = [
      [409, repository.writer, `/attachments/${PHOTO}`, { 'x-repository-generation': '99' }],
      [400, repository.writer, '/attachments/a%2Fb', {}],
      [401, late, `/attachments/${PHOTO}`, {}],
      [403, repository.reader, `/attachments/${PHOTO}`, {}],
      [413, repository.writer, '/sync/pull', {}],
      [404, repository.writer, '/nothing', {}],
    ]
    for (const [status, by, path, more] of refusals) {
      const body = counted(arriving(bytes, 64 * 1024))
      const headers = { 'content-type': FORM_TYPE, 'content-length': String(bytes.length), ...more }
      const method = path === '/sync/pull' ? 'POST' : 'PUT'
      const reply = await by.send(method, path, { body: body.stream, headers })
      expect({ path, status: reply.status, heard: body.bytes() }).toEqual({ path, status, heard: bytes.length })
    }
  })

  test('case 60: the manifest tells every other client what to fetch, and from where', async () => {
    const { writer, reader } = repository
    await putAttachment(writer, PHOTO, 'light')
    const { status, body } = await manifest(reader, 0)
    expect(status).toBe(200)
    expect(body.operations).toHaveLength(1)
    const [operation] = body.operations
    expect(operation).toMatchObject({
      operation: 'download',
      attachment_id: PHOTO,
      size: 5,
      content_type: 'image/jpeg',
    })
    expect(operation.version).toBeGreaterThan(1)
    expect(operation.version).toBeLessThanOrEqual(body.current_version)
    expect(body).toMatchObject({ total_download_size: 5, operation_count: { download: 1, delete: 0 } })
    expect(operation.download_url).toBe(`${ORIGIN}${mount.path}/attachments/${PHOTO}`)
    expect((await reader.get(operation.download_url)).text).toBe('light')

    const elsewhere = 'https://field.example.org'
    const asked = { json: { client_id: 'tablet-2', since_version: 0 } }
    const other = await reader.send('POST', `${elsewhere}${mount.path}/attachments/manifest`, asked)
    expect(other.body.operations[0].download_url).toBe(`${elsewhere}${mount.path}/attachments/${PHOTO}`)
  })

  test('case 61: who is up to date fetches nothing; who does not say who or since when is told', async () => {
    const { writer, reader } = repository
    await putAttachment(writer, PHOTO, 'light')
    const { body } = await manifest(reader)
    expect(body.operations).toHaveLength(1)
    const again = await manifest(reader, body.current_version)
    expect(again.body.operations ?? []).toEqual([])
    expect(again.body).toMatchObject({ total_download_size: 0, operation_count: { download: 0, delete: 0 } })
    const before = await manifest(reader, -1)
    expect(before.status).toBe(400)
    expect(faultOf(before).message).toBe('since_version must be non-negative')
    for (const json of [{ since_version: 0 }, { client_id: '', since_version: 0 }]) {
      const reply = await reader.post('/attachments/manifest', json)
      expect(reply.status).toBe(400)
      expect(faultOf(reply).message).toBe('client_id is required')
    }
  })

  test('case 62: observations in between hide no upload, and each name is listed once', async () => {
    const { writer, reader } = repository
    const ids = ['1.jpg', '2.png', '3.pdf', '4.bin', '5']
    const since: number[] = []
    for (const id of ids) {
      await push(writer, [observation(`of ${id}`, { data: { photo: id } })])
      since.push((await pull(reader)).current_version)
      await putAttachment(writer, id, `bytes of ${id}`)
      await putAttachment(writer, id, `bytes of ${id}`)
    }
    for (const [position, version] of [0, ...since].entries()) {
      const { body } = await manifest(reader, version)
      const expected = position === 0 ? ids : ids.slice(position - 1)
      expect(body.operations.map((operation: any) => operation.attachment_id)).toEqual(expected)
      const versions: number[] = body.operations.map((operation: any) => operation.version)
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
      expect(body.operation_count.download).toBe(expected.length)
    }
    // Files do not show in pulls, whose cursor goes over them all the same.
    const { records, has_more } = await pull(reader)
    expect(records.map(({ observation_id }) => observation_id)).toEqual(ids.map((id) => `of ${id}`))
    expect(has_more).toBe(false)
  })

  test('case 63: all of them in one archive', async () => {
    const { writer, reader, nobody } = repository
    const empty = await reader.get('/attachments/export-zip')
    expect(empty.status).toBe(200)
    expect(Object.keys(unzipSync(empty.bytes))).toEqual([])
    const contents = { '1.jpg': noise(100_000), '2.txt': Buffer.from('text '.repeat(1000)), '3.bin': Buffer.from('') }
    for (const [id, bytes] of Object.entries(contents)) await putAttachment(writer, id, bytes)
    const archive = await reader.get('/attachments/export-zip')
    expect(archive.status).toBe(200)
    expect(archive.headers.get('content-type')).toBe('application/zip')
    expect(archive.headers.get('content-disposition')).toContain('attachments_export.zip')
    const entries = unzipSync(archive.bytes)
    expect(Object.keys(entries).sort()).toEqual(Object.keys(contents))
    for (const [id, bytes] of Object.entries(contents)) expect(Buffer.from(entries[id]!).equals(bytes)).toBe(true)
    expect((await nobody.get('/attachments/export-zip')).status).toBe(401)
  })

  test('downloads take ranges and validators', async () => {
    const { writer, reader } = repository
    await putAttachment(writer, PHOTO, '0123456789')
    const path = `/attachments/${PHOTO}`
    const part = await reader.get(path, { range: 'bytes=2-4' })
    expect({ status: part.status, text: part.text }).toEqual({ status: 206, text: '234' })
    expect(part.headers.get('content-range')).toBe('bytes 2-4/10')
    const etag = part.headers.get('etag')!
    const known = await reader.get(path, { 'if-none-match': etag })
    expect({ status: known.status, bytes: known.bytes.length }).toEqual({ status: 304, bytes: 0 })
    expect((await reader.get(path, { range: 'bytes=20-' })).status).toBe(416)
  })

  test('a file of several parts comes and goes whole', async () => {
    const { writer, reader } = repository
    const bytes = noise(11 * 1024 * 1024)
    expect((await putAttachment(writer, 'film.mp4', bytes, 'video/mp4')).status).toBe(200)
    const got = await reader.get('/attachments/film.mp4')
    expect(Buffer.from(got.bytes).equals(bytes)).toBe(true)
    expect((await putAttachment(writer, 'film.mp4', bytes, 'video/mp4')).status).toBe(200)
  }, 60_000)

  test('no other tenant sees the file, or is hindered by its name', async () => {
    const { server, writer } = repository
    await putAttachment(writer, PHOTO, 'light')
    const dario = await server.addTenant('other', 'dario@example.net')
    const theirs = await repository.logIn(dario.email, dario.password)
    expect((await theirs.get(`/attachments/${PHOTO}`)).status).toBe(404)
    expect((await manifest(theirs, 0)).body.operations ?? []).toEqual([])
    expect((await putAttachment(theirs, PHOTO, 'dark')).status).toBe(200)
    expect((await writer.get(`/attachments/${PHOTO}`)).text).toBe('light')
  })
})
