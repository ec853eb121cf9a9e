// Pairing and devices: cases 108-110, 112, 113 of the native contract, and handing over.
import { describe, expect, test } from 'vitest'
import { type Cast, type Device, expectStatus, makeCast } from '../support/app.ts'

const MINUTE = 60_000
const TOKEN = '/settings/mobile/pairing-token'
const DEVICES = '/settings/mobile/devices'

const deviceFor = async (cast: Cast, userId: string, body: object = {}): Promise<Device & { id: string }> => {
  const made = expectStatus(200, await cast.chiara.post(TOKEN, { user_id: userId }))
  const paired = expectStatus(200, await cast.nobody.post('/mobile/pair', { token: made.body.token, ...body }))
  const token: string = paired.body.device_token
  return { ...cast.as({ authorization: `Bearer ${token}` }), token, id: paired.body.device_id }
}

describe('pairing', () => {
  test('a body of no bytes is no body, also when it comes in chunks without a type', async () => {
    const { bruno } = await makeCast()
    const empty = new ReadableStream({ start: (controller) => controller.close() })
    expect((await bruno.request('POST', TOKEN, { body: empty })).status).toBe(200)
  })

  test('case 108: managers make a token for themselves, good for ten minutes; field workers make none', async () => {
    const { amina, bruno, nobody } = await makeCast()
    const { status, body } = await bruno.post(TOKEN)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      pairing_token: body.token,
      expires_at: '2026-11-23T08:10:00Z',
      user_id: bruno.id,
      user_email: bruno.email,
    })
    expect(JSON.parse(body.qr)).toEqual({ server_url: 'http://fieldpost.test', pairing_token: body.token })
    const refused = await amina.post(TOKEN)
    expect(refused.status).toBe(403)
    expect(refused.body.detail).toBe('Insufficient permissions')
    expect((await nobody.post(TOKEN)).status).toBe(401)
  })

  test('the body of a token request may be empty, but not nonsense', async () => {
    const { bruno } = await makeCast()
    const send = (body: string, type: string) =>
      bruno.request('POST', TOKEN, { body, headers: { 'content-type': type } })
    expect((await send('', 'application/json')).status).toBe(200)
    expect((await send('{}', 'application/json')).status).toBe(200)
    expect((await send('nonsense', 'application/json')).status).toBe(400)
    expect((await send('{}', 'text/plain')).status).toBe(415)
    expect((await bruno.post(TOKEN, { mode: 'both' })).status).toBe(422)
    expect((await bruno.post(TOKEN, { user_id: 'not-a-uuid' })).status).toBe(422)
  })

  test('case 109: a token is spent once, dies after ten minutes, and an unknown one is worth nothing', async () => {
    const cast = await makeCast()
    const { bruno, nobody } = cast
    const { token } = (await bruno.post(TOKEN)).body
    const paired = await nobody.post('/mobile/pair', { token, device_label: 'Tablet 7' })
    expect(paired.status).toBe(200)
    expect(paired.body).toMatchObject({ user_id: bruno.id, user_email: bruno.email })
    expect(paired.body.device_token).toBeTypeOf('string')
    expect(paired.body.tenant_id).toBe((await bruno.get('/auth/me')).body.tenant_id)
    expect(paired.body.mode).toBe('live')
    const again = await nobody.post('/mobile/pair', { token, device_label: 'Tablet 8' })
    expect(again.status).toBe(401)
    expect(again.body.detail).toBe('Invalid pairing token')
    const late = (await bruno.post(TOKEN)).body.token
    cast.advance(10 * MINUTE)
    const expired = await nobody.post('/mobile/pair', { token: late })
    expect(expired.status).toBe(401)
    expect(expired.body.detail).toBe('Pairing token expired')
    expect((await nobody.post('/mobile/pair', { token })).body.detail).toBe('Invalid pairing token')
    expect((await nobody.post('/mobile/pair', { token: 'unknown' })).body.detail).toBe('Invalid pairing token')
    expect((await nobody.post('/mobile/pair', {})).status).toBe(422)
    expect((await bruno.get(DEVICES)).body).toHaveLength(1)
  })

  test('case 109: the older spellings pairing_token and label work, and the label of the token is the fallback', async () => {
    const { bruno, nobody } = await makeCast()
    const pairAs = async (made: object, body: object) => {
      const { token } = (await bruno.post(TOKEN, made)).body
      const { device_id } = expectStatus(200, await nobody.post('/mobile/pair', { pairing_token: token, ...body })).body
      const { body: devices } = await bruno.get(DEVICES)
      return devices.find((device: { id: string }) => device.id === device_id)
    }
    expect((await pairAs({ label: 'From the QR' }, { label: 'Own name' })).label).toBe('Own name')
    expect((await pairAs({ label: 'From the QR' }, { label: ' ' })).label).toBe('From the QR')
    expect(await pairAs({}, { hardware_id: 'imei-1', app_version: '2.1' })).toMatchObject({
      label: null,
      hardware_id: 'imei-1',
      app_version: '2.1',
      mode: 'live',
    })
    expect((await pairAs({ mode: 'test' }, {})).mode).toBe('test')
  })

  test('case 110: of several phones that spend one token at once, one is paired', async () => {
    const { bruno, nobody } = await makeCast()
    const { token } = (await bruno.post(TOKEN)).body
    const answers = await Promise.all(Array.from({ length: 5 }, () => nobody.post('/mobile/pair', { token })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401])
    expect((await bruno.get(DEVICES)).body).toHaveLength(1)
  })

  test('a manager pairs a phone for a field worker, but for nobody above and nobody elsewhere', async () => {
    const cast = await makeCast()
    const { amina, bruno, chiara, dario } = cast
    const made = await bruno.post(TOKEN, { user_id: amina.id, label: 'Amina' })
    expect(made.body).toMatchObject({ user_id: amina.id, user_email: amina.email })
    const paired = await cast.nobody.post('/mobile/pair', { token: made.body.token })
    expect(paired.body).toMatchObject({ user_id: amina.id, user_email: amina.email })
    expect((await bruno.post(TOKEN, { user_id: chiara.id })).status).toBe(403)
    expect((await bruno.post(TOKEN, { user_id: dario.id })).status).toBe(404)
    expectStatus(204, await chiara.delete(`/users/${amina.id}`))
    expect((await bruno.post(TOKEN, { user_id: amina.id })).status).toBe(404)
  })

  test('the token of a user who was deactivated meanwhile pairs nothing', async () => {
    const { bruno, chiara, nobody } = await makeCast()
    const { token } = (await bruno.post(TOKEN)).body
    expectStatus(204, await chiara.delete(`/users/${bruno.id}`))
    expect((await nobody.post('/mobile/pair', { token })).status).toBe(401)
  })

  test('guessing tokens is slowed down by address', async () => {
    const cast = await makeCast({ settings: { LOGIN_PER_MINUTE: '6' } })
    const guess = (address: string) =>
      cast.as({ 'cf-connecting-ip': address }).post('/mobile/pair', { token: 'a guess' })
    for (let i = 0; i < 6; i++) expect((await guess('192.0.2.1')).status).toBe(401)
    const slowed = await guess('192.0.2.1')
    expect(slowed.status).toBe(429)
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await guess('192.0.2.2')).status).toBe(401)
  })

  test('neither pairing nor device tokens are kept or logged in clear', async () => {
    const cast = await makeCast()
    const { token } = (await cast.bruno.post(TOKEN)).body
    const device = expectStatus(200, await cast.nobody.post('/mobile/pair', { token })).body.device_token
    const [pairings, devices] = await cast.deps.directory.$client.batch([
      cast.deps.directory.$client.prepare('SELECT * FROM pairing_tokens'),
      cast.deps.directory.$client.prepare('SELECT * FROM devices'),
    ])
    const everything = JSON.stringify([pairings, devices, cast.lines])
    expect(everything).toContain('token_hash')
    expect(everything).not.toContain(token)
    expect(everything).not.toContain(device.slice(-43))
  })
})

