// Login and sessions: cases 1-13 of the native contract.
import { describe, expect, test } from 'vitest'
import { startApp } from '../support/app.ts'

describe('health', () => {
  test('case 3: health needs no credential and says what it checked', async () => {
    const { nobody } = startApp()
    const { status, body, headers } = await nobody.get('/health')
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'ok', database: 'connected', timestamp: '2026-11-23T08:00:00Z' })
    expect(headers.get('x-request-id')).toBeTruthy()
  })
})

describe('logging in', () => {
  test('case 1 and 4: the first request makes a tenant and its admin, who can log in', async () => {
    const { nobody } = startApp()
    const { status, body } = await nobody.post('/auth/login', {
      email: 'chiara@example.org',
      password: 'chiara-owns-it',
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'bearer', force_password_reset: true })
    expect(body.access_token).toBeTypeOf('string')
    expect(body.refresh_token).toBeTypeOf('string')
  })
})
