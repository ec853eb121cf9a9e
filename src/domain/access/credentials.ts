// How credentials are spelled, so that each names its Intake object without a look-up:
// API keys `qb_<keyId>_<secret>`, device tokens `fpd_<deviceId>_<secret>`, refresh tokens `fpr_<sessionId>_<secret>`.
// No credential contains a shard or a tenant.
import { type ApiKeyId, compactId, type DeviceId, expandId, type TenantId, type UserId } from '../../lib/ids.ts'
import { hashSecret, spellSecret } from '../../lib/secret.ts'
import type { Actor, CredentialProof, Ctx, Deps } from '../context.ts'

const PREFIX = { key: 'qb', device: 'fpd', refresh: 'fpr' } as const
type Kind = keyof typeof PREFIX

const SPELLING = /^(qb|fpd|fpr)_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/

export const spellCredential = (kind: Kind, id: string, secret: string): string =>
  `${PREFIX[kind]}_${compactId(id)}_${secret}`

/** A new secret for the row `id`, and the hash to store of it. */
export function mintCredential(
  deps: Pick<Deps, 'randomBytes'>,
  kind: Kind,
  id: string,
): { token: string; secretHash: string } {
  const secret = spellSecret(deps.randomBytes(32))
  return { token: spellCredential(kind, id, secret), secretHash: hashSecret(secret) }
}

/** The row's id and the secret's hash, or null when the text is no credential of this kind. */
export function readCredential<Id extends string>(kind: Kind, text: string): { id: Id; secretHash: string } | null {
  const match = SPELLING.exec(text)
  if (!match || match[1] !== PREFIX[kind]) return null
  const id = expandId<Id>(match[2]!)
  return id && { id, secretHash: hashSecret(match[3]!) }
}

export const looksLikeRefreshToken = (text: string): boolean => text.startsWith(`${PREFIX.refresh}_`)
export const looksLikeDeviceToken = (text: string): boolean => text.startsWith(`${PREFIX.device}_`)

/** Lanes are numbered from 0; the first has the plain name, so that a key with one lane needs no knowledge of them. */
export const intakeNameOf = (credential: CredentialProof['credential'], lane = 0): string =>
  lane === 0 ? `${credential.kind}:${credential.id}` : `${credential.kind}:${credential.id}/${lane}`

export const userIntakeName = (id: UserId): string => `user:${id}`

/** The object that the caller's submissions go through. */
export const intakeNameOfCtx = ({ proof, actor }: Pick<Ctx, 'proof' | 'actor'>): string => {
  if (proof) return proof.intakeName
  if (actor.kind === 'user') return userIntakeName(actor.userId)
  throw new Error('A device or key without a proof')
}

export const MAX_LANES = 8

/** Every object that may hold a good check of the credential. */
export const intakeNamesOf = (credential: CredentialProof['credential']): string[] =>
  credential.kind === 'device'
    ? [intakeNameOf(credential)]
    : Array.from({ length: MAX_LANES }, (_, lane) => intakeNameOf(credential, lane))

export const keyProof = (id: ApiKeyId, secretHash: string, lane = 0): CredentialProof => ({
  intakeName: intakeNameOf({ kind: 'key', id }, lane),
  credential: { kind: 'key', id },
  secretHash,
})

export const deviceProof = (id: DeviceId, secretHash: string): CredentialProof => ({
  intakeName: intakeNameOf({ kind: 'device', id }),
  credential: { kind: 'device', id },
  secretHash,
})

/** A user's object vouches for sessions while the directory is away. */
type Forgettable = CredentialProof['credential'] | { kind: 'user'; id: UserId }

/** How the live room calls who listens with this credential. */
export const listenerName = (actor: Actor): string => {
  if (actor.kind === 'user') return userIntakeName(actor.userId)
  return intakeNameOf(actor.kind === 'key' ? { kind: 'key', id: actor.keyId } : { kind: 'device', id: actor.deviceId })
}

/** Voids what Intake objects remember of these credentials, and has live streams look whether they may go on. Await it
 *  before answering: revocation is immediate. */
export async function forgetCredentials(
  deps: Pick<Deps, 'intake' | 'clock' | 'live' | 'log'>,
  tenantId: TenantId,
  credentials: Forgettable[],
): Promise<void> {
  const names = credentials.flatMap((credential) =>
    credential.kind === 'user' ? [userIntakeName(credential.id)] : intakeNamesOf(credential),
  )
  await Promise.all([
    ...names.map((name) => deps.intake(name).forget(deps.clock())),
    recheckListeners(deps, tenantId, credentials),
  ])
}

async function recheckListeners(
  { live, log }: Pick<Deps, 'live' | 'log'>,
  tenantId: TenantId,
  credentials: Forgettable[],
): Promise<void> {
  // Devices don't listen.
  const listeners = credentials.flatMap((credential) => {
    if (credential.kind === 'device') return []
    return credential.kind === 'user' ? [userIntakeName(credential.id)] : [intakeNameOf(credential)]
  })
  if (listeners.length === 0) return
  try {
    await live.recheck(tenantId, listeners)
  } catch (error) {
    // Streams carry no data, and look for themselves within seconds: a revocation must not fail for them.
    log({ level: 'warn', event: 'listeners_not_told', tenant: tenantId, error: String(error) })
  }
}
