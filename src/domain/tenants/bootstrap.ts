// The first start: an installation without tenants gets one, with an admin. Idempotent, and never again once any tenant
// exists, whatever the settings say later. Source: contracts/native.md, section 4.

import type { TenantId, UserId } from '../../lib/ids.ts'
import { anyTenantExists, insertTenantWithAdmin } from '../../storage/tenants.ts'
import { hashPassword } from '../access/passwords.ts'
import { normaliseEmail } from '../access/sessions.ts'
import type { Deps } from '../context.ts'

export const DEFAULT_TENANT_SLUG = 'default'

const done = new WeakMap<Deps, Promise<void>>()

/** Runs once per isolate; a failure is tried again by the next request. */
export function ensureBootstrap(deps: Deps): Promise<void> {
  const known = done.get(deps)
  if (known) return known
  const attempt = bootstrap(deps).catch((error) => {
    done.delete(deps)
    throw error
  })
  done.set(deps, attempt)
  return attempt
}

async function bootstrap(deps: Deps): Promise<void> {
  if (await anyTenantExists(deps.directory)) return
  const { email, password } = deps.config.admin
  if (!password) {
    deps.log({
      level: 'warn',
      event: 'bootstrap_waits',
      hint: 'Set the secret ADMIN_PASSWORD to create the first admin.',
    })
    return
  }
  await insertTenantWithAdmin(deps.directory, {
    tenant: {
      id: deps.newId<TenantId>(),
      slug: DEFAULT_TENANT_SLUG,
      name: 'Default Organization',
      createdAtMs: deps.clock(),
    },
    admin: {
      id: deps.newId<UserId>(),
      email: normaliseEmail(email),
      passwordHash: await hashPassword(password, deps.randomBytes(16), deps.config.scryptLog2N),
      forcePasswordReset: true,
    },
  })
}
