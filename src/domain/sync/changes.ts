// The feed: what changed in a tenant after a point, in order. Every pull, live feed and incremental export is this
// function plus a rendering; protocols encode the position in their own way.
import type { FormId, ProjectId } from '../../lib/ids.ts'
import {
  type FeedForm,
  type FeedMedia,
  type FeedRows,
  type FeedSubmission,
  readFeed,
  type Wanted,
} from '../../storage/changes.ts'
import { getText } from '../../storage/large-texts.ts'
import { atLeast, authorize } from '../access/authorize.ts'
import type { Ctx, EpochMs } from '../context.ts'

export const CHANGE_KINDS = ['submissions', 'media', 'forms', 'tombstones'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** A submission with its answers as text: the feed passes them on without parsing them. */
export type ChangedSubmission = Omit<FeedSubmission, 'data' | 'dataKey'> & { data: string }

export type Change =
  | { kind: 'submission'; seq: number; atMs: EpochMs; submission: ChangedSubmission }
  | { kind: 'media'; seq: number; atMs: EpochMs; media: FeedMedia }
  | { kind: 'form'; seq: number; atMs: EpochMs; form: FeedForm }
  | {
      kind: 'tombstone'
      of: 'submission' | 'media' | 'form'
      id: string
      seq: number
      atMs: EpochMs
      /** Of a submission or media. */
      formId: FormId | null
      /** Its content is gone for good, not only hidden. */
      erased: boolean
    }

/** A place in the feed. Between two tables that share a seq, the order of TABLES decides. */
export interface Position {
  seq: number
  /** The last table that has been read up to `seq`, as its place in TABLES. */
  table: number
}

export const START: Position = { seq: 0, table: 0 }

const TABLES = ['submissions', 'media', 'forms'] as const
const LAST_TABLE = TABLES.length - 1

/** Behind everything that has a seq up to this one. */
export const endOf = (seq: number): Position => ({ seq, table: LAST_TABLE })

/** Answers in one page. Whatever goes over it waits for the next page, so that no page fills an isolate's memory. */
const MAX_PAGE_BYTES = 1_500_000

export interface ChangesInput {
  after: Position
  limit: number
  kinds: ReadonlySet<ChangeKind>
  mode: 'live' | 'test'
}

export interface ChangesPage {
  items: Change[]
  /** Where the next page begins. Never before `after`. */
  next: Position
  hasMore: boolean
  /** The tenant's counter at the moment of the page: nothing will ever appear at or below it. */
  counter: number
}

/**
 * Changes after a position: each row once, in its latest state, where its latest change stands.
 *
 * **No reader skips, none sees a row twice in one state.** A `seq` is given out inside the D1 transaction that writes
 * the row, and a shard has one writer, so seqs become visible in their order: once n is visible, nothing will ever
 * appear at or below n. All tables are read in one transaction too, so a page is one moment of all of them, and may be
 * cut behind any row. A row that changes takes a new seq and moves to the end of the feed: a reader meets its final
 * state there, whether or not it has met an earlier one. Gaps between seqs mean nothing.
 *
 * Deleted rows are tombstones. A deleted form's tombstone stands for everything of it; an erased submission's for its
 * files. A file whose submission is merely deleted stays in the feed, because the submission may be restored.
 *
 * Source: docs/reliability.md. Throws `forbidden` (403).
 */
export async function changesSince(ctx: Ctx, input: ChangesInput): Promise<ChangesPage> {
  const { mode, limit } = input
  authorize(ctx, 'changes.read')
  const query = { ...tablesOf(input), mode, projectIds: reachOf(ctx), limit }
  for (let attempt = 1; ; attempt++) {
    const feed = await readFeed(ctx.db, { ...query, maxBytes: MAX_PAGE_BYTES })
    const page = merge(feed, input)
    const answers = await readLargeAnswers(ctx, page.rows)
    // Answers that vanish between row and object were erased meanwhile: the row has moved, and is read anew.
    const lost = page.rows.find(({ row }) => 'dataKey' in row && isLarge(row) && !answers.has(row.dataKey!))
    if (!lost)
      return { ...page.place, counter: feed.counter, items: page.rows.map((found) => changeOf(found, answers)) }
    if (attempt > 1) throw new Error(`The answers of submission ${lost.row.id} are gone: their object is missing`)
  }
}

/** Which rows of which table the kinds ask for, and after which seq. */
function tablesOf({ after, kinds }: ChangesInput) {
  const wanted = (table: (typeof TABLES)[number]): (Wanted & { after: number }) | undefined => {
    const standing = kinds.has(table)
    const deleted = kinds.has('tombstones')
    if (!standing && !deleted) return undefined
    return { standing, deleted, after: TABLES.indexOf(table) > after.table ? after.seq - 1 : after.seq }
  }
  return { submissions: wanted('submissions'), media: wanted('media'), forms: wanted('forms') }
}

/** The projects whose changes the actor may follow; null: all. */
function reachOf({ actor }: Ctx): ProjectId[] | null {
  if (actor.kind === 'key') return actor.projectId === null ? null : [actor.projectId]
  if (atLeast(actor.role, 'manager')) return null
  return (Object.keys(actor.projectRoles) as ProjectId[]).filter((id) => atLeast(actor.projectRoles[id]!, 'manager'))
}

type Found = { table: 0; row: FeedSubmission } | { table: 1; row: FeedMedia } | { table: 2; row: FeedForm }

/** The first `limit` rows of all tables together, and where they end. */
function merge(
  { submissions, media, forms, counter }: FeedRows,
  { after, limit }: ChangesInput,
): { rows: Found[]; place: Pick<ChangesPage, 'next' | 'hasMore'> } {
  const all: Found[] = [
    ...submissions.rows.map((row) => ({ table: 0 as const, row })),
    ...media.rows.map((row) => ({ table: 1 as const, row })),
    ...forms.rows.map((row) => ({ table: 2 as const, row })),
  ]
  all.sort((a, b) => a.row.seq - b.row.seq || a.table - b.table)
  // Behind the last row read of a table that has more, that table's rows are unknown: there the page must end.
  const ends = [submissions, media, forms].flatMap(({ rows, more }, table) =>
    more ? all.findIndex((found) => found.table === table && found.row.seq === rows.at(-1)!.seq) + 1 : [],
  )
  const rows = all.slice(0, Math.min(limit, ...ends))
  const last = rows.at(-1)
  const hasMore = rows.length < all.length || ends.length > 0
  if (hasMore && last) return { rows, place: { next: { seq: last.row.seq, table: last.table }, hasMore } }
  // Everything up to the counter of this very snapshot has been read or filtered out: the next page begins behind it.
  // A counter below `after` is that of a replica which has not caught up.
  const next = counter >= after.seq ? endOf(counter) : after
  return { rows, place: { next, hasMore } }
}

const isLarge = (row: FeedSubmission): boolean => row.deletedAtMs === null && row.data === null && row.dataKey !== null

/** Texts by key. MAX_PAGE_BYTES leaves room for a handful of them, so they are fetched at once. */
async function readLargeAnswers(ctx: Ctx, rows: Found[]): Promise<Map<string, string>> {
  const keys = rows.flatMap((found) => (found.table === 0 && isLarge(found.row) ? [found.row.dataKey!] : []))
  const texts = await Promise.all(keys.map((key) => getText(ctx.deps.blobs, key)))
  return new Map(keys.flatMap((key, i) => (texts[i] === null ? [] : [[key, texts[i]!] as const])))
}

function changeOf(found: Found, answers: Map<string, string>): Change {
  const { seq, id, deletedAtMs } = found.row
  if (deletedAtMs !== null) {
    const of = (['submission', 'media', 'form'] as const)[found.table]
    const formId = found.table === 2 ? null : found.row.formId
    const erased = found.table === 0 && found.row.erasedAtMs !== null
    return { kind: 'tombstone', of, id, seq, atMs: deletedAtMs, formId, erased }
  }
  switch (found.table) {
    case 0: {
      const { row } = found
      const data = row.data ?? answers.get(row.dataKey ?? '')
      if (data === undefined) throw new Error(`Submission ${id} has neither answers nor the key of any`)
      return { kind: 'submission', seq, atMs: row.updatedAtMs, submission: { ...row, data } }
    }
    case 1:
      return { kind: 'media', seq, atMs: found.row.createdAtMs, media: found.row }
    case 2:
      return { kind: 'form', seq, atMs: found.row.updatedAtMs, form: found.row }
  }
}
