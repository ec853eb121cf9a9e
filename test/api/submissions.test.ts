// Single submissions and reading them back: cases 41-58 and 67-69 of the native contract.
import { beforeEach, describe, expect, test } from 'vitest'
import { type Answer, type Cast, expectStatus, makeCast } from '../support/app.ts'
import { fixtureS, validAnswersS } from '../support/fixture-s.ts'
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

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, NOTE_FORM)
})

const count = async () => Number((await cast.chiara.get('/submissions')).headers.get('x-total-count'))

describe('sending one submission', () => {
  test('case 41: it is accepted and reads back as it was sent', async () => {
    const survey = await publishForm(cast.bruno, fixtureS, 'Survey S')
    const local_uuid = nextLocalUuid()
    const sent = {
      ...submissionOf(survey, { local_uuid, data: validAnswersS, collected_at: '2026-11-20T10:15:30+03:00' }),
    }
    const answer = await cast.amina.post('/submissions', sent)
    expect(answer.status).toBe(201)
    expect(answer.body).toEqual({ id: expect.any(String), status: 'accepted', local_uuid })

    const { body } = expectStatus(200, await cast.chiara.get(`/submissions/${answer.body.id}`))
    expect(body).toMatchObject({
      id: answer.body.id,
      form_id: survey.id,
      form_name: 'Survey S',
      form_version_id: survey.versionId,
      version_num: 1,
      local_uuid,
      data: validAnswersS,
      data_json: validAnswersS,
      collected_at: '2026-11-20T07:15:30Z',
      collected_offset_minutes: 180,
      submitted_at: '2026-11-23T08:00:00Z',
      submitted_by_email: 'amina@example.org',
      media_files: [],
      issues: [],
      review_state: 'received',
      mode: 'live',
      protocol: 'native',
    })
    expect(body.schema_fields.map((field: { id: string }) => field.id)).toContain('full_name')
  })

  test('case 42: sending it again changes nothing and answers the same id', async () => {
    const sent = submissionOf(form)
    const first = expectStatus(201, await cast.amina.post('/submissions', sent))
    const second = expectStatus(201, await cast.amina.post('/submissions', sent))
    expect(second.body).toEqual({ ...first.body, status: 'ignored' })
    expect(await count()).toBe(1)
  })

  test('case 43: other answers under the same local_uuid are ignored, the first ones stay', async () => {
    const sent = submissionOf(form, { data: { note: 'first' } })
    const first = expectStatus(201, await cast.amina.post('/submissions', sent))
    const second = await cast.amina.post('/submissions', { ...sent, data: { note: 'second' } })
    expect(second.body).toMatchObject({ id: first.body.id, status: 'ignored' })
    expect((await cast.chiara.get(`/submissions/${first.body.id}`)).body.data).toEqual({ note: 'first' })
  })

  test('a known local_uuid is ignored even if its answers would be refused now', async () => {
    const sent = submissionOf(form)
    const first = expectStatus(201, await cast.amina.post('/submissions', sent))
    const broken = { ...sent, form_version_id: '6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11', form_id: undefined, data: {} }
    expect((await cast.amina.post('/submissions', broken)).body).toMatchObject({ id: first.body.id, status: 'ignored' })
  })

  test('case 44: another tenant may use the same local_uuid', async () => {
    const theirs = await publishForm(cast.dario, NOTE_FORM)
    const local_uuid = nextLocalUuid()
    const ours = expectStatus(201, await cast.amina.post('/submissions', submissionOf(form, { local_uuid })))
    const other = expectStatus(201, await cast.dario.post('/submissions', submissionOf(theirs, { local_uuid })))
    expect(other.body.status).toBe('accepted')
    expect(other.body.id).not.toBe(ours.body.id)
  })

  test('case 45: an unknown version, or one of another tenant, is refused with its id', async () => {
    const theirs = await publishForm(cast.dario, NOTE_FORM)
    for (const id of ['6b1f6f0e-3f0c-4a53-9c39-0a4d6a0f0a11', theirs.versionId]) {
      const { status, body } = await cast.amina.post('/submissions', { form_version_id: id, data: { note: 'x' } })
      expect(status).toBe(422)
      expect(body.detail).toBe(`form_version_id '${id}' not found`)
    }
  })

  test("case 46: a form_id that is not the version's form is refused", async () => {
    const other = await publishForm(cast.bruno, NOTE_FORM, 'Other')
    const { status, body } = await cast.amina.post('/submissions', { ...submissionOf(form), form_id: other.id })
    expect(status).toBe(422)
    expect(body.code).toBe('version_unknown')
  })

  test.each([[{}], [{ full_name: null }], [{ full_name: '' }]])(
    'case 47: full_name given as %j is refused by name',
    async (answers) => {
      const survey = await publishForm(cast.bruno, fixtureS, 'Survey S')
      const data = { ...validAnswersS, full_name: undefined, ...answers }
      const { status, body } = await cast.amina.post('/submissions', submissionOf(survey, { data }))
      expect(status).toBe(422)
      expect(body.detail).toBe("Field 'full_name' is required")
      expect(await count()).toBe(0)
    },
  )

  test('case 49: addr.city must be there, nested or flat', async () => {
    const survey = await publishForm(cast.bruno, fixtureS, 'Survey S')
    const { addr: _, ...rest } = validAnswersS as Record<string, unknown>
    const send = (data: Record<string, unknown>) => cast.amina.post('/submissions', submissionOf(survey, { data }))
    expect((await send(rest)).body.detail).toContain("'city'")
    expect((await send({ ...rest, addr: { city: 'Kisumu' } })).status).toBe(201)
    expect((await send({ ...rest, city: 'Kisumu' })).status).toBe(201)
  })

  test('several faults are all named, joined into one sentence', async () => {
    const survey = await publishForm(cast.bruno, fixtureS, 'Survey S')
    const { body } = await cast.amina.post(
      '/submissions',
      submissionOf(survey, { data: { tags: ['zzz'], gps: { latitude: 95, longitude: 0 } } }),
    )
    expect(body.code).toBe('answers_invalid')
    for (const field of ['full_name', 'tags', 'gps', 'city']) expect(body.detail).toContain(`'${field}'`)
    expect(body.detail.split('; ').length).toBeGreaterThanOrEqual(4)
  })

  test('case 54: an unknown key is kept', async () => {
    const sent = submissionOf(form, { data: { note: 'x', from_an_older_app: { deep: [1, 2] } } })
    const { body } = expectStatus(201, await cast.amina.post('/submissions', sent))
    expect((await cast.chiara.get(`/submissions/${body.id}`)).body.data).toEqual(sent.data)
  })

  test('case 55: a user_id in the body does not make somebody else the submitter', async () => {
    const { body } = expectStatus(
      201,
      await cast.amina.post('/submissions', { ...submissionOf(form), user_id: cast.bruno.id }),
    )
    expect((await cast.chiara.get(`/submissions/${body.id}`)).body).toMatchObject({
      user_id: cast.amina.id,
      submitted_by_email: 'amina@example.org',
    })
  })

  test('case 56: an older published version still takes submissions, by its own rules', async () => {
    await publishAgain(cast.bruno, form.id, { fields: [{ id: 'count', type: 'number', required: true }] })
    expect((await cast.amina.post('/submissions', submissionOf(form))).status).toBe(201)
    const { status, body } = await cast.amina.post('/submissions', submissionOf(form, { data: { count: 3 } }))
    expect(status).toBe(422)
    expect(body.detail).toContain("'note'")
  })

  test('case 57: a draft takes live submissions from nobody', async () => {
    const draft = expectStatus(
      201,
      await cast.bruno.post('/forms', { project_id: form.projectId, name: 'Draft', schema: NOTE_FORM }),
    )
    const { draft_version_id, current_version_id } = (await cast.bruno.get(`/forms/${draft.body.id}`)).body
    const form_version_id = draft_version_id ?? current_version_id
    const { status, body } = await cast.amina.post('/submissions', { form_version_id, data: { note: 'x' } })
    expect(status).toBe(422)
    expect(body.code).toBe('version_unpublished')
  })

  test('case 58: without a credential 401; a collected_at that is no time 422', async () => {
    expect((await cast.nobody.post('/submissions', submissionOf(form))).status).toBe(401)
    const { status, body } = await cast.amina.post('/submissions', { ...submissionOf(form), collected_at: 'yesterday' })
    expect(status).toBe(422)
    expect(body.detail[0].loc).toEqual(['body', 'collected_at'])
  })

  test('a clock that is an hour ahead is an issue, not a refusal', async () => {
    const sent = submissionOf(form, { collected_at: '2026-11-23T09:00:00Z' })
    const { body } = expectStatus(201, await cast.amina.post('/submissions', sent))
    const read = await cast.chiara.get(`/submissions/${body.id}`)
    expect(read.body.issues).toMatchObject([{ path: 'collected_at', code: 'future' }])
    expect(read.body.review_state).toBe('has_issues')
  })

  test('answers larger than a database row come back whole', async () => {
    const note = 'ü'.repeat(700_000)
    const { body } = expectStatus(201, await cast.amina.post('/submissions', submissionOf(form, { data: { note } })))
    expect((await cast.chiara.get(`/submissions/${body.id}`)).body.data.note).toBe(note)
  })

  test('data_json is another name for data', async () => {
    const { data, ...rest } = submissionOf(form)
    const { body } = expectStatus(201, await cast.amina.post('/submissions', { ...rest, data_json: data }))
    expect((await cast.chiara.get(`/submissions/${body.id}`)).body.data).toEqual(data)
  })
})

