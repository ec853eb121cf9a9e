// The feed, live: server-sent events that say that there is something to read. What it is, `GET /changes` tells.
// Source: the event stream format of the HTML standard, section 9.2.
import { z } from '@hono/zod-openapi'
import { type EndReason, followChanges, type LiveEvent } from '../../../domain/sync/live.ts'
import { enterAgain } from '../auth.ts'
import { feedCursor, positionOf } from '../feed-cursor.ts'
import { operation, router } from '../operation.ts'

/** How long a client that reconnects by itself waits before it does. */
const RETRY_MS = 2_000

const DETAIL: Record<EndReason, string> = {
  expired: 'The access token has expired. Refresh it, and connect again.',
  revoked: 'The credential is no longer good, or no longer allowed to follow the changes. Log in again.',
  reconnect: 'Connect again.',
}

export const changesStream = router().openapi(
  operation('changes.read', {
    method: 'get',
    path: '/changes/stream',
    operationId: 'streamChanges',
    summary: 'Hear at once that there are changes to read',
    description: [
      'Server-sent events that carry hints, not data: `changed` says how far the feed reaches now (`{"cursor", "epoch"}`,',
      'the cursor is also its `id`). On each, read `GET /changes` from the cursor that you hold. The first one comes at once',
      'if the feed already reaches beyond `Last-Event-ID`. Comments keep the connection alive. `end` is the last event',
      '(`{"reason", "detail"}`): `expired` (refresh the token), `revoked` (log in again) or `reconnect` (after 15 minutes,',
      'or when the server moves). Hints may be lost; a stream finds out within 20 seconds. Use `fetch`, not `EventSource`,',
      'which can send no credential. At most 20 streams of a credential, 1,000 of a tenant.',
    ].join(' '),
    tags: ['Changes'],
    request: {
      headers: z.object({
        'last-event-id': z
          .string()
          .max(400)
          .optional()
          .meta({ description: 'A cursor of the feed: how far you have read; absent: not at all' }),
      }),
    },
    responses: {
      200: { description: 'Events until the end', content: { 'text/event-stream': { schema: z.string() } } },
    },
    fails: ['token_invalid', 'api_key_invalid', 'body_invalid', 'too_many_streams'],
  }),
  async (c) => {
    const after = positionOf(c.req.valid('header')['last-event-id'], ['header', 'last-event-id'])
    const headers = {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store, no-transform',
      // Proxies that buffer would hold every hint back until the end.
      'X-Accel-Buffering': 'no',
    }
    if (c.req.method === 'HEAD') return new Response(null, { headers })
    const { deps, requestId } = c.var
    const { events, stop } = await followChanges(c.var.ctx, { after, reenter: () => enterAgain(c, 'changes.read') })
    const texts = render(events)
    const encoder = new TextEncoder()
    let isGone = false
    const leave = () => {
      isGone = true
      stop()
    }
    c.req.raw.signal.addEventListener('abort', leave)
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await texts.next()
          // The client has gone: there is nothing left that could be written to.
          if (isGone) return
          if (done) controller.close()
          else controller.enqueue(encoder.encode(value))
        } catch (error) {
          // Too late for a status: the connection breaks, and the client comes again.
          deps.log({ level: 'error', event: 'stream_broke', request_id: requestId, error: String(error) })
          controller.error(error)
        }
      },
      cancel: leave,
    })
    return new Response(body, { headers })
  },
)

async function* render(events: AsyncIterable<LiveEvent>): AsyncGenerator<string, void, undefined> {
  yield `retry: ${RETRY_MS}\n\n`
  for await (const event of events) {
    switch (event.kind) {
      case 'position': {
        const cursor = feedCursor(event.epoch, event.position)
        yield `id: ${cursor}\nevent: changed\ndata: ${JSON.stringify({ cursor, epoch: event.epoch })}\n\n`
        break
      }
      case 'still':
        yield ': still here\n\n'
        break
      case 'end':
        yield `event: end\ndata: ${JSON.stringify({ reason: event.reason, detail: DETAIL[event.reason] })}\n\n`
    }
  }
}
