// A submission as those find it who want to change it: may they, and how does it stand now?
import type { ProjectId, SubmissionId } from '../../lib/ids.ts'
import { findAnySubmission } from '../../storage/submission-history.ts'
import type { StoredSubmission } from '../../storage/submissions.ts'
import { authorize } from '../access/authorize.ts'
import type { Verb } from '../access/permissions.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import { errors, type Json } from '../errors.ts'
import { maySee } from './read.ts'

export interface Standing {
  row: StoredSubmission
  projectId: ProjectId
}

/** In whatever state it is. Throws `submission_not_found` (404) when the actor may not see it, `forbidden`. */
export async function findStanding(ctx: Ctx, verb: Verb, id: SubmissionId): Promise<Standing> {
  const found = await findAnySubmission(ctx.db, id)
  if (!found || !maySee(ctx, found.submission, found.projectId)) throw errors.submissionNotFound()
  authorize(ctx, verb, { projectId: found.projectId })
  return { row: found.submission, projectId: found.projectId }
}

/** Neither deleted nor erased. Throws as `findStanding`. */
export async function requireStanding(ctx: Ctx, verb: Verb, id: SubmissionId): Promise<Standing> {
  const standing = await findStanding(ctx, verb, id)
  if (standing.row.deletedAtMs !== null) throw errors.submissionNotFound()
  return standing
}

/** The act's row in the audit log. Never with answers. */
export const submissionAct = (ctx: Ctx, done: string, id: SubmissionId | null, details: Record<string, Json> = {}) =>
  auditEntry(ctx, { action: `submission.${done}`, subjectKind: 'submission', subjectId: id, details })

/** Somebody else may change a submission at the same moment: what needs no base is tried this often. */
export const CHANGE_ATTEMPTS = 8
