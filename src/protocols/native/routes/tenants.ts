// Tenants, for the operator of the installation, who has the PLATFORM_TOKEN. Without that setting there are no such
// endpoints.
import { z } from '@hono/zod-openapi'
import { SLUG } from '../../../domain/access/names.ts'
import { errors } from '../../../domain/errors.ts'
import {
  changeTenant,
  createTenant,
  deleteTenant,
  listTenants,
  type TenantAccount,
} from '../../../domain/tenants/manage.ts'
import type { TenantId } from '../../../lib/ids.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { occasionOf } from '../auth.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { pathId, Timestamp } from '../params.ts'
import { emailField } from './users.ts'

const tenantFields = {
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  status: z.enum(['active', 'suspended', 'deleted']),
  shard: z.int().meta({ description: 'Which database holds its data: 0 is `DB`, n is `DB_n`' }),
  created_at: Timestamp,
}

const Tenant = z.object(tenantFields).meta({ id: 'Tenant' })

const NewTenant = z
  .object({
    ...tenantFields,
    admin: z.object({
      id: z.string(),
      email: z.string(),
      password: z.string().optional().meta({ description: 'Only when it was made here. Shown this once' }),
    }),
  })
  .meta({ id: 'NewTenant' })

const tenantOf = (tenant: TenantAccount): z.infer<typeof Tenant> => ({
  id: tenant.id,
  name: tenant.name,
  slug: tenant.slug,
  status: tenant.status,
  shard: tenant.shard,
  created_at: isoTime(tenant.createdAtMs),
})

const nameField = () => z.string().trim().min(1).max(200)
const params = z.object({ id: pathId<TenantId>(errors.tenantNotFound) })

export const tenants = router()
  .openapi(
    operation('tenant.manage', {
      method: 'get',
      path: '/platform/tenants',
      operationId: 'listTenants',
      summary: 'All tenants',
      tags: ['Platform'],
      responses: { 200: json(z.array(Tenant), 'Oldest first, without deleted ones') },
    }),
    async (c) => c.json((await listTenants(c.var.deps)).map(tenantOf), 200),
  )
  .openapi(
    operation('tenant.manage', {
      method: 'post',
      path: '/platform/tenants',
      operationId: 'createTenant',
      summary: 'Create a tenant with its first admin',
      tags: ['Platform'],
      request: {
        body: jsonRequest(
          z.object({
            name: nameField(),
            slug: z
              .string()
              .regex(SLUG, '2 to 40 of a-z, 0-9 and -')
              .meta({ description: 'Part of its paths, `/t/<slug>/…`', example: 'relief' }),
            admin_email: emailField(),
            admin_password: z.string().max(1000).optional().meta({ description: 'Absent: one is made' }),
            shard: z.int().min(0).optional().meta({
              description: 'Which database will hold its data, for good; absent: NEW_TENANT_SHARD',
            }),
          }),
        ),
      },
      responses: { 201: json(NewTenant, 'Created') },
      fails: ['slug_taken', 'email_taken', 'password_too_short'],
    }),
    async (c) => {
      const { name, slug, admin_email, admin_password, shard } = c.req.valid('json')
      const { tenant, admin } = await createTenant(c.var.deps, occasionOf(c), {
        name,
        slug,
        shard,
        adminEmail: admin_email,
        adminPassword: admin_password,
      })
      return c.json({ ...tenantOf(tenant), admin }, 201)
    },
  )
  .openapi(
    operation('tenant.manage', {
      method: 'patch',
      path: '/platform/tenants/{id}',
      operationId: 'changeTenant',
      summary: 'Rename, suspend or reactivate a tenant',
      description: 'Suspending stops all its sessions, devices and keys at once; reactivating lets them work again.',
      tags: ['Platform'],
      request: {
        params,
        body: jsonRequest(
          z.object({ name: nameField().optional(), status: z.enum(['active', 'suspended']).optional() }),
        ),
      },
      responses: { 200: json(Tenant, 'The tenant as it is now') },
      fails: ['tenant_not_found', 'default_tenant'],
    }),
    async (c) => {
      const { id } = c.req.valid('param')
      return c.json(tenantOf(await changeTenant(c.var.deps, occasionOf(c), id, c.req.valid('json'))), 200)
    },
  )
  .openapi(
    operation('tenant.manage', {
      method: 'delete',
      path: '/platform/tenants/{id}',
      operationId: 'deleteTenant',
      summary: 'Delete a tenant with all its data',
      description:
        'All credentials stop at once; the data is purged in the background. Slug and e-mails are free again.',
      tags: ['Platform'],
      request: { params },
      responses: { 204: { description: 'Deleted' } },
      fails: ['tenant_not_found', 'default_tenant'],
    }),
    async (c) => {
      await deleteTenant(c.var.deps, occasionOf(c), c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
