// API keys: made, listed, changed, revoked by admins. The key itself is shown once; what is kept is its hash. Whatever
// changes, the key's Intake objects are told before the answer. Source: contracts/native.md, section 15.
import type { ApiKeyId, ProjectId } from '../../lib/ids.ts'
import {
  type ApiKeyChange,
  type ApiKeyRow,
  insertApiKey,
  listApiKeys as listApiKeyRows,
  revokeApiKey as revokeApiKeyRow,
  updateApiKey,
} from '../../storage/api-keys.ts'
import { allProjectsExist } from '../../storage/project-ids.ts'
import { audit } from '../audit/audit.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { errors, type Json } from '../errors.ts'
import { authorize } from './authorize.ts'
import { forgetCredentials, mintCredential } from './credentials.ts'
import type { KeyScope } from './permissions.ts'

export interface ApiKey {
  id: ApiKeyId
  name: string
  scopes: string[]
  projectId: ProjectId | null
  lanes: number
  revoked: boolean
  createdAtMs: EpochMs
  expiresAtMs: EpochMs | null
  lastUsedAtMs: EpochMs | null
}

const apiKeyOf = (row: ApiKeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  scopes: JSON.parse(row.scopes) as string[],
  projectId: row.projectId,
  lanes: row.lanes,
  revoked: row.revokedAtMs !== null,
  createdAtMs: row.createdAtMs,
  expiresAtMs: row.expiresAtMs,
  lastUsedAtMs: row.lastUsedAtMs,
})

export interface CreateApiKeyInput {
  name: string
  /** [] means every scope. */
  scopes: KeyScope[]
  projectId: ProjectId | null
  expiresAtMs: EpochMs | null
  /** 1 to 8: Intake objects that share the key's traffic. */
  lanes: number
}

/** Throws `project_not_found` (404), `body_invalid` (422) when it would end before it begins. */
export async function createApiKey(ctx: Ctx, input: CreateApiKeyInput): Promise<{ apiKey: ApiKey; key: string }> {
  authorize(ctx, 'key.write')
  requireFuture(ctx, input.expiresAtMs)
  if (input.projectId && !(await allProjectsExist(ctx.db, [input.projectId]))) throw errors.projectNotFound()
  const id = ctx.deps.newId<ApiKeyId>()
  const { token, secretHash } = mintCredential(ctx.deps, 'key', id)
  const row = {
    id,
    tenantId: ctx.tenant.id,
    name: input.name,
    secretHash,
    scopes: JSON.stringify([...new Set(input.scopes)]),
    projectId: input.projectId,
    lanes: input.lanes,
    createdBy: ctx.actor.kind === 'user' ? ctx.actor.userId : null,
    createdAtMs: ctx.nowMs,
    expiresAtMs: input.expiresAtMs,
    lastUsedAtMs: null,
    revokedAtMs: null,
  }
  await insertApiKey(ctx.deps.directory, row)
  await audit(ctx, { action: 'key.created', subjectKind: 'key', subjectId: id, details: termsOf(row) })
  return { apiKey: apiKeyOf(row), key: token }
}

/** Revoked ones too, newest first. */
export async function listApiKeys(ctx: Ctx): Promise<ApiKey[]> {
  authorize(ctx, 'key.read')
  return (await listApiKeyRows(ctx.deps.directory, ctx.tenant.id)).map(apiKeyOf)
}

export type ChangeApiKeyInput = Partial<Pick<CreateApiKeyInput, 'name' | 'scopes' | 'expiresAtMs' | 'lanes'>>

/** Throws `api_key_not_found` (404), `body_invalid` (422) when it would have ended already. */
export async function changeApiKey(ctx: Ctx, id: ApiKeyId, input: ChangeApiKeyInput): Promise<ApiKey> {
  authorize(ctx, 'key.write')
  requireFuture(ctx, input.expiresAtMs ?? null)
  const { scopes, ...rest } = input
  const change: ApiKeyChange = scopes ? { ...rest, scopes: JSON.stringify([...new Set(scopes)]) } : rest
  const row = await updateApiKey(ctx.deps.directory, ctx.tenant.id, id, change)
  if (!row) throw errors.apiKeyNotFound()
  await forgetCredentials(ctx.deps, ctx.tenant.id, [{ kind: 'key', id }])
  await audit(ctx, { action: 'key.changed', subjectKind: 'key', subjectId: id, details: termsOf(row) })
  return apiKeyOf(row)
}

/** At once and for good; again is no fault. Throws `api_key_not_found` (404). */
export async function revokeApiKey(ctx: Ctx, id: ApiKeyId): Promise<void> {
  authorize(ctx, 'key.write')
  if (!(await revokeApiKeyRow(ctx.deps.directory, ctx.tenant.id, id, ctx.nowMs))) throw errors.apiKeyNotFound()
  await forgetCredentials(ctx.deps, ctx.tenant.id, [{ kind: 'key', id }])
  await audit(ctx, { action: 'key.revoked', subjectKind: 'key', subjectId: id })
}

/** What a key is good for, for the audit log. */
const termsOf = (row: ApiKeyRow): Record<string, Json> => ({
  name: row.name,
  scopes: JSON.parse(row.scopes) as string[],
  project_id: row.projectId,
  expires_at: row.expiresAtMs === null ? null : new Date(row.expiresAtMs).toISOString(),
})

function requireFuture(ctx: Ctx, expiresAtMs: EpochMs | null): void {
  if (expiresAtMs !== null && expiresAtMs <= ctx.nowMs)
    throw errors.valueInvalid(['body', 'expires_at'], 'The time is in the past')
}
