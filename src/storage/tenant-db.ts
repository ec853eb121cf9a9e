// The handle that storage functions take instead of a database: it carries the tenant, so that a query without one
// doesn't type-check. It reads and writes through a D1 session, whose bookmark travels with the request.
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import type { TenantId } from '../lib/ids.ts'

/** What both a D1 database and a session of it offer. */
export type D1Handle = Pick<D1DatabaseSession, 'prepare' | 'batch'>

export interface TenantDb {
  readonly tenantId: TenantId
  /** For statements that drizzle can't say: `json_each` writes and the counter. */
  readonly d1: D1Handle
  readonly orm: DrizzleD1Database
  /** The point in time this request has seen, for `x-d1-bookmark`; null before its first query. */
  bookmark(): string | null
  /** A write that an Intake object made for this request: the client must see it, too. */
  sawBookmark(bookmark: string | null): void
  /** A write has left a row in the outbox, if `wrote`: whoever opened this handle wants to know. */
  noteOutbox(wrote: boolean): void
}

/**
 * Opens a tenant's data. `from` is a bookmark of an earlier request, `first-primary` (the newest state) or
 * `first-unconstrained` (any replica: only for exports and dashboard lists).
 */
export function openTenantDb(
  shard: D1Database,
  tenantId: TenantId,
  { from = 'first-primary', onOutbox }: { from?: string; onOutbox?: () => void } = {},
): TenantDb {
  let opened: { session: D1DatabaseSession; orm: DrizzleD1Database } | undefined
  const open = () => {
    if (!opened) {
      const session = shard.withSession(from)
      // A session has the two methods of a database that drizzle calls.
      opened = { session, orm: drizzle(session as unknown as D1Database) }
    }
    return opened
  }
  let written: string | null = null
  return {
    tenantId,
    // Opened by the first query: requests that need none work while the database is away.
    get d1() {
      return open().session
    },
    get orm() {
      return open().orm
    },
    bookmark: () => written ?? opened?.session.getBookmark() ?? null,
    sawBookmark: (bookmark) => {
      written = bookmark
    },
    noteOutbox: (wrote) => {
      if (wrote) onOutbox?.()
    },
  }
}
