// What the fuzzer reads of the OpenAPI document: the operations, what opens them, what they take.

export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  enum?: unknown[]
  const?: unknown
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  maxItems?: number
  pattern?: string
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}

interface OperationObject {
  operationId: string
  parameters?: { name: string; in: string; schema?: Schema }[]
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema }> }
  responses: Record<string, unknown>
  security?: Record<string, unknown>[]
}

export interface OpenApi {
  paths: Record<string, Record<string, OperationObject>>
  components: { schemas: Record<string, Schema> }
}

export type Credential = 'admin' | 'device' | 'key' | 'platform' | 'nobody'

export interface Operation {
  id: string
  method: string
  /** Below /api/v1, with `{name}` for parameters. */
  path: string
  /** What the document says opens it; `nobody` = it is public. */
  credentials: Credential[]
  query: { name: string; schema: Schema }[]
  body: { type: string; schema: Schema; required: boolean } | null
  statuses: number[]
}

const CREDENTIAL_OF: Record<string, Credential> = {
  accessToken: 'admin',
  deviceToken: 'device',
  apiKey: 'key',
  platformToken: 'platform',
}

export function operationsOf(document: OpenApi): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const schemes = (operation.security ?? []).flatMap((scheme) => Object.keys(scheme))
      const [content] = Object.entries(operation.requestBody?.content ?? {})
      return {
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        credentials: schemes.length === 0 ? ['nobody'] : schemes.map((scheme) => CREDENTIAL_OF[scheme] ?? 'admin'),
        query: (operation.parameters ?? []).flatMap(({ name, in: place, schema }) =>
          place === 'query' ? [{ name, schema: schema ?? {} }] : [],
        ),
        body: content
          ? {
              type: content[0],
              schema: content[1].schema ?? {},
              required: operation.requestBody?.required === true,
            }
          : null,
        statuses: Object.keys(operation.responses).map(Number),
      }
    }),
  )
}

/** `/forms/{id}/versions/{versionId}` -> `forms.versions`: the name under which a world keeps an example of that id. */
export const referenceName = (pathUpToParameter: string): string =>
  pathUpToParameter
    .split('/')
    .filter((segment) => segment !== '' && !segment.startsWith('{'))
    .join('.')
