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

/** More acts are not under way at once, however long the server is away. */
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

  async function create(serial: number): Promise<void> {
    const item = { form_version_id: versionId, local_uuid: random.uuid(), data: answers(serial) }
    const [response, sentAtMs] = await insist('POST', '/submissions/bulk', device, [item])
    const { accepted, ignored } = (await response.json()) as Record<'accepted' | 'ignored', { id: string }[]>
    // Ignored: a request without an answer had stored it.
    const { id } = [...accepted, ...ignored][0]!
    acts.push({ submissionId: id, type: 'submission.created', sentAtMs })
    idle.push({ id, acts: 1, isApproved: false })
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

  function next(serial: number): Promise<void> {
    if (idle.length === 0 || random.chance(0.5)) return create(serial)
    const [item] = idle.splice(random.int(0, idle.length - 1), 1)
    const dice = random.next()
    if (dice < 0.6) return change(item!, 'submission.updated')
    return change(item!, dice < 0.9 ? 'submission.reviewed' : 'submission.deleted')
  }

  return {
    acts,
    /** Resolves when every act is acknowledged. */
    async run(): Promise<void> {
      const startMs = performance.now()
      const open = new Set<Promise<void>>()
      let failure: Error | null = null
      for (let i = 0; i < events; i++) {
        await sleep(Math.max(0, startMs + (i * 1_000) / perSecond - performance.now()))
        while (open.size >= MAX_IN_FLIGHT) await Promise.race(open)
        if (failure) throw failure
        const act: Promise<void> = next(i)
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
