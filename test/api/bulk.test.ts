// Bulk sync: cases 59-66 of the native contract, and what becomes of items that can't be stored.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
import { NOTE_FORM, nextLocalUuid, type PublishedForm, publishForm, submissionOf } from '../support/forms.ts'

let cast: Cast
let form: PublishedForm
let phone: Device

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
  phone = await cast.pair(cast.bruno, 'Phone 1')
})

const count = async () => Number((await cast.chiara.get('/submissions')).headers.get('x-total-count'))
const quarantined = async () =>
  (
    await env.DB.prepare(
      'SELECT credential, body, reason, arrivals, state, size_bytes, body_key FROM quarantine ORDER BY seq',
    ).all<any>()
  ).results

describe('a batch', () => {
  test('case 59: new, repeated, of an unknown version, without a name: each has its own outcome', async () => {
    const first = submissionOf(form)
    const unnamed = { ...submissionOf(form), local_uuid: undefined }
    const lost = { ...submissionOf(form), form_id: undefined, form_version_id: '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11' }
    const { status, body } = await phone.post('/submissions/bulk', [first, first, lost, unnamed])
    expect(status).toBe(200)
    expect(body.accepted).toHaveLength(2)
    expect(body.ignored).toHaveLength(1)
    expect(body.errors).toEqual([
      {
        index: 2,
        local_uuid: lost.local_uuid,
        error: `form_version_id '${lost.form_version_id}' not found`,
        code: 'version_unknown',
      },
    ])
    for (const kept of [...body.accepted, ...body.ignored]) {
      expect(kept.id).toBeTypeOf('string')
      expect(kept.local_uuid).toBeTypeOf('string')
    }
    expect(body.ignored[0]).toMatchObject({ id: body.accepted[0].id, local_uuid: first.local_uuid })
    expect(await count()).toBe(2)
  })

  test('case 60: 101 items are too many, 100 are not, none are fine', async () => {
    const many = Array.from({ length: 101 }, () => submissionOf(form))
    const refused = await phone.post('/submissions/bulk', many)
    expect(refused.status).toBe(400)
    expect(refused.body.detail).toBe('Maximum 100 submissions per bulk request')
    expect(await count()).toBe(0)
    expect((await phone.post('/submissions/bulk', many.slice(1))).body.accepted).toHaveLength(100)
    expect((await phone.post('/submissions/bulk', [])).body).toEqual({ accepted: [], ignored: [], errors: [] })
  })

  test('case 61: one item without form_version_id never refuses the other three', async () => {
    const { form_version_id: _, ...broken } = submissionOf(form)
    const { status, body } = await phone.post('/submissions/bulk', [
      submissionOf(form),
      broken,
      submissionOf(form),
      submissionOf(form),
    ])
    expect(status).toBe(200)
    expect(body.accepted).toHaveLength(3)
    expect(body.errors).toMatchObject([{ index: 1, local_uuid: broken.local_uuid, code: 'item_invalid' }])
  })

  test('case 62: without a credential, or with a revoked device, nothing is stored', async () => {
    expect((await cast.nobody.post('/submissions/bulk', [submissionOf(form)])).status).toBe(401)
    // The device has been let in before: what is remembered of it must not outlive its revocation.
    expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
    const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
    expectStatus(204, await cast.chiara.delete(`/settings/mobile/devices/${device.id}`))
    expect((await phone.post('/submissions/bulk', [submissionOf(form)])).status).toBe(401)
    expect((await phone.post('/submissions/bulk', [{ nonsense: true }])).status).toBe(401)
    expect(await count()).toBe(1)
    expect(await quarantined()).toEqual([])
  })

  test('case 63: a bare list and {submissions: [...]} mean the same', async () => {
    const batch = [submissionOf(form), submissionOf(form)]
    const bare = expectStatus(200, await phone.post('/submissions/bulk', batch))
    const wrapped = expectStatus(200, await phone.post('/submissions/bulk', { submissions: batch }))
    expect(wrapped.body.ignored).toEqual(bare.body.accepted)
  })

  test('case 64: sending an accepted batch again ignores all of it, with the same ids', async () => {
    const batch = Array.from({ length: 30 }, () => submissionOf(form))
    const first = expectStatus(200, await phone.post('/submissions/bulk', batch))
    const second = expectStatus(200, await phone.post('/submissions/bulk', batch))
    expect(second.body).toEqual({ accepted: [], ignored: first.body.accepted, errors: [] })
    expect(await count()).toBe(30)
  })

  test('case 65: the submitter is the user who made the QR code', async () => {
    const { body } = expectStatus(200, await phone.post('/submissions/bulk', [submissionOf(form)]))
    expect((await cast.chiara.get(`/submissions/${body.accepted[0].id}`)).body).toMatchObject({
      submitted_by_email: 'bruno@example.org',
      user_id: cast.bruno.id,
      device_id: expect.any(String),
    })
  })

  test('case 66: the same batch sent twice at once is stored once', async () => {
    const batch = Array.from({ length: 20 }, () => submissionOf(form))
    const answers = await Promise.all([1, 2, 3].map(() => phone.post('/submissions/bulk', batch)))
    const accepted = answers.flatMap(({ body }) => body.accepted)
    const ignored = answers.flatMap(({ body }) => body.ignored)
    expect(accepted).toHaveLength(20)
    expect(ignored).toHaveLength(40)
    expect(new Set(ignored.map((item: any) => item.id))).toEqual(new Set(accepted.map((item: any) => item.id)))
    expect(await count()).toBe(20)
  })

  test('two devices that send the same submission at once store it once', async () => {
    const other = await cast.pair(cast.bruno, 'Phone 2')
    const batch = [submissionOf(form)]
    const answers = await Promise.all([phone, other].map((device) => device.post('/submissions/bulk', batch)))
    expect(answers.flatMap(({ body }) => body.accepted)).toHaveLength(1)
    expect(await count()).toBe(1)
  })

  test('case 114: a queue that outlived its pairing still dedupes after re-pairing', async () => {
    const batch = [submissionOf(form), submissionOf(form)]
    const first = expectStatus(200, await phone.post('/submissions/bulk', batch))
    const [device] = (await cast.chiara.get('/settings/mobile/devices')).body
    expectStatus(204, await cast.chiara.delete(`/settings/mobile/devices/${device.id}`))
    const again = await cast.pair(cast.bruno, 'Phone 1, paired again')
    expect((await again.post('/submissions/bulk', batch)).body.ignored).toEqual(first.body.accepted)
  })

  test('users may send batches, too', async () => {
    expect((await cast.amina.post('/submissions/bulk', [submissionOf(form)])).body.accepted).toHaveLength(1)
  })
})

