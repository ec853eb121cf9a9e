// The data epoch rises when rows disappear wholesale (a form's purge, an erasure, a restore from backup): what Intake
// objects have noted as settled may have to be stored again. The objects of all credentials are told to read theirs anew,
// and if they can't be told, do so within ten minutes.
import type { TenantId } from '../../lib/ids.ts'
import { listLiveCredentials, raiseDataEpoch } from '../../storage/tenants.ts'
import { forgetCredentials } from '../access/credentials.ts'
import type { Deps } from '../context.ts'

/** Intake objects told at once: a tenant may have thousands of devices. */
const FORGET_AT_ONCE = 50

/** When it has ended, no ledger of an earlier epoch answers anybody. */
export async function raiseEpoch(deps: Deps, tenantId: TenantId): Promise<void> {
  await raiseDataEpoch(deps.directory, tenantId)
  await forgetTenant(deps, tenantId)
}

/** Every credential of the tenant is checked against the directory with its next request. */
export async function forgetTenant(deps: Deps, tenantId: TenantId): Promise<void> {
  const credentials = await listLiveCredentials(deps.directory, tenantId)
  for (let from = 0; from < credentials.length; from += FORGET_AT_ONCE)
    await forgetCredentials(deps, tenantId, credentials.slice(from, from + FORGET_AT_ONCE))
}
