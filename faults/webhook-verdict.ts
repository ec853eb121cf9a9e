// What became of the deliveries to one receiver: every event there, how often, in which order, how late, with the same
// bytes each time and a signature that fits.
import { Webhook } from 'standardwebhooks'
import type { Received } from '../test/support/receiver.ts'
import type { Act } from './webhook-events.ts'

export interface Verdict {
  expected: number
  reached: number
  /** Expected and never answered 2xx. */
  lost: string[]
  /** Answered 2xx more than once, by how much. */
  duplicates: number
  /** Of one submission, later before earlier. */
  disorder: string[]
  /** Everything else that must not be. */
  wrong: string[]
  requests: number
  /** From the request that made the event to its arrival, ascending. */
  delaysMs: number[]
}

interface Event {
  webhookId: string
  type: string
  seq: number
  submissionId: string
  /** Of the first request that was answered 2xx. */
  arrival: { index: number; atMs: number }
}

export const isTaken = ({ answered }: Received): boolean => answered !== null && answered >= 200 && answered < 300

export function judge(received: Received[], acts: readonly Act[], secret: string): Verdict {
  const wrong: string[] = []
  const events = new Map<string, Event>()
  const bytes = new Map<string, string>()
  let taken = 0
  for (const [index, request] of received.entries()) {
    const webhookId = request.headers['webhook-id'] ?? ''
    if (!isSigned(request, secret)) wrong.push(`request ${index} (${webhookId}) is not signed as it should be`)
    const known = bytes.get(webhookId)
    if (known === undefined) bytes.set(webhookId, request.bodySha256)
    else if (known !== request.bodySha256) wrong.push(`${webhookId} came again with other bytes`)
    if (!isTaken(request)) continue
    taken++
    if (events.has(webhookId)) continue
    const { type, seq, id } = JSON.parse(request.body) as { type: string; seq: number; id: string }
    const arrival = { index, atMs: request.atMs }
    events.set(webhookId, { webhookId, type, seq, submissionId: id, arrival })
  }

  const lost: string[] = []
  const disorder: string[] = []
  const delaysMs: number[] = []
  const arrived = Map.groupBy(events.values(), ({ submissionId }) => submissionId)
  for (const [submissionId, wanted] of Map.groupBy(acts, (act) => act.submissionId)) {
    const there = (arrived.get(submissionId) ?? []).sort((a, b) => a.seq - b.seq)
    arrived.delete(submissionId)
    for (const [i, act] of wanted.entries()) {
      // The n-th event of a submission tells of the n-th act; one that is missing shifts those behind it.
      const event = there[i]
      if (!event) lost.push(`${act.type} of ${submissionId}`)
      else if (event.type !== act.type) wrong.push(`${event.webhookId} is ${event.type} where ${act.type} was expected`)
      else delaysMs.push(Math.max(0, event.arrival.atMs - act.sentAtMs))
      if (event && i > 0 && event.arrival.index < there[i - 1]!.arrival.index)
        disorder.push(`${submissionId}: ${event.type} (${event.seq}) before what had happened before it`)
    }
    for (const event of there.slice(wanted.length)) wrong.push(`${event.webhookId} tells of something nobody did`)
  }
  for (const [submissionId] of arrived) wrong.push(`an event of the unknown submission ${submissionId} came`)
  return {
    expected: acts.length,
    reached: events.size,
    lost,
    duplicates: taken - events.size,
    disorder,
    wrong,
    requests: received.length,
    delaysMs: delaysMs.sort((a, b) => a - b),
  }
}

/** By the library, at the time that the request names: what came minutes ago would be too old for `verify`. */
function isSigned({ headers, body }: Received, secret: string): boolean {
  const at = new Date(Number(headers['webhook-timestamp']) * 1000)
  return headers['webhook-signature'] === new Webhook(secret).sign(headers['webhook-id'] ?? '', at, body)
}
