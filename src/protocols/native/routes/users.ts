// The people of a tenant, for its admins. Source: contracts/native.md, section 17; PATCH and reset-password are ours.
import { z } from '@hono/zod-openapi'
import { parseEmail, parseUsername } from '../../../domain/access/names.ts'
import { ROLES } from '../../../domain/access/roles.ts'
import {
  changeUser,
  createUser,
  deactivateUser,
  listUsers,
  resetPassword,
  type UserAccount,
} from '../../../domain/access/users.ts'
import { errors } from '../../../domain/errors.ts'
import type { ProjectId, UserId } from '../../../lib/ids.ts'
import { isoTime, isoTimeOrNull } from '../../../lib/iso-time.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { bodyId, pathId, Timestamp } from '../params.ts'

const User = z
  .object({
    id: z.string(),
    email: z.string().nullable(),
    username: z.string().nullable(),
    role: z.enum(ROLES),
    is_active: z.boolean(),
    tenant_id: z.string(),
    memberships: z
      .array(z.object({ project_id: z.string(), role: z.enum(ROLES) }))
      .meta({ description: 'Roles in single projects, beside `role`; the higher one counts' }),
    force_password_reset: z.boolean(),
    created_at: Timestamp,
    last_login_at: Timestamp.nullable(),
  })
  .meta({ id: 'User' })

const userOf = (account: UserAccount): z.infer<typeof User> => ({
  id: account.id,
  email: account.email,
  username: account.username,
  role: account.role,
  is_active: account.isActive,
  tenant_id: account.tenantId,
  memberships: account.memberships.map(({ projectId, role }) => ({ project_id: projectId, role })),
  force_password_reset: account.forcePasswordReset,
  created_at: isoTime(account.createdAtMs),
  last_login_at: isoTimeOrNull(account.lastLoginAtMs),
})

/** An e-mail in a body, as it is stored. */
export const emailField = () =>
  z
    .string()
    .max(400)
    .transform((text, context) => {
      const email = parseEmail(text)
      if (email !== null) return email
      context.addIssue({ code: 'custom', message: 'Not an e-mail address' })
      return z.NEVER
    })
    .openapi({ type: 'string', format: 'email', example: 'amina@example.org' })

const usernameField = () =>
  z
    .string()
    .max(400)
    .transform((text, context) => {
      const username = parseUsername(text)
      if (username !== null) return username
      context.addIssue({ code: 'custom', message: 'A username has 1 to 100 characters, no spaces, no @ and no /' })
      return z.NEVER
    })
    .openapi({ type: 'string', example: 'amina' })

// Text, not an enum: the contract answers 400 to a role that does not exist, not 422.
const roleField = () =>
  z
    .string()
    .max(100)
    .openapi({ enum: [...ROLES] })

const memberships = () =>
  z
    .array(z.object({ project_id: bodyId<ProjectId>(), role: roleField() }))
    .max(1000)
    .optional()
    .meta({ description: 'Roles in single projects' })

const membershipsOf = (given: { project_id: ProjectId; role: string }[] | undefined) =>
  given?.map(({ project_id, role }) => ({ projectId: project_id, role }))

const params = z.object({ id: pathId<UserId>(errors.userNotFound) })

export const users = router()
  .openapi(
    operation('user.read', {
      method: 'get',
      path: '/users',
      operationId: 'listUsers',
      summary: 'All users, deactivated ones too',
      tags: ['Users'],
      responses: { 200: json(z.array(User), 'Oldest first') },
    }),
    async (c) => c.json((await listUsers(c.var.ctx)).map(userOf), 200),
  )
  .openapi(
    operation('user.write', {
      method: 'post',
      path: '/users',
      operationId: 'createUser',
      summary: 'Create a user, who is asked to choose a new password',
      tags: ['Users'],
      request: {
        body: jsonRequest(
          z
            .object({
              email: emailField().nullish(),
              username: usernameField()
                .nullish()
                .meta({ description: 'For clients that log in by name; unique in the tenant' }),
              password: z.string().max(1000).meta({ description: 'At least 8 characters' }),
              role: roleField().optional().meta({ description: 'field_worker if absent' }),
              memberships: memberships(),
            })
            .refine((body) => body.email || body.username, { path: ['email'], message: 'Field required' }),
        ),
      },
      responses: { 201: json(User, 'Created') },
      fails: ['role_invalid', 'project_not_found', 'email_taken', 'username_taken', 'password_too_short'],
    }),
    async (c) => {
      const { email, username, password, role, memberships } = c.req.valid('json')
      const account = await createUser(c.var.ctx, {
        email: email ?? null,
        username: username ?? null,
        password,
        role: role ?? 'field_worker',
        memberships: membershipsOf(memberships) ?? [],
      })
      return c.json(userOf(account), 201)
    },
  )
  .openapi(
    operation('user.write', {
      method: 'patch',
      path: '/users/{id}',
      operationId: 'changeUser',
      summary: 'Change roles, deactivate, reactivate',
      tags: ['Users'],
      request: {
        params,
        body: jsonRequest(
          z.object({
            role: roleField().optional(),
            is_active: z.boolean().optional().meta({ description: 'false ends all sessions and stops all devices' }),
            memberships: memberships().meta({ description: 'Replaces all roles in projects' }),
          }),
        ),
      },
      responses: { 200: json(User, 'The user as it is now') },
      fails: ['user_not_found', 'role_invalid', 'project_not_found', 'cannot_deactivate_self', 'last_admin'],
    }),
    async (c) => {
      const { role, is_active, memberships } = c.req.valid('json')
      const change = { role, isActive: is_active, memberships: membershipsOf(memberships) }
      return c.json(userOf(await changeUser(c.var.ctx, c.req.valid('param').id, change)), 200)
    },
  )
  .openapi(
    operation('user.write', {
      method: 'delete',
      path: '/users/{id}',
      operationId: 'deactivateUser',
      summary: 'Deactivate a user',
      description: 'The user stays in the list and keeps the e-mail; sessions and devices stop at once.',
      tags: ['Users'],
      request: { params },
      responses: { 204: { description: 'Deactivated' } },
      fails: ['user_not_found', 'cannot_deactivate_self', 'last_admin'],
    }),
    async (c) => {
      await deactivateUser(c.var.ctx, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
  .openapi(
    operation('user.write', {
      method: 'post',
      path: '/users/{id}/reset-password',
      operationId: 'resetPassword',
      summary: 'Set a new password for another user',
      description: 'All sessions of the user end, and the next login asks for a password of their own.',
      tags: ['Users'],
      request: {
        params,
        body: jsonRequest(z.object({ password: z.string().max(1000).meta({ description: 'At least 8 characters' }) })),
      },
      responses: { 200: json(User, 'Set') },
      fails: ['user_not_found', 'password_too_short'],
    }),
    async (c) => {
      const { password } = c.req.valid('json')
      return c.json(userOf(await resetPassword(c.var.ctx, c.req.valid('param').id, password)), 200)
    },
  )
