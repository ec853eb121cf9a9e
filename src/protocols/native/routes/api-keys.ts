// API keys, for admins. The key is in the answer that makes it and nowhere else. Source: contracts/native.md, section 15.
import { z } from '@hono/zod-openapi'
import { type ApiKey, changeApiKey, createApiKey, listApiKeys, revokeApiKey } from '../../../domain/access/api-keys.ts'
import { MAX_LANES } from '../../../domain/access/credentials.ts'
import { EXPLICIT_SCOPES, KEY_SCOPES } from '../../../domain/access/permissions.ts'
import { errors } from '../../../domain/errors.ts'
import { type ApiKeyId, compactId, type ProjectId } from '../../../lib/ids.ts'
import { isoTime, isoTimeOrNull, parseIsoTime } from '../../../lib/iso-time.ts'
import { json, jsonRequest, operation, router } from '../operation.ts'
import { bodyId, isoTimeParam, pathId, Timestamp } from '../params.ts'

const SCOPES_ABOUT = `Empty: all but ${EXPLICIT_SCOPES.join(', ')}, which must be named`

const common = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()).meta({ description: SCOPES_ABOUT }),
  project_id: z.string().nullable().meta({ description: 'The only project that the key reaches; null: all' }),
  lanes: z.int().meta({ description: 'Writers that share the traffic of the key' }),
  created_at: Timestamp,
  expires_at: Timestamp.nullable(),
}

const NewKey = z
  .object({ ...common, key: z.string().meta({ description: 'Shown this once. Goes into the header X-API-Key' }) })
  .meta({ id: 'NewApiKey' })

const Key = z
  .object({
    ...common,
    prefix: z.string().meta({ description: 'How the key begins', example: 'qb_0f8fad5b' }),
    revoked: z.boolean(),
    last_used_at: Timestamp.nullable(),
  })
  .meta({ id: 'ApiKey' })

const commonOf = (apiKey: ApiKey) => ({
  id: apiKey.id,
  name: apiKey.name,
  scopes: apiKey.scopes,
  project_id: apiKey.projectId,
  lanes: apiKey.lanes,
  created_at: isoTime(apiKey.createdAtMs),
  expires_at: isoTimeOrNull(apiKey.expiresAtMs),
})

const keyOf = (apiKey: ApiKey): z.infer<typeof Key> => ({
  ...commonOf(apiKey),
  prefix: `qb_${compactId(apiKey.id).slice(0, 8)}`,
  revoked: apiKey.revoked,
  last_used_at: isoTimeOrNull(apiKey.lastUsedAtMs),
})

const changeable = {
  name: z.string().trim().max(200).optional(),
  scopes: z.array(z.enum(KEY_SCOPES)).max(20).optional().meta({ description: SCOPES_ABOUT }),
  expires_at: isoTimeParam().nullish(),
  lanes: z.int().min(1).max(MAX_LANES).optional(),
}

const params = z.object({ id: pathId<ApiKeyId>(errors.apiKeyNotFound) })

const msOrNull = (text: string | null | undefined): number | null => (text ? parseIsoTime(text)!.ms : null)

export const apiKeys = router()
  .openapi(
    operation('key.read', {
      method: 'get',
      path: '/api-keys',
      operationId: 'listApiKeys',
      summary: 'All API keys, revoked ones too',
      tags: ['API keys'],
      responses: { 200: json(z.array(Key), 'Newest first') },
    }),
    async (c) => c.json((await listApiKeys(c.var.ctx)).map(keyOf), 200),
  )
  .openapi(
    operation('key.write', {
      method: 'post',
      path: '/api-keys',
      operationId: 'createApiKey',
      summary: 'Make an API key',
      tags: ['API keys'],
      request: { body: jsonRequest(z.object({ ...changeable, project_id: bodyId<ProjectId>().nullish() })) },
      responses: { 201: json(NewKey, 'Made; note the key down now') },
      fails: ['project_not_found'],
    }),
    async (c) => {
      const { name, scopes, project_id, expires_at, lanes } = c.req.valid('json')
      const { apiKey, key } = await createApiKey(c.var.ctx, {
        name: name ?? '',
        scopes: scopes ?? [],
        projectId: project_id ?? null,
        expiresAtMs: msOrNull(expires_at),
        lanes: lanes ?? 1,
      })
      return c.json({ ...commonOf(apiKey), key }, 201)
    },
  )
  .openapi(
    operation('key.write', {
      method: 'patch',
      path: '/api-keys/{id}',
      operationId: 'changeApiKey',
      summary: 'Change what a key is called and may do',
      tags: ['API keys'],
      request: { params, body: jsonRequest(z.object(changeable)) },
      responses: { 200: json(Key, 'The key as it is now') },
      fails: ['api_key_not_found'],
    }),
    async (c) => {
      const { expires_at, ...change } = c.req.valid('json')
      const expiry = expires_at === undefined ? {} : { expiresAtMs: msOrNull(expires_at) }
      return c.json(keyOf(await changeApiKey(c.var.ctx, c.req.valid('param').id, { ...change, ...expiry })), 200)
    },
  )
  .openapi(
    operation('key.write', {
      method: 'delete',
      path: '/api-keys/{id}',
      operationId: 'revokeApiKey',
      summary: 'Revoke a key, at once and for good',
      tags: ['API keys'],
      request: { params },
      responses: { 204: { description: 'Revoked' } },
      fails: ['api_key_not_found'],
    }),
    async (c) => {
      await revokeApiKey(c.var.ctx, c.req.valid('param').id)
      return c.body(null, 204)
    },
  )
