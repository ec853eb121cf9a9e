// Where one is logged in, and logging out there; an admin's view of the same for another user.
import { z } from '@hono/zod-openapi'
import {
  endOwnSession,
  endSessionOfUser,
  listOwnSessions,
  listSessionsOfUser,
  logOutEverywhere,
} from '../../../domain/access/session-list.ts'
import type { Ctx } from '../../../domain/context.ts'
import { errors } from '../../../domain/errors.ts'
import type { SessionId, UserId } from '../../../lib/ids.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { json, operation, router } from '../operation.ts'
import { pathId, Timestamp } from '../params.ts'
import { dropCookie, Ok } from './sessions.ts'

const Session = z
  .object({
    id: z.string(),
    user_agent: z.string().meta({ description: 'What the client called itself at login' }),
    created_at: Timestamp,
    last_used_at: Timestamp.meta({ description: 'Login or last refresh' }),
    expires_at: Timestamp.meta({ description: 'Moves on with each refresh' }),
    current: z.boolean().meta({ description: 'The session that asks' }),
  })
  .meta({ id: 'Session' })

type SessionRow = Awaited<ReturnType<typeof listOwnSessions>>[number]

const sessionOf = (ctx: Ctx, row: SessionRow): z.infer<typeof Session> => ({
  id: row.id,
  user_agent: row.userAgent,
  created_at: isoTime(row.createdAtMs),
  last_used_at: isoTime(row.lastUsedAtMs),
  expires_at: isoTime(row.expiresAtMs),
  current: ctx.actor.kind === 'user' && ctx.actor.sessionId === row.id,
})

const sessionId = pathId<SessionId>(errors.sessionNotFound)
const userId = pathId<UserId>(errors.userNotFound)

export const sessionList = router()
  .openapi(
    operation('self.read', {
      method: 'get',
      path: '/auth/sessions',
      operationId: 'listOwnSessions',
      summary: 'Where you are logged in, newest first',
      tags: ['Access'],
      responses: { 200: json(z.array(Session), 'Your live sessions') },
    }),
    async (c) => {
      const { ctx } = c.var
      return c.json(
        (await listOwnSessions(ctx)).map((row) => sessionOf(ctx, row)),
        200,
      )
    },
  )
  .openapi(
    operation('session.end', {
      method: 'delete',
      path: '/auth/sessions/{id}',
      operationId: 'endOwnSession',
      summary: 'Log out one of your sessions',
      tags: ['Access'],
      request: { params: z.object({ id: sessionId }) },
      responses: { 204: { description: 'Its tokens are dead' } },
      fails: ['session_not_found'],
    }),
    async (c) => {
      await endOwnSession(c.var.ctx, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
  .openapi(
    operation('session.end', {
      method: 'post',
      path: '/auth/logout-all',
      operationId: 'logoutEverywhere',
      summary: 'Log out everywhere, here too; paired devices stay paired',
      tags: ['Access'],
      responses: { 200: json(Ok, 'All your sessions have ended') },
    }),
    async (c) => {
      await logOutEverywhere(c.var.ctx)
      dropCookie(c)
      return c.json({ status: 'ok' as const }, 200)
    },
  )
  .openapi(
    operation('user.read', {
      method: 'get',
      path: '/users/{id}/sessions',
      operationId: 'listUserSessions',
      summary: 'Where a user is logged in, newest first',
      tags: ['Users'],
      request: { params: z.object({ id: userId }) },
      responses: { 200: json(z.array(Session), 'The live sessions of the user') },
      fails: ['user_not_found'],
    }),
    async (c) => {
      const { ctx } = c.var
      return c.json(
        (await listSessionsOfUser(ctx, c.req.valid('param').id)).map((row) => sessionOf(ctx, row)),
        200,
      )
    },
  )
  .openapi(
    operation('user.write', {
      method: 'delete',
      path: '/users/{id}/sessions/{session_id}',
      operationId: 'endUserSession',
      summary: 'Log a user out of one session',
      tags: ['Users'],
      request: { params: z.object({ id: userId, session_id: sessionId }) },
      responses: { 204: { description: 'Its tokens are dead' } },
      fails: ['user_not_found', 'session_not_found'],
    }),
    async (c) => {
      const { id, session_id } = c.req.valid('param')
      await endSessionOfUser(c.var.ctx, id, session_id)
      return c.body(null, 204)
    },
  )
