// Forms: cases 26-31, 36 and 37 of the native contract, keys, the archive.
import { describe, expect, test } from 'vitest'
import { type Caller, expectStatus, makeCast } from '../support/app.ts'
import { fixtureS } from '../support/fixture-s.ts'
import { NOTE_FORM, publishFormIn } from '../support/forms.ts'

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

describe('making a form', () => {
  test('case 26: a new form is a draft, version 1, titled by its name', async () => {
    const { bruno, project } = await start()
    const { status, body } = await bruno.post('/forms', { project_id: project, name: 'Ménages 2026', schema: fixtureS })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'Ménages 2026',
      key: 'menages_2026',
      project_id: project,
      published: false,
      is_published: false,
      has_draft: true,
      archived: false,
      version_num: 1,
      created_at: '2026-11-23T08:00:00Z',
    })
    expect(body.current_version_id).toBe(body.draft_version_id)
    const read = expectStatus(200, await bruno.get(`/forms/${body.id}`))
    expect(read.body).toMatchObject({ ...body, schema: fixtureS, schema_json: fixtureS })

    const untitled = expectStatus(201, await bruno.post('/forms', { project_id: project, name: 'Wells' }))
    expect((await bruno.get(`/forms/${untitled.body.id}`)).body.schema).toEqual({
      version: 1,
      title: 'Wells',
      fields: [],
    })
    const alias = expectStatus(
      201,
      await bruno.post('/forms', { project_id: project, name: 'Old client', schema_json: { title: 'Kept', x: 1 } }),
    )
    expect((await bruno.get(`/forms/${alias.body.id}`)).body.schema).toEqual({
      version: 1,
      title: 'Kept',
      fields: [],
      x: 1,
    })
  })

  test('case 27: a form goes only into a project of the own tenant', async () => {
    const { bruno, dario, project } = await start()
    const foreign = await dario.post('/forms', { project_id: project, name: 'Mine', schema: NOTE_FORM })
    expect(foreign).toMatchObject({ status: 404, body: { detail: 'Project not found' } })
    expect((await bruno.post('/forms', { project_id: UNKNOWN, name: 'x' })).status).toBe(404)
    expect((await bruno.post('/forms', { project_id: 'not-a-uuid', name: 'x' })).status).toBe(422)
    expect((await bruno.get('/forms')).body).toEqual([])
  })

  test('a form that is made while its project is deleted never ends up without one', async () => {
    const { bruno, chiara, create, project } = await start()
    const scrapped = await create()
    expectStatus(204, await chiara.delete(`/forms/${scrapped.id}`))
    const [gone, made] = await Promise.all([
      chiara.delete(`/projects/${project}`),
      bruno.post('/forms', { project_id: project, name: 'Late', schema: NOTE_FORM }),
    ])
    expect([
      [204, 404],
      [409, 201],
    ]).toContainEqual([gone.status, made.status])
    expect((await bruno.get('/forms')).body).toHaveLength(made.status === 201 ? 1 : 0)
  })

  test('field workers neither make nor change forms, but read them', async () => {
    const { amina, project, create } = await start()
    const form = await create()
    expect((await amina.post('/forms', { project_id: project, name: 'Mine' })).status).toBe(403)
    expect((await amina.put(`/forms/${form.id}`, { name: 'Mine' })).status).toBe(403)
    expect((await amina.post(`/forms/${form.id}/publish`)).status).toBe(403)
    expect((await amina.post(`/forms/${form.id}/archive`)).status).toBe(403)
    expect((await amina.get(`/forms/${form.id}`)).status).toBe(200)
  })

  test('a definition that is too large is refused', async () => {
    const { bruno, project } = await start()
    const schema = (bytes: number) => ({ fields: [{ id: 'a', type: 'note', body: 'x'.repeat(bytes) }] })
    const large = await bruno.post('/forms', { project_id: project, name: 'Large', schema: schema(1_400_000) })
    expect(large.status).toBe(201)
    const larger = await bruno.put(`/forms/${large.body.id}`, { schema: schema(1_600_000) })
    expect(larger).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    expect(larger.body.detail).toContain('1.5 MB')
  })
})

