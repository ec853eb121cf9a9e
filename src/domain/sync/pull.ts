// Pulling: a page of the feed as whole records, and remembering how far the client has got.
// Source: contracts/synkronus.md, sections 4 and 10.
import { writeCursor } from '../../storage/repositories.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { type ChangedSubmission, type ChangesPage, changesSince } from './changes.ts'
import { checkGeneration, openRepository, recordsOf, seqOf, versionOf } from './repository.ts'

export interface PullInput {
  clientId: string
  /** The client has everything up to here. */
  sinceVersion: number
  limit: number
  /** Null: all. */
  formKeys: string[] | null
  /** Null: the client does not say. */
  generation: number | null
}

/** A record with its place on the sync wire. */
export interface PulledRecord {
  version: number
  submission: ChangedSubmission
}

export interface PulledPage {
  generation: number
  /** Nothing will ever appear at or below it. */
  currentVersion: number
  /** Where the next page begins. */
  cutoff: number
  hasMore: boolean
  records: PulledRecord[]
}

/** Throws `repository_reset_required` (409). */
export async function pullRecords(ctx: Ctx, input: PullInput): Promise<PulledPage> {
  const { clientId, sinceVersion, formKeys } = input
  const { repository, cursorSeq } = await openRepository(ctx, { clientId })
  checkGeneration(repository, input.generation)
  const { projectId, resetSeq, resetActionId } = repository
  const afterSeq = seqOf(repository, sinceVersion)
  const page = await changesSince(ctx, {
    after: { seq: afterSeq, table: 0 },
    limit: input.limit,
    kinds: new Set(['submissions', 'tombstones']),
    mode: 'live',
    records: {
      projectId,
      userId: recordsOf(ctx, projectId),
      formKeys,
      hidden: resetActionId === null ? null : { actionId: resetActionId, createdUntilSeq: resetSeq },
    },
  })
  const currentVersion = versionOf(repository, page.counter)
  await remember(ctx, { clientId, afterSeq, cursorSeq, page, isWhole: formKeys === null })
  ctx.deps.caches.syncVersions.set(`${ctx.tenant.id}/${clientId}`, Math.max(sinceVersion, 1), ctx.nowMs)
  if (!page.hasMore) ctx.deps.caches.syncVersions.set(`${ctx.tenant.id}/${clientId}`, currentVersion, ctx.nowMs)
  const last = page.items.at(-1)
  return {
    generation: repository.generation,
    currentVersion,
    cutoff: last ? versionOf(repository, last.seq) : sinceVersion,
    hasMore: page.hasMore,
    records: page.items.flatMap((item) =>
      item.kind === 'submission' ? { version: versionOf(repository, item.seq), submission: item.submission } : [],
    ),
  }
}

interface Progress {
  clientId: string
  afterSeq: number
  cursorSeq: number | null
  page: ChangesPage
  /** Nothing was filtered out. */
  isWhole: boolean
}

/**
 * The last page of a whole pull brings the client up to the counter. One that asks from further back than it stood has
 * lost what it was told then (a cut line, a restored backup), and stands there from now on: otherwise a push would lift
 * it over what it has not got.
 */
async function remember(ctx: Ctx, { clientId, afterSeq, cursorSeq, page, isWhole }: Progress): Promise<void> {
  const { actor, appVersion, nowMs } = ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  const fellBack = cursorSeq !== null && afterSeq < cursorSeq
  const next = isWhole && !page.hasMore ? page.counter : fellBack ? afterSeq : cursorSeq
  if (next === null || next === cursorSeq) return
  await writeCursor(ctx.db, { clientId, userId: actor.userId, appVersion, atMs: nowMs }, next)
}
