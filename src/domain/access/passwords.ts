// Password hashes: scrypt with its parameters in the stored text, so that the cost can rise without a migration.
// One hash at a time per isolate: each takes 32 MiB, and an isolate has 128.
import { scrypt, timingSafeEqual } from 'node:crypto'

const MAX_MEMORY_BYTES = 64 * 1024 * 1024
const KEY_BYTES = 32
const R = 8
const P = 1

let queue: Promise<unknown> = Promise.resolve()

function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const result = queue.then(work)
  queue = result.catch(() => undefined)
  return result
}

function derive(password: string, salt: Uint8Array, log2N: number, r: number, p: number): Promise<Buffer> {
  return oneAtATime(
    () =>
      new Promise((resolve, reject) => {
        const options = { N: 2 ** log2N, r, p, maxmem: MAX_MEMORY_BYTES }
        // NFKC, so that the same characters typed on another keyboard give the same bytes.
        scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        )
      }),
  )
}

/** `scrypt$15$8$1$<salt>$<key>`, both base64url. */
export async function hashPassword(password: string, salt: Uint8Array, log2N: number): Promise<string> {
  const key = await derive(password, salt, log2N, R, P)
  return ['scrypt', log2N, R, P, Buffer.from(salt).toString('base64url'), key.toString('base64url')].join('$')
}

/** Whether the password belongs to the stored hash. A hash that can't be read belongs to none. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [kind, log2N, r, p, salt, key] = stored.split('$')
  if (kind !== 'scrypt' || !salt || !key) return false
  const expected = Buffer.from(key, 'base64url')
  const actual = await derive(password, Buffer.from(salt, 'base64url'), Number(log2N), Number(r), Number(p))
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

export const MIN_PASSWORD_CHARACTERS = 8
