// How a native endpoint is declared: a contract (`createRoute`) with the verb of the permission table that opens it.
// The guards run in the order the contract promises: credential (401), role (403), media type and size (415, 413),
// shape (422); the rules come after, in the domain.
import { createRoute, OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { permissionOf, type Verb } from '../../domain/access/permissions.ts'
import type { Ctx, Deps } from '../../domain/context.ts'
import { CATALOGUE, type ErrorCode, errors } from '../../domain/errors.ts'
import type { RequestLog } from '../request-log.ts'
import { guard } from './auth.ts'
import { jsonBody, MAX_JSON_BYTES } from './body.ts'
import { faultsOf } from './errors.ts'
import { FormDiffBody } from './form-diff.ts'

export interface NativeEnv {
  Variables: {
    deps: Deps
    requestId: string
    requestLog: RequestLog
    /** Set by the guard of every operation that is not public. */
    ctx: Ctx
  }
}

export const router = () =>
  new OpenAPIHono<NativeEnv>({
    defaultHook: (result) => {
      // The validator hands the raw value over too, which the type of the hook does not tell.
      if (!result.success)
        throw errors.bodyInvalid(faultsOf(result.error, result.target, (result as { data?: unknown }).data))
    },
  })

const ErrorBody = z
  .object({
    detail: z
      .union([
        z.string(),
        z.array(z.string()),
        z.array(z.looseObject({ type: z.string(), loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })),
      ])
      .meta({ description: 'What happened: a sentence, or the list of all faults' }),
    code: z
      .enum(Object.keys(CATALOGUE) as [ErrorCode, ...ErrorCode[]])
      .meta({ description: 'Stable; see docs/errors.md' }),
    request_id: z.string(),
    diff: FormDiffBody.optional().meta({ description: 'With `force_needed`: every change' }),
  })
  .meta({
    id: 'Error',
    example: { detail: 'Form not found', code: 'form_not_found', request_id: '6f9d0c1e-5a7b-4c7e-9c69-1f0a2b3c4d5e' },
  })

type OperationConfig<P extends string> = Omit<RouteConfig, 'path' | 'middleware' | 'security'> & {
  path: P
  operationId: string
  summary: string
  tags: string[]
  /** Codes of the catalogue, beside those that every guarded endpoint can answer. */
  fails?: readonly ErrorCode[]
}

export interface OperationOptions {
  /** Cap of a JSON body in bytes. */
  maxBodyBytes?: number
  /** The handler reads the body itself (multipart; JSON with its own caps). */
  ownBody?: true
  /** The request ends in an Intake object, which checks the credential: see `EnterOptions.checkedOnSubmit`. */
  checkedOnSubmit?: true
}

/** Declares an endpoint. Everything it can answer stands in the OpenAPI document. */
export function operation<P extends string, R extends OperationConfig<P>>(
  verb: Verb,
  config: R,
  options: OperationOptions = {},
) {
  const middleware: MiddlewareHandler<NativeEnv>[] = [guard(verb, options)]
  const { body } = config.request ?? {}
  if (body && !options.ownBody)
    middleware.push(jsonBody(options.maxBodyBytes ?? MAX_JSON_BYTES, { optional: !body.required }))
  // `fails` becomes responses: OpenAPI knows no such member.
  const { fails = [], ...contract } = config
  const codes = new Set<ErrorCode>([...fails, ...guardCodes(verb, config)])
  const responses = { ...config.responses, ...failures([...codes]) }
  const route = { ...contract, responses, middleware, security: securityOf(verb), 'x-permission': verb }
  // The cast hides the middleware from the route's type: it sets variables that NativeEnv already names.
  return createRoute(route as unknown as R)
}

/** JSON content of a request or response. */
export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

/** A required JSON body. */
export const jsonRequest = <S extends z.ZodType>(schema: S) => ({
  required: true as const,
  content: { 'application/json': { schema } },
})

/** A JSON body that may be left out, content type and all: then `c.req.valid('json')` is `{}`. */
export const optionalJsonRequest = <S extends z.ZodType>(schema: S) => ({
  required: false as const,
  content: { 'application/json': { schema } },
})

function guardCodes(verb: Verb, config: { request?: RouteConfig['request'] }): ErrorCode[] {
  const permission = permissionOf(verb)
  const codes: ErrorCode[] = ['internal', 'unavailable', 'rate_limited']
  if (!permission.public) codes.push('not_authenticated', 'forbidden')
  if (config.request?.query || config.request?.body) codes.push('body_invalid')
  if (config.request?.body) codes.push('body_malformed', 'body_too_large', 'media_type_unsupported')
  return codes
}

function failures(codes: ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const { status } = CATALOGUE[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [status, json(ErrorBody, list.map((code) => `\`${code}\``).join(', '))]),
  )
}

function securityOf(verb: Verb): Record<string, string[]>[] {
  const permission = permissionOf(verb)
  const schemes: Record<string, string[]>[] = []
  if (permission.user) schemes.push({ accessToken: [] })
  if (permission.device) schemes.push({ deviceToken: [] })
  if (permission.key) schemes.push({ apiKey: [] })
  if (permission.platform) schemes.push({ platformToken: [] })
  return schemes
}
