// Which sync clients were seen, and how far each has got: for the people who look after them.
import type { UserId } from '../../lib/ids.ts'
import { listSyncClients } from '../../storage/repositories.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx, EpochMs } from '../context.ts'
import { openRepository, versionOf } from './repository.ts'

export interface SyncClient {
  clientId: string
  lastSeenAtMs: EpochMs
  /** What it has, as a version of the sync wire. */
  dataVersion: number
  appVersion: string | null
}

/** A tenant has about as many as it has phones. */
const MAX_CLIENTS = 5_000

/** By user, last seen first. A client is seen when it pushes and when it pulls, to ten minutes. */
export async function clientsByUser(ctx: Ctx): Promise<Map<UserId, SyncClient[]>> {
  authorize(ctx, 'user.read')
  const { repository } = await openRepository(ctx)
  const clients = await listSyncClients(ctx.db, MAX_CLIENTS)
  const byUser = new Map<UserId, SyncClient[]>()
  for (const { userId, cursorSeq, ...seen } of clients) {
    const client = { ...seen, dataVersion: versionOf(repository, cursorSeq) }
    byUser.set(userId, [...(byUser.get(userId) ?? []), client])
  }
  return byUser
}
