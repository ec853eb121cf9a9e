// Health: one cheap question to each store that requests depend on.
import { sql } from 'drizzle-orm'
import type { Deps } from './context.ts'

const TIMEOUT_MS = 3_000

/** `checked` names the questions asked. */
export async function checkHealth(deps: Deps): Promise<{ database: boolean; storage: boolean; checked: string[] }> {
  const [storage, directory, ...shards] = await Promise.all([
    answers(deps, 'R2', deps.blobs.head('health')),
    answers(deps, 'D1 DB', deps.directory.get(sql`SELECT 1`)),
    // Shard 0 is the directory's own database.
    ...furtherShards(deps).map((shard) => answers(deps, `D1 DB_${shard}`, deps.shard(shard).prepare('SELECT 1').run())),
  ])
  const names = ['D1 DB', ...furtherShards(deps).map((shard) => `D1 DB_${shard}`)]
  return {
    database: directory && shards.every((isWell) => isWell),
    storage,
    checked: [...names.map((name) => `${name}: SELECT 1`), 'R2: HEAD of an object'],
  }
}

const furtherShards = (deps: Deps): number[] => deps.shards.filter((shard) => shard > 0)

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