describe('keys', () => {
  test('forms of one name get different keys, also when they are made at the same time', async () => {
    const { create } = await start()
    const made = await Promise.all(Array.from({ length: 6 }, () => create()))
    expect(made.map(({ key }) => key).sort()).toEqual([
      'households',
      'households_2',
      'households_3',
      'households_4',
      'households_5',
      'households_6',
    ])
  })

  test('names in any script have a key', async () => {
    const { create } = await start()
    const arabic = await create({ name: 'استبيان' })
    expect(arabic.key).toBe(`form_${arabic.id.slice(0, 8)}`)
    expect((await create({ name: '2026 — trees' })).key).toBe('form_2026_trees')
  })

  test('a key that was asked for is given exactly, or refused', async () => {
    const { bruno, dario, project, create } = await start()
    expect((await create({ key: 'Hh.Survey-1' })).key).toBe('Hh.Survey-1')
    const taken = await bruno.post('/forms', { project_id: project, name: 'Again', key: 'Hh.Survey-1' })
    expect(taken).toMatchObject({ status: 409, body: { code: 'form_key_taken' } })
    for (const key of ['1st', 'a b', '', 'x'.repeat(101)])
      expect((await bruno.post('/forms', { project_id: project, name: 'x', key })).status).toBe(422)
    const own = expectStatus(201, await dario.post('/projects', { name: 'Own' })).body.id
    expectStatus(201, await dario.post('/forms', { project_id: own, name: 'x', key: 'Hh.Survey-1' }))
  })

  test('a deleted form frees its key, a new name does not change it', async () => {
    const { bruno, chiara, create } = await start()
    const first = await create({ key: 'hh' })
    expectStatus(204, await chiara.delete(`/forms/${first.id}`))
    const second = await create({ key: 'hh' })
    expectStatus(200, await bruno.put(`/forms/${second.id}`, { name: 'Other name' }))
    expect((await bruno.get(`/forms/${second.id}`)).body).toMatchObject({ key: 'hh', name: 'Other name' })
  })
})

describe('what is wrong with a definition', () => {
  test('case 28: an id that is used at two levels is named', async () => {
    const { bruno, create } = await start()
    const form = await create()
    const schema = {
      fields: [
        { id: 'a', type: 'text' },
        { id: 'g', type: 'group', fields: [{ id: 'a', type: 'text' }] },
      ],
    }
    const { status, body } = await bruno.put(`/forms/${form.id}`, { schema })
    expect(status).toBe(422)
    expect(body.detail).toEqual(["fields[1].fields[0]: duplicate id 'a'"])
  })

  test.each([
    ['without id', { fields: [{ type: 'text' }] }],
    ['without type', { fields: [{ id: 'a' }] }],
    ['of unknown type', { fields: [{ id: 'a', type: 'hologram' }] }],
    ['select without options', { fields: [{ id: 'a', type: 'select_one' }] }],
    ['group without fields', { fields: [{ id: 'a', type: 'group' }] }],
    ['fields that are no list', { fields: {} }],
    ['no fields at all', { title: 'x' }],
  ])('case 29: %s is refused', async (_, schema) => {
    const { bruno, create } = await start()
    const form = await create()
    const refused = await bruno.put(`/forms/${form.id}`, { schema })
    expect(refused).toMatchObject({ status: 422, body: { code: 'schema_invalid' } })
    expect((await bruno.get(`/forms/${form.id}`)).body.schema.fields).toMatchObject(NOTE_FORM.fields)
  })

  test('case 29: all faults of a document are told together, at creation too', async () => {
    const { bruno, project } = await start()
    const schema = { fields: [{ type: 'text' }, { id: 'b' }, { id: 'c', type: 'select_one', options: [] }] }
    const refused = await bruno.post('/forms', { project_id: project, name: 'Faulty', schema })
    expect(refused.status).toBe(422)
    expect(refused.body.detail).toHaveLength(3)
    expect((await bruno.get('/forms')).body).toEqual([])
  })

  test('cases 30 and 31: empty groups, deep nesting and every type are fine', async () => {
    const { bruno, create } = await start()
    const form = await create()
    const deep = { id: 'g2', type: 'group', fields: [{ id: 't', type: 'text' }] }
    const schema = {
      fields: [
        { id: 'g', type: 'group', fields: [] },
        { id: 'r', type: 'repeat', fields: [deep] },
        { id: 'h', type: 'hidden', default: 'x' },
        { id: 'a', type: 'number' },
        { id: 'c', type: 'calculated', expression: 'a + 1' },
        { id: 'ts', type: 'timestamp' },
      ],
    }
    expect(await bruno.put(`/forms/${form.id}`, { schema })).toMatchObject({ status: 200, body: { status: 'updated' } })
    expect((await bruno.get(`/forms/${form.id}`)).body.schema.fields).toMatchObject(schema.fields)
  })
})