describe('devices', () => {
  test('case 112: managers see all devices of the tenant, field workers their own', async () => {
    const cast = await makeCast()
    const phone = await deviceFor(cast, cast.amina.id, { device_label: 'Amina’s phone' })
    cast.advance(1000)
    await cast.pair(cast.bruno, 'Bruno’s tablet')
    const labels = async (caller: Cast['amina']) =>
      (await caller.get(DEVICES)).body.map((device: { label: string }) => device.label)
    expect(await labels(cast.chiara)).toEqual(['Bruno’s tablet', 'Amina’s phone'])
    expect(await labels(cast.bruno)).toEqual(['Bruno’s tablet', 'Amina’s phone'])
    expect(await labels(cast.amina)).toEqual(['Amina’s phone'])
    expect(await labels(cast.dario)).toEqual([])
    const [own] = (await cast.amina.get(DEVICES)).body
    expect(own).toMatchObject({ id: phone.id, user_email: cast.amina.email, created_at: '2026-11-23T08:00:00Z' })
    expect(own.last_used_at).toBe(null)
    await phone.get('/mobile/forms', { 'x-app-version': '3.2' })
    await expect
      .poll(async () => (await cast.amina.get(DEVICES)).body[0])
      .toMatchObject({ last_used_at: '2026-11-23T08:00:01Z', app_version: '3.2' })
  })

  test('case 113: field workers revoke their own device only, and it gets 401 everywhere at once', async () => {
    const cast = await makeCast()
    const own = await deviceFor(cast, cast.amina.id)
    const other = await deviceFor(cast, cast.bruno.id)
    for (const phone of [own, other]) expect((await phone.get('/mobile/forms')).status).toBe(200)
    expect((await cast.amina.delete(`${DEVICES}/${other.id}`)).status).toBe(403)
    expect((await other.get('/mobile/forms')).status).toBe(200)
    expect((await cast.amina.delete(`${DEVICES}/${own.id}`)).status).toBe(204)
    const refused = await own.get('/mobile/forms')
    expect(refused.status).toBe(401)
    expect(refused.body.detail).toBe('Invalid or revoked device token')
    expect((await own.post('/submissions/bulk', [])).status).toBe(401)
    const byHeader = cast.as({ 'x-device-token': own.token })
    expect((await byHeader.get('/mobile/forms')).status).toBe(401)
    expect((await cast.amina.get(DEVICES)).body).toEqual([])
    expect((await cast.amina.delete(`${DEVICES}/${own.id}`)).status).toBe(204)
    expect((await cast.dario.delete(`${DEVICES}/${other.id}`)).status).toBe(404)
    for (const id of ['00000000-0000-4000-8000-000000000000', 'not-a-uuid'])
      expect((await cast.chiara.delete(`${DEVICES}/${id}`)).status).toBe(404)
    expect((await cast.bruno.delete(`${DEVICES}/${other.id}`)).status).toBe(204)
  })

  test('a device token opens the door for devices only, in either header', async () => {
    const cast = await makeCast()
    const phone = await cast.pair(cast.chiara)
    expect((await cast.as({ 'x-device-token': phone.token }).get('/mobile/forms')).status).toBe(200)
    for (const path of ['/auth/me', '/users', '/api-keys', DEVICES, '/settings', '/forms'])
      expect({ path, status: (await phone.get(path)).status }).toEqual({ path, status: 401 })
    expect((await cast.chiara.get('/mobile/forms')).status).toBe(401)
    expect((await cast.nobody.get('/mobile/forms')).status).toBe(401)
  })

  test('a wrong secret for a known device does not void the right one', async () => {
    const cast = await makeCast()
    const phone = await cast.pair(cast.bruno)
    expect((await phone.get('/mobile/forms')).status).toBe(200)
    const wrong = cast.as({ authorization: `Bearer ${phone.token.slice(0, -43)}${'A'.repeat(43)}` })
    for (let i = 0; i < 3; i++) expect((await wrong.get('/mobile/forms')).status).toBe(401)
    expect((await phone.get('/mobile/forms')).status).toBe(200)
  })

  test('a revocation holds although the device is asking at that very moment', async () => {
    const cast = await makeCast()
    const phone = await deviceFor(cast, cast.bruno.id)
    const [revoked] = await Promise.all([
      cast.bruno.delete(`${DEVICES}/${phone.id}`),
      ...Array.from({ length: 20 }, () => phone.get('/mobile/forms')),
    ])
    expect(revoked.status).toBe(204)
    expect((await phone.get('/mobile/forms')).status).toBe(401)
  })

  test('a device is renamed by its user and by managers; blank is no name', async () => {
    const cast = await makeCast()
    const phone = await deviceFor(cast, cast.amina.id, { device_label: 'Phone' })
    const path = `${DEVICES}/${phone.id}`
    expect((await cast.amina.patch(path, { label: ' Red phone ' })).body).toMatchObject({ label: 'Red phone' })
    expect((await cast.bruno.patch(path, { label: '  ' })).body).toMatchObject({ id: phone.id, label: null })
    expect((await cast.bruno.patch(path, {})).body).toMatchObject({ id: phone.id, label: null })
    const brunos = await deviceFor(cast, cast.bruno.id)
    expect((await cast.amina.patch(`${DEVICES}/${brunos.id}`, { label: 'Mine' })).status).toBe(403)
    expect((await cast.dario.patch(path, { label: 'Mine' })).status).toBe(404)
    expectStatus(204, await cast.amina.delete(path))
    expect((await cast.amina.patch(path, { label: 'Gone' })).status).toBe(404)
  })

  test('a device that is handed over acts for its new user from the next request', async () => {
    const cast = await makeCast()
    const phone = await deviceFor(cast, cast.bruno.id)
    const path = `${DEVICES}/${phone.id}`
    expect((await phone.get('/mobile/forms')).status).toBe(200)
    const handed = await cast.bruno.patch(path, { user_id: cast.amina.id })
    expect(handed.body).toMatchObject({ user_id: cast.amina.id, user_email: cast.amina.email })
    expect((await cast.amina.get(DEVICES)).body).toHaveLength(1)
    // The old user is gone; the phone is not his any more.
    expectStatus(204, await cast.chiara.delete(`/users/${cast.bruno.id}`))
    expect((await phone.get('/mobile/forms')).status).toBe(200)
    expectStatus(204, await cast.chiara.delete(`/users/${cast.amina.id}`))
    expect((await phone.get('/mobile/forms')).status).toBe(401)
  })

  test('field workers hand nothing over, and nobody hands over to strangers or superiors', async () => {
    const cast = await makeCast()
    const phone = await deviceFor(cast, cast.amina.id)
    const path = `${DEVICES}/${phone.id}`
    expect((await cast.amina.patch(path, { user_id: cast.amina.id })).status).toBe(403)
    expect((await cast.bruno.patch(path, { user_id: cast.chiara.id })).status).toBe(403)
    expect((await cast.bruno.patch(path, { user_id: cast.dario.id })).status).toBe(404)
    expect((await cast.bruno.patch(path, { user_id: 'x' })).status).toBe(422)
    expect((await cast.amina.get(DEVICES)).body[0].user_id).toBe(cast.amina.id)
  })
})
