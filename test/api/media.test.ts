// Photos and files coming home: cases 70, 72, 74 and 75 of the native contract. Refusals are in media-refusals.test.ts.
import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'
import {
  arriving,
  filePart,
  formBody,
  leftovers,
  NOTHING_LEFT,
  noise,
  type Part,
  sendForm,
  textPart,
  upload,
} from '../support/media.ts'

const MB = 1024 * 1024

let cast: Cast
let phone: Device
let form: PublishedForm
let localUuid: string
let submissionId: string

/** A submission that waits for its photos, sent by `by`. */
async function submit(by: Cast['amina']) {
  const local = nextLocalUuid()
  const sent = submissionOf(form, { local_uuid: local, data: validAnswersS })
  return { localUuid: local, id: expectStatus(201, await by.post('/submissions', sent)).body.id as string }
}

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, fixtureS)
  ;({ localUuid, id: submissionId } = await submit(cast.bruno))
  phone = await cast.pair(cast.bruno)
})

const ids = (): Part[] => [textPart('submission_local_uuid', localUuid), textPart('field_id', 'pic')]
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function bytesOf(id: string): Promise<Uint8Array> {
  const row = await env.DB.prepare('SELECT object_key FROM media WHERE id = ?').bind(id).first<{ object_key: string }>()
  const object = await env.MEDIA.get(row!.object_key)
  return new Uint8Array(await object!.arrayBuffer())
}

describe('uploading', () => {
  test('case 70: a device uploads a photo and hears its id, name and exact size', async () => {
    const photo = noise(12_345)
    const { status, body } = await upload(phone, localUuid, filePart(photo))
    expect(status).toBe(201)
    expect(body).toEqual({
      media_file_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      id: body.media_file_id,
      filename: 'photo.jpg',
      size_bytes: 12_345,
      mime_type: 'image/jpeg',
      sha256: sha256(photo),
      submission_id: submissionId,
      field_id: 'pic',
      repeat_path: '',
    })
    expect(await bytesOf(body.id)).toEqual(photo)
    expect(await leftovers()).toEqual({ objects: 1, rows: 1, begun: 0 })
    const seen = expectStatus(200, await cast.chiara.get(`/submissions/${submissionId}`))
    expect(seen.body.media_files).toMatchObject([{ id: body.id, field_id: 'pic', size_bytes: 12_345 }])
  })

  test('a user uploads, too', async () => {
    expect((await upload(cast.bruno, localUuid, filePart('x'))).status).toBe(201)
  })

  test('a form made by FormData is understood', async () => {
    const body = new FormData()
    body.set('file', new File(['jpeg'], 'photo.jpg', { type: 'image/jpeg' }))
    body.set('submission_local_uuid', localUuid)
    body.set('field_id', 'pic')
    const { status, body: answer } = await phone.request('POST', '/media/upload', { body })
    expect(status).toBe(201)
    expect(answer).toMatchObject({ filename: 'photo.jpg', size_bytes: 4, mime_type: 'image/jpeg' })
  })

  const spelled = (submission: string, field: string): Part[] => [
    filePart('bytes'),
    textPart(submission, submission === 'submission_id' ? submissionId : localUuid),
    textPart(field, 'pic'),
  ]

  test.each([
    ['submission_local_uuid', 'field_id'],
    ['submission_local_uuid', 'field_name'],
    ['submission_id', 'field_id'],
    ['submission_id', 'field_name'],
  ])('ids may be called %s and %s', async (submission, field) => {
    const { status, body } = await sendForm(phone, formBody(spelled(submission, field)))
    expect(status).toBe(201)
    expect(body).toMatchObject({ submission_id: submissionId, field_id: 'pic' })
  })

  test.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    'parts come in the order %j',
    async (order) => {
      const parts = spelled('submission_local_uuid', 'field_id')
      const { status, body } = await sendForm(phone, formBody(order.map((i) => parts[i]!)))
      expect(status).toBe(201)
      expect(body).toMatchObject({ submission_id: submissionId, field_id: 'pic', size_bytes: 5 })
    },
  )

  test('parts that nobody knows are skipped', async () => {
    const more = [textPart('client_version', '4.2'), { name: 'thumbnail', content: noise(9_000), filename: 't.jpg' }]
    expect((await sendForm(phone, formBody([...more, filePart('x'), ...ids()]))).status).toBe(201)
  })

  test.each([
    ['hh[1].m_pic', 'hh[1]', 'm_pic'],
    ['hh[1].kids[0].m_pic', 'hh[1].kids[0]', 'm_pic'],
    ['m_pic', '', 'm_pic'],
    ['dotted.name', '', 'dotted.name'],
  ])('a photo of %s stands in the row "%s"', async (field, repeat_path, field_id) => {
    const { body } = await upload(phone, localUuid, filePart('x'), field)
    expect(body).toMatchObject({ repeat_path, field_id })
  })

  test('a file of 0 bytes is a file', async () => {
    const { status, body } = await upload(phone, localUuid, filePart('', 'empty.txt', 'text/plain'))
    expect(status).toBe(201)
    expect(body).toMatchObject({ size_bytes: 0, sha256: sha256(new Uint8Array(0)) })
    expect(await bytesOf(body.id)).toHaveLength(0)
  })

  test.each([
    ['just under one part', 5 * MB - 1],
    ['exactly one part', 5 * MB],
    ['two parts and a bit', 10 * MB + 17],
  ])('a file of %s arrives whole', async (_, length) => {
    const film = noise(length, length)
    const body = formBody([filePart(film, 'film.mp4', 'video/mp4'), ...ids()])
    const answer = expectStatus(201, await sendForm(phone, arriving(body, 65_536)))
    expect(answer.body).toMatchObject({ size_bytes: length, sha256: sha256(film) })
    expect(sha256(await bytesOf(answer.body.id))).toBe(sha256(film))
    expect(await leftovers()).toEqual({ objects: 1, rows: 1, begun: 0 })
  })

  test('the media type is what the sender says, else what the name suggests, else nothing in particular', async () => {
    const typeOf = async (filename: string, type: string) =>
      (await upload(phone, localUuid, filePart('x', filename, type))).body.mime_type
    expect(await typeOf('a.jpg', 'image/webp')).toBe('image/webp')
    expect(await typeOf('b.jpg', '')).toBe('image/jpeg')
    expect(await typeOf('c.png', 'application/octet-stream')).toBe('image/png')
    expect(await typeOf('d.bin', '')).toBe('application/octet-stream')
    expect(await typeOf('e.gif', 'no type at all')).toBe('image/gif')
  })

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\\\photos\\\\a.jpg', 'a.jpg'],
    ['..', 'file'],
    ['', 'file'],
    ['a b;c=%22d%22.jpg', 'a_b_c__d_.jpg'],
    ['\u202egpj.exe', '_gpj.exe'],
  ])('case 72: the name %j is stored as %j', async (name, stored) => {
    const { status, body } = await upload(phone, localUuid, filePart('x', name))
    expect(status).toBe(201)
    expect(body.filename).toBe(stored)
  })
})

