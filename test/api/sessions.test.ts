// Login and sessions: cases 1-13 of the native contract, the access tokens, and the cookie that rotates.
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { type Answer, expectStatus, makeCast, startApp, type TestApp } from '../support/app.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const LOGIN = { email: 'chiara@example.org', password: 'chiara-owns-it' }

const bearer = (test: TestApp, token: string) => test.as({ authorization: `Bearer ${token}` })

const cookieOf = (answer: Answer): string => answer.headers.get('set-cookie')?.split(';')[0] ?? ''

const cookieLogin = async (test: TestApp): Promise<string> =>
  cookieOf(expectStatus(200, await test.nobody.post('/auth/login', { ...LOGIN, cookie: true })))

const refreshBy = (test: TestApp, cookie: string) => test.as({ cookie }).post('/auth/refresh')

describe('health', () => {
  test('case 3: health needs no credential and says what it checked', async () => {
    const { nobody } = startApp()
    const { status, body, headers } = await nobody.get('/health')
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'ok', database: 'connected', timestamp: '2026-11-23T08:00:00Z' })
    expect(headers.get('x-request-id')).toBeTruthy()
  })
})

describe('the first start', () => {
  test('case 1 and 4: the first request makes a tenant and its admin, who can log in', async () => {
    const { nobody } = startApp()
    const { status, body } = await nobody.post('/auth/login', LOGIN)
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'bearer', force_password_reset: true })
    expect(body.access_token).toBeTypeOf('string')
    expect(body.refresh_token).toBeTypeOf('string')
  })

  test('case 2: another ADMIN_EMAIL at a later start changes nothing', async () => {
    await startApp().logIn(LOGIN.email, LOGIN.password)
    const later = startApp({ settings: { ADMIN_EMAIL: 'mallory@example.org', ADMIN_PASSWORD: 'mallory-wants-in' } })
    const mallory = await later.nobody.post('/auth/login', {
      email: 'mallory@example.org',
      password: 'mallory-wants-in',
    })
    expect(mallory.status).toBe(401)
    await later.logIn(LOGIN.email, LOGIN.password)
  })

  test('many first requests at once make one tenant', async () => {
    const { nobody, deps, as } = startApp()
    const logins = await Promise.all(Array.from({ length: 4 }, () => nobody.post('/auth/login', LOGIN)))
    expect(logins.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const operator = as({ authorization: `Bearer ${deps.config.platformToken}` })
    expect((await operator.get('/platform/tenants')).body).toHaveLength(1)
  })
})

describe('logging in', () => {
  test('the e-mail may be written in any case and with spaces around it', async () => {
    const { nobody } = startApp()
    const answer = await nobody.post('/auth/login', { ...LOGIN, email: ' Chiara@Example.ORG ' })
    expect(answer.status).toBe(200)
  })

  test('case 5: a wrong password and an unknown e-mail get the same answer', async () => {
    const { nobody } = startApp()
    const wrong = await nobody.post('/auth/login', { ...LOGIN, password: 'wrong-password' })
    const unknown = await nobody.post('/auth/login', { ...LOGIN, email: 'nobody@example.org' })
    expect(wrong.status).toBe(401)
    expect(unknown.status).toBe(401)
    expect(wrong.body.detail).toBe('Invalid credentials')
    expect({ ...unknown.body, request_id: '' }).toEqual({ ...wrong.body, request_id: '' })
  })

  test('case 6: a missing password is a fault with its place', async () => {
    const { status, body } = await startApp().nobody.post('/auth/login', { email: LOGIN.email })
    expect(status).toBe(422)
    expect(body.detail[0].loc).toEqual(['body', 'password'])
  })

  test('guessing is slowed down, and one account under attack does not close the door for another', async () => {
    const app = startApp({ settings: { LOGIN_PER_MINUTE: '3' } })
    const guess = (email: string, address: string) =>
      app.as({ 'cf-connecting-ip': address }).post('/auth/login', { email, password: 'wrong-password' })
    for (let i = 0; i < 3; i++) expect((await guess(LOGIN.email, `192.0.2.${i}`)).status).toBe(401)
    const slowed = await guess(LOGIN.email, '192.0.2.99')
    expect(slowed.status).toBe(429)
    expect(slowed.body.code).toBe('rate_limited')
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await guess('bruno@example.org', '192.0.2.98')).status).toBe(401)
    app.advance(Number(slowed.headers.get('retry-after')) * 1000)
    expect((await app.nobody.post('/auth/login', LOGIN)).status).toBe(200)
  })

  test('one address that tries many accounts is slowed down too', async () => {
    const app = startApp({ settings: { LOGIN_PER_MINUTE: '3' } })
    const statuses: number[] = []
    for (let i = 0; i < 4; i++)
      statuses.push((await app.nobody.post('/auth/login', { email: `u${i}@example.org`, password: 'x' })).status)
    expect(statuses).toEqual([401, 401, 401, 429])
  })

  test('neither passwords nor tokens are in the log', async () => {
    const app = startApp()
    const { accessToken, refreshToken } = await app.logIn(LOGIN.email, LOGIN.password)
    const log = JSON.stringify(app.lines)
    expect(log).toContain('/auth/login')
    for (const secret of [LOGIN.password, accessToken, refreshToken]) expect(log).not.toContain(secret)
  })
})

