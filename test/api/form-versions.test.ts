// Versions of a form: cases 32-35 of the native contract, and authors who work at the same time.
import { expect, test } from 'vitest'
import { type Caller, expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM } from '../support/forms.ts'

const UNKNOWN = '11111111-1111-4111-8111-111111111111'
const fieldsOf = (...ids: string[]) => ({ fields: ids.map((id) => ({ id, type: 'text' })) })

async function start() {
  const cast = await makeCast()
  const project = expectStatus(201, await cast.bruno.post('/projects', { name: 'Survey' })).body.id as string
  const create = async (body: Record<string, unknown> = {}, by: Caller = cast.bruno) =>
    expectStatus(201, await by.post('/forms', { project_id: project, name: 'Households', schema: NOTE_FORM, ...body }))
      .body
  return { ...cast, project, create }
}

test('case 32: a new name leaves the definition alone', async () => {
  const { bruno, create } = await start()
  const form = await create()
  const before = (await bruno.get(`/forms/${form.id}`)).body
  expectStatus(200, await bruno.put(`/forms/${form.id}`, { name: 'Families' }))
  expect((await bruno.get(`/forms/${form.id}`)).body).toEqual({ ...before, name: 'Families' })
  expect((await bruno.put(`/forms/${form.id}`, {})).status).toBe(422)
  expect((await bruno.put(`/forms/${form.id}`, { name: ' ' })).status).toBe(422)
})

test('case 33: publishing twice without a change is refused', async () => {
  const { bruno, create } = await start()
  const form = await create()
  expect(await bruno.post(`/forms/${form.id}/publish`)).toMatchObject({
    status: 200,
    body: { status: 'published', version_id: form.current_version_id, version_num: 1 },
  })
  const again = await bruno.post(`/forms/${form.id}/publish`)
  expect(again).toMatchObject({ status: 400, body: { detail: 'No draft to publish', code: 'nothing_to_publish' } })
})

test('a draft that says the same as the live version is nothing to publish', async () => {
  const { bruno, create } = await start()
  const form = await create()
  expectStatus(200, await bruno.post(`/forms/${form.id}/publish`))
  const live = (await bruno.get(`/forms/${form.id}`)).body
  expectStatus(200, await bruno.put(`/forms/${form.id}`, { schema: live.schema }))
  expect((await bruno.post(`/forms/${form.id}/publish`)).status).toBe(400)
  expectStatus(200, await bruno.put(`/forms/${form.id}`, { schema: fieldsOf('other') }))
  expect((await bruno.post(`/forms/${form.id}/publish`)).body.version_num).toBe(2)
})

test('case 34: a change after publishing is a draft until it is published', async () => {
  const { bruno, chiara, create, pair, addKey } = await start()
  const device = await pair(bruno)
  const key = await addKey(chiara)
  const form = await create({ schema: fieldsOf('one') })
  const { version_id: first } = expectStatus(200, await bruno.post(`/forms/${form.id}/publish`)).body
  expectStatus(200, await bruno.put(`/forms/${form.id}`, { schema: fieldsOf('one', 'two') }))

  const draft = (await bruno.get(`/forms/${form.id}`)).body
  expect(draft).toMatchObject({ version_num: 2, published: true, has_draft: true, current_version_id: first })
  expect(draft.schema.fields).toHaveLength(2)
  const served = async () => ({
    headless: (await key.get(`/headless/forms/${form.id}/schema`)).body.version_num,
    mobile: (await device.get('/mobile/forms')).body[0].version_num,
  })
  expect(await served()).toEqual({ headless: 1, mobile: 1 })

  expectStatus(200, await bruno.put(`/forms/${form.id}`, { schema: fieldsOf('one', 'two', 'three') }))
  const { body } = expectStatus(200, await bruno.post(`/forms/${form.id}/publish`))
  expect(body).toMatchObject({ version_num: 2, version_id: draft.draft_version_id })
  expect(await served()).toEqual({ headless: 2, mobile: 2 })
  expect((await bruno.get(`/forms/${form.id}`)).body).toMatchObject({
    version_num: 2,
    has_draft: false,
    draft_version_id: null,
    current_version_id: body.version_id,
  })
})

