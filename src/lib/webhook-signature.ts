// What a webhook delivery is signed with: the headers of Standard Webhooks (https://www.standardwebhooks.com, by its own
// library) and beside them the two that receivers of Questbee know.
import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

export interface SignedDelivery {
  /** The same at every attempt: what receivers know a repetition by. */
  id: string
  /** Of this attempt. */
  timestampSec: number
  /** Exactly what is sent. */
  body: string
  /** The current secret first, then the one it replaced while that still counts. None: nothing is signed. */
  secrets: readonly string[]
  /** E.g. `submission.created`. */
  event: string
}

const PREFIX = 'whsec_'

/** A new secret, as Standard Webhooks spells them. Of 24 to 64 random bytes. */
export const newWebhookSecret = (bytes: Uint8Array): string => PREFIX + Buffer.from(bytes).toString('base64')

/**
 * `X-Questbee-Signature` is of the current secret alone, its key the UTF-8 bytes of the whole secret as it was given;
 * `webhook-signature` has one signature for each secret, separated by spaces, its key that of `keyOf`.
 * Source: native.md section 13; the specification's "Webhook headers" and "Signature scheme".
 */
export function webhookHeaders({ id, timestampSec, body, secrets, event }: SignedDelivery): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestampSec),
    'x-questbee-event': event,
  }
  const [current] = secrets
  if (current === undefined) return headers
  const at = new Date(timestampSec * 1000)
  headers['webhook-signature'] = secrets
    .map((secret) => new Webhook(keyOf(secret), { format: 'raw' }).sign(id, at, body))
    .join(' ')
  headers['x-questbee-signature'] = `sha256=${createHmac('sha256', current).update(body).digest('hex')}`
  return headers
}

/**
 * The key of a Standard Webhooks signature: the bytes that follow `whsec_` as base64, and the UTF-8 bytes of a secret that
 * is spelled otherwise, because any text may be a secret.
 */
function keyOf(secret: string): Uint8Array {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : ''
  const key = Buffer.from(encoded, 'base64')
  // The decoder skips what it doesn't know, receivers' decoders do not.
  return key.length > 0 && key.toString('base64') === encoded ? key : Buffer.from(secret, 'utf8')
}
