// Attachments: files under names that sync clients choose. They never change; the same bytes under the same name are the
// same file, however often they come. They may arrive before the records that speak of them, and are kept.
// Source: contracts/synkronus.md, section 6.
import {
  type AttachmentScope,
  findAttachment,
  insertAttachment,
  type ListedAttachment,
  listAttachments,
} from '../../storage/attachments.ts'
import { findGoneAttachment, type GoneAttachment, listGoneAttachments } from '../../storage/gone-attachments.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { checkGeneration, openRepository, type Repository, recordsOf, seqOf, versionOf } from '../sync/repository.ts'
import type { StoredFile } from './read.ts'
import { discardFile, type ReceivedFile } from './upload.ts'

/** A flat name: nothing that could lead elsewhere, nothing that a header can't say, nor the address of the archive. */
const NAME = /^(?!\.{1,2}$)(?!export-zip$)(?=.*\S)[^/\\\p{C}]{1,255}$/u

/** Throws `attachment_name_invalid` (400). */
export function checkAttachmentName(name: string): void {
  if (!NAME.test(name)) throw errors.attachmentNameInvalid()
}

/** Which attachments this caller sees: none from before a reset, unless that was taken back. */
function scopeOf(ctx: Ctx, { resetSeq, resetUndone, projectId }: Repository): AttachmentScope {
  return { afterSeq: resetUndone ? 0 : resetSeq, userId: recordsOf(ctx, projectId) }
}

/** Throws `repository_reset_required` (409). */
export async function checkAttachmentUpload(ctx: Ctx, generation: number | null): Promise<Repository> {
  authorize(ctx, 'sync.push')
  const { repository } = await openRepository(ctx)
  checkGeneration(repository, generation)
  return repository
}

/** Gives a received file its name. Throws `attachment_exists` (409) when other bytes have it; then the file is discarded,
 *  as it is when the same bytes have it already. One whose record was erased or purged is discarded, too. If nobody can
 *  have chosen its name anew, the client is told that all is well, as it would send the file for ever otherwise; any other
 *  name may mean another file, so that one is refused: `attachment_gone` (409). */
export async function keepAttachment(
  ctx: Ctx,
  repository: Repository,
  name: string,
  received: ReceivedFile,
): Promise<void> {
  const { actor, db, nowMs, protocol } = ctx
  if (actor.kind !== 'user') throw errors.notAuthenticated()
  const { mediaId, ...content } = received
  const by = { actorKind: 'user' as const, actorId: actor.userId, userId: actor.userId, deviceId: null, protocol }
  const scope = { ...scopeOf(ctx, repository), userId: null }
  const file = { ...content, ...by, id: mediaId, createdAtMs: nowMs }
  let there = await findAttachment(db, name, scope)
  if (!there && (await insertAttachment(db, name, file, scope.afterSeq))) return
  await discardFile(ctx, received)
  there ??= await findAttachment(db, name, scope)
  if (there?.sha256 === received.sha256) return
  const gone = there ? null : await findGoneAttachment(db, name)
  if (!gone) throw errors.attachmentExists()
  if (!gone.isRandom) throw errors.attachmentGone()
  ctx.deps.log({ level: 'info', event: 'late_attachment_dropped', size_bytes: received.sizeBytes })
}

/** Throws `attachment_not_found` (404), also for those of others whom the caller does not see. */
export async function getAttachment(ctx: Ctx, name: string): Promise<StoredFile> {
  authorize(ctx, 'sync.pull')
  const { repository } = await openRepository(ctx)
  const file = await findAttachment(ctx.db, name, scopeOf(ctx, repository))
  if (!file) throw errors.attachmentNotFound()
  return file
}

export interface AttachmentManifest {
  generation: number
  currentVersion: number
  files: (ListedAttachment & { version: number })[]
  /** Names of files that went with their records. */
  gone: { name: string; version: number }[]
}

/** Rows of one query: an archive of photos may have very many. */
const PAGE_ROWS = 2_000

/** What has arrived, and what has gone, after a version, oldest first. Throws `repository_reset_required` (409). */
export async function attachmentsSince(
  ctx: Ctx,
  { sinceVersion, generation }: { sinceVersion: number; generation: number | null },
): Promise<AttachmentManifest> {
  authorize(ctx, 'sync.pull')
  const { repository } = await openRepository(ctx)
  checkGeneration(repository, generation)
  const files: AttachmentManifest['files'] = []
  const scope = scopeOf(ctx, repository)
  const afterSeq = sinceVersion > 0 ? Math.max(seqOf(repository, sinceVersion), scope.afterSeq) : scope.afterSeq
  // What has arrived since the counter was read waits for the next manifest.
  for await (const page of pagesOf(ctx, { ...scope, afterSeq }))
    for (const file of page)
      if (file.seq <= repository.counter) files.push({ ...file, version: versionOf(repository, file.seq) })
  const gone: AttachmentManifest['gone'] = []
  for await (const page of gonePages(ctx, scope.userId, afterSeq))
    for (const { name, seq } of page)
      if (seq <= repository.counter) gone.push({ name, version: versionOf(repository, seq) })
  return { generation: repository.generation, currentVersion: versionOf(repository, repository.counter), files, gone }
}

async function* gonePages(ctx: Ctx, userId: AttachmentScope['userId'], afterSeq: number) {
  // Behind all names of that seq.
  for (let after: GoneAttachment = { seq: afterSeq + 1, name: '' }; ; ) {
    const page = await listGoneAttachments(ctx.db, userId, after, PAGE_ROWS)
    if (page.length > 0) yield page
    if (page.length < PAGE_ROWS) return
    after = page.at(-1)!
  }
}

/** Each is a call to the object storage, of which a request has a thousand. */
const MAX_ARCHIVED = 800

/** All that the caller sees, oldest first. Throws `export_too_large` (409). */
export async function listAllAttachments(ctx: Ctx): Promise<ListedAttachment[]> {
  authorize(ctx, 'sync.pull')
  const { repository } = await openRepository(ctx)
  const all: ListedAttachment[] = []
  for await (const page of pagesOf(ctx, scopeOf(ctx, repository))) all.push(...page)
  if (all.length > MAX_ARCHIVED)
    throw errors.archiveTooLarge(`${all.length} files`, 'Fetch them one by one: POST /attachments/manifest lists them.')
  return all
}

async function* pagesOf(ctx: Ctx, scope: AttachmentScope): AsyncGenerator<ListedAttachment[]> {
  for (let afterSeq = scope.afterSeq; ; ) {
    const page = await listAttachments(ctx.db, { ...scope, afterSeq }, PAGE_ROWS)
    if (page.length > 0) yield page
    if (page.length < PAGE_ROWS) return
    afterSeq = page.at(-1)!.seq
  }
}
