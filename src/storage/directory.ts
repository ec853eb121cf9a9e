// The handle on the directory: the binding `DB`, where tenants, users, sessions, keys and devices are.
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'

/** `$client` is for batches with statements that drizzle can't say: its `batch` takes no raw SQL with parameters. */
export type Directory = DrizzleD1Database & { $client: D1Database }

export const openDirectory = (database: D1Database): Directory => drizzle(database)
