// Settings of a tenant: case 115 of the native contract.
import { expect, test } from 'vitest'
import { makeCast } from '../support/app.ts'

const PATH = '/settings/mobile/server-url'

test('case 115: the server URL is empty at first, loses its trailing slashes, and is for admins to set', async () => {
  const { amina, bruno, chiara, dario } = await makeCast()
  expect((await amina.get(PATH)).body).toEqual({ server_url: '' })
  expect((await bruno.put(PATH, { server_url: 'https://y.org' })).status).toBe(403)
  const put = await chiara.put(PATH, { server_url: 'https://x.org//' })
  expect(put.status).toBe(200)
  expect(put.body).toEqual({ server_url: 'https://x.org' })
  expect((await amina.get(PATH)).body).toEqual({ server_url: 'https://x.org' })
  expect((await dario.get(PATH)).body).toEqual({ server_url: '' })
  expect((await chiara.put(PATH, { server_url: '' })).body).toEqual({ server_url: '' })
})

test('a server URL is an http or https address without secrets', async () => {
  const { chiara } = await makeCast()
  for (const server_url of ['x.org', 'ftp://x.org', 'javascript:alert(1)', 'https://', 'https://a:b@x.org', 7, null])
    expect({ server_url, status: (await chiara.put(PATH, { server_url })).status }).toEqual({ server_url, status: 422 })
  expect((await chiara.put(PATH, { server_url: 'http://192.168.1.7:8787/field/' })).body).toEqual({
    server_url: 'http://192.168.1.7:8787/field',
  })
})

test('the server URL goes into the QR code; empty, the address of the request does', async () => {
  const { chiara } = await makeCast()
  const qr = async () => JSON.parse((await chiara.post('/settings/mobile/pairing-token')).body.qr)
  expect((await qr()).server_url).toBe('http://fieldpost.test')
  await chiara.put(PATH, { server_url: 'https://x.org/' })
  expect((await qr()).server_url).toBe('https://x.org')
})

test('the tenant can be renamed by its admins', async () => {
  const { bruno, chiara, dario } = await makeCast()
  expect((await bruno.get('/settings')).body).toEqual({ name: 'Default Organization', server_url: '' })
  expect((await bruno.patch('/settings', { name: 'Mine' })).status).toBe(403)
  const changed = await chiara.patch('/settings', { name: ' Relief ', server_url: 'https://x.org' })
  expect(changed.body).toEqual({ name: 'Relief', server_url: 'https://x.org' })
  expect((await bruno.get('/settings')).body).toEqual({ name: 'Relief', server_url: 'https://x.org' })
  expect((await bruno.get('/auth/me')).body.tenant_name).toBe('Relief')
  expect((await dario.get('/settings')).body).toEqual({ name: 'other', server_url: '' })
  expect((await chiara.patch('/settings', { name: '  ' })).status).toBe(422)
  expect((await chiara.patch('/settings', {})).body).toEqual({ name: 'Relief', server_url: 'https://x.org' })
})
