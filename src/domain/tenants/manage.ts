// What the platform's operator does with tenants: create, suspend, delete. Suspension and deletion stop every
// credential of the tenant before the answer; the data of a deleted tenant is purged by the queue.
import type { TenantId, UserId } from '../../lib/ids.ts'
import { spellSecret } from '../../lib/secret.ts'
import {
  findTenant,
  insertTenantWithAdmin,
  listTenants as listTenantRows,
  markTenantDeleted,
  type TenantRow,
  updateTenant,
} from '../../storage/tenants.ts'
import { newPasswordHash } from '../access/sessions.ts'
import { type Act, auditOperator, type OutsideOccasion } from '../audit/audit.ts'
import type { Deps } from '../context.ts'
import { errors } from '../errors.ts'
import { DEFAULT_TENANT_SLUG } from './bootstrap.ts'
import { forgetTenant } from './epoch.ts'

export type TenantAccount = Pick<TenantRow, 'id' | 'name' | 'slug' | 'status' | 'shard' | 'createdAtMs'>

export interface CreateTenantInput {
  name: string
  slug: string
  /** Normalised (access/names.ts). */
  adminEmail: string
  /** Absent: one is made, and told in the answer once. */
  adminPassword?: string
  /** Which database will hold its data; absent: NEW_TENANT_SHARD. */
  shard?: number
}

export interface NewTenantAccount {
  tenant: TenantAccount
  admin: { id: UserId; email: string; password?: string }
}

/** Throws `slug_taken`, `email_taken` (409), `password_too_short`, `body_invalid` for a shard without a binding (422). */
export async function createTenant(
  deps: Deps,
  occasion: OutsideOccasion,
  input: CreateTenantInput,
): Promise<NewTenantAccount> {
  const shard = input.shard ?? deps.config.newTenantShard
  if (!deps.shards.includes(shard))
    throw errors.valueInvalid(['body', 'shard'], `There is no such shard. Known: ${deps.shards.join(', ')}`)
  const generated = input.adminPassword === undefined
  const password = input.adminPassword ?? spellSecret(deps.randomBytes(15))
  const passwordHash = await newPasswordHash(deps, password, 'admin_password')
  const tenant = {
    id: deps.newId<TenantId>(),
    slug: input.slug,
    name: input.name,
    status: 'active' as const,
    shard,
    createdAtMs: deps.clock(),
  }
  const admin = { id: deps.newId<UserId>(), email: input.adminEmail }
  const stored = await insertTenantWithAdmin(deps.directory, {
    tenant,
    admin: { ...admin, passwordHash, forcePasswordReset: true },
  })
  if (stored === 'slug_taken') throw errors.slugTaken()
  if (stored === 'email_taken') throw errors.emailTaken()
  const details = { name: tenant.name, slug: tenant.slug, shard, admin: admin.email }
  await auditOperator(deps, tenant, occasion, actOn('created', tenant.id, details))
  return { tenant, admin: generated ? { ...admin, password } : admin }
}

/** All that are not deleted, oldest first. */
export const listTenants = (deps: Deps): Promise<TenantAccount[]> => listTenantRows(deps.directory)

export interface ChangeTenantInput {
  name?: string
  status?: 'active' | 'suspended'
}

/** Throws `tenant_not_found` (404), `default_tenant` (409). */
export async function changeTenant(
  deps: Deps,
  occasion: OutsideOccasion,
  id: TenantId,
  input: ChangeTenantInput,
): Promise<TenantAccount> {
  if (input.status === 'suspended') await requireOrdinary(deps, id)
  const tenant = await updateTenant(deps.directory, id, input)
  if (!tenant) throw errors.tenantNotFound()
  if (input.status === 'suspended') await forgetTenant(deps, id)
  await auditOperator(deps, tenant, occasion, actOn('changed', id, { ...input }))
  return tenant
}

/** Again is no fault. Throws `tenant_not_found` (404), `default_tenant` (409). */
export async function deleteTenant(deps: Deps, occasion: OutsideOccasion, id: TenantId): Promise<void> {
  const tenant = await requireOrdinary(deps, id)
  // Before it: the log goes with the tenant, and what is written later would only be in the purge's way.
  await auditOperator(deps, tenant, occasion, actOn('deleted', id, { name: tenant.name, slug: tenant.slug }))
  await markTenantDeleted(deps.directory, id, deps.clock())
  await forgetTenant(deps, id)
  try {
    await deps.sendJob({ kind: 'purge-tenant', tenantId: id })
  } catch (error) {
    // The tenant is deleted all the same; the sweep finds that its purge never began.
    deps.log({ level: 'error', event: 'job_not_sent', job: 'purge-tenant', tenant: id, error: String(error) })
  }
}

async function requireOrdinary(deps: Deps, id: TenantId): Promise<TenantRow> {
  const tenant = await findTenant(deps.directory, id)
  if (!tenant) throw errors.tenantNotFound()
  if (tenant.slug === DEFAULT_TENANT_SLUG) throw errors.defaultTenant()
  return tenant
}

const actOn = (what: string, id: TenantId, details: Act['details']): Act => ({
  action: `tenant.${what}`,
  subjectKind: 'tenant',
  subjectId: id,
  details,
})
