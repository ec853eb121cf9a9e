// The typed client, in process: what it sends is what the routes take, what it gets is what they answer.
import { expect, test } from 'vitest'
import { createClient } from '../../src/client.ts'
import { makeCast } from '../support/app.ts'

test('the client speaks for a user, a device, a key, or nobody', async () => {
  const { app, chiara, pair, addKey } = await makeCast()
  const here = {
    fetch: (async (input: RequestInfo | URL, init?: RequestInit) => app.request(input, init)) as typeof fetch,
  }
  const server = 'http://fieldpost.test/'

  const nobody = createClient(server, here)
  expect((await nobody.health.$get()).status).toBe(200)
  expect((await nobody.projects.$get()).status).toBe(401)

  const user = createClient(server, { ...here, token: chiara.accessToken })
  const made = await user.projects.$post({ json: { name: 'Wells' } })
  expect(made.status).toBe(201)
  const project = await made.json()
  const read = await user.projects[':id'].$get({ param: { id: project.id } })
  expect(await read.json()).toMatchObject({ id: project.id, name: 'Wells' })

  const { token } = await pair(chiara)
  expect((await createClient(server, { ...here, deviceToken: token }).mobile.forms.$get({})).status).toBe(200)
  const { key } = await addKey(chiara)
  expect((await createClient(server, { ...here, apiKey: key }).headless.projects.$get()).status).toBe(200)
})
