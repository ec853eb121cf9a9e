// One attempt to deliver: a POST that follows no redirect, waits ten seconds, and reads a little of the answer.
// What an outcome means for the delivery and its hook is decided in deliver.ts.
import { viewReader } from '../../lib/stream.ts'
import type { StoredAttempt } from '../../storage/webhook-deliveries.ts'
import type { Deps } from '../context.ts'
import { parseRetryAfter } from './schedule.ts'

export const TIMEOUT_MS = 10_000
/** Of an answer, this much is kept. */
export const MAX_ANSWER_BYTES = 1024
const MAX_ERROR_CHARS = 200

export interface Outcome extends StoredAttempt {
  /** What the receiver asked for. */
  retryAfterMs: number | null
}

export interface Message {
  url: string
  headers: Record<string, string>
  body: string
}

export const isSuccess = ({ status }: Pick<StoredAttempt, 'status'>): boolean =>
  status !== null && status >= 200 && status < 300

/** Never throws: whatever goes wrong is the outcome. */
export async function attempt(deps: Deps, { url, headers, body }: Message): Promise<Outcome> {
  const atMs = deps.clock()
  const ended = (told: Pick<Outcome, 'status' | 'answer' | 'error' | 'retryAfterMs'>): Outcome => ({
    atMs,
    ms: deps.clock() - atMs,
    ...told,
  })
  try {
    const response = await deps.fetch(url, {
      method: 'POST',
      headers: { ...headers, 'user-agent': 'Fieldpost-Webhooks' },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const { status } = response
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), deps.clock())
    // The status is what counts: a body that breaks off or never ends changes nothing.
    const answer = response.body ? await firstBytes(response.body).catch(() => null) : ''
    return ended({ status, answer, error: null, retryAfterMs })
  } catch (error) {
    return ended({ status: null, answer: null, error: reasonOf(error), retryAfterMs: null })
  }
}

/** The first kilobyte as text; the rest is never read. */
async function firstBytes(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = viewReader(body)
  let bytes = new Uint8Array(MAX_ANSWER_BYTES)
  let length = 0
  while (length < bytes.length) {
    const read = await reader.read(bytes.subarray(length))
    bytes = new Uint8Array(read.buffer)
    if (read.length === 0) return textOf(bytes.subarray(0, length))
    length += read.length
  }
  // A source that also fails to close adds nothing.
  reader.cancel(new Error('The rest of the answer is of no interest.')).catch(() => undefined)
  return textOf(bytes)
}

/** NUL is the one character that the database cannot keep. */
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replaceAll('\0', '\ufffd')

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `No answer within ${TIMEOUT_MS / 1000} s.`
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR_CHARS)
}
