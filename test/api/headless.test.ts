// Submissions with an API key: cases 101 and 104-107 of the native contract.
import { beforeEach, describe, expect, test } from 'vitest'
import { type Cast, expectStatus, forged, type Key, makeCast } from '../support/app.ts'
import {
  NOTE_FORM,
  nextLocalUuid,
  type PublishedForm,
  publishAgain,
  publishForm,
  submissionOf,
} from '../support/forms.ts'

let cast: Cast
let form: PublishedForm
let sensor: Key

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
  sensor = await cast.addKey(cast.chiara, { name: 'pole 7' })
})

const count = async () => Number((await cast.chiara.get('/submissions')).headers.get('x-total-count'))
const reading = (more: Record<string, unknown> = {}) => ({ form_id: form.id, data_json: { note: '21.5' }, ...more })

describe('headless submit', () => {
  test('case 104: a valid submission is accepted and has no submitter', async () => {
    const { status, body } = await sensor.post('/headless/submit', reading({ collected_at: '2026-11-23T07:00:00Z' }))
    expect(status).toBe(201)
    expect(body).toMatchObject({ status: 'accepted', id: expect.any(String) })
    expect((await cast.chiara.get(`/submissions/${body.id}`)).body).toMatchObject({
      submitted_by_email: null,
      user_id: null,
      protocol: 'headless',
      data: { note: '21.5' },
      collected_at: '2026-11-23T07:00:00Z',
    })
  })

  test('case 105: missing answers are listed, unpublished is 400, unknown 404', async () => {
    const missing = await sensor.post('/headless/submit', reading({ data_json: {} }))
    expect(missing.status).toBe(422)
    expect(missing.body.detail).toEqual(["Field 'note' is required"])
    const draft = expectStatus(
      201,
      await cast.bruno.post('/forms', { project_id: form.projectId, name: 'Draft', schema: NOTE_FORM }),
    )
    const unpublished = await sensor.post('/headless/submit', reading({ form_id: draft.body.id }))
    expect(unpublished.status).toBe(400)
    expect(unpublished.body.detail).toBe('Form has no published version')
    const theirs = await publishForm(cast.dario, NOTE_FORM)
    for (const form_id of [theirs.id, '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11'])
      expect((await sensor.post('/headless/submit', reading({ form_id }))).status).toBe(404)
    const wrongTypes = await sensor.post('/headless/submit', { form_id: 7, data_json: 'x' })
    expect(wrongTypes.status).toBe(422)
    expect(wrongTypes.body.detail[0]).toMatchObject({ loc: ['body', 'form_id'] })
  })

  test('case 106: the same local_uuid twice is stored once, and the second answer has its id', async () => {
    const local_uuid = nextLocalUuid()
    const first = expectStatus(201, await sensor.post('/headless/submit', reading({ local_uuid })))
    const second = expectStatus(201, await sensor.post('/headless/submit', reading({ local_uuid })))
    expect(second.body).toEqual({ status: 'ignored', id: first.body.id, local_uuid })
    expect(await count()).toBe(1)
  })

  test('a known local_uuid is ignored even when its form is gone', async () => {
    const local_uuid = nextLocalUuid()
    const first = expectStatus(201, await sensor.post('/headless/submit', reading({ local_uuid })))
    const lost = reading({ local_uuid, form_id: '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11' })
    expect((await sensor.post('/headless/submit', lost)).body).toMatchObject({ status: 'ignored', id: first.body.id })
  })

  test('case 107: without a local_uuid each is a new one', async () => {
    expectStatus(201, await sensor.post('/headless/submit', reading()))
    expectStatus(201, await sensor.post('/headless/submit', reading()))
    expect(await count()).toBe(2)
  })

  test('it is held against the version that is published now', async () => {
    expectStatus(201, await sensor.post('/headless/submit', reading()))
    await publishAgain(cast.bruno, form.id, { fields: [{ id: 'count', type: 'number', required: true }] })
    expect((await sensor.post('/headless/submit', reading())).body.detail).toEqual(["Field 'count' is required"])
    expect((await sensor.post('/headless/submit', reading({ data_json: { count: 4 } }))).status).toBe(201)
  })

  test('an unreadable collected_at is 422', async () => {
    const { status, body } = await sensor.post('/headless/submit', reading({ collected_at: 'noon' }))
    expect(status).toBe(422)
    expect(body.detail[0].loc).toEqual(['body', 'collected_at'])
  })

  test("case 101: no key, a wrong key and a user's token are 401", async () => {
    for (const caller of [
      cast.nobody,
      cast.as({ 'x-api-key': forged(sensor.key) }),
      cast.as({ 'x-api-key': 'qb_nonsense' }),
      cast.chiara,
    ])
      expect((await caller.post('/headless/submit', reading())).status).toBe(401)
    expect((await cast.nobody.post('/headless/submit', reading())).body.detail).toBe('API key required')
    expect((await cast.as({ 'x-api-key': 'qb_x' }).post('/headless/submit', reading())).body.detail).toBe(
      'Invalid or revoked API key',
    )
    expect((await sensor.get('/forms')).status).toBe(401)
  })

  test('a key that is limited to another project does not find the form', async () => {
    const elsewhere = await publishForm(cast.bruno, NOTE_FORM, 'Elsewhere')
    const limited = await cast.addKey(cast.chiara, { name: 'limited', project_id: elsewhere.projectId })
    expect((await limited.post('/headless/submit', reading())).status).toBe(404)
    expect((await limited.post('/headless/submit', reading({ form_id: elsewhere.id }))).status).toBe(201)
  })

  test('a key without the scope is 403; a scope that is taken away counts at once', async () => {
    const reader = await cast.addKey(cast.chiara, { name: 'reader', scopes: ['forms:read'] })
    expect((await reader.post('/headless/submit', reading())).status).toBe(403)
    expectStatus(201, await sensor.post('/headless/submit', reading()))
    expectStatus(200, await cast.chiara.patch(`/api-keys/${sensor.id}`, { scopes: ['forms:read'] }))
    expect((await sensor.post('/headless/submit', reading())).status).toBe(403)
    expect(await count()).toBe(1)
  })

  test('a revoked key is refused at once, also with a body that would be refused anyway', async () => {
    expectStatus(201, await sensor.post('/headless/submit', reading()))
    expectStatus(204, await cast.chiara.delete(`/api-keys/${sensor.id}`))
    expect((await sensor.post('/headless/submit', reading())).status).toBe(401)
    expect((await sensor.post('/headless/submit', reading({ data_json: {} }))).status).toBe(401)
    expect((await sensor.post('/headless/submit', { form_id: 7 })).status).toBe(401)
  })

  test('submissions made with a key belong to no field worker', async () => {
    const { body } = expectStatus(201, await sensor.post('/headless/submit', reading()))
    expect((await cast.amina.get(`/submissions/${body.id}`)).status).toBe(404)
    expect((await cast.amina.post('/submissions', submissionOf(form))).status).toBe(201)
    expect((await cast.amina.get('/submissions')).body).toHaveLength(1)
  })
})
