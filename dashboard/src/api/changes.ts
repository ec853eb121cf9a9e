// Hints that something has changed, as they happen: one stream for all who listen, read with fetch so that it carries the
// credential. Hints carry no data; who hears one asks again. Where no stream can be had, everybody asks now and then.
import { useEffect } from 'react'
import { sessionFetch } from '../session.ts'
import { api } from './client.ts'

/** Several hints within this time are one. */
const GATHER_MS = 400
const RETRY_MS = 2_000
const MAX_RETRY_MS = 60_000
/** Without a stream. */
const POLL_MS = 20_000

const listeners = new Set<() => void>()
let stopped: AbortController | undefined
let gathering: ReturnType<typeof setTimeout> | undefined

/** Calls `onChange` soon after something was written, by whomever. It must be the same function at each render. */
export function useChanges(onChange: () => void, enabled = true): void {
  useEffect(() => {
    if (!enabled) return
    listeners.add(onChange)
    if (listeners.size === 1) {
      stopped = new AbortController()
      void follow(stopped.signal)
    }
    return () => {
      listeners.delete(onChange)
      if (listeners.size === 0) stopped?.abort()
    }
  }, [onChange, enabled])
}

function tell(): void {
  if (gathering !== undefined) return
  gathering = setTimeout(() => {
    gathering = undefined
    for (const listener of listeners) listener()
  }, GATHER_MS)
}

async function follow(signal: AbortSignal): Promise<void> {
  let cursor: string | undefined
  let waitMs = RETRY_MS
  while (!signal.aborted) {
    try {
      const response = await sessionFetch(api.changes.stream.$url(), {
        signal,
        headers: { accept: 'text/event-stream', ...(cursor && { 'last-event-id': cursor }) },
      })
      if (response.ok && response.body) {
        waitMs = RETRY_MS
        for await (const event of eventsOf(response.body)) {
          if (event.id) {
            // The first position is where we begin; what is beyond it is news.
            if (cursor !== undefined && event.id !== cursor) tell()
            cursor = event.id
          }
        }
      } else if (response.status === 401 || response.status === 403) {
        return poll(signal)
      } else waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)
    } catch {
      // The line is down, or nobody listens any more: then `signal` says so.
      waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)
    }
    await pause(waitMs, signal)
    // What happened meanwhile gave no hint.
    if (!signal.aborted && waitMs > RETRY_MS) tell()
  }
}

async function poll(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(POLL_MS, signal)
    if (!signal.aborted && !document.hidden) tell()
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/** The events of a stream. Source: the event stream format of the HTML standard, section 9.2.6, as far as our server writes it. */
async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<{ id?: string }> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += decoder.decode(value, { stream: true })
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const fields = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        yield { id: fields.find((line) => line.startsWith('id: '))?.slice(4) }
      }
    }
  } finally {
    reader.releaseLock()
    void body.cancel().catch(() => undefined)
  }
}
