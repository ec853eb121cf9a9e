// What the platform's operator does with tenants: create, suspend, delete. Suspension and deletion stop every
// credential of the tenant before the answer; the data of a deleted tenant is purged by the queue.
import type { TenantId, UserId } from '../../lib/ids.ts'
import { spellSecret } from '../../lib/secret.ts'
import {
  findTenant,
  insertTenantWithAdmin,
  listLiveCredentials,
  listTenants as listTenantRows,
  markTenantDeleted,
  type TenantRow,
  updateTenant,
} from '../../storage/tenants.ts'
import { forgetCredentials } from '../access/credentials.ts'
import { newPasswordHash } from '../access/sessions.ts'
import type { Deps } from '../context.ts'
import { errors } from '../errors.ts'
import { DEFAULT_TENANT_SLUG } from './bootstrap.ts'

/** Intake objects told at once: a tenant may have thousands of devices. */
const FORGET_AT_ONCE = 50

export type TenantAccount = Pick<TenantRow, 'id' | 'name' | 'slug' | 'status' | 'createdAtMs'>

export interface CreateTenantInput {
  name: string
  slug: string
  /** Normalised (access/names.ts). */
  adminEmail: string
  /** Absent: one is made, and told in the answer once. */
  adminPassword?: string
}

export interface NewTenantAccount {
  tenant: TenantAccount
  admin: { id: UserId; email: string; password?: string }
}

/** Throws `slug_taken`, `email_taken` (409), `password_too_short` (422). */
export async function createTenant(deps: Deps, input: CreateTenantInput): Promise<NewTenantAccount> {
  const generated = input.adminPassword === undefined
  const password = input.adminPassword ?? spellSecret(deps.randomBytes(15))
  const passwordHash = await newPasswordHash(deps, password, 'admin_password')
  const tenant = {
    id: deps.newId<TenantId>(),
    slug: input.slug,
    name: input.name,
    status: 'active' as const,
    createdAtMs: deps.clock(),
  }
  const admin = { id: deps.newId<UserId>(), email: input.adminEmail }
  const stored = await insertTenantWithAdmin(deps.directory, {
    tenant,
    admin: { ...admin, passwordHash, forcePasswordReset: true },
  })
  if (stored === 'slug_taken') throw errors.slugTaken()
  if (stored === 'email_taken') throw errors.emailTaken()
  return { tenant, admin: generated ? { ...admin, password } : admin }
}

/** All that are not deleted, oldest first. */
export const listTenants = (deps: Deps): Promise<TenantAccount[]> => listTenantRows(deps.directory)

export interface ChangeTenantInput {
  name?: string
  status?: 'active' | 'suspended'
}

/** Throws `tenant_not_found` (404), `default_tenant` (409). */
export async function changeTenant(deps: Deps, id: TenantId, input: ChangeTenantInput): Promise<TenantAccount> {
  if (input.status === 'suspended') await requireOrdinary(deps, id)
  const tenant = await updateTenant(deps.directory, id, input)
  if (!tenant) throw errors.tenantNotFound()
  if (input.status === 'suspended') await forgetTenant(deps, id)
  return tenant
}

/** Again is no fault. Throws `tenant_not_found` (404), `default_tenant` (409). */
export async function deleteTenant(deps: Deps, id: TenantId): Promise<void> {
  await requireOrdinary(deps, id)
  await markTenantDeleted(deps.directory, id, deps.clock())
  await forgetTenant(deps, id)
  await deps.sendJob({ kind: 'purge-tenant', tenantId: id })
}

async function requireOrdinary(deps: Deps, id: TenantId): Promise<void> {
  const tenant = await findTenant(deps.directory, id)
  if (!tenant) throw errors.tenantNotFound()
  if (tenant.slug === DEFAULT_TENANT_SLUG) throw errors.defaultTenant()
}

async function forgetTenant(deps: Deps, id: TenantId): Promise<void> {
  const credentials = await listLiveCredentials(deps.directory, id)
  for (let from = 0; from < credentials.length; from += FORGET_AT_ONCE)
    await forgetCredentials(deps, credentials.slice(from, from + FORGET_AT_ONCE))
}