describe('listing', () => {
  test('case 67: newest first, 50 unless asked otherwise', async () => {
    const device = await cast.pair(cast.bruno)
    const sent = Array.from({ length: 55 }, (_, i) => submissionOf(form, { data: { note: `n${i}` } }))
    expectStatus(200, await device.post('/submissions/bulk', sent))
    const first = await cast.chiara.get(`/submissions?form_id=${form.id}`)
    expect(first.body.map((item: any) => item.data.note)).toEqual(Array.from({ length: 50 }, (_, i) => `n${54 - i}`))
    expect(first.headers.get('x-total-count')).toBe('55')
    expect((await cast.chiara.get(`/submissions?form_id=${form.id}&skip=50`)).body).toHaveLength(5)
    expect((await cast.chiara.get(`/submissions?form_id=${form.id}&limit=10`)).body).toHaveLength(10)
    expect((await cast.chiara.get(`/submissions?form_id=${form.id}&page=6&per_page=10`)).body).toHaveLength(5)
  })

  test('following the cursor shows each submission once, although more arrive meanwhile', async () => {
    for (let i = 0; i < 7; i++)
      expectStatus(201, await cast.amina.post('/submissions', submissionOf(form, { data: { note: `n${i}` } })))
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: Answer = await cast.chiara.get(`/submissions?limit=3${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.body.map((item: any) => item.data.note))
      cursor = page.headers.get('x-next-cursor')
      expectStatus(201, await cast.amina.post('/submissions', submissionOf(form, { data: { note: 'late' } })))
    }
    expect(seen).toEqual(['n6', 'n5', 'n4', 'n3', 'n2', 'n1', 'n0'])
  })

  test("case 68: bounds are inclusive, a date means its whole day in the project's time zone", async () => {
    const at = async (collected_at: string) =>
      expectStatus(201, await cast.amina.post('/submissions', submissionOf(form, { collected_at })))
    await at('2026-11-10T00:00:00Z')
    await at('2026-11-12T23:59:59Z')
    await at('2026-11-13T00:00:00Z')
    const list = async (query: string) =>
      (await cast.chiara.get(`/submissions?form_id=${form.id}&${query}`)).body
        .map((item: any) => item.collected_at)
        .reverse()
    expect(await list('start_date=2026-11-10T00:00:00Z&end_date=2026-11-12T23:59:59Z')).toEqual([
      '2026-11-10T00:00:00Z',
      '2026-11-12T23:59:59Z',
    ])
    expect(await list('from=2026-11-11&to=2026-11-12')).toEqual(['2026-11-12T23:59:59Z'])
    expectStatus(200, await cast.bruno.patch(`/projects/${form.projectId}`, { time_zone: 'Africa/Nairobi' }))
    // 23:59 in London is the next day in Nairobi.
    expect(await list('from=2026-11-13&to=2026-11-13')).toEqual(['2026-11-12T23:59:59Z', '2026-11-13T00:00:00Z'])
    const total = await cast.chiara.get(`/submissions?form_id=${form.id}&from=2026-11-13`)
    expect(total.headers.get('x-total-count')).toBe('2')
  })

  test('a submission without collected_at is found by the time it arrived', async () => {
    expectStatus(201, await cast.amina.post('/submissions', submissionOf(form)))
    expect((await cast.chiara.get('/submissions?from=2026-11-23&to=2026-11-23')).body).toHaveLength(1)
    expect((await cast.chiara.get('/submissions?to=2026-11-22')).body).toHaveLength(0)
  })

  test('case 69: nonsense limits are 422, and the other tenant sees nothing', async () => {
    expectStatus(201, await cast.amina.post('/submissions', submissionOf(form)))
    for (const query of [
      'limit=0',
      'limit=-1',
      'skip=-1',
      'limit=x',
      'from=yesterday',
      'from=2026-02-30',
      'cursor=%25',
      'from=2026-11-02&to=2026-11-01',
    ]) {
      expect((await cast.chiara.get(`/submissions?${query}`)).status, query).toBe(422)
    }
    expect((await cast.chiara.get('/submissions?limit=99999')).status).toBe(200)
    const theirs = await cast.dario.get(`/submissions?form_id=${form.id}`)
    expect(theirs.body).toEqual([])
    expect(theirs.headers.get('x-total-count')).toBe('0')
  })

  test('field workers see their own, managers see all', async () => {
    const ours = expectStatus(201, await cast.amina.post('/submissions', submissionOf(form)))
    const theirs = expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form)))
    const list = await cast.amina.get('/submissions')
    expect(list.body.map((item: any) => item.id)).toEqual([ours.body.id])
    expect(list.headers.get('x-total-count')).toBe('1')
    expect((await cast.amina.get(`/submissions/${theirs.body.id}`)).status).toBe(404)
    expect((await cast.bruno.get('/submissions')).body).toHaveLength(2)
  })

  test('a field worker who manages one project sees all of that project', async () => {
    const elsewhere = await publishForm(cast.bruno, NOTE_FORM, 'Elsewhere')
    expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form)))
    expectStatus(201, await cast.bruno.post('/submissions', submissionOf(elsewhere)))
    const memberships = [{ project_id: form.projectId, role: 'manager' }]
    expectStatus(200, await cast.chiara.patch(`/users/${cast.amina.id}`, { memberships }))
    expect((await cast.amina.get('/submissions')).body).toHaveLength(1)
    expect((await cast.amina.get(`/submissions?form_id=${form.id}`)).body).toHaveLength(1)
    expect((await cast.amina.get(`/submissions?form_id=${elsewhere.id}`)).body).toHaveLength(0)
  })
})
