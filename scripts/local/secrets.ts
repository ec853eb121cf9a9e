// The secrets of a local installation: made on the first start, kept in secrets.json (readable by its owner alone).
// The first admin's password is kept only until somebody has seen it.
import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface LocalSecrets {
  TOKEN_KEYS: string
  /** True until the first admin exists. */
  adminPending: boolean
  /** Set while the first admin has a password that we made and nobody has seen. */
  firstAdminPassword?: string
}

const pathIn = (stateDir: string): string => join(stateDir, 'secrets.json')

/** Reads the secrets, or makes them. Throws an Error for people when the file is broken. */
export function openSecrets(stateDir: string): LocalSecrets {
  const path = pathIn(stateDir)
  if (!existsSync(path)) {
    const secrets: LocalSecrets = {
      TOKEN_KEYS: `local-${randomBytes(3).toString('hex')}:${randomBytes(32).toString('base64url')}`,
      adminPending: true,
    }
    writeSecrets(stateDir, secrets)
    return secrets
  }
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(
      `${path} cannot be read (${(error as Error).message}). Restore it from a backup; without it all users have to ` +
        'log in again: remove the file, and new secrets are made.',
    )
  }
}

export function writeSecrets(stateDir: string, secrets: LocalSecrets): void {
  const path = pathIn(stateDir)
  // Never half-written: the file is replaced as a whole.
  writeFileSync(`${path}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

// No l, 1, o, 0: the password is read from a screen and typed.
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 80 random bits as `xxxx-xxxx-xxxx-xxxx`. */
export const randomPassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('')).join(
    '-',
  )
