// Random secrets: how they are spelled, hashed and compared. 256 random bits need one SHA-256, no slow hash.
import { createHash, timingSafeEqual } from 'node:crypto'

/** 43 characters of base64url for 32 bytes. */
export const spellSecret = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** Lower-case hex SHA-256: what is stored of a secret. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret, 'utf8').digest('hex')

/** Equality in time that does not depend on where the texts differ. */
export function sameSecret(a: string, b: string): boolean {
  const left = Buffer.from(a, 'utf8')
  const right = Buffer.from(b, 'utf8')
  return left.length === right.length && timingSafeEqual(left, right)
}
