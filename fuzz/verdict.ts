// What an answer must look like, whatever was asked: never a 5xx, always the envelope, nothing of our insides, and only
// statuses that the document promises.
import type { Operation } from './document.ts'
import type { FuzzRequest } from './requests.ts'
import type { Answer } from './world.ts'

const INSIDES = /\n\s+at |\.ts:\d+|D1_ERROR|SQLITE_|node_modules|Durable Object/

/** Why the answer is wrong, or null. */
export function faultIn(request: FuzzRequest, answer: Answer, operations: Map<string, Operation>): string | null {
  const { status, headers, text } = answer
  // No answer came: the sender knows why, and has noted it.
  if (status === 0) return null
  if (status >= 500) return `answered ${status}`
  if (!headers.get('x-request-id')) return 'no x-request-id'
  const promised = operations.get(request.operation)?.statuses ?? []
  if (request.isExact && !promised.includes(status)) return `${status} is not in the document`
  if (status < 400 || request.method === 'HEAD') return null
  if (INSIDES.test(text)) return 'shows our insides'
  return envelopeFault(text)
}

function envelopeFault(text: string): string | null {
  let body: { detail?: unknown; code?: unknown; request_id?: unknown }
  try {
    body = JSON.parse(text)
  } catch {
    return 'an error without the envelope'
  }
  const whole = body.detail !== undefined && typeof body.code === 'string' && typeof body.request_id === 'string'
  return whole ? null : 'an error without the envelope'
}
