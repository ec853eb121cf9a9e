// Uploads that are refused or fail on the way (cases 71 and 72 of the native contract): nothing of them may be left.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast, startApp } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { nextLocalUuid, publishForm, submissionOf } from '../support/forms.ts'
import {
  arriving,
  BOUNDARY,
  counted,
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
let localUuid: string
let submissionId: string

beforeEach(async () => {
  cast = await makeCast()
  const form = await publishForm(cast.bruno, fixtureS)
  localUuid = nextLocalUuid()
  const sent = submissionOf(form, { local_uuid: localUuid, data: validAnswersS })
  submissionId = expectStatus(201, await cast.bruno.post('/submissions', sent)).body.id
  phone = await cast.pair(cast.bruno)
})

afterEach(() => {
  vi.restoreAllMocks()
})

const ids = (): Part[] => [textPart('submission_local_uuid', localUuid), textPart('field_id', 'pic')]

describe('an upload that is refused leaves nothing', () => {
  afterEach(async () => {
    expect(await leftovers()).toEqual(NOTHING_LEFT)
  })

  test("case 71: an unknown submission is 404, and so is another tenant's", async () => {
    for (const [by, local] of [
      [phone, nextLocalUuid()],
      [cast.dario, localUuid],
    ] as const) {
      const { status, body } = await upload(by, local, filePart('x'))
      expect(status).toBe(404)
      expect(body.detail).toBe('Submission not found')
    }
    expect(
      (await sendForm(cast.dario, formBody([filePart('x'), textPart('submission_id', submissionId)]))).status,
    ).toBe(422)
    const theirs = [filePart('x'), textPart('submission_id', submissionId), textPart('field_id', 'pic')]
    expect((await sendForm(cast.dario, formBody(theirs))).status).toBe(404)
  })

  test('an unknown submission named before the file is refused before the file is stored', async () => {
    const body = formBody([textPart('submission_local_uuid', nextLocalUuid()), filePart(noise(4 * MB))])
    const put = vi.spyOn(env.MEDIA, 'put')
    const unknownLength = counted(arriving(body, 65_536))
    expect((await sendForm(phone, unknownLength.stream)).status).toBe(404)
    expect(unknownLength.bytes()).toBeLessThan(MB)
    // A client that has said how much it sends would see a broken connection if nobody took it.
    const knownLength = counted(arriving(body, 65_536))
    const headers = { 'content-length': String(body.length) }
    expect((await sendForm(phone, knownLength.stream, headers)).status).toBe(404)
    expect(knownLength.bytes()).toBe(body.length)
    expect(put).not.toHaveBeenCalled()
  })

  test('a body that declares itself far over the cap is 413 at once', async () => {
    const body = counted(arriving(formBody([...ids(), filePart(noise(MB))]), 65_536))
    const headers = { 'content-length': String(1024 * MB) }
    expect((await sendForm(phone, body.stream, headers)).status).toBe(413)
    expect(body.bytes()).toBeLessThan(MB)
  })

  test('field workers add files to their own submissions only', async () => {
    expect((await upload(cast.amina, localUuid, filePart('x'))).status).toBe(404)
  })

  test('case 72: without a file it is 422, and every missing part is named', async () => {
    const { status, body } = await sendForm(phone, formBody(ids()))
    expect(status).toBe(422)
    expect(body.detail).toEqual([{ type: 'missing', loc: ['body', 'file'], msg: 'Field required' }])
    const empty = await sendForm(phone, formBody([textPart('other', 'x')]))
    expect(empty.body.detail.map((fault: { loc: string[] }) => fault.loc[1])).toEqual([
      'file',
      'submission_local_uuid',
      'field_id',
    ])
    const nobodyChose = await sendForm(phone, formBody([...ids(), filePart('', '', 'application/octet-stream')]))
    expect(nobodyChose.body.detail).toMatchObject([{ loc: ['body', 'file'] }])
    const withoutIds = await sendForm(phone, formBody([filePart('x')]))
    expect(withoutIds.status).toBe(422)
    const urlencoded = await phone.request('POST', '/media/upload', { body: new URLSearchParams({ field_id: 'pic' }) })
    expect(urlencoded.body.detail).toMatchObject([{ loc: ['body', 'file'] }])
  })

  test('two files in one form are 422', async () => {
    const { status, body } = await sendForm(phone, formBody([...ids(), filePart('one'), filePart('two', 'b.jpg')]))
    expect(status).toBe(422)
    expect(body.detail).toMatchObject([{ loc: ['body', 'file'] }])
  })

  test('a submission_id that is no UUID is 422', async () => {
    const parts = [filePart('x'), textPart('submission_id', 'not-a-uuid'), textPart('field_id', 'pic')]
    expect((await sendForm(phone, formBody(parts))).body.detail).toMatchObject([{ loc: ['body', 'submission_id'] }])
  })

  test('case 72: a file over the cap is 413 and says how much is allowed', async () => {
    const small = startApp({ settings: { MAX_UPLOAD_MB: '1' } })
    const by = small.as({ authorization: `Bearer ${phone.token}` })
    const sizes = [MB + 1, 6 * MB, 11 * MB]
    for (const parts of sizes.map((size) => [...ids(), filePart(noise(size))])) {
      const body = formBody(parts)
      for (const sent of [body, arriving(body, 300_000)]) {
        const answer = await sendForm(by, sent)
        expect(answer.status).toBe(413)
        expect(answer.body.detail).toContain('1 MB')
      }
    }
    expect((await sendForm(by, formBody([...ids(), filePart(noise(MB))]))).status).toBe(201)
    await env.DB.prepare('DELETE FROM media').run()
    for (const { key } of (await env.MEDIA.list()).objects) await env.MEDIA.delete(key)
  })

  test('a file over the cap leaves no parts of a large object either', async () => {
    const capped = startApp({ settings: { MAX_UPLOAD_MB: '7' } })
    const by = capped.as({ authorization: `Bearer ${phone.token}` })
    const create = vi.spyOn(env.MEDIA, 'createMultipartUpload')
    expect((await sendForm(by, arriving(formBody([...ids(), filePart(noise(12 * MB))]), 300_000))).status).toBe(413)
    const unfinished = await create.mock.results[0]!.value
    await expect(unfinished.complete([])).rejects.toThrow()
  })

  test.each([
    ['in the file', 5_000],
    ['in the second part of a large file', 7 * MB],
    ['in the headers', 40],
  ])('a body that breaks off %s is 400', async (_, breakAt) => {
    const body = formBody([...ids(), filePart(noise(9 * MB))])
    for (const sent of [arriving(body, 65_536, breakAt), body.slice(0, breakAt)]) {
      const answer = await sendForm(phone, sent)
      expect(answer.status).toBe(400)
      expect(answer.body.code).toBe('body_malformed')
    }
    expect((await cast.nobody.get('/health')).status).toBe(200)
  })

  test('a body without its last boundary is 400, even if the file seems whole', async () => {
    const whole = Buffer.from(formBody([filePart('x'), ...ids()])).toString('latin1')
    const answer = await sendForm(phone, whole.slice(0, -4))
    expect(answer.status).toBe(400)
  })

  test.each([
    ['multipart/form-data', 400],
    ['multipart/form-data; boundary=another', 400],
    [`multipart/mixed; boundary=${BOUNDARY}`, 415],
    ['application/json', 415],
    ['application/octet-stream', 415],
  ])('a body that says %s is %i', async (type, status) => {
    const answer = await sendForm(phone, formBody([...ids(), filePart('x')]), { 'content-type': type })
    expect(answer.status).toBe(status)
  })

  test('ten thousand parts are too many', async () => {
    const parts = Array.from({ length: 10_000 }, (_, i) => textPart(`p${i}`, 'x'))
    expect((await sendForm(phone, formBody([filePart('x'), ...ids(), ...parts]))).status).toBe(400)
  })

  test('an endless id is 400', async () => {
    const parts = [filePart('x'), textPart('submission_local_uuid', 'x'.repeat(100_000)), textPart('field_id', 'pic')]
    expect((await sendForm(phone, formBody(parts))).status).toBe(400)
  })

  test('a storage that fails is 503, whatever it was asked for', async () => {
    const failing = () => Promise.reject(new Error('We encountered an internal error. Please try again. (10001)'))
    const large = formBody([...ids(), filePart(noise(6 * MB))])

    const put = vi.spyOn(env.MEDIA, 'put').mockImplementation(failing)
    const answer = await upload(phone, localUuid, filePart('x'))
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBeTruthy()
    put.mockRestore()

    const create = vi.spyOn(env.MEDIA, 'createMultipartUpload')
    create.mockImplementation(failing)
    expect((await sendForm(phone, large)).status).toBe(503)
    create.mockRestore()

    const real = env.MEDIA.createMultipartUpload.bind(env.MEDIA)
    vi.spyOn(env.MEDIA, 'createMultipartUpload').mockImplementation(async (...args) => {
      const started = await real(...args)
      let parts = 0
      return {
        key: started.key,
        uploadId: started.uploadId,
        uploadPart: (...part) => (parts++ === 0 ? started.uploadPart(...part) : failing()),
        abort: () => started.abort(),
        complete: (all) => started.complete(all),
      }
    })
    expect((await sendForm(phone, large)).status).toBe(503)
  })
})

describe('while the database is away', () => {
  test('an upload that may have been committed keeps its object, and its name for the sweep', async () => {
    const { deps } = cast
    const shard = deps.shard(0)
    const failing = startApp({
      deps: {
        shard: () =>
          new Proxy(shard, {
            get(target, name) {
              if (name !== 'withSession') return Reflect.get(target, name)
              return (from: string) => {
                const session = target.withSession(from)
                return {
                  prepare: (query: string) => session.prepare(query),
                  batch: () => Promise.reject(new Error('D1_ERROR: Network connection lost.')),
                  getBookmark: () => session.getBookmark(),
                }
              }
            },
          }),
      },
    })
    const by = failing.as({ authorization: `Bearer ${phone.token}` })
    expect((await upload(by, localUuid, filePart('x'))).status).toBe(503)
    expect(await leftovers()).toEqual({ objects: 1, rows: 0, begun: 1 })
    expect((await upload(phone, localUuid, filePart('x'))).status).toBe(201)
  })
})
