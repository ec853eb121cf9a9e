// The refresh tokens of cookie sessions. Each is signed, so that an old one is known for ours without being stored, and
// each determines its successor, so that two tabs which present the same token get the same next one.
import { createHmac } from 'node:crypto'
import type { SessionId } from '../../lib/ids.ts'
import { hashSecret, sameSecret } from '../../lib/secret.ts'
import type { Config } from '../config.ts'
import { spellCredential } from './credentials.ts'

const NONCE_BYTES = 8
/** With the nonce: the 32 bytes that every credential's secret has. */
const MAC_BYTES = 24
/** 32 bytes in base64url. */
const SECRET_CHARACTERS = 43

export interface RotatingToken {
  token: string
  secretHash: string
}

type TokenKey = Config['tokenKeys'][number]

function sign(key: TokenKey, id: SessionId, nonce: Uint8Array): RotatingToken {
  const mac = createHmac('sha256', key.secret).update(`refresh:${id}:`).update(nonce).digest().subarray(0, MAC_BYTES)
  const secret = Buffer.concat([nonce, mac]).toString('base64url')
  return { token: spellCredential('refresh', id, secret), secretHash: hashSecret(secret) }
}

/** The first token of a session. */
export const firstToken = (
  { config, randomBytes }: { config: Config; randomBytes: (count: number) => Uint8Array },
  id: SessionId,
): RotatingToken => sign(config.tokenKeys[0]!, id, randomBytes(NONCE_BYTES))

/** What follows `presented`: one candidate for each key of the ring, the one to give out now first. */
export const successorsOf = (config: Config, id: SessionId, presented: string): [RotatingToken, ...RotatingToken[]] =>
  config.tokenKeys.map((key) => {
    const nonce = createHmac('sha256', key.secret).update(`rotate:${presented}`).digest().subarray(0, NONCE_BYTES)
    return sign(key, id, nonce)
  }) as [RotatingToken, ...RotatingToken[]]

/** Whether we once gave this token out for this session: then who presents it has it from its owner. */
export function wasIssued(config: Config, id: SessionId, presented: string): boolean {
  const nonce = Buffer.from(presented.slice(-SECRET_CHARACTERS), 'base64url').subarray(0, NONCE_BYTES)
  return config.tokenKeys.some((key) => sameSecret(sign(key, id, nonce).token, presented))
}
