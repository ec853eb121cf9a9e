// Signed tokens: a few bytes that we hand out and want back unchanged. They are signed, not encrypted: whoever holds a
// token can read it. What the bytes mean, and until when they count, is the caller's business.
import { createHmac, timingSafeEqual } from 'node:crypto'

const MAC_BYTES = 32
const MAX_TOKEN_CHARS = 400

/** A key of its own for each purpose, so that no token of one kind can pass for another that the same secret signs. */
const keyFor = (secret: string, purpose: string) => createHmac('sha256', secret).update(`fieldpost:${purpose}`).digest()

const macOf = (secret: string, purpose: string, payload: Uint8Array) =>
  createHmac('sha256', keyFor(secret, purpose)).update(payload).digest()

/** `payload` and its HMAC-SHA256 as base64url, for `openSigned` with the same purpose. */
export const signBytes = (secret: string, purpose: string, payload: Uint8Array): string =>
  Buffer.concat([payload, macOf(secret, purpose, payload)]).toString('base64url')

/** The payload of a token that one of the secrets signed for this purpose, or null. */
export function openSigned(secrets: readonly string[], purpose: string, token: string): Uint8Array | null {
  if (token.length > MAX_TOKEN_CHARS) return null
  const bytes = Buffer.from(token, 'base64url')
  // The decoder skips what it doesn't know: one payload must not have several spellings.
  if (bytes.length < MAC_BYTES || bytes.toString('base64url') !== token) return null
  const payload = bytes.subarray(0, -MAC_BYTES)
  const mac = bytes.subarray(-MAC_BYTES)
  return secrets.some((secret) => timingSafeEqual(mac, macOf(secret, purpose, payload))) ? payload : null
}
