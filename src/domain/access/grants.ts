// What a device token or API key is good for, read from the directory. Called by the credential's Intake object, which
// keeps the answer, and by nobody else.
import { sameSecret } from '../../lib/secret.ts'
import { findDeviceCredential, findKeyCredential, parseRoles } from '../../storage/access.ts'
import type { CredentialProof, Deps, EpochMs, Tenant } from '../context.ts'
import type { Grant } from '../submissions/intake-port.ts'

interface TenantRow extends Tenant {
  status: string
}

const tenantOf = ({ status: _, ...tenant }: TenantRow): Tenant => tenant

/** Null when the credential is unknown, its secret is another one, or it is revoked, expired, or its user or tenant is
 *  inactive. Throws only when the directory can't be read. */
export async function readGrant(
  deps: Pick<Deps, 'directory'>,
  proof: CredentialProof,
  nowMs: EpochMs,
): Promise<Grant | null> {
  const { credential, secretHash } = proof
  if (credential.kind === 'device') {
    const row = await findDeviceCredential(deps.directory, credential.id)
    if (!row || !sameSecret(row.device.secretHash, secretHash)) return null
    if (row.device.revokedAtMs !== null || !row.user.isActive || row.tenant.status !== 'active') return null
    return {
      tenant: tenantOf(row.tenant),
      actor: {
        kind: 'device',
        deviceId: row.device.id,
        mode: row.device.mode,
        userId: row.user.id,
        email: row.user.email,
        username: row.user.username,
        syncRole: row.user.syncRole,
        ...parseRoles(row.roles),
      },
      expiresAtMs: null,
    }
  }
  const row = await findKeyCredential(deps.directory, credential.id)
  if (!row || !sameSecret(row.key.secretHash, secretHash)) return null
  const { key } = row
  if (key.revokedAtMs !== null || row.tenant.status !== 'active') return null
  if (key.expiresAtMs !== null && key.expiresAtMs <= nowMs) return null
  return {
    tenant: tenantOf(row.tenant),
    actor: {
      kind: 'key',
      keyId: key.id,
      name: key.name,
      scopes: JSON.parse(key.scopes) as string[],
      projectId: key.projectId,
      lanes: key.lanes,
    },
    expiresAtMs: key.expiresAtMs,
  }
}
