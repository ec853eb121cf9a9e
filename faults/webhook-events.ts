// What happens in the field while webhooks are delivered: submissions come home and are edited, reviewed and deleted, at
// a given pace. Every act is repeated until it is acknowledged, and is one event.
import { setTimeout as sleep } from 'node:timers/promises'
import type { createClient } from '../bench/api.ts'
import { answers } from '../bench/survey.ts'
import type { Random } from './random.ts'

export type EventType = 'submission.created' | 'submission.updated' | 'submission.reviewed' | 'submission.deleted'
export const EVENT_TYPES: EventType[] = [
  'submission.created',
  'submission.updated',
  'submission.reviewed',
  'submission.deleted',
]

export interface Act {
  submissionId: string
  type: EventType
  /** Epoch ms, when the request was sent that was acknowledged. */
  sentAtMs: number
}

export interface EventsOptions {
  port: () => number
  api: ReturnType<typeof createClient>
  device: string
  versionId: string
  random: Random
  events: number
  perSecond: number
}

interface Item {
  id: string
  /** Acts so far. */
  acts: number
  isApproved: boolean
}

/** Submissions of a phone in one request. */
const MAX_BULK = 6
/** More requests are not under way at once, however long the server is away. */
const MAX_IN_FLIGHT = 200
const PAUSE_MS = 100
const ANSWER_WITHIN_MS = 15_000

export function createEvents({ port, api, device, versionId, random, events, perSecond }: EventsOptions) {
  /** Acknowledged ones; those of one submission in their order. */
  const acts: Act[] = []
  /** Submissions that nobody is just changing. */
  const idle: Item[] = []

  /** Sends until somebody answers. The second result is when the answered request was sent. */
  async function insist(method: string, path: string, token: string, body?: unknown): Promise<[Response, number]> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': '*' }
    for (;;) {
      const sentAtMs = Date.now()
      try {
        const response = await fetch(`http://127.0.0.1:${port()}/api/v1${path}`, {
          method,
          headers,
          body: body === undefined ? undefined : JSON.stringify(body),
          signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        })
        // Read to its end: half an answer is none.
        const text = await response.text()
        if (response.status !== 503 && response.status !== 429)
          return [new Response(text || null, { status: response.status }), sentAtMs]
      } catch {
        // The server is away; that is what this is about.
      }
      await sleep(PAUSE_MS)
    }
  }

  /** What a phone has collected, in one request. */
  async function create(count: number): Promise<void> {
    const items = Array.from({ length: count }, () => ({
      form_version_id: versionId,
      local_uuid: random.uuid(),
      data: answers(acts.length),
    }))
    const [response, sentAtMs] = await insist('POST', '/submissions/bulk', device, items)
    const answer = (await response.json()) as Record<'accepted' | 'ignored', { id: string }[]>
    // Ignored: a request without an answer had stored it.
    for (const { id } of [...answer.accepted, ...answer.ignored]) {
      acts.push({ submissionId: id, type: 'submission.created', sentAtMs })
      idle.push({ id, acts: 1, isApproved: false })
    }
  }

  /** Each is such that its repetition changes nothing and makes no further event. */
  async function change(item: Item, type: EventType): Promise<void> {
    const path = `/submissions/${item.id}`
    const send = () => {
      switch (type) {
        case 'submission.updated':
          return insist('PATCH', path, api.token(), { changes: { set: { remarks: `Looked at ${item.acts} times` } } })
        case 'submission.reviewed':
          return insist('POST', `${path}/review`, api.token(), { state: item.isApproved ? 'rejected' : 'approved' })
        default:
          return insist('DELETE', path, api.token())
      }
    }
    const [response, sentAtMs] = await send()
    // 404: the deletion that had no answer has happened.
    const isGood = response.ok || (type === 'submission.deleted' && response.status === 404)
    if (!isGood) throw new Error(`${type} of ${item.id} was answered ${response.status}: ${await response.text()}`)
    acts.push({ submissionId: item.id, type, sentAtMs })
    if (type === 'submission.deleted') return
    if (type === 'submission.reviewed') item.isApproved = !item.isApproved
    item.acts++
    idle.push(item)
  }

  /** The next request, of at most `left` events, and how many they are. */
  function next(left: number): [number, Promise<void>] {
    if (idle.length === 0 || random.chance(0.25)) {
      const count = Math.min(left, random.int(1, MAX_BULK))
      return [count, create(count)]
    }
    const [item] = idle.splice(random.int(0, idle.length - 1), 1)
    const dice = random.next()
    if (dice < 0.6) return [1, change(item!, 'submission.updated')]
    return [1, change(item!, dice < 0.9 ? 'submission.reviewed' : 'submission.deleted')]
  }

  return {
    acts,
    /** Resolves when every act is acknowledged. */
    async run(): Promise<void> {
      const startMs = performance.now()
      const open = new Set<Promise<void>>()
      let failure: Error | null = null
      for (let begun = 0; begun < events; ) {
        await sleep(Math.max(0, startMs + (begun * 1_000) / perSecond - performance.now()))
        while (open.size >= MAX_IN_FLIGHT) await Promise.race(open)
        if (failure) throw failure
        const [count, request] = next(events - begun)
        begun += count
        const act: Promise<void> = request
          .catch((error: Error) => {
            failure ??= error
          })
          .finally(() => open.delete(act))
        open.add(act)
      }
      await Promise.all(open)
      if (failure) throw failure
    },
  }
}
