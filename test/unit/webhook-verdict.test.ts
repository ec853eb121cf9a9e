// The judge of the fault injection finds what it is there to find: what is lost, doubled, out of order, changed, forged.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Act, EventType } from '../../faults/webhook-events.ts'
import { judge } from '../../faults/webhook-verdict.ts'
import { webhookHeaders } from '../../src/lib/webhook-signature.ts'
import type { Received } from '../support/receiver.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

const act = (submissionId: string, type: EventType, sentAtMs = 1_000): Act => ({ submissionId, type, sentAtMs })

function delivery(seq: number, submissionId: string, type: EventType, over: Partial<Received> = {}): Received {
  const body = JSON.stringify({ id: submissionId, type, seq })
  return {
    atMs: 1_000 + seq,
    method: 'POST',
    headers: webhookHeaders({ id: `msg_${seq}`, timestampSec: 1, body, secrets: [SECRET], event: type }),
    body,
    bodySha256: createHash('sha256').update(body).digest('hex'),
    answered: 200,
    sentBytes: 0,
    ...over,
  }
}

const ACTS = [act('a', 'submission.created'), act('b', 'submission.created'), act('a', 'submission.updated')]
const ALL = [
  delivery(1, 'a', 'submission.created'),
  delivery(2, 'b', 'submission.created'),
  delivery(3, 'a', 'submission.updated'),
]
const CLEAN = { expected: 3, reached: 3, lost: [], duplicates: 0, disorder: [], wrong: [] }

test('everything once, in order, is in order; failures before it are no duplicates', () => {
  expect(judge(ALL, ACTS, SECRET)).toEqual({ ...CLEAN, requests: 3, delaysMs: [1, 2, 3] })
  const failed = [500, 302, null].map((answered) => delivery(1, 'a', 'submission.created', { answered }))
  expect(judge([...failed, ...ALL], ACTS, SECRET)).toMatchObject({ ...CLEAN, requests: 6 })
})

test('what never arrived is lost, also when it was tried', () => {
  expect(judge(ALL.slice(0, 2), ACTS, SECRET).lost).toEqual(['submission.updated of a'])
  const refused = [...ALL.slice(0, 2), delivery(3, 'a', 'submission.updated', { answered: 500 })]
  expect(judge(refused, ACTS, SECRET)).toMatchObject({ reached: 2, lost: ['submission.updated of a'] })
})

test('what came twice is counted', () => {
  expect(judge([...ALL, ALL[0]!, ALL[0]!], ACTS, SECRET)).toMatchObject({ ...CLEAN, duplicates: 2 })
})

test('later before earlier of one submission is found, of two it does not matter', () => {
  expect(judge([ALL[1]!, ALL[0]!, ALL[2]!], ACTS, SECRET)).toMatchObject(CLEAN)
  expect(judge([ALL[2]!, ALL[1]!, ALL[0]!], ACTS, SECRET).disorder).toEqual([
    'a: submission.updated (3) before what had happened before it',
  ])
})

test('other bytes, other signatures and events that nobody made are found', () => {
  const [first] = ALL
  const changed = { ...first!, bodySha256: 'another' }
  expect(judge([...ALL, changed], ACTS, SECRET).wrong).toEqual(['msg_1 came again with other bytes'])
  const forged = { ...first!, headers: { ...first!.headers, 'webhook-signature': 'v1,AAAA' } }
  expect(judge([forged, ...ALL.slice(1)], ACTS, SECRET).wrong).toEqual([
    'request 0 (msg_1) is not signed as it should be',
  ])
  expect(judge([...ALL, delivery(4, 'a', 'submission.deleted')], ACTS, SECRET).wrong).toEqual([
    'msg_4 tells of something nobody did',
  ])
  expect(judge([...ALL, delivery(4, 'c', 'submission.created')], ACTS, SECRET).wrong).toEqual([
    'an event of the unknown submission c came',
  ])
  const other = [first!, ALL[1]!, delivery(3, 'a', 'submission.deleted')]
  expect(judge(other, ACTS, SECRET).wrong).toEqual([
    'msg_3 is submission.deleted where submission.updated was expected',
  ])
})
