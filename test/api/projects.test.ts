// Projects: cases 21-25 of the native contract, form access, time zones.
import { expect, test } from 'vitest'
import { expectStatus, makeCast } from '../support/app.ts'
import { NOTE_FORM } from '../support/forms.ts'

const UNKNOWN = '11111111-1111-4111-8111-111111111111'

test('case 21: a project needs only a name', async () => {
  const { bruno } = await makeCast()
  const { status, body } = await bruno.post('/projects', { name: 'Water points' })
  expect(status).toBe(201)
  expect(body).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: 'Water points',
    description: null,
    tenant_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    form_access: 'everyone',
    time_zone: 'UTC',
    created_at: '2026-11-23T08:00:00Z',
  })
})

test('case 22: everybody of the tenant sees a project, another tenant finds nothing', async () => {
  const { amina, bruno, chiara, dario } = await makeCast()
  const { body: project } = expectStatus(201, await bruno.post('/projects', { name: 'Water points' }))
  for (const reader of [amina, bruno, chiara]) {
    expect((await reader.get('/projects')).body).toEqual([project])
    expect((await reader.get(`/projects/${project.id}`)).body).toEqual(project)
  }
  expect((await dario.get('/projects')).body).toEqual([])
  expect(await dario.get(`/projects/${project.id}`)).toMatchObject({
    status: 404,
    body: { detail: 'Project not found', code: 'project_not_found' },
  })
  expect((await dario.patch(`/projects/${project.id}`, { name: 'Mine' })).status).toBe(404)
  expect((await dario.delete(`/projects/${project.id}`)).status).toBe(404)
  expect((await chiara.get(`/projects/${project.id}`)).body.name).toBe('Water points')
})

test('case 23: a project is deleted once its last form is', async () => {
  const { chiara } = await makeCast()
  const { body: project } = expectStatus(201, await chiara.post('/projects', { name: 'Trees' }))
  const { body: form } = expectStatus(201, await chiara.post('/forms', { project_id: project.id, name: 'Tree' }))
  expect(await chiara.delete(`/projects/${project.id}`)).toMatchObject({
    status: 409,
    body: { code: 'project_not_empty' },
  })
  expectStatus(204, await chiara.delete(`/forms/${form.id}`))
  expect((await chiara.delete(`/projects/${project.id}`)).status).toBe(204)
  expect((await chiara.get(`/projects/${project.id}`)).status).toBe(404)
  expect((await chiara.delete(`/projects/${project.id}`)).status).toBe(404)
})

test('case 24: managers do not delete projects, field workers do not make them', async () => {
  const { amina, bruno } = await makeCast()
  const { body: project } = expectStatus(201, await bruno.post('/projects', { name: 'Trees' }))
  expect((await bruno.delete(`/projects/${project.id}`)).status).toBe(403)
  expect((await amina.post('/projects', { name: 'Mine' })).status).toBe(403)
  expect((await amina.patch(`/projects/${project.id}`, { name: 'Mine' })).status).toBe(403)
})

test('case 25: a name is needed, and a slash at the end changes nothing', async () => {
  const { chiara } = await makeCast()
  const missing = await chiara.post('/projects', {})
  expect(missing.status).toBe(422)
  expect(missing.body.detail[0].loc).toEqual(['body', 'name'])
  for (const name of ['', '   ', 7, null]) expect((await chiara.post('/projects', { name })).status).toBe(422)
  expectStatus(201, await chiara.post('/projects/', { name: 'With a slash' }))
  const plain = await chiara.get('/projects')
  expect(plain.body).toHaveLength(1)
  expect(await chiara.get('/projects/')).toMatchObject({ status: 200, body: plain.body })
})

test('a change leaves alone what it does not name', async () => {
  const { bruno } = await makeCast()
  const { body: project } = expectStatus(
    201,
    await bruno.post('/projects', { name: 'Wells', description: 'All wells', time_zone: 'Africa/Dakar' }),
  )
  const changed = await bruno.patch(`/projects/${project.id}`, { form_access: 'assigned' })
  expect(changed).toMatchObject({ status: 200, body: { ...project, form_access: 'assigned' } })
  expect((await bruno.patch(`/projects/${project.id}`, { description: null })).body.description).toBeNull()
  expect((await bruno.patch(`/projects/${project.id}`, {})).body.name).toBe('Wells')
  for (const wrong of [
    { name: ' ' },
    { form_access: 'nobody' },
    { time_zone: 'Mars/Olympus' },
    { time_zone: '+02:00' },
  ])
    expect((await bruno.patch(`/projects/${project.id}`, wrong)).status).toBe(422)
})

test('who manages one project changes that one, and makes no others', async () => {
  const { chiara, logIn } = await makeCast()
  const { body: trees } = expectStatus(201, await chiara.post('/projects', { name: 'Trees' }))
  const { body: wells } = expectStatus(201, await chiara.post('/projects', { name: 'Wells' }))
  expectStatus(
    201,
    await chiara.post('/users', {
      email: 'fatou@example.org',
      password: 'fatou-password',
      memberships: [{ project_id: trees.id, role: 'manager' }],
    }),
  )
  const fatou = await logIn('fatou@example.org', 'fatou-password')
  expect((await fatou.patch(`/projects/${trees.id}`, { name: 'Big trees' })).status).toBe(200)
  expect((await fatou.patch(`/projects/${wells.id}`, { name: 'Deep wells' })).status).toBe(403)
  expect((await fatou.post('/projects', { name: 'Another' })).status).toBe(403)
  expect((await fatou.post('/forms', { project_id: trees.id, name: 'Oak', schema: NOTE_FORM })).status).toBe(201)
  expect((await fatou.post('/forms', { project_id: wells.id, name: 'Well', schema: NOTE_FORM })).status).toBe(403)
})

test('case 124: ids that are none are not found', async () => {
  const { chiara } = await makeCast()
  for (const id of ['not-a-uuid', UNKNOWN]) {
    expect((await chiara.get(`/projects/${id}`)).status).toBe(404)
    expect((await chiara.patch(`/projects/${id}`, { name: 'x' })).status).toBe(404)
    expect((await chiara.delete(`/projects/${id}`)).status).toBe(404)
  }
})
