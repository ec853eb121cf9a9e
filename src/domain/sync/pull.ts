// Pulling: a page of the feed as whole records, and remembering how far the client has got.
// Source: contracts/synkronus.md, sections 4 and 10.
import { type RecordRow, type RecordsPage, readRecords } from '../../storage/record-feed.ts'
import { writeCursor } from '../../storage/repositories.ts'
import { authorize } from '../access/authorize.ts'
import type { CachedRepository } from '../caches.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { readTexts } from '../submissions/read.ts'
import {
  checkGeneration,
  type OpenedRepository,
  opened,
  recordsOf,
  repositoryAtHand,
  seqOf,
  versionOf,
} from './repository.ts'

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

/** A record with its place on the sync wire. Its answers are text: what reads them passes them on without parsing them. */
export interface PulledRecord extends Omit<RecordRow, 'data' | 'dataKey'> {
  version: number
  data: string
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

/** Answers in one page. Whatever goes over it waits for the next page, so that no page fills an isolate's memory. */
const MAX_PAGE_BYTES = 1_500_000

/** Throws `repository_reset_required` (409), `forbidden` (403). */
export async function pullRecords(ctx: Ctx, input: PullInput): Promise<PulledPage> {
  const { clientId, sinceVersion, formKeys } = input
  const { repository, cursorSeq, seenAtMs, rows, texts, hasMore } = await readPage(ctx, input)
  const afterSeq = seqOf(repository, sinceVersion)
  const currentVersion = versionOf(repository, repository.counter)
  const upTo = hasMore || formKeys !== null ? null : repository.counter
  await remember(ctx, { clientId, afterSeq, cursorSeq, seenAtMs, upTo })
  const told = hasMore ? Math.max(sinceVersion, 1) : currentVersion
  ctx.deps.caches.syncVersions.set(`${ctx.tenant.id}/${clientId}`, told, ctx.nowMs)
  const last = rows.at(-1)
  return {
    generation: repository.generation,
    currentVersion,
    cutoff: last ? versionOf(repository, last.seq) : sinceVersion,
    hasMore,
    records: rows.map((row, i) => Object.assign(row, { version: versionOf(repository, row.seq), data: texts[i]! })),
  }
}

type Page = OpenedRepository & { rows: RecordRow[]; texts: string[]; hasMore: boolean }

/**
 * Repository and records in one reading, of one moment. Which records are asked for hangs on the repository, so the one
 * that was seen last is taken to be the present one, and the reading repeated when it was not.
 *
 * No reader skips a record and none sees it twice in one state, for the reasons that stand at `changesSince`.
 */
async function readPage(ctx: Ctx, input: PullInput): Promise<Page> {
  let seen = await repositoryAtHand(ctx)
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { rows, hasMore, ...state } = await readRecords(ctx.db, pageOf(ctx, seen, input), {
      clientId: input.clientId,
    })
    const now = await opened(ctx, state)
    const { repository } = now
    checkGeneration(repository, input.generation)
    const isSame = repository.projectId === seen.projectId && repository.generation === seen.generation
    const texts = isSame ? await readTexts(ctx, rows) : null
    if (texts) return { ...now, rows, texts, hasMore }
    seen = repository
  }
  throw new Error(`Answers of records after version ${input.sinceVersion} are gone: their object is missing`)
}

/** Of a reset and of answers that were replaced while they were read. */
const MAX_ATTEMPTS = 4

/** Throws `forbidden` (403). */
function pageOf(ctx: Ctx, repository: CachedRepository, { sinceVersion, limit, formKeys }: PullInput): RecordsPage {
  const { projectId, resetSeq, resetActionId } = repository
  authorize(ctx, 'sync.pull', { projectId })
  const hidden = resetActionId === null ? null : { actionId: resetActionId, createdUntilSeq: resetSeq }
  const filter = { projectId, userId: recordsOf(ctx, projectId), formKeys, hidden, protocol: ctx.protocol }
  return { filter, afterSeq: seqOf(repository, sinceVersion), limit, maxBytes: MAX_PAGE_BYTES }
}

/** That a client was there is written down this often, when there is nothing else to write. */
const SEEN_EVERY_MS = 10 * 60_000

interface Progress {
  clientId: string
  afterSeq: number
  cursorSeq: number | null
  seenAtMs: number | null
  /** Everything up to this seq has been told; null when it has not. */
  upTo: number | null
}

/**
 * The last page of a whole pull brings the client up to the counter. One that asks from further back than it stood has
 * lost what it was told then (a cut line, a restored backup), and stands there from now on: otherwise a push would lift
 * it over what it has not got.
 */
async function remember(ctx: Ctx, { clientId, afterSeq, cursorSeq, seenAtMs, upTo }: Progress): Promise<void> {
  const { actor, appVersion, nowMs } = ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  const fellBack = cursorSeq !== null && afterSeq < cursorSeq
  const next = upTo ?? (fellBack ? afterSeq : cursorSeq)
  const isNews = next !== cursorSeq || nowMs - (seenAtMs ?? 0) >= SEEN_EVERY_MS
  if (next === null || !isNews) return
  await writeCursor(ctx.db, { clientId, userId: actor.userId, appVersion, atMs: nowMs }, next)
}
