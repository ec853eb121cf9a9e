// JSON bodies of the native API: the media type, and handing the value over to the schemas, which say what it means.
import type { Context, MiddlewareHandler } from 'hono'
import { errors } from '../../domain/errors.ts'
import { parseJson, readBody, unkeepable } from '../read-json.ts'
import type { NativeEnv } from './operation.ts'

export const MAX_JSON_BYTES = 1_048_576

const JSON_TYPE = /^application\/([a-z0-9!#$&^_.+-]+\+)?json\s*(;|$)/i

/** Puts the checked body where the schema validation of the route finds it. An optional body may be absent: no bytes,
 *  whatever the content type says; then the route's schema sees `{}`. */
export const jsonBody =
  (maxBytes: number, { optional = false }: { optional?: boolean } = {}): MiddlewareHandler<NativeEnv> =>
  async (c, next) => {
    const bytes = optional ? await readBody(c.req.raw, maxBytes) : undefined
    const value = bytes?.length === 0 ? {} : (await readJson(c, maxBytes, bytes)).value
    checkJson(value)
    c.req.bodyCache.json = Promise.resolve(value)
    // A stream of no bytes is a body to the router, which would look at its content type.
    if (bytes?.length === 0) c.req.raw = withoutBody(c.req.raw)
    // The validator skips bodies that don't declare themselves; ours was read as JSON whatever it said.
    await next()
  }

function withoutBody({ url, method, headers }: Request): Request {
  const others = new Headers(headers)
  others.delete('content-type')
  return new Request(url, { method, headers: others })
}

/** Throws 415, 413, 400. `text` is the body as it came. */
export async function readJson(
  c: Context<NativeEnv>,
  maxBytes: number,
  read?: Uint8Array,
): Promise<{ value: unknown; text: string }> {
  const type = c.req.header('content-type')
  if (type === undefined || !JSON_TYPE.test(type)) throw errors.mediaTypeUnsupported('application/json')
  return parseJson(read ?? (await readBody(c.req.raw, maxBytes)))
}

function checkJson(value: unknown): void {
  const fault = unkeepable(value)
  if (fault) throw errors.valueInvalid(['body', ...(fault.path ? [fault.path] : [])], `The value ${fault.message}.`)
}
