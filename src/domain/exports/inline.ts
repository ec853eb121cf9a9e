// An export as the answer to one request: streamed as it is read, never gathered. What is too large for that is refused
// before the first byte (limits.ts); what breaks on the way breaks the answer, so that nobody takes half a file for whole.
import { streamOf } from '../../lib/stream.ts'
import { insertAudit } from '../../storage/audit.ts'
import { openTenantDb } from '../../storage/tenant-db.ts'
import { auditEntry } from '../audit/audit.ts'
import type { Ctx } from '../context.ts'
import type { Json } from '../errors.ts'
import { FORMATS } from './formats.ts'
import { checkInlineLimits } from './limits.ts'
import type { ExportPlan } from './model.ts'
import { type ExportInput, planOf, specOf } from './plan.ts'
import { openSource } from './source.ts'

export interface InlineExport {
  contentType: string
  fileName: string
  body: ReadableStream<Uint8Array>
  /** Submissions in it. */
  rows: number
  /** Nothing newer is in it. */
  untilSeq: number
}

/** `job` is the body of the job that is to be created instead, where the export is too large. Throws what `specOf` and
 *  `planOf` throw, and `export_too_large` (409). Every export leaves an audit row. */
export async function exportInline(ctx: Ctx, input: ExportInput, job: Record<string, unknown>): Promise<InlineExport> {
  const { formId, format, filters, labels, language, options } = input
  const plan = await planOf(ctx.db, await specOf(ctx, input))
  const rows = await checkInlineLimits(ctx.db, plan, format, job)
  await insertAudit(
    ctx.db,
    auditEntry(ctx, {
      action: 'submissions.exported',
      subjectKind: 'form',
      subjectId: formId,
      details: {
        format,
        rows,
        filters: wireFilters(filters),
        labels,
        language: language ?? null,
        ...options,
        since: plan.since,
      },
    }),
  )
  const { contentType, fileName, write } = FORMATS[format]
  const source = openSource(ctx.deps, sourceDb(ctx), plan, { window: { after: 0, until: plan.untilSeq } })
  const body = watched(ctx, plan, write(plan, source))
  return { contentType, fileName: fileName(plan), body, rows, untilSeq: plan.untilSeq }
}

/** A session that any replica may serve which has seen what the plan was made from. */
const sourceDb = ({ deps, tenant, db }: Ctx) =>
  openTenantDb(deps.shard(tenant.shard), tenant.id, { from: db.bookmark() ?? 'first-unconstrained' })

/** The answer has begun when it breaks: only the log can tell why. */
const watched = (ctx: Ctx, plan: ExportPlan, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> =>
  streamOf(tellingWhy(ctx, plan, body))

async function* tellingWhy({ deps, requestId }: Ctx, { form }: ExportPlan, body: ReadableStream<Uint8Array>) {
  try {
    yield* body
  } catch (error) {
    deps.log({ level: 'error', event: 'export_broken', request: requestId, form: form.id, error: String(error) })
    throw error
  }
}

/** The filters as they were written, for the audit log and for the job that is to be created. */
export function wireFilters({ reviewState, fields, ...filters }: ExportInput['filters']): Record<string, Json> {
  const named = { ...filters, review_state: reviewState, fields: fields && [...fields] }
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
