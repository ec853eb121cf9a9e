// What changes between versions: identities of fields, comparisons, and changes that answers would not survive.
import { beforeEach, expect, test } from 'vitest'
import { type Cast, expectStatus, makeCast } from '../support/app.ts'
import { type PublishedForm, publishAgain, publishForm, submissionOf } from '../support/forms.ts'

let cast: Cast
let form: PublishedForm

const SURVEY = {
  fields: [
    { id: 'name', type: 'text' },
    { id: 'age', type: 'number' },
    { id: 'water', type: 'select_one', options: [{ value: 'tap' }, { value: 'rain' }] },
  ],
}

beforeEach(async () => {
  cast = await makeCast()
  form = await publishForm(cast.bruno, SURVEY)
})

const fieldsOf = async () => expectStatus(200, await cast.bruno.get(`/forms/${form.id}`)).body.schema.fields as any[]
const put = async (fields: unknown[]) =>
  expectStatus(200, await cast.bruno.put(`/forms/${form.id}`, { schema: { fields } }))
const publish = (body?: unknown) => cast.bruno.post(`/forms/${form.id}/publish`, body)
const diff = (query = '') => cast.bruno.get(`/forms/${form.id}/diff${query}`)
const NOTHING = {
  added: [],
  removed: [],
  renamed: [],
  type_changed: [],
  moved: [],
  options_removed: [],
  made_required: [],
}

test('a field keeps its identity when it is renamed, left out of a draft and taken up again', async () => {
  const [name, age, water] = await fieldsOf()
  expect(new Set([name.uid, age.uid, water.uid]).size).toBe(3)
  // A client that knows nothing of uids sends the document without them.
  await put([...SURVEY.fields, { id: 'phone', type: 'phone' }])
  expect((await fieldsOf()).slice(0, 3)).toEqual([name, age, water])
  await put([{ ...name, id: 'full_name' }])
  expect(await fieldsOf()).toEqual([{ ...name, id: 'full_name', previous_ids: ['name'] }])
  await put([
    { ...name, id: 'full_name' },
    { id: 'age', type: 'number' },
  ])
  expect((await fieldsOf())[1].uid).toBe(age.uid)
})

test('of two who change the same state, one is told that somebody else has saved, and nothing of it is stored', async () => {
  const base = expectStatus(200, await cast.bruno.get(`/forms/${form.id}`)).body.schema_sha256 as string
  expect(base).toMatch(/^[0-9a-f]{64}$/)
  const save = (ids: string[], base_sha256?: string) =>
    cast.bruno.put(`/forms/${form.id}`, {
      name: ids.join(),
      schema: { fields: ids.map((id) => ({ id, uid: id, type: 'text' })) },
      base_sha256,
    })
  const both = await Promise.all([save(['a'], base), save(['b'], base)])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
  const refused = both.find(({ status }) => status === 409)!
  expect(refused.body).toMatchObject({ code: 'form_changed', detail: expect.stringContaining('Somebody else') })
  const stored = both.find(({ status }) => status === 200)!.body
  const now = expectStatus(200, await cast.bruno.get(`/forms/${form.id}`)).body
  expect(now).toMatchObject({ name: stored.name, schema_sha256: stored.schema_sha256, has_draft: true })
  expect(now.schema.fields.map(({ id }: { id: string }) => id)).toEqual([stored.name])
  const saved = async () =>
    (await cast.chiara.get('/audit?action=form.draft_saved')).body.items.filter(
      ({ subject_id }: { subject_id: string }) => subject_id === form.id,
    ).length
  expect(await saved()).toBe(1)

  // The answer was lost, and the same is sent again: that is no conflict.
  expect(expectStatus(200, await save([stored.name], base)).body.schema_sha256).toBe(stored.schema_sha256)
  expect((await save(['c'], base)).status).toBe(409)
  expectStatus(200, await save(['c'], stored.schema_sha256))
  // Whoever names no state replaces what is there; publishing does not change it.
  const last = expectStatus(200, await save(['d'])).body.schema_sha256
  expectStatus(200, await publish({ force: true }))
  expectStatus(200, await save(['e'], last))
  expect((await save(['f'], last)).status).toBe(409)
})

test('the difference between two versions is told field by field', async () => {
  const [name, age, water] = await fieldsOf()
  await put([
    { ...name, id: 'full_name', required: true },
    { id: 'hh', type: 'repeat', fields: [{ ...age, type: 'integer' }] },
    { ...water, options: [{ value: 'tap' }] },
  ])
  const { body } = expectStatus(200, await diff())
  expect(body).toMatchObject({
    from: { version_id: form.versionId, version_num: 1, is_draft: false },
    to: { version_num: 2, is_draft: true },
    unchanged: false,
    needs_force: false,
  })
  expect(body.diff).toEqual({
    ...NOTHING,
    added: [{ id: 'hh', uid: expect.any(String) }],
    renamed: [{ id: 'full_name', uid: name.uid, from: 'name' }],
    type_changed: [{ id: 'age', uid: age.uid, from: 'number', to: 'integer' }],
    moved: [{ id: 'age', uid: age.uid, from: [], to: ['hh'] }],
    options_removed: [{ id: 'water', uid: water.uid, values: ['rain'] }],
    made_required: [{ id: 'full_name', uid: name.uid }],
  })
  expectStatus(200, await publish())
  const backwards = expectStatus(200, await diff('?from=2&to=1')).body
  expect(backwards.diff).toMatchObject({ removed: [{ id: 'hh' }], renamed: [{ id: 'name', from: 'full_name' }] })
  expect(expectStatus(200, await diff()).body).toMatchObject({ unchanged: true, diff: NOTHING })
  expect(expectStatus(200, await diff(`?from=${form.versionId}&to=live`)).body.from.version_num).toBe(1)
})

