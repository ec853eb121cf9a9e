// Identifiers: branded so that a form id can't be passed where a tenant id is meant, and UUIDv5 for submissions.
// Minting random ids is injected (`Deps.ids`); this file only names, checks and derives them.
import { createHash } from 'node:crypto'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type TenantId = Branded<'tenant'>
export type UserId = Branded<'user'>
export type ProjectId = Branded<'project'>
export type FormId = Branded<'form'>
export type FormVersionId = Branded<'formVersion'>
export type SubmissionId = Branded<'submission'>
export type MediaId = Branded<'media'>
export type DeviceId = Branded<'device'>
export type ApiKeyId = Branded<'apiKey'>
export type SessionId = Branded<'session'>
export type WebhookId = Branded<'webhook'>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The id in canonical lower case, or null when the text is no UUID (of any version). */
export function parseId<Id extends string>(text: string): Id | null {
  const lower = text.toLowerCase()
  return UUID.test(lower) ? (lower as Id) : null
}

/** `0f8fad5b-…` as 32 hex digits: how ids travel inside tokens and keys. */
export const compactId = (id: string): string => id.replaceAll('-', '')

/** The inverse of `compactId`, or null when the text is not 32 hex digits. */
export function expandId<Id extends string>(compact: string): Id | null {
  if (!/^[0-9a-f]{32}$/.test(compact)) return null
  const h = compact
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}` as Id
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function uuidFromBytes(b: Uint8Array): string {
  let text = ''
  for (let i = 0; i < 16; i++) {
    text += HEX[b[i]!]
    if (i === 3 || i === 5 || i === 7 || i === 9) text += '-'
  }
  return text
}

/** Name-based UUID. Source: RFC 9562 section 5.5 (SHA-1 of namespace bytes and name). Synchronous on purpose:
 *  WebCrypto's digest costs 25 times as much for inputs of this size. */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return uuidFromBytes(hash)
}

/** The one id of the submission that a client calls `localUuid`. A UUID is the same in any letter case; any other
 *  text is taken as it is. */
export const submissionIdOf = (tenant: TenantId, localUuid: string): SubmissionId =>
  uuidV5(tenant, parseId(localUuid) ?? localUuid) as SubmissionId

const SEQ_DIGITS = 12

/**
 * The public id of a webhook's delivery: a UUID (RFC 9562 version 8) of the hook's own id and the event's seq, in which the
 * seq can be read. The same event has another id at each hook, and the same one however often it is made.
 */
export function deliveryIdOf(webhook: WebhookId, seq: number): string {
  const own = createHash('sha1').update(webhook).digest('hex')
  const tail = seq.toString(16).padStart(SEQ_DIGITS, '0')
  return `${own.slice(0, 8)}-${own.slice(8, 12)}-8${own.slice(12, 15)}-a${own.slice(15, 18)}-${tail}`
}

/** The seq of a delivery of this webhook; null when the id is none of its. */
export function seqOfDeliveryId(webhook: WebhookId, id: string): number | null {
  const seq = Number.parseInt(id.slice(-SEQ_DIGITS), 16)
  return Number.isSafeInteger(seq) && deliveryIdOf(webhook, seq) === id ? seq : null
}
