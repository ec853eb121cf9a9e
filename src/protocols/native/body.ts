// Reading JSON bodies: media type, size, UTF-8, syntax, and the few values that no part of the system can keep
// (NUL, lone surrogates, `__proto__`, absurd depth). What the values mean is for the schemas behind.
import type { Context, MiddlewareHandler } from 'hono'
import { errors } from '../../domain/errors.ts'
import { inspectJson } from '../../lib/json-guard.ts'
import { readAtMost } from '../../lib/stream.ts'
import type { NativeEnv } from './operation.ts'

export const MAX_JSON_BYTES = 1_048_576
/** Deeper than any form nests; far from what a recursive serialiser survives. */
const MAX_JSON_DEPTH = 100

const JSON_TYPE = /^application\/([a-z0-9!#$&^_.+-]+\+)?json\s*(;|$)/i

/** Puts the checked body where the schema validation of the route finds it. An optional body may be absent: no bytes,
 *  whatever the content type says; then the route's schema sees `{}`. */
export const jsonBody =
  (maxBytes: number, { optional = false }: { optional?: boolean } = {}): MiddlewareHandler<NativeEnv> =>
  async (c, next) => {
    const bytes = optional ? await readBody(c, maxBytes) : undefined
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
  const bytes = read ?? (await readBody(c, maxBytes))
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    throw errors.bodyMalformed('The body is not UTF-8.')
  }
  try {
    return { value: JSON.parse(text), text }
  } catch (error) {
    throw errors.bodyMalformed(`The body is not JSON: ${(error as Error).message}`)
  }
}

async function readBody(c: Context<NativeEnv>, maxBytes: number): Promise<Uint8Array> {
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) throw errors.bodyTooLarge(maxBytes)
  const body = c.req.raw.body
  if (!body) return new Uint8Array()
  const read = await readAtMost(body, maxBytes).catch((error: unknown) => {
    throw errors.bodyMalformed(`The body broke off: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (!read.ok) throw errors.bodyTooLarge(maxBytes)
  return read.bytes
}

const GUARD_MESSAGE = {
  too_deep: `is nested deeper than ${MAX_JSON_DEPTH} levels`,
  nul_character: 'holds a NUL character (U+0000), which no client can show and the database cannot keep',
  lone_surrogate: 'holds half a character (a lone UTF-16 surrogate)',
  forbidden_key: 'has the name __proto__, which is not allowed',
} as const

/** What is wrong with a value that can't be kept, or null. */
export function unkeepable(value: unknown): { path: string; message: string } | null {
  const inspected = inspectJson(value, { maxDepth: MAX_JSON_DEPTH })
  return inspected.ok ? null : { path: inspected.path, message: GUARD_MESSAGE[inspected.code] }
}

function checkJson(value: unknown): void {
  const fault = unkeepable(value)
  if (fault) throw errors.valueInvalid(['body', ...(fault.path ? [fault.path] : [])], `The value ${fault.message}.`)
}
