// Noticing commits: a shard's database that tells whenever a batch of changes was committed through it. Every change takes
// its seq in the first statement of a D1 batch (seq.ts), so watching the batches misses nobody, and whoever writes needs
// to know nothing of it. What is made of the news is not decided here.
import type { TenantId } from '../lib/ids.ts'

/** Called after the commit, with the counter as the batch has left it. */
export type OnCommit = (tenantId: TenantId, seq: number) => void

export function watchCommits(database: D1Database, onCommit: OnCommit): D1Database {
  const watched = async <T>(batch: Promise<D1Result<T>[]>): Promise<D1Result<T>[]> => {
    const results = await batch
    const raised = results[0]?.results?.[0] as { raised_for?: TenantId; seq: number } | undefined
    if (raised?.raised_for) onCommit(raised.raised_for, raised.seq)
    return results
  }
  return {
    prepare: (query) => database.prepare(query),
    batch: (statements) => watched(database.batch(statements)),
    exec: (query) => database.exec(query),
    dump: () => database.dump(),
    withSession: (from) => {
      const session = database.withSession(from)
      return {
        prepare: (query) => session.prepare(query),
        batch: (statements) => watched(session.batch(statements)),
        getBookmark: () => session.getBookmark(),
      }
    },
  }
}
