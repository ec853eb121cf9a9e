// Reading JSON bodies, for every protocol: size, UTF-8, syntax, and the few values that no part of the system can keep
// (NUL, lone surrogates, `__proto__`, absurd depth, 1e400). Media types and shapes are each protocol's own matter.
import { errors } from '../domain/errors.ts'
import { inspectJson } from '../lib/json-guard.ts'
import { readAtMost } from '../lib/stream.ts'

/** Deeper than any form nests; far from what a recursive serialiser survives. */
const MAX_JSON_DEPTH = 100

/** Throws `body_too_large`, `body_malformed`. */
export async function readBody({ headers, body }: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(headers.get('content-length') ?? 0) > maxBytes) throw errors.bodyTooLarge(maxBytes)
  if (!body) return new Uint8Array()
  const read = await readAtMost(body, maxBytes).catch((error: unknown) => {
    throw errors.bodyMalformed(`The body broke off: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (!read.ok) throw errors.bodyTooLarge(maxBytes)
  return read.bytes
}

/** `text` is the body as it came. Throws `body_malformed`. */
export function parseJson(bytes: Uint8Array): { value: unknown; text: string } {
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

const GUARD_MESSAGE = {
  too_deep: `is nested deeper than ${MAX_JSON_DEPTH} levels`,
  nul_character: 'holds a NUL character (U+0000), which no client can show and the database cannot keep',
  lone_surrogate: 'holds half a character (a lone UTF-16 surrogate)',
  number_too_large: 'is a number that is too large to be kept',
  forbidden_key: 'has the name __proto__, which is not allowed',
} as const

/** What is wrong with a value that can't be kept, or null. */
export function unkeepable(value: unknown): { path: string; message: string } | null {
  const inspected = inspectJson(value, { maxDepth: MAX_JSON_DEPTH })
  return inspected.ok ? null : { path: inspected.path, message: GUARD_MESSAGE[inspected.code] }
}
