// Signatures of deliveries, checked as a receiver would: by the library of Standard Webhooks and by a plain HMAC.
import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { newWebhookSecret, webhookHeaders } from '../../../src/lib/webhook-signature.ts'

const nowSec = () => Math.floor(Date.now() / 1000)
const delivery = (secrets: string[], body = '{"id":"msg_1"}') => ({
  id: 'msg_1',
  timestampSec: nowSec(),
  body,
  secrets,
  event: 'submission.created',
})

/** As the library of a receiver does it, which throws for a signature that does not fit. */
const verify = (secret: string | Uint8Array, body: string, headers: Record<string, string>) =>
  (typeof secret === 'string' ? new Webhook(secret) : new Webhook(secret, { format: 'raw' })).verify(body, headers)

test('the example of the specification has the signature that stands there', () => {
  const headers = webhookHeaders({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSec: 1614265330,
    body: '{"test": 2432232314}',
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    event: 'test',
  })
  expect(headers).toEqual({
    'content-type': 'application/json',
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    'x-questbee-event': 'test',
    'x-questbee-signature': `sha256=${createHmac('sha256', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
      .update('{"test": 2432232314}')
      .digest('hex')}`,
  })
})

test('any body under a secret of ours is verified by the library, and no other body or secret', () => {
  fc.assert(
    fc.property(fc.json(), fc.uint8Array({ minLength: 24, maxLength: 64 }), (body, bytes) => {
      const secret = newWebhookSecret(bytes)
      const headers = webhookHeaders(delivery([secret], body))
      expect(verify(secret, body, headers)).toEqual(JSON.parse(body))
      expect(() => verify(secret, `${body} `, headers)).toThrow('No matching signature')
      expect(() => verify(newWebhookSecret(randomBytes(32)), body, headers)).toThrow('No matching signature')
      expect(() => verify(secret, body, { ...headers, 'webhook-id': 'msg_2' })).toThrow('No matching signature')
    }),
  )
})

test('any text is a secret: its UTF-8 bytes are the key of both signatures', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.json(), (secret, body) => {
      fc.pre(!secret.startsWith('whsec_'))
      const headers = webhookHeaders(delivery([secret], body))
      expect(verify(Buffer.from(secret, 'utf8'), body, headers)).toEqual(JSON.parse(body))
      const mac = createHmac('sha256', Buffer.from(secret, 'utf8')).update(Buffer.from(body, 'utf8')).digest('hex')
      expect(headers['x-questbee-signature']).toBe(`sha256=${mac}`)
    }),
  )
})

test.each(['whsec_', 'whsec_!', 'whsec_abc', 'whsec_my-own_secret', 'whsec_YWJj\n', 'whsec_YWJ=', 'WHSEC_YWJj'])(
  'what only looks like a secret of ours is taken as a text: %j',
  (secret) => {
    const headers = webhookHeaders(delivery([secret]))
    expect(verify(Buffer.from(secret, 'utf8'), '{"id":"msg_1"}', headers)).toEqual({ id: 'msg_1' })
  },
)

test('during a rotation both secrets verify, and the plain signature is of the current one', () => {
  const [current, previous] = [newWebhookSecret(randomBytes(32)), 'the old one']
  const { body, ...rest } = delivery([current, previous])
  const headers = webhookHeaders({ body, ...rest })
  expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
  expect(verify(current, body, headers)).toEqual({ id: 'msg_1' })
  expect(verify(Buffer.from(previous), body, headers)).toEqual({ id: 'msg_1' })
  expect(headers['x-questbee-signature']).toBe(`sha256=${createHmac('sha256', current).update(body).digest('hex')}`)
})

test('without a secret there is an id and a time, but no signature', () => {
  expect(Object.keys(webhookHeaders(delivery([])))).toEqual([
    'content-type',
    'webhook-id',
    'webhook-timestamp',
    'x-questbee-event',
  ])
})

test('an attempt is good for five minutes, a new one is signed anew', () => {
  const secret = newWebhookSecret(randomBytes(32))
  const { body, ...rest } = delivery([secret])
  const first = webhookHeaders({ body, ...rest, timestampSec: nowSec() - 301 })
  expect(() => verify(secret, body, first)).toThrow('too old')
  const later = webhookHeaders({ body, ...rest })
  expect(verify(secret, body, later)).toEqual({ id: 'msg_1' })
  expect(later['webhook-id']).toBe(first['webhook-id'])
})