describe('what a phone hands over is never dropped', () => {
  test('answers that break the rules are stored, with their faults as issues', async () => {
    const survey = await publishForm(cast.bruno, fixtureS, 'Survey S')
    const bad = submissionOf(survey, { data: { ...validAnswersS, age: 'abc', tags: ['zzz'], full_name: '' } })
    const { body } = expectStatus(200, await phone.post('/submissions/bulk', [bad]))
    // The total was sent as the sum that a good age would give.
    const codes = Object.fromEntries(body.accepted[0].issues.map(({ path, code }: any) => [path, code]))
    expect(codes).toEqual({ age: 'type', full_name: 'required', tags: 'option', total: 'calculation' })
    const read = await cast.chiara.get(`/submissions/${body.accepted[0].id}`)
    expect(read.body).toMatchObject({ review_state: 'has_issues', data: bad.data })
    expect(read.body.issues).toEqual(body.accepted[0].issues)
  })

  test('a collected_at that is no time is an issue', async () => {
    const { body } = expectStatus(
      200,
      await phone.post('/submissions/bulk', [submissionOf(form, { collected_at: 'yesterday' })]),
    )
    expect(body.accepted[0].issues).toMatchObject([{ path: 'collected_at', code: 'type' }])
  })

  test("what can't be stored is quarantined byte for byte, once, however often it comes", async () => {
    const oddly =
      '{ "form_version_id":"6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11",  "n": 1.50, "n": 1e2,"data":{"é":"\\u00e9 😀"} }'
    const text = `[ ${JSON.stringify(submissionOf(form))} ,\n ${oddly} , 17 ]`
    const send = () =>
      phone.request('POST', '/submissions/bulk', { body: text, headers: { 'content-type': 'application/json' } })
    expect((await send()).body.errors).toHaveLength(2)
    expect((await send()).body).toMatchObject({ accepted: [], ignored: [{}], errors: [{ index: 1 }, { index: 2 }] })
    expect(await quarantined()).toMatchObject([
      {
        body: oddly,
        reason: 'version_unknown',
        arrivals: 2,
        state: 'open',
        size_bytes: new TextEncoder().encode(oddly).length,
      },
      { body: '17', reason: 'item_invalid', arrivals: 2 },
    ])
  })

  test("a huge payload that can't be stored is quarantined outside of the database", async () => {
    const item = { local_uuid: nextLocalUuid(), data: { note: 'x'.repeat(400_000) } }
    expectStatus(200, await phone.post('/submissions/bulk', [item]))
    const [row] = await quarantined()
    expect(row.body).toBeNull()
    expect(await (await env.MEDIA.get(row.body_key))?.text()).toBe(JSON.stringify(item))
  })

  test('NUL, half characters, __proto__ and absurd depth cost only their own item', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const good = submissionOf(form)
    const itemWith = (data: string) =>
      `{"form_version_id":"${form.versionId}","local_uuid":"${nextLocalUuid()}","data":${data}}`
    const bad = [
      itemWith('{"note":"a\\u0000b"}'),
      itemWith('{"note":"\\ud800"}'),
      itemWith('{"note":"x","__proto__":{"role":"admin"}}'),
      itemWith(`{"note":"x","deep":${deep}}`),
    ]
    const body = `[${[JSON.stringify(good), ...bad].join(',')}]`
    const answer = await phone.request('POST', '/submissions/bulk', {
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(200)
    expect(answer.body.accepted).toMatchObject([{ local_uuid: good.local_uuid }])
    expect(answer.body.errors).toHaveLength(4)
    expect((await quarantined()).map((row) => row.body ?? row.size_bytes)).toEqual([bad[0], bad[1], bad[2], bad[3]])
    expect(await count()).toBe(1)
  })

  test('a known submission is ignored, not quarantined, when it comes again broken', async () => {
    const sent = submissionOf(form)
    const first = expectStatus(200, await phone.post('/submissions/bulk', [sent]))
    const again = expectStatus(200, await phone.post('/submissions/bulk', [{ local_uuid: sent.local_uuid }]))
    expect(again.body.ignored).toEqual(first.body.accepted)
    expect(await quarantined()).toEqual([])
  })
})

describe('bodies that are no batches', () => {
  test.each([
    ['not JSON', '{"submissions": [', 400],
    ['a number', '17', 422],
    ['submissions is no list', '{"submissions": 5}', 422],
    ['an empty body', '', 400],
    ['not UTF-8', new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d]), 400],
  ])('%s', async (_name, body, status) => {
    const answer = await phone.request('POST', '/submissions/bulk', {
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(status)
    expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'))
  })

  test('another media type is 415, a body over 32 MB is 413', async () => {
    const text = await phone.request('POST', '/submissions/bulk', {
      body: '[]',
      headers: { 'content-type': 'text/plain' },
    })
    expect(text.status).toBe(415)
    const large = new Uint8Array(33 * 1024 * 1024).fill(0x20)
    const answer = await phone.request('POST', '/submissions/bulk', {
      body: large,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(413)
    expect(answer.body.detail).toContain('32 MB')
  })
})