describe('access tokens', () => {
  test('case 7: no header, garbage and a refresh token are 401', async () => {
    const app = startApp()
    const chiara = await app.logIn(LOGIN.email, LOGIN.password)
    expect((await app.nobody.get('/auth/me')).body.detail).toBe('Not authenticated')
    expect((await bearer(app, 'garbage').get('/auth/me')).status).toBe(401)
    const asAccess = await bearer(app, chiara.refreshToken).get('/auth/me')
    expect(asAccess.status).toBe(401)
    expect(asAccess.body.detail).toBe('Invalid token type')
  })

  test('case 8: the account shows itself and no hash', async () => {
    const chiara = await startApp().logIn(LOGIN.email, LOGIN.password)
    for (const path of ['/auth/me', '/users/me']) {
      const { status, body, text } = await chiara.get(path)
      expect(status).toBe(200)
      expect(body).toMatchObject({ id: chiara.id, email: LOGIN.email, role: 'admin', force_password_reset: true })
      expect(body.tenant_id).toBeTypeOf('string')
      expect(text).not.toMatch(/hash|scrypt/)
    }
  })

  test('case 9: a token lasts 15 minutes, and the refresh token, unchanged, brings a new one', async () => {
    const app = startApp()
    const chiara = await app.logIn(LOGIN.email, LOGIN.password)
    app.advance(15 * MINUTE - 1000)
    expect((await chiara.get('/auth/me')).status).toBe(200)
    app.advance(2000)
    const expired = await chiara.get('/auth/me')
    expect(expired.status).toBe(401)
    expect(expired.body.detail).toBe('Invalid or expired token')
    const { body } = expectStatus(200, await app.nobody.post('/auth/refresh', { refresh_token: chiara.refreshToken }))
    expect(body.refresh_token).toBe(chiara.refreshToken)
    expect((await bearer(app, body.access_token).get('/auth/me')).status).toBe(200)
  })

  test('a refresh token slides: used every six days it lives on, left alone for seven it is dead', async () => {
    const app = startApp()
    const { refreshToken: refresh_token } = await app.logIn(LOGIN.email, LOGIN.password)
    for (let i = 0; i < 3; i++) {
      app.advance(6 * DAY)
      expectStatus(200, await app.nobody.post('/auth/refresh', { refresh_token }))
    }
    app.advance(7 * DAY)
    expect((await app.nobody.post('/auth/refresh', { refresh_token })).status).toBe(401)
  })

  test('case 10: an access token does not refresh', async () => {
    const app = startApp()
    const { accessToken } = await app.logIn(LOGIN.email, LOGIN.password)
    expect((await app.nobody.post('/auth/refresh', { refresh_token: accessToken })).status).toBe(401)
  })

  test('a refresh token with another secret is worth nothing', async () => {
    const app = startApp()
    const { refreshToken } = await app.logIn(LOGIN.email, LOGIN.password)
    const forged = refreshToken.slice(0, -43) + 'A'.repeat(43)
    expect((await app.nobody.post('/auth/refresh', { refresh_token: forged })).status).toBe(401)
    expect((await app.nobody.post('/auth/refresh', { refresh_token: refreshToken })).status).toBe(200)
  })

  const claimsOf = (token: string) => JSON.parse(atob(token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')))
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = (claims: object, header: { alg: string; kid?: string }, secret: string) =>
    new SignJWT({ ...claims }).setProtectedHeader(header).sign(new TextEncoder().encode(secret))

  test('forged tokens are 401: no algorithm, another algorithm, another key, another kid, another type', async () => {
    const app = startApp()
    const { accessToken } = await app.logIn(LOGIN.email, LOGIN.password)
    const claims = claimsOf(accessToken)
    const { kid, secret } = app.deps.config.tokenKeys[0]!
    const genuine = await signed(claims, { alg: 'HS256', kid }, secret)
    expect((await bearer(app, genuine).get('/auth/me')).status).toBe(200)
    const forged = {
      none: `${part({ alg: 'none', typ: 'JWT', kid })}.${part(claims)}.`,
      noneWithSignature: `${part({ alg: 'none', typ: 'JWT', kid })}.${part(claims)}.${accessToken.split('.')[2]}`,
      hs512: await signed(claims, { alg: 'HS512', kid }, secret),
      anotherKey: await signed(claims, { alg: 'HS256', kid }, 'f'.repeat(48)),
      unknownKid: await signed(claims, { alg: 'HS256', kid: 'other' }, secret),
      noKid: await signed(claims, { alg: 'HS256' }, secret),
      refreshType: await signed({ ...claims, type: 'refresh' }, { alg: 'HS256', kid }, secret),
      noExpiry: await signed({ ...claims, exp: undefined }, { alg: 'HS256', kid }, secret),
      changedClaims: `${accessToken.split('.')[0]}.${part({ ...claims, role: 'admin', x: 1 })}.${accessToken.split('.')[2]}`,
    }
    for (const [name, token] of Object.entries(forged))
      expect({ name, status: (await bearer(app, token).get('/auth/me')).status }).toEqual({ name, status: 401 })
  })

  test('a token whose claims name another tenant or another user than its session is 401', async () => {
    const cast = await makeCast()
    const { kid, secret } = cast.deps.config.tokenKeys[0]!
    const claims = claimsOf(cast.amina.accessToken)
    const dario = claimsOf(cast.dario.accessToken)
    for (const mixed of [
      { ...claims, tenant_id: dario.tenant_id },
      { ...claims, sub: dario.sub },
      { ...claims, sid: dario.sid },
    ]) {
      const token = await signed(mixed, { alg: 'HS256', kid }, secret)
      expect((await bearer(cast, token).get('/auth/me')).status).toBe(401)
    }
  })

  test('the role comes from the directory, whatever the token says', async () => {
    const cast = await makeCast()
    const { kid, secret } = cast.deps.config.tokenKeys[0]!
    const token = await signed({ ...claimsOf(cast.amina.accessToken), role: 'admin' }, { alg: 'HS256', kid }, secret)
    expect((await bearer(cast, token).get('/auth/me')).body.role).toBe('field_worker')
    expect((await bearer(cast, token).get('/users')).status).toBe(403)
  })

  test('a new signing key logs nobody out while the ring holds the old one', async () => {
    const oldKey = 'test:0123456789abcdef0123456789abcdef0123456789abcdef'
    const newKey = 'next:fedcba9876543210fedcba9876543210fedcba9876543210'
    const before = startApp()
    const chiara = await before.logIn(LOGIN.email, LOGIN.password)
    const rotated = startApp({ settings: { TOKEN_KEYS: `${newKey},${oldKey}` } })
    expect((await bearer(rotated, chiara.accessToken).get('/auth/me')).status).toBe(200)
    const fresh = await rotated.logIn(LOGIN.email, LOGIN.password)
    expect(JSON.parse(atob(fresh.accessToken.split('.')[0]!)).kid).toBe('next')
    const retired = startApp({ settings: { TOKEN_KEYS: newKey } })
    expect((await bearer(retired, chiara.accessToken).get('/auth/me')).status).toBe(401)
    expect((await bearer(retired, fresh.accessToken).get('/auth/me')).status).toBe(200)
  })
})

describe('logging out and changing the password', () => {
  test('case 11: after logout both tokens of the session are dead, and other sessions live', async () => {
    const app = startApp()
    const here = await app.logIn(LOGIN.email, LOGIN.password)
    const there = await app.logIn(LOGIN.email, LOGIN.password)
    expect((await here.post('/auth/logout')).body).toEqual({ status: 'ok' })
    expect((await here.get('/auth/me')).status).toBe(401)
    expect((await app.nobody.post('/auth/refresh', { refresh_token: here.refreshToken })).status).toBe(401)
    expect((await there.get('/auth/me')).status).toBe(200)
    expect((await app.nobody.post('/auth/logout')).status).toBe(401)
  })

  test('case 12: changing the password takes the current one and ends the other sessions', async () => {
    const app = startApp()
    const here = await app.logIn(LOGIN.email, LOGIN.password)
    const there = await app.logIn(LOGIN.email, LOGIN.password)
    const wrong = await here.post('/auth/change-password', { current_password: 'wrong', new_password: 'new-password' })
    expect(wrong.status).toBe(400)
    expect(wrong.body.detail).toBe('Current password is incorrect')
    const short = await here.post('/auth/change-password', { current_password: LOGIN.password, new_password: 'short' })
    expect(short.status).toBe(422)
    expect(short.body.detail[0].loc).toEqual(['body', 'new_password'])
    const changed = await here.post('/auth/change-password', {
      current_password: LOGIN.password,
      new_password: 'new-password',
    })
    expect(changed.body).toEqual({ status: 'ok' })
    expect((await app.nobody.post('/auth/login', LOGIN)).status).toBe(401)
    expect((await there.get('/auth/me')).status).toBe(401)
    expect((await here.get('/auth/me')).body.force_password_reset).toBe(false)
    await app.logIn(LOGIN.email, 'new-password')
  })

  test('case 13: the current password may be called old_password', async () => {
    const app = startApp()
    const chiara = await app.logIn(LOGIN.email, LOGIN.password)
    const answer = await chiara.post('/auth/change-password', {
      old_password: LOGIN.password,
      new_password: 'new-password',
    })
    expect(answer.status).toBe(200)
    expect((await chiara.post('/auth/change-password', { new_password: 'new-password' })).status).toBe(422)
  })
})

describe('the cookie of the dashboard', () => {
  test('logging in with a cookie keeps the refresh token out of the reach of scripts', async () => {
    const app = startApp()
    const answer = await app.nobody.post('/auth/login', { ...LOGIN, cookie: true })
    expect(answer.body.refresh_token).toBe('')
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    expect(cookie).toMatch(/Path=\/api\/v1\/auth/)
    expect(cookie).not.toMatch(/Secure/)
    const overTls = await app.nobody.post('https://fieldpost.test/api/v1/auth/login', { ...LOGIN, cookie: true })
    expect(overTls.headers.get('set-cookie')).toMatch(/Secure/)
  })

  test('refreshing needs no body and no content type, and rotates the cookie', async () => {
    const app = startApp()
    const first = await cookieLogin(app)
    const answer = await refreshBy(app, first)
    expect(answer.status).toBe(200)
    expect(answer.body.refresh_token).toBe('')
    expect(cookieOf(answer)).not.toBe(first)
    expect((await bearer(app, answer.body.access_token).get('/auth/me')).status).toBe(200)
    expect((await refreshBy(app, cookieOf(answer))).status).toBe(200)
    expect((await app.nobody.post('/auth/refresh')).status).toBe(401)
  })

  test('an empty body with a content type, and an empty object, are no body too; other text is refused', async () => {
    const app = startApp()
    const cookie = await cookieLogin(app)
    const send = (body: string, type: string) =>
      app.as({ cookie, 'content-type': type }).request('POST', '/auth/refresh', { body })
    expect((await send('', 'application/json')).status).toBe(200)
    expect((await send('{}', 'application/json')).status).toBe(200)
    expect((await send('{', 'application/json')).status).toBe(400)
    expect((await send('{}', 'text/plain')).status).toBe(415)
    expect((await send('{"refresh_token":7}', 'application/json')).status).toBe(422)
  })

  test('two tabs that refresh at the same time get the same successor', async () => {
    const app = startApp()
    const first = await cookieLogin(app)
    const [one, two] = await Promise.all([refreshBy(app, first), refreshBy(app, first)])
    expect([one.status, two.status]).toEqual([200, 200])
    expect(cookieOf(one)).toBe(cookieOf(two))
    app.advance(59_000)
    expect(cookieOf(expectStatus(200, await refreshBy(app, first)))).toBe(cookieOf(one))
  })

  test('the predecessor used after a minute ends the session, with all its tokens', async () => {
    const app = startApp()
    const first = await cookieLogin(app)
    const rotated = expectStatus(200, await refreshBy(app, first))
    app.advance(61_000)
    expect((await refreshBy(app, first)).status).toBe(401)
    expect((await refreshBy(app, cookieOf(rotated))).status).toBe(401)
    expect((await bearer(app, rotated.body.access_token).get('/auth/me')).status).toBe(401)
  })

  test('a copy that was rotated several times is found out when the owner comes back with the first cookie', async () => {
    const app = startApp()
    const first = await cookieLogin(app)
    let stolen = first
    for (let i = 0; i < 3; i++) {
      stolen = cookieOf(expectStatus(200, await refreshBy(app, stolen)))
      app.advance(2 * MINUTE)
    }
    expect((await refreshBy(app, first)).status).toBe(401)
    expect((await refreshBy(app, stolen)).status).toBe(401)
  })

  test('an invented cookie ends nothing', async () => {
    const app = startApp()
    const first = await cookieLogin(app)
    const second = cookieOf(expectStatus(200, await refreshBy(app, first)))
    app.advance(2 * MINUTE)
    expect((await refreshBy(app, second.slice(0, -43) + 'A'.repeat(43))).status).toBe(401)
    expect((await refreshBy(app, second)).status).toBe(200)
  })

  test('the grace holds while the signing key changes', async () => {
    const oldKey = 'test:0123456789abcdef0123456789abcdef0123456789abcdef'
    const newKey = 'next:fedcba9876543210fedcba9876543210fedcba9876543210'
    const before = startApp()
    const first = await cookieLogin(before)
    const second = cookieOf(expectStatus(200, await refreshBy(before, first)))
    const after = startApp({ settings: { TOKEN_KEYS: `${newKey},${oldKey}` } })
    expect(cookieOf(expectStatus(200, await refreshBy(after, first)))).toBe(second)
    expect((await refreshBy(after, second)).status).toBe(200)
  })

  test('logging out drops the cookie', async () => {
    const app = startApp()
    const cookie = await cookieLogin(app)
    const { body } = expectStatus(200, await refreshBy(app, cookie))
    const out = await app.as({ authorization: `Bearer ${body.access_token}`, cookie }).post('/auth/logout')
    expect(out.headers.get('set-cookie')).toMatch(/fieldpost_refresh=;/)
  })
})

describe('where one is logged in', () => {
  test('the list names each live session and marks the one that asks', async () => {
    const app = startApp()
    const here = await app.logIn(LOGIN.email, LOGIN.password)
    app.advance(MINUTE)
    await app.as({ 'user-agent': 'Phone' }).post('/auth/login', LOGIN)
    const { status, body, text } = await here.get('/auth/sessions')
    expect(status).toBe(200)
    expect(body).toHaveLength(2)
    expect(body[0]).toMatchObject({ user_agent: 'Phone', current: false, created_at: '2026-11-23T08:01:00Z' })
    expect(body[1]).toMatchObject({ current: true, expires_at: '2026-11-30T08:00:00Z' })
    expect(text).not.toMatch(/hash/)
  })

  test('ending one session leaves the others; ending it again, or somebody else’s, is 404', async () => {
    const cast = await makeCast()
    const there = await cast.logIn('amina@example.org', 'amina@example.org-password')
    const sessions = (await there.get('/auth/sessions')).body
    const id = sessions.find((session: { current: boolean }) => session.current).id
    expect((await cast.bruno.delete(`/auth/sessions/${id}`)).status).toBe(404)
    expect((await cast.amina.delete(`/auth/sessions/${id}`)).status).toBe(204)
    expect((await there.get('/auth/me')).status).toBe(401)
    expect((await cast.amina.get('/auth/me')).status).toBe(200)
    expect((await cast.amina.delete(`/auth/sessions/${id}`)).status).toBe(404)
    expect((await cast.amina.delete('/auth/sessions/not-a-uuid')).status).toBe(404)
  })

  test('logging out everywhere ends all sessions, this one too, and nobody else’s', async () => {
    const cast = await makeCast()
    const there = await cast.logIn('amina@example.org', 'amina@example.org-password')
    expect((await cast.amina.post('/auth/logout-all')).body).toEqual({ status: 'ok' })
    expect((await cast.amina.get('/auth/me')).status).toBe(401)
    expect((await there.get('/auth/me')).status).toBe(401)
    expect((await cast.nobody.post('/auth/refresh', { refresh_token: there.refreshToken })).status).toBe(401)
    expect((await cast.bruno.get('/auth/me')).status).toBe(200)
  })
})
