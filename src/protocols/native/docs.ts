// The description of the native API, as OpenAPI 3.1, made from the declarations of the routes themselves.
// The page that shows it (/docs) is a static file.
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { TypedResponse } from 'hono'
import type { JSONValue } from 'hono/utils/types'
import { json, type NativeEnv, operation, router } from './operation.ts'

const ABOUT = `The server that field data comes home to: forms go out to phones and sensors, submissions, tracks and photos
come back, once each and never lost.

**Credentials.** Users log in (\`POST /auth/login\`) and send the access token; phones are paired
(\`POST /mobile/pair\`) and send their device token; scripts and sensors send an API key.

**Errors** are \`{"detail", "code", "request_id"}\`. \`detail\` is for people, \`code\` is stable (docs/errors.md), and
\`request_id\`, also sent as \`x-request-id\`, finds the line in the server's log.

**Times** are ISO 8601 in UTC, **ids** UUIDs, **coordinates** WGS 84. Paths work with and without a trailing slash.
Everything that belongs to another tenant answers 404.`

/** In the order of the reference's page. */
const TAGS = [
  { name: 'Health', description: 'Is the server well?' },
  { name: 'Access', description: 'Logging in and out, the own account' },
  { name: 'Users', description: 'Accounts of the tenant and their roles' },
  { name: 'Projects', description: 'What forms and submissions are grouped by' },
  { name: 'Forms', description: 'Forms, their drafts and published versions' },
  { name: 'Submissions', description: 'Answers coming in, and reading them back' },
  { name: 'Quarantine', description: 'What could not be stored as submissions' },
  { name: 'Dashboard', description: 'Figures' },
  { name: 'Media', description: 'Photos, recordings, signatures, files' },
  { name: 'Changes', description: 'The feed: everything that happened after a point, in order' },
  { name: 'Exports', description: 'Data as files: tables, places, routes, photos' },
  { name: 'Webhooks', description: 'Addresses that hear of events, and what they were told' },
  { name: 'Devices', description: 'Pairing phones, naming and revoking them' },
  { name: 'Mobile', description: 'What a paired phone fetches' },
  { name: 'Settings', description: 'Settings of the tenant' },
  { name: 'Audit', description: 'Who did what' },
  { name: 'API keys', description: 'Keys for scripts and sensors' },
  { name: 'Headless', description: 'What an API key opens: published forms, sending submissions' },
  { name: 'Platform', description: 'Tenants, for the operator of the installation' },
  { name: 'Documentation', description: 'This document' },
]

const SECURITY_SCHEMES = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A user: `access_token` of `POST /auth/login`. Good for 15 minutes, then `POST /auth/refresh`.',
  },
  deviceToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A paired phone: `device_token` of `POST /mobile/pair`. Also taken as `X-Device-Token`.',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'A script or sensor: `key` of `POST /api-keys`, shown once.',
  },
  platformToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The operator of the installation: the value of PLATFORM_TOKEN.',
  },
} as const

/** The document, in the order of TAGS; `app` has all routes by then. */
export function openApiDocument(app: OpenAPIHono<NativeEnv>) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Fieldpost',
      version: '1',
      description: ABOUT,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    // Relative: the document is right wherever it is served.
    servers: [{ url: '/api/v1' }],
  })
  const used = new Set(
    Object.values(document.paths ?? {}).flatMap((methods) =>
      Object.values(methods as Record<string, { tags?: string[] }>).flatMap(({ tags }) => tags ?? []),
    ),
  )
  return { ...document, tags: TAGS.filter(({ name }) => used.has(name)) }
}

/** `GET /openapi.json`. The text is made by the first request for it and kept. */
export function docs(app: OpenAPIHono<NativeEnv>) {
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES))
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme)
  let text: string | undefined
  return router().openapi(
    operation('docs.read', {
      method: 'get',
      path: '/openapi.json',
      operationId: 'getOpenApi',
      summary: 'This document',
      description: 'OpenAPI 3.1. Shown as a page at /docs.',
      tags: ['Documentation'],
      responses: { 200: json(z.looseObject({}), 'The OpenAPI document') },
    }),
    (c) => {
      text ??= JSON.stringify(openApiDocument(app))
      const response = c.body(text, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' })
      // It is JSON that is already text, which the types of a JSON answer can't say.
      return response as unknown as TypedResponse<Record<string, JSONValue>, 200, 'json'>
    },
  )
}
