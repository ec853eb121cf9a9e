// What an export picks, as the query of a download and the body of a job say it: the same names, the same meaning.
import { z } from '@hono/zod-openapi'
import type { ExportFilters } from '../../domain/exports/model.ts'
import { ReviewState } from './submission-shapes.ts'

export const MAX_FIELDS = 2_000

const date = (description: string) => z.string().max(64).optional().meta({ description })

export const pickShape = {
  from: date('Collected at or after (ISO 8601; a date means its whole day, in the time zone of the project)'),
  to: date('Collected at or before, inclusive'),
  start_date: date('Alias of from'),
  end_date: date('Alias of to'),
  submitter: z.string().max(320).optional().meta({ description: 'User id or e-mail' }),
  device: z.string().max(255).optional().meta({ description: 'Id of a paired device, or `device_id` as it was sent' }),
  review_state: ReviewState.optional(),
  mode: z.enum(['live', 'test']).default('live').meta({ description: 'Data of draft-testing devices is `test`' }),
}

interface Picked extends z.infer<z.ZodObject<typeof pickShape>> {
  version?: number
  fields?: string[]
}

/** Blank values pick nothing in particular. */
export const filtersOf = (picked: Picked): ExportFilters => ({
  from: picked.start_date ?? picked.from,
  to: picked.end_date ?? picked.to,
  submitter: picked.submitter || undefined,
  device: picked.device || undefined,
  reviewState: picked.review_state,
  version: picked.version || undefined,
  mode: picked.mode,
  fields: picked.fields,
})
