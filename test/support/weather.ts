// Taking D1 away. Tenants' data is read and written through sessions, the directory without them, so that either can be
// away alone although both are one database here. The Intake objects see the same weather.
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'

export type Part = 'directory' | 'shard' | 'both'

const OVERLOADED = 'D1_ERROR: D1 DB is overloaded. Requests queued for too long.'

const fail = (): never => {
  throw new Error(OVERLOADED)
}

/** Every call fails at once. Returns what ends it. */
export function takeAway(part: Part = 'both'): () => void {
  const spies = [
    ...(part === 'directory' ? [] : [vi.spyOn(env.DB, 'withSession').mockImplementation(fail)]),
    ...(part === 'shard'
      ? []
      : [vi.spyOn(env.DB, 'prepare').mockImplementation(fail), vi.spyOn(env.DB, 'batch').mockImplementation(fail)]),
  ]
  return () => {
    for (const spy of spies) spy.mockRestore()
  }
}

const never = (): Promise<never> => new Promise(() => {})

/** Sessions accept everything and never answer. With `late`, batches are carried out all the same. */
export function hang({ late = false } = {}): () => void {
  const real = env.DB.withSession.bind(env.DB)
  const spy = vi.spyOn(env.DB, 'withSession').mockImplementation((from) => {
    const session = real(from)
    const statement = new Proxy({} as D1PreparedStatement, {
      get: (_, name) => (name === 'bind' ? () => statement : never),
    })
    return {
      prepare: late ? session.prepare.bind(session) : () => statement,
      batch: (statements: D1PreparedStatement[]) => {
        if (late) void session.batch(statements)
        return never()
      },
      getBookmark: () => null,
    } as unknown as D1DatabaseSession
  })
  return () => spy.mockRestore()
}
