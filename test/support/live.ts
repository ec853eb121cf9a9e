// Somebody who listens to `GET /changes/stream`, and the room they listen in.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Heard, LivePort } from '../../src/domain/sync/live-port.ts'
import type { Key, TestApp, User } from './app.ts'

export interface StreamEvent {
  event: string
  id: string | null
  data: any
}

export interface Listener {
  status: number
  headers: Headers
  /** The next event, comments left out; null at the end of the stream. */
  next(): Promise<StreamEvent | null>
  /** The next block as it is, comments too. */
  nextBlock(): Promise<string | null>
  quit(): Promise<void>
}

export async function listen(
  { app }: Pick<TestApp, 'app'>,
  as: User | Key,
  { after }: { after?: string } = {},
): Promise<Listener> {
  const headers = new Headers('key' in as ? { 'x-api-key': as.key } : { authorization: `Bearer ${as.accessToken}` })
  if (after !== undefined) headers.set('last-event-id', after)
  const response = await app.request('http://fieldpost.test/api/v1/changes/stream', { headers })
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  const blocks: string[] = []
  let isAtEnd = false
  let arrived = () => {}
  const readAll = async () => {
    // Like a real client: always reading.
    for (let text = ''; !isAtEnd; ) {
      const { done, value } = await reader.read()
      const parts = (text + decoder.decode(value, { stream: !done })).split('\n\n')
      text = parts.pop()!
      blocks.push(...parts)
      isAtEnd = done
      arrived()
    }
  }
  void readAll()
  const nextBlock = async (): Promise<string | null> => {
    while (blocks.length === 0 && !isAtEnd)
      await new Promise<void>((resolve) => {
        arrived = resolve
      })
    return blocks.shift() ?? null
  }
  return {
    status: response.status,
    headers: response.headers,
    nextBlock,
    async next() {
      for (;;) {
        const block = await nextBlock()
        if (block === null) return null
        const fields = new Map(block.split('\n').map((line) => [line.split(':', 1)[0]!, line.replace(/^[^:]*: ?/, '')]))
        if (fields.has('data'))
          return {
            event: fields.get('event') ?? 'message',
            id: fields.get('id') ?? null,
            data: JSON.parse(fields.get('data')!),
          }
      }
    },
    quit: () => reader.cancel(),
  }
}

/** How many are in the room. */
export const countListeners = (tenantId: string): Promise<number> =>
  runInDurableObject(roomOf(tenantId), (_, state) => state.getWebSockets().length)

export const roomOf = (tenantId: string) => env.LIVE.get(env.LIVE.idFromName(tenantId))

/** Listens in the room itself, without the API before it. */
export async function enterRoom(tenantId: string, name: string): Promise<WebSocket> {
  const { webSocket } = await roomOf(tenantId).fetch(`http://room/?as=${name}`, { headers: { Upgrade: 'websocket' } })
  webSocket!.accept()
  return webSocket!
}

export const evictRoom = (tenantId: string, webSockets: 'hibernate' | 'close' = 'hibernate') =>
  evictDurableObject(roomOf(tenantId), { webSockets })

/** A live port through which nothing is heard but what the test says, one listener at a time. */
export function deafness() {
  let asks: { ms: number; answer: (heard: Heard) => void } | null = null
  let asked = () => {}
  const wakeUp = (heard: Partial<Heard> = {}) => {
    asks?.answer({ seq: null, recheck: false, closed: false, ...heard })
    asks = null
  }
  const live: LivePort = {
    listen: async () => ({
      next: (ms) =>
        new Promise((answer) => {
          asks = { ms, answer }
          asked()
        }),
      close: () => wakeUp({ closed: true }),
    }),
    recheck: async () => {},
  }
  return {
    live,
    /** Milliseconds that the listener would wait, as soon as it waits. It does until `wakeUp`. */
    async waiting(): Promise<number> {
      if (!asks)
        await new Promise<void>((resolve) => {
          asked = resolve
        })
      return asks!.ms
    },
    wakeUp,
  }
}
