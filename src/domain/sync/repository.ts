// What sync clients call the repository: the tenant's default project, counted from its last reset. A version on their
// wire is a seq less where that reset was. Source: contracts/synkronus.md, the decisions at its top.
import type { ProjectId, UserId } from '../../lib/ids.ts'
import {
  ensureDefaultProject,
  type RepositoryQuestion,
  type RepositoryRow,
  type RepositoryState,
  readRepository,
} from '../../storage/repositories.ts'
import { syncsAll } from '../access/authorize.ts'
import { auditEntry } from '../audit/audit.ts'
import type { CachedRepository } from '../caches.ts'
import type { Ctx } from '../context.ts'
import { AppError, errors } from '../errors.ts'

export interface Repository extends RepositoryRow {
  projectId: ProjectId
}

export interface OpenedRepository extends Omit<RepositoryState, 'repository'> {
  repository: Repository
}

/** The repository, with where the client stands and what the transmission was answered. */
export const openRepository = async (ctx: Ctx, asked: RepositoryQuestion = {}): Promise<OpenedRepository> =>
  opened(ctx, await readRepository(ctx.db, asked))

/** The same of what was read together with something else. */
export async function opened(ctx: Ctx, { repository, ...state }: RepositoryState): Promise<OpenedRepository> {
  const withProject = { ...repository, projectId: repository.projectId ?? (await defaultProjectOf(ctx)) }
  ctx.deps.caches.repositories.set(ctx.tenant.id, withProject, ctx.nowMs)
  return { ...state, repository: withProject }
}

/** As it was seen last, however long ago. */
export const repositoryAtHand = async (ctx: Ctx): Promise<CachedRepository> =>
  ctx.deps.caches.repositories.get(ctx.tenant.id, ctx.nowMs) ?? (await openRepository(ctx)).repository

/** The project that dialects without projects work in; made or chosen the first time that somebody asks. */
async function defaultProjectOf(ctx: Ctx): Promise<ProjectId> {
  const fresh = { id: ctx.deps.newId<ProjectId>(), name: 'Default', atMs: ctx.nowMs }
  const details = { name: fresh.name }
  const act = { action: 'project.created', subjectKind: 'project', subjectId: fresh.id, details } as const
  return ensureDefaultProject(ctx.db, fresh, auditEntry(ctx, act))
}

/** Throws `repository_reset_required` (409), with the present generation as its detail, when the client says another. */
export function checkGeneration({ generation }: Pick<Repository, 'generation'>, claimed: number | null): void {
  if (claimed === null || claimed === generation) return
  const { code, message } = errors.repositoryResetRequired()
  throw new AppError(code, message, { detail: { repository_generation: generation } })
}

/** Never below 1, which is what an empty repository is at. */
export const versionOf = ({ resetSeq }: Pick<Repository, 'resetSeq'>, seq: number): number =>
  Math.max(seq - resetSeq, 0) + 1

/** The seq that a client stands at who says this version. Nothing from before the reset is ever behind it. */
export const seqOf = ({ resetSeq }: Pick<Repository, 'resetSeq'>, version: number): number =>
  resetSeq + Math.max(version - 1, 0)

/** Whose records this caller gets and may change; null: everybody's. */
export function recordsOf(ctx: Ctx, projectId: ProjectId): UserId | null {
  if (ctx.actor.kind !== 'user') throw errors.notAuthenticated()
  return syncsAll(ctx, projectId) ? null : ctx.actor.userId
}
