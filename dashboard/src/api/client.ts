// The API as the screens use it: the typed client of the product with this tab's session, and answers that are either
// the body or an ApiError. There is no endpoint that only the dashboard may call.
import type { ClientResponse } from 'hono/client'
import { createClient } from '../../../src/client.ts'
import { sessionFetch } from '../session.ts'

export const api = createClient(location.origin, { fetch: sessionFetch })

export interface Fault {
  /** Where in the request, e.g. `['body', 'email']`. */
  loc: (string | number)[]
  msg: string
}

/** What the server says went wrong, in its own words, which name what to do. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  readonly faults: Fault[]
  /** Lines of a list of sentences. */
  readonly lines: string[]
  readonly body: unknown

  constructor(status: number, body: unknown, requestId: string | null) {
    const { detail, code } = (typeof body === 'object' && body !== null ? body : {}) as {
      detail?: unknown
      code?: unknown
    }
    const list = Array.isArray(detail) ? detail : []
    const faults = list.filter((one): one is Fault => typeof one === 'object' && one !== null && 'msg' in one)
    const lines = list.filter((one): one is string => typeof one === 'string')
    const told = [...lines, ...faults.map(({ msg }) => msg)]
    super(typeof detail === 'string' ? detail : told.join('\n') || `HTTP ${status}`)
    this.status = status
    this.code = typeof code === 'string' ? code : ''
    this.requestId = requestId
    this.faults = faults
    this.lines = lines
    this.body = body
  }
}

type Good = 200 | 201 | 202 | 204
type BodyOf<R> = R extends ClientResponse<infer T, infer S, infer _F> ? (S extends Good ? T : never) : never

/** The body of a good answer (undefined for 204). Throws ApiError for any other, TypeError when nobody answers. */
export async function ask<R extends { status: number }>(asked: Promise<R>): Promise<BodyOf<R>> {
  return (await bodyOf((await asked) as unknown as Response)) as BodyOf<R>
}

/** The body, and the headers that lists page by. */
export async function askPage<R extends { status: number }>(
  asked: Promise<R>,
): Promise<{ items: BodyOf<R>; total: number | null; cursor: string | null }> {
  const response = (await asked) as unknown as Response
  const items = (await bodyOf(response)) as BodyOf<R>
  const total = response.headers.get('x-total-count')
  return { items, total: total === null ? null : Number(total), cursor: response.headers.get('x-next-cursor') }
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.ok) return response.status === 204 ? undefined : response.json()
  const text = await response.text()
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {
    // A proxy's page, not ours: ApiError shows the status instead.
  }
  throw new ApiError(response.status, body, response.headers.get('x-request-id'))
}
