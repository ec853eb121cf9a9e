// What API keys read: cases 101-103 of the native contract, and keys that are limited to a project.
import { expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM, publishFormIn } from '../support/forms.ts'

const UNKNOWN = '11111111-1111-4111-8111-111111111111'

async function start() {
  const cast = await makeCast()
  const { bruno, chiara } = cast
  const birds = expectStatus(201, await bruno.post('/projects', { name: 'Birds', description: 'All' })).body.id
  const trees = expectStatus(201, await bruno.post('/projects', { name: 'Trees' })).body.id
  const owl = await publishFormIn(bruno, birds, NOTE_FORM, 'Owl')
  const oak = await publishFormIn(bruno, trees, NOTE_FORM, 'Oak')
  const draft = expectStatus(201, await bruno.post('/forms', { project_id: birds, name: 'Draft', schema: NOTE_FORM }))
  return { ...cast, birds, trees, owl, oak, draftId: draft.body.id as string, key: await cast.addKey(chiara) }
}

test('case 101: the headless endpoints take an API key and nothing else', async () => {
  const { as, bruno, key, nobody, owl } = await start()
  for (const path of ['/headless/projects', '/headless/forms', `/headless/forms/${owl.id}/schema`]) {
    expect(await nobody.get(path)).toMatchObject({ status: 401, body: { detail: 'API key required' } })
    expect((await as({ 'x-api-key': 'qb_wrong' }).get(path)).status).toBe(401)
    expect((await bruno.get(path)).status).toBe(401)
    expect((await key.get(path)).status).toBe(200)
  }
  for (const path of ['/forms', '/projects', `/forms/${owl.id}`]) expect((await key.get(path)).status).toBe(401)
})

test('case 102: only published forms are listed, with the number of the live version', async () => {
  const { bruno, key, birds, trees, owl, oak } = await start()
  expectStatus(200, await bruno.put(`/forms/${owl.id}`, { schema: { fields: [] } }))
  const item = (form: typeof owl, name: string) => ({
    id: form.id,
    name,
    key: name.toLowerCase(),
    project_id: form.projectId,
    version_num: 1,
  })
  expect((await key.get('/headless/forms')).body).toEqual([item(owl, 'Owl'), item(oak, 'Oak')].sort(byId))
  expect((await key.get(`/headless/forms?project_id=${trees}`)).body).toEqual([item(oak, 'Oak')])
  expect((await key.get(`/headless/forms?project_id=${UNKNOWN}`)).body).toEqual([])
  expect((await key.get('/headless/forms?project_id=x')).status).toBe(422)
  expect((await key.get('/headless/projects')).body.sort(byId)).toEqual(
    [
      { id: birds, name: 'Birds', description: 'All' },
      { id: trees, name: 'Trees', description: null },
    ].sort(byId),
  )
  expectStatus(200, await bruno.post(`/forms/${owl.id}/publish`))
  expect((await key.get(`/headless/forms?project_id=${birds}`)).body).toMatchObject([{ id: owl.id, version_num: 2 }])
})

test('case 103: the definition of a draft, an unknown or a foreign form is not found', async () => {
  const { addKey, dario, draftId, key, owl } = await start()
  expect(await key.get(`/headless/forms/${owl.id}/schema`)).toMatchObject({
    status: 200,
    body: { id: owl.id, name: 'Owl', version_num: 1, schema: { title: 'Owl', fields: NOTE_FORM.fields } },
  })
  for (const id of [draftId, UNKNOWN, 'not-a-uuid'])
    expect(await key.get(`/headless/forms/${id}/schema`)).toMatchObject({
      status: 404,
      body: { detail: 'Form not found or not published' },
    })
  const foreign = await addKey(dario)
  expect((await foreign.get(`/headless/forms/${owl.id}/schema`)).status).toBe(404)
  expect((await foreign.get('/headless/forms')).body).toEqual([])
})

test('a key that is limited to a project sees no other', async () => {
  const { addKey, chiara, birds, trees, owl, oak } = await start()
  const limited = await addKey(chiara, { name: 'sensor', project_id: trees })
  expect((await limited.get('/headless/projects')).body).toMatchObject([{ id: trees }])
  expect((await limited.get('/headless/forms')).body).toMatchObject([{ id: oak.id }])
  expect((await limited.get(`/headless/forms?project_id=${birds}`)).body).toEqual([])
  expect((await limited.get(`/headless/forms/${owl.id}/schema`)).status).toBe(404)
  expect((await limited.get(`/headless/forms/${oak.id}/schema`)).status).toBe(200)
})

test('a key that may only write reads no forms', async () => {
  const { addKey, chiara } = await start()
  const writer = await addKey(chiara, { name: 'writer', scopes: ['submissions:write'] })
  expect((await writer.get('/headless/forms')).status).toBe(403)
})

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1)
