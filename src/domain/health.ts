// Health: one cheap question to each store that requests depend on.
import { sql } from 'drizzle-orm'
import type { Deps } from './context.ts'

const TIMEOUT_MS = 3_000

/** `checked` names the questions asked. */
export async function checkHealth(deps: Deps): Promise<{ database: boolean; storage: boolean; checked: string[] }> {
  const [database, storage] = await Promise.all([
    answers(deps, 'D1', deps.directory.get(sql`SELECT 1`)),
    answers(deps, 'R2', deps.blobs.head('health')),
  ])
  return { database, storage, checked: ['D1: SELECT 1', 'R2: HEAD of an object'] }
}

async function answers(deps: Deps, name: string, question: PromiseLike<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
  })
  try {
    await Promise.race([question, timeout])
    return true
  } catch (error) {
    deps.log({ level: 'error', event: 'health', store: name, error: String(error) })
    return false
  } finally {
    clearTimeout(timer)
  }
}
