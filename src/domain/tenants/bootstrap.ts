// The first start: an installation without tenants gets one, with an admin. Idempotent, and never again once any tenant
// exists, whatever the settings say later. Source: contracts/native.md, section 4.

import type { TenantId, UserId } from '../../lib/ids.ts'
import { anyTenantExists, insertTenantWithAdmin } from '../../storage/tenants.ts'
import { normaliseEmail } from '../access/names.ts'
import { hashPassword } from '../access/passwords.ts'
import type { Deps } from '../context.ts'
import { reach } from '../reach.ts'

export const DEFAULT_TENANT_SLUG = 'default'

const done = new WeakSet<Deps>()

/**
 * Runs until it has succeeded once per isolate. Each early request runs it for itself: a promise that they shared would
 * never settle if the request that began it were cancelled.
 */
export async function ensureBootstrap(deps: Deps): Promise<void> {
  if (done.has(deps)) return
  // An installation that nobody can look at is not set up now, and need not be for what works without D1.
  const asked = await reach(deps, 'directory', () => bootstrap(deps))
  if (asked.reached) done.add(deps)
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
