// Acts of this wire in the audit log. Which verbs are acts, and not data: domain/access/permissions.ts.
import { expect, test } from 'vitest'
import { expectStatus } from '../../support/app.ts'
import { BUNDLE, pushBundle } from '../../support/bundles.ts'
import { CURRENT, startRepository } from '../../support/synkronus.ts'

test('bundles and resets are in the audit log, with who did it, and refused ones are not', async () => {
  const { admin, server, writer } = await startRepository(CURRENT)
  const { username: email, password } = admin
  const { body } = expectStatus(200, await server.nobody.post('/auth/login', { email, password }))
  const chiara = server.as({ authorization: `Bearer ${body.access_token}` })
  const { id } = (await chiara.get('/auth/me')).body

  const reset = { confirm: 'RESET_REPOSITORY' }
  expect((await pushBundle(writer, BUNDLE)).status).toBe(403)
  expect((await writer.post('/admin/repository/reset', reset)).status).toBe(403)
  expectStatus(200, await pushBundle(admin, BUNDLE))
  expectStatus(200, await admin.post('/app-bundle/switch/0001'))
  expectStatus(200, await admin.post('/admin/repository/reset', reset))

  for (const action of ['bundle.pushed', 'bundle.activated', 'repository.reset']) {
    const { items } = expectStatus(200, await chiara.get(`/audit?action=${action}`)).body
    expect(items).toMatchObject([{ action, actor_kind: 'user', actor_id: id, protocol: 'synkronus' }])
  }
})
