// The native envelope: `{detail, code, request_id}`. `detail` is what FastAPI clients expect: a sentence, a list of
// sentences, or a list of `{type, loc, msg, input}` for faults of the request's shape.
// Source: contracts/native.md, section 1.
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import type { AppError, Json, ShapeFault } from '../../domain/errors.ts'
import { diffBodyOf } from './form-diff.ts'

export function renderError(c: Context, error: AppError, requestId: string): Response {
  if (error.retryAfterSeconds !== undefined) c.header('Retry-After', String(error.retryAfterSeconds))
  const body = {
    detail: error.detail ?? error.message,
    code: error.code,
    request_id: requestId,
    ...(error.diff && { diff: diffBodyOf(error.diff) }),
  }
  return c.json(body, error.status as ContentfulStatusCode)
}

const LOCATION: Record<string, string> = {
  json: 'body',
  form: 'body',
  query: 'query',
  param: 'path',
  header: 'header',
  cookie: 'cookie',
}
const SECRET_FIELD = /password|token|secret|key/i

/** zod's issues as shape faults. The input is echoed only where it is short and can't be a secret. */
export function faultsOf(error: z.core.$ZodError, target: string, data?: unknown): ShapeFault[] {
  return error.issues
    .flatMap((issue) => flattenUnion(issue))
    .map((issue) => {
      const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
      const input = valueAt(data, path)
      const fault: ShapeFault = {
        type: issue.code ?? 'invalid',
        loc: [LOCATION[target] ?? target, ...path],
        msg: issue.message,
      }
      if (isEchoable(input) && !path.some((part) => SECRET_FIELD.test(String(part)))) fault.input = input
      return fault
    })
}

/** A union that fails tells of each branch; the branch that got furthest is what the sender meant. */
function flattenUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue]
  const best = issue.errors.reduce((a, b) => (b.length < a.length ? b : a))
  if (best.length === 0) return [issue]
  return best.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

function valueAt(value: unknown, path: (string | number)[]): unknown {
  let current = value
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined
    current = (current as Record<string | number, unknown>)[part]
  }
  return current
}

const isEchoable = (value: unknown): value is Json =>
  value === null ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value.length <= 200)