test('a version that is not there, or is of another form, is not compared', async () => {
  const other = await publishForm(cast.bruno, SURVEY, 'Other')
  for (const query of ['?to=draft', '?from=7', '?from=x', `?to=${other.versionId}`, `?from=${form.id}`])
    expect(await diff(query)).toMatchObject({ status: 404, body: { code: 'version_not_found' } })
  const project = form.projectId
  const draft = expectStatus(201, await cast.bruno.post('/forms', { project_id: project, name: 'x', schema: SURVEY }))
  expect((await cast.bruno.get(`/forms/${draft.body.id}/diff`)).status).toBe(404)
  expect((await cast.dario.get(`/forms/${form.id}/diff`)).body.code).toBe('form_not_found')
})

test('publishing tells what changed, and what looks like a slip', async () => {
  const first = expectStatus(201, await cast.bruno.post('/forms', { project_id: form.projectId, name: 'New' })).body
  expect((await cast.bruno.post(`/forms/${first.id}/publish`)).body).toMatchObject({ diff: null, warnings: [] })
  const [name, age, water] = await fieldsOf()
  await put([name, age, water, { id: 'why', type: 'text', relevant: "water = 'wel'" }])
  expect((await publish()).body).toEqual({
    status: 'published',
    version_id: expect.any(String),
    version_num: 2,
    diff: { ...NOTHING, added: [{ id: 'why', uid: expect.any(String) }] },
    warnings: ["fields[3]: relevant, column 9: 'wel' is no option of 'water'"],
  })
})

test('a change of type on a field that may have answers is published only with force', async () => {
  const [name, age, water] = await fieldsOf()
  const retyped = [name, { ...age, type: 'text' }, water]
  // Nobody has answered yet.
  await put(retyped)
  expectStatus(200, await publish())
  await put([name, age, water])
  expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form, { data: { age: 3 } })))
  expect(expectStatus(200, await diff()).body.needs_force).toBe(true)
  const refused = await publish()
  expect(refused).toMatchObject({ status: 409, body: { code: 'force_needed' } })
  expect(refused.body.detail).toEqual([
    {
      type: 'type_changed',
      loc: ['fields', 'age'],
      msg: "'age' has answers of type text, which would be read as number.",
    },
  ])
  expect(refused.body.diff).toEqual({
    ...NOTHING,
    type_changed: [{ id: 'age', uid: age.uid, from: 'text', to: 'number' }],
  })
  expect((await publish({ force: false })).status).toBe(409)
  expect((await publish({ force: 'yes' })).status).toBe(422)
  expectStatus(200, await publish({ force: true }))
  expect((await cast.bruno.get(`/forms/${form.id}`)).body).toMatchObject({ version_num: 3, has_draft: false })
})

test('publishing needs no body, whatever a client calls the one that it does not send', async () => {
  const bodies = [() => undefined, () => '', () => new Blob([]).stream()]
  const types: Record<string, string>[] = [
    {},
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/json' },
  ]
  let count = 0
  for (const bodyOf of bodies) {
    for (const headers of types) {
      await put([{ id: `q${count++}`, type: 'text' }])
      const sent = { headers, body: bodyOf() }
      expectStatus(200, await cast.bruno.request('POST', `/forms/${form.id}/publish`, sent))
    }
  }
})

test('a field that goes into rows needs force, a rename, a removal and a new rule do not', async () => {
  expectStatus(201, await cast.bruno.post('/submissions', submissionOf(form, { data: { name: 'Awa', age: 3 } })))
  const [name, age, water] = await fieldsOf()
  await put([{ ...name, id: 'full_name', required: true }, age])
  expectStatus(200, await publish())
  await put([name, { id: 'hh', type: 'repeat', fields: [age] }, water])
  const refused = await publish()
  expect(refused.body.detail).toMatchObject([{ type: 'moved', loc: ['fields', 'age'] }])
})

test('test data does not stand in the way of its own draft', async () => {
  const { token } = expectStatus(200, await cast.bruno.post('/settings/mobile/pairing-token', { mode: 'test' })).body
  const paired = expectStatus(200, await cast.nobody.post('/mobile/pair', { token }))
  const phone = cast.as({ authorization: `Bearer ${paired.body.device_token}` })
  expectStatus(201, await phone.post('/submissions', submissionOf(form, { data: { age: 3 } })))
  const [name, age, water] = await fieldsOf()
  await publishAgain(cast.bruno, form.id, { fields: [name, { ...age, type: 'text' }, water] })
})
