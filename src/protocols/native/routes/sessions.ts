// Login, refresh, logout, change-password, me. Source: contracts/native.md, section 3.
// The dashboard keeps its refresh token in a cookie: it logs in with `"cookie": true` and then refreshes without a body.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { ROLES } from '../../../domain/access/roles.ts'
import { changePassword, logIn, logOut, REFRESH_TOKEN_MS, refresh } from '../../../domain/access/sessions.ts'
import { errors } from '../../../domain/errors.ts'
import { addressOf, occasionOf } from '../auth.ts'
import { json, jsonRequest, operation, optionalJsonRequest, router } from '../operation.ts'

const COOKIE = 'fieldpost_refresh'

const Tokens = z
  .object({
    access_token: z.string().meta({ description: 'JWT for `Authorization: Bearer`, good for 15 minutes' }),
    refresh_token: z
      .string()
      .meta({ description: 'Good for 7 days after its last use; empty when it went into the cookie' }),
    token_type: z.literal('bearer'),
    force_password_reset: z.boolean().meta({ description: 'The user should choose a new password' }),
  })
  .meta({ id: 'Tokens' })

export const Ok = z.object({ status: z.literal('ok') }).meta({ id: 'Ok' })

const Me = z
  .object({
    id: z.string(),
    email: z.string().nullable(),
    role: z.enum(ROLES),
    is_active: z.literal(true),
    tenant_id: z.string(),
    tenant_slug: z.string(),
    tenant_name: z.string(),
    project_roles: z.record(z.string(), z.enum(ROLES)).meta({ description: 'Further roles, by project id' }),
    force_password_reset: z.boolean(),
  })
  .meta({ id: 'Me' })

const meOf = (c: Context): z.infer<typeof Me> => {
  const { actor, tenant } = c.var.ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  return {
    id: actor.userId,
    email: actor.email,
    role: actor.role,
    is_active: true,
    tenant_id: tenant.id,
    tenant_slug: tenant.slug,
    tenant_name: tenant.name,
    project_roles: actor.projectRoles,
    force_password_reset: actor.forcePasswordReset,
  }
}

const me = (path: '/auth/me' | '/users/me', operationId: string) =>
  operation('self.read', {
    method: 'get',
    path,
    operationId,
    summary: 'The account that this token belongs to',
    tags: ['Access'],
    responses: { 200: json(Me, 'The account') },
  })

export const sessions = router()
  .openapi(
    operation('session.create', {
      method: 'post',
      path: '/auth/login',
      operationId: 'login',
      summary: 'Log in with e-mail and password',
      tags: ['Access'],
      request: {
        body: jsonRequest(
          z.object({
            email: z.string().max(320).meta({ example: 'admin@fieldpost.local' }),
            password: z.string().max(1000),
            cookie: z.boolean().optional().meta({ description: 'Keep the refresh token in an HttpOnly cookie' }),
          }),
        ),
      },
      responses: { 200: json(Tokens, 'Logged in') },
      fails: ['credentials_invalid'],
    }),
    async (c) => {
      const { email, password, cookie } = c.req.valid('json')
      const pair = await logIn(c.var.deps, {
        email,
        password,
        kind: cookie ? 'cookie' : 'bearer',
        address: addressOf(c),
        userAgent: c.req.header('user-agent') ?? '',
        occasion: occasionOf(c),
      })
      if (cookie) keepInCookie(c, pair.refreshToken)
      return c.json(tokensOf(pair, cookie), 200)
    },
  )
  .openapi(
    operation('session.create', {
      method: 'post',
      path: '/auth/refresh',
      operationId: 'refresh',
      summary: 'Get a new access token',
      description: 'The token in the body stays the same. Without one, the cookie counts, and it rotates.',
      tags: ['Access'],
      request: { body: optionalJsonRequest(z.object({ refresh_token: z.string().max(4096).optional() })) },
      responses: { 200: json(Tokens, 'A new access token') },
      fails: ['token_invalid'],
    }),
    async (c) => {
      const { refresh_token } = c.req.valid('json')
      const kept = getCookie(c, COOKIE)
      const token = refresh_token ?? kept
      if (token === undefined) throw errors.tokenInvalid()
      const pair = await refresh(c.var.deps, token)
      const cookie = refresh_token === undefined
      if (cookie) keepInCookie(c, pair.refreshToken)
      return c.json(tokensOf(pair, cookie), 200)
    },
  )
  .openapi(
    operation('session.end', {
      method: 'post',
      path: '/auth/logout',
      operationId: 'logout',
      summary: 'End this session',
      tags: ['Access'],
      responses: { 200: json(Ok, 'Both tokens of the session are dead') },
      fails: ['token_invalid'],
    }),
    async (c) => {
      await logOut(c.var.ctx)
      dropCookie(c)
      return c.json({ status: 'ok' as const }, 200)
    },
  )
  .openapi(
    operation('self.update', {
      method: 'post',
      path: '/auth/change-password',
      operationId: 'changePassword',
      summary: 'Choose a new password; other sessions end',
      tags: ['Access'],
      request: {
        body: jsonRequest(
          z
            .object({
              current_password: z.string().max(1000).optional(),
              old_password: z.string().max(1000).optional().meta({ description: 'Alias of current_password' }),
              new_password: z.string().max(1000).meta({ description: 'At least 8 characters' }),
            })
            .refine((body) => (body.current_password ?? body.old_password) !== undefined, {
              path: ['current_password'],
              message: 'Field required',
            }),
        ),
      },
      responses: { 200: json(Ok, 'Changed') },
      fails: ['token_invalid', 'password_wrong', 'password_too_short'],
    }),
    async (c) => {
      const body = c.req.valid('json')
      const currentPassword = body.current_password ?? body.old_password ?? ''
      await changePassword(c.var.ctx, { currentPassword, newPassword: body.new_password, address: addressOf(c) })
      return c.json({ status: 'ok' as const }, 200)
    },
  )
  .openapi(me('/auth/me', 'getMe'), (c) => c.json(meOf(c), 200))
  .openapi(me('/users/me', 'getMyUser'), (c) => c.json(meOf(c), 200))

const tokensOf = (pair: Awaited<ReturnType<typeof logIn>>, cookie = false): z.infer<typeof Tokens> => ({
  access_token: pair.accessToken,
  refresh_token: cookie ? '' : pair.refreshToken,
  token_type: 'bearer',
  force_password_reset: pair.forcePasswordReset,
})

function keepInCookie(c: Context, token: string): void {
  setCookie(c, COOKIE, token, {
    httpOnly: true,
    sameSite: 'Strict',
    path: '/api/v1/auth',
    secure: new URL(c.req.url).protocol === 'https:',
    maxAge: REFRESH_TOKEN_MS / 1000,
  })
}

export function dropCookie(c: Context): void {
  if (getCookie(c, COOKIE) !== undefined) deleteCookie(c, COOKIE, { path: '/api/v1/auth' })
}