describe('the same file again', () => {
  test('case 74: sent twice after a lost reply it is one file, with the first id', async () => {
    const first = expectStatus(201, await upload(phone, localUuid, filePart('same bytes')))
    const again = expectStatus(201, await upload(phone, localUuid, filePart('same bytes')))
    expect(again.body).toEqual(first.body)
    expect(await leftovers()).toEqual({ objects: 1, rows: 1, begun: 0 })
  })

  test('two at the same moment leave one row and one object', async () => {
    const photo = noise(200_000)
    const answers = await Promise.all([1, 2, 3, 4].map(() => upload(phone, localUuid, filePart(photo))))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201])
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(await leftovers()).toEqual({ objects: 1, rows: 1, begun: 0 })
    expect(await bytesOf(answers[0]!.body.id)).toEqual(photo)
  })

  test('case 75: two photos of one name in one field are two files, each with its own bytes', async () => {
    const one = await upload(phone, localUuid, filePart('first photo'))
    const two = await upload(phone, localUuid, filePart('second photo'))
    expect(one.body.id).not.toBe(two.body.id)
    expect((await phone.get(`/media/${one.body.id}`)).text).toBe('first photo')
    expect((await phone.get(`/media/${two.body.id}`)).text).toBe('second photo')
  })

  test('the same bytes in another field, row or name are another file', async () => {
    const made = [
      await upload(phone, localUuid, filePart('x')),
      await upload(phone, localUuid, filePart('x'), 'hh[0].pic'),
      await upload(phone, localUuid, filePart('x'), 'hh[1].pic'),
      await upload(phone, localUuid, filePart('x'), 'sketch'),
      await upload(phone, localUuid, filePart('x', 'other.jpg')),
    ]
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(5)
  })

  test('each file takes its own place in the order of changes', async () => {
    await upload(phone, localUuid, filePart('one'))
    await upload(phone, localUuid, filePart('two'))
    const { results } = await env.DB.prepare('SELECT seq FROM media ORDER BY seq').all<{ seq: number }>()
    const submission = await env.DB.prepare('SELECT seq FROM submissions').first<{ seq: number }>()
    expect(results[0]!.seq).toBeGreaterThan(submission!.seq)
    expect(results[1]!.seq).toBeGreaterThan(results[0]!.seq)
  })
})

describe('who may upload', () => {
  test('nobody without a credential, and no API key', async () => {
    expect((await upload(cast.nobody, localUuid, filePart('x'))).status).toBe(401)
    const key = await cast.addKey(cast.chiara)
    expect((await upload(key, localUuid, filePart('x'))).status).toBe(401)
    expect(await leftovers()).toEqual(NOTHING_LEFT)
  })

  test('a field worker to own submissions, managers and admins to all', async () => {
    const own = await submit(cast.amina)
    expect((await upload(cast.amina, own.localUuid, filePart('by amina'))).status).toBe(201)
    expect((await upload(cast.bruno, own.localUuid, filePart('by bruno'))).status).toBe(201)
    expect((await upload(cast.chiara, own.localUuid, filePart('by chiara'))).status).toBe(201)
  })

  test("a device to its user's submissions only, whatever the user's role", async () => {
    const aminas = await submit(cast.amina)
    expect((await upload(phone, aminas.localUuid, filePart('x'))).status).toBe(404)
  })

  test("a deleted form's submissions take no files", async () => {
    expectStatus(204, await cast.chiara.delete(`/forms/${form.id}`))
    expect((await upload(phone, localUuid, filePart('x'))).status).toBe(404)
  })
})