test('case 35: the versions are the published ones, newest first', async () => {
  const { amina, bruno, dario, create } = await start()
  const form = await create({ schema: fieldsOf('v1') })
  expectStatus(200, await bruno.post(`/forms/${form.id}/publish`))
  expectStatus(200, await bruno.put(`/forms/${form.id}`, { schema: fieldsOf('v2') }))
  expectStatus(200, await bruno.post(`/forms/${form.id}/publish`))
  expectStatus(200, await bruno.put(`/forms/${form.id}`, { schema: fieldsOf('v3') }))
  const { body: versions } = expectStatus(200, await amina.get(`/forms/${form.id}/versions`))
  expect(versions.map((v: any) => [v.version_num, v.is_current])).toEqual([
    [2, true],
    [1, false],
  ])

  const first = await amina.get(`/forms/${form.id}/versions/${versions[1].id}`)
  expect(first.body).toMatchObject({ version_num: 1, form_name: 'Households', published_at: '2026-11-23T08:00:00Z' })
  expect(first.body.schema).toEqual(first.body.schema_json)
  expect(first.body.schema.fields[0].id).toBe('v1')

  const other = await create()
  for (const [caller, path] of [
    [amina, `/forms/${form.id}/versions/${UNKNOWN}`],
    [amina, `/forms/${form.id}/versions/not-a-uuid`],
    [amina, `/forms/${other.id}/versions/${versions[1].id}`],
    [amina, `/forms/${UNKNOWN}/versions`],
    [dario, `/forms/${form.id}/versions`],
    [dario, `/forms/${form.id}/versions/${versions[1].id}`],
  ] as const)
    expect((await caller.get(path)).status).toBe(404)
})

test('two who publish at the same time make one version', async () => {
  const { bruno, chiara, create } = await start()
  const form = await create()
  const answers = await Promise.all([
    bruno.post(`/forms/${form.id}/publish`),
    chiara.post(`/forms/${form.id}/publish`),
    bruno.post(`/forms/${form.id}/publish`),
  ])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
  expect((await bruno.get(`/forms/${form.id}/versions`)).body).toHaveLength(1)
})

test('two who change a published form at the same time share one draft, and the loser loses no version', async () => {
  const { bruno, chiara, create } = await start()
  const form = await create({ schema: fieldsOf('live') })
  expectStatus(200, await bruno.post(`/forms/${form.id}/publish`))
  const answers = await Promise.all([
    bruno.put(`/forms/${form.id}`, { schema: fieldsOf('b') }),
    chiara.put(`/forms/${form.id}`, { schema: fieldsOf('c') }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(new Set(answers.map(({ body }) => body.draft_version_id)).size).toBe(1)
  expect((await bruno.get(`/forms/${form.id}`)).body.version_num).toBe(2)
})

test('a change that races with publishing never alters what was published', async () => {
  const { bruno, chiara, create } = await start()
  const form = await create({ schema: fieldsOf('before') })
  const [published, changed] = await Promise.all([
    bruno.post(`/forms/${form.id}/publish`),
    chiara.put(`/forms/${form.id}`, { schema: fieldsOf('after') }),
  ])
  expect([published.status, changed.status]).toEqual([200, 200])
  const at = (id: string) => bruno.get(`/forms/${form.id}/versions/${id}`)
  const live = (await at(published.body.version_id)).body.schema.fields[0].id
  const shown = (await bruno.get(`/forms/${form.id}`)).body
  // Either the change came first and was published, or it came later and waits as version 2.
  expect(shown.schema.fields[0].id).toBe('after')
  expect([live, shown.version_num]).toEqual(shown.has_draft ? ['before', 2] : ['after', 1])
})
