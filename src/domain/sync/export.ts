// All live records of the repository, form by form, in the order of their making: what exports of the sync wire are made
// of. What arrives or is made after the beginning is not among them. Source: contracts/synkronus.md, section 8.
import { listRecordsByTime, listRecordTypes, type RecordPlace, type RecordType } from '../../storage/record-feed.ts'
import { authorize } from '../access/authorize.ts'
import type { Ctx } from '../context.ts'
import { errors } from '../errors.ts'
import { readText } from '../submissions/read.ts'
import type { PulledRecord } from './pull.ts'
import { openRepository, recordsOf, versionOf } from './repository.ts'

const PAGE_ROWS = 1_500
const PAGE_BYTES = 1_500_000
/** Pages are read twice at most; a request has a thousand D1 queries. */
const MAX_PAGES = 400

export interface ExportedType extends RecordType {
  /** Reads all pages, each time it is called. */
  pages: () => AsyncGenerator<PulledRecord[], void, undefined>
}

/** Forms that have live records, by key. Throws `export_too_large` (409). */
export async function recordsByType(ctx: Ctx): Promise<ExportedType[]> {
  authorize(ctx, 'sync.pull')
  const { repository } = await openRepository(ctx)
  const userId = recordsOf(ctx, repository.projectId)
  const types = await listRecordTypes(ctx.db, repository.projectId, userId)
  const pages = types.reduce((sum, { total }) => sum + Math.ceil(total / PAGE_ROWS), 0)
  if (pages > MAX_PAGES)
    throw errors.archiveTooLarge(`${pages * PAGE_ROWS} records`, 'Export single forms: POST /api/v1/exports')
  return types.map((type) => ({
    ...type,
    async *pages() {
      let after: RecordPlace | null = null
      for (;;) {
        const page = { formId: type.formId, userId, untilSeq: repository.counter, after, limit: PAGE_ROWS }
        const rows: Awaited<ReturnType<typeof listRecordsByTime>> = await listRecordsByTime(ctx.db, {
          ...page,
          maxBytes: PAGE_BYTES,
          protocol: ctx.protocol,
        })
        const last = rows.at(-1)
        if (!last) return
        yield await Promise.all(
          rows.map(async (row) => ({
            ...row,
            version: versionOf(repository, row.seq),
            data: await readText(ctx, row.data, row.dataKey),
          })),
        )
        after = { occurredAtMs: last.occurredAtMs, createdSeq: last.createdSeq }
      }
    },
  }))
}