describe('finding forms', () => {
  test('cases 36 and 37: the list is split by state, and filtered by project and archive', async () => {
    const { bruno, dario, project, create } = await start()
    const draft = await create({ name: 'Draft' })
    const live = await publishFormIn(bruno, project, NOTE_FORM, 'Live')
    const elsewhere = expectStatus(201, await bruno.post('/projects', { name: 'Elsewhere' })).body.id
    const other = await create({ name: 'Other', project_id: elsewhere })
    const ids = async (query: string) =>
      expectStatus(200, await bruno.get(`/forms${query}`)).body.map((form: any) => form.id)

    expect((await ids('')).sort()).toEqual([draft.id, live.id, other.id].sort())
    expect((await ids('?status=draft')).sort()).toEqual([draft.id, other.id].sort())
    expect(await ids('?status=published')).toEqual([live.id])
    expect(await ids(`?project_id=${elsewhere}`)).toEqual([other.id])
    expect(await ids(`?project_id=${UNKNOWN}`)).toEqual([])
    expect((await bruno.get('/forms?status=lost')).status).toBe(422)
    expect((await bruno.get('/forms?project_id=x')).status).toBe(422)
    expect((await dario.get('/forms')).body).toEqual([])

    // Opening a draft does not take a published form out of use.
    expectStatus(200, await bruno.put(`/forms/${live.id}`, { schema: fieldsOf('next') }))
    expect(await ids('?status=published')).toEqual([live.id])
    const [item] = (await bruno.get('/forms?status=published')).body
    expect(item).toMatchObject({ id: live.id, name: 'Live', project_id: project, published: true, has_draft: true })
    expect(item).toMatchObject({ created_at: '2026-11-23T08:00:00Z', version_num: 2 })

    expectStatus(200, await bruno.post(`/forms/${draft.id}/archive`))
    expect(await ids('?archived=true')).toEqual([draft.id])
    expect((await ids('?archived=false')).sort()).toEqual([live.id, other.id].sort())
  })

  test('an archived form is not offered, can be read, takes submissions, and comes back', async () => {
    const { bruno, chiara, project, pair, addKey } = await start()
    const form = await publishFormIn(bruno, project, NOTE_FORM, 'Wells')
    const device = await pair(bruno)
    const key = await addKey(chiara)
    expect((await device.get('/mobile/forms')).body).toHaveLength(1)
    const archived = await bruno.post(`/forms/${form.id}/archive`)
    expect(archived).toMatchObject({ status: 200, body: { id: form.id, archived: true } })
    expect(await bruno.post(`/forms/${form.id}/archive`)).toMatchObject({ status: 200, body: { archived: true } })
    expect((await device.get('/mobile/forms')).body).toEqual([])
    expect((await key.get('/headless/forms')).body).toEqual([])
    expect((await key.get(`/headless/forms/${form.id}/schema`)).status).toBe(200)
    expect((await bruno.get(`/forms/${form.id}`)).body.archived).toBe(true)
    const sent = await device.post('/submissions', {
      form_version_id: form.versionId,
      local_uuid: '5f0a3c52-0000-4000-8000-000000000001',
      data: { note: 'late' },
    })
    expect(sent).toMatchObject({ status: 201, body: { status: 'accepted' } })
    expectStatus(200, await bruno.post(`/forms/${form.id}/unarchive`))
    expect((await device.get('/mobile/forms')).body).toHaveLength(1)
  })

  test('case 123: another tenant finds no form of ours and changes none', async () => {
    const { bruno, dario, create } = await start()
    const form = await create()
    const answers = await Promise.all([
      dario.get(`/forms/${form.id}`),
      dario.put(`/forms/${form.id}`, { name: 'Mine' }),
      dario.put(`/forms/${form.id}`, { schema: fieldsOf('mine') }),
      dario.post(`/forms/${form.id}/publish`),
      dario.post(`/forms/${form.id}/archive`),
      dario.post(`/forms/${form.id}/unarchive`),
      dario.delete(`/forms/${form.id}`),
    ])
    expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(404))
    expect((await bruno.get(`/forms/${form.id}`)).body).toMatchObject(form)
    expect((await bruno.get('/forms/not-a-uuid')).status).toBe(404)
  })
})
